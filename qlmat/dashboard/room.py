"""What the server holds in one place: the mats, the watchers, and the way from the broker's thread to both."""

import asyncio
import time
from collections import deque
from typing import Any

from qlmat.core.rhythms import PATTERNS
from qlmat.dashboard.mats import Mats
from qlmat.dashboard.watchers import Watchers

INBOX = 1000  # messages that may wait between the broker's thread and the loop; older ones are dropped and counted


class Room:
    """Mats and watchers; belongs to the event loop. Only `deliver` and `connected` may be called from outside it."""

    def __init__(self, root: str, loop: asyncio.AbstractEventLoop) -> None:
        self.mats = Mats(root)
        self.watchers = Watchers()
        self.broker_connected = False
        self._loop = loop
        self._inbox: deque[tuple[str, bytes, bool]] = deque()
        self._dropped = 0

    def deliver(self, topic: str, payload: bytes, retained: bool) -> None:
        """Take one message on the broker's thread."""
        if len(self._inbox) >= INBOX:
            self._dropped += 1
            return
        self._inbox.append((topic, payload, retained))
        if len(self._inbox) == 1:
            self._call(self._empty_inbox)

    def connected(self, connected: bool) -> None:
        """Learn on the broker's thread that the connection came or went."""
        self._call(self._set_connected, connected)

    def hello(self) -> dict[str, Any]:
        """Tell a new watcher everything: mats, connection to the broker, and the rhythm of every cue in seconds."""
        patterns = {name: [list(pulse) for pulse in pattern] for name, pattern in PATTERNS.items()}
        return {"broker": self.broker_connected, "mats": self.mats.snapshot(time.monotonic()), "cues": patterns}

    def health(self) -> dict[str, Any]:
        """Count what a caretaker wants to know."""
        return {
            "broker_connected": self.broker_connected,
            "mats": len(self.mats),
            "watchers": len(self.watchers),
            "ignored": {**self.mats.ignored, "dropped": self._dropped},
        }

    def _call(self, *what: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(*what)

    def _empty_inbox(self) -> None:
        while self._inbox:
            topic, payload, retained = self._inbox.popleft()
            update = self.mats.take(topic, payload, time.monotonic(), retained)
            if update is not None:
                self.watchers.tell(update.kind, update.mat, {"mat": update.mat, "data": update.data})

    def _set_connected(self, connected: bool) -> None:
        if connected != self.broker_connected:
            self.broker_connected = connected
            self.watchers.tell("broker", "", {"connected": connected})
