"""What a movement may look like over the last five cycles: Gaussian models of the signal, counted in cycles.

The signal is laid over the cadence believed so far, twelve samples a cycle, so that one table serves 3 and 60 cycles a
minute. In these units it is modelled as

    offset + wander + Re[a(n) e^(-2 pi i n)] + harmonics,      n: cycles ago

where a(n) = 1 + what cadence and amplitude may do. Each model is a covariance, hence a fixed matrix: the most probable
a(n) is one product, and how well the model explains the signal (its evidence) another. Twenty-six models, four kinds of
disturbance times three kinds of rhythm and breathing at seven rates times two, compete at every look, and the
estimate is their weighted mean. So the window is never chosen: a steady rhythm is averaged over five cycles, a ramp is
bent, a rhythm that jitters is followed, and breathing on top is a tone of its own instead of a cadence that comes and
goes, because another model then explains the same samples better.
"""

from bisect import bisect_left
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from math import inf

import numpy as np
import numpy.typing as npt

from qlmat.core.model import FloatArray

SAMPLES = 12  # a cycle: four harmonics with room
SPANS = (1.25, 1.5, 2.0, 2.5, 3.5, 5.0)  # cycles looked at, as many as there have been
LONGEST = 5.0
KNOTS = 6  # a(n) is read at n = 0, 1, ... 5 cycles ago

# Of search over some 300 settings on tuning seeds 0-299 (docs/cadence.md); all in amplitudes of the movement.
_CADENCE = 0.12  # how wrong the cadence believed so far may be, ratio
OFFSET, _SLOPE = 3.0, 0.3  # of the baseline; the slope a cycle
_FOURTH = 0.1


@dataclass(frozen=True, slots=True)
class _Disturbance:
    """White noise a sample, random walk of baseline and amplitude a root-cycle, harmonics and how they change.

    `breaths`: breaths a cycle, 0 for none; the rate of breathing changes over a few breaths. `uneven`: how far cycles
    that differ can be read one by one under it.
    """

    noise: float
    wander: float
    amplitude: float
    second: float = 0.3
    third: float = 0.2
    changing: float = 0.3
    prior: float = 1.0
    breaths: float = 0.0
    uneven: float = 0.0


@dataclass(frozen=True, slots=True)
class _Rhythm:
    """Jitter of the period a root-cycle, steady change of cadence a cycle: ratios. `uneven`: 1 where cycles differ."""

    jitter: float
    change: float
    prior: float
    uneven: float = 0.0


_QUIET = _Disturbance(
    noise=0.07, wander=0.2, amplitude=0.08, second=0.12, third=0.06, changing=0.1, prior=0.1, uneven=1.0
)
_DISTURBANCES = (
    _QUIET,
    _Disturbance(noise=0.45, wander=0.2, amplitude=0.1),
    _Disturbance(noise=0.18, wander=1.1, amplitude=0.154, prior=0.6, uneven=0.4),
    _Disturbance(noise=0.24, wander=0.344, amplitude=0.08, second=0.82, third=0.3, prior=0.8),
)
_RHYTHMS = (
    _Rhythm(jitter=0.01, change=0.0, prior=0.2),
    _Rhythm(jitter=0.06, change=0.0, prior=1.0, uneven=1.0),
    _Rhythm(jitter=0.02, change=0.246, prior=0.3),
)
# Small priors: what begins as breathing on top may be a ramp, and a tone faster than the movement may pass for any
# waveform or change of cadence; five cycles of breathing leave no doubt. A tone near the cadence or far below is none.
_BREATHS = tuple(
    replace(_QUIET, breaths=breaths, prior=1e-2 if breaths < 1.0 else 1e-8)
    for breaths in (0.62, 0.70, 0.78, 1.3, 1.45, 1.62, 1.8)
)
_BREATH_RHYTHMS = (_Rhythm(jitter=0.02, change=0.0, prior=0.5), _Rhythm(jitter=0.02, change=0.246, prior=1.0))
_BREATH_SIZE, _BREATH_LIFE = 0.3, 6.0  # amplitudes of the movement; breaths after which the next are another rhythm
_UNEVEN, _UNEVEN_LIFE = 0.1, 0.4  # how much one swing differs from the next, amplitudes; for how many cycles
BREATH_HZ = 11 / 60, 22 / 60  # rates at rest (domain facts, C.4: 12 to 20 a minute), with room
_WANDERS = ((0.15, 0.5), (0.15, 1.3), (0.05, 3.0))  # noise a sample and wander a root-cycle of what has no rhythm
IDLE = len(_WANDERS)


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """All models over one span of n samples, newest first.

    Rows: first the `IDLE` models that only wander, then those of a rhythm, the breathing ones last and ascending.
    `whiten`: (rows * n, n), its products squared and summed give how surprising the samples are. `log_prior`: (rows,)
    prior less half the log determinant. `gain`: (2 * (rows - IDLE) * knots, n) real, then imaginary parts of a at the
    knots. `spread`: (rows - IDLE,) variance of the last cycle's phase in rad^2 when the signal is as the model says.
    `breaths`: breaths a cycle of the last rows. `uneven`: (rows - IDLE,) how far cycles that differ are what it means.
    """

    samples: int
    knots: int
    whiten: npt.NDArray[np.float32]
    log_prior: FloatArray
    gain: FloatArray
    spread: FloatArray
    breaths: tuple[float, ...]
    uneven: FloatArray

    def priors(self, period_s: float) -> FloatArray:
        """Give the log priors of the rows up to the fastest breathing possible when a cycle takes `period_s`.

        Nobody breathes 0.7 times in half a second; in three seconds one does:

        >>> table = models(2.0)
        >>> [int(np.isfinite(table.priors(period_s)).sum()) for period_s in (0.5, 3.0)]
        [15, 21]
        """
        slow, fast = (bisect_left(self.breaths, hz * period_s) for hz in BREATH_HZ)
        return _priors(self, slow, fast)

    def whitened(self, samples: FloatArray, rows: int) -> npt.NDArray[np.float32]:
        """Take from samples (n,) what the first models expect: (rows, n).

        >>> table = models(2.0)
        >>> table.whitened(np.ones(24), rows=3).shape
        (3, 24)
        """
        n = self.samples  # single precision: a Pi Zero's cache holds half a megabyte
        return (self.whiten[: rows * n] @ samples.astype(np.float32)).reshape(rows, n)


@cache
def _priors(table: Models, slow: int, fast: int) -> FloatArray:
    """Leave out breathing that is slower than the first `slow` rates and faster than the first `fast`."""
    first = len(table.log_prior) - len(table.breaths)
    priors = table.log_prior[: first + fast].copy()
    priors[first : first + slow] = -inf
    priors.flags.writeable = False
    return priors


@cache
def models(span: float) -> Models:
    """Build the models over one of `SPANS`; the result is kept.

    >>> table = models(2.0)
    >>> table.samples, table.knots, table.whiten.shape
    (24, 3, (696, 24))
    """
    n = round(span * SAMPLES)
    ago = (np.arange(n) + 0.5) / SAMPLES
    knots = np.arange(int(span) + 1, dtype=np.float64)
    pairs = [*product(_DISTURBANCES, _RHYTHMS), *product(_BREATHS, _BREATH_RHYTHMS)]
    parts = [_one(d, r, ago, knots) for d, r in pairs]
    idle = [_whitened(_baseline(wander, ago) + noise**2 * np.eye(n)) for noise, wander in _WANDERS]
    prior = np.log([1.0] * len(idle) + [d.prior * r.prior for d, r in pairs])
    factors, logs = zip(*idle, *(part[:2] for part in parts), strict=True)
    return Models(
        samples=n,
        knots=len(knots),
        whiten=np.concatenate(factors).astype(np.float32),
        log_prior=prior - 0.5 * np.array(logs),
        gain=np.concatenate([part[k] for k in (2, 3) for part in parts]),
        spread=np.array([part[4] for part in parts]),
        breaths=tuple(d.breaths for d, _ in pairs if d.breaths),
        uneven=np.array([d.uneven * r.uneven for d, r in pairs]),
    )


def _one(
    d: _Disturbance, r: _Rhythm, ago: FloatArray, knots: FloatArray
) -> tuple[FloatArray, float, FloatArray, FloatArray, float]:
    turn = np.exp(-2j * np.pi * ago)
    changing = _changing(d, r, ago, ago)
    covariance = (1.0 + changing) * np.outer(turn, turn.conj()).real
    for harmonic, size in ((2, d.second), (3, d.third), (4, _FOURTH)):
        fast = turn**harmonic
        covariance += size**2 * (1.0 + d.changing * harmonic**2 * changing) * np.outer(fast, fast.conj()).real
    covariance += _baseline(d.wander, ago) + d.noise**2 * np.eye(len(ago))
    if d.breaths:
        breaths = d.breaths * np.abs(ago[:, None] - ago)
        covariance += _BREATH_SIZE**2 * np.cos(2 * np.pi * breaths) * np.exp(-breaths / _BREATH_LIFE)
    inverse = np.linalg.inv(covariance)
    factor, log_determinant = _whitened(covariance)
    toward = 1.0 + _changing(d, r, knots, ago)
    real, imaginary = (toward * turn.real) @ inverse, (-toward * turn.imag) @ inverse
    left = 1.0 + _changing(d, r, knots[:2], knots[:2]) - imaginary[:2] @ (-toward[:2] * turn.imag).T
    spread = float(left[0, 0] + left[1, 1] - 2 * left[0, 1])
    return factor, log_determinant, real, imaginary, max(spread, 1e-6)


def _baseline(wander: float, ago: FloatArray) -> FloatArray:
    centred = ago - ago.mean()
    line = OFFSET**2 + _SLOPE**2 * np.outer(centred, centred)
    return np.asarray(line + wander**2 * np.minimum.outer(ago, ago))


def _whitened(covariance: FloatArray) -> tuple[FloatArray, float]:
    """Give the factor that makes such a signal white, and the log determinant."""
    factor = np.linalg.cholesky(np.linalg.inv(covariance)).T
    return factor, float(np.linalg.slogdet(covariance)[1])


def _changing(d: _Disturbance, r: _Rhythm, a: FloatArray, b: FloatArray) -> FloatArray:
    """Give the covariance of a(n) about its value now: cadence off, walking, changing; amplitude walking."""
    walk = (2 * np.pi * r.jitter) ** 2 + d.amplitude**2
    off = (2 * np.pi * _CADENCE) ** 2 * np.outer(a, b) + (np.pi * r.change) ** 2 * np.outer(a**2, b**2)
    uneven = _UNEVEN**2 * np.exp(-np.abs(np.subtract.outer(a, b)) / _UNEVEN_LIFE)
    return np.asarray(off + walk * np.minimum.outer(a, b) + uneven)


def weigh(table: Models, unit: FloatArray, period_s: float = inf) -> tuple[FloatArray, FloatArray, float]:
    """Weigh the models by their evidence on samples (n,) of unknown size; the period tells which breathing is possible.

    Give their weights, the surprise a sample in the samples' unit squared, and the log odds of the best rhythm against
    the best that only wanders; breathing on top is no reason to believe in one.

    A steady wave of any size is explained by a rhythm, a ramp by wandering:

    >>> table = models(3.5)
    >>> ago = (np.arange(table.samples) + 0.5) / SAMPLES
    >>> weights, surprise, log_odds = weigh(table, 7.0 * np.sin(2 * np.pi * ago))
    >>> len(weights), round(float(weights.sum()), 6), log_odds > 10
    (26, 1.0, True)
    >>> weigh(table, 7.0 * (ago - ago.mean()))[2] < 0
    True
    """
    priors = table.priors(period_s)
    residual = table.whitened(unit, len(priors))
    surprise = np.einsum("ij,ij->i", residual, residual).astype(np.float64) / table.samples
    evidence = priors - 0.5 * (table.samples - 1) * np.log(surprise)
    rhythmic, plain = evidence[IDLE:], len(table.log_prior) - len(table.breaths)
    weights = np.exp(rhythmic - rhythmic[rhythmic.argmax()])  # a third of what max() costs
    log_odds = max(evidence[IDLE:plain].tolist()) - max(evidence[:IDLE].tolist())
    return weights / np.add.reduce(weights), surprise[IDLE:], log_odds
