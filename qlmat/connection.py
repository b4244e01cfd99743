"""One connection to an MQTT broker in one protocol, on top of a fresh paho client; and the check that one is there.

Nothing here runs a thread: whoever owns the connection turns it, and makes all calls.
"""

import select
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from qlmat.errors import BrokerError, ConfigError
from qlmat.outbox import Message

V5, V311 = MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311
SPELLED = {V5: "5", V311: "3.1.1"}
KEEPALIVE_S = 10
CONNECT_S = 5.0  # for the TCP connection, and again for the broker's word
ASK_S = 2.0  # for its word on the protocol alone
WILL_DELAY_S = 5  # a short loss of Wi-Fi does not flap; commands wait as long at the broker and no longer
MAX_PACKET_BYTES = 65_536  # an MQTT 5 broker keeps larger ones to itself
REFUSED_VERSION = 132  # MQTT 5 reason code; paho translates the 3.1.1 code 1 to it
REFUSED_LOGIN = frozenset({134, 135})  # bad user name or password, not authorized


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """Where the broker is and how to be let in."""

    host: str = "127.0.0.1"
    port: int = 1883
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None

    def __str__(self) -> str:
        """Spell it for a message, without secrets."""
        return f"{self.host}:{self.port}"

    def context(self) -> ssl.SSLContext | None:
        """Make what TLS needs, None without TLS. Raise ConfigError when a certificate or key cannot be used."""
        if not self.tls:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"broker.ca_file: cannot use {self.ca_file} ({error}): give a PEM file.") from error
        if self.cert_file is not None:
            try:
                context.load_cert_chain(self.cert_file, self.key_file, password=_no_phrase)
            except (OSError, ssl.SSLError) as error:
                raise ConfigError(
                    f"broker.cert_file: cannot use {self.cert_file} with {self.key_file} ({error}): give the PEM files "
                    "of one certificate and its key, without a passphrase."
                ) from error
        return context


def _no_phrase() -> str:
    """Answer OpenSSL, which would else ask at the terminal for the passphrase of a key, with nobody there."""
    return ""


class Connection:
    """One attempt in one protocol: connects, carries messages, ends. `up` once the broker has said yes."""

    def __init__(
        self,
        settings: BrokerSettings,
        tls: ssl.SSLContext | None,
        protocol: MQTTProtocolVersion,
        client_id: str = "",
        will: Message | None = None,
    ) -> None:
        self.protocol = protocol
        self.up = False
        self.code: int | None = None  # the broker's answer, None while there is none
        self.reason = "no answer"
        self.delivered: Callable[[int, ReasonCode], None] = lambda mid, code: None
        self.received: Callable[[MQTTMessage], None] = lambda message: None
        self._settings = settings
        self.client = Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=protocol, reconnect_on_failure=False
        )
        self.client.connect_timeout = CONNECT_S
        self._introduce(tls, will)
        self.client.on_socket_open = _send_at_once
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = self._on_disconnect
        self.client.on_publish = lambda client, userdata, mid, code, properties: self.delivered(mid, code)
        self.client.on_message = lambda client, userdata, message: self.received(message)

    def _introduce(self, tls: ssl.SSLContext | None, will: Message | None) -> None:
        if self._settings.username is not None:
            self.client.username_pw_set(self._settings.username, self._settings.password)
        if tls is not None:
            self.client.tls_set_context(tls)
        if will is not None:
            delay = _properties(self.protocol, PacketTypes.WILLMESSAGE, WillDelayInterval=WILL_DELAY_S)
            self.client.will_set(will.topic, will.payload, will.qos, will.retain, delay)

    def open(self) -> None:
        """Begin to connect. Raise OSError when nobody listens."""
        host, port = self._settings.host, self._settings.port
        if self.protocol == V311:
            self.client.connect(host, port, KEEPALIVE_S)
            return
        # Not a clean start: a clean one would end the session that holds the delayed will, and so publish it.
        limits = _properties(
            V5, PacketTypes.CONNECT, SessionExpiryInterval=WILL_DELAY_S, MaximumPacketSize=MAX_PACKET_BYTES
        )
        self.client.connect(host, port, KEEPALIVE_S, clean_start=False, properties=limits)

    def knock(self) -> None:
        """Begin to connect with nothing but the protocol version. Raise OSError when nobody listens.

        amqtt reads the properties of MQTT 5 as a very long client id and waits for the rest of it for ever.
        """
        self.client.connect(self._settings.host, self._settings.port, KEEPALIVE_S, clean_start=True)

    def turn(self, timeout_s: float, wake: socket.socket | None = None) -> bool:
        """Wait for the network or for `wake`, then move bytes. Return False once the connection has ended."""
        carrier: Any = self.client.socket()
        if carrier is None:
            return False
        pending = carrier.pending() if isinstance(carrier, ssl.SSLSocket) else 0
        writers = [carrier] if self.client.want_write() else []
        readers = [carrier] if wake is None else [carrier, wake]
        readable, writable, _ = select.select(readers, writers, [], 0.0 if pending else timeout_s)
        if wake is not None and wake in readable:
            wake.recv(4096)
        if carrier in readable or pending:
            self.client.loop_read()
        if writable and self.client.socket() is not None:
            self.client.loop_write()
        self.client.loop_misc()
        return self.client.socket() is not None

    def send(self, message: Message) -> int:
        """Hand one message over and return its packet number."""
        properties = None
        if message.correlation is not None:
            properties = _properties(self.protocol, PacketTypes.PUBLISH, CorrelationData=message.correlation)
        return self.client.publish(message.topic, message.payload, message.qos, message.retain, properties).mid

    def close(self) -> None:
        """Say goodbye, so that neither is the will sent nor do commands wait for us, and let the socket go."""
        over = _properties(self.protocol, PacketTypes.DISCONNECT, SessionExpiryInterval=0)
        self.client.disconnect(properties=over)
        self.client.loop_write()
        carrier = self.client.socket()
        if carrier is not None:
            carrier.close()

    def explain(self) -> str:
        """Say in one line why there is no connection and what to do."""
        return _explain(self._settings, self.code, self.reason)

    def _on_connect(
        self, client: Client, userdata: Any, flags: ConnectFlags, code: ReasonCode, properties: Properties | None
    ) -> None:
        self.code = code.value
        self.up = not code.is_failure
        self.reason = str(code)

    def _on_disconnect(
        self, client: Client, userdata: Any, flags: DisconnectFlags, code: ReasonCode, properties: Properties | None
    ) -> None:
        if self.up:  # else the refusal is the better reason
            self.reason = str(code)
        self.up = False


def _send_at_once(client: Client, userdata: Any, carrier: Any) -> None:
    # Else an event that follows a picture waits 40 ms for the kernel on the other side to confirm the picture.
    carrier.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _explain(settings: BrokerSettings, code: int | None, reason: str) -> str:
    if code in REFUSED_LOGIN:
        return f"MQTT broker {settings} refuses us ({reason}): check broker.username and broker.password_file."
    if code == 0:
        return f"MQTT broker {settings} went away ({reason})."
    if code is None:
        return f"MQTT broker {settings} cannot be reached ({reason}): start it, or check broker.host and broker.port."
    return f"MQTT broker {settings} refuses us ({reason}): see its log."


def unreachable(settings: BrokerSettings, error: Exception) -> str:
    """Say in one line that nobody listens and what to do."""
    return _explain(settings, None, getattr(error, "strerror", None) or str(error))


def ask_protocol(settings: BrokerSettings, tls: ssl.SSLContext | None) -> MQTTProtocolVersion:
    """Ask, without credentials, if the broker knows MQTT 5; return what to speak. Raise OSError if nobody listens."""
    connection = Connection(replace(settings, username=None, password=None), tls, V5)
    connection.knock()
    _await_word(connection, ASK_S)
    return V311 if connection.code in {None, REFUSED_VERSION} else V5


def check_broker(settings: BrokerSettings) -> str:
    """Connect once and return the protocol the broker speaks, "5" or "3.1.1". Raise BrokerError with one line."""
    tls = settings.context()
    try:
        connection = Connection(settings, tls, ask_protocol(settings, tls))
        connection.open()
    except (OSError, UnicodeError) as error:
        raise BrokerError(unreachable(settings, error)) from error
    _await_word(connection, CONNECT_S)
    if connection.code != 0:
        raise BrokerError(connection.explain())
    return SPELLED[connection.protocol]


def take_back(settings: BrokerSettings, topics: tuple[str, ...]) -> tuple[str, ...]:
    """Take what is retained on these topics off the broker; return those it would not let us. Raise BrokerError."""
    check_broker(settings)
    tls = settings.context()
    connection = Connection(settings, tls, ask_protocol(settings, tls))
    waiting, refused = dict[int, str](), list[str]()

    def delivered(mid: int, code: ReasonCode) -> None:
        topic = waiting.pop(mid)
        if code.is_failure:
            refused.append(topic)

    connection.delivered = delivered
    connection.open()
    end_s = time.monotonic() + 2.0 * CONNECT_S
    due = list(topics)
    while (due or waiting) and time.monotonic() < end_s and connection.turn(0.1):
        if connection.up and due:  # in their order, so that Home Assistant lets go of what it would else read as empty
            topic = due.pop(0)
            waiting[connection.send(Message(topic, b"", qos=1, retain=True))] = topic
    connection.close()
    return (*refused, *waiting.values(), *due)


def _await_word(connection: Connection, limit_s: float) -> None:
    end_s = time.monotonic() + limit_s
    while not connection.up and time.monotonic() < end_s and connection.turn(0.1):
        pass
    connection.close()


def _properties(protocol: MQTTProtocolVersion, packet: int, **values: Any) -> Properties | None:
    if protocol != V5:
        return None
    properties = Properties(packet)  # type: ignore[no-untyped-call]  # paho leaves it unannotated
    for name, value in values.items():
        setattr(properties, name, value)
    return properties
