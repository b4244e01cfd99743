"""What happens to a mat when its broker refuses, dies, freezes, comes back, or was never there."""

import json
import logging
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from queue import SimpleQueue
from typing import Any

import pytest

from qlmat.connection import Connection
from qlmat.core.model import Command
from qlmat.link import WINDOW
from qlmat.mqtt import MqttSink
from qlmat.outbox import Outbox
from tests.shell.brokers import PATIENCE_S, V311, Mosquitto, Watcher, free_port, wait_until
from tests.shell.ticks import frame, happening, touched

Open = Callable[..., Any]
# A mat of its own, to be killed. It talks until its standard input closes.
MAT = """
import sys
from queue import SimpleQueue
import qlmat.connection
qlmat.connection.WILL_DELAY_S = int(sys.argv[2])
from qlmat.mqtt import BrokerSettings, MqttSink
sink = MqttSink(BrokerSettings(port=int(sys.argv[1])), "m1", SimpleQueue())
sys.stdin.read()
"""


class Lines(logging.Handler):
    """Log lines as a queue to wait on."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.queue: SimpleQueue[str] = SimpleQueue()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a line."""
        self.queue.put(record.getMessage())


@pytest.fixture
def lines(closing: ExitStack) -> "SimpleQueue[str]":
    """What the link logs."""
    logger, handler = logging.getLogger("qlmat.link"), Lines()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    closing.callback(logger.setLevel, before)
    closing.callback(logger.removeHandler, handler)
    return handler.queue


def numbers(watcher: Watcher, last: int) -> list[int]:
    """Collect event numbers until `last` arrives, each the first time it comes."""
    seen: list[int] = []
    while last not in seen:
        n = json.loads(watcher.on("qlmat/m1/event"))["n"]
        if n not in seen:
            seen.append(n)
    return seen


def killed_mat(port: int, closing: ExitStack, will_delay_s: int) -> "subprocess.Popen[bytes]":
    """Start a mat in a process of its own."""
    command = [sys.executable, "-c", MAT, str(port), str(will_delay_s)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)

    def end() -> None:
        process.kill()
        process.wait()
        assert process.stdin is not None
        process.stdin.close()

    closing.callback(end)
    return process


def done(commands: Any) -> Any:
    """Take the next wish off the loop's queue and say that it is done."""
    asked = commands.get(timeout=PATIENCE_S)
    asked.answer(None)
    return asked.wish


def test_events_of_an_outage_arrive_numbered_and_in_order(lasting: Mosquitto, watch: Open, mat: Open) -> None:
    watcher = watch(lasting.port, name="outside")  # a lasting session: the broker keeps what comes before it is back
    sink = mat(lasting.port)
    sink.put(happening(0.0), frame())
    assert numbers(watcher, 1) == [1]
    lasting.stop()
    for n in range(1, 50):
        sink.put(happening(n / 10), frame())
    lasting.start()
    sink.put(happening(5.0), frame())
    # The first may come again, by the mat or by the broker: it has its number.
    assert [n for n in numbers(watcher, 51) if n > 1] == list(range(2, 52))


def test_events_the_broker_took_and_never_confirmed_are_sent_again(lasting: Mosquitto, watch: Open, mat: Open) -> None:
    watcher = watch(lasting.port, name="outside")
    sink = mat(lasting.port)
    sink.put(happening(0.0), frame())
    assert numbers(watcher, 1) == [1]
    lasting.freeze()  # the kernel still takes what the mat sends
    for n in range(1, 40):
        sink.put(happening(n / 10), frame())
    wait_until(lambda: sink.outbox.events_waiting < 40 - WINDOW // 2)
    lasting.stop(signal.SIGKILL)
    lasting.start()
    assert [n for n in numbers(watcher, 40) if n > 1] == list(range(2, 41))


def test_events_before_the_first_connection_are_kept_and_the_oldest_go_when_there_is_no_room(
    lasting: Mosquitto, watch: Open, mat: Open, lines: "SimpleQueue[str]"
) -> None:
    watcher = watch(lasting.port, name="outside")
    lasting.stop()
    sink = mat(lasting.port, outbox=Outbox(events=3))
    assert "cannot be reached" in lines.get(timeout=PATIENCE_S)
    for n in range(5):
        sink.put(happening(n / 10), frame())
    assert sink.outbox.events_lost == 2
    lasting.start()
    assert numbers(watcher, 5) == [3, 4, 5]


def test_an_unreachable_broker_holds_nothing_up(mat: Open, lines: "SimpleQueue[str]") -> None:
    sink: MqttSink = mat(free_port())
    assert "check broker.host and broker.port" in lines.get(timeout=PATIENCE_S)
    for n in range(1000):
        sink.put(touched(n / 10), frame())
    began_s = time.monotonic()
    sink.close()
    assert time.monotonic() - began_s < 1.0


def test_a_trouble_that_lasts_is_told_once(mat: Open, lines: "SimpleQueue[str]") -> None:
    with socket.create_server(("127.0.0.1", 0)) as rude:
        rude.settimeout(PATIENCE_S)
        sink: MqttSink = mat(rude.getsockname()[1])
        for _ in range(6):  # two for each attempt: the question what is spoken, and the connection
            rude.accept()[0].close()
        sink.close()
    told = [lines.get() for _ in range(lines.qsize())]
    assert len([line for line in told if "cannot be reached" in line]) == 1


def test_the_last_will_is_seen_when_a_mat_is_killed(mosquitto: Mosquitto, watch: Open, closing: ExitStack) -> None:
    watcher = watch(mosquitto.port, topic="qlmat/+/status")
    process = killed_mat(mosquitto.port, closing, will_delay_s=1)
    assert json.loads(watcher.on("qlmat/m1/status"))["state"] == "online"
    process.kill()
    assert json.loads(watcher.on("qlmat/m1/status")) == {"state": "offline"}


def test_a_mat_that_is_soon_back_does_not_flap(
    mosquitto: Mosquitto, watch: Open, closing: ExitStack, mat: Open
) -> None:
    watcher = watch(mosquitto.port)
    process = killed_mat(mosquitto.port, closing, will_delay_s=60)
    watcher.on("qlmat/m1/status")
    process.kill()
    process.wait()
    watcher.say("outside/ping")  # once this is back the broker has noticed that the mat has gone
    watcher.on("outside/ping")
    sink = mat(mosquitto.port)
    assert json.loads(watcher.on("qlmat/m1/status"))["boot"] == sink.boot
    sink.put(happening(0.0), frame())
    watcher.on("qlmat/m1/event")
    assert [m.payload for m in watcher.heard if b"offline" in m.payload] == []


def test_a_command_given_during_a_short_drop_still_arrives(
    mosquitto: Mosquitto, watch: Open, closing: ExitStack, mat: Open, commands: "SimpleQueue[Command]"
) -> None:
    watcher = watch(mosquitto.port)
    process = killed_mat(mosquitto.port, closing, will_delay_s=60)
    watcher.on("qlmat/m1/status")
    watcher.say("qlmat/m1/cmd/none")
    watcher.on("qlmat/m1/resp/none")  # it listens
    process.kill()
    process.wait()
    watcher.say("qlmat/m1/cmd/stop")
    mat(mosquitto.port)
    assert done(commands) == Command("stop")


def test_a_command_that_expired_on_its_way_is_never_given(
    mosquitto: Mosquitto, watch: Open, closing: ExitStack, mat: Open, commands: "SimpleQueue[Command]"
) -> None:
    watcher = watch(mosquitto.port)
    process = killed_mat(mosquitto.port, closing, will_delay_s=60)  # its session waits for it as long
    watcher.on("qlmat/m1/status")
    watcher.say("qlmat/m1/cmd/none")
    watcher.on("qlmat/m1/resp/none")  # it listens
    process.kill()
    process.wait()
    watcher.say("qlmat/m1/cmd/start", expires_s=1)
    watcher.say("qlmat/m1/cmd/stop", expires_s=600)
    watcher.say("outside/hourglass", b"sand", retain=True, expires_s=2)

    def run_out() -> bool:
        late = watch(mosquitto.port, topic="outside/#")
        late.say("outside/ping")
        late.on("outside/ping")
        return not any(m.payload == b"sand" for m in late.heard)

    wait_until(run_out)
    mat(mosquitto.port)
    assert done(commands) == Command("stop")
    watcher.on("qlmat/m1/resp/stop")
    assert commands.empty()


def test_a_broker_of_mqtt_3_is_spoken_to_in_mqtt_3(amqtt: int, watch: Open, mat: Open, commands: Any) -> None:
    watcher = watch(amqtt, protocol=V311)
    sink = mat(amqtt)
    assert json.loads(watcher.on("qlmat/m1/status"))["state"] == "online"
    assert sink.protocol == "3.1.1"
    sink.put(happening(0.0), frame())
    assert json.loads(watcher.on("qlmat/m1/event"))["n"] == 1
    watcher.say("qlmat/m1/cmd/stop")
    assert done(commands) == Command("stop")
    assert json.loads(watcher.on("qlmat/m1/resp/stop"))["ok"] is True
    sink.close()
    assert json.loads(watcher.on("qlmat/m1/status")) == {"state": "offline"}


def test_closing_ends_within_a_second_when_the_broker_is_gone(mosquitto: Mosquitto, watch: Open, mat: Open) -> None:
    watcher = watch(mosquitto.port)
    sink = mat(mosquitto.port)
    watcher.on("qlmat/m1/status")
    mosquitto.stop()
    sink.put(happening(0.0), frame())
    began_s = time.monotonic()
    sink.close()
    assert time.monotonic() - began_s < 1.0


def test_a_frozen_broker_holds_up_neither_the_loop_nor_the_end(mosquitto: Mosquitto, watch: Open, mat: Open) -> None:
    watcher = watch(mosquitto.port)
    sink = mat(mosquitto.port)
    watcher.on("qlmat/m1/status")
    mosquitto.freeze()
    began_s = time.monotonic()
    for n in range(5000):  # 500 s of pictures and 5000 events
        sink.put(touched(n / 10) if n % 2 else happening(n / 10), frame())
    put_s = (time.monotonic() - began_s) / 5000
    began_s = time.monotonic()
    sink.close()
    assert time.monotonic() - began_s < 1.0
    assert put_s < 0.005, "one put took as long as a scan may"
    assert sink.outbox.events_lost == 0


def test_a_line_that_is_dead_without_a_word_is_noticed_and_waited_for_in_peace(
    mosquitto: Mosquitto, watch: Open, mat: Open, lines: "SimpleQueue[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[float] = []
    turn = Connection.turn

    def counted(*arguments: Any) -> bool:
        turns.append(time.monotonic())
        return turn(*arguments)

    monkeypatch.setattr("qlmat.connection.KEEPALIVE_S", 1)
    monkeypatch.setattr(Connection, "turn", counted)
    watcher = watch(mosquitto.port)
    sink = mat(mosquitto.port)
    watcher.on("qlmat/m1/status")
    assert "state=connected" in lines.get(timeout=PATIENCE_S)
    mosquitto.freeze()
    for n in range(100):
        sink.put(happening(n / 10), frame())
    assert "went away (Keep alive timeout)" in lines.get(timeout=PATIENCE_S)
    assert len(turns) < 250, "the network thread span while the broker said nothing"


def test_what_waits_is_sent_before_the_farewell(mosquitto: Mosquitto, watch: Open, mat: Open) -> None:
    watcher = watch(mosquitto.port)
    sink = mat(mosquitto.port)
    watcher.on("qlmat/m1/status")
    for n in range(10):
        sink.put(happening(n / 10), frame())
    sink.close()
    watcher.expect(lambda message: message.payload == b'{"state":"offline"}')
    heard = [json.loads(m.payload)["n"] for m in watcher.heard if m.topic == "qlmat/m1/event"]
    assert heard == list(range(1, 11))
