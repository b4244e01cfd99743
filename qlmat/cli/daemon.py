"""Put a mat together and run it: source, pipeline, outputs, MQTT, button, signals. The same for every device."""

import signal
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from types import FrameType, TracebackType
from typing import Any, Self

from qlmat.cli.coaching import Coaching, no_coaching
from qlmat.cli.device import Device
from qlmat.cli.telling import open_mqtt
from qlmat.config import BrokerSection, Settings
from qlmat.connection import BrokerSettings
from qlmat.core.model import Command, Frame
from qlmat.core.pipeline import Pipeline
from qlmat.inbox import Requests
from qlmat.ports import FrameSource, Sink
from qlmat.runtime import Runtime, Stats
from qlmat.speaking import voice_of
from qlmat.steering import Steering
from qlmat.watchdog import StallGuard, SystemdSink


def broker_settings(said: BrokerSection) -> BrokerSettings:
    """Say where the broker is; raises `ConfigError` when the password cannot be read."""
    return BrokerSettings(
        said.host, said.port, said.username, said.password(), said.tls, said.ca_file, said.cert_file, said.key_file
    )


class Until:
    """A `FrameSource` that ends at a moment of real time, however fast its own time runs."""

    def __init__(self, source: FrameSource, end_s: float) -> None:
        self._source, self._end_s = source, end_s

    def read(self) -> Frame | None:
        """Give the next scan, None once the moment has come."""
        return self._source.read() if time.monotonic() < self._end_s else None

    def close(self) -> None:
        """Leave closing to whoever opened the source."""


ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # the last one: the terminal it was started in is gone


class Ending:
    """Hears Ctrl-C and its like from `with` on and tells whoever asked to be told; a second signal is not held up."""

    def __init__(self) -> None:
        self.asked = False
        self._calls: list[Callable[[], None]] = []
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        """Take over the signals."""
        self._before = {number: signal.signal(number, self._hear) for number in ENDS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the signals back."""
        self._give_back()

    def tell(self, call: Callable[[], None]) -> None:
        """Call `call()` at the signal, or now if it has come already."""
        self._calls.append(call)
        if self.asked:
            call()

    def end(self) -> None:
        """Call all who wait for the end."""
        self.asked = True
        for call in self._calls:
            call()

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._give_back()
        self.end()

    def _give_back(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def run_mat(
    settings: Settings,
    device: Device,
    broker: BrokerSettings | None,
    ending: Ending,
    sinks: Sequence[Sink] = (),
    until_s: float | None = None,
    real_s: float | None = None,
    button_ends: bool = False,
    folder: Path | None = None,
    coaching: Coaching | None = None,
    asked: "Requests | None" = None,
) -> Stats:
    """Run a mat until its source ends, its clock reads `until_s`, `real_s` real seconds are over, or `ending` says so.

    Events wait for the broker in `folder`, in memory alone with None. Without `coaching` nobody is asked anything, and
    nothing is remembered.
    The button stops the session or, with `button_ends`, the run. The device and every sink are closed afterwards, and
    every output is off when this returns or raises.
    """
    commands: Requests = SimpleQueue() if asked is None else asked
    steering = Steering(settings.plan)
    with ExitStack() as closing:
        closing.callback(device.mat.close)
        guard = closing.enter_context(StallGuard(device.outputs.off))
        listeners: list[Sink] = [*sinks, guard, SystemdSink()]
        pipeline = Pipeline(settings.board, settings.calibration, settings.plan)
        coach = (coaching or no_coaching()).coach(pipeline, settings.plan)
        if broker is not None:
            listeners.append(open_mqtt(settings, broker, commands, steering, folder, coach))
        for sink in listeners:
            closing.callback(sink.close)
        source = device.mat.source if real_s is None else Until(device.mat.source, time.monotonic() + real_s)
        runtime = Runtime(
            source, coach, device.outputs, listeners, device.clock, commands, steering, voice_of(settings.cues)
        )
        guard.off = runtime.hush

        def stop() -> None:
            runtime.stop()
            device.interrupt()

        device.mat.button.on_press(stop if button_ends else lambda: commands.put(Command("press")))
        ending.tell(stop)
        return runtime.run(until_s)
