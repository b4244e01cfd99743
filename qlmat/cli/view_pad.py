"""One pad as a small map of characters, to scale: 21 columns by 11 rows hold 150 mm each way.

A character cell is about twice as high as wide. In Braille each holds 2 x 4 dots of 3.6 mm; the simple map uses one
plain character a cell.
"""

from collections.abc import Iterable, Sequence
from math import cos, hypot, pi, radians, sin

from rich.text import Text

COLUMNS, ROWS = 21, 11
DOT_MM = 150.0 / (2 * COLUMNS)
PLATE_MM, DISH_MM, FOOT_MM = 73.0, 35.0, 65.0  # the plate's rim and the feet, drawn just inside the map
FEET_DEG = (90.0, 210.0, 330.0)
# Bits of a Braille character U+2800 by row and column of its dots:  1 4
#                                                                    2 5
#                                                                    3 6
#                                                                    7 8
BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
STYLES = {"plate": "dim", "foot": "", "trail": "cyan", "ball": "bold cyan"}
SIMPLE = {"plate": ".", "foot": "o", "trail": ":", "ball": "@"}
RANK = ("plate", "foot", "trail", "ball")


def draw_pad(
    cop_mm: Sequence[float] | None, trail_mm: Iterable[tuple[float, float]], touching: bool, fancy: bool
) -> Text:
    """Draw rim, dish, three feet, the ball's trail and the ball; x to the person's right, y to the head."""
    dots: dict[tuple[int, int], tuple[int, str]] = {}  # cell -> bits, what it shows

    def put(x_mm: float, y_mm: float, what: str) -> None:
        far = max(1.0, hypot(x_mm, y_mm) / PLATE_MM)  # outside the plate: shown at its rim
        column = round(x_mm / far / DOT_MM + COLUMNS - 0.5)
        row = round(-y_mm / far / DOT_MM + 2 * ROWS - 0.5)
        cell = (row // 4, column // 2)
        bits, shown = dots.get(cell, (0, what))
        dots[cell] = (bits | BITS[row % 4][column % 2], max(shown, what, key=RANK.index))

    for step in range(132):
        angle = 2 * pi * step / 132
        put(PLATE_MM * cos(angle), PLATE_MM * sin(angle), "plate")
        if step % 4 == 0:
            put(DISH_MM * cos(angle), DISH_MM * sin(angle), "plate")
    for degrees in FEET_DEG:
        put(FOOT_MM * cos(radians(degrees)), FOOT_MM * sin(radians(degrees)), "foot")
    for x_mm, y_mm in trail_mm:
        put(x_mm, y_mm, "trail")
    if cop_mm is not None:
        put(cop_mm[0], cop_mm[1], "ball")
    return _text(dots, touching, fancy)


def _text(dots: dict[tuple[int, int], tuple[int, str]], touching: bool, fancy: bool) -> Text:
    text = Text(no_wrap=True)
    for row in range(ROWS):
        for column in range(COLUMNS):
            bits, what = dots.get((row, column), (0, ""))
            if not what:
                text.append(" ")
                continue
            char = SIMPLE[what]
            if fancy:
                char = {"ball": "●", "foot": "○"}.get(what, chr(0x2800 + bits))
            text.append(char, "" if what == "plate" and touching else STYLES[what])
        text.append("\n" if row < ROWS - 1 else "")
    return text
