"""Ask a broker what `qlmat.doctor_broker` wants to know, by doing it: brokers grant subscriptions they then ignore.

Each question is a connection of its own, and each has a deadline; whatever the broker does, it takes 20 s at most.
"""

import ipaddress
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import replace

from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import MQTTProtocolVersion

from qlmat.connection import V5, V311, BrokerSettings, Connection, check_broker
from qlmat.doctor_broker import BrokerSeen
from qlmat.errors import BrokerError, ConfigError
from qlmat.outbox import Message

ANSWER_S = 3.0
NEVER_S = 0.7  # a message that has not come by then, while another has, is not coming
OTHER_MAT = "doctor-asks"


def see_broker(settings: BrokerSettings, mat_id: str) -> BrokerSeen:
    """Connect, send a message there and back, then try what must be refused. Raises nothing: a problem is an answer."""
    login = settings.username is not None
    seen = BrokerSeen(str(settings), None, login=login, loopback=on_this_machine(settings.host), tls=settings.tls)
    try:
        spoken = check_broker(settings)
    except (BrokerError, ConfigError) as error:
        return replace(seen, problem=str(error))
    protocol = V5 if spoken == "5" else V311
    trip_s, foreign = _exchange(settings, protocol, mat_id)
    return replace(
        seen,
        protocol=spoken,
        round_trip_s=trip_s,
        anonymous=not login or _lets_in(replace(settings, username=None, password=None), protocol),
        wrong_password=_lets_in(replace(settings, password=uuid.uuid4().hex), protocol) if login else None,
        foreign=foreign,
    )


def on_this_machine(host: str) -> bool:
    """Say whether a host name stands for loopback; one that cannot be resolved does not.

    >>> on_this_machine("127.0.0.1"), on_this_machine("192.0.2.1")
    (True, False)
    """
    try:
        addresses = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return all(ipaddress.ip_address(str(address).partition("%")[0]).is_loopback for address in addresses)


def _lets_in(settings: BrokerSettings, protocol: MQTTProtocolVersion) -> bool:
    connection = _open(settings, protocol)
    if connection is None:
        return False
    connection.close()
    return True


def _open(settings: BrokerSettings, protocol: MQTTProtocolVersion) -> Connection | None:
    connection = Connection(settings, settings.context(), protocol, client_id=f"qlmat-doctor-{uuid.uuid4().hex[:8]}")
    try:
        connection.open()
        _turn_until(connection, lambda: connection.code is not None, ANSWER_S)
    except OSError:
        return None
    return connection if connection.up else None


def _exchange(settings: BrokerSettings, protocol: MQTTProtocolVersion, mat_id: str) -> tuple[float | None, bool | None]:
    """Give the seconds of a message to ourselves (None: lost), and whether one to another mat's topic came through."""
    connection = _open(settings, protocol)
    if connection is None:
        return None, None
    heard: list[str] = []
    connection.received = lambda message: _note(message, heard)
    own, other = (f"qlmat/{name}/doctor/{uuid.uuid4().hex[:8]}" for name in (mat_id, OTHER_MAT))
    refused: set[int] = set()
    connection.delivered = lambda mid, code: refused.add(mid) if code.is_failure else None
    connection.client.subscribe([(own, 1), (other, 1)])
    began_s = time.monotonic()
    connection.send(Message(own, b"there and back", qos=1))
    came = _turn_until(connection, lambda: own in heard, ANSWER_S)
    trip_s = time.monotonic() - began_s if came else None
    tried = connection.send(Message(other, b"not ours", qos=1))
    _turn_until(connection, lambda: other in heard or tried in refused, NEVER_S if came else ANSWER_S)
    connection.close()
    return trip_s, other in heard


def _note(message: MQTTMessage, heard: list[str]) -> None:
    heard.append(message.topic)


def _turn_until(connection: Connection, done: Callable[[], bool], limit_s: float) -> bool:
    end_s = time.monotonic() + limit_s
    while not done() and time.monotonic() < end_s and connection.turn(0.05):
        pass
    return done()
