"""Put measured figures into docs/cadence.md: `python -m bench.cadence_page --cadence FILE --people FILE ...`.

Each FILE is what the bench of that name wrote with `--json`. Its tables replace those between the markers
`<!-- figures:name -->` and `<!-- /figures -->` on the page; tables of benches that are not given stay as they are.
No figure on the page is typed by hand.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from bench.cadence_families import MOVING, RESTING
from bench.cadence_required import OURS

PAGE = Path(__file__).parents[1] / "docs" / "cadence.md"
Json = Any  # what a bench wrote
Tables = dict[str, str]  # by the name of their markers
WORDS = {
    "qlmat": "**qlmat**",
    "numpy_acf": "autocorrelation",
    "scipy_periodogram": "periodogram",
    "scipy_welch": "Welch",
    "scipy_find_peaks": "peaks",
    "librosa_yin": "YIN",
    "neurokit2_peaks": "neurokit2",
    "online_zero_crossing": "crossings",
    "online_sliding_dft": "sliding DFT",
    "online_sogi_fll": "FLL",
}
METHOD_HEAD = (
    "method", "within 2 cpm", "within 5 %", "mean error, cpm", "twice or half", "first right, cycles",
    "stop noticed, cycles", "count within 1", "cost, ms a second",
)  # fmt: skip
PERCENT = ("contact: missed", "within", "never", "count within", "rock or bend", "false while", "false on", "confirmed")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Make a table in Markdown.

    >>> print(table(["a", "b"], [["1", "2"]]))
    | a | b |
    |---|---|
    | 1 | 2 |
    """
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("|" + "|".join(f" {cell} " if cell != "---" else cell for cell in line) + "|" for line in lines)


def percent(share: float) -> str:
    """Say a share in percent, to a tenth; nothing where it was not told.

    >>> percent(0.9444), percent(float("nan"))
    ('94.4 %', '')
    """
    return "" if share != share else f"{100 * share:.1f} %"  # noqa: PLR0124 - NaN


def number(value: float, digits: int = 2) -> str:
    """Say a number; nothing where there is none, "never" where it is infinite."""
    if value != value:  # noqa: PLR0124 - NaN
        return ""
    return "never" if value == float("inf") else f"{value:.{digits}f}"


# --- the benches -------------------------------------------------------------------------------------------------


def cadence(found: Json) -> Tables:
    """Give the tables of `bench.cadence`: what was asked, every method, every family, rest, contact."""
    methods: dict[str, dict[str, dict[str, float]]] = found["methods"]
    first, last = found["seeds"]
    tuned_first, tuned_last = found["tuning_seeds"]
    seeds = f"Seeds {first} to {last}; no constant was set on them, only on {tuned_first} to {tuned_last}."
    asked = table(
        ["asked", "required", "reached", "best peer of the same run", ""], [_required(row) for row in found["required"]]
    )
    names = [WORDS.get(name, name) for name in methods]
    families = [[family, *_marked([by[family]["within_5pct"] for by in methods.values()])] for family in MOVING]
    rest = [
        [family.replace("rest+", ""), *(_rest(by[family], name) for name, by in methods.items())] for family in RESTING
    ]
    tables = {
        "required": f"{seeds}\n\n{asked}",
        "methods": table(METHOD_HEAD, [_method(name, by["all"]) for name, by in methods.items()]),
        "families": table(["within 5 %", *names], families),
        "rest": table(["answers with a cadence", *names], rest),
    }
    return tables | ({"contact": _contact(found["contact"])} if found.get("contact") else {})


def _required(row: Json) -> list[str]:
    shown: Callable[[float], str] = percent if str(row["asked"]).lstrip(". ").startswith(PERCENT) else number
    if "within 5 %" in row["asked"]:
        shown = percent
    peer = "" if row["peer"] == "-" else f"{shown(row['best_peer'])}, {WORDS.get(row['peer'], row['peer'])}"
    asked = str(row["asked"]).replace("... confirmed", "false while fidgeting, confirmed")
    return [asked, shown(row["required"]), shown(row["reached"]), peer, "" if row["met"] else "**not met**"]


def _method(name: str, of: dict[str, float]) -> list[str]:
    first = f"{number(of['cycles_to_first_right_p50'])} / {number(of['cycles_to_first_right_p90'])}"
    stop = f"{number(of['stop_cycles_p50'])} / {number(of['stop_cycles_p90'])}"
    return [WORDS.get(name, name), percent(of["within_2cpm"]), percent(of["within_5pct"]), number(of["mae_cpm"]),
            percent(of["octave"]), first, stop, percent(of["count_within_1"]), number(of["ms_per_s"])]  # fmt: skip


def _marked(shares: list[float]) -> list[str]:
    """Say shares in percent without the sign, the best in bold."""
    best = max(round(100 * share, 1) for share in shares)
    said = [round(100 * share, 1) for share in shares]
    return [f"**{share:.1f}**" if share == best else f"{share:.1f}" for share in said]


def _rest(of: dict[str, float], name: str) -> str:
    confirmed = f" ({percent(of['rest_false_confirmed'])} confirmed)" if name == OURS else ""
    return percent(of["rest_false"]) + confirmed


def _contact(found: Json) -> str:
    head = [
        "detector",
        "missed",
        "false an hour",
        "splits a contact",
        "on, ms (median, 95 %)",
        "off, ms (median, 95 %)",
        "centre, mm",
    ]
    return table(head, [
        [WORDS.get(name, name), percent(of["missed_ratio"]), number(of["false_per_hour"], 0),
         number(of["splits_per_contact"]), f"{of['on_ms_p50']:.0f}, {of['on_ms_p95']:.0f}",
         f"{of['off_ms_p50']:.0f}, {of['off_ms_p95']:.0f}", number(of["cop_mm_p50"])]
        for name, of in found.items()
    ])  # fmt: skip


def people(found: Json) -> Tables:
    """Give the table of `bench.people`: each recorded person against the thigh, then each pad alone."""
    rows = [
        [row["person"], number(row["reference_cpm"]), number(_known(row["median_cpm"])), _signed(row["error_cpm"]),
         f"{row['windows_ok']} of {row['windows']}", str(row["cycles"]), str(row["thigh_cycles"]),
         *(_signed(_alone(found, row["person"], side)) for side in ("left", "right")),
         number(row["sum_cpm"])]
        for row in found["people"]
    ]  # fmt: skip
    head = [
        "person",
        "thigh, cpm",
        "mat, cpm",
        "off by",
        "20 s windows right",
        "cycles",
        "by the thigh",
        "left pad alone, off by",
        "right pad alone",
        "the sum says, cpm",
    ]
    still = ", ".join(f"{row['recording']} {row['reported']}" for row in found["still"])
    said = (
        f"20 s windows right: {percent(found['windows_ok_share'])}; count within one: {found['count_within_1']} of "
        f"{found['of']}. Answers with a cadence on the recordings of somebody lying still: {still}."
    )
    return {"people": f"{table(head, rows)}\n\n{said}"}


def _known(value: float | None) -> float:
    return float("nan") if value is None else value


def _signed(value: float | None) -> str:
    return "nothing told" if value is None else f"{value:+.2f}"


def _alone(found: Json, person: str, side: str) -> float | None:
    row = next(row for row in found["alone"] if row["person"] == person and row["pads"] == side)
    error: float | None = row["error_cpm"]
    return error


def person(found: Json) -> Tables:
    """Give the table of `bench.cadence_person`: one knee, by place and kind, and all."""
    groups: dict[str, list[Json]] = {}
    for row in found["people"]:
        groups.setdefault(f"{row['place']}, {row['kind']}", []).append(row)
    groups["all"] = found["people"]
    keys = ("kind_right", "cadence_right", "within_2cpm", "both_right", "person_right")
    rows = [
        [name, str(len(some)), *(percent(sum(row[key] for row in some) / len(some)) for key in keys)]
        for name, some in groups.items()
    ]
    head = ["one knee", "people", "kind right", "cadence right", "within 2 cpm", "both right", "people right"]
    return {"person": table(head, rows)}


def latency(found: Json) -> Tables:
    """Give the tables of `bench.cadence_latency`: from a step in force, and from a frame."""
    steps = [
        [f"{str(row['event']).replace('_', ' ')}, {row['rate_hz']:.0f} scans a second",
         f"{row['scans_p50']:.0f} / {row['scans_worst']:.0f}", f"{row['ms_p50']:.0f} / {row['ms_worst']:.0f}",
         f"{row['scans_without_p50']:.0f} / {row['scans_without_worst']:.0f}",
         f"{row['ms_without_p50']:.0f} / {row['ms_without_worst']:.0f}"]
        for row in found["steps"]
    ]  # fmt: skip
    head = ["median / worst", "scans", "ms", "scans, persistence excluded", "ms, persistence excluded"]
    default = next(row for row in found["frames"] if row["rate_hz"] == 70.0)
    said = (
        f"A frame is decided on in the call that takes it: {default['push_us_p50']:.0f} µs (median), "
        f"{default['push_us_p99']:.0f} µs (99 %) at 70 scans a second on the machine this was measured on. Movement is "
        f"looked at five times a second: {default['movement_ms_p50']:.0f} ms later (median), "
        f"{default['movement_ms_worst']:.0f} ms ({default['movement_scans_worst']:.0f} scans) at most."
    )
    return {"latency": f"{table(head, steps)}\n\n{said}"}


# --- the page ----------------------------------------------------------------------------------------------------

BENCHES: dict[str, Callable[[Json], Tables]] = {
    "cadence": cadence,
    "people": people,
    "person": person,
    "latency": latency,
}


def filled(text: str, tables: Tables) -> str:
    """Put tables between their markers; raises ValueError for one that has no place on the page.

    >>> filled("a\\n<!-- figures:x -->\\nold\\n<!-- /figures -->\\nb", {"x": "new"})
    'a\\n<!-- figures:x -->\\n\\nnew\\n\\n<!-- /figures -->\\nb'
    """
    for name, content in tables.items():
        pattern = re.compile(rf"(<!-- figures:{name} -->\n).*?(<!-- /figures -->)", re.DOTALL)
        if not pattern.search(text):
            raise ValueError(f"no place for the table '{name}': write <!-- figures:{name} --> and <!-- /figures -->")
        text = pattern.sub(lambda found: f"{found[1]}\n{content}\n\n{found[2]}", text)  # noqa: B023 - used at once
    return text


def main(arguments: list[str] | None = None) -> int:
    """Fill the page."""
    parser = argparse.ArgumentParser(prog="python -m bench.cadence_page", description=__doc__)
    for name in BENCHES:
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help="JSON of that bench")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page, instead of docs/cadence.md")
    options = parser.parse_args(arguments)
    text = options.page.read_text(encoding="utf-8")
    for name, tables in BENCHES.items():
        if (path := getattr(options, name)) is not None:
            text = filled(text, tables(json.loads(path.read_text(encoding="utf-8"))))
    options.page.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
