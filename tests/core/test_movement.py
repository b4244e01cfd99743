"""Rocking, bending and stillness told from what rests on the pads."""

from math import pi, sin

from qlmat.core.model import NO_CONTACT, Contact, Contacts, Movement
from qlmat.core.movement import MovementEstimator


def follow(seconds: float, rate_hz: float, left, right=lambda t_s: NO_CONTACT) -> list[Movement]:  # type: ignore[no-untyped-def]  # lambdas
    estimator = MovementEstimator()
    times = [i / rate_hz for i in range(int(seconds * rate_hz))]
    return [estimator.step(Contacts(t_s, left(t_s), right(t_s))) for t_s in times]


def swing(t_s: float, cpm: float) -> float:
    return sin(2 * pi * cpm / 60 * t_s)


def pressed(force_n: float, x_mm: float = 0.0, y_mm: float = 0.0) -> Contact:
    return Contact(force_n, (x_mm, y_mm), True) if force_n > 2.2 else Contact(force_n, None, False)


def test_a_ball_rocking_sideways_is_rocking_at_its_cadence_with_its_cycles() -> None:
    last = follow(40, 50, lambda t_s: pressed(100, 12 * swing(t_s, 12)))[-1]
    assert last.side == "left"
    assert last.kind == "rock"
    assert last.cadence_hz is not None
    assert abs(60 * last.cadence_hz - 12) < 0.2
    assert last.cycles in (7, 8)
    assert last.confirmed


def test_force_that_rises_and_falls_on_the_spot_is_bending() -> None:
    last = follow(30, 50, lambda t_s: pressed(100 + 25 * swing(t_s, 20), 1.0, 6 * swing(t_s, 20)))[-1]
    assert last.kind == "bend"
    assert last.cadence_hz is not None
    assert abs(60 * last.cadence_hz - 20) < 0.4
    assert last.depth_n is not None
    assert abs(last.depth_n - 50) < 3


def test_knees_rolling_from_pad_to_pad_count_once_although_the_sum_peaks_twice() -> None:
    last = follow(
        60,
        15,
        lambda t_s: pressed(max(0.0, 60 * swing(t_s, 10))),
        lambda t_s: pressed(max(0.0, -60 * swing(t_s, 10))),
    )[-1]
    assert last.kind == "rock"
    assert last.cadence_hz is not None
    assert abs(60 * last.cadence_hz - 10) < 0.3


def test_breathing_under_a_still_ball_has_no_cadence() -> None:
    seen = follow(60, 50, lambda t_s: pressed(90 + 7 * swing(t_s, 15), 0.5 * swing(t_s, 15)))
    assert all(movement.cadence_hz is None for movement in seen)
    assert seen[-1].kind == "still"


def test_an_empty_mat_has_no_side_no_kind_and_no_cadence() -> None:
    assert follow(20, 50, lambda t_s: NO_CONTACT)[-1] == Movement()


def test_stopping_ends_the_cadence_within_a_cycle_and_a_half() -> None:
    seen = follow(40, 50, lambda t_s: pressed(100, 12 * swing(min(t_s, 30.0), 12)))
    assert seen[29 * 50].cadence_hz is not None
    assert seen[int(37.5 * 50)].cadence_hz is None
