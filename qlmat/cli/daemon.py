"""Put a mat together and run it: source, pipeline, outputs, MQTT, button, signals. The same for every device."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from queue import SimpleQueue
from types import FrameType

from qlmat.cli.device import Device
from qlmat.config import Settings
from qlmat.core.calibration import nominal_calibration
from qlmat.core.model import Command
from qlmat.core.pipeline import Pipeline
from qlmat.mqtt import BrokerSettings, MqttSink
from qlmat.ports import Sink
from qlmat.runtime import Runtime, Stats


def broker_settings(settings: Settings) -> BrokerSettings:
    """Say where the broker is; raises `ConfigError` when the password cannot be read."""
    broker = settings.broker
    return BrokerSettings(broker.host, broker.port, broker.username, broker.password(), broker.tls, broker.ca_file)


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
    button_ends: bool = False,
) -> Stats:
    """Run a mat until its source ends, its clock reads `until_s`, or SIGINT or SIGTERM; close it and every sink.

    The button stops the session or, with `button_ends`, the run. Every output is off when this returns or raises.
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
        runtime = Runtime(device.mat.source, pipeline, device.outputs, listeners, device.clock, commands)

        def stop() -> None:
            runtime.stop()
            device.interrupt()

        device.mat.button.on_press(stop if button_ends else lambda: commands.put(Command("stop")))
        with until_signalled(stop):
            return runtime.run(until_s)
