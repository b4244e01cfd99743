"""What happens to the ball is told once, with the time it began; ordinary movement tells nothing."""

from collections.abc import Callable
from math import pi, sin

import pytest

from qlmat.core.ball import BallWatch
from qlmat.core.model import NO_CONTACT, Contact, Contacts, Event

Ball = tuple[float, float, float] | None  # newtons, x_mm, y_mm; None: nothing touches


def watch(seconds: float, ball: Callable[[float], Ball], rate_hz: float = 50.0) -> list[Event]:
    ball_watch, told = BallWatch(), []
    for k in range(round(seconds * rate_hz)):
        t_s = k / rate_hz
        now = ball(t_s)
        pad = NO_CONTACT if now is None else Contact(now[0], (now[1], now[2]), True)
        told += ball_watch.step(Contacts(t_s, NO_CONTACT, pad))
    return told


def names(told: list[Event]) -> list[str]:
    return [event.name for event in told]


def ramp(t_s: float, start_s: float, end_s: float, low: float, high: float) -> float:
    return low + (high - low) * min(max((t_s - start_s) / (end_s - start_s), 0.0), 1.0)


@pytest.mark.parametrize("rate_hz", [10.0, 50.0, 1000.0])
def test_a_ball_put_down_and_lifted_slowly_is_placed_and_lifted(rate_hz: float) -> None:
    def ball(t_s: float) -> Ball:
        force_n = ramp(t_s, 2.0, 4.0, 0.0, 80.0) - ramp(t_s, 20.0, 21.0, 0.0, 80.0)
        return (force_n, 3.0, 4.0) if force_n > 3.0 else None

    told = watch(30.0, ball, rate_hz)
    assert names(told) == ["ball_placed", "ball_lifted"]
    assert told[0].detail["since_s"] == pytest.approx(2.1, abs=0.15)
    assert told[0].t_s == pytest.approx(3.15, abs=0.2)
    assert told[1].detail["since_s"] == pytest.approx(21.0, abs=0.15)
    assert told[1].t_s == pytest.approx(26.0, abs=0.2)
    assert told[1].side == "right"


def test_a_tap_is_no_placement() -> None:
    assert watch(10.0, lambda t_s: (40.0, 0.0, 0.0) if 2.0 <= t_s < 2.6 else None) == []


@pytest.mark.parametrize("cpm", [6.0, 12.0, 20.0, 33.0, 45.0])
@pytest.mark.parametrize("swing_mm", [10.0, 25.0])
def test_rocking_at_any_pace_tells_nothing_but_the_placement(cpm: float, swing_mm: float) -> None:
    def ball(t_s: float) -> Ball:
        turn = sin(2 * pi * cpm / 60 * t_s) if t_s > 10.0 else 0.0
        return (90.0 + 10.0 * turn, swing_mm * turn, 3.0)

    assert names(watch(120.0, ball)) == ["ball_placed"]


@pytest.mark.parametrize("cpm", [6.0, 12.0, 30.0])
def test_bending_by_most_of_the_load_tells_nothing_but_the_placement(cpm: float) -> None:
    def ball(t_s: float) -> Ball:
        turn = sin(2 * pi * cpm / 60 * t_s) if t_s > 10.0 else 0.0
        return (110.0 + 60.0 * turn, 1.0, 9.0 * turn)

    assert names(watch(120.0, ball)) == ["ball_placed"]


def test_knees_rolled_so_wide_that_the_ball_is_left_alone_each_time_tell_nothing() -> None:
    def ball(t_s: float) -> Ball:
        force_n = 90.0 + 120.0 * sin(2 * pi * 8 / 60 * t_s) if t_s > 10.0 else 90.0
        return (force_n, 2.0, 1.0) if force_n > 3.0 else None

    assert names(watch(120.0, ball)) == ["ball_placed"]


def test_a_cough_tells_nothing() -> None:
    def ball(t_s: float) -> Ball:
        cough_n = 60.0 * sin(pi * (t_s - 20.0) / 0.3) if 20.0 <= t_s < 20.3 else 0.0
        return (90.0 + cough_n, 22.0, 5.0)

    assert names(watch(60.0, ball)) == ["ball_placed"]


def test_a_ball_lifted_a_little_and_set_elsewhere_has_moved() -> None:
    def ball(t_s: float) -> Ball:
        force_n = ramp(t_s, 20.0, 20.75, 85.0, 5.0) + ramp(t_s, 22.25, 23.0, 0.0, 80.0)
        return (force_n, -3.0, 2.0 if t_s < 21.5 else 20.0)

    told = watch(60.0, ball)
    assert names(told) == ["ball_placed", "ball_moved"]
    assert told[1].detail["since_s"] == pytest.approx(20.5, abs=0.3)
    assert told[1].detail["distance_mm"] == pytest.approx(18.0, abs=1.0)


def test_a_ball_lifted_and_set_back_on_its_spot_has_not_moved() -> None:
    def ball(t_s: float) -> Ball:
        return (ramp(t_s, 20.0, 20.75, 85.0, 5.0) + ramp(t_s, 22.25, 23.0, 0.0, 80.0), -3.0, 2.0)

    assert names(watch(60.0, ball)) == ["ball_placed"]


def test_a_ball_that_is_gone_at_once_has_slid() -> None:
    def ball(t_s: float) -> Ball:
        force_n = ramp(t_s, 20.0, 20.2, 85.0, 0.0)
        return (force_n, 2.0, 2.0) if force_n > 3.0 else None

    told = watch(60.0, ball)
    assert names(told) == ["ball_placed", "ball_slid", "ball_lifted"]
    assert told[1].detail["since_s"] == pytest.approx(20.1, abs=0.2)
    assert told[1].t_s == pytest.approx(21.3, abs=0.3)


def test_a_ball_that_jumps_under_load_and_stays_has_slid() -> None:
    told = watch(60.0, lambda t_s: (85.0, ramp(t_s, 20.0, 20.2, 0.0, 22.0), 2.0))
    assert names(told) == ["ball_placed", "ball_slid"]
    assert told[1].detail["distance_mm"] == pytest.approx(22.0, abs=1.0)


def test_a_stiff_rise_beside_the_middle_is_bone() -> None:
    told = watch(20.0, lambda t_s: (ramp(t_s, 5.0, 5.1, 20.0, 90.0), 24.0, 10.0))
    assert names(told) == ["ball_placed", "ball_on_bone"]
    assert told[1].detail["since_s"] == pytest.approx(5.0, abs=0.2)
    assert told[1].t_s == pytest.approx(5.8, abs=0.3)


def test_the_same_rise_in_the_middle_or_slowly_is_no_bone() -> None:
    assert names(watch(20.0, lambda t_s: (ramp(t_s, 5.0, 5.1, 20.0, 90.0), 4.0, 10.0))) == ["ball_placed"]
    assert names(watch(20.0, lambda t_s: (ramp(t_s, 5.0, 5.7, 20.0, 90.0), 24.0, 10.0))) == ["ball_placed"]


def test_a_gap_of_ten_minutes_compares_nothing_across_it() -> None:
    def ball(t_s: float) -> Ball:
        return (85.0, -12.0 if t_s < 300.0 else 12.0, 0.0)

    ball_watch, told = BallWatch(), []
    for t_s in [k / 10 for k in range(200)] + [620.0 + k / 10 for k in range(200)]:
        force_n, x_mm, y_mm = ball(t_s) or (0.0, 0.0, 0.0)
        told += ball_watch.step(Contacts(t_s, NO_CONTACT, Contact(force_n, (x_mm, y_mm), True)))
    assert [name for name in names(told) if name != "ball_placed"] == []


def test_a_pad_that_cannot_be_read_tells_nothing() -> None:
    ball_watch = BallWatch()
    told = [ball_watch.step(Contacts(k / 50, Contact(None, None, False), NO_CONTACT)) for k in range(500)]
    assert not any(told)


def test_reset_forgets_the_ball() -> None:
    ball_watch = BallWatch()
    pad = Contact(80.0, (0.0, 0.0), True)
    for k in range(100):
        ball_watch.step(Contacts(k / 50, pad, NO_CONTACT))
    ball_watch.reset()
    told = [event for k in range(100) for event in ball_watch.step(Contacts(k / 50, pad, NO_CONTACT))]
    assert names(told) == ["ball_placed"]
