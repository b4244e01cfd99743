"""A ball that is moved to another place goes on moving there: find the step and level what was before it.

A step of known time is one more unknown of a linear model, so each model tells at once how large the step most probably
was and how much better it explains the signal with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from qlmat.core.model import FloatArray
from qlmat.core.movement_models import Models
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
    recent = values[-round(LOOK_CYCLES * period_s / SLOT_S) :]
    if len(recent) < 2 * WITHIN_SLOTS:
        return None
    jumps = recent[WITHIN_SLOTS:] - recent[:-WITHIN_SLOTS]
    ago = len(recent) - int(np.argmax(np.abs(jumps))) - WITHIN_SLOTS // 2
    before = np.zeros(len(values))
    before[: len(before) - ago] = 1.0
    edge = laid_over(before, table.samples)
    if edge is None:
        return None
    signal, step = table.whiten @ samples, table.whiten @ edge
    along = np.einsum("ij,ij->i", signal, step)
    own, step_own = np.einsum("ij,ij->i", signal, signal), np.einsum("ij,ij->i", step, step)
    left = np.maximum(own - along * along / np.maximum(step_own, 1e-12), 1e-12)
    half = 0.5 * (table.samples - 1)
    without, with_step = table.log_prior - half * np.log(own), table.log_prior - half * np.log(left)
    best = int(np.argmax(with_step))
    size = -float(along[best] / step_own[best])
    usual = float(np.sqrt(2.0 * (samples @ samples) / len(samples)))
    if with_step[best] - without.max() < LEAST_GAIN or abs(size) < LEAST_SIZE * usual:
        return None
    return Step(ago, size)
