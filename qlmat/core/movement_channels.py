"""What may move: the load's place to the side, its place along the body, and the force; on one pad or on both.

One pad: its own centre of pressure and force. Both pads loaded, as under knees that roll: one wide pad, whose lateral
centre of pressure carries the movement even when each pad is lifted half of the time, while the sum of all force rises
twice a cycle (right for half of the people only, twice the cadence for the rest).
"""

from collections.abc import Sequence
from math import hypot
from typing import Literal, NamedTuple

import numpy as np

from qlmat.core.model import FloatArray, Side
from qlmat.core.movement_slots import HISTORY, Slots

Source = Literal["across", "force", "along"]
PAD_OFFSET_MM = 90.0  # from the spine to a pad's centre: a pad is 150 mm wide and they do not overlap
PRESENCE_SLOTS = 120  # 12 s: rolling knees lift a pad for half a period of up to 20 s, a ball taken away stays away
SHARE_RATIO = 0.08  # a second pad with less than this part of the other's load says nothing
LEVEL_SLOTS = 100
ACROSS_GATE_MM = 3.0  # amplitude below which travel of the centre of pressure is breathing or fidgeting
ALONG_GATE_MM = 3.0  # breathing moves it along the body by 1 mm or so
BEND_GATE_RATIO = 0.042  # amplitude of force over its mean, likewise (cadence facts, section 2)
BEND_GATE_N = 10.5  # breathing under the ball moves 2 to 8 N (domain facts, C.4), parts read up to 25 % off
CALM_RATIO, CALM_GATE_N = 1.6, 7.5  # one breath is up to 1.4 of the calmest before it on seeds 0-59; never below this
CALM_SLOTS, CALM_RISE, CALM_FALL = 60, 0.0025, 0.05  # 6 s hold a breath; parts a decision: breathing grows slowly
BEND_SURE_RATIO = 0.3  # nobody breathes a third of the load away
EDGE_MM = 50.0  # a load this far out stands on one foot: a plate on three feet no longer tells force and place
HEAVY_N = 350.0, 450.0  # from here on a foot may be near its contact resistance, where 1 mV is 1 % of the force
_ONES = np.ones(LEVEL_SLOTS)


class Channels(NamedTuple):
    """The histories (n,) of what may move, oldest first, and the amplitude of force that is certainly movement.

    >>> x_mm, y_mm, force_n = np.array([[0.0, 6.0, 3.0], [0.0, 0.0, 1.5], [90.0, 101.0, 80.0]])
    >>> channels = Channels("left", False, x_mm, y_mm, force_n, gate_n=10.0)
    >>> channels.signal("across").tolist(), channels.signal("force", newest=1).tolist()
    ([0.0, 2.0, 1.0], [8.0])
    """

    side: Side
    wide: bool
    x_mm: FloatArray
    y_mm: FloatArray
    force_n: FloatArray
    gate_n: float

    def signal(self, source: Source, newest: int = HISTORY) -> FloatArray:
        """Give the newest slots of one channel in gates: 1 is the amplitude that is certainly movement."""
        if source == "force":
            return self.force_n[-newest:] / self.gate_n
        if source == "across":
            return self.x_mm[-newest:] / ACROSS_GATE_MM
        return self.y_mm[-newest:] / ALONG_GATE_MM


class Presence:
    """Which pads count: touched within the last seconds, and heavy enough beside the other.

    >>> from qlmat.core.model import NO_CONTACT, Contact, Contacts
    >>> presence, slots = Presence(), Slots()
    >>> for i in range(50):
    ...     if closed := slots.add(Contacts(i * 0.1, Contact(90.0, (4.0, 0.0), True), NO_CONTACT)):
    ...         presence.passed(closed, slots.touched)
    >>> channels = presence.channels(slots)
    >>> channels.side, channels.wide, float(channels.x_mm[-1])
    ('left', False, 4.0)
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget every touch."""
        self._slot = 0
        self._touched = [-PRESENCE_SLOTS, -PRESENCE_SLOTS]
        self._since = 0
        self._side: Side | None = None
        self._calm_n: float | None = None

    def passed(self, slots: int, touched: tuple[bool, bool]) -> None:
        """Let slots pass, in the first of which the pads were touched or not."""
        for pad, touching in enumerate(touched):
            if touching:
                self._touched[pad] = self._slot
        self._slot += slots

    def channels(self, slots: Slots) -> Channels | None:
        """Choose pads and make their channels; None while nothing rests on the mat."""
        left_at, right_at = self._touched
        left_here, right_here = self._slot - left_at < PRESENCE_SLOTS, self._slot - right_at < PRESENCE_SLOTS
        if not (left_here or right_here) or not slots.length:
            self._since = self._slot + 1  # the slot of the first touch is half a step
            self._side, self._calm_n = None, None
            return None
        v = slots.values[-max(self._slot - self._since, 1) :]
        if not (left_here and right_here):
            self._side = "left" if left_here else "right"
            return _one(v, self._side, slots.last, self._calm_n)
        left, right = _level(v[:, 0]), _level(v[:, 3])
        if self._side is None or (right if self._side == "left" else left) > 2.0 * (
            left if self._side == "left" else right
        ):
            self._side = "left" if left >= right else "right"
        if min(left, right) > SHARE_RATIO * max(left, right):
            return _both(v, self._side)
        return _one(v, self._side, slots.last, self._calm_n)

    def note_calm(self, force_n: FloatArray) -> None:
        """Learn from force (n,) while nothing moves how much breathing shows of it: half from lowest to highest."""
        if len(force_n) < 2 * CALM_SLOTS:
            return
        now_n = 0.5 * spread(force_n[-CALM_SLOTS:])
        if self._calm_n is None:
            self._calm_n = now_n
        self._calm_n += (now_n - self._calm_n) * (CALM_RISE if now_n > self._calm_n else CALM_FALL)


def spread(values: FloatArray) -> float:
    """Give the distance from the lowest to the highest of (n,) values.

    >>> spread(np.array([3.0, -1.0, 2.0]))
    4.0
    """
    return float(values[values.argmax()] - values[values.argmin()])  # a third of what a maximum and a minimum cost


def _level(force_n: FloatArray) -> float:
    newest = force_n[-LEVEL_SLOTS:]
    return float(newest.dot(_ONES[: len(newest)])) / len(newest)  # half of what np.add.reduce costs


def bend_gate_n(level_n: float, edge: bool = False, calm_n: float | None = None) -> float:
    """Say how large the amplitude of force must be, in N, to be no breathing and no noise; less where rest is calm.

    >>> bend_gate_n(10.0), bend_gate_n(100.0), round(bend_gate_n(350.0), 1), bend_gate_n(450.0)
    (3.0, 10.5, 14.7, 135.0)
    >>> bend_gate_n(100.0, calm_n=5.0), bend_gate_n(100.0, calm_n=1.0)
    (8.0, 7.5)
    """
    breath_n = BEND_GATE_N if calm_n is None else min(max(CALM_RATIO * calm_n, CALM_GATE_N), BEND_GATE_N)
    heavy = 1.0 if edge else min(max((level_n - HEAVY_N[0]) / (HEAVY_N[1] - HEAVY_N[0]), 0.0), 1.0)
    ratio = BEND_GATE_RATIO + heavy * (BEND_SURE_RATIO - BEND_GATE_RATIO)
    return max(ratio * level_n, min(breath_n, BEND_SURE_RATIO * level_n))


def _one(v: FloatArray, side: Side, last: Sequence[float], calm_n: float | None) -> Channels:
    """Make the channels of one pad alone; `last`: the newest row of `v`, in plain floats."""
    at = 0 if side == "left" else 3
    edge = hypot(last[at + 1], last[at + 2]) > EDGE_MM
    force_n = v[:, at]
    gate_n = bend_gate_n(max(_level(force_n), 1e-3), edge, calm_n)
    return Channels(side, False, v[:, at + 1], v[:, at + 2], force_n, gate_n)


def _both(v: FloatArray, side: Side) -> Channels:
    """Make one wide pad of two: the lateral centre of pressure of everything that rests on them."""
    left, right = v[:, 0], v[:, 3]
    total = left + right
    level_n = max(float(np.partition(total, -(len(total) // 4) - 1)[-(len(total) // 4) - 1]), 1e-3)
    divisor = np.maximum(total, 0.3 * level_n)  # between two rolls nothing may rest on either pad
    x_mm = (left * (v[:, 1] - PAD_OFFSET_MM) + right * (v[:, 4] + PAD_OFFSET_MM)) / divisor
    y_mm = (left * v[:, 2] + right * v[:, 5]) / divisor
    return Channels(side, True, x_mm, y_mm, total, bend_gate_n(level_n))
