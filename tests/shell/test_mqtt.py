"""A mat on a real Mosquitto, seen from outside: what it says and what it does with what it hears."""

import json
import logging
import re
import threading
import time
from collections.abc import Callable
from math import nan
from typing import Any, cast

import pytest

from qlmat.connection import MAX_PACKET_BYTES
from qlmat.core.model import Command, Contact, Contacts, Movement
from qlmat.inbox import Asked, Requests
from qlmat.link import TURN_S
from qlmat.mqtt import MqttSink
from qlmat.topics import BY_NAME
from qlmat.vitals import RUNNING
from tests.shell.brokers import PATIENCE_S, Mosquitto, Watcher, wait_until
from tests.shell.ticks import NOTHING, frame, happening, tick, touched

Open = Callable[..., Any]


def next_wish(commands: Requests, reason: str | None = None) -> object:
    """Take the next thing asked for off the loop's queue and answer it."""
    asked = cast(Asked, commands.get(timeout=PATIENCE_S))
    asked.answer(reason)
    return asked.wish


@pytest.fixture
def pair(mosquitto: Mosquitto, watch: Open, mat: Open) -> tuple[Watcher, MqttSink]:
    """A watcher, and a mat it has seen come online."""
    watcher: Watcher = watch(mosquitto.port)
    sink: MqttSink = mat(mosquitto.port)
    assert json.loads(watcher.on("qlmat/m1/status"))["state"] == "online"
    return watcher, sink


def test_mosquitto_is_spoken_to_in_mqtt_5(pair: tuple[Watcher, MqttSink]) -> None:
    assert pair[1].protocol == "5"


def test_the_status_is_retained_and_ends_as_offline(
    mosquitto: Mosquitto, pair: tuple[Watcher, MqttSink], watch: Open
) -> None:
    late = watch(mosquitto.port)
    status = late.expect(lambda message: message.topic == "qlmat/m1/status")
    assert status.retain
    assert json.loads(status.payload).keys() == BY_NAME["status"].sample.keys()
    pair[1].close()
    assert json.loads(late.on("qlmat/m1/status")) == {"state": "offline"}


def test_the_state_comes_once_a_second_of_tick_time_with_every_key(pair: tuple[Watcher, MqttSink]) -> None:
    watcher, sink = pair
    for scan in range(151):  # 3 s at 50 Hz
        sink.put(tick(scan / 50), frame(scan / 50))
        if scan % 50 == 0:
            state = json.loads(watcher.on("qlmat/m1/state"))
            assert (state["t_s"], state["rate_hz"]) == (scan / 50, None if scan == 0 else 50.0)
            assert state.keys() == BY_NAME["state"].sample.keys()


def test_the_live_picture_comes_while_touched(pair: tuple[Watcher, MqttSink]) -> None:
    watcher, sink = pair
    sink.put(tick(0.0), frame())
    sink.put(touched(0.1), frame())
    live = json.loads(watcher.on("qlmat/m1/live"))
    assert (live["t_s"], live["pads"]["left"]["force_n"]) == (0.1, 40.0)


def test_events_are_numbered_from_one_and_say_their_boot_and_utc_time(pair: tuple[Watcher, MqttSink]) -> None:
    watcher, sink = pair
    for scan in range(3):
        sink.put(happening(scan * 0.01), frame())
    events = [json.loads(watcher.on("qlmat/m1/event")) for _ in range(3)]
    assert [event["n"] for event in events] == [1, 2, 3]
    assert {event["boot"] for event in events} == {sink.boot}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["time"]) for event in events)
    assert events[0].keys() == BY_NAME["event"].sample.keys()


def test_a_watcher_hears_of_an_event_at_once(pair: tuple[Watcher, MqttSink]) -> None:
    watcher, sink = pair
    began_s = time.monotonic()
    for n in range(20):
        sink.put(happening(n / 100), frame())
        watcher.on("qlmat/m1/event")
    assert (time.monotonic() - began_s) / 20 < TURN_S / 2, "the network thread slept although something was due"


def test_nan_never_leaves(pair: tuple[Watcher, MqttSink]) -> None:
    watcher, sink = pair
    broken = Contact(nan, (nan, nan), True)
    sink.put(tick(0.0, contacts=Contacts(0.0, broken, NOTHING), movement=Movement("left", "rock", nan)), frame())
    live, state = watcher.on("qlmat/m1/live"), b""
    state = next(m.payload for m in watcher.heard if m.topic == "qlmat/m1/state")
    assert b"NaN" not in live + state
    assert json.loads(live)["pads"]["left"] == {"force_n": None, "cop_mm": None, "touching": True}
    assert json.loads(state)["left_force_n"] is json.loads(state)["cadence_cpm"] is None


def test_a_command_reaches_the_loop_and_is_answered(pair: tuple[Watcher, MqttSink], commands: Requests) -> None:
    pair[0].say("qlmat/m1/cmd/start", b'{"side": "right", "id": "7"}')
    assert next_wish(commands) == Command("start", "right")
    answer = json.loads(pair[0].on("qlmat/m1/resp/start"))
    assert answer == {"command": "start", "id": "7", "ok": True, "reason": None}


def test_an_answer_says_what_the_loop_said(pair: tuple[Watcher, MqttSink], commands: Requests) -> None:
    pair[0].say("qlmat/m1/cmd/tare")
    next_wish(commands, "a session is running")
    answer = json.loads(pair[0].on("qlmat/m1/resp/tare"))
    assert (answer["ok"], answer["reason"]) == (False, "a session is running")


def test_an_answer_goes_to_the_response_topic_with_the_askers_correlation_data(
    pair: tuple[Watcher, MqttSink], commands: Requests
) -> None:
    pair[0].say("qlmat/m1/cmd/tare", answer_to="me/here", correlation=b"\x01\x02")
    next_wish(commands)
    answer = pair[0].expect(lambda message: message.topic == "me/here")
    assert answer.properties is not None
    assert answer.properties.CorrelationData == b"\x01\x02"
    assert json.loads(answer.payload)["ok"] is True


@pytest.mark.parametrize("topic", ["qlmat/m1/status", "qlmat/m1/cmd/stop", "$SYS/x", "a" * 300, "homeassistant/x"])
def test_an_asker_cannot_make_the_mat_speak_in_its_own_name(
    pair: tuple[Watcher, MqttSink], commands: Requests, topic: str
) -> None:
    pair[0].say("qlmat/m1/cmd/tare", answer_to=topic)
    next_wish(commands)
    assert json.loads(pair[0].on("qlmat/m1/resp/tare"))["ok"] is True
    assert not [m for m in pair[0].heard if m.topic == topic and b"command" in m.payload]


def test_a_retained_command_is_discarded_with_a_log_line(
    mosquitto: Mosquitto, watch: Open, mat: Open, commands: Requests, caplog: pytest.LogCaptureFixture
) -> None:
    watcher = watch(mosquitto.port)
    watcher.say("qlmat/m1/cmd/start", b"{}", retain=True)
    with caplog.at_level(logging.WARNING):
        mat(mosquitto.port)
        watcher.on("qlmat/m1/status")
        watcher.say("qlmat/m1/cmd/tare")
        assert next_wish(commands) == Command("tare")  # the first that arrives, not the retained start
    assert commands.empty()
    assert "retained" in caplog.text


def test_an_oversize_payload_is_refused_and_the_next_command_works(
    pair: tuple[Watcher, MqttSink], commands: Requests
) -> None:
    watcher = pair[0]
    watcher.say("qlmat/m1/cmd/tare", b" " * 2000)
    refusal = json.loads(watcher.on("qlmat/m1/resp/tare"))
    assert (refusal["ok"], refusal["reason"]) == (False, "payload of 2000 bytes: at most 1024")
    watcher.say("qlmat/m1/cmd/tare", b" " * (MAX_PACKET_BYTES + 1))  # the broker keeps this one to itself
    watcher.say("qlmat/m1/cmd/mark")
    next_wish(commands)
    watcher.on("qlmat/m1/resp/mark")
    assert sum(m.topic == "qlmat/m1/resp/tare" for m in watcher.heard) == 1


def test_a_newer_version_on_disk_is_told_and_looked_for_outside_the_loop(
    pair: tuple[Watcher, MqttSink], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []

    def newer() -> str:
        looked.append(threading.current_thread().name)
        return "9.9.9"

    monkeypatch.setattr("qlmat.vitality.installed_version", newer)
    watcher, sink = pair
    for second in range(3):
        sink.put(tick(float(second)), frame())
    first = json.loads(watcher.on("qlmat/m1/health"))
    assert (first["sw_installed"], first["sw"]) == (RUNNING, RUNNING)
    wait_until(lambda: bool(looked))
    for second in range(3, 70):
        sink.put(tick(float(second)), frame())
    assert json.loads(watcher.on("qlmat/m1/health"))["sw_installed"] == "9.9.9"
    assert set(looked) == {"mqtt"}
