"""Brokers, watchers, mats and outputs that are gone when their test is."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory

from qlmat.broker import DemoBroker
from qlmat.inbox import Requests
from qlmat.mqtt import BrokerSettings, MqttSink
from qlmat.runtime import Outputs
from qlmat.sim.clock import VirtualClock
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.outputs import Buzzer, Led, Motor
from qlmat_firmware.pins import mock_pins
from tests.shell.brokers import MOSQUITTO, Mosquitto, Watcher

LOGIN = ("username", "password", "tls", "ca_file", "cert_file", "key_file")


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    """Close, last first, whatever a test opened."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def brokers(tmp_path: Path, closing: ExitStack) -> Callable[..., Mosquitto]:
    """Run real brokers."""
    if MOSQUITTO is None:
        pytest.skip("mosquitto is not installed: sudo apt install mosquitto")

    def open_broker(**options: Any) -> Mosquitto:
        broker = Mosquitto(tmp_path, **options)
        closing.callback(broker.stop)
        broker.start()
        return broker

    return open_broker


@pytest.fixture
def mosquitto(brokers: Callable[..., Mosquitto]) -> Mosquitto:
    """Run a real broker open to all on this machine."""
    return brokers()


@pytest.fixture
def lasting(brokers: Callable[..., Mosquitto]) -> Mosquitto:
    """Run a real broker that comes back with the sessions and messages it had."""
    return brokers(remembers=True)


@pytest.fixture
def amqtt(closing: ExitStack) -> int:
    """Run the demo's broker; its port."""
    return closing.enter_context(DemoBroker(0)).port


@pytest.fixture
def watch(closing: ExitStack) -> Callable[..., Watcher]:
    """Open watchers."""

    def open_watcher(port: int, **options: Any) -> Watcher:
        watcher = Watcher(port, **options)
        closing.callback(watcher.close)
        return watcher

    return open_watcher


@pytest.fixture
def commands() -> Requests:
    """Where a mat's commands arrive."""
    return SimpleQueue()


@pytest.fixture
def mat(closing: ExitStack, commands: Requests) -> Callable[..., MqttSink]:
    """Open sinks of a mat called `m1`."""

    def open_mat(port: int, **options: Any) -> MqttSink:
        login = {key: options.pop(key) for key in LOGIN if key in options}
        sink = MqttSink(BrokerSettings("127.0.0.1", port, **login), "m1", commands, **options)
        closing.callback(sink.close)
        return sink

    return open_mat


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    """Pins that remember."""
    factory = mock_pins()
    yield factory
    factory.close()


@pytest.fixture
def outputs(pins: MockFactory) -> Iterator[Outputs]:
    """The real motor, buzzer and LED."""
    parts = Outputs(Motor(BOARD_V1.motor_pin, pins), Buzzer(BOARD_V1.buzzer_pin, pins), Led(BOARD_V1.led_pin, pins))
    yield parts
    parts.close()


@pytest.fixture
def clock() -> VirtualClock:
    """Time at zero."""
    return VirtualClock()
