"""The browsers that watch: one stream of server-sent events each, bounded however slow a browser is.

A slow watcher skips: of each mat's live, state and status only the newest waits; of events the last few.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator

MAX_WATCHERS = 32
EVENTS_WAITING = 100
PAUSE_S = 0.02  # at most 50 chunks a second, also when a demo runs 20 times as fast as life
BEAT_S = 2.0  # so that a page can tell a silent mat from a dead server


def message(event: str, data: object) -> bytes:
    """Write one server-sent event."""
    return f"event: {event}\ndata: {json.dumps(data, separators=(',', ':'), allow_nan=False)}\n\n".encode()


class Watcher:
    """One open page; `session` is the token it came with, if any; `mat` the one it shows, None for all.

    Of a mat that is not shown the moving picture is left out: its state of each second tells enough.
    """

    def __init__(self, session: str | None = None, mat: str | None = None) -> None:
        self.session, self.mat = session, mat
        self._newest: dict[tuple[str, str], bytes] = {}
        self._events: deque[bytes] = deque(maxlen=EVENTS_WAITING)
        self._ready = asyncio.Event()
        self._ended = False

    def tell(self, event: str, about: str, data: object) -> None:
        """Queue one message."""
        self.hand(event, about, message(event, data))

    def hand(self, event: str, about: str, chunk: bytes) -> None:
        """Queue a written message; of messages of one name about the same mat the newest replaces the older."""
        if event == "live" and self.mat is not None and about != self.mat:
            return
        if event in ("event", "resp"):
            self._events.append(chunk)
        else:
            self._newest[event, about] = chunk
        self._ready.set()

    def end(self) -> None:
        """Let the stream finish."""
        self._ended = True
        self._ready.set()

    async def stream(self) -> AsyncIterator[bytes]:
        """Yield what is due as it comes, and a beat when nothing is, until ended."""
        while not self._ended:
            try:
                await asyncio.wait_for(self._ready.wait(), BEAT_S)
            except TimeoutError:
                yield message("beat", {})
                continue
            self._ready.clear()
            newest, self._newest = self._newest, {}
            events = list(self._events)
            self._events.clear()
            yield b"".join([*newest.values(), *events])
            await asyncio.sleep(PAUSE_S)


class Watchers:
    """All open pages."""

    def __init__(self) -> None:
        self._open: set[Watcher] = set()
        self._ended = False

    def __len__(self) -> int:
        return len(self._open)

    @property
    def full(self) -> bool:
        """No more can be served, or the server is ending."""
        return self._ended or len(self._open) >= MAX_WATCHERS

    def add(self, session: str | None = None, mat: str | None = None) -> Watcher:
        """Begin to keep one more watcher informed."""
        watcher = Watcher(session, mat)
        self._open.add(watcher)
        return watcher

    def remove(self, watcher: Watcher) -> None:
        """Forget a page that was closed."""
        self._open.discard(watcher)

    def tell(self, event: str, about: str, data: object) -> None:
        """Tell everybody; it is written once, however many watch."""
        chunk = message(event, data) if self._open else b""
        for watcher in self._open:
            watcher.hand(event, about, chunk)

    def end_of(self, session: str | None) -> None:
        """Finish the streams of a session that is over."""
        for watcher in self._open:
            if session is not None and watcher.session == session:
                watcher.end()

    def end(self) -> None:
        """Finish every stream and accept no more."""
        self._ended = True
        for watcher in self._open:
            watcher.end()
