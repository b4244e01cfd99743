"""Tell what happens to the ball: placed, lifted off, slid, moved to another spot, put on bone.

Each is told once it is sure, up to some seconds late, with the time it began in `since_s`: a false alarm would be worse
than a late one. Thresholds come from the body model of the domain facts (C.4); those marked "ours" have no source.
"""

from collections import deque
from math import hypot
from typing import NamedTuple

from qlmat.core.model import SIDES, Contact, Contacts, Event, Side

SLOT_S = 0.1  # all is judged on means of a tenth of a second: the same from 10 frames a second up, later below
PLACED_S = 1.0  # a contact this long is no tap; ours
UNLOADED_N = 10.0  # a ball that is being shifted presses less than this, for 1 to 4 s (C.4)
LIFTED_S = 5.0  # longer than the longest shift, or than knees rolled wide leave one pad alone
AWAY_S = 6.0  # and what comes after so long is compared with nothing before
SUDDEN_S, SUDDEN_SLOTS = 0.3, 3  # a slip loses its force in less than 0.3 s (C.4)
FALL_RATIO = 0.4  # how much of it; ours
STAYS_RATIO = 0.7  # and stays below this part of what it was; ours
JUMP_MM = 15.0  # in 0.3 s: at 20 a minute a knee moves the centre by 15 mm in 0.5 s; ours
APART_MM = 10.0  # between two means; the dish lets the ball move some 30 mm; ours
MEAN_SLOTS = 60  # 6 s, about one cycle, so that rocking itself shifts no mean by as much
SLIPPED_S = 1.0  # gone at once and for so long: slipped, not lifted; ours
BONE_RISE_N, BONE_RISE_SLOTS = 40.0, 2  # a cough raises 30 to 60 N in 0.3 s (C.4); bone is stiffer; ours
BONE_HOLD_RATIO, BONE_HOLD_SLOTS = 0.7, 5  # and by then a cough is over; ours
BONE_OFF_AXIS_MM = 20.0  # on an edge the ball presses beside the plate's middle; ours


class BallWatch:
    """Follows the ball on both pads from their contacts, at any frame rate.

    A ball of 80 N stands 5 mm to the left, slips away at once, is put down 2 s later 15 mm to the right, and taken away
    in the end:

    >>> watch = BallWatch()
    >>> for frame in range(1500):
    ...     t_s = frame / 50
    ...     x_mm = None if 10.0 <= t_s < 12.0 or t_s > 20.0 else -5.0 if t_s < 10.0 else 15.0
    ...     pad = Contact(0.0, None, False) if x_mm is None else Contact(80.0, (x_mm, 0.0), True)
    ...     for event in watch.step(Contacts(t_s, pad, Contact(0.0, None, False))):
    ...         print(round(t_s, 2), event.name, event.side, round(event.detail["since_s"], 2))
    1.0 ball_placed left 0.0
    11.0 ball_slid left 10.0
    18.0 ball_moved left 10.0
    21.0 ball_slid left 20.0
    25.0 ball_lifted left 20.0
    """

    def __init__(self) -> None:
        """Start with nothing on either pad."""
        self.reset()

    def reset(self) -> None:
        """Forget the past."""
        self._left, self._right = (_Pad(side) for side in SIDES)

    def step(self, contacts: Contacts) -> tuple[Event, ...]:
        """Take one frame's contacts; return what became sure with it."""
        return self._left.step(contacts.t_s, contacts.left) + self._right.step(contacts.t_s, contacts.right)


class _Slot(NamedTuple):
    """A tenth of a second: mean force and centre; `loaded` when both mean something."""

    t_s: float
    force_n: float
    x_mm: float
    y_mm: float
    touching: bool

    @property
    def loaded(self) -> bool:
        return self.touching and self.force_n >= UNLOADED_N


class _Pad:
    """The ball on one pad."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._begin(0.0)
        self._ends_s = float("-inf")
        self._forget()
        self._placed = False

    def _forget(self) -> None:
        self._touching = False
        self._turned_s = 0.0  # since when it has been touching, or not
        self._past: deque[_Slot] = deque(maxlen=MEAN_SLOTS + SUDDEN_SLOTS)  # loaded slots without a break
        self._recent: deque[_Slot] = deque(maxlen=BONE_RISE_SLOTS + BONE_HOLD_SLOTS + 1)  # all slots
        self._before: _Slot | None = None  # the mean before a disturbance not yet judged
        self._disturbed_s = self._full_s = 0.0  # when it began, and when the force last was what it had been
        self._fell = self._unloaded = self._slipped = False
        self._empty_since_s: float | None = None

    def _begin(self, t_s: float) -> None:
        self._start_s = t_s
        self._frames = 0
        self._sum_n = self._sum_x = self._sum_y = 0.0
        self._all_touching = True

    def step(self, t_s: float, contact: Contact) -> tuple[Event, ...]:
        """Gather frames; judge whenever a slot is full."""
        told: tuple[Event, ...] = ()
        if t_s >= self._ends_s:
            if self._frames:
                told = self._judge(t_s, self._closed())
            if t_s - self._ends_s > AWAY_S:
                self._forget()  # after such a gap there is nothing to compare with
            self._begin(t_s)
            self._ends_s = t_s + SLOT_S - 1e-6
        if contact.force_n is not None:
            self._frames += 1
            self._sum_n += contact.force_n
            if contact.cop_mm is None:
                self._all_touching = False
            else:
                self._sum_x += contact.cop_mm[0]
                self._sum_y += contact.cop_mm[1]
        return told

    def _closed(self) -> _Slot:
        n = self._frames
        return _Slot(self._start_s, self._sum_n / n, self._sum_x / n, self._sum_y / n, self._all_touching)

    def _event(self, t_s: float, name: str, since_s: float, **detail: float) -> tuple[Event, ...]:
        return (Event(t_s, name, self._side, {"since_s": since_s, **detail}),)

    def _judge(self, t_s: float, slot: _Slot) -> tuple[Event, ...]:
        self._recent.append(slot)
        if not (slot.touching or self._touching or self._placed or self._before):
            return ()
        return self._judge_touch(t_s, slot) + self._judge_place(t_s, slot) + self._judge_bone(t_s)

    def _judge_touch(self, t_s: float, slot: _Slot) -> tuple[Event, ...]:
        if slot.touching != self._touching:
            self._touching, self._turned_s = slot.touching, slot.t_s
        lasted_s = t_s - self._turned_s + 1e-6
        if slot.touching and not self._placed and lasted_s >= PLACED_S:
            self._placed = True
            return self._event(t_s, "ball_placed", self._turned_s, force_n=slot.force_n)
        if not slot.touching and self._placed and lasted_s >= LIFTED_S:
            self._placed = False
            return self._event(t_s, "ball_lifted", self._turned_s)
        return ()

    def _judge_place(self, t_s: float, slot: _Slot) -> tuple[Event, ...]:
        """Compare the means before and after a disturbance: force gone or fallen, centre jumped."""
        past = self._past
        if self._before is None and len(past) == past.maxlen:
            self._notice(slot, past[-SUDDEN_SLOTS])
        before = self._before
        if slot.loaded:
            past.append(slot)
            self._empty_since_s = None
            if before is None:
                return ()
            if not self._unloaded and slot.force_n >= STAYS_RATIO * before.force_n:
                self._full_s = slot.t_s
            return self._compare(t_s, before) if len(past) >= MEAN_SLOTS else ()
        past.clear()
        return () if before is None else self._miss(t_s, slot)

    def _notice(self, slot: _Slot, earlier: _Slot) -> None:
        """See whether this slot breaks with the one 0.3 s earlier; if so the past is what to compare with."""
        jumped = slot.loaded and hypot(slot.x_mm - earlier.x_mm, slot.y_mm - earlier.y_mm) > JUMP_MM
        self._fell = slot.force_n < (1 - FALL_RATIO) * earlier.force_n
        if self._fell or jumped or not slot.loaded:
            self._before = before = _mean(list(self._past)[:-SUDDEN_SLOTS])
            full = [each.t_s for each in self._past if each.force_n >= STAYS_RATIO * before.force_n]
            self._disturbed_s, self._full_s, self._unloaded = slot.t_s, full[-1], False
            self._past.clear()

    def _miss(self, t_s: float, slot: _Slot) -> tuple[Event, ...]:
        """The ball has gone since it was disturbed: at once and for a second is a slip, for long is another story."""
        if not self._unloaded:
            self._slipped = slot.t_s - self._full_s <= SUDDEN_S
        self._unloaded = True
        if self._empty_since_s is None:
            self._empty_since_s = slot.t_s
        empty_s = t_s - self._empty_since_s + 1e-6
        if empty_s > AWAY_S:
            self._before = None
        if not self._slipped or empty_s < SLIPPED_S:
            return ()
        self._slipped = False
        return self._event(t_s, "ball_slid", self._disturbed_s, force_n=slot.force_n)

    def _compare(self, t_s: float, before: _Slot) -> tuple[Event, ...]:
        after = _mean(list(self._past))
        self._before = None
        apart_mm = hypot(after.x_mm - before.x_mm, after.y_mm - before.y_mm)
        eased = self._fell and not self._unloaded and after.force_n < STAYS_RATIO * before.force_n
        if apart_mm <= APART_MM and not eased:
            return ()
        name = "ball_moved" if self._unloaded else "ball_slid"
        return self._event(t_s, name, self._disturbed_s, distance_mm=apart_mm, force_n=after.force_n)

    def _judge_bone(self, t_s: float) -> tuple[Event, ...]:
        """A stiff rise that stays, beside the middle."""
        if len(self._recent) < BONE_RISE_SLOTS + BONE_HOLD_SLOTS + 1:
            return ()
        before, *rise = self._recent
        held = rise[BONE_RISE_SLOTS - 1 :]
        top_n = max(slot.force_n for slot in rise)
        off_axis_mm = min(hypot(slot.x_mm, slot.y_mm) for slot in held)
        stiff = held[0].force_n - before.force_n >= BONE_RISE_N and rise[0].force_n - before.force_n > 0
        stays = min(slot.force_n for slot in held) >= BONE_HOLD_RATIO * top_n
        if not (stiff and stays and off_axis_mm >= BONE_OFF_AXIS_MM):
            return ()
        self._recent.clear()
        return self._event(t_s, "ball_on_bone", before.t_s, force_n=top_n, off_axis_mm=off_axis_mm)


def _mean(slots: list[_Slot]) -> _Slot:
    n = len(slots)
    force_n, x_mm, y_mm = (sum(slot[column] for slot in slots) / n for column in (1, 2, 3))
    return _Slot(slots[0].t_s, force_n, x_mm, y_mm, True)
