"""What no person does and every wire can do: a defined answer, never an exception, never a made-up cadence."""

from math import pi, sin

import numpy as np
import pytest

from qlmat.core.contact import ContactDetector
from qlmat.core.model import NO_CONTACT, Contact, Contacts, Forces, Movement
from qlmat.core.movement import MovementEstimator
from qlmat_firmware.board import BOARD_V1

ABSENT = Contact(None, None, False)


def rocking(t_s: float, cpm: float = 12.0) -> Contact:
    return Contact(100.0, (12 * sin(2 * pi * cpm / 60 * t_s), 0.0), True)


def run(estimator: MovementEstimator, times: list[float], cpm: float = 12.0) -> list[Movement]:
    return [estimator.step(Contacts(t_s, rocking(t_s, cpm), NO_CONTACT)) for t_s in times]


def even(start_s: float, seconds: float, rate_hz: float) -> list[float]:
    return [start_s + i / rate_hz for i in range(int(seconds * rate_hz))]


def test_no_sensor_that_can_be_trusted_gives_no_movement_at_all() -> None:
    estimator = MovementEstimator()
    assert [estimator.step(Contacts(i / 50, ABSENT, ABSENT)) for i in range(500)][-1] == Movement()


def test_a_pad_that_goes_absent_for_a_moment_does_not_end_the_movement() -> None:
    estimator = MovementEstimator()
    for t_s in even(0.0, 30.0, 50.0):
        absent = 20.0 < t_s < 20.6
        last = estimator.step(Contacts(t_s, Contact(None, None, True) if absent else rocking(t_s), NO_CONTACT))
    assert last.cadence_hz is not None
    assert 60 * last.cadence_hz == pytest.approx(12, abs=0.5)


def test_one_dead_sensor_does_not_make_up_a_cadence() -> None:
    detector, estimator = ContactDetector(BOARD_V1), MovementEstimator()
    seen = []
    for t_s in even(0.0, 30.0, 50.0):
        newtons = np.full(6, 30.0 if t_s > 1.0 else 0.0)
        newtons[1] = np.nan
        seen.append(estimator.step(detector.step(Forces(t_s, newtons))))
    assert all(movement.cadence_hz is None for movement in seen)


def test_stamps_that_repeat_or_step_back_a_little_are_passed_over() -> None:
    estimator = MovementEstimator()
    times = [t for t_s in even(0.0, 30.0, 15.0) for t in (t_s, t_s, t_s - 0.01)]
    last = run(estimator, times)[-1]
    assert last.cadence_hz is not None
    assert 60 * last.cadence_hz == pytest.approx(12, abs=0.3)


def test_a_clock_set_back_starts_afresh_and_finds_the_movement_again() -> None:
    estimator = MovementEstimator()
    run(estimator, even(1000.0, 30.0, 50.0))
    seen = run(estimator, even(0.0, 20.0, 50.0))
    assert seen[5].cadence_hz is None or seen[5].confirmed  # the last answer is repeated until the next decision
    assert seen[-1].cadence_hz is not None
    assert 60 * seen[-1].cadence_hz == pytest.approx(12, abs=0.3)


def test_after_a_gap_of_ten_minutes_nothing_is_told_until_the_movement_is_seen_again() -> None:
    estimator = MovementEstimator()
    run(estimator, even(0.0, 30.0, 50.0))
    seen = run(estimator, even(630.0, 20.0, 50.0))
    assert all(movement.cadence_hz is None for movement in seen[10:100])
    assert seen[-1].cadence_hz is not None
    assert 60 * seen[-1].cadence_hz == pytest.approx(12, abs=0.3)


@pytest.mark.parametrize("cpm", [10.0, 50.0, 61.0])
def test_one_frame_a_second_is_too_few_to_tell_any_cadence(cpm: float) -> None:
    seen = run(MovementEstimator(), even(0.0, 120.0, 1.0), cpm)
    assert all(movement.cadence_hz is None for movement in seen)


def test_a_thousand_frames_a_second_tell_what_fifty_tell() -> None:
    last = run(MovementEstimator(), even(0.0, 15.0, 1000.0))[-1]
    assert last.cadence_hz is not None
    assert 60 * last.cadence_hz == pytest.approx(12, abs=0.3)


def test_frames_that_come_as_they_please_tell_the_same_cadence() -> None:
    rng = np.random.default_rng(5)
    times = np.cumsum(rng.uniform(0.005, 0.12, 900)).tolist()
    last = run(MovementEstimator(), times, 18.0)[-1]
    assert last.cadence_hz is not None
    assert 60 * last.cadence_hz == pytest.approx(18, abs=0.6)


def test_noise_without_movement_has_no_cadence() -> None:
    rng = np.random.default_rng(7)
    estimator = MovementEstimator()
    seen = [
        estimator.step(Contacts(i / 50, Contact(100 + n, (x, y), True), NO_CONTACT))
        for i, (n, x, y) in enumerate((rng.normal(size=(6000, 3)) * [6.0, 4.0, 4.0]).tolist())
    ]
    assert all(movement.cadence_hz is None for movement in seen)


def test_numbers_beyond_all_measure_do_not_break_it() -> None:
    rng = np.random.default_rng(9)
    estimator = MovementEstimator()
    for i, row in enumerate((10.0 ** rng.uniform(-12, 12, (2000, 3))).tolist()):
        movement = estimator.step(Contacts(i / 50, Contact(row[0], (row[1], -row[2]), True), NO_CONTACT))
        assert movement.cadence_hz is None or 0 < movement.cadence_hz < 2
