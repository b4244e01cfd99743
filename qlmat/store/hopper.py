"""What waits to be written. The control loop only appends, the writer only takes; neither ever waits for the other.

Events and what a session is hung on are never dropped to make room. Raw frames go first, then seconds, both the oldest
ones, both counted. Only when `RECORDS` events wait (some fifty sessions without a disk) is a new one refused, and that
is counted too: memory has an end.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from qlmat.core.model import Event, Frame
from qlmat.core.positions import Position
from qlmat.records import Aim, Ending, Second

RECORDS = 20_000
SECONDS = 3_600  # an hour
BATCHES = 30  # of 9 s: four minutes and a half of frames, some 4 MB


@dataclass(frozen=True, slots=True)
class Begun:
    """A session began, named by the number of the event that said so."""

    session: int
    t_s: float
    aims: tuple[Aim, ...]
    position: Position
    ball: str | None


@dataclass(frozen=True, slots=True)
class Happened:
    """An event, its number since the start, and the force on its side at that moment."""

    number: int
    event: Event
    session: int | None
    force_n: float | None


@dataclass(frozen=True, slots=True)
class Ended:
    """A session ended."""

    session: int
    t_s: float
    ended: Ending
    reason: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Something else to write, in the writer's thread and inside its transaction: `job(connection)`."""

    job: Callable[[Any], object]


Record = Begun | Happened | Ended | Asked


@dataclass(slots=True)
class Batch:
    """What the writer has in its hands; kept until it is committed. Seconds and frames name their session."""

    records: list[Record] = field(default_factory=list)
    seconds: deque[tuple[int, Second]] = field(default_factory=lambda: deque(maxlen=SECONDS))
    frames: deque[tuple[int, tuple[Frame, ...]]] = field(default_factory=lambda: deque(maxlen=BATCHES))

    def __bool__(self) -> bool:
        return bool(self.records or self.seconds or self.frames)


class Hopper:
    """The queue between the control loop and the writer.

    >>> hopper = Hopper(seconds=2)
    >>> for second in range(3):
    ...     hopper.second(7, Second(second, "working", "left"))
    >>> batch = Batch()
    >>> hopper.pour(batch)
    >>> [second.second for _, second in batch.seconds], hopper.seconds_dropped
    ([1, 2], 1)
    """

    def __init__(self, records: int = RECORDS, seconds: int = SECONDS, batches: int = BATCHES) -> None:
        self._limits = records, seconds, batches
        self._records: deque[Record] = deque()
        self._seconds: deque[tuple[int, Second]] = deque()
        self._frames: deque[tuple[int, tuple[Frame, ...]]] = deque()
        self.events_refused = self.seconds_dropped = self.batches_dropped = 0

    @property
    def waiting(self) -> int:
        """How many records wait."""
        return len(self._records)

    def record(self, record: Record) -> None:
        """Keep a record until it is taken."""
        if len(self._records) >= self._limits[0]:
            self.events_refused += 1
        else:
            self._records.append(record)

    def second(self, session: int, second: Second) -> None:
        """Keep a second; the oldest one makes room."""
        self._seconds.append((session, second))
        self.seconds_dropped += _cut(self._seconds, self._limits[1])

    def frames(self, session: int, frames: Sequence[Frame]) -> None:
        """Keep a batch of raw frames; the oldest one makes room."""
        self._frames.append((session, tuple(frames)))
        self.batches_dropped += _cut(self._frames, self._limits[2])

    def pour(self, batch: Batch) -> None:
        """Move everything that waits into `batch`, which itself never grows beyond the same limits."""
        records = self._limits[0]
        # Records first: the seconds of a session that ended were put in before its end was.
        for _ in range(min(len(self._records), records - len(batch.records))):
            batch.records.append(self._records.popleft())
        while self._seconds:
            self.seconds_dropped += len(batch.seconds) == batch.seconds.maxlen
            batch.seconds.append(self._seconds.popleft())
        while self._frames:
            self.batches_dropped += len(batch.frames) == batch.frames.maxlen
            batch.frames.append(self._frames.popleft())


def _cut(waiting: deque[Any], limit: int) -> int:
    """Drop the oldest beyond `limit`; return how many. The writer may take one at the same moment."""
    dropped = 0
    while len(waiting) > limit:
        try:
            waiting.popleft()
        except IndexError:
            break
        dropped += 1
    return dropped
