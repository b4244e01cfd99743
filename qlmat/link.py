"""The network thread: stays connected to the broker for ever and empties the outbox into it.

MQTT 5 first, 3.1.1 when that is refused. What was sent and not confirmed is kept here and sent again, oldest first, so
a broker that comes back has every event once or twice, in order, and knows each by its number.
"""

import logging
import select
import socket
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from secrets import SystemRandom
from threading import Thread

from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from qlmat.connection import CONNECT_S, SPELLED, BrokerSettings, Connection, ask_protocol, unreachable
from qlmat.outbox import Message, Outbox

log = logging.getLogger(__name__)

WINDOW = 16  # unconfirmed at once; Mosquitto's own limit is 20
EVENT_GAP_S = 0.005  # 200 a second at most: bursts of thousands were confirmed and lost (ecosystem facts D.2)
TURN_S = 0.25  # how long the thread sleeps when nothing happens
RETRY_MIN_S, RETRY_MAX_S = 0.25, 30.0
STEADY_S = 10.0  # a connection that held this long begins the retries anew
FLUSH_S, CLOSE_S = 0.5, 0.9  # for what still waits; for everything


class Link:
    """Keeps one mat connected. `hello` is published at each connection, `farewell` at the end and as the last will.

    `confirmed` is told of each message at QoS 1 that the broker has taken; `dated` mends the dates of one to be sent.
    """

    def __init__(
        self,
        settings: BrokerSettings,
        client_id: str,
        outbox: Outbox,
        hello: tuple[Message, ...],
        farewell: Message,
        listen_to: tuple[str, ...],
        received: Callable[[MQTTMessage], None],
        confirmed: Callable[[Message], None] = lambda message: None,
        dated: Callable[[Message], Message] = lambda message: message,
    ) -> None:
        self._settings = settings
        self._tls = settings.context()
        self._client_id = client_id
        self._outbox = outbox
        self._hello = hello
        self._farewell = farewell
        self._listen_to = listen_to
        self._received = received
        self._confirmed = confirmed
        self._dated = dated
        self._unconfirmed: OrderedDict[int, Message] = OrderedDict()
        self._again: list[Message] = []
        self._event_due_s = 0.0
        self._closing_s: float | None = None
        self._parting: int | None = None  # the packet number of the farewell
        self._known: MQTTProtocolVersion | None = None  # what the broker speaks; asked again after a refusal
        self._told = ""
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._thread = Thread(target=self._run, name="mqtt", daemon=True)
        self.protocol: str | None = None  # what is spoken now, None while there is no connection
        self.refused = 0  # messages the broker did not want

    def start(self) -> None:
        """Begin; a broker that is not there is tried again for ever."""
        self._thread.start()

    def wake(self) -> None:
        """Tell the thread that something waits. Never blocks."""
        if self.protocol is not None:
            self._poke()

    def _poke(self) -> None:
        with suppress(BlockingIOError):  # full: it has been told often enough
            self._wake_in.send(b"\0")

    def close(self) -> None:
        """Send what waits, say farewell and end, all within a second; without a broker at once."""
        if self._closing_s is not None:
            return
        self._closing_s = time.monotonic()
        self._poke()
        self._thread.join(CLOSE_S)
        if not self._thread.is_alive():
            self._wake_in.close()
            self._wake_out.close()
        unsent = self._outbox.events_waiting + len(self._unconfirmed) + len(self._again)
        if unsent:
            log.warning("broker=%s result='ended with messages unsent' messages=%d", self._settings, unsent)

    # --- the thread ---------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        failures = 0
        while self._closing_s is None:
            began_s = time.monotonic()
            self._try()
            failures = 0 if time.monotonic() - began_s > STEADY_S else failures + 1
            seconds = min(RETRY_MAX_S, RETRY_MIN_S * 2 ** min(failures, 10))
            self._rest(seconds * SystemRandom().uniform(0.5, 1.0))  # else a clinic's mats come back all at once

    def _try(self) -> None:
        """Live through one connection, from the first knock to its end."""
        connection = None
        try:
            protocol = self._known or ask_protocol(self._settings, self._tls)
            connection = Connection(self._settings, self._tls, protocol, self._client_id, self._farewell)
            connection.open()
            self._serve(connection)
            self._known = protocol if connection.code == 0 else None
            self._tell(connection.explain())
        except (OSError, UnicodeError) as error:
            self._tell(unreachable(self._settings, error))
        except Exception:
            log.exception("broker=%s problem='a bug in the link'", self._settings)
        finally:
            self.protocol = None
            # What is said at each connection need not be kept for the next one.
            self._again = [*(each for each in self._unconfirmed.values() if not each.retain), *self._again]
            self._unconfirmed.clear()
            if connection is not None:
                connection.close()

    def _tell(self, line: str) -> None:
        if self._closing_s is None and line != self._told:
            self._told = line
            log.warning("%s Trying again for ever.", line)

    def _rest(self, seconds: float) -> None:
        end_s = time.monotonic() + seconds
        while self._closing_s is None and (left_s := end_s - time.monotonic()) > 0.0:
            if select.select([self._wake_out], [], [], left_s)[0]:
                self._wake_out.recv(4096)

    def _serve(self, connection: Connection) -> None:
        connection.delivered = self._confirm
        connection.received = self._received
        give_up_s = time.monotonic() + CONNECT_S
        while connection.turn(self._timeout_s(connection), self._wake_out):
            if connection.up:
                if self.protocol is None:
                    self._greet(connection)
                self._empty(connection)
                if self._closing_s is not None and self._part(connection, self._closing_s):
                    return
            elif self._closing_s is not None or time.monotonic() > give_up_s:
                return

    def _timeout_s(self, connection: Connection) -> float:
        if self._closing_s is not None:
            return 0.02
        waiting = self._outbox.events_waiting or self._again
        if waiting and len(self._unconfirmed) < WINDOW and not connection.client.want_write():
            return max(0.0, min(TURN_S, self._event_due_s - time.monotonic()))
        return TURN_S  # the network wakes us, or somebody who has something to say

    def _greet(self, connection: Connection) -> None:
        self.protocol = SPELLED[connection.protocol]
        self._told = ""  # the same trouble is news again
        log.info("broker=%s state=connected protocol=%s", self._settings, self.protocol)
        connection.client.subscribe([(topic, 1) for topic in self._listen_to])
        for message in (*self._hello, *self._outbox.standing()):
            self._send(connection, message)

    def _empty(self, connection: Connection) -> None:
        """Hand over as much as the socket takes: events first, then what need not arrive, then answers."""
        while not connection.client.want_write():
            room = len(self._unconfirmed) < WINDOW
            message = (
                (self._outbox.take_urgent() or self._next_event() or self._outbox.take_standing() if room else None)
                or self._outbox.take_fleeting()
                or (self._outbox.take_answer() if room else None)
            )
            if message is None:
                return
            self._send(connection, message)

    def _next_event(self) -> Message | None:
        now_s = time.monotonic()
        if now_s < self._event_due_s:
            return None
        message = self._again.pop(0) if self._again else self._outbox.take_event()
        if message is None:
            return None
        self._event_due_s = now_s + EVENT_GAP_S
        return message if message.undated_s is None else self._dated(message)

    def _send(self, connection: Connection, message: Message) -> None:
        mid = connection.send(message)
        if message.qos:
            self._unconfirmed[mid] = message

    def _confirm(self, mid: int, code: ReasonCode) -> None:
        message = self._unconfirmed.pop(mid, None)
        if message is None:
            return
        self._confirmed(message)  # also when refused: it would be refused again
        if code.is_failure:
            self.refused += 1
            if self.refused == 1:
                log.warning("broker=%s topic=%s refused=%r", self._settings, message.topic, str(code))

    def _part(self, connection: Connection, since_s: float) -> bool:
        """Say farewell once all is confirmed or `FLUSH_S` is over; return whether the broker has it."""
        elapsed_s = time.monotonic() - since_s
        if self._parting is None:
            if (self._outbox.events_waiting or self._again or self._unconfirmed) and elapsed_s < FLUSH_S:
                return False
            self._parting = connection.send(self._farewell)
            self._unconfirmed[self._parting] = self._farewell
        return self._parting not in self._unconfirmed or elapsed_s > CLOSE_S - 0.1
