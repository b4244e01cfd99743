"""A short pass of the campaign of `bench.reliability`: each way to end or hang, once, against the real process.

One test for all, since the ways share a machine and a minute.
"""

from pathlib import Path

import pytest

from bench.reliability_kernel import GCC, build
from bench.reliability_kills import WAYS, campaign

SENTRY = {"hung_in_c", "hung_bus", "sigkill", "sigstop"}
HANGS = {"hung_thread", "stopped_clock"}  # a machine with too much to do may let the sentry be first


@pytest.mark.skipif(GCC is None, reason="gcc is not installed: sudo apt install gcc libc6-dev")
def test_however_the_mat_ends_or_hangs_in_mid_cue_its_outputs_go_off(tmp_path: Path) -> None:
    # A second is promised, and measured by the campaign; here several at once share a machine that does other things.
    deaths = {each.way: each for each in campaign(len(WAYS), build(tmp_path), at_once=3)}
    assert [each for each in deaths.values() if each.off_s is None or not each.helper_low] == []
    by = {way: death.by for way, death in deaths.items() if way not in HANGS}
    assert {way for way, who in by.items() if who == "the sentry"} == SENTRY
    assert {way for way, who in by.items() if who == "the helper"} == {"sigkill_all"}
