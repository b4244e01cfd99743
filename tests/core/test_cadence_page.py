"""The page about cadence: its examples run, its figures come from the benches, its pictures from a command."""

import doctest
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

pytest.importorskip("scipy", reason="the benches need scipy")
pytest.importorskip("matplotlib", reason="the pictures need qlmat[report]")

from bench import cadence_page
from bench.cadence_families import MOVING, RESTING
from bench.cadence_page import BENCHES, PAGE, cadence, filled, latency, main, people, person
from bench.cadence_pictures import PICTURES

SHARES = {"kind_right": 1.0, "cadence_right": 0.5, "within_2cpm": 0.75, "both_right": 0.5, "person_right": 1.0}
METHOD = {
    "within_2cpm": 0.981, "within_5pct": 0.944, "mae_cpm": 0.23, "octave": 0.0, "cycles_to_first_right_p50": 1.1,
    "cycles_to_first_right_p90": float("inf"), "stop_cycles_p50": 0.8, "stop_cycles_p90": 0.9, "count_within_1": 0.9,
    "ms_per_s": 0.4, "rest_false": 0.055, "rest_false_confirmed": 0.009,
}  # fmt: skip


def measured(*required: dict[str, Any]) -> dict[str, Any]:
    better = METHOD | {"within_5pct": 0.99}
    of = {
        name: dict.fromkeys(("all", *MOVING, *RESTING), row)
        for name, row in (("qlmat", better), ("scipy_welch", METHOD))
    }
    return {"seeds": [1000, 1015], "tuning_seeds": [0, 27], "required": list(required), "methods": of, "contact": {}}


def row(asked: str, required: float, reached: float, met: bool) -> dict[str, Any]:
    return {
        "asked": asked,
        "required": required,
        "reached": reached,
        "best_peer": 0.5,
        "peer": "scipy_welch",
        "met": met,
    }


def test_every_example_on_the_page_runs() -> None:
    results = doctest.testfile(str(PAGE), module_relative=False)
    assert (results.failed, results.attempted > 8) == (0, True)


def test_the_examples_of_the_page_maker_hold() -> None:
    results = doctest.testmod(cadence_page)
    assert (results.failed, results.attempted) == (0, 3)


def test_every_table_has_its_place_and_stands_there() -> None:
    text = PAGE.read_text(encoding="utf-8")
    places = dict(re.findall(r"<!-- figures:(\w+) -->\n(.*?)<!-- /figures -->", text, re.DOTALL))
    assert set(places) == {"required", "methods", "families", "rest", "contact", "people", "person", "latency"}
    assert [name for name, content in places.items() if content.count("\n|") < 4] == []


def test_a_requirement_that_was_missed_is_said_to_be() -> None:
    tables = cadence(measured(row("within 5 %", 0.95, 0.944, False), row("MAE, cpm", 0.35, 0.23, True)))
    assert "Seeds 1000 to 1015; no constant was set on them, only on 0 to 27." in tables["required"]
    assert "| within 5 % | 95.0 % | 94.4 % | 50.0 %, Welch | **not met** |" in tables["required"]
    assert "| MAE, cpm | 0.35 | 0.23 | 0.50, Welch |  |" in tables["required"]


def test_the_best_of_a_family_is_bold_and_a_method_that_never_answers_says_never() -> None:
    tables = cadence(measured())
    assert "| ramp | **99.0** | 94.4 |" in tables["families"]
    assert "| 1.10 / never |" in tables["methods"]
    assert "| fidgets | 5.5 % (0.9 % confirmed) | 5.5 % |" in tables["rest"]


def test_a_pad_that_told_nothing_is_said_to_have() -> None:
    one = {
        "person": "02",
        "reference_cpm": 10.27,
        "median_cpm": 10.18,
        "error_cpm": -0.09,
        "windows_ok": 9,
        "windows": 9,
        "cycles": 10,
        "thigh_cycles": 11,
        "sum_cpm": 20.4,
    }
    alone = [{"person": "02", "pads": "left", "error_cpm": None}, {"person": "02", "pads": "right", "error_cpm": 0.28}]
    found = {
        "people": [one],
        "alone": alone,
        "still": [{"recording": "bed", "reported": 0}],
        "windows_ok_share": 1.0,
        "count_within_1": 1,
        "of": 1,
    }
    said = people(found)["people"]
    assert "| 02 | 10.27 | 10.18 | -0.09 | 9 of 9 | 10 | 11 | nothing told | +0.28 | 20.40 |" in said
    assert "20 s windows right: 100.0 %; count within one: 1 of 1." in said


def test_one_knee_is_summed_by_place_and_kind() -> None:
    rows = [
        {"place": "floor", "kind": "rock", **SHARES},
        {"place": "wall", "kind": "rock", **SHARES, "cadence_right": 1.0},
    ]
    said = person({"people": rows})["person"]
    assert "| floor, rock | 1 | 100.0 % | 50.0 % | 75.0 % | 50.0 % | 100.0 % |" in said
    assert "| all | 2 | 100.0 % | 75.0 % | 75.0 % | 50.0 % | 100.0 % |" in said


def test_latency_is_said_with_and_without_what_the_rule_asks() -> None:
    step = {
        "event": "too_hard",
        "rate_hz": 70.0,
        "scans_p50": 76.0,
        "scans_worst": 77.0,
        "ms_p50": 1094.0,
        "ms_worst": 1102.0,
        "scans_without_p50": 6.0,
        "scans_without_worst": 7.0,
        "ms_without_p50": 94.0,
        "ms_without_worst": 102.0,
    }
    frame = {
        "rate_hz": 70.0,
        "push_us_p50": 76.0,
        "push_us_p99": 721.0,
        "movement_ms_p50": 100.0,
        "movement_ms_worst": 200.0,
        "movement_scans_worst": 14.0,
    }
    said = latency({"steps": [step], "frames": [frame]})["latency"]
    assert "| too hard, 70 scans a second | 76 / 77 | 1094 / 1102 | 6 / 7 | 94 / 102 |" in said
    assert "76 µs (median)" in said
    assert "200 ms (14 scans) at most" in said


def test_only_what_was_measured_is_replaced(tmp_path: Path) -> None:
    page, figures = tmp_path / "page.md", tmp_path / "person.json"
    page.write_text(
        "# A\n<!-- figures:people -->\nkept\n<!-- /figures -->\n<!-- figures:person -->\n<!-- /figures -->\nend\n"
    )
    figures.write_text(json.dumps({"people": [{"place": "floor", "kind": "bend", **SHARES}]}))
    assert main(["--page", str(page), "--person", str(figures)]) == 0
    text = page.read_text()
    assert "kept" in text
    assert "| floor, bend | 1 |" in text
    assert text.endswith("<!-- /figures -->\nend\n")
    assert len(BENCHES) == 4


def test_a_table_without_a_place_is_an_error() -> None:
    with pytest.raises(ValueError, match="no place for the table 'x'"):
        filled("nothing here", {"x": "1"})


def test_the_pictures_on_the_page_are_those_the_command_draws() -> None:
    shown = set(re.findall(r"pictures/cadence-(\w+)\.svg", PAGE.read_text(encoding="utf-8")))
    assert shown == set(PICTURES)
    assert [name for name in shown if not (PAGE.parent / "pictures" / f"cadence-{name}.svg").exists()] == []


@pytest.mark.parametrize("name", ["windows", "octave", "rivals", "path"])
def test_a_picture_is_drawn_opaque_with_a_dark_twin_and_the_same_each_time(tmp_path: Path, name: str) -> None:
    for copy in ("a.svg", "b.svg"):
        PICTURES[name](tmp_path / copy)
    text = (tmp_path / "a.svg").read_text()
    assert (tmp_path / "b.svg").read_text() == text
    root = ET.fromstring(text)  # noqa: S314 - our own file
    namespace = "{http://www.w3.org/2000/svg}"
    assert len(list(root.iter(f"{namespace}path"))) > 50
    assert "prefers-color-scheme: dark" in "".join(style.text or "" for style in root.iter(f"{namespace}style"))
    assert "fill: #ffffff" in text
