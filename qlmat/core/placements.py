"""Weights that stood on a pad, and what its feet felt of them: each foot's share, its lag and its creep."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from qlmat.core.creep import CREEP_TAU_S
from qlmat.core.lag import trailed
from qlmat.core.model import FloatArray

SPIKES_RATIO = 0.05  # of a window at either end: twenty times what the cadence facts have, section 6


@dataclass(frozen=True, slots=True)
class Reading:
    """What the feet of one pad gave at `t_s`: siemens, one for each foot."""

    t_s: float
    siemens: tuple[float, ...]


def reading(t_s: FloatArray, siemens: FloatArray) -> Reading:
    """Read a pad once from the frames of a window, (frames,) and (frames, feet): their mean without the spikes.

    >>> window = np.ones((40, 1))
    >>> window[20] = 9.0
    >>> reading(np.arange(40.0), window)
    Reading(t_s=19.5, siemens=(1.0,))
    """
    return Reading(float(t_s.mean()), tuple(without_spikes(siemens).mean(axis=0).tolist()))


def without_spikes(values: FloatArray) -> FloatArray:
    """Sort (frames, ...), without the largest and the least 5 %: a spike lasts a sample or two, a load does not."""
    spikes = int(SPIKES_RATIO * len(values))
    return np.asarray(np.sort(values, axis=0)[spikes : len(values) - spikes])


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


def put(placements: Sequence[Placement]) -> tuple[FloatArray, FloatArray]:
    """Give places (placements, 2) in mm and weights (placements,) in N."""
    places_mm = np.array([[placement.x_mm, placement.y_mm] for placement in placements])
    return places_mm, np.array([placement.force_n for placement in placements])


def visits(placements: Sequence[Placement]) -> np.ndarray[tuple[int], np.dtype[np.int_]]:
    """Number the visits: (placements,). Another place, or an empty pad in between, begins the next one."""
    numbers = [0]
    for before, placement in pairwise(placements):
        same = (before.x_mm, before.y_mm) == (placement.x_mm, placement.y_mm)
        lifted = (before.force_n > 0.0) != (placement.force_n > 0.0)
        numbers.append(numbers[-1] + (not same or lifted))
    return np.array(numbers)


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
    numbers = visits(placements)
    for k, (placement, on_n) in enumerate(zip(placements, on_feet_n, strict=True)):
        rest_n = stays_n if k and numbers[k] == numbers[k - 1] else np.zeros_like(on_n)
        states = rest_n + (states - rest_n) * np.exp(-(placement.on_s - t_s) / tau_s)
        sums += [
            (on_n + (states - on_n) * np.exp(-(reading.t_s - placement.on_s) / tau_s)).sum(axis=0)
            for reading in placement.readings
        ]
        states = on_n + (states - on_n) * np.exp(-(placement.off_s - placement.on_s) / tau_s)
        t_s, stays_n = placement.off_s, on_n
    return np.array(sums)


def dragged(
    placements: Sequence[Placement], on_feet_n: FloatArray, rest_n: FloatArray, reach_n: FloatArray
) -> FloatArray:
    """Say where the pointers of the feet's lag stood before each placement: (..., placements, feet) in N.

    `on_feet_n`: (..., placements, feet), what each placement puts on each foot. `rest_n`, what an empty plate does, and
    `reach_n`: (..., 1, feet). Between visits the plate was empty, as before the first.
    """
    rest, reach = rest_n[..., 0, :], reach_n[..., 0, :]
    pointer_n = np.zeros_like(on_feet_n[..., 0, :])
    pointers, visit = [], -1
    for number, on_n in zip(visits(placements).tolist(), np.moveaxis(on_feet_n, -2, 0), strict=True):
        if number != visit:
            pointer_n, visit = trailed(pointer_n, rest, reach), number
        pointers.append(pointer_n)
        pointer_n = trailed(pointer_n, on_n, reach)
    return np.stack(pointers, axis=-2)


def felt(shown_n: FloatArray, creep_n: FloatArray, per_decade: FloatArray) -> FloatArray:
    """Add to the newtons on each foot what has crept; as in `Creep`, no more than a load that was always there shows.

    >>> felt(np.array([10.0, 10.0]), np.array([60.0, 900.0]), np.array([0.06, 0.06])).round(2)
    array([11.8, 12.7])
    """
    return np.asarray(shown_n + per_decade / 2.0 * np.minimum(creep_n, len(CREEP_TAU_S) * shown_n))


def unfelt(felt_n: FloatArray, creep_n: FloatArray, per_decade: FloatArray) -> FloatArray:
    """Take off again what `felt` added.

    >>> unfelt(np.array([11.8, 12.7]), np.array([60.0, 900.0]), np.array([0.06, 0.06])).round(2)
    array([10., 10.])
    """
    ceiling = 1.0 + per_decade / 2.0 * len(CREEP_TAU_S)
    return np.asarray(np.maximum(felt_n - per_decade / 2.0 * creep_n, felt_n / ceiling))
