"""The plots over days: pressure in and out of the zone, force and comfortable force with their spread, pace."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from qlmat.core.model import SIDES, Side
from qlmat.records import Comfort, CourseRecord, SideSummary
from qlmat.report.facts import Glance
from qlmat.report.style import ACCENT, COLOUR, INK, LOW, MARKER, SOFT, WARN, WASH, drawing, level, svg

GOOD_CPM, TARGET_CPM, FAST_CPM = (8.0, 18.0), (10.0, 15.0), 20.0  # domain facts 0
APART = 0.19  # of a day between the two sides


def pressure(seen: Glance) -> str:
    """Draw how long each side was under, in and over the zone on each day: stacked bars, the left side's first."""
    with drawing(1.72) as (figure, axes):
        for side in SIDES:
            rows = _rows(seen, side)
            at = np.array([index for index, _ in rows]) + _offset(side)
            below, inside, above = (np.array([getattr(row, name) for _, row in rows]) for name in _PARTS)
            axes.bar(at, inside, 0.34, color=COLOUR[side])
            axes.bar(at, below, 0.34, bottom=inside, color=LOW)
            axes.bar(at, above, 0.34, bottom=inside + below, color=WARN)
        _days(axes, seen)
        level(axes, "seconds while working")
        keys = [Patch(color=COLOUR[side], label=f"in the zone, {side}") for side in SIDES]
        keys += [Patch(color=LOW, label="below"), Patch(color=WARN, label="above")]
        _key(axes, keys)
        return svg(figure)


_PARTS = ("below_s", "inside_s", "above_s")


def force(seen: Glance, comforts: Sequence[Comfort]) -> str:
    """Draw the mean force of each session with its spread, the zone behind it, and the comfortable force measured."""
    with drawing(1.95, ncols=2, width_ratios=[1.7, 1.0]) as (figure, (over_days, measured)):
        _zone(over_days, seen)
        for side in SIDES:
            rows = [(at, row) for at, row in _rows(seen, side) if row.force_n is not None]
            _points(over_days, side, [at for at, _ in rows], [row.force_n or 0.0 for _, row in rows],
                    [row.force_sd_n or 0.0 for _, row in rows])  # fmt: skip
        _days(over_days, seen, every=2)
        low_n, high_n = over_days.get_ylim()
        over_days.set_ylim(max(0.0, low_n - 15.0), high_n)
        level(over_days, "mean force of a session, N")
        _key(over_days, [*_sides(), Patch(color=WASH, label="zone asked for")])
        _comfort(measured, seen, comforts)
        return svg(figure)


def pace(seen: Glance, target_hz: float) -> str:
    """Draw the mean pace of each session with its spread over the good range and the target."""
    with drawing(1.6) as (figure, axes):
        axes.axhspan(*GOOD_CPM, color=WASH, alpha=0.55, lw=0)
        axes.axhspan(*TARGET_CPM, color=WASH, lw=0)
        axes.axhline(60.0 * target_hz, color=ACCENT, lw=1.0, ls=(0, (4, 3)))
        axes.axhline(FAST_CPM, color=WARN, lw=0.9, ls=(0, (1.5, 2)))
        for side in SIDES:
            rows = [(at, row) for at, row in _rows(seen, side) if row.cadence_hz is not None]
            _points(axes, side, [at for at, _ in rows], [60.0 * (row.cadence_hz or 0.0) for _, row in rows],
                    [60.0 * (row.cadence_sd_hz or 0.0) for _, row in rows])  # fmt: skip
        _days(axes, seen)
        axes.set_ylim(0.0, max(26.0, axes.get_ylim()[1]))
        level(axes, "cycles a minute")
        good = Patch(color=WASH, label="10 to 15, the pace to aim for")
        _key(axes, [*_sides(), good, Line2D([], [], color=WARN, lw=0.9, ls=(0, (1.5, 2)), label="too fast")])
        return svg(figure)


# --- parts -------------------------------------------------------------------------------------------------------


def _comfort(axes: Axes, seen: Glance, comforts: Sequence[Comfort]) -> None:
    for side in SIDES:
        own = [each for each in comforts if each.side == side]
        at = [(each.at.astimezone().date() - seen.first).days + _offset(side) for each in own]
        reach = np.array([[each.force_n - each.low_n, each.high_n - each.force_n] for each in own]).reshape(-1, 2).T
        axes.errorbar(
            at,
            [each.force_n for each in own],
            reach,
            color=COLOUR[side],
            marker=MARKER[side],
            ms=4.2,
            lw=0,
            elinewidth=1.3,
        )
    axes.set_xlim(-0.8, len(seen.calendar) - 0.2)
    forces_n = [each.force_n for each in comforts] or [100.0]
    axes.set_ylim(0.6 * min(forces_n), 1.25 * max(forces_n))
    shown = range(0, len(seen.calendar), max(1, len(seen.calendar) // 4))
    axes.set_xticks(list(shown), [_said(seen, index) for index in shown])
    level(axes, "comfortable force, N")
    if not comforts:
        axes.text(0.5, 0.5, "not measured yet", transform=axes.transAxes, ha="center", color=SOFT)


def _zone(axes: Axes, seen: Glance) -> None:
    """Shade, day by day, what was asked for, from the lower side's lowest to the upper side's highest."""
    for index, (_, session) in enumerate(seen.calendar):
        if session is not None and session.aims:
            low_n, high_n = min(aim.low_n for aim in session.aims), max(aim.high_n for aim in session.aims)
            axes.fill_between([index - 0.5, index + 0.5], low_n, high_n, color=WASH, lw=0)


def _points(axes: Axes, side: Side, at: list[int], values: list[float], spreads: list[float]) -> None:
    places = np.array(at, dtype=float) + _offset(side)
    axes.errorbar(
        places, values, spreads, color=COLOUR[side], marker=MARKER[side], ms=4.2, lw=0, elinewidth=1.2, alpha=0.95
    )


def _rows(seen: Glance, side: Side) -> list[tuple[int, SideSummary]]:
    days = ((index, session.of(side)) for index, (_, session) in enumerate(seen.calendar) if session is not None)
    return [(index, row) for index, row in days if row is not None]


def _offset(side: Side) -> float:
    return -APART if side == "left" else APART


def _days(axes: Axes, seen: Glance, every: int = 1) -> None:
    every = max(every, len(seen.calendar) // 14)
    shown = range(0, len(seen.calendar), every)
    axes.set_xticks(list(shown), [_said(seen, index) for index in shown])
    axes.set_xlim(-0.7, len(seen.calendar) - 0.3)
    for index, (_, session) in enumerate(seen.calendar):
        if session is None and seen.calendar[index][0] < seen.last:
            axes.text(index, 0.02, "no session", transform=axes.get_xaxis_transform(), rotation=90, ha="center",
                      va="bottom", fontsize=6.5, color=SOFT)  # fmt: skip


def _said(seen: Glance, index: int) -> str:
    day = seen.calendar[index][0]
    return f"{day.day} {day:%b}" if index == 0 or day.day == 1 else str(day.day)


def _sides() -> list[Line2D]:
    return [Line2D([], [], color=COLOUR[side], marker=MARKER[side], ms=4.2, lw=0, label=side) for side in SIDES]


def _key(axes: Axes, keys: Sequence[Line2D | Patch]) -> None:
    axes.legend(
        handles=list(keys), loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(keys), handlelength=1.0,
        columnspacing=1.3, handletextpad=0.5, borderaxespad=0.1, labelcolor=INK,
    )  # fmt: skip


def target_of(course: CourseRecord) -> float:
    """Find the pace that was asked for last, Hz."""
    return next((aim.target_hz for session in reversed(course.sessions) for aim in session.aims), 0.2)
