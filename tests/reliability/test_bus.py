"""A short pass of the campaign of `bench.reliability`: faults of the bus and of a foot under the whole program."""

import pytest

from bench.reliability_bus import run


@pytest.mark.parametrize("fault", ["bus: stuck low", "bus: clock held for 100 ms"])
def test_a_session_that_cannot_be_read_pauses_says_why_and_goes_on_when_it_can(fault: str) -> None:
    course = run(fault)
    assert course.told_s is not None
    assert course.told_s < 0.5
    assert {"adc_fault", "signal_lost"} <= set(course.told.split(", "))
    assert course.paused_s is not None
    assert course.paused_s < 4.0
    assert course.back_s is not None
    assert course.back_s < 2.0
    assert course.survived
    assert course.longest_gap_s < 0.8  # else the outputs would be switched off for a stall
