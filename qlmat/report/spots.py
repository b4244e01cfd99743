"""The map of a course: where on each pad the ball was worked, how hard, and the spots that were marked."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Circle

from qlmat.core.model import SIDES, Side
from qlmat.records import CourseRecord, Place, Spot
from qlmat.report.style import COLOUR, EDGE, INK, PAPER, SOFT, drawing, svg

DISH_MM, SHOWN_MM = 30.0, 46.0  # the ball can be moved some 30 mm any way (the architecture); what is drawn of the pad
CELL_MM = 5.0


def spots(course: CourseRecord) -> str:
    """Draw both pads as seen from above, the person's head up; darker where the ball was longer."""
    with drawing(2.6, ncols=3, width_ratios=[1.0, 1.0, 0.85]) as (figure, (left, right, legend)):
        for side, axes in zip(SIDES, (left, right), strict=True):
            _pad(axes, side)
            _cells(axes, side, course.places.get(side, ()))
            _marks(axes, [spot for spot in course.spots if spot.side == side and spot.marked])
        _explain(legend, course)
        return svg(figure)


def _pad(axes: Axes, side: Side) -> None:
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_xlim(-56, 56)
    axes.set_ylim(-50, 58)
    axes.add_patch(Circle((0, 0), SHOWN_MM, fc="#f7f5f0", ec=EDGE, lw=1.2))
    axes.add_patch(Circle((0, 0), DISH_MM, fc=PAPER, ec=SOFT, lw=0.8, ls=(0, (3, 3))))
    for radius in (10.0, 20.0):
        axes.add_patch(Circle((0, 0), radius, fc="none", ec=EDGE, lw=0.7))
    for radius in (10, 20, 30):
        axes.text(0, -radius, f"{radius} mm", ha="center", va="center", fontsize=5.5, color=SOFT, zorder=9,
                  bbox={"fc": PAPER, "ec": "none", "pad": 0.6})  # fmt: skip
    axes.text(0, 38, "head", ha="center", va="center", fontsize=7, color=SOFT)
    inwards = 1 if side == "left" else -1  # the pads lie left and right of the spine
    axes.text(inwards * 38, 0, "spine", ha="center", va="center", fontsize=7, color=SOFT, rotation=-90 * inwards)
    axes.text(-54, 54, side.capitalize(), fontsize=10, fontweight="semibold", color=COLOUR[side], va="center")


def _cells(axes: Axes, side: Side, places: Sequence[Place]) -> None:
    if not places:
        axes.text(0, 0, "not worked", ha="center", va="center", color=SOFT)
        return
    x_mm = np.array([place.x_mm for place in places])
    y_mm = np.array([place.y_mm for place in places])
    seconds = np.array([place.seconds for place in places])
    shades = LinearSegmentedColormap.from_list("dwell", [PAPER, COLOUR[side]])
    size = 2 * (CELL_MM * 0.5 * 0.98)
    for x, y, tone in zip(x_mm, y_mm, np.sqrt(seconds / seconds.max()), strict=True):
        axes.add_patch(Circle((float(x), float(y)), size / 2, fc=shades(0.12 + 0.88 * float(tone)), ec="none"))


def _marks(axes: Axes, marked: Sequence[Spot]) -> None:
    for number, spot in enumerate(marked, start=1):
        last = number == len(marked)
        axes.plot(spot.x_mm, spot.y_mm, marker="x", ms=7 if last else 4.5, mew=1.8 if last else 1.0, color=INK,
                  alpha=1.0 if last else 0.45)  # fmt: skip
    if marked:
        place = f"✕ {marked[-1].x_mm:+.0f}, {marked[-1].y_mm:+.0f} mm"
        axes.text(54, 54, place, ha="right", va="center", fontsize=7.5)


def _explain(axes: Axes, course: CourseRecord) -> None:
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    lines = [
        "Each dot is a place of 5 mm;",
        "the darker, the longer the ball was there.",
        "",
        "✕  marked while working, the last one",
        "bold; its place from the middle, right",
        "and head being plus.",
        "",
        "Dashed: where the ball can be moved.",
    ]
    for side, height in zip(SIDES, (0.20, 0.08), strict=True):
        places = course.places.get(side, ())
        total_s = sum(place.seconds for place in places)
        if total_s:
            force_n = sum(place.force_n * place.seconds for place in places) / total_s
            words = f"{side}: {total_s / 60:.0f} min, {force_n:.0f} N on average"
            axes.text(0.0, height, words, fontsize=8, color=COLOUR[side], fontweight="semibold")
    axes.text(0.0, 0.93, "\n".join(lines), va="top", fontsize=7.5, color=SOFT, linespacing=1.5)
