"""A ball that is moved to another place goes on moving there: find the step and level what was before it.

A step of known time is one more unknown of a linear model, so each model tells at once how large the step most probably
was and how much better it explains the signal with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from qlmat.core.model import FloatArray
from qlmat.core.movement_models import IDLE, Models
from qlmat.core.movement_slots import SLOT_S

WITHIN_SLOTS = 6  # a ball is moved within half a second or so
LOOK_CYCLES = 1.6
LEAST_GAIN = 7.0  # log evidence
LEAST_SIZE = 0.6  # of the signal's size


@dataclass(frozen=True, slots=True)
class Step:
    """What lay `ago` slots back or more was lower by `size` than what came since."""

    ago: int
    size: float

    def older(self, slots: int) -> "Step":
        """Let slots pass."""
        return Step(self.ago + slots, self.size)


def levelled(values: FloatArray, steps: Sequence[Step]) -> FloatArray:
    """Raise what was before each step to the level after it: (n,) slots, oldest first.

    >>> levelled(np.array([0.0, 0.0, 5.0, 5.0]), [Step(ago=2, size=5.0)]).tolist()
    [5.0, 5.0, 5.0, 5.0]
    """
    if not steps:
        return values
    even = values.copy()
    for step in steps:
        even[: max(len(even) - step.ago, 0)] += step.size
    return even


def find_step(
    table: Models,
    values: FloatArray,
    samples: FloatArray,
    laid_over: Callable[[FloatArray, int], FloatArray | None],
    period_s: float,
) -> Step | None:
    """Look for a step in the last cycles of `values` (n,) slots, `samples` (m,) of which the models see.

    Two cycles of 5 s, and the ball put 3 to the side two seconds ago:

    >>> from qlmat.core.movement_follow import Follower
    >>> from qlmat.core.movement_models import models
    >>> values = np.sin(2 * np.pi * 0.2 * np.arange(120) * SLOT_S) + np.where(np.arange(120) >= 100, 3.0, 0.0)
    >>> table, rhythm = models(2.0), Follower(period_s=5.0, cycles=2.0)
    >>> samples = rhythm._laid_over(values, table.samples)
    >>> step = find_step(table, values, samples, rhythm._laid_over, 5.0)
    >>> abs(step.ago - 20) <= 2, abs(step.size - 3.0) < 0.5
    (True, True)
    """
    cycle, look = round(period_s / SLOT_S), round(LOOK_CYCLES * period_s / SLOT_S)
    if min(look, len(values) - cycle) < 2 * WITHIN_SLOTS:
        return None
    # What was not so a cycle ago shows a step against the swing; noise counts twice in it, so the swing itself as well.
    places = {_largest_jump(values[-look:]), _largest_jump((values[cycle:] - values[:-cycle])[-look:])}
    best_gain, best = LEAST_GAIN, None
    for ago in places:
        edge = laid_over((np.arange(len(values)) < len(values) - ago).astype(np.float64), table.samples)
        if edge is not None and edge.any():
            gain, size = _explained(table, samples, edge, period_s)
            if gain > best_gain:
                best_gain, best = gain, Step(ago, size)
    usual = float(np.sqrt(2.0 * (samples @ samples) / len(samples)))
    return None if best is None or abs(best.size) < LEAST_SIZE * usual else best


def _largest_jump(values: FloatArray) -> int:
    """Tell how many slots ago the values jumped most."""
    jumps = values[WITHIN_SLOTS:] - values[:-WITHIN_SLOTS]
    return len(values) - int(np.argmax(np.abs(jumps))) - WITHIN_SLOTS // 2


def _explained(table: Models, samples: FloatArray, edge: FloatArray, period_s: float) -> tuple[float, float]:
    """Say how much log evidence a step of the shape `edge` (m,) gains, and its most probable size."""
    priors = table.priors(period_s)
    signal, step = table.whitened(samples, len(priors))[IDLE:], table.whitened(edge, len(priors))[IDLE:]
    along, own, step_own = (np.add.reduce(each, axis=1) for each in (signal * step, signal * signal, step * step))
    left = np.maximum(own - along * along / step_own, 1e-12)
    without, with_step = (priors[IDLE:] - 0.5 * (table.samples - 1) * np.log(each) for each in (own, left))
    best = int(np.argmax(with_step))
    return float(with_step[best] - without.max()), -float(along[best] / step_own[best])
