"""Who puts the weights on: a person who reads the screen, or a virtual helper who never quite hits the mark."""

import numpy as np

from qlmat.cli.calibrate_steps import Step
from qlmat.core.model import Board, FloatArray, Side
from qlmat.sim.pad import RigidPad

LIFT_S, MOVE_S = 1.0, 0.6  # the virtual mat computes half a second ahead: nothing may change sooner
BESIDE_SD_MM, WEIGHT_SD_RATIO = 2.0, 0.01


class Person:
    """A `Helper` who reads the screen."""

    def told(self, step: Step, now_s: float) -> None:
        """There is nothing to do: the screen has said it."""


class VirtualHelper:
    """A `Load` and a `Helper` in one: what it is told it puts on the pad of `side`."""

    def __init__(self, board: Board, side: Side, rng: np.random.Generator) -> None:
        self._columns = [index for index, sensor in enumerate(board.sensors) if sensor.side == side]
        self._pad = RigidPad([board.sensors[index] for index in self._columns])
        self._count = len(board.sensors)
        self._rng = rng
        self._t_s, self._force_n, self._x_mm, self._y_mm = [0.0], [0.0], [0.0], [0.0]
        self._place: tuple[float, float] | None = None
        self._beside_mm = (0.0, 0.0)

    def told(self, step: Step, now_s: float) -> None:
        """Do the step, starting a second from now."""
        if (step.x_mm, step.y_mm) != self._place or self._force_n[-1] == 0.0:
            self._place = (step.x_mm, step.y_mm)
            self._beside_mm = (self._rng.normal(0.0, BESIDE_SD_MM), self._rng.normal(0.0, BESIDE_SD_MM))
        force_n = step.force_n * (1.0 + self._rng.normal(0.0, WEIGHT_SD_RATIO))
        x_mm, y_mm = step.x_mm + self._beside_mm[0], step.y_mm + self._beside_mm[1]
        from_s = max(now_s + LIFT_S, self._t_s[-1])
        self._append(from_s, self._force_n[-1], x_mm, y_mm)
        self._append(from_s + MOVE_S, force_n, x_mm, y_mm)

    def newtons(self, t_s: FloatArray) -> FloatArray:
        """Give (n, sensors) in N at (n,) seconds."""
        force_n = np.interp(t_s, self._t_s, self._force_n)
        at = np.searchsorted(self._t_s, t_s, side="right") - 1
        newtons = np.zeros((len(t_s), self._count))
        newtons[:, self._columns] = self._pad.split(force_n, np.array(self._x_mm)[at], np.array(self._y_mm)[at])
        return newtons

    def _append(self, t_s: float, force_n: float, x_mm: float, y_mm: float) -> None:
        self._t_s.append(t_s)
        self._force_n.append(force_n)
        self._x_mm.append(x_mm)
        self._y_mm.append(y_mm)
