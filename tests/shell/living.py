"""A whole mat on the virtual board, alive in a thread of its own, with a load that the test sets."""

from contextlib import ExitStack
from queue import SimpleQueue
from threading import Thread
from typing import Any

import numpy as np
import numpy.typing as npt

from qlmat.cli.coaching import no_coaching
from qlmat.cli.device import open_virtual
from qlmat.config import load
from qlmat.core.pipeline import Pipeline
from qlmat.inbox import Requests
from qlmat.mqtt import BrokerSettings, MqttSink, Telling
from qlmat.runtime import Runtime
from qlmat.sim.clock import PacedClock
from qlmat.steering import Steering
from qlmat_firmware.board import BOARD_V1


class Weight:
    """The same newtons on each foot of the left pad, as the test wants them."""

    def __init__(self) -> None:
        self.foot_n = 0.0

    def newtons(self, t_s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Give newtons on each sensor: (n, sensors)."""
        feet = np.array([self.foot_n if sensor.side == "left" else 0.0 for sensor in BOARD_V1.sensors])
        return np.tile(feet, (len(t_s), 1))


class LivingMat:
    """A mat called `m1` that runs until closed, `speed` times as fast as life."""

    def __init__(self, port: int, closing: ExitStack, speed: float = 1.0, **telling: Any) -> None:
        settings = load(None, BOARD_V1)
        self.weight = Weight()
        self.commands: Requests = SimpleQueue()
        self.steering = Steering(settings.plan)
        self.device = open_virtual(settings, self.weight, PacedClock(speed))
        pipeline = Pipeline(settings.board, settings.calibration, settings.plan)
        coach = no_coaching().coach(pipeline, settings.plan)
        at, told = BrokerSettings("127.0.0.1", port), Telling(discovery=True, **telling)
        self.sink = MqttSink(at, "m1", self.commands, self.steering, told, coached=coach, wishes=coach.wishes)
        self.runtime = Runtime(
            self.device.mat.source, coach, self.device.outputs, [self.sink], self.device.clock, self.commands,
            self.steering,
        )  # fmt: skip
        self._thread = Thread(target=self.runtime.run)
        self._thread.start()
        closing.callback(self.close)

    def close(self) -> None:
        """End it."""
        self.runtime.stop()
        self.device.interrupt()
        self._thread.join()
        self.sink.close()
        self.device.mat.close()
