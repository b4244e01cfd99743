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
RADII_MM = 1.0, 2.45  # of a dot where the force was least and greatest; the larger one fills its cell


def spots(course: CourseRecord) -> str:
    """Draw both pads from above, the person's head up; darker where the ball was longer, larger where it was firmer."""
    forces_n = [place.force_n for side in SIDES for place in course.places.get(side, ())]
    low_n, high_n = (min(forces_n), max(forces_n)) if forces_n else (0.0, 0.0)
    with drawing(2.6, ncols=3, width_ratios=[1.0, 1.0, 0.85]) as (figure, (left, right, legend)):
        for side, axes in zip(SIDES, (left, right), strict=True):
            _pad(axes, side)
            _cells(axes, side, course.places.get(side, ()), low_n, high_n)
            _marks(axes, [spot for spot in course.spots if spot.side == side and spot.marked])
        _explain(legend, course, low_n, high_n)
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


def _cells(axes: Axes, side: Side, places: Sequence[Place], low_n: float, high_n: float) -> None:
    if not places:
        axes.text(0, 0, "not worked", ha="center", va="center", color=SOFT)
        return
    seconds = np.array([place.seconds for place in places])
    shades = LinearSegmentedColormap.from_list("dwell", [PAPER, COLOUR[side]])
    for place, tone in zip(places, np.sqrt(seconds / seconds.max()).tolist(), strict=True):
        radius_mm = float(np.interp(place.force_n, (low_n, max(high_n, low_n + 1.0)), RADII_MM))
        axes.add_patch(Circle((place.x_mm, place.y_mm), radius_mm, fc=shades(0.18 + 0.82 * tone), ec="none"))


def _marks(axes: Axes, marked: Sequence[Spot]) -> None:
    for number, spot in enumerate(marked, start=1):
        last = number == len(marked)
        axes.plot(spot.x_mm, spot.y_mm, marker="x", ms=7 if last else 4.5, mew=1.8 if last else 1.0, color=INK,
                  alpha=1.0 if last else 0.45)  # fmt: skip
    if marked:
        place = f"✕ {marked[-1].x_mm:+.0f}, {marked[-1].y_mm:+.0f} mm"
        axes.text(54, 54, place, ha="right", va="center", fontsize=7.5)


def _explain(axes: Axes, course: CourseRecord, low_n: float, high_n: float) -> None:
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    lines = [
        "Each dot is a place of 5 mm: the darker,",
        "the longer the ball was there; the larger,",
        f"the firmer ({low_n:.0f} to {high_n:.0f} N on average).",
        "",
        "✕  marked while working, the last one",
        "bold; its place from the middle, right",
        "and head being plus.",
        "",
        "Dashed: where the ball can be moved.",
    ]
    for side, height in zip(SIDES, (0.15, 0.04), strict=True):
        places = course.places.get(side, ())
        total_s = sum(place.seconds for place in places)
        if total_s:
            force_n = sum(place.force_n * place.seconds for place in places) / total_s
            words = f"{side}: {total_s / 60:.0f} min, {force_n:.0f} N on average"
            axes.text(0.0, height, words, fontsize=8, color=COLOUR[side], fontweight="semibold")
    axes.text(0.0, 0.97, "\n".join(lines), va="top", fontsize=7.5, color=SOFT, linespacing=1.5)
