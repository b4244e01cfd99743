"""One person's rows as sheets: a header with units in brackets, and plain cells that no spreadsheet runs."""

import csv
import io
import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from math import isnan
from typing import Any

from qlmat.records import Person
from qlmat.store.rows import comforts_of, efforts_of, events_of, notes_of, seconds_of, sessions_of, spots_of

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell of text that begins so would be run as a formula
Sheet = tuple[Sequence[str], Iterable[Sequence[Any]]]


def sheets(connection: sqlite3.Connection, person: Person) -> dict[str, Sheet]:
    """Give each sheet its header, units in brackets, and its rows."""
    sessions = sessions_of(connection, person.person, running=True)
    pair = ["x to the right [mm]", "y to the head [mm]"]
    return {
        "sessions": (
            ["session", "began [UTC]", "clock set", "day", "length [s]", "ended", "reason", "position", "ball"],
            ([s.session, s.began, s.clock_synced, s.day, s.seconds, s.ended, s.reason, s.position, s.ball]
             for s in sessions),
        ),
        "sides": (
            ["session", "side", "worked [s]", "below zone [s]", "in zone [s]", "above zone [s]", "too hard [s]",
             "force [N]", "force spread [N]", "force maximum [N]", "cadence [1/min]", "cadence spread [1/min]",
             "cycles", *pair],
            ([s.session, d.side, d.worked_s, d.below_s, d.inside_s, d.above_s, d.hard_s, d.force_n, d.force_sd_n,
              d.force_max_n, _cpm(d.cadence_hz), _cpm(d.cadence_sd_hz), d.cycles, d.x_mm, d.y_mm]
             for s in sessions for d in s.sides),
        ),
        "aims": (
            ["session", "side", "zone from [N]", "zone to [N]", "too hard [N]", "comfortable [N]", "pace [1/min]",
             "side [s]"],
            ([s.session, a.side, *a[1:5], _cpm(a.target_hz), a.side_s] for s in sessions for a in s.aims),
        ),
        "seconds": (
            ["session", "second [s]", "state", "side", "force [N]", "force maximum [N]", *pair, "cadence [1/min]",
             "cycles", "worked [s]", "below zone [s]", "in zone [s]", "above zone [s]", "too hard [s]"],
            ([s.session, r.second, r.state, r.side, r.force_n, r.force_max_n, r.x_mm, r.y_mm, _cpm(r.cadence_hz),
              r.cycles, r.worked_s, r.below_s, r.inside_s, r.above_s, r.hard_s]
             for s in sessions for r in seconds_of(connection, s.session)),
        ),
        "events": (
            ["start", "number", "time since start [s]", "time [UTC]", "clock set", "session", "event", "side",
             "detail"],
            ([e.boot, e.number, e.event.t_s, e.at, e.clock_synced, e.session, e.event.name, e.event.side,
              json.dumps(e.event.detail)] for e in events_of(connection, person.person)),
        ),
        "comfortable-force": (
            ["time [UTC]", "side", "position", "ball", "force [N]", "lowest [N]", "highest [N]", "loads"],
            ([c.at, c.side, c.position, c.ball, c.force_n, c.low_n, c.high_n, c.loads]
             for c in comforts_of(connection, person.person)),
        ),
        "spots": (
            ["time [UTC]", "side", "position", *pair, "force [N]", "stayed [s]", "marked", "session"],
            ([s.at, s.side, s.position, s.x_mm, s.y_mm, s.force_n, s.dwell_s, s.marked, s.session]
             for s in spots_of(connection, person.person)),
        ),
        "strengthening": (
            ["time [UTC]", "exercise", "side", "held [s]", "lifts"],
            ([e.at, e.exercise, e.side, e.held_s, e.lifts] for e in efforts_of(connection, person.person)),
        ),
        "notes": (
            ["time [UTC]", "side", "session", "note"],
            ([n.at, n.side, n.session, n.text] for n in notes_of(connection, person.person)),
        ),
    }  # fmt: skip


def csv_of(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Write a sheet as CSV in UTF-8; what is not known is empty."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(header)
    lines.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, float):
        return "" if isnan(value) else f"{value:.10g}"
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _cpm(hertz: float | None) -> float | None:
    return None if hertz is None else 60.0 * hertz
