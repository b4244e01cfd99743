"""A short pass of `python -m bench.soak`: a day of two people, and a verdict that can tell growth."""

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from bench.soak import SCENARIOS, soak
from bench.soak_real import grown, real
from bench.soak_verdict import RING_MB, Day, table, verdict
from qlmat.sim.scenario import load_scenario

FLAT = [Day(number, 90.0, 12, 1, 150, 5.0, 0.3, 9.0) for number in range(1, 31)]


def test_a_day_leaves_nothing_behind_but_what_is_kept() -> None:
    before = threading.active_count()  # other tests of this process may have left some that still end
    found = soak(1, [load_scenario(SCENARIOS / "stop_button.toml")], course=False)
    counted, (day,) = found["counted"], found["days"]
    assert (counted["sessions"], counted["stories"]) == (1, 1)
    assert counted["scans"] > 2000
    assert counted["bus_faults"] > 0
    assert 1 <= day["threads"] <= before
    assert 0.0 < day["store_mb"] < 5.0
    assert 0.0 < day["ring_mb"] < RING_MB


@pytest.mark.parametrize(
    ("grows", "days"),
    [
        ("open files", [replace(day, files=12 + day.day) for day in FLAT]),
        ("threads", [replace(day, threads=day.day) for day in FLAT]),
        ("memory", [replace(day, memory_mb=90.0 + 0.2 * day.day) for day in FLAT]),
        ("objects", [replace(day, objects_k=150 + day.day) for day in FLAT]),
        ("store", [replace(day, store_mb=0.5 * day.day) for day in FLAT]),
        ("ring", [replace(day, ring_mb=0.2 * day.day) for day in FLAT]),
    ],
)
def test_each_kind_of_growth_is_told(grows: str, days: list[Day]) -> None:
    assert verdict(FLAT) == []
    (told,) = verdict(days)
    assert told.startswith(grows)


def test_growth_in_real_time_is_told_by_its_last_third() -> None:
    rows = [{"at_s": 60.0 * n, "memory_mb": 80.0 if n < 6 else 91.0, "files": 9, "threads": 5, "children": 1}
            for n in range(1, 11)]  # fmt: skip
    assert grown(rows) == []
    assert grown([*rows[:-1], rows[-1] | {"memory_mb": 95.0}]) == ["memory: 91.0 MB, then 95.0 MB"]
    assert grown([*rows[:-1], rows[-1] | {"files": 10}]) == ["files: 9, then 10"]


def test_the_days_fit_a_terminal() -> None:
    assert max(map(len, table(FLAT).splitlines())) <= 80


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="no /proc here: processes are looked at there")
@pytest.mark.skipif(shutil.which("mosquitto") is None, reason="mosquitto is not installed: sudo apt install mosquitto")
def test_the_command_is_accounted_for_in_real_time() -> None:
    found = real(4.0, every_s=1.0)
    assert found["code"] == 0
    assert len(found["rows"]) >= 2
    assert found["rows"][-1]["memory_mb"] > 10.0
    assert found["rows"][-1]["cpu_percent"] > 0.0
