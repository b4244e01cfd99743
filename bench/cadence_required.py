"""What issue 4 asks of cadence and contact, what was reached, and the best peer of the same run: one look."""

from collections.abc import Callable
from typing import NamedTuple

OURS = "qlmat"
Figures = dict[str, dict[str, dict[str, float]]]  # method, then family or "all", then column
_NAN = float("nan")


class Row(NamedTuple):
    """One requirement. `met` needs the figure asked for, and in every row but the cost to be no worse than any peer."""

    asked: str
    required: float
    reached: float
    best_peer: float
    peer: str
    met: bool


class _Asked(NamedTuple):
    title: str
    family: str
    column: str
    required: float
    best: Callable[..., float]


MOVEMENT = (
    _Asked("within 2 cpm", "all", "within_2cpm", 0.98, max),
    _Asked("within 5 %", "all", "within_5pct", 0.95, max),
    _Asked("MAE, cpm", "all", "mae_cpm", 0.35, min),
    _Asked("ramp, within 5 %", "ramp", "within_5pct", 0.90, max),
    _Asked("breathing, within 5 %", "breathing", "within_5pct", 0.92, max),
    _Asked("dwell, within 5 %", "dwell", "within_5pct", 0.93, max),
    _Asked("realistic, within 5 %", "realistic", "within_5pct", 0.88, max),
    _Asked("relocation, within 5 %", "relocation", "within_5pct", 0.88, max),
    _Asked("first right, median", "all", "cycles_to_first_right_p50", 1.35, min),
    _Asked("first right, p90", "all", "cycles_to_first_right_p90", 1.80, min),
    _Asked("never right", "all", "never", 0.0, min),
    _Asked("stop noticed, median", "all", "stop_cycles_p50", 0.95, min),
    _Asked("stop noticed, p90", "all", "stop_cycles_p90", 1.35, min),
    _Asked("count within one", "all", "count_within_1", 0.95, max),
    _Asked("count MAE", "all", "count_mae", 0.40, min),
    _Asked("rock or bend right", "all", "kind_right", 0.999, max),
    _Asked("false while breathing", "rest+breathing", "rest_false", 0.0, min),
    _Asked("false on empty mat", "empty", "rest_false", 0.0, min),
    _Asked("false while fidgeting", "rest+fidgets", "rest_false", 0.06, min),
    _Asked("... confirmed", "rest+fidgets", "rest_false_confirmed", 0.015, min),
    _Asked("cost, ms a second", "all", "ms_per_s", 0.45, min),
)
CONTACT = (
    _Asked("contact: missed", "contact", "missed_ratio", 0.0, min),
    _Asked("contact: false an hour", "contact", "false_per_hour", 0.0, min),
    _Asked("contact: splits", "contact", "splits_per_contact", 0.0, min),
    _Asked("contact: on delay p95, ms", "contact", "on_ms_p95", 150.0, min),
    _Asked("contact: off delay p95, ms", "contact", "off_ms_p95", 150.0, min),
    _Asked("contact: centre median, mm", "contact", "cop_mm_p50", 1.0, min),
)


def required(figures: Figures, contact: dict[str, dict[str, float]]) -> list[Row]:
    """Compare each requirement with our figure and with the best peer of its row; contact only when it was measured."""
    with_contact = {name: {"contact": by} for name, by in contact.items()}
    return [_row(asked, figures) for asked in MOVEMENT] + [_row(asked, with_contact) for asked in CONTACT if contact]


def _row(asked: _Asked, figures: Figures) -> Row:
    values = {name: by[asked.family][asked.column] for name, by in figures.items()}
    mine = values.pop(OURS)
    others = {name: value for name, value in values.items() if not name.startswith(OURS)}  # ours has rows for context
    told = {name: value for name, value in others.items() if value == value}  # noqa: PLR0124 - NaN: does not tell
    peer = asked.best(told, key=told.__getitem__) if told else "-"  # type: ignore[call-overload]  # min or max of names
    theirs = told.get(peer, _NAN)
    enough = mine <= asked.required + 1e-9 if asked.best is min else mine >= asked.required - 1e-9
    beaten = mine > theirs if asked.best is min else mine < theirs
    return Row(asked.title, asked.required, mine, theirs, peer, enough and (not beaten or "cost" in asked.title))


def show_required(figures: Figures, contact: dict[str, dict[str, float]]) -> list[Row]:
    """Print what is asked, reached and by the best peer; return the rows."""
    rows = required(figures, contact)
    print(f"\n{'asked':28}{'required':>10}{'reached':>10}{'best peer':>12}")
    for row in rows:
        peer = f"{'-':>12}" if row.peer == "-" else f"{row.best_peer:12.3f}  {row.peer}"
        print(f"{row.asked:28}{row.required:10.3f}{row.reached:10.3f}{peer:36}{'' if row.met else '<-- not met'}")
    return rows
