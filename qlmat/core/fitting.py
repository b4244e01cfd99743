"""Fit a pad from known weights: every foot's curve, its creep and its place, all together, by least squares.

A weight W stood at a known place. The rigid plate shares it among the feet, each foot's sensor lags behind and creeps
by what stood on it before, and its curve turns that into siemens. What is unknown is found where the logarithms of
the siemens agree best, in units of how well each is known; what a home cannot measure stays near its usual value (the
priors).

    share of W + rest of the plate's weight -> lag -> creep -> curve -> siemens
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from qlmat.core.calibration import PIVOT_N, Curve
from qlmat.core.lag import lagging, trailed
from qlmat.core.model import FloatArray, Sensor
from qlmat.core.placements import Placement, crept, dragged, felt, put, shares, visits

# One sigma of what is not known beforehand. Published curves of one part differ by a factor of 4 (domain facts C.3), so
# the priors on a curve are wide; hands and holes are good to a millimetre or two.
SCALE_SD_LOG, FLOOR_SD_LOG, EXPONENT_SD = 0.7, 0.7, 0.1
REST_N, REST_SD_N = 1.4, 0.65  # the plate's weight on a foot, 1 to 3 N, less the break force of 0.2 to 1 N (C.2, C.4-1)
CREEP_MEAN, CREEP_SD = 0.045, 0.025  # published 2 to 6 %, "some" beyond (C.4-5)
LAG_MEAN, LAG_SD = 0.1, 0.07  # share of the pointer: a loop of 10 % of the middle (C.1, C.4-2)
REACH_N, REACH_SD_LOG = 15.0, 0.7  # a quarter of what a foot swings by (C.4-2), 30 to 100 N
FOOT_SD_MM, PLACE_SD_MM = 1.5, 2.0
STACK_SD_LOG = 0.04  # how one part repeats, +-2 to 5 % (C.1)
STACK_SD_N = 0.4  # of what a foot carries: break force and cloth
AGAIN_SD_LOG, AGAIN_SD_N = 0.02, 0.2  # the same on its way up and down: one part repeats by 2 % (C.1), never lifted
READING_SD_LOG = 0.004  # noise of 0.5 % (C.4-7) averaged over a second, and the warmth of the room
STEP = 1e-5  # of the numerical derivative, in sigmas
ITERATIONS = 40
NO_SIEMENS = 1e-9  # a foot that conducts nothing, for the logarithm


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


def felt_newtons(fit: PadFit, siemens: Sequence[float]) -> tuple[float, ...]:
    """Give the newtons that each foot of a fitted pad feels: with the plate's rest, lag and creep still in them."""
    return tuple(_inverse(curve, each) for curve, each in zip(fit.curves, siemens, strict=True))


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


# --- the least squares -------------------------------------------------------------------------------------------


class _Parts(NamedTuple):
    """What tells one foot's sensor from another's; arrays of any shape."""

    scale_ohm_n: FloatArray
    floor_ohm: FloatArray
    exponent: FloatArray
    rest_n: FloatArray
    creep: FloatArray
    lag: FloatArray
    reach_n: FloatArray


PARTS = len(_Parts._fields)


class _Problem:
    """Residuals of one pad as a function of parameters, all in sigmas from their usual values.

    Parameters: those of `_Parts` for each foot, two for its place, then two for the place of each visit and one for
    each weight.
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
        self._places_mm, self._force_n = put(read)
        self._force_sd_n = np.array([placement.force_sd_n for placement in read])
        all_visits = visits(placements)[[bool(placement.readings) for placement in placements]]
        self._visit = np.unique(all_visits, return_inverse=True)[1]
        n = len(feet)
        self._cuts = np.cumsum([PARTS * n, 2 * n, 2 * (int(self._visit[-1]) + 1)])
        self.size = int(self._cuts[-1]) + len(read)
        self._placements = placements
        self._read = np.array([bool(placement.readings) for placement in placements])
        self._known_n = self._weights_on_feet_n(*put(placements))
        self._creep_n = crept(placements, self._known_n + REST_N)
        self._same = _same(np.column_stack([self._visit, self._force_n]))

    def _weights_on_feet_n(self, places_mm: FloatArray, force_n: FloatArray) -> FloatArray:
        """Give what the weights put on each foot, (placements, feet) in N, as far as is known before the fit."""
        return force_n[:, None] * shares(self._feet_mm, places_mm)

    def residuals(self, at: FloatArray) -> FloatArray:
        """Give measured less computed siemens as logarithms, then the priors, all in sigmas: (..., residuals).

        A stack on its way up and the same on its way down share an error, so they count as one; how they differ from
        their mean is known better, and that is what tells the lag. All readings of one stack likewise: how they differ
        is known far better, and that is what tells the creep.
        """
        misfit = self.misfit_log(at)
        means = np.add.reduceat(misfit, self._starts, axis=-2) / self._counts[:, None]
        within = (misfit - np.repeat(means, self._counts, axis=-2)) / READING_SD_LOG
        shared = self._same @ means
        again = means - (self._same > 0.0).T @ shared
        on_feet_n = self._known_n[self._read] + REST_N
        shared_sd = np.hypot(STACK_SD_LOG, STACK_SD_N / (self._same @ on_feet_n))
        again_sd = np.hypot(AGAIN_SD_LOG, AGAIN_SD_N / on_feet_n)
        flat = (*at.shape[:-1], -1)
        judged = [part.reshape(flat) for part in (shared / shared_sd, again / again_sd, within)]
        return np.concatenate([*judged, at], axis=-1)

    def misfit_log(self, at: FloatArray) -> FloatArray:
        """Give measured less computed siemens as logarithms at parameters (..., size): (..., readings, feet)."""
        batch = at.shape[:-1]
        parts, feet, places, weights = np.split(at, self._cuts, axis=-1)
        foot = _curve(np.moveaxis(parts.reshape(*batch, PARTS, 1, -1), -3, 0))
        feet_mm = self._feet_mm + FOOT_SD_MM * feet.reshape(*batch, -1, 2)
        places_mm = self._places_mm + PLACE_SD_MM * places.reshape(*batch, -1, 2)[..., self._visit, :]
        force_n = np.maximum(self._force_n + self._force_sd_n * weights, 0.0)
        on_feet_n = force_n[..., None] * shares(feet_mm, places_mm)
        shown_n = self._shown_n(on_feet_n, foot)[..., self._of_reading, :]
        felt_n = felt(shown_n, self._creep_n, foot.creep)
        shaped_n = PIVOT_N * (felt_n / PIVOT_N) ** foot.exponent
        return np.asarray(self._measured - np.log(shaped_n / (foot.scale_ohm_n + foot.floor_ohm * shaped_n)))

    def _shown_n(self, on_feet_n: FloatArray, foot: _Parts) -> FloatArray:
        """Let what stands on the feet, (..., read placements, feet), drag their pointers; give what they show of it."""
        everything_n = np.broadcast_to(self._known_n, (*on_feet_n.shape[:-2], *self._known_n.shape)).copy()
        everything_n[..., self._read, :] = on_feet_n
        everything_n += foot.rest_n
        pointer_n = dragged(self._placements, everything_n, foot.rest_n, foot.reach_n)
        return lagging(everything_n, trailed(pointer_n, everything_n, foot.reach_n), foot.lag)[..., self._read, :]

    def answer(self, at: FloatArray) -> PadFit:
        """Turn the parameters (size,) into what a person may use."""
        parts, feet, _, _ = np.split(at, self._cuts)
        found = _curve(parts.reshape(PARTS, -1))
        curves = tuple(
            Curve(scale_ohm_n=a, floor_ohm=b, exponent=n, creep_per_decade=d, lag_ratio=g, lag_n=r)
            for a, b, n, _, d, g, r in zip(*(each.tolist() for each in found), strict=True)
        )
        feet_mm = (self._feet_mm + FOOT_SD_MM * feet.reshape(-1, 2)).tolist()
        return PadFit(curves, tuple((x, y) for x, y in feet_mm), tuple(found.rest_n.tolist()), self.misfit_log(at))


def _same(visit_and_weight: FloatArray) -> FloatArray:
    """Average over what stood with one weight at one visit, (stacks, 2): a matrix (groups, stacks)."""
    group = np.unique(visit_and_weight, axis=0, return_inverse=True)[1].reshape(-1)
    member = (group == np.arange(int(group.max()) + 1)[:, None]).astype(float)
    return np.asarray(member / member.sum(axis=1, keepdims=True))


def _curve(sigmas: FloatArray) -> _Parts:
    """Turn sigmas (parts, ...) into ohms and newtons."""
    a, b, n, e, d, g, r = sigmas
    return _Parts(
        scale_ohm_n=Curve().scale_ohm_n * np.exp(SCALE_SD_LOG * a),
        floor_ohm=Curve().floor_ohm * np.exp(FLOOR_SD_LOG * b),
        exponent=np.exp(EXPONENT_SD * n),
        rest_n=np.maximum(REST_N + REST_SD_N * e, 0.05),
        creep=np.maximum(CREEP_MEAN + CREEP_SD * d, 0.0),
        lag=np.clip(LAG_MEAN + LAG_SD * g, 0.0, 0.5),
        reach_n=REACH_N * np.exp(REACH_SD_LOG * r),
    )


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
