"""A Pi has no clock chip: what happened before the network set its clock is dated anew before it is told."""

import doctest
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import qlmat.vitals
from qlmat.core.model import Event
from qlmat.keeper import Keeper
from qlmat.mqtt import MqttSink
from qlmat.ring import Ring
from qlmat.vitals import clock_state
from tests.shell.brokers import Mosquitto, Watcher, free_port
from tests.shell.ticks import frame, happening, tick

Open = Callable[..., Any]
LONG_AGO, NOON = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PATIENT = timedelta(seconds=60)  # between an event and its delivery on a loaded machine


class Wall:
    """A wall clock as a Pi's: wrong until it is set."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = LONG_AGO
        self._patch = patch
        patch.setattr("qlmat.mqtt.clock_state", lambda: "unsynced")

    def __call__(self) -> datetime:
        return self.now

    def be_set(self) -> None:
        """Learn the time from the network."""
        self.now = NOON
        self._patch.setattr("qlmat.mqtt.clock_state", lambda: "synced")


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    """A clock that was not set."""
    return Wall(monkeypatch)


def test_the_example_holds() -> None:
    assert doctest.testmod(qlmat.vitals).failed == 0


@pytest.mark.parametrize(
    ("made", "kernel", "state"),
    [
        ("", False, "unknown"),
        ("", True, "synced"),
        ("run/systemd/timesync", False, "unsynced"),
        ("run/systemd/timesync/synchronized", False, "synced"),
        ("run/systemd/timesync", True, "synced"),  # by chrony, say
    ],
)
def test_the_clock_counts_as_set_when_timesyncd_or_the_kernel_says_so(
    tmp_path: Path, made: str, kernel: bool, state: str
) -> None:
    (tmp_path / made).mkdir(parents=True, exist_ok=True)
    assert clock_state(tmp_path, lambda: kernel) == state


def test_what_waited_while_the_clock_was_set_is_told_with_its_true_time(
    lasting: Mosquitto, watch: Open, mat: Open, wall: Wall
) -> None:
    ear: Watcher = watch(lasting.port, name="outside")
    lasting.stop()
    sink: MqttSink = mat(lasting.port, wall=wall)
    sink.put(tick(0.0, events=(Event(0.0, "session_started"),)), frame())
    sink.put(tick(90.0, events=(Event(90.0, "session_done"),)), frame())
    wall.be_set()
    lasting.start()
    event = json.loads(ear.on("qlmat/m1/event"))
    summary = json.loads(ear.on("qlmat/m1/session/1"))
    assert event["clock"] == summary["clock"] == "synced"
    assert NOON - PATIENT < datetime.fromisoformat(event["time"]) <= NOON
    began, ended = (datetime.fromisoformat(summary[key]) for key in ("began", "ended"))
    assert NOON - PATIENT < ended <= NOON
    assert ended - began == timedelta(seconds=90)


@pytest.mark.parametrize(("boot", "clock"), [("this one", "synced"), ("another", "unsynced")])
def test_a_restarted_program_dates_what_is_on_disk_if_the_machine_is_still_up(
    mosquitto: Mosquitto, watch: Open, mat: Open, wall: Wall, tmp_path: Path, boot: str, clock: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    ear: Watcher = watch(mosquitto.port)
    monkeypatch.setattr("qlmat.mqtt.machine_boot", lambda: "this one")
    before: MqttSink = mat(free_port(), wall=wall, keeper=Keeper(Ring(tmp_path)))
    before.put(happening(1.0), frame())
    before.close()
    wall.be_set()
    monkeypatch.setattr("qlmat.mqtt.machine_boot", lambda: boot)
    mat(mosquitto.port, wall=wall, keeper=Keeper(Ring(tmp_path)))
    event = json.loads(ear.on("qlmat/m1/event"))
    assert event["clock"] == clock
    assert (NOON - PATIENT < datetime.fromisoformat(event["time"]) <= NOON) is (clock == "synced")
