"""What a movement may look like over the last five cycles: Gaussian models of the signal, counted in cycles.

The signal is laid over the cadence believed so far, twelve samples a cycle, so that one table serves 3 and 60 cycles a
minute. In these units it is modelled as

    offset + wander + Re[a(n) e^(-2 pi i n)] + harmonics,      n: cycles ago

where a(n) = 1 + what cadence and amplitude may do. Each model is a covariance, hence a fixed matrix: the most probable
a(n) is one product, and how well the model explains the signal (its evidence) another. Eighteen models, four kinds of
disturbance times three kinds of rhythm and breathing at three rates times two, compete at every decision, and the
estimate is their weighted mean. So the window is never chosen: a steady rhythm is averaged over five cycles, a ramp is
bent, a rhythm that jitters is followed, and breathing on top is a tone of its own instead of a cadence that comes and
goes, because another model then explains the same samples better.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product
from math import inf

import numpy as np

from qlmat.core.model import FloatArray

SAMPLES = 12  # a cycle: four harmonics with room
SPANS = (1.25, 1.5, 2.0, 2.5, 3.5, 5.0)  # cycles looked at, as many as there have been
LONGEST = 5.0
KNOTS = 6  # a(n) is read at n = 0, 1, ... 5 cycles ago

# Of random search over 160 settings on tuning seeds 0-11 (docs/cadence.md); all in amplitudes of the movement.
_CADENCE = 0.12  # how wrong the cadence believed so far may be, ratio
_OFFSET, _SLOPE = 3.0, 0.3  # of the baseline; the slope a cycle
_FOURTH = 0.1


@dataclass(frozen=True, slots=True)
class _Disturbance:
    """White noise a sample, random walk of baseline and amplitude a root-cycle, harmonics and how they change.

    `breaths`: breaths a cycle, 0 for none; the rate of breathing changes over a few breaths.
    """

    noise: float
    wander: float
    amplitude: float
    second: float = 0.3
    third: float = 0.2
    changing: float = 0.3
    prior: float = 1.0
    breaths: float = 0.0


@dataclass(frozen=True, slots=True)
class _Rhythm:
    """Jitter of the period a root-cycle and steady change of cadence a cycle, ratios."""

    jitter: float
    change: float
    prior: float


_DISTURBANCES = (
    _Disturbance(noise=0.115, wander=0.226, amplitude=0.076),
    _Disturbance(noise=0.45, wander=0.2, amplitude=0.1),
    _Disturbance(noise=0.23, wander=0.78, amplitude=0.154, prior=0.6),
    _Disturbance(noise=0.24, wander=0.344, amplitude=0.08, second=0.82, third=0.3, prior=0.8),
)
_RHYTHMS = (
    _Rhythm(jitter=0.01, change=0.0, prior=0.5),
    _Rhythm(jitter=0.06, change=0.0, prior=1.0),
    _Rhythm(jitter=0.02, change=0.246, prior=1.0),
)
# Slower breathing is a wandering baseline, faster is told from the cadence by its gate. A small prior: what begins as
# breathing on top may be a ramp, and five cycles of breathing leave no doubt.
_BREATHS = tuple(
    _Disturbance(noise=0.115, wander=0.226, amplitude=0.076, breaths=breaths, prior=1e-3)
    for breaths in (0.62, 0.70, 0.78)
)
_BREATH_RHYTHMS = (_Rhythm(jitter=0.02, change=0.0, prior=0.5), _Rhythm(jitter=0.02, change=0.246, prior=1.0))
_BREATH_SIZE, _BREATH_LIFE = 0.3, 4.0  # amplitudes of the movement; breaths after which the next are another rhythm
BREATH_HZ = 11 / 60, 22 / 60  # rates at rest (domain facts, C.4: 12 to 20 a minute), with room
_WANDERS = ((0.15, 0.5), (0.15, 1.3), (0.05, 3.0))  # noise a sample and wander a root-cycle of what has no rhythm


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """All models over one span of n samples, newest first.

    `whiten`: (models, n, n), its products squared and summed give how surprising the samples are. `log_prior`:
    (models,) prior less half the log determinant. `all_...`: these and after them those of signals that only wander.
    `gain`: (2 * models * knots, n) real then imaginary parts of a at the knots. `spread`: (models,) variance of the
    last cycle's phase in rad^2 when the signal is as the model says. `breaths`: breaths a cycle of the last models.
    """

    samples: int
    knots: int
    whiten: FloatArray
    log_prior: FloatArray
    all_whiten: FloatArray
    all_log_prior: FloatArray
    gain: FloatArray
    spread: FloatArray
    breaths: tuple[float, ...]


@cache
def models(span: float) -> Models:
    """Build the models over one of `SPANS`; the result is kept.

    >>> table = models(2.0)
    >>> table.samples, table.knots, table.whiten.shape
    (24, 3, (18, 24, 24))
    """
    n = round(span * SAMPLES)
    ago = (np.arange(n) + 0.5) / SAMPLES
    knots = np.arange(int(span) + 1, dtype=np.float64)
    pairs = [*product(_DISTURBANCES, _RHYTHMS), *product(_BREATHS, _BREATH_RHYTHMS)]
    parts = [_one(d, r, ago, knots) for d, r in pairs]
    idle = [_whitened(_baseline(wander, ago) + noise**2 * np.eye(n)) for noise, wander in _WANDERS]
    prior = np.log([d.prior * r.prior for d, r in pairs] + [1.0] * len(idle))
    whiten = np.stack([part[0] for part in parts] + [factor for factor, _ in idle])
    log_prior = prior - 0.5 * np.array([part[1] for part in parts] + [log for _, log in idle])
    return Models(
        samples=n,
        knots=len(knots),
        whiten=whiten[: len(pairs)],
        log_prior=log_prior[: len(pairs)],
        all_whiten=whiten,
        all_log_prior=log_prior,
        gain=np.concatenate([part[2] for part in parts] + [part[3] for part in parts]),
        spread=np.array([part[4] for part in parts]),
        breaths=tuple(d.breaths for d, _ in pairs if d.breaths),
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
    line = _OFFSET**2 + _SLOPE**2 * np.outer(centred, centred)
    return np.asarray(line + wander**2 * np.minimum.outer(ago, ago))


def _whitened(covariance: FloatArray) -> tuple[FloatArray, float]:
    """Give the factor that makes such a signal white, and the log determinant."""
    factor = np.linalg.cholesky(np.linalg.inv(covariance)).T
    return factor, float(np.linalg.slogdet(covariance)[1])


def _changing(d: _Disturbance, r: _Rhythm, a: FloatArray, b: FloatArray) -> FloatArray:
    """Give the covariance of a(n) about its value now: cadence off, walking, changing; amplitude walking."""
    walk = (2 * np.pi * r.jitter) ** 2 + d.amplitude**2
    off = (2 * np.pi * _CADENCE) ** 2 * np.outer(a, b) + (np.pi * r.change) ** 2 * np.outer(a**2, b**2)
    return np.asarray(off + walk * np.minimum.outer(a, b))


def weigh(table: Models, unit: FloatArray, period_s: float = inf) -> tuple[FloatArray, FloatArray, float]:
    """Weigh the models by their evidence on samples (n,) of unknown size; the period tells which breathing is possible.

    Give their weights, the surprise a sample in the samples' unit squared, and the log odds of the best of them against
    the best of those that only wander.

    A steady wave of any size is explained by a rhythm, a ramp by wandering:

    >>> table = models(3.5)
    >>> ago = (np.arange(table.samples) + 0.5) / SAMPLES
    >>> weights, surprise, log_odds = weigh(table, 7.0 * np.sin(2 * np.pi * ago))
    >>> len(weights), round(float(weights.sum()), 6), log_odds > 10
    (18, 1.0, True)
    >>> weigh(table, 7.0 * (ago - ago.mean()))[2] < 0
    True
    """
    residual = table.all_whiten @ unit
    surprise = np.add.reduce(residual * residual, axis=1) / table.samples
    evidence = table.all_log_prior - 0.5 * (table.samples - 1) * np.log(surprise)
    count = len(table.log_prior)
    log_weights = evidence[:count]
    for model, breaths in enumerate(table.breaths, count - len(table.breaths)):
        if not BREATH_HZ[0] <= breaths / period_s <= BREATH_HZ[1]:
            log_weights[model] = -inf
    best = float(np.maximum.reduce(log_weights))
    weights = np.exp(log_weights - best)
    return weights / np.add.reduce(weights), surprise[:count], best - float(np.maximum.reduce(evidence[count:]))
