"""Textbook methods that follow a 10 Hz stream: zero crossings with hysteresis, sliding DFT, frequency-locked loop."""

from collections import deque
from math import cos, exp, hypot, isnan, nan, pi, sin, sqrt
from typing import Protocol

from qlmat.core.movement_slots import SLOT_S


class Online(Protocol):
    """One value in; `hz` NaN when there is no movement, `count` cycles so far, NaN when it does not count."""

    hz: float
    count: float

    def feed(self, value: float) -> None:
        """Take the next slot."""
        ...


class _Centred:
    """A causal band-pass of one pole each side, and the effective value over the last seconds for the gate."""

    def __init__(self, gate: float, memory_s: float = 4.0) -> None:
        self._gate = gate
        self._slow = self._fast = self._power = nan
        self._keep_slow, self._keep_fast = exp(-SLOT_S * 2 * pi * 0.05), exp(-SLOT_S * 2 * pi * 1.5)
        self._keep_power = exp(-SLOT_S / memory_s)

    def feed(self, value: float) -> float:
        """Take a value; give it without its slow part."""
        if isnan(self._slow):
            self._slow, self._fast, self._power = value, value, 0.0
        self._fast += (1 - self._keep_fast) * (value - self._fast)
        self._slow += (1 - self._keep_slow) * (value - self._slow)
        centred = self._fast - self._slow
        self._power += (1 - self._keep_power) * (centred * centred - self._power)
        return centred

    @property
    def rms(self) -> float:
        """Effective value of what moves."""
        return sqrt(self._power)

    @property
    def open(self) -> bool:
        """Whether there is enough movement to speak of."""
        return self.rms > self._gate


class ZeroCrossing:
    """Rising crossings with hysteresis; the cadence is that of the last two cycles."""

    def __init__(self, gate: float) -> None:
        self._in = _Centred(gate)
        self._low = False
        self._times: deque[float] = deque(maxlen=3)
        self._now = 0.0
        self.hz, self.count = nan, 0.0

    def feed(self, value: float) -> None:
        """Take the next slot."""
        self._now += SLOT_S
        centred = self._in.feed(value)
        level = 0.4 * self._in.rms
        if centred < -level:
            self._low = True
        elif centred > level and self._low:
            self._low = False
            self._times.append(self._now)
            self.count += self._in.open
        late = self._times and self._now - self._times[-1] > (1.5 / self.hz if self.hz > 0 else 12.0)
        if len(self._times) < 2 or late or not self._in.open:
            self.hz = nan
        else:
            self.hz = (len(self._times) - 1) / (self._times[-1] - self._times[0])


class SlidingDft:
    """Leaky DFT at 40 cadences, memory of three periods each; the strongest, refined by its phase's advance."""

    def __init__(self, gate: float) -> None:
        self._in = _Centred(gate)
        self._hz = [5 / 60 * 15.6 ** (k / 39) for k in range(40)]
        self._turn = [complex(cos(2 * pi * f * SLOT_S), sin(2 * pi * f * SLOT_S)) for f in self._hz]
        self._keep = [exp(-SLOT_S * f / 3.0) for f in self._hz]
        self._bins = [0j] * 40
        self.hz, self.count = nan, nan

    def feed(self, value: float) -> None:
        """Take the next slot."""
        centred = self._in.feed(value)
        before = self._bins
        self._bins = [
            keep * turn * b + (1 - keep) * centred for keep, turn, b in zip(self._keep, self._turn, before, strict=True)
        ]
        best = max(range(40), key=lambda k: abs(self._bins[k]))
        self.hz = self._hz[best] if self._in.open else nan


class SogiFll:
    """Second-order generalised integrator with a frequency-locked loop, gain normalised by amplitude."""

    def __init__(self, gate: float) -> None:
        self._in = _Centred(gate)
        self._a = self._b = 0.0
        self._w = 2 * pi * 0.3
        self.hz, self.count = nan, nan

    def feed(self, value: float) -> None:
        """Take the next slot, in ten steps."""
        centred = self._in.feed(value)
        for _ in range(10):
            step = SLOT_S / 10
            error = centred - self._a
            size = max(hypot(self._a, self._b), 0.3 * self._in.rms, 1e-9)
            self._w += step * -0.35 * self._w * error * self._b / (size * size)
            self._w = min(max(self._w, 2 * pi * 5 / 60), 2 * pi * 78 / 60)
            self._a += step * self._w * (1.0 * error - self._b)
            self._b += step * self._w * self._a
        self.hz = self._w / (2 * pi) if self._in.open else nan


ONLINE: dict[str, type[ZeroCrossing] | type[SlidingDft] | type[SogiFll]] = {
    "online_zero_crossing": ZeroCrossing,
    "online_sliding_dft": SlidingDft,
    "online_sogi_fll": SogiFll,
}
