"""Board v1's pads in newtons, for tests of the core: what three feet bear under a ball."""

from collections.abc import Callable, Iterator
from math import cos, radians, sin

import numpy as np

from qlmat.core.model import SIDES, Board, Chip, FloatArray, Forces, Sensor

BOARD = Board(
    chips=(Chip(0x48), Chip(0x49)),
    sensors=tuple(
        Sensor(f"{side}_{i + 1}", side, 70 * cos(radians(a)), 70 * sin(radians(a)), 0x48 + pad, i)
        for pad, side in enumerate(SIDES)
        for i, a in enumerate((90.0, 210.0, 330.0))
    ),
)
Ball = tuple[float, float, float]  # newtons, x_mm, y_mm
NONE: Ball = (0.0, 0.0, 0.0)


def newtons(left: Ball = NONE, right: Ball = NONE) -> FloatArray:
    """Split two balls over six feet: F_i = F/3 (1 + 2 (x x_i + y y_i) / r^2) (domain facts C.2)."""
    out = []
    for sensor in BOARD.sensors:
        force_n, x_mm, y_mm = left if sensor.side == "left" else right
        out.append(force_n / 3 * (1 + 2 * (x_mm * sensor.x_mm + y_mm * sensor.y_mm) / 70.0**2))
    return np.array(out)


def frames(
    seconds: float, ball: Callable[[float], Ball], rate_hz: float = 50.0, start_s: float = 0.0, side: str = "left"
) -> Iterator[Forces]:
    """Give forces with `ball(t_s)` on one pad."""
    for k in range(round(seconds * rate_hz)):
        t_s = start_s + k / rate_hz
        yield Forces(t_s, newtons(left=ball(t_s)) if side == "left" else newtons(right=ball(t_s)))
