"""What was asked from outside, on its way to the control loop, and the order in which the loop takes it up.

A `stop` overtakes everything: whatever was asked before it is not done any more. Otherwise one thing is taken in a
scan, so that its answer is what the core said to it and to nothing else; a press of the button never waits.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Literal, TypeAlias

from qlmat.core.model import Command, Side
from qlmat.wishes import Values

FRESH_S = 2.0  # what waited longer for the loop is too old to be done: the person has gone on
OVERTAKEN = "a stop came after it"
TOO_LATE = f"it waited more than {FRESH_S:g} s: ask again"
DRAINED = 64  # looked at in one scan: more than a desk lets wait

Answer = Callable[[str | None], None]


@dataclass(frozen=True, slots=True)
class Change:
    """Other values for what a session asks for, checked against `qlmat.wishes.AIMS`."""

    values: Values


@dataclass(frozen=True, slots=True)
class Weigh:
    """A known weight that lies on a pad, the heavier one when `side` is None: is it read as what it is?"""

    weight_n: float
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish with somebody who waits: `answer(reason)` once it is done (None) or will not be. Never blocks."""

    wish: Command | Change | Weigh | Literal["identify", "zero"]
    answer: Answer
    since_s: float

    @property
    def stops(self) -> bool:
        """Tell whether it is a stop."""
        return isinstance(self.wish, Command) and self.wish.name == "stop"


Requests: TypeAlias = "SimpleQueue[Command | Asked]"


class Inbox:
    """Sorts what is on the loop's queue. `take` gives what is to be done in this scan."""

    def __init__(self, queue: Requests, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._queue = queue
        self._clock_s = clock_s
        self._waiting: deque[Asked] = deque()

    def take(self) -> tuple[tuple[Command, ...], tuple[Asked, ...]]:
        """Return the presses of the button, and what else is to be done now: all stops, or the oldest wish."""
        pressed: list[Command] = []
        stops: list[Asked] = []
        for each in self._drain():
            if isinstance(each, Command):
                pressed.append(each)
            elif each.stops:
                stops.append(each)
            else:
                self._waiting.append(each)
                continue
            if isinstance(each, Asked) or each.name in ("stop", "press"):
                self._overtake()
        return tuple(pressed), tuple(stops) or self._oldest()

    def _drain(self) -> "Iterator[Command | Asked]":
        with suppress(Empty):
            for _ in range(DRAINED):
                yield self._queue.get_nowait()

    def _overtake(self) -> None:
        while self._waiting:
            self._waiting.popleft().answer(OVERTAKEN)

    def _oldest(self) -> tuple[Asked, ...]:
        while self._waiting:
            asked = self._waiting.popleft()
            if self._clock_s() - asked.since_s <= FRESH_S:
                return (asked,)
            asked.answer(TOO_LATE)
        return ()
