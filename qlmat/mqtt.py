"""The mat on MQTT: a sink that says what `qlmat.topics` promises, and hears the commands.

`put` only encodes and appends; the network lives in the thread of `qlmat.link`.
"""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from secrets import SystemRandom

from paho.mqtt.client import MQTTMessage

from qlmat.commands import CommandDesk
from qlmat.connection import BrokerSettings, check_broker
from qlmat.core.model import SIDES, Event, Frame, Tick
from qlmat.core.plan import Plan
from qlmat.homeassistant import BIRTH, BIRTH_DELAY_S, discovery_payload, discovery_topic, left_behind, value_topics
from qlmat.inbox import Requests
from qlmat.keeper import Keeper
from qlmat.link import Link
from qlmat.outbox import Message, Outbox
from qlmat.payloads import (
    Payload,
    encode,
    event_payload,
    offline_payload,
    online_payload,
    plan_payload,
    scalar,
    without_force,
    without_measures,
    without_places,
)
from qlmat.pulse import Pulse
from qlmat.steering import Steering
from qlmat.summing import Summary, Summing
from qlmat.telling import NOBODY, Coached, Telling, allows
from qlmat.topics import topic_of
from qlmat.vitality import Vitality
from qlmat.vitals import RUNNING, clock_state, corrected, machine_boot, stamp
from qlmat.wishes import RefusedError, Values

__all__ = ["BrokerSettings", "MqttSink", "Telling", "check_broker"]

LEASE_S = 60.0
UNKEPT = frozenset({"barred", "why_not"})  # of somebody's answers: not for a retained message


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MqttSink:
    """Publishes everything of one mat, and puts the commands it hears on `commands`.

    `wishes`: what can be told to `coached`, by the names of `qlmat.wishes`; they raise RefusedError.
    """

    def __init__(
        self,
        settings: BrokerSettings,
        mat_id: str,
        commands: Requests,
        steering: Steering | None = None,
        telling: Telling | None = None,
        keeper: Keeper | None = None,
        coached: Coached | None = None,
        wishes: Mapping[str, Callable[[Values], None]] | None = None,
        outbox: Outbox | None = None,
        wall: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.outbox = Outbox() if outbox is None else outbox
        self.boot = uuid.uuid4().hex[:8]
        self._machine = machine_boot()
        self._mat_id = mat_id
        self._root = topic_of(mat_id, "")
        self._steering = Steering(Plan()) if steering is None else steering
        self._telling = Telling() if telling is None else telling
        self._keeper = keeper
        self._wall = wall
        self._coached = coached
        self._pulse = Pulse()
        self._summing = Summing()
        local: dict[str, Callable[[Values], None]] = {"live": self._lease, "rate": self._pace, **(wishes or {})}
        self._desk = CommandDesk(commands, local, self._known_time)
        self._announce_s = float("inf")  # when Home Assistant is told again
        self._vitality = Vitality(self.boot)
        self._values: dict[str, bytes] = {}
        self._settings: dict[str, Payload] = {}
        last = {} if keeper is None else keeper.last
        self._events, self._sessions = int(last.get("events", 0)), int(last.get("sessions", 0))
        self._replay()
        self._introduce()
        self._link = self._linked(settings)
        self._link.start()

    def _linked(self, settings: BrokerSettings) -> Link:
        return Link(
            settings,
            client_id=f"qlmat-{self._mat_id}",
            outbox=self.outbox,
            hello=(self._message("status", encode(online_payload(RUNNING, self.boot)), retain=True),),
            farewell=self._message("status", encode(offline_payload()), retain=True),
            listen_to=(f"{self._root}cmd/+", *([BIRTH] if self._telling.discovery else [])),
            received=self._received,
            confirmed=self._confirmed,
            dated=self._dated,
        )

    @property
    def protocol(self) -> str | None:
        """Tell what is spoken with the broker now, "5" or "3.1.1"; None while there is no connection."""
        return self._link.protocol

    @property
    def refused(self) -> int:
        """Count the messages the broker did not want, such as those to another mat's topics."""
        return self._link.refused

    def put(self, tick: Tick, frame: Frame) -> None:
        """Take one tick. Appends at most a few messages; never waits for the network."""
        private = self._telling.private
        for event in tick.events:
            self._event(without_measures(event) if private else event)
        summary = self._summing.step(tick)
        if summary is not None:
            self._sum_up(summary)
        due = self._pulse.step(tick, frame)
        if due.state is not None:
            self._say_state(without_force(due.state) if private else due.state)
        if due.live is not None and not private:
            self.outbox.picture(Message(f"{self._root}live", encode(due.live)))
        if tick.events or due.state is not None or due.live is not None:
            self._link.wake()

    def wake(self) -> None:
        """Send what was put into the outbox from elsewhere."""
        self._link.wake()

    def close(self) -> None:
        """Send what waits, then `offline`; ends within a second even when the broker is gone."""
        self._link.close()
        if self._keeper is not None:
            self._keeper.close()

    # --- what is said -------------------------------------------------------------------------------------------------

    def _introduce(self) -> None:
        """Say what is retained, and take back what a former id or setting left behind."""
        telling, announced = self._telling, b""
        if telling.discovery:
            coached = self._coached is not None
            announced = encode(discovery_payload(self._mat_id, telling.name, RUNNING, telling.private, coached))
        self.outbox.stand(Message(discovery_topic(self._mat_id), announced, qos=1, retain=True))
        self._say_settings()
        gone = () if telling.formerly is None else left_behind(telling.formerly)
        gone += value_topics(self._mat_id) if telling.valued and not telling.values else ()
        for topic in gone:
            self.outbox.stand(Message(topic, b"", qos=1, retain=True))

    def _say_settings(self) -> None:
        """Say plan, configuration and course as they are, each when it has changed."""
        telling, coached = self._telling, self._coached
        config = {
            **NOBODY,
            **self._steering.aims(),
            **({} if coached is None else coached.chosen()),
            **telling.calibrated,
            "live_hz": self._pulse.live_hz,
            "private": telling.private,
            "values": telling.values,
            "discovery": telling.discovery,
        }
        plan = self._steering.plan if coached is None else coached.plan()
        said = {"plan": plan_payload(plan) | ({} if coached is None else coached.aims()), "config": config}
        if telling.private:
            said["plan"] = without_places(said["plan"])
        said |= {} if coached is None else {"course": coached.course()}
        for name, payload in said.items():
            if self._settings.get(name) != payload:
                self._settings[name] = payload
                self._stand(name, encode(payload))

    def _say_state(self, state: Payload) -> None:
        self.outbox.state(Message(f"{self._root}state", encode(state)))
        for key, value in state.items() if self._telling.values else ():
            said = scalar(value)
            if key not in UNKEPT and self._values.get(key) != said:
                self._values[key] = said
                self.outbox.stand(Message(f"{self._root}value/{key}", said, retain=True))
        self._say_settings()
        known = self._vitality.step(state)
        if known is not None:
            lost, dropped = self.outbox.events_lost, self.outbox.live_dropped
            time_utc = stamp(self._wall())
            health = self._vitality.say(known, time_utc, lost, dropped, self._desk.refused, self.protocol)
            self._stand("health", encode(health))
        if time.monotonic() >= self._announce_s:
            self._announce_s = float("inf")
            self.outbox.repeat()

    def _event(self, event: Event) -> None:
        self._events += 1
        self._vitality.chips_lost += event.name == "adc_fault"
        said = event_payload(event, self._events, self.boot, stamp(self._wall()), clock_state())
        self._keep("event", said)

    def _sum_up(self, summary: Summary) -> None:
        self._sessions += 1
        said = summary.said
        if self._telling.private:
            said = said | {side: said[side] | {"force_n": None, "force_max_n": None} for side in SIDES}
        ended = self._wall()
        began = ended - timedelta(seconds=summary.ended_s - summary.began_s)
        times = {"began": stamp(began), "ended": stamp(ended), "clock": clock_state()}
        self._keep(f"session/{self._sessions}", {"n": self._sessions, "boot": self.boot, **times, **said})

    def _stand(self, name: str, payload: bytes) -> None:
        self.outbox.stand(self._message(name, payload, retain=True))

    def _message(self, name: str, payload: bytes, retain: bool = False) -> Message:
        return Message(f"{self._root}{name}", payload, qos=1, retain=retain)

    # --- what must not be lost ----------------------------------------------------------------------------------------

    def _keep(self, name: str, said: Payload) -> None:
        record, undated_s = 0, time.monotonic() if said["clock"] == "unsynced" else None
        if self._keeper is not None:
            counts = {"events": self._events, "sessions": self._sessions}
            undated = {} if undated_s is None else {"undated_s": undated_s, "machine": self._machine}
            record = self._keeper.keep({"name": name, "said": encode(said).decode(), **counts, **undated})
        self.outbox.keep(self._message(name, encode(said))._replace(record=record, undated_s=undated_s))

    def _replay(self) -> None:
        """Take up what an earlier run could not deliver, in its order."""
        for record in () if self._keeper is None else self._keeper.unsent:
            message = self._message(record["name"], record["said"].encode())
            # Of another boot of the machine nobody can say any more when it was.
            same = self._machine is not None and record.get("machine") == self._machine
            undated_s = record.get("undated_s") if same else None
            self.outbox.keep(message._replace(record=record["k"], undated_s=undated_s))

    # --- in the network thread ----------------------------------------------------------------------------------------

    def _confirmed(self, message: Message) -> None:
        if message.topic.endswith("/health"):
            self._vitality.look()  # once a minute, for the next one
        if self._keeper is not None and message.record:
            self._keeper.confirm(message.record)

    def _dated(self, message: Message) -> Message:
        """Correct the dates of what happened before the clock was set, once it is."""
        if message.undated_s is None or clock_state() != "synced":
            return message
        ended = self._wall() - timedelta(seconds=time.monotonic() - message.undated_s)
        return message._replace(payload=encode(corrected(json.loads(message.payload), ended)), undated_s=None)

    def _received(self, message: MQTTMessage) -> None:
        if message.topic == BIRTH:
            if message.payload == b"online":
                self._announce_s = time.monotonic() + SystemRandom().uniform(0.0, BIRTH_DELAY_S)
            return
        name = message.topic.removeprefix(f"{self._root}cmd/")
        asked = getattr(message.properties, "ResponseTopic", None)
        topic = asked if asked is not None and allows(self._root, asked) else f"{self._root}resp/{name[:64]}"
        correlation = getattr(message.properties, "CorrelationData", None)
        reply = partial(self._reply, name, topic, correlation)
        self._desk.take(name, bytes(message.payload), message.retain, reply)

    def _reply(self, name: str, topic: str, correlation: bytes | None, answer: Payload) -> None:
        """Answer, in the control loop or in the network thread."""
        self.outbox.answer(Message(topic, encode(answer), qos=1, correlation=correlation), urgent=name == "stop")
        self._link.wake()

    def _lease(self, values: Values) -> None:
        if self._telling.private:
            raise RefusedError("this mat keeps what it measures to itself (broker.private)")
        self._pulse.lease(values.get("seconds", LEASE_S))

    def _pace(self, values: Values) -> None:
        self._pulse.pace(values["live_hz"])

    def _known_time(self) -> datetime | None:
        return None if clock_state() == "unsynced" else self._wall()
