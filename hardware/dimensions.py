"""Every length of the mat in one place, in millimetres. Places of the feet and calibration marks come from the code."""

from dataclasses import dataclass

from qlmat.cli.calibrate_steps import places
from qlmat.core.model import Sensor
from qlmat_firmware.board import BOARD_V1, FOOT_RADIUS_MM

PLATE_R, PLATE_T = 86.0, 12.0  # 2 mm beyond the rim of a 28 mm foot on the circle of 70 mm
DISH_R, DISH_DEEP = 36.0, 4.0  # inside the circle in which all three feet stay loaded; the ball moves 30 mm any way
BALL_R = 31.5  # a lacrosse ball
FOOT_R, FOOT_T = 14.0, 5.0  # 28 mm across on a 38 mm sensor
SENSOR = 38.0
SENSOR_ACTIVE = 36.0
MARK_R = 4.0
BASE_W, BASE_H, BASE_T, BASE_CORNER = 420.0, 240.0, 6.0, 20.0
PAD_APART = 190.0  # between the pads' middles: the ball lies 60 to 100 mm beside the spine
PIN_R = 3.0  # three pegs in the base keep the plate from sliding; they do not carry
PIN_AT_R, PIN_PLAY = 74.0, 0.5
STRAP_W, STRAP_SLOT = 40.0, 5.0
LAYERS = (
    ("washable cloth", 1.0, "#cfe3f5"),
    ("pad plate with dish, PETG", PLATE_T, "#9db7cf"),
    ("foot, PETG, 28 mm", FOOT_T, "#6f8fae"),
    ("silicone disc, 28 mm", 1.0, "#e8c07d"),
    ("FSR 406, glued by its own film", 0.5, "#c65d3b"),
    ("base board, birch plywood", BASE_T, "#d9b98c"),
    ("non-slip rubber", 2.0, "#4b5560"),
)  # top to bottom


@dataclass(frozen=True, slots=True)
class Place:
    """A point of a pad with its name."""

    name: str
    x: float
    y: float


def feet(side: str = "left") -> list[Sensor]:
    """List the feet of one pad as the code reads them."""
    return [sensor for sensor in BOARD_V1.sensors if sensor.side == side]


def marks() -> list[Place]:
    """List where `qlmat calibrate` puts the stand."""
    return [Place(where, x, y) for x, y, where in places(feet())[: len(feet()) + 1]]  # the rest are visits once more


def scad() -> str:
    """Write the same lengths for OpenSCAD."""
    names = ("PLATE_R", "PLATE_T", "DISH_R", "DISH_DEEP", "BALL_R", "FOOT_R", "FOOT_T", "MARK_R", "BASE_T", "PIN_R")
    more = ("PIN_AT_R", "PIN_PLAY", "STRAP_W", "STRAP_SLOT")
    lines = [f"{name.lower()} = {globals()[name]:g};" for name in (*names, *more)]
    feet_mm = ", ".join(f"[{foot.x_mm:g}, {foot.y_mm:g}]" for foot in feet())
    marks_mm = ", ".join(f"[{mark.x:g}, {mark.y:g}]" for mark in marks())
    head = "// Written by 'python -m hardware.mechanics' from hardware/dimensions.py and the board table: change those."
    return "\n".join([head, *lines, f"feet = [{feet_mm}];", f"marks = [{marks_mm}];", ""])


def loaded_r() -> float:
    """Give the radius inside which no foot lifts: half of that of the feet, for three feet on a circle."""
    return FOOT_RADIUS_MM / 2.0


def stack_mm() -> float:
    """Give the height from floor to the plate's top with the cloth."""
    return sum(thick for _, thick, _ in LAYERS)
