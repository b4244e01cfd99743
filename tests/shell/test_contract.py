"""What the table of topics promises, kept by a whole mat on a real broker."""

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from queue import SimpleQueue
from typing import Any

import pytest

from qlmat.commands import MAX_BYTES
from qlmat.core.model import Command, State
from qlmat.inbox import Answer, Asked
from qlmat.topics import BY_NAME
from tests.shell.brokers import Mosquitto, Watcher
from tests.shell.living import STATES, LivingMat

Open = Callable[..., Any]


@pytest.fixture
def ear(mosquitto: Mosquitto, watch: Open) -> Watcher:
    """Somebody outside."""
    watcher: Watcher = watch(mosquitto.port, topic="qlmat/#")
    return watcher


def answer(ear: Watcher, name: str, payload: bytes = b"{}") -> Any:
    """Ask for something and wait for what the mat says to it."""
    ear.say(f"qlmat/m1/cmd/{name}", payload)
    return json.loads(ear.on(f"qlmat/m1/resp/{name}"))


def state(ear: Watcher, wanted: str) -> None:
    """Wait until the session is in a state."""
    ear.expect(lambda m: m.topic == "qlmat/m1/state" and json.loads(m.payload)["state"] == wanted)


def test_every_topic_of_a_session_comes_with_the_keys_of_the_table(
    mosquitto: Mosquitto, ear: Watcher, closing: ExitStack
) -> None:
    mat = LivingMat(mosquitto.port, closing, speed=20.0)
    state(ear, "waiting")
    mat.weight.foot_n = 30.0
    state(ear, "working")
    answer(ear, "stop")
    ear.on("qlmat/m1/session/1")
    said = {message.topic.removeprefix("qlmat/m1/"): message for message in ear.heard}
    for name in ("status", "plan", "state", "live", "event", "config", "course", "health"):
        assert json.loads(said[name].payload).keys() == BY_NAME[name].sample.keys(), name
        assert said[name].retain is False, "a live subscription"
    assert json.loads(said["session/1"].payload).keys() == BY_NAME["session/<n>"].sample.keys()
    assert json.loads(said["session/1"].payload)["reason"] == "asked to stop"


def test_a_late_listener_finds_what_is_retained_and_nothing_else(
    mosquitto: Mosquitto, ear: Watcher, closing: ExitStack, watch: Open
) -> None:
    LivingMat(mosquitto.port, closing)
    ear.on("qlmat/m1/health")
    late: Watcher = watch(mosquitto.port, topic="qlmat/#")
    state(late, "waiting")
    retained = {message.topic.removeprefix("qlmat/m1/") for message in late.heard if message.retain}
    assert retained == {"status", "plan", "config", "course", "health"}


def test_live_pictures_come_for_as_long_as_they_were_asked_for(
    mosquitto: Mosquitto, ear: Watcher, closing: ExitStack
) -> None:
    LivingMat(mosquitto.port, closing)
    state(ear, "waiting")
    assert not [m for m in ear.heard if m.topic == "qlmat/m1/live"]
    assert answer(ear, "rate", b'{"live_hz": 20}')["ok"] is True
    assert answer(ear, "live", b'{"seconds": 2}')["ok"] is True
    times_s = [json.loads(ear.on("qlmat/m1/live"))["t_s"] for _ in range(30)]
    assert (times_s[-1] - times_s[0]) / 29 == pytest.approx(1 / 20, rel=0.1)
    began_s = times_s[0]
    for _ in range(3):
        ear.on("qlmat/m1/state")
    last_s = [json.loads(m.payload)["t_s"] for m in ear.heard if m.topic == "qlmat/m1/live"][-1]
    assert last_s - began_s < 2.5


class Turns(SimpleQueue[Command | Asked]):
    """The loop's queue; notes how many turns of the loop a stop took from its arrival to its answer."""

    def __init__(self) -> None:
        self.took: list[int] = []
        self.now: Callable[[], int] = lambda: 0

    def put(self, item: Command | Asked, block: bool = True, timeout: float | None = None) -> None:
        """Put it, and listen for its answer."""
        if isinstance(item, Asked) and item.stops:
            item = replace(item, answer=self._noting(item, self.now()))
        super().put(item)

    def _noting(self, asked: Asked, came: int) -> Answer:
        def answer(reason: str | None) -> None:
            self.took.append(self.now() - came)
            asked.answer(reason)

        return answer


def test_a_stop_is_done_in_the_next_turn_of_the_loop_in_every_state(
    mosquitto: Mosquitto, ear: Watcher, closing: ExitStack
) -> None:
    # A turn takes 14 ms at 70 scans a second; `bench.mqtt` measures the milliseconds outside, at the speed of life.
    turns = Turns()
    mat = LivingMat(mosquitto.port, closing, speed=40.0, commands=turns)
    turns.now = lambda: mat.runtime.stats.frames
    mat.wait_for(ear, "waiting")
    resting: dict[State, State] = {"waiting": "waiting", "done": "done", "measuring": "waiting"}
    for wanted in STATES:
        mat.reach(ear, wanted)
        assert answer(ear, "stop")["ok"] is True, wanted
        mat.wait_for(ear, resting.get(wanted, "stopped"))  # a state told just before the stop may still be on its way
    assert max(turns.took) <= 2, "one that was being read, and the one after it"


def test_zero_and_a_known_weight_are_tried_from_afar(mosquitto: Mosquitto, ear: Watcher, closing: ExitStack) -> None:
    mat = LivingMat(mosquitto.port, closing, speed=10.0)
    mat.wait_for(ear, "waiting")
    assert answer(ear, "calibrate", b'{"what": "zero"}')["ok"] is True
    mat.weight.foot_n = 30.0
    mat.wait_for(ear, "settling")  # a weight begins a session, as a ball does
    assert answer(ear, "calibrate", b'{"what": "check", "force_n": 90}')["ok"] is True
    assert "under 45.0 N" in answer(ear, "calibrate", b'{"what": "check", "force_n": 45}')["reason"]
    assert answer(ear, "calibrate", b'{"what": "zero"}')["reason"] == "a session is running"
    answer(ear, "stop")
    assert "take everything off it" in answer(ear, "calibrate", b'{"what": "zero"}')["reason"]
    assert len([m for m in ear.heard if m.topic == "qlmat/m1/event" and b'"tared"' in m.payload]) == 1


def test_a_stop_overtakes_a_flood_of_commands(mosquitto: Mosquitto, ear: Watcher, closing: ExitStack) -> None:
    LivingMat(mosquitto.port, closing)
    state(ear, "waiting")
    answer(ear, "start")
    for _ in range(500):
        ear.post("qlmat/m1/cmd/mark")
    began_s = time.monotonic()
    ear.post("qlmat/m1/cmd/stop")
    assert json.loads(ear.on("qlmat/m1/resp/stop"))["ok"] is True  # said before the event
    stopped = ear.expect(lambda m: m.topic == "qlmat/m1/event" and b"session_stopped" in m.payload)
    assert json.loads(stopped.payload)["detail"]["reason"] == "asked to stop"
    assert time.monotonic() - began_s < 5.0  # the broker has 500 messages to bring before it; one a scan takes 7 s


def test_a_command_does_not_wait_for_a_mat_that_was_switched_off(
    mosquitto: Mosquitto, ear: Watcher, closing: ExitStack
) -> None:
    mat = LivingMat(mosquitto.port, closing)
    state(ear, "waiting")
    mat.close()
    ear.say("qlmat/m1/cmd/start")
    LivingMat(mosquitto.port, closing)
    for _ in range(3):
        state(ear, "waiting")
    assert not [m.topic for m in ear.heard if "/resp/" in m.topic]


@pytest.mark.parametrize(
    ("name", "payload", "words"),
    [
        ("start", b"\x00\xff" * 10, "not JSON"),
        ("start", b"[" * MAX_BYTES, "not JSON"),
        ("start", b'{"at": "2999-01-01T00:00:00Z"}', "in the future"),
        ("start", b'{"side": 1}', "use 'left' or 'right'"),
        ("sudo", b"{}", "no such command"),
        ("person", b'{"person": ""}', "a text of 1 to"),
        ("screening", b'{"yes": ["everything"]}', "a list of"),
        ("screening", b'{"yes": [[]]}', "a list of"),
    ],
)
def test_bad_input_is_refused_with_its_reason(
    mosquitto: Mosquitto, ear: Watcher, closing: ExitStack, name: str, payload: bytes, words: str
) -> None:
    LivingMat(mosquitto.port, closing)
    state(ear, "waiting")
    said = answer(ear, name, payload)
    assert said["ok"] is False
    assert words in said["reason"]


def test_a_command_for_another_mat_or_another_depth_is_nobodys(
    mosquitto: Mosquitto, ear: Watcher, closing: ExitStack
) -> None:
    LivingMat(mosquitto.port, closing)
    state(ear, "waiting")
    for topic in ("qlmat/m2/cmd/start", "qlmat/m1/cmd/start/now", "qlmat/m1/cmd"):
        ear.say(topic, b"{}")
    for _ in range(2):
        state(ear, "waiting")
    assert not [m.topic for m in ear.heard if "/resp/" in m.topic]
