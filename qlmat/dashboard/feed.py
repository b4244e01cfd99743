"""The page's ear on the broker: one thread that subscribes to every mat and comes back when the broker does.

MQTT 5 first; MQTT 3.1.1 when the broker refuses. The thread owns the connection and only hands messages on.
"""

import contextlib
import logging
import random
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable

from paho.mqtt.client import MQTTMessage

from qlmat.connection import CONNECT_S, BrokerSettings, Connection, ask_protocol
from qlmat.outbox import Message

log = logging.getLogger(__name__)

TURN_S = 0.5  # how long the thread sleeps when nothing happens and nobody wakes it
RETRY_S = (0.25, 4.0)  # first and longest pause between attempts; each varies by a quarter, so that pages spread
STEADY_S = 10.0  # a connection that held this long begins the retries anew
END_S = 0.5

Deliver = Callable[[str, bytes, bool], None]
Connected = Callable[[bool], None]


class Feed:
    """A connection to the broker for watching mats and sending them commands."""

    def __init__(self, settings: BrokerSettings, root: str, deliver: Deliver, connected: Connected) -> None:
        """Prepare; nothing is connected before `start`. Both callbacks are called on the feed's thread."""
        self._settings, self._root = settings, root
        self._deliver, self._connected = deliver, connected
        self._tls = settings.context()
        self._closing = False
        self._up = False
        self._commands: deque[Message] = deque(maxlen=32)
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="broker", daemon=True)

    def start(self) -> None:
        """Connect in the background, and again whenever the connection is lost."""
        self._thread.start()

    def close(self) -> None:
        """Leave the broker; returns in well under a second."""
        self._closing = True
        self._wake()
        self._thread.join(END_S)

    def command(self, mat: str, name: str, payload: bytes = b"") -> bool:
        """Send a command to a mat, never retained; False, sending nothing, when the broker is not connected."""
        if not self._up:
            return False
        self._commands.append(Message(f"{self._root}/{mat}/cmd/{name}", payload, qos=1))
        self._wake()
        return True

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # full: it has been told often enough
            self._wake_in.send(b"\0")

    # --- the thread --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        pause_s = RETRY_S[0]
        while not self._closing:
            began_s = time.monotonic()
            self._try()
            steady = time.monotonic() - began_s > STEADY_S
            pause_s = RETRY_S[0] if steady else min(2 * pause_s, RETRY_S[1])
            self._rest(pause_s * random.uniform(0.75, 1.25))  # noqa: S311 - spreads load, hides nothing

    def _try(self) -> None:
        """Live through one connection. The thread must outlive whatever goes wrong: without it the page is blind."""
        connection = None
        try:
            connection = Connection(self._settings, self._tls, ask_protocol(self._settings, self._tls))
            connection.received = self._received
            connection.open()
            self._serve(connection)
        except (OSError, UnicodeError):  # nobody listens, or no such host: tried again
            pass
        except Exception:
            log.exception("broker=%s problem='a fault in the page'", self._settings)
        finally:
            if connection is not None:
                connection.close()
            self._set_up(False)

    def _serve(self, connection: Connection) -> None:
        give_up_s = time.monotonic() + CONNECT_S
        while not self._closing and connection.turn(TURN_S, self._wake_out):
            if not connection.up:
                if time.monotonic() > give_up_s:
                    return
                continue
            if not self._up:
                connection.client.subscribe(f"{self._root}/+/#", qos=1)
                self._set_up(True)
            while self._commands:
                connection.send(self._commands.popleft())

    def _set_up(self, up: bool) -> None:
        if up != self._up:
            self._up = up
            self._commands.clear()  # a command that could not go at once must not go later
            self._connected(up)

    def _rest(self, seconds: float) -> None:
        end_s = time.monotonic() + seconds
        while not self._closing and (left_s := end_s - time.monotonic()) > 0.0:
            if select.select([self._wake_out], [], [], left_s)[0]:
                self._wake_out.recv(4096)

    def _received(self, message: MQTTMessage) -> None:
        self._deliver(message.topic, bytes(message.payload), message.retain)
