"""What a session says of force, pace and rest, and when it says that it is over."""

from dataclasses import replace

import pytest

from qlmat.core.plan import Plan
from tests.core.practice import live, looks, names, seen, working


def test_more_than_the_limit_for_a_second_is_too_hard_and_easing_off_ends_it() -> None:
    session, told = live(working(), looks(30.0, 3.0, force_n=140.0))
    assert names(told) == ["too_hard"]
    assert 31.0 <= told[0].t_s <= 31.1
    session, told = live(session, looks(33.0, 3.0, force_n=100.0))
    assert [(event.name, round(event.t_s, 1)) for event in told] == [("too_hard_over", 33.4)]


def test_a_cough_is_not_too_hard() -> None:
    _, told = live(working(), [*looks(30.0, 0.3, force_n=150.0), *looks(30.3, 5.0)])
    assert told == []


def test_over_the_cap_is_told_at_once() -> None:
    _, told = live(working(), looks(30.0, 0.5, force_n=320.0))
    assert names(told) == ["over_cap", "too_hard"]
    assert told[0].t_s - 30.0 <= 0.15


@pytest.mark.parametrize("scans", [1, 2, 4])
def test_some_scans_over_the_cap_at_a_hundred_a_second_are_a_spike(scans: int) -> None:
    stream = [seen(30.0 + k / 100, 500.0 if 25 <= k < 25 + scans else 90.0) for k in range(100)]
    assert live(working(), stream)[1] == []


def test_the_cap_follows_body_weight() -> None:
    plan = Plan(body_weight_n=500.0)
    _, told = live(working(plan), looks(30.0, 0.5, force_n=180.0), plan)
    assert "over_cap" in names(told)


def test_three_cycles_too_fast_are_told_and_slowing_down_ends_it() -> None:
    session, told = live(working(), looks(30.0, 12.0, cpm=24.0))
    assert [event.name for event in told] == ["too_fast"]
    assert told[0].t_s - 30.0 == pytest.approx(3 * 60 / 24, abs=0.2)
    session, told = live(session, looks(42.0, 3.0, cpm=19.0))
    assert told == []
    _, told = live(session, looks(45.0, 3.0, cpm=15.0))
    assert names(told) == ["too_fast_over"]


def test_two_fast_cycles_are_not_too_fast() -> None:
    _, told = live(working(), [*looks(30.0, 6.0, cpm=24.0), *looks(36.0, 10.0)])
    assert told == []


def test_eight_seconds_without_movement_is_a_rest_and_moving_ends_it() -> None:
    session, told = live(working(), looks(30.0, 12.0, kind="still"))
    assert [(event.name, round(event.t_s, 1)) for event in told] == [("resting", 38.0)]
    _, told = live(session, looks(42.0, 2.0))
    assert names(told) == ["moving_again"]


def test_a_ball_that_wanders_without_a_rhythm_yet_is_no_rest() -> None:
    stream = []
    for k, each in enumerate(looks(30.0, 15.0, kind=None)):
        pad = replace(each.contacts.left, cop_mm=(10.0 * ((k // 20) % 3), 0.0))
        stream.append(replace(each, contacts=each.contacts._replace(left=pad)))
    assert "resting" not in names(live(working(), stream)[1])
