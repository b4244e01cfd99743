"""`qlmat run` and `qlmat demo` start, run and end; whatever ends them, nothing vibrates afterwards."""

import os
import signal
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import pytest
from gpiozero.pins.mock import MockFactory
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from bench.stories import TOO_HARD
from qlmat.broker import DemoBroker
from qlmat.cli.daemon import Ending, run_mat
from qlmat.cli.days import Days
from qlmat.cli.device import Device, open_device, open_story
from qlmat.cli.options import Hardware
from qlmat.config import load
from qlmat.core.model import Frame, Tick
from qlmat.sim.scenario import parse_scenario
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.pins import mock_pins
from qlmat_firmware.sentry import Watched
from tests.cli.processes import PATIENCE_S, closed_port, listens, qlmat, running
from tests.firmware.tiny_ads1115 import TinyAds1115, TinyClock, TinySMBus

STORY = '[[step]]\ndo = "wait"\nseconds = 1\n' + TOO_HARD
STOPS = STORY + '[[moment]]\ndo = "press_button"\nat_seconds = 9\n'


class WhenBuzzing:
    """A sink that does something once, in the middle of a cue: when the motor runs."""

    def __init__(self, pins: MockFactory, act: Callable[[], object]) -> None:
        self._pins, self._act, self.acted = pins, act, False

    def put(self, tick: Tick, frame: Frame) -> None:
        """Act if the motor runs."""
        if not self.acted and self._pins.pin(BOARD_V1.motor_pin).state:
            self.acted = True
            self._act()

    def close(self) -> None:
        """There is nothing to let go of."""


def too_hard(pins: MockFactory, story: str = STORY) -> Device:
    return open_story(load(None, BOARD_V1), parse_scenario(story, "test"), 1000.0, pins)


def motor_ran_and_is_off(pins: MockFactory) -> bool:
    states = [bool(each.state) for each in pins.pin(BOARD_V1.motor_pin).states]
    return True in states and not states[-1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_the_middle_of_a_cue_ends_the_run_with_every_output_off(number: int) -> None:
    pins = mock_pins()
    device = too_hard(pins)
    sink = WhenBuzzing(pins, lambda: os.kill(os.getpid(), number))
    with Ending() as ending:
        run_mat(load(None, BOARD_V1), device, None, ending, [sink], until_s=60.0)
    assert sink.acted
    assert device.clock.now_s() < 30.0
    assert motor_ran_and_is_off(pins)
    assert not pins.pin(BOARD_V1.buzzer_pin).state


def test_a_signal_that_comes_before_the_first_scan_ends_the_run_before_it() -> None:
    with Ending() as ending:
        os.kill(os.getpid(), signal.SIGTERM)
        assert run_mat(load(None, BOARD_V1), too_hard(mock_pins()), None, ending, until_s=60.0).frames == 0


def test_real_hardware_runs_in_the_same_way_on_somebody_elses_chips(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = TinyClock()
    chips = {address: TinyAds1115(clock, {0: 1.65, 3: 3.3}) for address in (0x48, 0x49)}
    monkeypatch.setattr("smbus2.SMBus", TinySMBus(clock, chips))
    monkeypatch.setattr("qlmat.cli.device.MonotonicClock", lambda: clock)
    monkeypatch.setattr("qlmat.cli.device.machine_pins", mock_pins)
    device = open_device(Hardware.pi, load(None, BOARD_V1))
    assert isinstance(device.outputs.motor, Watched)
    assert isinstance(device.outputs.buzzer, Watched)
    heard: list[Frame] = []

    class Hear:
        def put(self, tick: Tick, frame: Frame) -> None:
            heard.append(frame)

        def close(self) -> None: ...

    run_mat(load(None, BOARD_V1), device, None, Ending(), [Hear()], until_s=clock.now_s() + 0.5)
    assert len(heard) == pytest.approx(35, abs=2)
    assert heard[-1].volts == pytest.approx([1.65, 0.0, 0.0, 1.65, 0.0, 0.0, 3.3, 3.3], abs=2e-4)


def test_an_error_in_the_middle_of_a_cue_leaves_every_output_off() -> None:
    pins = mock_pins()

    def fail() -> None:
        raise RuntimeError("a fault of ours")

    with pytest.raises(RuntimeError, match="a fault of ours"):
        run_mat(load(None, BOARD_V1), too_hard(pins), None, Ending(), [WhenBuzzing(pins, fail)], until_s=60.0)
    assert motor_ran_and_is_off(pins)


def test_the_button_of_the_story_stops_the_session() -> None:
    states: list[str] = []

    class Watch:
        def put(self, tick: Tick, frame: Frame) -> None:
            states.append(tick.practice.state)

        def close(self) -> None: ...

    run_mat(load(None, BOARD_V1), too_hard(mock_pins(), STOPS), None, Ending(), [Watch()], until_s=12.0)
    assert "placing" in states
    assert states[-1] == "stopped"


def test_real_seconds_end_a_run_however_fast_its_own_time_goes() -> None:
    begun_s = time.monotonic()
    run_mat(load(None, BOARD_V1), too_hard(mock_pins()), None, Ending(), real_s=0.5)
    assert 0.5 <= time.monotonic() - begun_s < 5.0


def test_the_story_begins_anew_every_day_and_no_day_is_like_another() -> None:
    days = Days(parse_scenario(STORY, "test"), BOARD_V1)
    first, second = (days.newtons(np.array([day * days.day_s + 10.0])) for day in (0, 1))
    assert first.sum() == pytest.approx(200.0, abs=30.0)
    assert second.sum() == pytest.approx(200.0, abs=30.0)
    assert first.tolist() != second.tolist()
    edge = days.newtons(np.array([days.day_s - 0.1, days.day_s + 0.1]))
    assert edge.shape == (2, 6)
    assert edge[1].sum() == 0.0


def test_the_demo_ends_by_itself_and_leaves_nobody_behind(tmp_path: Path) -> None:
    page, broker = closed_port(), closed_port()
    ports = ["--port", str(page), "--broker-port", str(broker)]
    outcome = qlmat("demo", "--seconds", "1", "--speed", "20", "--no-browser", *ports, cwd=tmp_path)
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stderr == ""
    assert f"http://127.0.0.1:{page}/" in outcome.stdout
    assert f"127.0.0.1:{broker}" in outcome.stdout
    assert not listens(page)
    assert not listens(broker)


def test_ctrl_c_ends_the_demo_at_once_and_page_and_broker_with_it(tmp_path: Path) -> None:
    page, broker = closed_port(), closed_port()
    ports = ["--port", str(page), "--broker-port", str(broker)]
    with running("demo", "--no-browser", *ports, cwd=tmp_path) as demo:
        demo.wait_for("Ctrl-C")
        with urllib.request.urlopen(f"http://127.0.0.1:{page}/", timeout=PATIENCE_S) as answer:
            assert answer.status == 200
        begun_s = time.monotonic()
        assert demo.end(signal.SIGINT) == 0
        assert time.monotonic() - begun_s < 5.0  # 2 s are promised on a machine that does nothing else
    assert "Motor, buzzer and light are off." in demo.seen[-1]
    assert not listens(page)
    assert not listens(broker)


def test_sigterm_ends_the_mat_with_exit_code_0(tmp_path: Path) -> None:
    with running("run", "--device", "virtual", "--no-broker", cwd=tmp_path) as mat:
        mat.wait_for("runs on virtual hardware, without a broker")
        assert mat.end(signal.SIGTERM) == 0
    assert "outputs are off" in mat.seen[-1]


def test_a_running_mat_is_online_until_it_ends(tmp_path: Path) -> None:
    heard: SimpleQueue[bytes] = SimpleQueue()

    def on_message(client: Client, userdata: object, message: MQTTMessage) -> None:
        heard.put(message.payload)

    with DemoBroker(0) as address:
        (tmp_path / "mat.toml").write_text(f'[mat]\nid = "bed"\n[broker]\nhost = "127.0.0.1"\nport = {address.port}\n')
        watcher = Client(CallbackAPIVersion.VERSION2)
        watcher.on_message = on_message
        watcher.connect(address.host, address.port)
        watcher.subscribe("qlmat/bed/status", qos=1)
        watcher.loop_start()
        arguments = ["run", "--device", "virtual", "--config", "mat.toml", "--seconds", "1"]
        assert qlmat(*arguments, cwd=tmp_path).returncode == 0
        assert b"online" in heard.get(timeout=PATIENCE_S)
        assert b"offline" in heard.get(timeout=PATIENCE_S)
        watcher.disconnect()
        watcher.loop_stop()
