"""A tenth of a second at a time: irregular frames in, an even history of both pads out.

A frame arrives whenever the board manages; everything after this file wants equal steps. Frames of one slot are
reduced to a median (few frames) or the mean of the middle third (many), which drops spikes of one or two frames.
Plain floats only: numpy costs more than the work until a whole history is looked at.
"""

from array import array
from collections.abc import Sequence
from itertools import pairwise
from math import floor

import numpy as np

from qlmat.core.model import Contact, Contacts, FloatArray

SLOT_S = 0.1  # 60 cycles a minute still has ten slots a cycle
HISTORY = 600  # slots: a minute, two periods at 3 cycles a minute
MAX_BRIDGE = 30  # slots: a gap of up to 3 s is bridged by a straight line, a longer one starts afresh
COLUMNS = 6  # left force, x, y, then right

_FEW = 8


def robust(values: Sequence[float]) -> float:
    """Reduce a slot's values, of which there is at least one, to one that no single spike can move.

    >>> robust([1.0, 1.1, 50.0])
    1.1
    """
    n = len(values)
    ordered = sorted(values)
    if n < _FEW:
        return ordered[n // 2] if n % 2 else 0.5 * (ordered[n // 2 - 1] + ordered[n // 2])
    low, high = n // 3, n - n // 3
    return sum(ordered[low:high]) / (high - low)


def filled(values: FloatArray, real: FloatArray, period: int) -> FloatArray:
    """Replace each stretch that is not real, (n,) slots, by what was `period` slots earlier, bent to meet both ends.

    >>> values, real = np.array([0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 0.0, -1.0]), np.array([1.0] * 5 + [0.0] + [1.0] * 2)
    >>> filled(values, real, period=4).tolist()
    [0.0, 1.0, 0.0, -1.0, 0.0, 1.0, 0.0, -1.0]
    """
    real = real[-len(values) :]
    if real.all():
        return values
    even = values.copy()
    edges = np.flatnonzero(np.diff(real))
    for before, last in pairwise(edges.tolist()):
        after = last + 1
        if real[before + 1] or before < period or after - before - 1 < 2 * (period > 4):
            continue
        at = np.arange(before, after + 1)
        earlier = even[at - period]
        even[at] = earlier + np.interp(at, (before, after), (even[before] - earlier[0], even[after] - earlier[-1]))
    return even


def _reduced(pads: Sequence[Contact], last: Sequence[float]) -> tuple[bool, list[float]]:
    """Tell whether one pad was touched, and reduce its frames to force, x and y.

    No place while nothing rests on the pad, no force of a sensor that is not trusted: both stay as they were `last`.
    """
    if not (pads[0].touching or pads[-1].touching):
        return False, [last[0] if pads[-1].force_n is None else 0.0, *last[1:]]
    forces, places = [], []
    for contact in pads:
        if contact.force_n is not None:
            forces.append(contact.force_n)
            if contact.cop_mm is not None:
                places.append(contact.cop_mm)
    force_n = robust(forces) if forces else last[0]
    return True, [force_n, *(map(robust, zip(*places, strict=True)) if places else last[1:])]


class Slots:
    """The last minute of both pads in steps of 0.1 s; `values`: (length, 6) force, x, y of left, then of right.

    An untouched pad counts as 0 N and keeps the last place of its load; an absent one is bridged like a gap.

    Frames as they come, half a slot late at times; the slot of 0.1 s is the median of its frames:

    >>> from qlmat.core.model import NO_CONTACT
    >>> slots = Slots()
    >>> for t_s, force_n in ((0.0, 80.0), (0.03, 300.0), (0.07, 82.0), (0.12, 90.0), (0.21, 90.0)):
    ...     closed = slots.add(Contacts(t_s, Contact(force_n, (5.0, 0.0), True), NO_CONTACT))
    >>> slots.values[:, :2].tolist(), closed
    ([[82.0, 5.0], [90.0, 5.0]], 1)
    """

    def __init__(self) -> None:
        self._numbers = array("d", bytes(8 * COLUMNS * 2 * HISTORY))
        self._ring = np.frombuffer(self._numbers).reshape(COLUMNS, 2 * HISTORY)  # the same memory: numpy writes slowly
        self._real = np.zeros(2 * HISTORY)
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._end = 0
        self.length = 0
        self.whole = 0  # slots since the last that was bridged
        self._slot: int | None = None
        self._edge_s = -1e300  # the end of the open slot
        self._last_t_s = -1e300
        self.touched = False, False  # which pads were, in the slot closed last
        self._open: list[Contacts] = []
        self.last = [0.0] * COLUMNS  # the row written last
        self._gap = 0

    @property
    def values(self) -> FloatArray:
        """(length, 6): oldest first."""
        return self._ring[:, self._end - self.length : self._end].T

    @property
    def real(self) -> FloatArray:
        """(length,): 1 where a frame fell into the slot, 0 where it was bridged."""
        return self._real[self._end - self.length : self._end]

    @property
    def end_t_s(self) -> float:
        """The end of the newest closed slot, seconds."""
        return 0.0 if self._slot is None else self._slot * SLOT_S

    def add(self, contacts: Contacts) -> int:
        """Take one frame; return how many slots it closed. A stamp that does not increase is dropped."""
        t_s = contacts.t_s
        if self._last_t_s < t_s < self._edge_s:
            self._last_t_s = t_s
            self._open.append(contacts)
            return 0
        if not t_s > self._last_t_s:
            if t_s < self._last_t_s - 1.0:  # the clock itself went back: nothing before is comparable
                self.reset()
            else:
                return 0
        self._last_t_s = t_s
        slot = floor(t_s / SLOT_S)
        closed = 0
        if self._slot is not None and slot != self._slot:
            closed = self._close(slot - self._slot)
        self._slot, self._edge_s = slot, (slot + 1) * SLOT_S
        self._open.append(contacts)
        return closed

    def _close(self, steps: int) -> int:
        """Write the open slot and bridge the empty ones before it; `steps` since it was opened."""
        _, lefts, rights = zip(*self._open, strict=True)
        left_touched, left = _reduced(lefts, self.last[:3])
        right_touched, right = _reduced(rights, self.last[3:])
        self._open = []
        self.touched = left_touched, right_touched
        row = left + right
        if self._gap:
            self._bridge(row)
        self._write(row, 1.0)
        self.last = row
        self._gap = steps - 1
        return steps

    def _bridge(self, row: list[float]) -> None:
        missing = self._gap
        if missing > MAX_BRIDGE:
            self.length = self.whole = 0
            return
        for k in range(1, missing + 1):
            w = k / (missing + 1)
            self._write([a + w * (b - a) for a, b in zip(self.last, row, strict=True)], 0.0)

    def _write(self, row: list[float], real: float) -> None:
        if self._end == 2 * HISTORY:
            self._ring[:, :HISTORY] = self._ring[:, HISTORY:]
            self._real[:HISTORY] = self._real[HISTORY:]
            self._end = HISTORY
        self._numbers[self._end :: 2 * HISTORY] = array("d", row)
        self._real[self._end] = real
        self._end += 1
        self.whole = self.whole + 1 if real else 0
        if self.length < HISTORY:
            self.length += 1
