"""A whole mat on the virtual board, alive in a thread of its own, with a load that the test sets."""

import json
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from qlmat.cli.coaching import no_coaching, real_coaching
from qlmat.cli.device import open_virtual
from qlmat.cli.keeping import open_sink
from qlmat.config import load
from qlmat.core.model import State
from qlmat.core.pipeline import Pipeline
from qlmat.inbox import Requests
from qlmat.mqtt import BrokerSettings, MqttSink, Telling
from qlmat.runtime import Runtime
from qlmat.sim.clock import PacedClock
from qlmat.steering import Steering
from qlmat_firmware.board import BOARD_V1
from tests.shell.brokers import Watcher


class Weight:
    """A load on the left pad, as the test wants it: newtons on each foot, rocked from side to side or not."""

    def __init__(self) -> None:
        self.foot_n = 0.0
        self.rocked = False

    def newtons(self, t_s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Give newtons on each sensor: (n, sensors)."""
        feet = np.array([self.foot_n if sensor.side == "left" else 0.0 for sensor in BOARD_V1.sensors])
        tilts = np.array([self.rocked * sensor.x_mm / ROCKED_MM for sensor in BOARD_V1.sensors])
        return feet * (1.0 + np.outer(np.sin(2.0 * np.pi * ROCKED_HZ * t_s), tilts))


STATES: tuple[State, ...] = get_args(State)
LEADS: dict[State, tuple[str, ...]] = {  # what to say; where it is not said here, a start
    "waiting": (),
    "paused": ("start", "pause"),
    "stopped": ("start", "stop"),
    "measuring": ("comfort",),
}
ROCKED_HZ, ROCKED_MM = 0.2, 200.0  # 12 a minute; the foot at 70 mm feels a third more and less
LOADED: frozenset[State] = frozenset({"settling", "working", "switching", "done"})


class LivingMat:
    """A mat called `m1` that runs until closed, `speed` times as fast as life; its coach remembers in a `store`."""

    def __init__(
        self,
        port: int,
        closing: ExitStack,
        speed: float = 1.0,
        commands: "Requests | None" = None,
        store: Path | None = None,
        **telling: Any,
    ) -> None:
        settings = load(None, BOARD_V1)
        self.weight = Weight()
        self.commands: Requests = SimpleQueue() if commands is None else commands
        self.steering = Steering(settings.plan)
        self.clock = PacedClock(speed)
        self.device = open_virtual(settings, self.weight, self.clock)
        pipeline = Pipeline(settings.board, settings.calibration, settings.plan)
        kept = [] if store is None else [open_sink(store, settings, virtual=True)]
        coaching = no_coaching() if store is None else real_coaching(kept[0], settings, store)
        coach = coaching.coach(pipeline, settings.plan)
        at, told = BrokerSettings("127.0.0.1", port), Telling(discovery=True, **telling)
        self.sink = MqttSink(at, "m1", self.commands, self.steering, told, coached=coach, wishes=coach.wishes)
        self.runtime = Runtime(
            self.device.mat.source, coach, self.device.outputs, [self.sink, *kept], self.device.clock, self.commands,
            self.steering,
        )  # fmt: skip
        for sink in kept:
            closing.callback(sink.close)
        self._thread = Thread(target=self.runtime.run)
        self._thread.start()
        closing.callback(self.close)

    def reach(self, ear: Watcher, wanted: State) -> None:
        """Bring a mat whose session is over into a state, by commands and by weight; `ear` hears `qlmat/m1/#`."""
        ear.say("qlmat/m1/cmd/plan", b'{"side_s": 60, "both_sides": %s}' % str(wanted != "done").lower().encode())
        ear.on("qlmat/m1/resp/plan")
        for name in LEADS.get(wanted, ("start",)):
            ear.say(f"qlmat/m1/cmd/{name}")
            ear.on(f"qlmat/m1/resp/{name}")
        self.weight.foot_n, self.weight.rocked = (30.0 if wanted in LOADED else 0.0), True
        self.wait_for(ear, wanted)

    def wait_for(self, ear: Watcher, state: State) -> None:
        """Wait until the session is in a state."""
        ear.expect(lambda m: m.topic == "qlmat/m1/state" and json.loads(m.payload)["state"] == state)

    def close(self) -> None:
        """End the loop, its sink and the mat."""
        self.runtime.stop()
        self.device.interrupt()
        self._thread.join()
        self.sink.close()
        self.device.mat.close()
