"""What a knee does to the mat, frame by frame, and what the estimator says of it."""

from collections.abc import Callable
from math import pi, sin

from qlmat.core.model import NO_CONTACT, Contact, Contacts, Movement
from qlmat.core.movement import MovementEstimator

Pad = Callable[[float], Contact]


def empty(_: float) -> Contact:
    return NO_CONTACT


def follow(seconds: float, rate_hz: float, left: Pad, right: Pad = empty) -> list[Movement]:
    estimator = MovementEstimator()
    times = [i / rate_hz for i in range(int(seconds * rate_hz))]
    return [estimator.step(Contacts(t_s, left(t_s), right(t_s))) for t_s in times]


def swing(t_s: float, cpm: float) -> float:
    return sin(2 * pi * cpm / 60 * t_s)


def pressed(force_n: float, x_mm: float = 0.0, y_mm: float = 0.0) -> Contact:
    return Contact(force_n, (x_mm, y_mm), True) if force_n > 2.2 else Contact(force_n, None, False)


def cpm(movement: Movement) -> float:
    assert movement.cadence_hz is not None
    return 60 * movement.cadence_hz
