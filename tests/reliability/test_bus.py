"""A short pass of the campaign of `bench.reliability`: faults of the bus and of a foot under the whole program."""

import pytest

from bench.reliability_bus import Course, run


@pytest.fixture(scope="module", params=["bus: stuck low", "bus: clock held for 100 ms"])
def course(request: pytest.FixtureRequest) -> Course:
    return run(request.param)


def test_what_cannot_be_read_pauses_the_session_and_says_why(course: Course) -> None:
    assert course.told_s is not None
    assert course.told_s < 0.5
    assert course.paused_s is not None
    assert course.paused_s < 4.0
    assert {"adc_fault", "sensor_fault"} & set(course.told.split(", "))
    assert "signal_lost" in course.told


def test_the_same_session_goes_on_when_it_can_and_all_of_it_is_kept(course: Course) -> None:
    assert course.back_s is not None
    assert course.back_s < 2.0
    assert course.survived


def test_the_loop_never_stands_still_for_as_long_as_a_cue_may_be_cut(course: Course) -> None:
    assert course.longest_gap_s < 0.8
