"""Judge a calibration: what forbids a fit, what remains after it and how sure that is. The answers are sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot, sqrt

import numpy as np

from qlmat.core.calibration import Curve
from qlmat.core.fitting import PadFit, centre_mm, felt_newtons, fit_pad
from qlmat.core.lag import unlagged
from qlmat.core.model import FloatArray, Sensor
from qlmat.core.placements import Placement, crept, dragged, put, shares, unfelt, visits

SILENT_RATIO = 1.3  # of the largest to the least siemens: even 15 N on the far side of the pad doubles a foot's
SHORT_SIEMENS = 1.0 / 200.0  # a 406's contact floor is 500 Ohm, a batch spreads by 20 %
FEWEST_WEIGHTS, FEWEST_PLACES, LEAST_TOP_N = 3, 3, 80.0
FLAT_MM2 = 400.0  # twice the area of the triangle of places: less is almost one line
ODD_RATIO = 0.30  # a stack this far from all others is a mistake: hysteresis and hands make 0.15
LEAST_N = 20.0  # below it nobody massages, and hysteresis is most of what a foot feels
WORST_FORCE_RATIO, WORST_CENTRE_MM = 0.20, 10.0  # beyond that something is wrong with the pad or the weights


@dataclass(frozen=True, slots=True)
class Remaining:
    """What a fitted pad is still off by on weights it was not fitted to: root mean square, and its 95 % interval.

    Each visit in turn is left out of the fit and then weighed with it; weights of 20 N and more count.
    """

    force_ratio: float
    force_interval: tuple[float, float]
    centre_mm: float
    centre_interval_mm: tuple[float, float]
    weights: int


def problems(feet: Sequence[Sensor], placements: Sequence[Placement]) -> list[str]:
    """List what is wrong with the data before any fit, worst first; empty when it can be fitted."""
    read = [placement for placement in placements if placement.readings]
    loaded = [placement for placement in read if placement.force_n > 0.0]
    if not loaded:
        return ["no weight was read: put weights on and note them"]
    siemens = np.array([placement.readings[-1].siemens for placement in read])
    found = _sensors(feet, siemens)
    return found or _coverage(loaded) or [*_order(read), *_swaps(feet, loaded)]


def oddities(placements: Sequence[Placement], fit: PadFit) -> list[str]:
    """List the stacks that disagree with all others after the fit."""
    said = []
    rows = iter(weigh(placements, fit))
    for placement in placements:
        totals_n = [float(np.sum(next(rows))) for _ in placement.readings]
        if totals_n and placement.force_n >= LEAST_N and abs(totals_n[-1] / placement.force_n - 1.0) > ODD_RATIO:
            said.append(
                f"{_name(placement)} reads {totals_n[-1]:.0f} N when all weights are taken together: "
                "was it noted right, and did nobody hold it?"
            )
    return said


def remaining(feet: Sequence[Sensor], placements: Sequence[Placement]) -> Remaining:
    """Leave out each visit in turn, fit the rest and weigh it; give the errors of all. About half a second a pad."""
    numbers = visits(placements).tolist()
    weighed = [p.readings and p.force_n >= LEAST_N for p in placements]
    ratios, distances = [], []
    for visit in sorted({number for number, counts in zip(numbers, weighed, strict=True) if counts}):
        kept = [_unread(p) if number == visit else p for p, number in zip(placements, numbers, strict=True)]
        for ratio, distance_mm in _errors(placements, fit_pad(feet, kept), [number == visit for number in numbers]):
            ratios.append(ratio)
            distances.append(distance_mm)
    force, centre = _rms(ratios), _rms(distances) / sqrt(2.0)
    count = len(ratios)
    return Remaining(force, _interval(force, count), centre, _interval(centre, count), count)


def too_far(left: Remaining) -> list[str]:
    """Say why a fit is not good enough to be used; empty when it is."""
    said = []
    if left.force_ratio > WORST_FORCE_RATIO:
        said.append(f"weights are met only within {left.force_ratio:.0%}: check the plate, the feet and the weights")
    if left.centre_mm > WORST_CENTRE_MM:
        said.append(f"places are met only within {left.centre_mm:.0f} mm: put the stand on its marks")
    return said


def weigh(placements: Sequence[Placement], fit: PadFit) -> FloatArray:
    """Read every reading with a fitted pad, creep, lag and the plate's rest taken off: (readings, feet) in N."""
    places_mm, force_n = put(placements)
    rest_n = np.array(fit.rest_n)
    on_feet_n = force_n[:, None] * shares(np.array(fit.feet_mm), places_mm) + rest_n
    parts = [(curve.creep_per_decade, curve.lag_ratio, curve.lag_n) for curve in fit.curves]
    per_decade, ratio, reach_n = np.array(parts).T
    felt_n = np.array([felt_newtons(fit, reading.siemens) for each in placements for reading in each.readings])
    shown_n = unfelt(felt_n, crept(placements, on_feet_n), per_decade)
    before_n = dragged(placements, on_feet_n, rest_n[None], reach_n[None])
    before_n = np.repeat(before_n, [len(each.readings) for each in placements], axis=0)
    return np.asarray(unlagged(shown_n, before_n, ratio, reach_n) - rest_n)


def _errors(placements: Sequence[Placement], fit: PadFit, left_out: Sequence[bool]) -> list[tuple[float, float]]:
    """Give (force ratio, mm) of each weight that was left out, as a pad fitted without it reads them."""
    rows = iter(weigh(placements, fit))
    found = []
    for placement, out in zip(placements, left_out, strict=True):
        newtons = [next(rows).tolist() for _ in placement.readings]
        if newtons and placement.force_n >= LEAST_N and out:
            x_mm, y_mm = centre_mm(fit, newtons[-1])
            distance_mm = hypot(x_mm - placement.x_mm, y_mm - placement.y_mm)
            found.append((sum(newtons[-1]) / placement.force_n - 1.0, distance_mm))
    return found


def _sensors(feet: Sequence[Sensor], siemens: FloatArray) -> list[str]:
    said = []
    for foot, column in zip(feet, siemens.T, strict=True):
        if not np.all(np.isfinite(column)):
            said.append(f"{foot.name} was absent in part of the readings: run 'qlmat doctor'")
        elif column.max() > SHORT_SIEMENS:
            said.append(f"{foot.name} reads as a short circuit: look for touching leads")
        elif column.max() < 1e-6 or column.max() < SILENT_RATIO * column.min():
            said.append(f"{foot.name} hardly changed under any weight: is its lead open, or its foot in the air?")
    return said


def _coverage(loaded: Sequence[Placement]) -> list[str]:
    weights = sorted({placement.force_n for placement in loaded})
    places = np.array(sorted({(placement.x_mm, placement.y_mm) for placement in loaded}))
    said = []
    if len(weights) < FEWEST_WEIGHTS:
        said.append(f"only {len(weights)} different weights: {FEWEST_WEIGHTS} are the least, 5 are better")
    elif weights[-1] < LEAST_TOP_N:
        said.append(f"the heaviest weight is {weights[-1]:.0f} N: at least {LEAST_TOP_N:.0f} N, better 150 N")
    spread = np.linalg.svd(places - places.mean(axis=0), compute_uv=False) if len(places) > 1 else np.zeros(2)
    if len(places) < FEWEST_PLACES or float(np.prod(spread)) < FLAT_MM2:
        said.append("the weights stood at too few places: one near each foot and one in the middle")
    return said


def _order(read: Sequence[Placement]) -> list[str]:
    """Compare neighbours of one visit: the heavier must read more."""
    said = []
    for before, after in pairwise(read):
        if (before.x_mm, before.y_mm) != (after.x_mm, after.y_mm) or before.force_n == after.force_n:
            continue
        change = sum(after.readings[0].siemens) - sum(before.readings[-1].siemens)
        if change * (after.force_n - before.force_n) < 0.0:
            said.append(f"{_name(after)} reads the wrong way from {before.force_n:.0f} N: was a weight noted wrong?")
    return said


def _swaps(feet: Sequence[Sensor], loaded: Sequence[Placement]) -> list[str]:
    """Compare where the heaviest stack of each place stood with the foot that felt it most."""
    feet_mm = np.array([[foot.x_mm, foot.y_mm] for foot in feet])
    said = []
    for spot in sorted({(p.x_mm, p.y_mm) for p in loaded}):
        heaviest = max((p for p in loaded if (p.x_mm, p.y_mm) == spot), key=lambda p: p.force_n)
        part = shares(feet_mm, np.array([spot]))[0]
        nearest = int(part.argmax())
        felt = [_nominal_n(each) for each in heaviest.readings[-1].siemens]
        most = int(np.argmax(felt))
        if part[nearest] > 0.6 and most != nearest:
            said.append(
                f"a stack near {feet[nearest].name} pressed {feet[most].name} most: are their leads swapped, "
                "or did it stand elsewhere?"
            )
    return said


def _nominal_n(siemens: float) -> float:
    usual = Curve()
    return usual.scale_ohm_n * siemens / max(1.0 - usual.floor_ohm * siemens, 0.01)


def _unread(placement: Placement) -> Placement:
    return Placement(placement.on_s, placement.off_s, placement.force_n, placement.x_mm, placement.y_mm)


def _name(placement: Placement) -> str:
    return f"{placement.force_n:.0f} N at ({placement.x_mm:.0f}, {placement.y_mm:.0f}) mm"


def _rms(values: Sequence[float]) -> float:
    return sqrt(sum(value * value for value in values) / len(values))


def _interval(rms: float, count: int) -> tuple[float, float]:
    """Give the 95 % interval of a root mean square of `count` normal errors (Wilson and Hilferty's chi-square).

    >>> [round(each, 2) for each in _interval(1.0, 20)]
    [0.77, 1.45]
    """
    c = 2.0 / (9.0 * count)
    low, high = ((1.0 - c + z * sqrt(c)) ** 3 for z in (1.96, -1.96))
    return rms / sqrt(low), rms / sqrt(high)
