"""Fit a pad from known weights: every foot's curve, its creep and its place, all together, by least squares.

A weight W stood at a known place. The rigid plate shares it among the feet, each foot's sensor has crept by what has
stood on it before, and its curve turns that into siemens. What is unknown is found where the logarithms of the siemens
agree best, in units of how well each is known; what a home cannot measure stays near its usual value (the priors).

    share of W + rest of the plate's weight -> x (1 + creep) -> curve -> siemens
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from qlmat.core.calibration import PIVOT_N, Curve
from qlmat.core.creep import CREEP_TAU_S
from qlmat.core.model import FloatArray, Sensor

# One sigma of what is not known beforehand. Published curves of one part differ by a factor of 4 (domain facts C.3), so
# the priors on a curve are wide; hands and holes are good to a millimetre or two.
SCALE_SD_LOG, FLOOR_SD_LOG, EXPONENT_SD = 0.7, 0.7, 0.1
REST_N, REST_SD_N = 1.0, 0.7  # the plate's weight on a foot, 1 to 3 N, less the break force of 0.2 to 1 N (C.2, C.4-1)
CREEP_MEAN, CREEP_SD = 0.045, 0.025  # published 2 to 6 %, "some" beyond (C.4-5)
FOOT_SD_MM, PLACE_SD_MM = 1.5, 2.0
STACK_SD_LOG = 0.04  # hysteresis of +10 % a loop (C.1), taken as +-5 %
STACK_SD_N = 0.4  # of what a foot carries: break force and cloth
READING_SD_LOG = 0.004  # noise of 0.5 % (C.4-7) averaged over a second, and the warmth of the room
STEP = 1e-5  # of the numerical derivative, in sigmas
ITERATIONS = 40
NO_SIEMENS = 1e-9  # a foot that conducts nothing, for the logarithm


@dataclass(frozen=True, slots=True)
class Reading:
    """What the feet of one pad gave at `t_s`: siemens, one for each foot."""

    t_s: float
    siemens: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """A weight of `force_n` that stood at (x_mm, y_mm) of the pad from `on_s` to `off_s`, and what was read meanwhile.

    `force_sd_n` is how well the weight is known. A weight of 0 N is the empty pad. Placements that follow one another
    at one place with nothing empty between them are one visit: the stack stayed where it was while it grew or shrank.
    """

    on_s: float
    off_s: float
    force_n: float
    x_mm: float
    y_mm: float
    readings: tuple[Reading, ...] = ()
    force_sd_n: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class PadFit:
    """A fitted pad: `curves` and `feet_mm` one for each foot, and what remains.

    `residual_log`: (readings, feet) measured over fitted siemens as logarithms, in the order of the readings.
    """

    curves: tuple[Curve, ...]
    feet_mm: tuple[tuple[float, float], ...]
    rest_n: tuple[float, ...]
    residual_log: FloatArray


def conductance(volts: float, rail_v: float, divider_ohm: float) -> float:
    """Give the siemens of a sensor between rail and input from the volts across its divider resistor.

    >>> conductance(1.65, 3.3, 1000.0)
    0.001
    """
    return max(volts, 0.0) / (divider_ohm * max(rail_v - volts, NO_SIEMENS))


def fit_pad(feet: Sequence[Sensor], placements: Sequence[Placement]) -> PadFit:
    """Fit the pad on `feet` (three or more sensors of one side) to `placements` in the order of time.

    Raises ValueError when nothing was read.
    """
    problem = _Problem(feet, placements)
    return problem.answer(_minimum(problem))


def fitted_newtons(fit: PadFit, siemens: Sequence[float]) -> tuple[float, ...]:
    """Give the tared newtons on each foot that a fitted pad reads from siemens, creep not taken out."""
    return tuple(
        _inverse(curve, each) - rest for curve, each, rest in zip(fit.curves, siemens, fit.rest_n, strict=True)
    )


def centre_mm(fit: PadFit, newtons: Sequence[float]) -> tuple[float, float]:
    """Give the centre of pressure of newtons on the feet of a fitted pad, in mm."""
    total_n = sum(newtons) or 1.0
    x_mm = sum(each * x for each, (x, _) in zip(newtons, fit.feet_mm, strict=True)) / total_n
    y_mm = sum(each * y for each, (_, y) in zip(newtons, fit.feet_mm, strict=True)) / total_n
    return x_mm, y_mm


def _inverse(curve: Curve, siemens: float) -> float:
    slope = 1.0 - curve.floor_ohm * siemens
    shaped_n = curve.scale_ohm_n * siemens / slope if slope > 0.0 else curve.full_scale_n
    return min(PIVOT_N * float((shaped_n / PIVOT_N) ** (1.0 / curve.exponent)), curve.full_scale_n)


# --- the plate and the creep -------------------------------------------------------------------------------------


def shares(feet_mm: FloatArray, places_mm: FloatArray) -> FloatArray:
    """Share 1 N at places (..., n, 2) among feet (..., feet, 2): (..., n, feet). A foot cannot pull.

    >>> shares(np.array([[0.0, 70.0], [-60.62, -35.0], [60.62, -35.0]]), np.array([[0.0, 0.0], [0.0, 35.0]])).round(3)
    array([[0.333, 0.333, 0.333],
           [0.667, 0.167, 0.167]])
    """
    balance = np.concatenate([np.ones((*feet_mm.shape[:-1], 1)), feet_mm], axis=-1)
    place = np.concatenate([np.ones((*places_mm.shape[:-1], 1)), places_mm], axis=-1)
    parts = np.maximum(place @ np.linalg.pinv(np.swapaxes(balance, -1, -2)).swapaxes(-1, -2), 0.0)
    return np.asarray(parts / parts.sum(axis=-1, keepdims=True))


def crept(placements: Sequence[Placement], on_feet_n: FloatArray) -> FloatArray:
    """Sum the nine creep states of every foot at every reading: (readings, feet) in N.

    `on_feet_n`: (placements, feet), what each placement puts on each foot. Between visits nothing stands there; while a
    stack grows or shrinks, what stood there before does.
    """
    tau_s = np.array(CREEP_TAU_S)[:, None]
    states = np.zeros((len(CREEP_TAU_S), on_feet_n.shape[1]))
    sums: list[FloatArray] = []
    t_s, stays_n = placements[0].on_s, np.zeros(on_feet_n.shape[1])
    visits = _visits(placements)
    for k, (placement, on_n) in enumerate(zip(placements, on_feet_n, strict=True)):
        rest_n = stays_n if k and visits[k] == visits[k - 1] else np.zeros_like(on_n)
        states = rest_n + (states - rest_n) * np.exp(-(placement.on_s - t_s) / tau_s)
        sums += [
            (on_n + (states - on_n) * np.exp(-(reading.t_s - placement.on_s) / tau_s)).sum(axis=0)
            for reading in placement.readings
        ]
        states = on_n + (states - on_n) * np.exp(-(placement.off_s - placement.on_s) / tau_s)
        t_s, stays_n = placement.off_s, on_n
    return np.array(sums)


# --- the least squares -------------------------------------------------------------------------------------------


class _Problem:
    """Residuals of one pad as a function of parameters, all in sigmas from their usual values.

    Parameters: five for each foot (scale, floor, exponent, rest, creep), two for its place, then two for the place of
    each visit and one for each weight.
    """

    def __init__(self, feet: Sequence[Sensor], placements: Sequence[Placement]) -> None:
        read = [placement for placement in placements if placement.readings]
        if not read:
            raise ValueError("Nothing was read: give placements with readings.")
        self._counts = np.array([len(placement.readings) for placement in read])
        self._starts = np.cumsum(self._counts) - self._counts
        self._of_reading = np.repeat(np.arange(len(read)), self._counts)
        siemens = [reading.siemens for placement in read for reading in placement.readings]
        self._measured = np.log(np.maximum(np.array(siemens), NO_SIEMENS))
        self._feet_mm = np.array([[foot.x_mm, foot.y_mm] for foot in feet])
        self._places_mm, self._force_n = _put(read)
        self._force_sd_n = np.array([placement.force_sd_n for placement in read])
        all_visits = _visits(placements)[[bool(placement.readings) for placement in placements]]
        self._visit = np.unique(all_visits, return_inverse=True)[1]
        n = len(feet)
        self._cuts = np.cumsum([5 * n, 2 * n, 2 * (int(self._visit[-1]) + 1)])
        self.size = int(self._cuts[-1]) + len(read)
        self._creep_n = crept(placements, self._on_feet_n(*_put(placements)))
        felt_n = self._on_feet_n(self._places_mm, self._force_n)
        self._sd = np.hypot(STACK_SD_LOG, STACK_SD_N / felt_n)

    def _on_feet_n(self, places_mm: FloatArray, force_n: FloatArray) -> FloatArray:
        """Give what stands on each foot, (placements, feet) in N, as far as is known before the fit."""
        return force_n[:, None] * shares(self._feet_mm, places_mm) + REST_N

    def residuals(self, at: FloatArray) -> FloatArray:
        """Give measured less computed siemens as logarithms, then the priors, all in sigmas: (..., residuals).

        All readings of one stack share its error, so they count as one; but how they differ from their mean is known
        far better, and that is what tells the creep.
        """
        misfit = self.misfit_log(at)
        means = np.add.reduceat(misfit, self._starts, axis=-2) / self._counts[:, None]
        within = (misfit - np.repeat(means, self._counts, axis=-2)) / READING_SD_LOG
        flat = (*at.shape[:-1], -1)
        return np.concatenate([(means / self._sd).reshape(flat), within.reshape(flat), at], axis=-1)

    def misfit_log(self, at: FloatArray) -> FloatArray:
        """Give measured less computed siemens as logarithms at parameters (..., size): (..., readings, feet)."""
        batch = at.shape[:-1]
        parts, feet, places, weights = np.split(at, self._cuts, axis=-1)
        scale, floor, exponent, rest_n, creep = self._curve(parts.reshape(*batch, 5, 1, -1))
        feet_mm = self._feet_mm + FOOT_SD_MM * feet.reshape(*batch, -1, 2)
        places_mm = self._places_mm + PLACE_SD_MM * places.reshape(*batch, -1, 2)[..., self._visit, :]
        force_n = np.maximum(self._force_n + self._force_sd_n * weights, 0.0)
        on_feet_n = force_n[..., None] * shares(feet_mm, places_mm) + rest_n
        felt_n = on_feet_n[..., self._of_reading, :] + creep / 2.0 * self._creep_n
        shaped_n = PIVOT_N * (felt_n / PIVOT_N) ** exponent
        return np.asarray(self._measured - np.log(shaped_n / (scale + floor * shaped_n)))

    def answer(self, at: FloatArray) -> PadFit:
        """Turn the parameters (size,) into what a person may use."""
        parts, feet, _, _ = np.split(at, self._cuts)
        scale, floor, exponent, rest_n, creep = (each.tolist() for each in self._curve(parts.reshape(5, -1)))
        curves = tuple(
            Curve(scale_ohm_n=a, floor_ohm=b, exponent=n, creep_per_decade=d)
            for a, b, n, d in zip(scale, floor, exponent, creep, strict=True)
        )
        feet_mm = (self._feet_mm + FOOT_SD_MM * feet.reshape(-1, 2)).tolist()
        return PadFit(curves, tuple((x, y) for x, y in feet_mm), tuple(rest_n), self.misfit_log(at))

    @staticmethod
    def _curve(parts: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
        """Turn sigmas (..., 5, [1,] feet) into scale, floor, exponent, rest and creep."""
        axis = parts.ndim - 2 if parts.ndim == 2 else parts.ndim - 3
        a, b, n, e, d = (np.take(parts, k, axis=axis) for k in range(5))
        scale = Curve().scale_ohm_n * np.exp(SCALE_SD_LOG * a)
        floor = Curve().floor_ohm * np.exp(FLOOR_SD_LOG * b)
        rest_n = np.maximum(REST_N + REST_SD_N * e, 0.05)
        return scale, floor, np.exp(EXPONENT_SD * n), rest_n, np.maximum(CREEP_MEAN + CREEP_SD * d, 0.0)


def _put(placements: Sequence[Placement]) -> tuple[FloatArray, FloatArray]:
    """Give places (placements, 2) in mm and weights (placements,) in N."""
    places_mm = np.array([[placement.x_mm, placement.y_mm] for placement in placements])
    return places_mm, np.array([placement.force_n for placement in placements])


def _visits(placements: Sequence[Placement]) -> np.ndarray[tuple[int], np.dtype[np.int_]]:
    """Number the visits: (placements,). Another place, or an empty pad in between, begins the next one."""
    numbers = [0]
    for before, placement in pairwise(placements):
        same = (before.x_mm, before.y_mm) == (placement.x_mm, placement.y_mm)
        lifted = (before.force_n > 0.0) != (placement.force_n > 0.0)
        numbers.append(numbers[-1] + (not same or lifted))
    return np.array(numbers)


def _minimum(problem: _Problem) -> FloatArray:
    """Find the parameters with the least sum of squares by Levenberg's method, from the usual values."""
    at, damping = np.zeros(problem.size), 1e-2
    rest = problem.residuals(at)
    for _ in range(ITERATIONS):
        slope = _slope(problem, at, rest)
        normal, downhill = slope.T @ slope, slope.T @ rest
        step = np.linalg.solve(normal + damping * np.eye(problem.size), -downhill)
        tried = problem.residuals(at + step)
        gain = rest @ rest - tried @ tried
        if gain < 0.0:
            damping *= 10.0
            continue
        at, rest, damping = at + step, tried, max(damping / 10.0, 1e-9)
        if gain < 1e-3:  # sigmas squared: nothing that anybody could notice
            break
    return at


def _slope(problem: _Problem, at: FloatArray, rest: FloatArray) -> FloatArray:
    """Give the derivative of the residuals, (residuals, size), by finite differences all at once."""
    return np.asarray((problem.residuals(at + STEP * np.eye(problem.size)) - rest).T / STEP)
