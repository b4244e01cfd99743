"""Look at the last cycles once more, along their own path: nobody's cycles are all alike.

The models see the signal laid over an even cadence, where a cycle that took longer than the others is out of step. Once
they have told the phases at whole cycles, the signal is laid over those instead. Little is left to find then, and with
the phase known to a few degrees what comes late is told from what is large: n cycles ago, at phase p now,

    (1 + uneven(n)) cos(2 pi (p - n)) - late(n) sin(2 pi (p - n)) + wander + harmonics.

Cycles of one person vary about a mean, so lateness is counted against an even cadence over all that is seen.
"""

from dataclasses import dataclass
from functools import cache
from math import pi, sqrt

import numpy as np

from qlmat.core.model import FloatArray
from qlmat.core.movement_models import LONGEST, OFFSET, SAMPLES

# Of search on tuning seeds 0-199; in amplitudes, cycles and radians.
_JITTER = 0.065  # of the period a root-cycle
_CADENCE = 0.03  # how far the mean cadence may be off, ratio
_FIRST = 1.0  # rad: how far the phase now may be off
_UNEVEN, _UNEVEN_LIFE, _AMPLITUDE = 0.15, 0.4, 0.08  # of one swing, for how many cycles; walk a root-cycle
_WANDER, _NOISE = 0.27, 0.1
_HARMONICS = ((2, 0.1), (3, 0.03), (4, 0.02))
_TURNS = SAMPLES // 2  # phases told apart in half a cycle; the other half is the same upside down
_READ = 17  # edges: a last cycle that is a third longer than believed ends within them
_EVEN = 2 * pi / SAMPLES * np.arange(LONGEST * SAMPLES + 1)  # rad


@dataclass(frozen=True, slots=True, eq=False)
class _Path:
    """`gain`: (_READ, n), its product with what was seen is the lateness at the newest edges; `sine`: (n,), halved."""

    gain: FloatArray
    sine: FloatArray


@cache
def paths(n: int) -> tuple[_Path, ...]:
    """Build one table for `n` samples at each phase; the result is kept.

    >>> len(paths(24)), paths(24)[0].gain.shape
    (6, (17, 24))
    """
    ago, edges = (np.arange(n) + 0.5) / SAMPLES, np.arange(_READ) / SAMPLES
    apart, nearer = np.abs(np.subtract.outer(ago, ago)), np.minimum.outer(ago, ago)
    size = 1.0 + _AMPLITUDE**2 * nearer + _UNEVEN**2 * np.exp(-apart / _UNEVEN_LIFE)
    other = OFFSET**2 + _WANDER**2 * nearer + _NOISE**2 * np.eye(n)
    for harmonic, amplitude in _HARMONICS:
        other = other + amplitude**2 * np.cos(2 * pi * harmonic * apart)
    late, found = _late(ago, ago), _late(edges, ago)
    built = []
    for turned in range(_TURNS):
        angle = 2 * pi * (turned / SAMPLES - ago)
        cosine, sine = np.cos(angle), np.sin(angle)
        covariance = size * np.outer(cosine, cosine) + late * np.outer(sine, sine) + other
        built.append(_Path(np.linalg.solve(covariance, (-found * sine).T).T, 0.5 * sine))
    return tuple(built)


def _late(a: FloatArray, b: FloatArray) -> FloatArray:
    """Give the covariance of lateness, rad^2, between cycles ago `a` and `b`."""
    walk = (2 * pi * _JITTER) ** 2 * np.minimum.outer(a, b)
    return np.asarray(_FIRST**2 + (2 * pi * _CADENCE) ** 2 * np.outer(a, b) + walk)


def last_cycle(samples: FloatArray, edges: FloatArray, phase: float) -> float:
    """Say how long the last full cycle was, in the unit of `edges`.

    `edges`: (n + 1,) times ago at which the movement is believed to have been a twelfth of a cycle further back each;
    `samples`: (n,) the signal between them, without its mean; `phase`: cycles since the last maximum.

    Four cycles of ten slots and then one of eleven; that its end came late may be wander in part:

    >>> edges = np.concatenate((np.arange(12) * 11 / 12, 11 + np.arange(49) * 10 / 12))
    >>> samples = np.diff(np.sin(2 * np.pi * np.arange(61) / 12))  # a cosine between twelfths, at its maximum now
    >>> round(last_cycle(samples, edges, phase=0.0), 1)
    10.6
    """
    n = len(samples)
    upside, turned = divmod(round(SAMPLES * phase) % SAMPLES, _TURNS)
    path = paths(n)[turned]
    late = edges * (2 * pi * n / SAMPLES / edges[-1]) - _EVEN[: n + 1]
    size = max(sqrt(2.0 * float(samples @ samples) / n), 1e-9) * (-1.0 if upside else 1.0)
    seen = samples / size - (late[1:] + late[:-1]) * path.sine
    gone = _EVEN[:_READ] + late[:_READ] - path.gain @ seen
    return float(np.interp(2 * pi, np.maximum.accumulate(gone - gone[0]), edges[:_READ]))
