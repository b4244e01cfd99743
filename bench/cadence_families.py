"""Bodies that move on the mat in seventeen ways, with the truth: what presses where, and the cadence at each instant.

Fourteen families move: rest, 40 s and 8 cycles or more, rest. Three never do. Odd seeds bend, even seeds rock. The
families and their figures are those of the facts file; sizes of force and travel are those of the domain facts (C.4).
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from qlmat.core.model import FloatArray, Kind, Side

GRID_HZ = 100.0
Rng = np.random.Generator


@dataclass(frozen=True, slots=True, eq=False)
class Bout:
    """One stretch of movement: when it begins and ends, and its phase in cycles on the grid between."""

    start_s: float
    end_s: float
    t_s: FloatArray
    phase: FloatArray

    @property
    def cycles(self) -> float:
        """How many cycles it has."""
        return float(self.phase[-1])

    def cadence_hz(self, t_s: float) -> float:
        """Give the cadence over the last full cycle before `t_s`; over what there is when it is less."""
        now = float(np.interp(t_s, self.t_s, self.phase))
        before = max(now - 1.0, 0.0)
        since_s = t_s - float(np.interp(before, self.phase, self.t_s))
        return (now - before) / max(since_s, 1e-9)

    def period_s(self, t_s: float) -> float:
        """Give the length of a cycle around `t_s`."""
        return 1.0 / self.cadence_hz(max(t_s, float(np.interp(1.0, self.phase, self.t_s))))


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """What one person does to one pad, on a grid of 100 Hz: force in N, place of the load in mm, and the truth."""

    family: str
    seed: int
    kind: Kind
    side: Side
    t_s: FloatArray
    force_n: FloatArray
    x_mm: FloatArray
    y_mm: FloatArray
    bouts: tuple[Bout, ...]
    spikes: float = 0.0  # a second
    missing: float = 0.0  # share of frames
    gaps: int = 0
    jitter_s: float = 0.0


@dataclass(slots=True)
class Plan:
    """What a family changes: its cadence over time, waveform, and what is added. Amplitude A is 1 throughout."""

    cadence: Callable[[FloatArray, float, Rng], FloatArray] | None = None
    period_jitter: float = 0.0
    amplitude_jitter: float = 0.0
    wave: str = "sine"
    decay_to: float = 1.0
    white: float = 0.0
    pink: float = 0.0
    drift: float = 0.0
    breathing: float = 0.0
    breathing_cpm: tuple[float, float] = (12.0, 20.0)
    cadence_cpm: tuple[float, float] = (6.0, 60.0)
    steps: int = 0
    fidgets: int = 0
    pauses: bool = False
    spikes: float = 0.0
    missing: float = 0.0
    gaps: int = 0
    jitter_s: float = 0.0
    moves: bool = True
    loaded: bool = True
    least_amplitude: float = 1.0


def _ramp(t_s: FloatArray, _: float, rng: Rng) -> FloatArray:
    """Go from 10 to 30 cycles a minute in 45 s, or back."""
    part = np.clip(t_s / 45.0, 0.0, 1.0)
    cpm = 10 + 20 * part if rng.random() < 0.5 else 30 - 20 * part
    return np.asarray(cpm / 60.0)


FAMILIES: dict[str, Plan] = {
    "clean": Plan(),
    "noisy": Plan(white=0.6, pink=0.15),
    "drift": Plan(drift=2.0),
    "decay": Plan(decay_to=0.45, least_amplitude=2.2),
    "ramp": Plan(cadence=_ramp),
    "pauses": Plan(pauses=True),
    "sawtooth": Plan(wave="sawtooth"),
    "harmonic2": Plan(wave="harmonic2"),
    "breathing": Plan(breathing=0.3, breathing_cpm=(15.0, 15.0), cadence_cpm=(19.0, 24.0)),
    "relocation": Plan(steps=3),
    "spikes": Plan(spikes=1.0),
    "missing": Plan(missing=0.2, gaps=4, jitter_s=0.006),
    "realistic": Plan(
        period_jitter=0.05,
        amplitude_jitter=0.15,
        white=0.15,
        pink=0.08,
        drift=0.6,
        breathing=0.1,
        steps=1,
        spikes=0.2,
        missing=0.05,
        gaps=1,
        jitter_s=0.003,
    ),
    "dwell": Plan(wave="dwell"),
    "rest+breathing": Plan(moves=False),
    "rest+fidgets": Plan(moves=False, fidgets=4),
    "empty": Plan(moves=False, loaded=False),
}
MOVING = tuple(name for name, plan in FAMILIES.items() if plan.moves)
RESTING = tuple(name for name, plan in FAMILIES.items() if not plan.moves)


def body(family: str, seed: int) -> Body:
    """Make one record; the same family and seed give the same record."""
    plan = FAMILIES[family]
    rng = np.random.default_rng([seed, sorted(FAMILIES).index(family)])
    kind: Kind = ("bend" if seed % 2 else "rock") if plan.moves else "still"
    side: Side = "left" if rng.random() < 0.5 else "right"
    rest_s = rng.uniform(10.0, 16.0, 2)
    bouts = _bouts(plan, float(rest_s[0]), rng) if plan.moves else ()
    end_s = bouts[-1].end_s + rest_s[1] if bouts else 75.0
    t_s = np.arange(0.0, end_s, 1 / GRID_HZ)
    swing, envelope = _swing(plan, bouts, t_s, rng)
    base_n = float(rng.uniform(60.0, 200.0))
    force_n, x_mm, y_mm = _pressed(plan, kind, swing, envelope, base_n, t_s, rng)
    breath = _breath(t_s, plan.breathing_cpm, rng)
    if plan.breathing == 0.0 or kind != "bend":
        force_n = force_n + rng.uniform(2.0, min(8.0, 0.08 * base_n)) * breath
    y_mm = y_mm + rng.uniform(0.0, 1.0) * breath
    force_n = force_n + np.cumsum(rng.normal(0.0, 0.5 / np.sqrt(GRID_HZ), len(t_s))) * 0.3
    if not plan.loaded:
        force_n = np.zeros_like(t_s)
    spread = np.array([plan.spikes, plan.missing, plan.gaps, plan.jitter_s])
    force_n = np.maximum(force_n, 0.0)
    return Body(
        family, seed, kind, side, t_s, force_n, x_mm, y_mm, bouts, spread[0], spread[1], int(spread[2]), spread[3]
    )


def _bouts(plan: Plan, start_s: float, rng: Rng) -> tuple[Bout, ...]:
    low, high = plan.cadence_cpm
    hz = float(np.exp(rng.uniform(np.log(low), np.log(high)))) / 60
    if not plan.pauses:
        least_s = max(40.0, 8.0 / hz) if plan.cadence is None else 45.0
        return (_bout(plan, start_s, hz, np.ceil(least_s * hz) if plan.cadence is None else None, least_s, rng),)
    bouts: list[Bout] = []
    moved_s, cycles = 0.0, 0.0
    while moved_s < 40.0 or cycles < 8.0:
        bout = _bout(plan, start_s, hz * float(np.exp(rng.normal(0, 0.1))), float(rng.integers(4, 13)), 0.0, rng)
        bouts.append(bout)
        moved_s, cycles = moved_s + bout.end_s - bout.start_s, cycles + bout.cycles
        start_s = bout.end_s + float(rng.uniform(5.0, 9.0))
    return tuple(bouts)


def _bout(plan: Plan, start_s: float, hz: float, cycles: float | None, least_s: float, rng: Rng) -> Bout:
    """Move `cycles` whole cycles, or as many as begin within `least_s`, and half a one more at times."""
    extra = 0.5 * float(rng.random() < 0.5)
    span_s = least_s * 1.5 + 20.0 if cycles is None else 1.6 * (cycles + 1) / hz
    t_s = np.arange(0.0, span_s, 1 / GRID_HZ)
    if plan.cadence is not None:
        rate = plan.cadence(t_s, hz, rng)
    elif plan.period_jitter:
        periods = np.exp(rng.normal(0.0, plan.period_jitter, int(2 * (cycles or 1)) + 20)) / hz
        rate = 1 / periods[np.searchsorted(np.cumsum(periods), t_s, side="right")]
    else:
        rate = np.full_like(t_s, hz)
    phase = np.concatenate(([0.0], np.cumsum(rate)[:-1])) / GRID_HZ
    wanted = (np.floor(np.interp(least_s, t_s, phase)) if cycles is None else cycles) + extra
    n = int(np.searchsorted(phase, wanted)) + 1
    return Bout(start_s, start_s + float(t_s[n - 1]), start_s + t_s[:n], phase[:n])


def _swing(plan: Plan, bouts: tuple[Bout, ...], t_s: FloatArray, rng: Rng) -> tuple[FloatArray, FloatArray]:
    """Give the movement with amplitude 1 on the grid (n,), and 1 where there is movement."""
    swing, envelope = np.zeros_like(t_s), np.zeros_like(t_s)
    shape = _shape(plan, rng)
    for bout in bouts:
        inside = (t_s >= bout.start_s) & (t_s <= bout.end_s)
        phase = np.interp(t_s[inside], bout.t_s, bout.phase)
        size = 1.0 - (1.0 - plan.decay_to) * (phase / bout.cycles)
        if plan.amplitude_jitter:
            sizes = 1.0 + rng.normal(0.0, plan.amplitude_jitter, int(2 * bout.cycles) + 3)
            size = size * sizes[np.minimum((2 * phase).astype(int), len(sizes) - 1)]
        swing[inside] = size * shape(phase)
        envelope[inside] = 1.0
    return swing, envelope


def _shape(plan: Plan, rng: Rng) -> Callable[[FloatArray], FloatArray]:
    """Give the waveform over phase in cycles; it starts at the middle."""
    sign = 1.0 if rng.random() < 0.5 else -1.0
    skew = float(rng.uniform(-0.3, 0.3))
    if plan.wave == "sawtooth":
        rise = float(rng.uniform(0.15, 0.28))
        return lambda p: sign * np.interp((p + rise / 2) % 1.0, [0.0, rise, 1.0], [-1.0, 1.0, -1.0])
    if plan.wave == "harmonic2":
        second, angle = float(rng.uniform(0.7, 1.1)), float(rng.uniform(0, 2 * np.pi))
        return lambda p: 0.6 * (np.sin(2 * np.pi * p) + second * (np.sin(4 * np.pi * p + angle) - np.sin(angle)))
    if plan.wave == "dwell":
        half = float(rng.uniform(0.30, 0.55)) / 2  # of a period at each end
        move = 0.5 - half
        knots = np.cumsum([0.0, move / 2, half, move, half, move / 2])
        return lambda p: sign * np.interp(p % 1.0, knots, [0.0, 1.0, 1.0, -1.0, -1.0, 0.0])
    return lambda p: sign * np.sin(2 * np.pi * p + skew * np.sin(2 * np.pi * p))


def _pressed(
    plan: Plan, kind: Kind, swing: FloatArray, envelope: FloatArray, base_n: float, t_s: FloatArray, rng: Rng
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Turn movement into force and place: rocking travels sideways and presses twice a cycle, bending presses."""
    added = _added(plan, t_s, rng)
    x0, y0 = rng.uniform(-6.0, 6.0, 2)
    cross = rng.uniform(-0.15, 0.15, 3)
    if kind == "bend":
        size_n = float(np.clip(rng.uniform(15.0, 45.0) * plan.least_amplitude**0.5, 15.0, 0.45 * base_n))
        if plan.least_amplitude > 1:
            size_n = max(size_n, 0.16 * base_n, 22.0)
        size_mm = float(rng.choice([0.0, rng.uniform(3.0, 9.0)]))
        force_n = base_n + size_n * (swing + added)
        return force_n, x0 + 8.0 * cross[0] * swing, y0 + size_mm * swing + 4.0 * cross[1] * added
    size_mm = float(rng.uniform(6.0 if plan.least_amplitude == 1 else 11.0, 16.0))
    twice = rng.uniform(0.0, 0.08) * base_n * (swing**2 - 0.5) * envelope
    force_n = base_n + twice + 0.5 * cross[0] * base_n * swing
    moved = added if kind == "rock" else _added(plan, t_s, rng)
    if kind == "still":
        force_n = force_n + rng.uniform(10.0, 40.0) * added
    return force_n, x0 + size_mm * (swing + moved), y0 + size_mm * cross[1] * (swing + moved)


def _added(plan: Plan, t_s: FloatArray, rng: Rng) -> FloatArray:
    """Sum what a family adds to the moving channel, in amplitudes of the movement."""
    n = len(t_s)
    total = np.zeros(n)
    if plan.white:  # as many frames as 50 Hz has, held for both grid steps
        total += np.repeat(rng.normal(0.0, plan.white, n // 2 + 1), 2)[:n]
    if plan.pink:
        spectrum = np.fft.rfft(rng.normal(size=n)) / np.sqrt(np.maximum(np.arange(n // 2 + 1), 1.0))
        pink = np.fft.irfft(spectrum, n)
        total += plan.pink * pink / pink.std()
    if plan.drift:
        walk = np.cumsum(rng.normal(size=n))
        total += plan.drift * (rng.uniform(-1, 1) * t_s / t_s[-1] + 0.5 * (walk - walk[0]) / np.ptp(walk))
    if plan.breathing:
        total += plan.breathing * _breath(t_s, plan.breathing_cpm, rng)
    for start_s in _spaced(plan.steps + plan.fidgets, t_s[-1], rng):
        total += rng.choice([-1.0, 1.0]) * rng.uniform(1.0, 3.0) * _shift(t_s, start_s, plan.fidgets > 0, rng)
    if plan.steps:  # the ball stays on the plate: 35 mm from its centre at most
        total = np.clip(total, -2.5, 2.5)
    return total


def _spaced(count: int, end_s: float, rng: Rng) -> FloatArray:
    edges = np.linspace(0.25 * end_s, 0.85 * end_s, count + 1)
    return np.asarray([rng.uniform(a, b) for a, b in pairwise(edges)])


def _shift(t_s: FloatArray, start_s: float, there_and_back: bool, rng: Rng) -> FloatArray:
    """Move once to another place within 0.3 to 0.8 s; a fidget may come back, or overshoot."""
    step = np.clip((t_s - start_s) / rng.uniform(0.3, 0.8), 0.0, 1.0)
    if there_and_back:
        back = np.clip((t_s - start_s - rng.uniform(0.8, 3.0)) / rng.uniform(0.3, 1.0), 0.0, 1.0)
        step = step - rng.choice([0.0, 0.3, 1.0, 1.3]) * back
    return np.asarray(step * step * (3 - 2 * np.abs(step)))


def _breath(t_s: FloatArray, cpm: tuple[float, float], rng: Rng) -> FloatArray:
    """Breathe with amplitude 1; each breath is its own length (8 %) unless the family fixes the rate."""
    hz = rng.uniform(*cpm) / 60
    jitter = 0.0 if cpm[0] == cpm[1] else 0.08
    periods = np.exp(rng.normal(0.0, jitter, int(t_s[-1] * hz * 2) + 10)) / hz
    starts = np.concatenate(([0.0], np.cumsum(periods)))
    phase = np.interp(t_s, starts, np.arange(len(starts))) + rng.random()
    return np.asarray(np.sin(2 * np.pi * phase))
