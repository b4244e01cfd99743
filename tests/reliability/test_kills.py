"""A short pass of the campaign of `bench.reliability`: each way to end or hang, once, against the real process.

One test for all, since the ways share a machine and a minute.
"""

from pathlib import Path

import pytest

from bench.reliability_kernel import GCC, build
from bench.reliability_kills import WAYS, campaign

SOON_S = 3.0  # a second is promised; several at once share a machine that does other things
SENTRY = {"hung_in_c", "hung_bus", "sigkill", "sigstop"}


@pytest.mark.skipif(GCC is None, reason="gcc is not installed: sudo apt install gcc libc6-dev")
def test_however_the_mat_ends_or_hangs_in_mid_cue_its_outputs_are_soon_off(tmp_path: Path) -> None:
    deaths = {each.way: each for each in campaign(len(WAYS), build(tmp_path), at_once=4)}
    slow = [each for each in deaths.values() if each.off_s is None or each.off_s > SOON_S]
    assert [each for each in slow if each.way != "sigkill_all"] == []  # that one waits for systemd
    by = {way: death.by for way, death in deaths.items()}
    assert {way for way, who in by.items() if who == "the sentry"} == SENTRY
    assert by["sigkill_all"] == "the helper"
    assert all(death.helper_low for death in deaths.values())
