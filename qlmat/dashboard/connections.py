"""How long a browser may take and how many may come: uvicorn's HTTP/1.1 with the limits that it lacks.

uvicorn waits for ever for the rest of a request, and at its limit refuses everybody. Here a request that is not
complete in time ends its connection, and when all places are taken, whoever has waited longest without asking goes.
"""

import asyncio
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

MAX_CONNECTIONS = 128
REQUEST_S = 10.0  # for headers and body of one request, on a phone at the edge of the Wi-Fi


class BoundedProtocol(H11Protocol):
    """One connection of a browser."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Begin; make room if there is none."""
        super().connection_made(transport)
        self._watch()
        if len(self.connections) > MAX_CONNECTIONS:
            others = [cast(Any, other) for other in self.connections if other is not self]
            waiting = [other for other in others if getattr(other, "waiting", False)]
            victim = min(waiting, key=lambda other: other.since_s, default=self)
            self.connections.discard(victim)  # its end comes later; the next in the crowd must not choose it again
            victim.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take bytes; the time for the whole request runs from its first."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the clock."""
        if self._late is not None:
            self._late.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; amid a request by hanging up, since uvicorn trips over a second answer."""
        if self.conn.our_state is h11.IDLE:
            super().send_400_response(msg)
            return
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()

    @property
    def waiting(self) -> bool:
        """The browser owes us a request, or the rest of one."""
        return self.conn.their_state in (h11.IDLE, h11.SEND_BODY)

    def _watch(self) -> None:
        if self.waiting and self._late is None and not self.transport.is_closing():
            self.since_s = self.loop.time()
            self._late = self.loop.call_later(REQUEST_S, self.transport.abort)
        elif not self.waiting and self._late is not None:
            self._late.cancel()
            self._late = None
