"""Force-sensitive resistors as they are: break force, hysteresis, curve, part spread, creep, temperature, noise.

    newtons -> less break force -> play operator -> plus creep -> curve -> x spread, temperature, noise -> siemens

Formulas and numbers are those of the domain facts C.4 and its sources, Interlink's guide foremost.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from qlmat.core.model import FloatArray

R_SCALE_OHM_N = 16_960.0  # hyperbola fitted to measured parts by the TAMS group, public data
R_FLOOR_OHM = 500.0
SPREAD_PIVOT_N = 30.0  # where a part's own exponent leaves its curve unchanged: the middle of a foot's range
CREEP_STATES = 9
CREEP_TAU_S = 3.16 * 10.0 ** (np.arange(CREEP_STATES) / 2.0)  # their sum follows log10(1 + t) within 4 % from 10 s on
LONGEST_KERNEL = 128  # grid points computed as one matrix product; its memory grows with the square
WARM_UP_C, WARM_UP_TAU_S = 8.0, 480.0  # a body warms the puck from 22 to 30 degrees, tau about 8 min: an estimate
NEWTONS_PER_GRAM = 0.00980665

Curve = Callable[[FloatArray], FloatArray]


def hyperbola(newtons: FloatArray) -> FloatArray:
    """Give siemens of the nominal part by R = R_S / F + R_0: power law and saturation in one."""
    return newtons / (R_SCALE_OHM_N + R_FLOOR_OHM * newtons)


def power_law(newtons: FloatArray) -> FloatArray:
    """Give siemens by R[kOhm] = 10^2.466 grams^-0.81, the fit to the FSR 400 catalogue; it never saturates."""
    grams = np.maximum(newtons, 0.0) / NEWTONS_PER_GRAM
    return np.asarray(grams**0.81 / (1000.0 * 10.0**2.466))


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What distinguishes the sensors of one board from the nominal curve, which is the default.

    Numbers hold for all, arrays (sensors,) give one for each. `creep_per_decade`: growth of conductance per factor of
    ten in time. `play_n` and `play_ratio`: half width and weight of the play operator; the loop is 2 x play_ratio x
    play_n high. `noise_ratio`: one sigma of each grid point.
    """

    break_n: FloatArray | float = 0.0
    gain_ratio: FloatArray | float = 1.0
    exponent: FloatArray | float = 1.0
    play_n: float = 8.0
    play_ratio: float = 0.0
    creep_per_decade: FloatArray | float = 0.0
    per_degree: FloatArray | float = 0.0
    noise_ratio: float = 0.0
    curve: Curve = field(default=hyperbola)

    @classmethod
    def drawn(cls, count: int, rng: np.random.Generator, spread: float = 0.06) -> "Parts":
        """Draw `count` parts of one batch (`spread` 0.06, mixed batches 0.15 to 0.20).

        Play: rocking moves some 33 N on a foot about 33 N, so half a quarter of that and 10 % of loop height.
        """
        return cls(
            break_n=rng.uniform(0.2, 1.0, count),
            gain_ratio=np.exp(rng.normal(0.0, spread, count)),
            exponent=1.0 + rng.normal(0.0, 0.03, count),
            play_ratio=0.2,
            creep_per_decade=rng.uniform(0.02, 0.06, count),
            per_degree=rng.normal(0.0, 0.003, count),
            noise_ratio=0.005,
        )


class FsrBank:
    """All sensors of a board on one time grid of `step_s`. Holds their memory: play and creep.

    `block(newtons)` of consecutive blocks gives what one long block gives, for equal random numbers.
    """

    def __init__(
        self, count: int, parts: Parts, step_s: float, rng: np.random.Generator | None = None, start_s: float = 0.0
    ) -> None:
        if parts.noise_ratio and rng is None:
            raise ValueError("Sensors with noise need a random generator: pass `rng`.")
        self._parts = parts
        self._step_s = step_s
        self._rng = rng
        self._count = count
        self._t_s = start_s
        self._start_s = start_s
        self._keep = np.exp(-step_s / CREEP_TAU_S)
        self._kernels: dict[int, FloatArray] = {}
        self.reset()

    def reset(self) -> None:
        """Forget all load there ever was."""
        self._play_n = np.zeros(self._count)
        self._creep_n = np.zeros((CREEP_STATES, self._count))
        self._t_s = self._start_s

    def block(self, newtons: FloatArray) -> FloatArray:
        """Turn forces (n, sensors) in N into conductance (n, sensors) in siemens and move on by n steps."""
        parts = self._parts
        pressed = self._hysteresis(np.maximum(newtons - parts.break_n, 0.0))
        felt = pressed + self._creep(pressed)
        shaped = SPREAD_PIVOT_N * (felt / SPREAD_PIVOT_N) ** parts.exponent
        siemens = parts.curve(shaped) * parts.gain_ratio * self._temperature_gain(len(newtons))
        if parts.noise_ratio and self._rng is not None:
            siemens = siemens * (1.0 + parts.noise_ratio * self._rng.standard_normal(siemens.shape))
        return np.asarray(siemens, dtype=np.float64)

    def _hysteresis(self, force_n: FloatArray) -> FloatArray:
        """Play operator: conductance is higher on the way down. The play closes where there is no force."""
        ratio = self._parts.play_ratio
        if not ratio:
            return force_n
        width = np.minimum(self._parts.play_n, force_n)
        low, high = force_n - width, force_n + width
        follower = np.empty_like(force_n)
        z = self._play_n
        for k in range(len(force_n)):
            z = np.minimum(np.maximum(z, low[k]), high[k])
            follower[k] = z
        self._play_n = z
        return (1.0 - ratio) * force_n + ratio * follower

    def _creep(self, force_n: FloatArray) -> FloatArray:
        """Nine first-order states for changing load; at constant force d log10(1 + t) of it.

        A part without load conducts nothing, however long it was loaded: what has crept fades with the force once that
        is below the mean state (our choice; the source gives constant load only).
        """
        if not np.any(self._parts.creep_per_decade):
            return np.zeros_like(force_n)
        pieces = [force_n[k : k + LONGEST_KERNEL] for k in range(0, len(force_n), LONGEST_KERNEL)]
        return np.concatenate([self._creep_piece(piece) for piece in pieces])

    def _creep_piece(self, force_n: FloatArray) -> FloatArray:
        n = len(force_n)
        decay = self._keep[:, None] ** np.arange(1, n + 1)  # (states, n)
        total = self._kernel(n) @ force_n + decay.T @ self._creep_n
        weights = (1.0 - self._keep)[:, None] * self._keep[:, None] ** np.arange(n - 1, -1, -1)
        self._creep_n = decay[:, -1:] * self._creep_n + weights @ force_n
        fade = np.minimum(1.0, force_n * CREEP_STATES / np.maximum(total, 1e-9))
        return np.asarray(self._parts.creep_per_decade / 2.0 * total * fade)

    def _kernel(self, n: int) -> FloatArray:
        """Give the matrix (n, n) that turns a block of force into the sum of all states, starting from none."""
        if n not in self._kernels:
            lag = np.subtract.outer(np.arange(n), np.arange(n))
            gains = [(1.0 - keep) * np.where(lag >= 0, keep ** np.maximum(lag, 0), 0.0) for keep in self._keep]
            self._kernels[n] = np.sum(gains, axis=0)
        return self._kernels[n]

    def _temperature_gain(self, n: int) -> FloatArray:
        t_s = self._t_s + self._step_s * np.arange(n)
        self._t_s += self._step_s * n
        degrees = WARM_UP_C * (1.0 - np.exp(-(t_s - self._start_s) / WARM_UP_TAU_S))
        return np.asarray(1.0 + degrees[:, None] * np.broadcast_to(self._parts.per_degree, self._count))
