"""Find a rhythm out of nothing: least squares of a line and two harmonics, for every cadence at once.

A window that is as long as the movement asks for (1.25, 2.2 or 3.6 periods of the cadence in question) answers after
the same number of cycles at 6 and at 60 a minute; a window in seconds is too long for one and too short for the other.
The bases are made once, orthonormal, so that a matrix product gives the energy that each cadence explains. A slow
cadence is looked at in coarser steps, 9 to 18 a period: that averages noise away and keeps the matrices so small that
no linear algebra library starts threads for them.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from qlmat.core.model import FloatArray
from qlmat.core.movement_slots import SLOT_S

LOWEST_HZ = 2.6 / 60  # the slowest person on record rolled the knees 3.0 times a minute
HIGHEST_HZ = 80 / 60
RATIO = 1.05  # step between candidates: a window of 2.2 periods is some 20 % wide
SPANS = (1.25, 2.2, 3.6)  # periods: the shortest that is well conditioned, the working one, the steady one
LEAST_STEPS = 9.0  # of the signal a period
FLOOR = 1e-12
LEAST_SHARE = 0.3  # of what both harmonics explain, carried by the fundamental
WORKING_FIT, SHORT_FIT = 0.8, 0.85  # part of what a line leaves, noise from step to step not counted
NOISE_BELIEVED = 0.8
CERTAIN = 25.0  # white noise alone reaches it with e^-12.5 at one cadence


@dataclass(frozen=True, slots=True)
class Rhythm:
    """One cadence found: its rate, how well it fits and over how many periods it was looked at.

    `amplitude`: root two of the effective value of both harmonics, in the unit of the channel.
    """

    hz: float
    amplitude: float
    fit: float
    periods: float


@dataclass(frozen=True, slots=True, eq=False)
class _Octave:
    """Candidates that share a step of `step` slots: rates (c,), window lengths in steps (c, spans), bases a span."""

    step: int
    first: int
    lengths: FloatArray
    bases: tuple[npt.NDArray[np.float32], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Energies:
    """What each candidate explains, (candidates, spans): `fit` of what a line leaves, both harmonics a slot.

    `certain`: energy of the fundamental over the variance of noise from step to step. All are 0 where there is not
    enough history.
    """

    fit: FloatArray
    fundamental: FloatArray
    second: FloatArray
    certain: FloatArray


@cache
def candidates() -> FloatArray:
    """List the cadences tried, in Hz, ascending."""
    count = int(np.floor(np.log(HIGHEST_HZ / LOWEST_HZ) / np.log(RATIO))) + 1
    return np.asarray(LOWEST_HZ * np.power(RATIO, np.arange(count, dtype=np.float64)))


@cache
def _octaves() -> tuple[_Octave, ...]:
    hz = candidates()
    steps = np.power(2.0, np.maximum(np.floor(np.log2(1 / hz / SLOT_S / LEAST_STEPS)), 0.0)).astype(int)
    octaves = []
    for step in sorted(set(steps.tolist())):
        at = np.flatnonzero(steps == step)
        lengths = np.array([[round(span / hz[i] / SLOT_S / step) for span in SPANS] for i in at])
        bases = []
        for k in range(len(SPANS)):
            rows = np.zeros((len(at), 6, int(lengths[:, k].max())), dtype=np.float32)
            for j, i in enumerate(at):
                rows[j, :, -lengths[j, k] :] = basis(float(hz[i]), int(lengths[j, k]), step * SLOT_S).T
            bases.append(rows.reshape(-1, rows.shape[2]))
        octaves.append(_Octave(step, int(at[0]), lengths.astype(np.float64), tuple(bases)))
    return tuple(octaves)


def search(channel: FloatArray) -> Rhythm | None:
    """Find the cadence of the newest movement in `channel`: (n,) slots; None when nothing repeats.

    The working window is taken when all of it is movement, else the short one.

    >>> t_s = np.arange(120) * 0.1
    >>> found = search(3 * np.sin(2 * np.pi * 0.25 * t_s))
    >>> round(60 * found.hz, 1), round(found.amplitude, 1), found.periods
    (14.8, 2.9, 2.2)
    """
    e = energies(channel)
    explained = e.fundamental + e.second
    share = np.minimum(1.0, e.fundamental / (LEAST_SHARE * explained + FLOOR))  # kills half the true cadence
    power = e.fundamental / (e.fundamental.max(axis=0) + FLOOR)  # kills arcs that short windows see
    score = e.fit * share * np.minimum(1.0, 2.0 * power) * (e.certain > CERTAIN)
    for span, least in ((1, WORKING_FIT), (0, SHORT_FIT)):
        i = int(np.argmax(score[:, span]))
        if score[i, span] >= least:
            hz = _between(score[:, span], i)
            return Rhythm(hz, float(np.sqrt(2 * explained[i, span])), float(e.fit[i, span]), SPANS[span])
    return None


def energies(channel: FloatArray) -> Energies:
    """Fit every candidate to the newest slots of `channel`: (n,)."""
    n = len(channel)
    shape = (len(candidates()), len(SPANS))
    fit, fundamental, second, certain = (np.zeros(shape) for _ in range(4))
    sums = np.concatenate(([0.0], np.cumsum(channel[::-1] - channel[-1])))
    for octave in _octaves():
        ends = sums[: n + 1 : octave.step]
        if len(ends) <= octave.lengths[-1, 0]:
            continue
        coarse = ((ends[1:] - ends[:-1]) / octave.step)[::-1]
        squares = np.concatenate(([0.0], np.cumsum(coarse[::-1] ** 2)))
        rough = noise(coarse)
        rows = slice(octave.first, octave.first + len(octave.lengths))
        for k, bases in enumerate(octave.bases):
            lengths = octave.lengths[:, k].astype(np.intp)
            known = lengths < len(ends)
            if not known.any():
                continue
            width = min(bases.shape[1], len(coarse))
            z = (bases[:, -width:] @ coarse[-width:].astype(np.float32)).reshape(-1, 6).astype(np.float64) ** 2
            one, two = z[:, 2] + z[:, 3], z[:, 4] + z[:, 5]
            whole = squares[np.minimum(lengths, len(coarse))] - z[:, 0] - z[:, 1] - NOISE_BELIEVED * rough * lengths
            fit[rows, k] = known * (one + two) / np.maximum(whole, one + two + FLOOR)
            fundamental[rows, k], second[rows, k] = known * one / lengths, known * two / lengths
            certain[rows, k] = known * one / (rough + FLOOR)
    return Energies(fit, fundamental, second, certain)


def _between(score: FloatArray, i: int) -> float:
    """Refine a maximum on the grid by a parabola through its neighbours."""
    hz = float(candidates()[i])
    if not 0 < i < len(score) - 1:
        return hz
    a, b, c = score[i - 1 : i + 2].tolist()
    curve = a - 2 * b + c
    return float(hz * RATIO ** (0.5 * (a - c) / curve if curve < 0 else 0.0))


def noise(channel: FloatArray) -> float:
    """Estimate the variance of white noise in the last 100 steps from what neighbours do not share; channel: (n,)."""
    recent = channel[-100:]
    if len(recent) < 8:
        return 0.0
    bent = recent[2:] - 2.0 * recent[1:-1] + recent[:-2]
    return float(bent @ bent) / len(bent) / 6.0


def basis(hz: float, n: int, step_s: float = SLOT_S) -> FloatArray:
    """Build the orthonormal columns 1, t, cos, sin, cos 2, sin 2 of one cadence over `n` steps: (n, 6)."""
    angle = 2 * np.pi * hz * step_s * (np.arange(n) - (n - 1))
    columns = (np.ones(n), angle, np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle))
    return np.linalg.qr(np.stack(columns, axis=1))[0]
