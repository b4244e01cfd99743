"""What waits to be sent: events are kept in order and counted when they must go, live data goes first.

Two threads meet here and neither ever waits for the other: the control loop only appends, the network thread only
takes. Each is a single operation on a deque, which is atomic.
"""

from collections import deque
from typing import NamedTuple

EVENTS = 10_000  # 25 sessions of some 400 events; about 5 MB when all wait
ANSWERS = 64  # a flood of commands must not fill the memory with its answers
LIVE = 10  # one second at 10 Hz: older pictures are of no use


class Message(NamedTuple):
    """One payload for one topic, ready to send. `correlation` goes back to the asker of a command.

    `record`: its number in the ring on disk, 0 when it is not kept there. `undated_s`: the machine's monotonic time
    when it happened, if its dates are those of a clock that was not set.
    """

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    correlation: bytes | None = None
    record: int = 0
    undated_s: float | None = None


class Outbox:
    """Keeps the latest state, the last second of live pictures, and every event until it is taken.

    >>> box = Outbox(events=2, live=1)
    >>> for n in (b"1", b"2", b"3"):
    ...     box.keep(Message("qlmat/mat/event", n, qos=1))
    ...     box.picture(Message("qlmat/mat/live", n))
    >>> [box.take_event().payload, box.take_event().payload, box.take_event()], box.events_lost
    ([b'2', b'3', None], 1)
    >>> box.take_fleeting().payload, box.take_fleeting(), box.live_dropped
    (b'3', None, 2)
    """

    def __init__(self, events: int = EVENTS, live: int = LIVE) -> None:
        self._events: deque[Message] = deque(maxlen=events)
        self._answers: deque[Message] = deque(maxlen=ANSWERS)
        self._urgent: deque[Message] = deque(maxlen=ANSWERS)
        self._state: deque[Message] = deque(maxlen=1)
        self._standing: dict[str, Message] = {}  # the latest of each retained topic
        self._due: deque[str] = deque()  # topics of those not yet sent
        self._live: deque[Message] = deque(maxlen=live)
        self.events_lost = 0
        self.live_dropped = 0

    def keep(self, event: Message) -> None:
        """Keep an event; when full the oldest goes and is counted, and its number leaves a gap to be seen."""
        self.events_lost += len(self._events) == self._events.maxlen
        self._events.append(event)

    def answer(self, message: Message, urgent: bool = False) -> None:
        """Keep the answer to a command; in a flood the oldest goes, an urgent one last of all."""
        (self._urgent if urgent else self._answers).append(message)

    def stand(self, message: Message) -> None:
        """Keep the latest of a retained topic; it is said now and at each connection."""
        self._standing[message.topic] = message
        self._due.append(message.topic)

    def standing(self) -> tuple[Message, ...]:
        """Return what is to be said at a connection; none of it is due any more."""
        self._due.clear()
        return tuple(self._standing.values())

    def repeat(self) -> None:
        """Say every retained message again."""
        self._due.extend(self._standing)

    def take_standing(self) -> Message | None:
        """Take the next retained message that has changed, None when there is none."""
        return self._standing.get(self._due.popleft()) if self._due else None

    def state(self, message: Message) -> None:
        """Keep the latest state, instead of the one before."""
        self._state.append(message)

    def picture(self, message: Message) -> None:
        """Keep a live picture; the oldest goes when the line is slow, and is counted."""
        self.live_dropped += len(self._live) == self._live.maxlen
        self._live.append(message)

    @property
    def events_waiting(self) -> int:
        """Count the events not yet taken."""
        return len(self._events)

    def take_event(self) -> Message | None:
        """Take the oldest event, None when there is none."""
        return self._events.popleft() if self._events else None

    def take_fleeting(self) -> Message | None:
        """Take the next of what need not arrive: the state, then live pictures."""
        for queue in (self._state, self._live):
            if queue:
                return queue.popleft()
        return None

    def take_urgent(self) -> Message | None:
        """Take the oldest urgent answer, None when there is none."""
        return self._urgent.popleft() if self._urgent else None

    def take_answer(self) -> Message | None:
        """Take the oldest answer, None when there is none. Sent last: a flood of commands starves nothing else."""
        return self._answers.popleft() if self._answers else None
