"""Put a mat together and run it: source, pipeline, outputs, MQTT, button, signals. The same for every device."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from queue import SimpleQueue
from types import FrameType

from qlmat.cli.device import Device
from qlmat.config import Settings
from qlmat.core.calibration import nominal_calibration
from qlmat.core.model import Command, Frame
from qlmat.core.pipeline import Pipeline
from qlmat.mqtt import BrokerSettings, MqttSink
from qlmat.ports import FrameSource, Sink
from qlmat.runtime import Runtime, Stats


def broker_settings(settings: Settings) -> BrokerSettings:
    """Say where the broker is; raises `ConfigError` when the password cannot be read."""
    broker = settings.broker
    return BrokerSettings(broker.host, broker.port, broker.username, broker.password(), broker.tls, broker.ca_file)


class Until:
    """A `FrameSource` that ends at a moment of real time, however fast its own time runs."""

    def __init__(self, source: FrameSource, end_s: float) -> None:
        self._source, self._end_s = source, end_s

    def read(self) -> Frame | None:
        """Give the next scan, None once the moment has come."""
        return self._source.read() if time.monotonic() < self._end_s else None

    def close(self) -> None:
        """Leave closing to whoever opened the source."""


@contextmanager
def until_signalled(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` at SIGINT and SIGTERM, once; a second signal does what it always does."""

    def handle(number: int, frame: FrameType | None) -> None:
        signal.signal(number, before[signal.Signals(number)])
        stop()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run_mat(
    settings: Settings,
    device: Device,
    broker: BrokerSettings | None,
    sinks: Sequence[Sink] = (),
    until_s: float | None = None,
    real_s: float | None = None,
    button_ends: bool = False,
) -> Stats:
    """Run a mat until its source ends, its clock reads `until_s`, `real_s` real seconds are over, or SIGINT or SIGTERM.

    The button stops the session or, with `button_ends`, the run. The device and every sink are closed afterwards, and
    every output is off when this returns or raises.
    """
    commands: SimpleQueue[Command] = SimpleQueue()
    with ExitStack() as closing:
        closing.callback(device.mat.close)
        listeners = list(sinks)
        if broker is not None:
            listeners.append(MqttSink(broker, settings.mat.id, commands, plan=settings.plan))
        for sink in listeners:
            closing.callback(sink.close)
        pipeline = Pipeline(settings.board, nominal_calibration(settings.board), settings.plan)
        source = device.mat.source if real_s is None else Until(device.mat.source, time.monotonic() + real_s)
        runtime = Runtime(source, pipeline, device.outputs, listeners, device.clock, commands)

        def stop() -> None:
            runtime.stop()
            device.interrupt()

        device.mat.button.on_press(stop if button_ends else lambda: commands.put(Command("stop")))
        with until_signalled(stop):
            return runtime.run(until_s)
