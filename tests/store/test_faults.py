"""Whatever the disk does, the session goes on, and what can be written is written, once."""

import logging
import sqlite3
import threading
from pathlib import Path

import pytest

from qlmat.core.model import Event
from qlmat.store.database import FILE, connect, opened
from qlmat.store.hopper import Batch, Happened, Hopper
from qlmat.store.people import find_person
from qlmat.store.rows import events_of, frames_of, seconds_of, sessions_of
from tests.store.practice import live, sink, ticks

PATIENCE_S = 30.0


class Disk:
    """Opens the store `failures` times only to fail, then for good; `well` is set from then on."""

    def __init__(self, failures: int, error: Exception) -> None:
        self.left, self.error, self.well = failures, error, threading.Event()

    def connect(self, folder: Path) -> sqlite3.Connection:
        if self.left > 0:
            self.left -= 1
            raise self.error
        self.well.set()
        return connect(folder)


def kept_names(folder: Path) -> list[str]:
    with opened(folder) as store:
        return [each.event.name for each in events_of(store, find_person(store, None).person)]


NAMES = ["session_started", "work_started", "marked", "session_done"]


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError("database or disk is full"),
        sqlite3.OperationalError("attempt to write a readonly database"),
        sqlite3.OperationalError("database is locked"),
        OSError(5, "Input/output error"),
    ],
)
def test_what_could_not_be_written_waits_and_is_written_once_when_it_can(
    tmp_path: Path, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    disk = Disk(1, error)
    store = sink(tmp_path, connect=disk.connect)
    for tick, scan in ticks():
        store.put(tick, scan)
    assert disk.well.wait(PATIENCE_S)
    store.close()
    assert kept_names(tmp_path) == NAMES
    assert store.writer.failures == 1
    assert sum("rows wait in memory" in record.message for record in caplog.records) == 1


def test_the_same_trouble_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    disk = Disk(2, OSError(28, "No space left on device"))
    store = sink(tmp_path, connect=disk.connect)
    for tick, scan in ticks():
        store.put(tick, scan)
    assert disk.well.wait(PATIENCE_S)
    store.close()
    errors = [record.message for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 1
    assert "free some space" in errors[0]


def test_a_disk_that_fills_up_in_mid_session_loses_no_event_once_there_is_space(tmp_path: Path) -> None:
    pages, opened_twice = [1], threading.Event()

    def small(folder: Path) -> sqlite3.Connection:
        connection = connect(folder)
        if pages:
            here = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {here + pages.pop()}")  # SQLite's own "disk is full"
        else:
            opened_twice.set()
        return connection

    store = sink(tmp_path, connect=small)
    store.ask(lambda connection: connection.execute("INSERT INTO settings VALUES ('large', hex(zeroblob(100000)))"))
    for tick, scan in ticks():
        store.put(tick, scan)
    assert opened_twice.wait(PATIENCE_S)
    store.close()
    assert kept_names(tmp_path) == NAMES
    with opened(tmp_path) as database:
        assert frames_of(database, 1)[0]


@pytest.mark.parametrize("damage", [b"this is no database at all" * 100, b""])
def test_a_damaged_database_is_set_aside_and_a_new_one_begun(
    tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    live(tmp_path)
    path = tmp_path / FILE
    content = damage or path.read_bytes()[:4096] + b"\xa5" * 8192 + path.read_bytes()[12288:]
    path.write_bytes(content)
    live(tmp_path)
    aside = [each for each in tmp_path.iterdir() if ".broken-" in each.name and each.name[-1] == "Z"]
    assert [each.stat().st_size for each in aside] == [len(content)]
    assert kept_names(tmp_path) == NAMES
    assert any("a new one begins" in record.message for record in caplog.records)


def test_a_session_that_runs_while_the_database_breaks_goes_on_in_the_new_one(tmp_path: Path) -> None:
    broken, begun = [True], threading.Event()

    class Breaking(sqlite3.Connection):
        def execute(self, sql: str, *rest: object) -> sqlite3.Cursor:
            if broken and sql.startswith("INSERT OR REPLACE INTO seconds"):
                broken.clear()
                raise sqlite3.DatabaseError("database disk image is malformed")
            return super().execute(sql, *rest)

    def breaking(folder: Path) -> sqlite3.Connection:
        connect(folder).close()
        connection = sqlite3.connect(folder / FILE, factory=Breaking, isolation_level=None, check_same_thread=False)
        if not broken:
            begun.set()
        return connection

    store = sink(tmp_path, connect=breaking)
    for tick, scan in ticks():
        store.put(tick, scan)
    assert begun.wait(PATIENCE_S)
    store.close()
    with opened(tmp_path) as database:
        (session,) = sessions_of(database, find_person(database, None).person)
        assert session.ended == "done"
        assert len(seconds_of(database, session.session)) == 14
    assert kept_names(tmp_path)[-1] == "session_done"


def test_a_power_cut_leaves_a_session_that_the_next_start_closes(tmp_path: Path) -> None:
    store = sink(tmp_path)
    for tick, scan in ticks(ends=None):
        store.put(tick, scan)
    store.writer.close()  # what was written stays; the session is never ended
    with opened(tmp_path) as database:
        database.execute("UPDATE sessions SET ended = NULL, ended_t_s = NULL")
    store._holding.close()
    live(tmp_path, day=1)
    with opened(tmp_path) as database:
        first, second = sessions_of(database, find_person(database, None).person)
    assert (first.ended, first.reason) == ("interrupted", "the mat was switched off")
    assert first.sides[0].worked_s > 0.0
    assert second.ended == "done"


def test_a_folder_that_cannot_be_written_stops_no_session(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("in the way")
    store = sink(tmp_path / "file" / "store")
    for tick, scan in ticks():
        store.put(tick, scan)
    store.close()
    assert store.writer.unwritten == len(NAMES) + 2  # events, and the begin and the end of the session
    assert any("unwritten" in record.message for record in caplog.records)


def test_a_job_that_cannot_be_done_takes_nothing_else_with_it(tmp_path: Path) -> None:
    store = sink(tmp_path)
    store.ask(lambda connection: connection.execute("INSERT INTO notes VALUES ('nobody', 0, NULL, NULL, 'x')"))
    for tick, scan in ticks():
        store.put(tick, scan)
    store.close()
    assert kept_names(tmp_path) == NAMES


def test_a_full_hopper_drops_the_oldest_frames_first_and_refuses_events_last() -> None:
    hopper = Hopper(records=3, seconds=2, batches=1)
    scans = [scan for _, scan in ticks()][:2]
    for number in range(5):
        hopper.record(Happened(number, Event(float(number), "x"), None, None))
        hopper.frames(number, scans)
    batch = Batch()
    hopper.pour(batch)
    assert [record.number for record in batch.records if isinstance(record, Happened)] == [0, 1, 2]
    assert [number for number, _ in batch.frames] == [4]
    assert (hopper.events_refused, hopper.batches_dropped) == (2, 4)
