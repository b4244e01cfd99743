"""What follows the course, and what the mat may measure of it."""

from collections.abc import Iterable

import pytest

from qlmat.core.strengthening import EXERCISES, MOST_N, Effort, exert, hold_aim_s

FRAME_S = 0.02


def made(*stretches: tuple[float, float | None]) -> tuple[Effort, list[str]]:
    """Press with some newtons for some seconds, one stretch after the other."""
    effort, told, t_s = Effort(), [], 0.0
    for force_n, seconds in _frames(stretches):
        t_s += seconds
        effort, said = exert(effort, t_s, force_n)
        told += [said] if said else []
    return effort, told


def _frames(stretches: Iterable[tuple[float, float | None]]) -> Iterable[tuple[float | None, float]]:
    for seconds, force_n in stretches:
        for _ in range(round(seconds / FRAME_S)):
            yield force_n, FRAME_S


@pytest.mark.parametrize("aim_s", [10.0, 30.0, 60.0])
def test_a_plank_is_timed_to_a_tenth_of_a_second(aim_s: float) -> None:
    effort, told = made((2.0, 0.0), (aim_s, 150.0), (6.0, 0.0))
    assert told == ["began", "lifted", "let_go"]
    assert effort.held_s == pytest.approx(aim_s, abs=0.1)


def test_trembling_does_not_stop_the_timer() -> None:
    shaky = [(0.1, 150.0 + (30.0 if k % 2 else -30.0)) for k in range(100)]
    effort, told = made((1.0, 0.0), *shaky)
    assert (told, effort.phase) == (["began"], "held")


def test_six_lifts_of_an_arm_are_six() -> None:
    effort, told = made((2.0, 120.0), *[(2.0, 5.0), (2.0, 120.0)] * 6)
    assert effort.lifts == 6
    assert told.count("back") == 6


def test_shifting_ones_weight_is_no_lift() -> None:
    effort, _ = made((2.0, 120.0), *[(1.0, 80.0), (1.0, 120.0)] * 6)
    assert effort.lifts == 0


def test_a_tap_begins_nothing() -> None:
    assert made((1.0, 0.0), (0.5, 120.0), (2.0, 0.0))[1] == []


def test_more_than_a_pad_may_bear_is_told_once_and_not_timed() -> None:
    effort, told = made((3.0, 120.0), (3.0, MOST_N + 50.0))
    assert told == ["began", "too_heavy"]
    assert effort.held_s < 3.1


def test_a_pad_that_cannot_be_read_counts_nothing() -> None:
    assert made((3.0, None))[0].held_s == 0.0


def test_only_what_rests_on_arms_and_knees_is_measured() -> None:
    measured = {name for name, exercise in EXERCISES.items() if exercise.measured}
    assert measured == {"wall_side_plank", "knee_side_plank", "side_plank", "bird_dog"}
    assert all(exercise.why_not for exercise in EXERCISES.values() if exercise.measured is None)


def test_five_seconds_more_every_two_days_up_to_a_minute() -> None:
    assert [hold_aim_s(day) for day in (0, 1, 2, 4)] == [10.0, 10.0, 15.0, 20.0]
    assert hold_aim_s(1000) == 60.0
