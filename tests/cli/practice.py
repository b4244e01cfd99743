"""Recordings of a person who is not there: newtons of three feet, written as a CSV."""

from collections.abc import Iterable
from math import cos, pi, radians, sin
from pathlib import Path

HEADER = "t_s,left_1_n,left_2_n,left_3_n,right_1_n,right_2_n,right_3_n\n"
LIES_DOWN_S = 2.0


def feet_n(t_s: float, force_n: float = 90.0, cpm: float = 12.0) -> list[float]:
    """Give the six forces of a person who lies down on the left pad at 2 s and rolls 18 mm out and in."""
    if t_s < LIES_DOWN_S:
        return [0.0] * 6
    swing = sin(2 * pi * cpm / 60 * t_s)
    total_n = force_n + 10.0 * swing
    angles = (90.0, 210.0, 330.0)
    return [total_n / 3 * (1 + 2 * 18.0 * swing * cos(radians(angle)) / 70.0) for angle in angles] + [0.0] * 3


def write_practice(path: Path, stamps_s: Iterable[float], force_n: float = 90.0) -> Path:
    """Write one row a stamp."""
    rows = [",".join(f"{number:.5f}" for number in (t_s, *feet_n(t_s, force_n))) for t_s in stamps_s]
    path.write_text(HEADER + "\n".join(rows) + "\n")
    return path


def every(step_s: float, until_s: float) -> list[float]:
    """List stamps from 0."""
    return [index * step_s for index in range(round(until_s / step_s))]
