"""The mat on MQTT: a sink that says what `qlmat.topics` promises, and hears the commands.

`put` only encodes and appends; the network lives in the thread of `qlmat.link`.
"""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from queue import SimpleQueue

from paho.mqtt.client import MQTTMessage

from qlmat.commands import CommandDesk
from qlmat.connection import BrokerSettings, check_broker
from qlmat.core.model import Command, Event, Frame, Tick
from qlmat.core.plan import Plan
from qlmat.link import Link
from qlmat.outbox import Message, Outbox
from qlmat.payloads import encode, event_payload, offline_payload, online_payload, plan_payload
from qlmat.pulse import Pulse
from qlmat.topics import topic_of

__all__ = ["BrokerSettings", "MqttSink", "check_broker"]

MAX_RESPONSE_TOPIC = 256


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MqttSink:
    """Publishes status, state, live and events of one mat, and puts the commands it hears on `commands`."""

    def __init__(
        self,
        settings: BrokerSettings,
        mat_id: str,
        commands: "SimpleQueue[Command]",
        outbox: Outbox | None = None,
        plan: Plan | None = None,
        wall: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.outbox = Outbox() if outbox is None else outbox
        self.boot = uuid.uuid4().hex[:8]
        self._root = topic_of(mat_id, "")
        self._desk = CommandDesk(commands)
        self._wall = wall
        self._pulse = Pulse()
        self._numbered = 0
        self._link = Link(
            settings,
            client_id=f"qlmat-{mat_id}",
            outbox=self.outbox,
            hello=tuple(self._hello(plan)),
            farewell=self._message("status", encode(offline_payload()), retain=True),
            listen_to=f"{self._root}cmd/+",
            received=self._received,
        )
        self._link.start()

    @property
    def protocol(self) -> str | None:
        """Tell what is spoken with the broker now, "5" or "3.1.1"; None while there is no connection."""
        return self._link.protocol

    def put(self, tick: Tick, frame: Frame) -> None:
        """Take one tick. Appends at most a few messages; never waits for the network."""
        for event in tick.events:
            self.outbox.keep(self._number(event))
        due = self._pulse.step(tick, frame)
        if due.state is not None:
            self.outbox.state(Message(f"{self._root}state", encode(due.state)))
        if due.live is not None:
            self.outbox.picture(Message(f"{self._root}live", encode(due.live)))
        if tick.events or due.state is not None or due.live is not None:
            self._link.wake()

    def close(self) -> None:
        """Send what waits, then `offline`; ends within a second even when the broker is gone."""
        self._link.close()

    def _number(self, event: Event) -> Message:
        self._numbered += 1
        time = self._wall().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return self._message("event", encode(event_payload(event, self._numbered, self.boot, time)))

    def _hello(self, plan: Plan | None) -> Iterator[Message]:
        yield self._message("status", encode(online_payload(version("qlmat"), self.boot)), retain=True)
        if plan is not None:
            yield self._message("plan", encode(plan_payload(plan)), retain=True)

    def _message(self, name: str, payload: bytes, retain: bool = False) -> Message:
        return Message(f"{self._root}{name}", payload, qos=1, retain=retain)

    # --- in the network thread ----------------------------------------------------------------------------------------

    def _received(self, message: MQTTMessage) -> None:
        name = message.topic.removeprefix(f"{self._root}cmd/")
        answer = self._desk.take(name, bytes(message.payload), message.retain)
        if answer is not None:
            asked = getattr(message.properties, "ResponseTopic", None)
            topic = asked if asked is not None and self._allows(asked) else f"{self._root}resp/{name[:64]}"
            correlation = getattr(message.properties, "CorrelationData", None)
            self.outbox.answer(Message(topic, encode(answer), qos=1, correlation=correlation))

    def _allows(self, topic: str) -> bool:
        """Tell whether an asker may choose this topic: not ours, where an answer could pass for our own word."""
        ours = topic.startswith(self._root) and not topic.startswith(f"{self._root}resp/")
        return (
            0 < len(topic) <= MAX_RESPONSE_TOPIC
            and not ours
            and not topic.startswith("$")
            and not set(topic) & set("+#\0")
        )
