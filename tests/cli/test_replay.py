"""A recording goes through the pipeline as if it happened now, and what is said about it can be relied on."""

import json
from pathlib import Path
from typing import Any

import pytest

from qlmat.cli import through_adc
from qlmat.cli.replay import sampled
from qlmat.config import load
from qlmat.core.calibration import nominal_calibration
from qlmat.core.model import NO_CONTACT, Contacts, Event, Movement, Practice, Tick
from qlmat.core.pipeline import Pipeline
from qlmat.core.plan import Plan
from qlmat.recording import read
from qlmat_firmware.board import BOARD_V1
from tests.cli.practice import every, write_practice
from tests.cli.processes import qlmat


def lines(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    outcome = qlmat("replay", *arguments, "--json", cwd=folder)
    assert outcome.returncode == 0, outcome.stderr
    return [json.loads(line) for line in outcome.stdout.splitlines()]


def tick(t_s: float, *names: str) -> Tick:
    events = tuple(Event(t_s, name) for name in names)
    return Tick(
        t_s, Contacts(t_s, NO_CONTACT, NO_CONTACT), Movement(), Practice("waiting", None, 0.0, 90.0), events, None
    )


def test_each_line_says_exactly_what_was_agreed(tmp_path: Path) -> None:
    write_practice(tmp_path / "w.csv", every(0.02, 40.0))
    said = lines(tmp_path, "w.csv")
    for line in said:
        assert list(line) == ["t_s", "pads", "movement", "session", "events", "cue"]
        assert list(line["pads"]) == ["left", "right"]
        for pad in line["pads"].values():
            assert list(pad) == ["force_n", "cop_mm", "touching"]
        assert list(line["movement"]) == ["side", "kind", "cadence_cpm", "cycles"]
        assert list(line["session"]) == ["state", "side", "worked_s"]
        for event in line["events"]:
            assert list(event) == ["t_s", "name", "side", "detail"]
    assert {line["session"]["state"] for line in said} == {"waiting", "placing", "settling", "working"}


def test_lines_come_five_times_a_second_and_hold_every_event_once(tmp_path: Path) -> None:
    write_practice(tmp_path / "w.csv", every(0.02, 40.0))
    said = lines(tmp_path, "w.csv")
    stamps = [line["t_s"] for line in said]
    assert stamps[:4] == [0.0, 0.2, 0.4, 0.6]
    assert stamps[-1] == pytest.approx(39.98)
    assert len(said) == 201
    pipeline = Pipeline(BOARD_V1, nominal_calibration(BOARD_V1), Plan())
    ticks = [pipeline.push_forces(forces) for forces in read(tmp_path / "w.csv", BOARD_V1).forces()]
    happened = [event.name for each in ticks for event in each.events]
    assert [event["name"] for line in said for event in line["events"]] == happened
    assert len(happened) >= 3


def test_lines_come_as_seldom_as_asked(tmp_path: Path) -> None:
    write_practice(tmp_path / "w.csv", every(0.02, 5.0))
    assert [line["t_s"] for line in lines(tmp_path, "w.csv", "--every", "2")] == [0.0, 2.0, 4.0, 4.98]


def test_the_shortest_recording_gives_a_line(tmp_path: Path) -> None:
    write_practice(tmp_path / "w.csv", [12.5])
    assert [line["t_s"] for line in lines(tmp_path, "w.csv")] == [12.5]
    assert [line["t_s"] for line in lines(tmp_path, "w.csv", "--through-adc")] == [pytest.approx(12.5, abs=0.03)]


def test_rocking_at_twelve_a_minute_is_said_to_be_that(tmp_path: Path) -> None:
    write_practice(tmp_path / "w.csv", every(0.05, 60.0))
    last = lines(tmp_path, "w.csv")[-1]
    assert (last["movement"]["side"], last["movement"]["kind"]) == ("left", "rock")
    assert last["movement"]["cadence_cpm"] == pytest.approx(12.0, abs=0.3)
    assert last["pads"]["left"]["force_n"] == pytest.approx(90.0, abs=11.0)
    assert last["pads"]["right"] == {"force_n": 0.0, "cop_mm": None, "touching": False}


def test_irregular_stamps_are_reported_beside_the_lines_not_among_them(tmp_path: Path) -> None:
    stamps = every(0.02, 2.0) + [1.98, 1.5] + [8.0 + t_s for t_s in every(0.02, 2.0)]
    write_practice(tmp_path / "w.csv", stamps)
    outcome = qlmat("replay", "w.csv", "--json", cwd=tmp_path)
    for line in outcome.stdout.splitlines():
        json.loads(line)
    assert outcome.stderr.splitlines() == [
        "w.csv: 1 repeated stamps dropped, the first on line 102",
        "w.csv: 1 backward stamps dropped, the first on line 103",
        "w.csv: 1 gaps, the longest 6.02 s at 1.98 s",
    ]


def test_without_json_a_table_says_what_was_seen(tmp_path: Path) -> None:
    write_practice(tmp_path / "w.csv", every(0.05, 60.0))
    outcome = qlmat("replay", "w.csv", cwd=tmp_path)
    rows = {
        row[1].strip(): row[2].strip()
        for row in (line.split("│") for line in outcome.stdout.splitlines())
        if len(row) == 4
    }
    assert rows["duration"] == "60.0 s" or rows["duration"] == "59.9 s"
    assert rows["rows, frames"] == "1200, 1200"
    assert rows["left pad"].startswith("touched 5")
    assert rows["right pad"] == "not touched"
    assert float(rows["median cadence after 15 s"].split()[0]) == pytest.approx(12.0, abs=0.3)
    assert "work_started" in outcome.stdout
    assert outcome.stderr.strip() == ""


def test_through_the_adc_the_same_practice_is_seen(tmp_path: Path) -> None:
    write_practice(tmp_path / "w.csv", every(0.1, 30.0))
    outcome = qlmat("replay", "w.csv", "--through-adc", "--json", cwd=tmp_path)
    said = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert "through the ADC: typical parts with noise, hysteresis and creep (fixed seed)" in outcome.stderr
    assert said[0]["t_s"] == pytest.approx(0.0, abs=0.03)
    assert said[-1]["t_s"] == pytest.approx(29.9, abs=0.03)
    assert said[-1]["movement"]["cadence_cpm"] == pytest.approx(12.0, abs=0.5)
    assert said[-1]["pads"]["left"]["force_n"] == pytest.approx(90.0, rel=0.25)  # parts that nobody calibrated
    assert {line["session"]["state"] for line in said} == {"waiting", "placing", "settling", "working"}


def test_through_the_adc_time_may_begin_anywhere(tmp_path: Path) -> None:
    write_practice(tmp_path / "w.csv", every(0.1, 3.0))
    text = (tmp_path / "w.csv").read_text().splitlines()
    shifted = [text[0], *(f"{float(row.split(',')[0]) - 1000.0},{row.split(',', 1)[1]}" for row in text[1:])]
    (tmp_path / "w.csv").write_text("\n".join(shifted) + "\n")
    recording = read(tmp_path / "w.csv", BOARD_V1)
    ticks = list(through_adc.ticks(recording, load(None, BOARD_V1)))
    assert ticks[0].t_s == pytest.approx(-1000.0, abs=0.03)
    assert ticks[-1].t_s == pytest.approx(-997.1, abs=0.03)


def test_through_the_adc_nothing_is_scanned_in_a_gap(tmp_path: Path) -> None:
    write_practice(tmp_path / "w.csv", [*every(0.1, 3.0), *(10.0 + t_s for t_s in every(0.1, 2.0))])
    recording = read(tmp_path / "w.csv", BOARD_V1)
    stamps = [each.t_s for each in through_adc.ticks(recording, load(None, BOARD_V1))]
    assert not [t_s for t_s in stamps if 2.9 < t_s < 10.0]
    assert sum(t_s >= 10.0 for t_s in stamps) == pytest.approx(133, abs=3)  # 1.9 s at 70 scans a second


def test_volts_go_through_the_adc_as_their_share_of_the_rail(tmp_path: Path) -> None:
    header = "t_s," + ",".join(f"{sensor.name}_v" for sensor in BOARD_V1.sensors) + ",rail_0x48_v,rail_0x49_v\n"
    rows = [f"{t_s:.2f},1.0,1.0,1.0,0,0,0,3.0,3.3\n" for t_s in every(0.05, 3.0)]
    (tmp_path / "v.csv").write_text(header + "".join(rows))
    recording = read(tmp_path / "v.csv", BOARD_V1)
    settings = load(None, BOARD_V1)
    last = list(through_adc.ticks(recording, settings))[-1].contacts.left.force_n
    # R = 1 kOhm (3 - 1) / 1 = 2 kOhm; F = 16.96 kOhm N / (2 - 0.5) kOhm = 11.31 N on each foot.
    assert last == pytest.approx(3 * 11.31, rel=0.03)


def test_absent_readings_are_bridged_through_the_adc_and_said(tmp_path: Path) -> None:
    write_practice(tmp_path / "w.csv", every(0.1, 5.0))
    text = (tmp_path / "w.csv").read_text().splitlines()
    cells = text[40].split(",")
    text[40] = ",".join([*cells[:2], "", *cells[3:]])
    (tmp_path / "w.csv").write_text("\n".join(text) + "\n")
    recording = read(tmp_path / "w.csv", BOARD_V1)
    assert "through the ADC: absent readings bridged by straight lines" in through_adc.notes(recording)
    ticks = list(through_adc.ticks(recording, load(None, BOARD_V1)))
    assert all(each.contacts.left.force_n is not None for each in ticks)


def test_sampling_keeps_every_event_whatever_the_stamps() -> None:
    ticks = [tick(0.0, "a"), tick(0.05, "b"), tick(0.9), tick(0.95, "c"), tick(3.0, "d"), tick(3.01, "e", "f")]
    kept = list(sampled(iter(ticks), 0.2))
    assert [each.t_s for each, _ in kept] == [0.0, 0.9, 3.0, 3.01]
    assert [[event.name for event in events] for _, events in kept] == [["a"], ["b"], ["c", "d"], ["e", "f"]]


def test_sampling_stays_on_its_grid_when_frames_are_late() -> None:
    kept = [each.t_s for each, _ in sampled((tick(index * 0.07) for index in range(30)), 0.2)]
    assert kept == pytest.approx([0.0, 0.21, 0.42, 0.63, 0.84, 1.05, 1.26, 1.4, 1.61, 1.82, 2.03])
