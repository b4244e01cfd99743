"""Follow a rhythm once it is found: lay the signal over the cadence believed so far and ask the models what is off.

The last full cycle is what is reported: the time in which the phase of the fundamental advanced by one turn.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from math import atan2, exp, hypot, pi, sqrt

import numpy as np

from qlmat.core.model import FloatArray
from qlmat.core.movement_models import LONGEST, SAMPLES, SPANS, Models, models, weigh
from qlmat.core.movement_path import last_cycle
from qlmat.core.movement_slots import HISTORY, SLOT_S
from qlmat.core.movement_step import Step, find_step, levelled

SHORTEST_S, LONGEST_S = 60 / 80, 60 / 2.5  # periods that can be told: 2.5 to 80 cycles a minute
BEND_RATE = 0.35  # part of the curvature seen that is taken over per cycle
BEND_LEAK = 0.15  # a cycle
BEND_MOST = 0.35  # a cycle: from 10 to 30 a minute in 45 s begins with 0.27
MOST_CHANGE = 1.2  # how far one look may move the period at first
SETTLED_CYCLES = 2.0
MOST_SLOWER, MOST_FASTER, LEAST_LIMIT = 0.4, 1.0, 0.02  # then: what 0.6 of the cadence, or twice it, comes to
LEAST_SD_RATIO = 0.018  # people change within a cycle too: with it two sigma hold 92 % or more
LEAST_WEIGHT = 1e-2
ODDS_LOST = 6.0  # a fall of the odds that may be the ball moved to another place
STEP_CYCLES = 1.8
GROWN, MOST_STEP = 1.6, 1.8  # in amplitudes: a movement that begins on top of a small one is no step of it
CLEARER_ODDS = 3.0
STEADILY, LEAST_BEND = 50.0, 0.01  # who goes on getting faster or slower is not uneven: of 0.03 a cycle nothing is left
LEAST_TRUST, PATH_KNOTS, MOST_UNEVEN = 0.05, 3, 0.15  # weight, phases at whole cycles, ratio
_AGO = np.arange(round(LONGEST * SAMPLES) + 1) / SAMPLES
_ONES = np.ones(SAMPLES)  # a product costs a quarter of a sum
_SLOT_EDGES = np.arange(HISTORY + 1, dtype=np.float64)


@dataclass(slots=True)
class Follower:
    """The rhythm of one channel: its period over the last cycle, and how many cycles it has been followed.

    `bend`: growth of the period per cycle into the past, ratio. `amplitude`: root two of the effective value over the
    last cycle, in the channel's unit. `phase`: cycles since the last maximum of the fundamental. `sd_ratio`: one sigma
    of the cadence over itself. `log_odds`: how much better a rhythm explains the signal than mere wandering does.
    `uneven`: the last cycle as it is told over `period_s`, by which the signal is laid over.

    A rhythm of 12 a minute, believed to be 13 at first:

    >>> values = np.sin(2 * np.pi * 0.2 * np.arange(400) * SLOT_S)
    >>> follower = Follower(period_s=60 / 13, cycles=1.25)
    >>> for end in range(100, 400, 4):
    ...     follower.go_on(0.4)
    ...     follower.follow(values[:end], 0.4)
    >>> round(60 * follower.hz, 1), round(follower.amplitude, 1)
    (12.0, 1.0)
    """

    period_s: float
    cycles: float
    bend: float = 0.0
    amplitude: float = 0.0
    phase: float = 0.0
    sd_ratio: float = 0.1
    log_odds: float = 0.0
    usual_odds: float = 0.0
    uneven: float = 1.0
    steps: list[Step] = field(default_factory=list)

    @property
    def hz(self) -> float:
        """The cadence over the last full cycle."""
        return 1.0 / (self.period_s * self.uneven)

    def go_on(self, passed_s: float) -> None:
        """Let time pass: the rhythm goes on changing as it did."""
        share = passed_s / self.period_s
        self.cycles += share
        self.phase += share
        ratio = exp(-self.bend * share)
        self.period_s = min(max(self.period_s * ratio, SHORTEST_S), LONGEST_S)
        self.bend = min(max(self.bend * ratio * ratio, -BEND_MOST), BEND_MOST)  # as much a second, not a cycle

    def follow(self, values: FloatArray, passed_s: float) -> None:
        """Look at the channel's slots (n,), newest last, `passed_s` after the last look."""
        if self.steps:
            self.steps = [step.older(round(passed_s / SLOT_S)) for step in self.steps if step.ago < len(values)]
        table = _models(min(self.cycles + 0.1, len(values) * SLOT_S / self._seconds(1.0)))
        even = levelled(values, self.steps)
        samples = self._laid_over(even, table.samples)
        if samples is None:
            return
        weights, surprise, self.log_odds = weigh(table, samples, self.period_s)
        if self.log_odds < self.usual_odds - ODDS_LOST and self.cycles > STEP_CYCLES:
            mended = self._mended(table, even, samples)
            if mended is not None:
                samples = mended
                weights, surprise, self.log_odds = weigh(table, samples, self.period_s)
        if not passed_s:
            self.usual_odds = self.log_odds
        self.usual_odds += (self.log_odds - self.usual_odds) * min(1.0, passed_s / self.period_s)
        ago = self._take(table, samples, weights, surprise)
        self._look_again(table, values, weights, ago)
        self._turn(ago, passed_s / self.period_s)

    def clearer_in(self, values: FloatArray) -> bool:
        """Go over to another channel (n,), in gates, when it shows this rhythm more clearly; tell whether it did."""
        table = _models(self.cycles)
        samples = self._laid_over(values, table.samples)
        if samples is None or _amplitude(samples) < 1.0:
            return False
        log_odds = weigh(table, samples, self.period_s)[2]
        if log_odds < self.log_odds + CLEARER_ODDS:
            return False
        self.amplitude, self.log_odds, self.usual_odds, self.steps = _amplitude(samples), log_odds, log_odds, []
        return True

    def _mended(self, table: Models, even: FloatArray, samples: FloatArray) -> FloatArray | None:
        """Level a step that explains why the odds fell; not when what moves has grown, which no step does."""
        found = find_step(table, even, samples, self._laid_over, self.period_s)
        if found is None or abs(found.size) > MOST_STEP * self.amplitude:
            return None
        mended = self._laid_over(levelled(even, [found]), table.samples)
        if mended is None or _amplitude(mended) > GROWN * self.amplitude:
            return None
        self.steps.append(found)
        return mended

    def _seconds(self, cycles: float) -> float:
        """Give how long ago `cycles` cycles were."""
        if abs(self.bend) < 1e-6:
            return self._newest_s * cycles
        return self._newest_s / self.bend * (exp(self.bend * cycles) - 1.0)

    @property
    def _newest_s(self) -> float:
        """The period right now, when the last cycle took `period_s` and each is longer by `bend` than the next."""
        return self.period_s if abs(self.bend) < 1e-6 else self.period_s * self.bend / (exp(self.bend) - 1.0)

    def _slots_ago(self, ago: FloatArray) -> FloatArray:
        """Give how many slots ago `ago` cycles (n,) were."""
        if abs(self.bend) < 1e-6:
            return ago * (self.period_s / SLOT_S)
        return np.asarray((np.exp(self.bend * ago) - 1.0) * (self._newest_s / self.bend / SLOT_S))

    def _own_slots_ago(self, cycles: FloatArray, ago: list[float]) -> FloatArray:
        """Likewise along the path of its own: the phase at whole cycles was found to be `ago` beyond these."""
        return self._slots_ago(cycles + np.interp(cycles, [k - beyond for k, beyond in enumerate(ago)], ago))

    def _laid_over(self, values: FloatArray, n: int) -> FloatArray | None:
        """Average the slots between edges a twelfth of a cycle apart: (n,) newest first, without their mean."""
        return _between(values, self._slots_ago(_AGO[: n + 1]))

    def _take(self, table: Models, samples: FloatArray, weights: FloatArray, surprise: FloatArray) -> list[float]:
        """Read phase, amplitude and doubt; give how far the phase at whole cycles ago is beyond these, cycles."""
        matter = np.flatnonzero(weights > LEAST_WEIGHT)  # of thirty models a handful
        weights = weights[matter] / np.add.reduce(weights[matter])
        parts = (table.gain @ samples).reshape(2, -1, table.knots)[:, matter]
        phases = np.arctan2(parts[1], parts[0]) / (2 * pi)
        advances = phases[:, 1:] - phases[:, :-1]  # beyond one cycle, from knot to knot
        advances -= np.rint(advances)
        ago = [0.0, *accumulate((weights @ advances).tolist())]
        real, imaginary = (parts[:, :, 0] @ weights).tolist()
        self.phase = atan2(imaginary, real) / (2 * pi)
        self.amplitude = _amplitude(samples)
        size = max(hypot(real, imaginary), 1e-9)
        within = float(weights @ (table.spread[matter] * surprise[matter])) / (2 * pi * size) ** 2
        apart = float(weights @ np.square(advances[:, 0] - ago[1]))
        self.sd_ratio = sqrt(within + apart + LEAST_SD_RATIO**2)
        return ago

    def _look_again(self, table: Models, values: FloatArray, weights: FloatArray, ago: list[float]) -> None:
        """Lay the signal over the phases just found where cycles differ, and read the last one from these."""
        self.uneven = 1.0
        trust = float(weights @ table.uneven[: len(weights)]) - STEADILY * max(abs(self.bend) - LEAST_BEND, 0.0)
        if trust < LEAST_TRUST or len(ago) < PATH_KNOTS:
            return
        edges = self._own_slots_ago(_AGO[: table.samples + 1], ago)
        samples = _between(levelled(values, self.steps), edges)
        if samples is not None:
            longer = last_cycle(samples, edges, self.phase) * SLOT_S / self._seconds(1.0 + ago[1]) - 1.0
            self.uneven += min(trust, 1.0) * min(max(longer, -MOST_UNEVEN), MOST_UNEVEN)

    def _turn(self, ago: list[float], share: float) -> None:
        """Take over cadence and its change from the phases at whole cycles ago, `share` of a cycle after the last."""
        longer, shorter = MOST_CHANGE, 1.0 / MOST_CHANGE
        if self.cycles > SETTLED_CYCLES:  # only `share` of the last cycle is new
            longer, shorter = 1.0 + max(MOST_SLOWER * share, LEAST_LIMIT), 1.0 - max(MOST_FASTER * share, LEAST_LIMIT)
        period_s = self._seconds(min(max(1.0 + ago[1], 0.6), 1.6))
        period_s = min(max(period_s, shorter * self.period_s), longer * self.period_s)
        bend = self.bend * (1 - BEND_LEAK * share) + min(1.0, BEND_RATE * share) * _curvature(ago)
        self.bend = min(max(bend, -BEND_MOST), BEND_MOST)
        self.period_s = min(max(period_s, SHORTEST_S), LONGEST_S)


def _models(cycles: float) -> Models:
    """Give the models of the longest span within `cycles`, or of the shortest."""
    return models(SPANS[max(bisect_right(SPANS, cycles) - 1, 0)])


def _between(values: FloatArray, edges: FloatArray) -> FloatArray | None:
    """Average slots (m,), newest last, between edges (n + 1,) slots ago: (n,) newest first, without their mean."""
    whole = int(edges[-1]) + 2
    recent = values[: -whole - 1 : -1]
    if len(recent) < edges[-1] - 1.0 or not len(recent):
        return None
    sums = np.empty(len(recent) + 1)
    sums[0] = 0.0
    np.add.accumulate(recent, out=sums[1:])
    at = np.interp(edges, _SLOT_EDGES[: len(sums)], sums)
    samples = (at[1:] - at[:-1]) / (edges[1:] - edges[:-1])
    return np.asarray(samples - np.add.reduce(samples) / len(samples))


def _amplitude(samples: FloatArray) -> float:
    """Give root two of the effective value over the last cycle."""
    newest = samples[:SAMPLES]
    mean = float(newest @ _ONES) / SAMPLES
    return sqrt(max(2.0 * (float(newest @ newest) / SAMPLES - mean * mean), 0.0))


def _parabola(n: int) -> list[float]:
    """Give the weights whose sum of products with n values is the second derivative of the parabola through them."""
    x = np.arange(n) - (n - 1) / 2
    square = x * x - float(x @ x) / n
    return [float(value) for value in 2.0 * square / (square @ square)]


_SQUARES = {n: _parabola(n) for n in range(3, round(LONGEST) + 2)}


def _curvature(phases: list[float]) -> float:
    """Fit a parabola through the phases at whole cycles ago; give its second derivative."""
    n = len(phases)
    if n < 3:
        return 0.0
    return sum(weight * phase for weight, phase in zip(_SQUARES[n], phases, strict=True))
