"""Draw pad, mat and stack-up to scale from `dimensions.py` and the board table: `python -m hardware.mechanics`."""

from math import cos, radians, sin, sqrt

from hardware import dimensions as d
from hardware.svg import INK, SOFT, Drawing
from hardware.tables import write
from qlmat_firmware.board import FOOT_RADIUS_MM

PLATE, FOOT, SENSOR, GREEN, WOOD, RUBBER = "#dbe6f0", "#8fa9c2", "#f2c9b8", "#2f7d4f", "#ecd9bd", "#4b5560"


def pad() -> str:
    """Draw one pad: plan from above and section through the head foot."""
    page = Drawing(297, 210, "QL Mat: one pad, 1:1 on A4", millimetres=True)
    page.text("One pad", 190, 16, 6, bold=True)
    page.text("Left: from above, 1:1 on A4, millimetres. Feet, sensors", 190, 23, 3.4, SOFT)
    page.text("and marks stand where the code says (board v1).", 190, 28, 3.4, SOFT)
    x, y = 98.0, 110.0
    page.circle(x, y, d.PLATE_R, PLATE, INK, 0.5)
    for foot in d.feet():
        fx, fy = x + foot.x_mm, y - foot.y_mm
        half = d.SENSOR / 2
        page.line((x, y), (fx, fy), color=SOFT, width=0.2, dash="2 1")
        page.box(fx - half, fy - half, d.SENSOR, d.SENSOR, "none", "#c65d3b", 1, 0.35)
        page.circle(fx, fy, d.FOOT_R, FOOT, INK, 0.35)
        page.text(foot.name.replace("left_", "foot "), fx, fy + 1.2, 3.6, INK, "middle", bold=True)
    page.circle(x, y, d.DISH_R, "#ffffff", INK, 0.35)
    page.circle(x, y, d.BALL_R, "none", SOFT, 0.25, "1 1")
    page.circle(x, y, d.loaded_r(), "none", GREEN, 0.4, "2 1.2")
    page.text("dish; ball dashed", x, y + 15, 3, SOFT, "middle")
    for mark in d.marks():
        mx, my = x + mark.x, y - mark.y
        page.circle(mx, my, d.MARK_R, "#fff7dd", "#b7791f", 0.4)
        page.line((mx - 6, my), (mx + 6, my), color="#b7791f", width=0.25)
        page.line((mx, my - 6), (mx, my + 6), color="#b7791f", width=0.25)
    for k in range(3):
        angle = radians(30 + 120 * k)
        page.circle(
            x + d.PIN_AT_R * cos(angle), y - d.PIN_AT_R * sin(angle), d.PIN_R + d.PIN_PLAY, "#ffffff", INK, 0.35
        )
    _axes(page, x, y)
    page.measure(x - d.PLATE_R, 204, x + d.PLATE_R, 204, f"{2 * d.PLATE_R:.0f}")
    page.measure(8, y - FOOT_RADIUS_MM, 8, y, f"{FOOT_RADIUS_MM:.0f}")
    _legend(page, 193, 38)
    _section(page, 239, 188)
    return page.render()


def _axes(page: Drawing, x: float, y: float) -> None:
    top = y - d.PLATE_R - 12
    page.line((x, top + 5), (x, top), color=INK, width=0.4)
    page.shape((x, top - 2.5), (x - 1.5, top), (x + 1.5, top), fill=INK)
    page.text("head, +y", x + 3, top + 1, 3.4)
    right = x + d.PLATE_R - 12
    page.line((right, y), (right + 5, y), color=INK, width=0.4)
    page.shape((right + 7.5, y), (right + 5, y - 1.5), (right + 5, y + 1.5), fill=INK)
    page.text("+x", right, y - 2.5, 3.4)


def _legend(page: Drawing, x: float, y: float) -> None:
    rows = [
        (FOOT, INK, "foot, 28 mm, on a circle of 70 mm"),
        ("none", "#c65d3b", "FSR, 38 mm square, under each foot"),
        ("#fff7dd", "#b7791f", "mark for the calibration stand, at 50 mm"),
        ("none", GREEN, "inside 35 mm all three feet stay loaded"),
        ("#ffffff", INK, "7 mm hole for a 6 mm peg: no sliding, no load"),
    ]
    for k, (fill, color, words) in enumerate(rows):
        page.circle(x, y + 7 * k, 2.2, fill, color, 0.4)
        page.text(words, x + 5, y + 7 * k + 1.2, 3.4)


def _section(page: Drawing, x: float, y: float) -> None:
    """Draw a section through one foot and the dish; x is the pad's middle, y the floor."""
    page.text("Section, from the side", x - 49, y - 96, 4.4, bold=True)
    levels = _levels()
    scale_x = 0.56
    for name, (bottom, top) in levels.items():
        if "base" in name or "rubber" in name:
            page.box(x - 50, y - top, 100, top - bottom, WOOD if "base" in name else RUBBER, INK, 0, 0.25)
    low, high = levels["plate"]
    left, right = x - d.PLATE_R * scale_x, x + d.PLATE_R * scale_x
    rim = d.DISH_R * scale_x
    dish_y = y - high + d.DISH_DEEP
    page.shape(
        (left, y - high), (x - rim, y - high), (x - rim * 0.6, dish_y), (x + rim * 0.6, dish_y),
        (x + rim, y - high), (right, y - high), (right, y - low), (left, y - low), fill=PLATE, width=0.3,
    )  # fmt: skip
    for place in (-FOOT_RADIUS_MM * 0.86 * scale_x, FOOT_RADIUS_MM * 0.86 * scale_x):
        w = d.FOOT_R * scale_x
        for name, fill in (("foot", FOOT), ("silicone", "#e8c07d"), ("FSR", "#c65d3b")):
            low, high = levels[name]
            grow = 1.3 if name == "FSR" else 1.0
            page.box(x + place - w * grow, y - high, 2 * w * grow, high - low, fill, INK, 0, 0.2)
    ball_y = y - levels["plate"][1] + d.DISH_DEEP - d.BALL_R
    page.circle(x, ball_y, d.BALL_R, "#f7f3ea", INK, 0.4)
    page.text("ball 63", x, ball_y, 4, INK, "middle")
    page.measure(x + 54, y - d.stack_mm() + 1, x + 54, y, f"{d.stack_mm() - 1:.1f}", 3.6)
    page.text("heights and ball 1:1, widths 0.56:1", x - 50, y + 8, 3, SOFT)


def _levels() -> dict[str, tuple[float, float]]:
    """Give bottom and top above the floor of each layer below the cloth."""
    found, at = {}, 0.0
    for name, thick, _ in reversed(d.LAYERS):
        key = next((key for key in ("rubber", "base", "FSR", "silicone", "foot", "plate") if key in name), name)
        found[key] = (at, at + thick)
        at += thick
    return found


def mat() -> str:
    """Draw the whole mat from above, 1:2 on A4."""
    page = Drawing(297, 210, "QL Mat: the mat, 1:2 on A4", millimetres=True)
    page.text("The mat, seen from above", 14, 16, 6, bold=True)
    page.text(
        "1:2 on A4, millimetres of the real thing. The person's spine lies on the dashed line, head up.",
        14,
        22,
        3.4,
        SOFT,
    )
    s, x, y = 0.5, 148.5, 112.0
    w, h = d.BASE_W * s, d.BASE_H * s
    page.box(x - w / 2, y - h / 2, w, h, WOOD, INK, d.BASE_CORNER * s, 0.5)
    for ends in (-1, 1):
        for high in (-0.5, 0.5):
            slot_x = x + ends * (w / 2 - 9) - d.STRAP_SLOT * s / 2
            page.box(
                slot_x, y + high * h * 0.55 - d.STRAP_W * s / 2, d.STRAP_SLOT * s, d.STRAP_W * s, "#ffffff", INK, 1, 0.3
            )
    page.line((x, y - h / 2), (x, y + h / 2), color=GREEN, width=0.5, dash="3 2")
    page.text("spine", x + 2, y + h / 2 - 4, 3.4, GREEN)
    for side, middle in (("left", x - d.PAD_APART * s / 2), ("right", x + d.PAD_APART * s / 2)):
        page.circle(middle, y, d.PLATE_R * s, PLATE, INK, 0.4)
        page.circle(middle, y, d.DISH_R * s, "#ffffff", INK, 0.3)
        for foot in d.feet(side):
            fx, fy = middle + foot.x_mm * s, y - foot.y_mm * s
            page.circle(fx, fy, d.FOOT_R * s, FOOT, INK, 0.3)
            page.text(foot.name, fx, fy + 1, 2.6, INK, "middle")
        page.text(f"{side} pad", middle, y + 1.4, 4, INK, "middle", bold=True)
        out = -1 if side == "left" else 1
        edge = x + out * w / 2
        page.line((middle + out * d.PLATE_R * s, y), (edge + out * 14, y), color="#7a3fa0", width=1.1)
        page.box(edge - out * 4 - 2, y - 3, 4, 6, "#ffffff", INK, 0.6, 0.3)
        page.text(f"J_{side}", edge + out * 2, y - 3, 3, "#7a3fa0", "start" if out > 0 else "end")
        page.text("to the box", edge + out * 2, y + 5, 3, "#7a3fa0", "start" if out > 0 else "end")
    page.measure(x - d.PAD_APART * s / 2, y - h / 2 - 6, x + d.PAD_APART * s / 2, y - h / 2 - 6, f"{d.PAD_APART:.0f}")
    page.measure(x - w / 2, y + h / 2 + 8, x + w / 2, y + h / 2 + 8, f"{d.BASE_W:.0f}")
    page.measure(x - w / 2 - 26, y - h / 2, x - w / 2 - 26, y + h / 2, f"{d.BASE_H:.0f}")
    page.text(
        "Slots at the sides take the strap that hangs the mat over a door. The clamps between them hold the cables.",
        14,
        192,
        3.4,
    )
    page.text(
        "Pi, converters, dividers, motor, buzzer and button sit in a box beside the person, never under the back.",
        14,
        198,
        3.4,
    )
    return page.render()


def stackup() -> str:
    """Draw the layers from cloth to floor, 4:1, with their heights."""
    page = Drawing(190, 190, "QL Mat: stack-up, heights 4:1", millimetres=True)
    page.text("Stack-up under one foot", 12, 14, 6, bold=True)
    page.text(
        f"heights 4:1; {d.stack_mm():.1f} mm in all, plus the ball's {2 * d.BALL_R - d.DISH_DEEP:.0f} mm",
        12,
        20,
        3.4,
        SOFT,
    )
    y = 30.0
    for name, thick, color in d.LAYERS:
        wide = 2 * d.FOOT_R if "28 mm" in name else d.SENSOR if "FSR" in name else 76.0
        height = max(4.0 * thick, 1.0)
        page.box(54 - wide / 2, y, wide, height, color, INK, 0, 0.3)
        middle = y + height / 2
        page.line((54 + wide / 2 + 1, middle), (98, middle), color=SOFT, width=0.25)
        page.text(f"{name}", 100, middle + 1.2, 3.8, bold=True)
        page.text(f"{thick:g} mm", 186, middle + 1.2, 3.8, SOFT, "end")
        y += height + 2.0
    page.text(
        "Force goes through the feet only: pegs hold the plate sideways with half a millimetre of play.", 12, y + 8, 3.4
    )
    return page.render()


def clear_under_plate_mm() -> float:
    """Give the gap between plate and base."""
    return _levels()["plate"][0] - _levels()["base"][1]


def feet_apart_mm() -> float:
    """Give the distance between two feet of a pad."""
    return FOOT_RADIUS_MM * sqrt(3.0)


def files() -> dict[str, str]:
    """Give every drawing: name and content."""
    return {"pad.svg": pad(), "mat.svg": mat(), "stackup.svg": stackup(), "scad/dimensions.scad": d.scad()}


if __name__ == "__main__":
    write(files())
