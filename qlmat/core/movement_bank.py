"""Find a rhythm out of nothing: least squares of a line and two harmonics, for every cadence at once.

A window that is as long as the movement asks for (1.25 or 2.2 periods of the cadence in question) answers after
the same number of cycles at 6 and at 60 a minute; a window in seconds is too long for one and too short for the other.
The bases are made once, orthonormal, so that a matrix product gives the energy that each cadence explains. A slow
cadence is looked at in coarser steps, 9 to 18 a period: that averages noise away and keeps the matrices so small that
no linear algebra library starts threads for them.
"""

from dataclasses import dataclass
from functools import cache
from math import sqrt

import numpy as np
import numpy.typing as npt

from qlmat.core.model import FloatArray
from qlmat.core.movement_slots import SLOT_S

LOWEST_HZ = 2.6 / 60  # the slowest person on record rolled the knees 3.0 times a minute
HIGHEST_HZ = 80 / 60
RATIO = 1.05  # step between candidates: a window of 2.2 periods is some 20 % wide
SPANS = (1.25, 2.2)  # periods: the shortest that is well conditioned, and the working one
LEAST_STEPS = 9.0  # of the signal a period
FLOOR = 1e-12
LEAST_SHARE = 0.3  # of what both harmonics explain, carried by the fundamental
WORKING_FIT, SHORT_FIT = 0.8, 0.85  # part of what a line leaves, noise from step to step not counted
RHYTHMIC_FIT = 0.7
NOISE_BELIEVED = 0.8
CERTAIN = 25.0  # white noise alone reaches it with e^-12.5 at one cadence
_PARTS = np.array([[1.0, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0], [0, 0, 1, 1, 1, 1]])  # the line, one harmonic, both


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
class Energies:
    """What each candidate explains, (channels, spans, candidates).

    `one`, `both`: energy of the first harmonic and of both. `whole`: what a line leaves, noise from step to step not
    counted, and never less than `both`. `fundamental`: that of the first harmonic a step, 0 where there is not enough
    history. `certain`: where white noise alone would not give as much.
    """

    one: FloatArray
    both: FloatArray
    whole: FloatArray
    fundamental: FloatArray
    certain: npt.NDArray[np.bool_]


@cache
def candidates() -> FloatArray:
    """List the cadences tried, in Hz, ascending.

    >>> hz = candidates()
    >>> len(hz), round(60 * float(hz[0]), 1), round(float(hz[1] / hz[0]), 2)
    (71, 2.6, 1.05)
    """
    count = int(np.floor(np.log(HIGHEST_HZ / LOWEST_HZ) / np.log(RATIO))) + 1
    return np.asarray(LOWEST_HZ * np.power(RATIO, np.arange(count, dtype=np.float64)))


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The bases of all candidates, by octave so that each octave has its own step; newest step first.

    `steps`: (octaves, 1) slots a step. `ends`: (octaves, widest + 1) slots ago at which steps end. `bases`: (octaves,
    places * spans * 6, widest), zero beyond a span. `lengths`: (spans, candidates) in steps, `slots` in slots,
    `believed` the part of that many steps' noise that is believed. Where to find a candidate: `octave`: (candidates,).
    `columns`: (6, spans, candidates) among the products with all bases. `oldest`: (spans, candidates) its oldest step
    among those of all octaves.
    """

    steps: FloatArray
    ends: npt.NDArray[np.intp]
    bases: npt.NDArray[np.float32]
    lengths: FloatArray
    believed: FloatArray
    slots: npt.NDArray[np.intp]
    octave: npt.NDArray[np.intp]
    columns: npt.NDArray[np.intp]
    oldest: npt.NDArray[np.intp]


@cache
def table() -> Table:
    """Build the bases; the result is kept.

    >>> table().bases.shape  # octaves, rows, steps
    (5, 216, 39)
    """
    hz = candidates()
    power = np.maximum(np.floor(np.log2(1 / hz / SLOT_S / LEAST_STEPS)), 0.0).astype(np.intp)
    step = 2**power
    place = np.array([int(np.sum(power[:i] == power[i])) for i in range(len(hz))], dtype=np.intp)
    lengths = np.array([np.round(span / hz / SLOT_S / step) for span in SPANS]).astype(np.intp)
    shape = (int(power.max()) + 1, int(place.max()) + 1, len(SPANS), 6)
    bases = np.zeros((*shape, int(lengths.max())), dtype=np.float32)
    for k, i in np.ndindex(lengths.shape):
        n = int(lengths[k, i])
        bases[power[i], place[i], k, :, :n] = basis(float(hz[i]), n, float(step[i]) * SLOT_S).T[:, ::-1]
    steps = 2 ** np.arange(shape[0], dtype=np.intp)
    ends = steps[:, None] * np.arange(bases.shape[-1] + 1, dtype=np.intp)
    columns = np.arange(bases[..., 0].size).reshape(shape)[power, place].transpose(2, 1, 0)
    oldest = power * bases.shape[-1] + lengths - 1
    return Table(
        steps=steps[:, None].astype(np.float64),
        ends=ends,
        bases=bases.reshape(shape[0], -1, bases.shape[-1]),
        lengths=lengths.astype(np.float64),
        believed=NOISE_BELIEVED * lengths.astype(np.float64),
        slots=lengths * step,
        octave=power,
        columns=np.ascontiguousarray(columns),
        oldest=oldest,
    )


def search(channels: FloatArray) -> list[Rhythm | None]:
    """Find the cadence of the newest movement in each row of `channels`: (channels, n) slots; None where none repeats.

    The working window is taken when all of it is movement, else the short one.

    >>> t_s = np.arange(120) * 0.1
    >>> found, = search(3 * np.sin(2 * np.pi * 0.25 * t_s)[None])
    >>> round(60 * found.hz, 1), round(found.amplitude, 1), found.periods
    (14.8, 2.9, 2.2)
    """
    e = energies(channels)
    rhythmic = e.fundamental * (e.both > RHYTHMIC_FIT * e.whole)  # a press or a shift is louder, but repeats nothing
    loud = 0.5 * np.maximum.reduce(rhythmic, axis=2, keepdims=True) + FLOOR
    power = np.minimum(e.fundamental, loud) / loud  # kills arcs that short windows see
    share = np.minimum(e.both, e.one / LEAST_SHARE)  # kills half the true cadence
    score = share / e.whole * power * e.certain
    best = score.argmax(axis=2).tolist()
    return [_chosen(e, score, each, channel) for channel, each in enumerate(best)]


def _chosen(e: Energies, score: FloatArray, best: list[int], channel: int) -> Rhythm | None:
    for span, least in ((1, WORKING_FIT), (0, SHORT_FIT)):
        i = best[span]
        at = channel, span, i
        if score[at] >= least:
            amplitude = sqrt(2 * e.both[at] / table().lengths[span, i])
            return Rhythm(_between(score[channel, span], i), amplitude, float(e.both[at] / e.whole[at]), SPANS[span])
    return None


def energies(channels: FloatArray) -> Energies:
    """Fit every candidate to the newest slots of `channels`: (channels, n).

    A rhythm of 15 a minute over twelve seconds: the candidate that explains most, and how much of it:

    >>> t_s = np.arange(120) * 0.1
    >>> found = energies(3 * np.sin(2 * np.pi * 0.25 * t_s)[None])
    >>> best = int(found.fundamental[0, 1].argmax())
    >>> bool(abs(60 * candidates()[best] - 15) < 0.8), bool(found.both[0, 1, best] > 0.95 * found.whole[0, 1, best])
    (True, True)
    """
    bank = table()
    count, n = channels.shape
    sums = np.zeros((count, n + 1))
    np.add.accumulate(channels[:, ::-1] - channels[:, -1:], axis=1, out=sums[:, 1:])
    at = sums.take(bank.ends, axis=1, mode="clip")
    coarse = (at[..., 1:] - at[..., :-1]) / bank.steps  # (channels, octaves, steps)
    squares = np.add.accumulate(coarse * coarse, axis=2).reshape(count, -1)
    rough = noise(coarse, n).take(bank.octave, axis=1)[:, None]
    z = (bank.bases @ coarse.astype(np.float32)[..., None]).reshape(count, -1).take(bank.columns, axis=1)
    z2 = np.square(z, dtype=np.float64).reshape(count, 6, -1)
    line, one, both = (_PARTS @ z2).reshape(count, 3, *bank.slots.shape).swapaxes(0, 1)
    left = squares.take(bank.oldest, axis=1) - line - rough * bank.believed
    fundamental = one * ((bank.slots <= n) / bank.lengths)
    return Energies(one, both, np.maximum(left, both + FLOOR), fundamental, one > CERTAIN * (rough + FLOOR))


def _between(score: FloatArray, i: int) -> float:
    """Refine a maximum on the grid by a parabola through its neighbours."""
    hz = float(candidates()[i])
    if not 0 < i < len(score) - 1:
        return hz
    a, b, c = score[i - 1 : i + 2].tolist()
    curve = a - 2 * b + c
    return float(hz * RATIO ** (0.5 * (a - c) / curve if curve < 0 else 0.0))


def noise(coarse: FloatArray, slots: int) -> FloatArray:
    """Estimate the variance of white noise from what neighbours do not share: (channels, octaves).

    `coarse`: (channels, octaves, steps), of which those in the newest `slots` are real.

    >>> white = np.random.default_rng(1).normal(0.0, 2.0, (1, 1, 1000))
    >>> bool(abs(noise(white, 1000)[0, 0] - 4.0) < 0.5)
    True
    """
    slope = coarse[..., 1:] - coarse[..., :-1]
    bent = slope[..., 1:] - slope[..., :-1]
    last, scale = _known(*bent.shape[1:], slots)
    squares = np.add.accumulate(bent * bent, axis=2).reshape(len(bent), -1)
    return np.asarray(squares.take(last, axis=1) * scale)


@cache
def _known(octaves: int, bends: int, slots: int) -> tuple[npt.NDArray[np.intp], FloatArray]:
    """Say which bend of each octave is the last that `slots` reach, and what turns their sum into a variance."""
    octave = np.arange(octaves)
    count = np.clip((slots >> octave) - 2, 1, bends)
    return octave * bends + count - 1, 1.0 / (6.0 * count)


def basis(hz: float, n: int, step_s: float = SLOT_S) -> FloatArray:
    """Build the orthonormal columns 1, t, cos, sin, cos 2, sin 2 of one cadence over `n` steps: (n, 6).

    >>> columns = basis(hz=0.25, n=50)
    >>> columns.shape, bool(np.allclose(columns.T @ columns, np.eye(6)))
    ((50, 6), True)
    """
    angle = 2 * np.pi * hz * step_s * (np.arange(n) - (n - 1))
    columns = (np.ones(n), angle, np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle))
    return np.linalg.qr(np.stack(columns, axis=1))[0]
