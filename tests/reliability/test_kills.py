"""A short pass of the campaign of `bench.reliability`: each way to end or hang, once, against the real process."""

import pytest

from bench.reliability_kernel import GCC, build
from bench.reliability_kills import WAYS, Death, campaign

SOON_S = 3.0  # a second is promised; several at once share a machine that does other things
pytestmark = pytest.mark.skipif(GCC is None, reason="gcc is not installed: sudo apt install gcc libc6-dev")


@pytest.fixture(scope="module")
def deaths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Death]:
    library = build(tmp_path_factory.mktemp("kernel"))
    return {each.way: each for each in campaign(len(WAYS), library, at_once=4)}


@pytest.mark.parametrize("way", [way for way in WAYS if way != "sigkill_all"])
def test_motor_and_buzzer_are_off_soon_before_anybody_helps(deaths: dict[str, Death], way: str) -> None:
    off_s = deaths[way].off_s
    assert off_s is not None
    assert off_s < SOON_S


def test_what_mends_a_fault_is_what_the_documentation_says(deaths: dict[str, Death]) -> None:
    by = {way: death.by for way, death in deaths.items()}
    sentry = {"hung_in_c", "hung_bus", "sigkill", "sigstop"}
    assert {way for way, who in by.items() if who == "the sentry"} == sentry
    assert by["sigkill_all"] == "the helper"


def test_the_stop_helper_drives_every_output_low_whatever_came_before(deaths: dict[str, Death]) -> None:
    assert all(death.helper_low for death in deaths.values())
