"""Where the ball is: its place averaged over whole cycles, and the way back to an earlier spot in words."""

from collections import deque
from dataclasses import dataclass
from math import hypot

from qlmat.core.model import Contacts, Movement, Side

SLOT_S = 0.1
LONGEST_S, STILL_MEAN_S = 15.0, 2.0  # a cycle at 8 a minute takes 7.5 s: two of them; when still, a breath is too long
NEAR_MM = 8.0  # as good as the same spot: a centre is known to 1.4 to 2.9 mm (domain facts C.2), a hand moves the rest
FAR_MM = 15.0  # more than "a little"; ours: the dish lets the ball move some 30 mm


class PlaceWatch:
    """Follows the place of the ball on the loaded pad, at any frame rate: its mean over the last whole cycles.

    A ball at 10 mm to the right, rocked by 18 mm to each side 12 times a minute:

    >>> from math import sin, tau
    >>> from qlmat.core.model import Contact
    >>> watch, rocking = PlaceWatch(), Movement("left", "rock", 0.2, confirmed=True)
    >>> for frame in range(1000):
    ...     t_s = frame * 0.02
    ...     pad = Contact(90.0, (10.0 + 18.0 * sin(tau * 0.2 * t_s), -4.0), True)
    ...     place_mm = watch.step(Contacts(t_s, pad, Contact(0.0, None, False)), rocking)
    >>> [round(axis) for axis in place_mm]
    [10, -4]
    """

    def __init__(self) -> None:
        """Start with nothing known."""
        self.reset()

    def reset(self, side: Side | None = None) -> None:
        """Forget the past."""
        self._side = side
        self._slots: deque[tuple[float, float]] = deque(maxlen=round(LONGEST_S / SLOT_S))
        self._ends_s = float("-inf")
        self._count = 0
        self._x = self._y = 0.0
        self._place_mm: tuple[float, float] | None = None

    def step(self, contacts: Contacts, movement: Movement) -> tuple[float, float] | None:
        """Take one frame; return the place in mm, None while nothing is loaded."""
        side = movement.side
        if side != self._side:
            self.reset(side)
        cop_mm = None if side is None else (contacts.left if side == "left" else contacts.right).cop_mm
        if cop_mm is None:
            return self._place_mm
        self._count += 1
        self._x += cop_mm[0]
        self._y += cop_mm[1]
        if contacts.t_s >= self._ends_s:
            self._close(contacts.t_s, movement.cadence_hz)
        return self._place_mm

    def _close(self, t_s: float, cadence_hz: float | None) -> None:
        if t_s - self._ends_s > 1.0:  # something was lifted or lost: the place before says nothing of now
            self._slots.clear()
        self._slots.append((self._x / self._count, self._y / self._count))
        self._count, self._x, self._y = 0, 0.0, 0.0
        self._ends_s = t_s + SLOT_S - 1e-6
        span_s = STILL_MEAN_S
        if cadence_hz:
            cycles = max(1.0, float(int(min(LONGEST_S, len(self._slots) * SLOT_S) * cadence_hz)))
            span_s = cycles / cadence_hz
        recent = list(self._slots)[-max(1, round(span_s / SLOT_S)) :]
        self._place_mm = sum(x for x, _ in recent) / len(recent), sum(y for _, y in recent) / len(recent)


@dataclass(frozen=True, slots=True)
class Way:
    """From where the ball is to an earlier spot, mm to the right and up to the head; `say` it in words."""

    right_mm: float
    up_mm: float

    @property
    def there(self) -> bool:
        """Tell whether the ball is as good as on the spot."""
        return hypot(self.right_mm, self.up_mm) <= NEAR_MM

    @property
    def say(self) -> str:
        """Put it in words, the longer way first.

        >>> Way(2.0, 12.0).say, Way(-20.0, 9.0).say, Way(3.0, -4.0).say
        ('up a little', 'left, and up a little', 'there')
        """
        if self.there:
            return "there"
        parts = [(self.right_mm, "right", "left"), (self.up_mm, "up", "down")]
        parts.sort(key=lambda part: -abs(part[0]))
        words = [
            (forth if mm > 0 else back) + ("" if abs(mm) > FAR_MM else " a little")
            for mm, forth, back in parts
            if abs(mm) > NEAR_MM / 2
        ]
        return ", and ".join(words)


def way(place_mm: tuple[float, float], spot_mm: tuple[float, float]) -> Way:
    """Say how to move the ball from its place to a spot."""
    return Way(spot_mm[0] - place_mm[0], spot_mm[1] - place_mm[1])
