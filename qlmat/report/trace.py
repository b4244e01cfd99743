"""A stream of ticks kept as columns and lanes, for a picture of it: nothing is thinned out, nothing is made up."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from qlmat.core.model import SIDES, Contact, Event, FloatArray, Side, Tick

LANES = ("session", "movement", "cue")
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when a lane said one thing, seconds."""

    start_s: float
    end_s: float
    said: str


class Trace:
    """Everything a picture needs of each tick that passes through `through`.

    >>> from qlmat.core.model import Contacts, Movement, Practice
    >>> trace = Trace()
    >>> for n in range(3):
    ...     pad = Contact(80.0 + n, (5.0, 0.0), True)
    ...     trace.add(Tick(n * 0.1, Contacts(n * 0.1, pad, Contact(None, None, False)), Movement("left", "still"),
    ...                    Practice("working", "left", 0.0, 90.0), (), None))
    >>> trace.column("force_n", "left").tolist(), trace.column("force_n", "right").tolist()
    ([80.0, 81.0, 82.0], [nan, nan, nan])
    >>> trace.spans("session")
    [Span(start_s=0.0, end_s=0.2, said='working, left')]
    """

    def __init__(self) -> None:
        """Start with nothing."""
        self._columns: dict[str, array[float]] = {name: array("d") for name in _NAMES}
        self._said: dict[str, list[tuple[float, str]]] = {lane: [] for lane in LANES}
        self.events: list[Event] = []

    def through(self, ticks: Iterable[Tick]) -> Iterator[Tick]:
        """Give the ticks on, keeping what a picture needs of each."""
        for tick in ticks:
            self.add(tick)
            yield tick

    def add(self, tick: Tick) -> None:
        """Take one tick; one that repeats a time adds its events only."""
        self.events += tick.events
        times = self._columns["t_s"]
        if times and tick.t_s <= times[-1]:
            return
        cadence, spread = tick.movement.cadence_hz, tick.movement.cadence_sd_hz
        row = [tick.t_s, *_of(tick.contacts.left), *_of(tick.contacts.right), _or_nan(cadence), _or_nan(spread)]
        row.append(_or_nan(cadence) if tick.movement.confirmed else NAN)
        for name, value in zip(_NAMES, row, strict=True):
            self._columns[name].append(value)
        self._note(tick)

    def _note(self, tick: Tick) -> None:
        side = tick.practice.side
        said = {
            "session": tick.practice.state + (f", {side}" if side else ""),
            "movement": tick.movement.kind or "",
            "cue": tick.cue or "",
        }
        for lane, now in said.items():
            if not self._said[lane] or self._said[lane][-1][1] != now:
                self._said[lane].append((tick.t_s, now))

    @property
    def t_s(self) -> FloatArray:
        """(n,) seconds, increasing."""
        return np.array(self._columns["t_s"])

    def column(self, name: str, side: Side | None = None) -> FloatArray:
        """Give one column (n,), NaN where absent: force_n, x_mm, y_mm of a side, or cadence_hz, sd_hz, confirmed_hz."""
        return np.array(self._columns[name if side is None else f"{side}.{name}"])

    def spans(self, lane: str) -> list[Span]:
        """List what a lane said from when to when, silence left out."""
        said = self._said[lane]
        ends = [t_s for t_s, _ in said[1:]] + list(self._columns["t_s"][-1:])
        return [Span(start_s, end_s, text) for (start_s, text), end_s in zip(said, ends, strict=True) if text]


_NAMES = ("t_s", *(f"{side}.{name}" for side in SIDES for name in ("force_n", "x_mm", "y_mm")),
          "cadence_hz", "sd_hz", "confirmed_hz")  # fmt: skip


def _of(contact: Contact) -> tuple[float, float, float]:
    return (_or_nan(contact.force_n), *(contact.cop_mm or (NAN, NAN)))


def _or_nan(value: float | None) -> float:
    return NAN if value is None else value


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line to draw: `t_s`, `values` (m,), NaN where it is broken."""

    t_s: FloatArray
    values: FloatArray = field(repr=False)


def line(t_s: FloatArray, values: FloatArray, gaps: Sequence[tuple[float, float]], most: int) -> Line:
    """Break a line (n,) at gaps, and bring it down to about `most` points that keep each stretch's extremes.

    >>> t_s = np.arange(8.0)
    >>> wave = np.array([0.0, 1.0, 0.0, 5.0, 0.0, 1.0, 0.0, -3.0])
    >>> line(t_s, wave, gaps=[], most=4).values.tolist()
    [0.0, 5.0, -3.0, 1.0]
    >>> line(t_s[:3], wave[:3], gaps=[(1.0, 2.0)], most=100).values.tolist()
    [0.0, 1.0, nan, 0.0]
    """
    after = np.searchsorted(t_s, [end_s for _, end_s in gaps])
    t_s, values = np.insert(t_s, after, [start_s for start_s, _ in gaps]), np.insert(values, after, NAN)
    step = -(-2 * len(t_s) // most)
    if step <= 2:
        return Line(t_s, values)
    parts = np.arange(0, len(t_s), step)
    low, high = (np.array([reduce(values[a : a + step]) for a in parts]) for reduce in (_least, _most))
    return Line(np.repeat(t_s[parts], 2), np.stack([low, high], axis=1).ravel())


def _least(part: FloatArray) -> float:
    return NAN if np.isnan(part).all() else float(np.nanmin(part))


def _most(part: FloatArray) -> float:
    return NAN if np.isnan(part).all() else float(np.nanmax(part))
