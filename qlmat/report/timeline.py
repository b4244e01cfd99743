"""A recording on one time axis: what was pressed and where, how it moved, what the mat made of it.

It is the picture one wants when something looks wrong: under one another stand the session, the kind of movement and
the cue; force; centre of pressure; cadence with its uncertainty; and every event.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from qlmat.core.model import SIDES, Event
from qlmat.core.plan import Plan
from qlmat.report.style import COLOUR, EDGE, INK, MARKER, SOFT, WARN, WASH, drawing, level
from qlmat.report.trace import LANES, Line, Span, Trace, line

Gaps = Sequence[tuple[float, float]]
WIDTH_IN, LANE_IN, POINTS = 11.0, 0.2, 6000  # points a line: more than a screen has columns
LETTER = 0.0062  # of the axis's width
SHORT = 24  # letters of a detail; what to do about it stands in the table and in the log
CUE_COLOUR = "#e9a983"
_LANE_COLOUR = {
    "rock": "#7fb2c9", "bend": "#d9b25f", "still": "#e4dfd5",
    "waiting": "#f0eee9", "placing": "#e4e9e2", "settling": "#cfe0db", "working": "#9fccc2", "switching": "#e4e9e2",
    "done": "#d8dcec", "paused": "#f3d9c4", "stopped": "#e9c9ba", "measuring": "#d8dcec",
}  # fmt: skip
TROUBLE = ("over_cap", "too_hard", "too_fast", "ball_slid", "ball_lost", "ball_on_bone", "signal_lost")
TROUBLE_ENDS = ("_fault", "_refused", "_dropped")
_DATE = {".png": "Software", ".svg": "Date", ".pdf": "CreationDate"}  # what would make equal pictures unequal files


def picture(trace: Trace, plan: Plan, gaps: Gaps, title: str, notes: Sequence[str]) -> Figure:
    """Draw a trace; `gaps` (from, to) in seconds are hatched, `notes` say below the title what was not regular."""
    names = list(dict.fromkeys(event.name for event in trace.events))
    lanes_in, events_in = LANE_IN * len(LANES), LANE_IN * max(len(names), 1)
    heights = [lanes_in, 1.9, 1.2, 1.2, 1.6, events_in]
    with drawing(sum(heights) + 2.7, WIDTH_IN, nrows=len(heights), sharex=True, height_ratios=heights) as (
        figure,
        all_,
    ):
        lanes, force, across, along, cadence, events = all_
        _lanes(lanes, trace)
        _force(force, trace, plan, gaps)
        _places((across, along), trace, gaps)
        _cadence(cadence, trace, plan, gaps)
        _events(events, trace, names)
        _across_all(all_, trace, gaps)
        events.set_xlabel("seconds")
        figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold", color=INK)
        if notes:
            lanes.set_title("\n".join(notes), loc="left", fontsize=7.5, color=WARN)
        return figure


def written(figure: Figure, suffix: str) -> bytes:
    """Give a figure as a file, .png, .svg or .pdf; the same figure gives the same bytes."""
    data = BytesIO()
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "qlmat"}):
        figure.savefig(data, format=suffix[1:], dpi=130, facecolor="white", metadata={_DATE[suffix]: None})
    return data.getvalue()


# --- panels ------------------------------------------------------------------------------------------------------


def _lanes(axes: Axes, trace: Trace) -> None:
    """Draw what session, movement and cue said, one strip each, in words where there is room."""
    for row, lane in enumerate(LANES):
        spans = trace.spans(lane)
        for at, span in enumerate(spans, 1):
            after_s = spans[at].start_s if at < len(spans) else float(trace.t_s[-1])
            colour = CUE_COLOUR if lane == "cue" else _LANE_COLOUR.get(span.said.split(",")[0], WASH)
            width_s = span.end_s - span.start_s
            axes.broken_barh([(span.start_s, width_s)], (row - 0.42, 0.84), color=colour, ec="white", lw=0.6)
            _say(axes, trace, span, row, after_s)
    axes.set_yticks(range(len(LANES)), LANES)
    axes.set_ylim(len(LANES) - 0.5, -0.5)


def _say(axes: Axes, trace: Trace, span: Span, row: int, after_s: float) -> None:
    """Write what a span said, whole or its first word, into it or, when it is short, into the silence behind it."""
    whole_s = max(float(np.ptp(trace.t_s)), 1e-9)
    for text in (span.said.replace("_", " "), span.said.split(",")[0].replace("_", " ")):
        needed_s = whole_s * (LETTER * len(text) + 2 * LETTER)
        if span.end_s - span.start_s > needed_s:
            at_s, how = 0.5 * (span.start_s + span.end_s), "center"
        elif after_s - span.end_s > needed_s:
            at_s, how = span.end_s + LETTER * whole_s, "left"
        else:
            continue
        axes.text(at_s, row, text, ha=how, va="center", fontsize=7, color=INK, clip_on=True)
        return


def _force(axes: Axes, trace: Trace, plan: Plan, gaps: Gaps) -> None:
    # A board may have one pad only: what was never read is not missing, unless nothing ever was.
    there = [side for side in SIDES if np.isfinite(trace.column("force_n", side)).any()] or SIDES
    for side in SIDES:
        axes.axhspan(*plan.of(side).zone_n, color=WASH, lw=0, alpha=0.6)
        values = trace.column("force_n", side)
        _line(axes, line(trace.t_s, values, gaps, POINTS), color=COLOUR[side], lw=1.0)
        unread = np.isnan(values) & (side in there)
        axes.fill_between(trace.t_s, 0.0, 1.0, where=unread.tolist(), transform=axes.get_xaxis_transform(),
                          color=WARN, alpha=0.16, lw=0)  # fmt: skip
    top_n = max(axes.get_ylim()[1], 1.25 * plan.zone_n[1])
    axes.set_ylim(min(0.0, axes.get_ylim()[0]), top_n)
    for limit_n, words in ((plan.too_hard_n, "too hard"), (plan.at_once_n, "the cap")):
        if limit_n < top_n:
            axes.axhline(limit_n, color=WARN, lw=0.9, ls=(0, (4, 3)))
            axes.annotate(words, (1.0, limit_n), xycoords=("axes fraction", "data"), xytext=(3, 0), color=WARN,
                          textcoords="offset points", va="center", fontsize=7)  # fmt: skip
    level(axes, "force, N")
    unread_key = Patch(color=WARN, alpha=0.16, label="cannot be read")
    _key(axes, [*_sides(), Patch(color=WASH, label="zone"), unread_key])


def _places(pair: tuple[Axes, Axes], trace: Trace, gaps: Gaps) -> None:
    """Draw the centre of pressure of each pad: to the person's right and to the head are up."""
    words = ("centre of pressure, across, mm (right is up)", "centre of pressure, along, mm (head is up)")
    for axes, name, said in zip(pair, ("x_mm", "y_mm"), words, strict=True):
        for side in SIDES:
            _line(axes, line(trace.t_s, trace.column(name, side), gaps, POINTS), color=COLOUR[side], lw=1.0)
        low, high = axes.get_ylim()
        axes.set_ylim(min(low, -15.0), max(high, 15.0))
        level(axes, said)


def _cadence(axes: Axes, trace: Trace, plan: Plan, gaps: Gaps) -> None:
    cadence_cpm, sd_cpm = 60.0 * trace.column("cadence_hz"), 60.0 * trace.column("sd_hz")
    low, high = (line(trace.t_s, cadence_cpm + sign * sd_cpm, gaps, POINTS) for sign in (-1.0, 1.0))
    axes.axhspan(8.0, 60.0 * plan.good_fast_hz, color=WASH, alpha=0.6, lw=0)
    axes.axhline(60.0 * plan.too_fast_hz, color=WARN, lw=0.9, ls=(0, (4, 3)))
    axes.fill_between(low.t_s, np.maximum(low.values, 0.0), high.values, color=INK, alpha=0.18, lw=0)
    _line(axes, line(trace.t_s, cadence_cpm, gaps, POINTS), color=SOFT, lw=0.9)
    _line(axes, line(trace.t_s, 60.0 * trace.column("confirmed_hz"), gaps, POINTS), color=INK, lw=1.5)
    told = cadence_cpm[np.isfinite(cadence_cpm)]
    axes.set_ylim(0.0, max(26.0, 1.2 * float(told.max()) if told.size else 0.0))
    level(axes, "cadence, cycles a minute")
    _key(axes, [
        Line2D([], [], color=INK, lw=1.5, label="confirmed"), Line2D([], [], color=SOFT, lw=0.9, label="tentative"),
        Patch(color=INK, alpha=0.18, label="one sigma"), Patch(color=WASH, label="good"),
        Line2D([], [], color=WARN, lw=0.9, ls=(0, (4, 3)), label="too fast"),
    ])  # fmt: skip


def _events(axes: Axes, trace: Trace, names: list[str]) -> None:
    """Draw each event in the row of its name, with what its details say in a word or two."""
    marks: dict[tuple[int, str, str], list[float]] = {}
    for event in trace.events:
        colour = WARN if trouble(event) else COLOUR[event.side] if event.side else INK
        marker = MARKER[event.side] if event.side else "D"
        row = names.index(event.name)
        marks.setdefault((row, marker, colour), []).append(event.t_s)
        words = " ".join(value for value in event.detail.values() if isinstance(value, str) and len(value) <= SHORT)
        if words and trouble(event):
            late = event.t_s - trace.t_s[0] > 0.8 * float(np.ptp(trace.t_s))
            axes.annotate(words, (event.t_s, row), xytext=(-6 if late else 6, 0), textcoords="offset points",
                          ha="right" if late else "left", va="center", fontsize=6.5, color=WARN)  # fmt: skip
    for (row, marker, colour), times_s in marks.items():
        axes.plot(times_s, [row] * len(times_s), marker, color=colour, ms=4.5, mew=0, clip_on=False)
    axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
    axes.grid(axis="y")
    if not names:
        axes.text(0.5, 0.5, "no events", transform=axes.transAxes, ha="center", va="center", color=SOFT)


def trouble(event: Event) -> bool:
    """Tell whether an event is about something that is not as it should be."""
    return event.name in TROUBLE or event.name.endswith(TROUBLE_ENDS)


def _across_all(panels: Sequence[Axes], trace: Trace, gaps: Gaps) -> None:
    """Draw through all panels when something happened, and where there are no rows."""
    t_s = trace.t_s
    troubles = [event.t_s for event in trace.events if trouble(event)]
    others = [event.t_s for event in trace.events if not trouble(event)]
    for axes in panels:
        for times_s, colour in ((others, EDGE), (troubles, WARN)):
            height = axes.get_xaxis_transform()
            axes.vlines(times_s, 0.0, 1.0, transform=height, color=colour, lw=0.6, alpha=0.6, zorder=0.5)
        for start_s, end_s in gaps:
            axes.axvspan(start_s, end_s, facecolor="white", edgecolor=EDGE, hatch="////", lw=0, zorder=4)
        axes.set_xlim(float(t_s[0]), max(float(t_s[-1]), float(t_s[0]) + 1e-3))


def _line(axes: Axes, drawn: Line, **looks: Any) -> None:
    axes.plot(drawn.t_s, drawn.values, solid_joinstyle="round", **looks)


def _sides() -> list[Line2D]:
    return [Line2D([], [], color=COLOUR[side], lw=1.6, label=side) for side in SIDES]


def _key(axes: Axes, keys: Sequence[Line2D | Patch]) -> None:
    axes.legend(handles=list(keys), loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(keys), handlelength=1.4,
                columnspacing=1.3, handletextpad=0.5, borderaxespad=0.1, fontsize=7.5)  # fmt: skip
