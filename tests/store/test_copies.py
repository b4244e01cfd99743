"""Forgetting leaves no trace in the file; exports and backups hold everything; a restore is checked first."""

import csv
import gzip
import io
import json
import sqlite3
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from qlmat.errors import StoreError
from qlmat.records import Answer, Comfort, Effort, Note, Unlock
from qlmat.store.backup import backup, check, restore
from qlmat.store.database import FILE, opened
from qlmat.store.export import TABLES, document_of, export, read_document
from qlmat.store.forget import copies, forget
from qlmat.store.people import add_person, find_person, people, use_person
from qlmat.store.rows import keep_answers, keep_comfort, keep_effort, keep_note, keep_unlock, sessions_of
from qlmat.store.schema import migrate
from qlmat_firmware.board import BOARD_V1
from tests.store.practice import NOON, live, sink, ticks

WORD = "Zwetschgenknoedel"  # nothing else in the file looks like it


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store in which Anna practised twice and Ben once, with everything that can be kept of a person."""
    folder = tmp_path / "store"
    with opened(folder, create=True) as store:
        anna, ben = (add_person(store, name, NOON).person for name in (f"Anna {WORD}", "Ben"))
        keep_note(store, anna, Note(NOON, f"=felt {WORD}"))
        keep_effort(store, anna, Effort(NOON, "side_plank", "left", 12.5, None))
        keep_comfort(store, anna, Comfort(NOON, "left", "floor", f"ball {WORD}", 92.0, 88.0, 97.0, 3))
        keep_answers(store, anna, [Answer(NOON.date(), "leg", False), Answer(date(2026, 3, 3), "leg", True)])
        keep_unlock(store, anna, Unlock(NOON.date(), "kidney", f"Dr {WORD}"))
    for day, person in enumerate((anna, anna, ben)):
        with opened(folder) as store:
            use_person(store, person)
        live(folder, day)
    return folder


def traces(folder: Path, *words: str) -> list[str]:
    """List where in the raw bytes of the store and its journals a word still stands."""
    return [
        f"{word} in {path.name}" for path in folder.iterdir() for word in words if word.encode() in path.read_bytes()
    ]


def test_after_forgetting_nothing_of_a_person_stands_in_the_raw_bytes(folder: Path) -> None:
    with opened(folder) as store:
        anna = find_person(store, f"Anna {WORD}").person
        assert traces(folder, WORD, anna)  # else this test could not fail
        forget(store, anna)
        assert traces(folder, WORD, anna) == []
        assert [each.name for each in people(store)] == ["Ben"]
        assert len(sessions_of(store, people(store)[0].person)) == 1
        rows = {table: store.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}
    assert rows["sessions"] == rows["chunks"] == 1
    assert rows["notes"] == rows["comforts"] == rows["answers"] == rows["unlocks"] == 0


def test_forgetting_leaves_no_trace_while_a_mat_is_running(folder: Path) -> None:
    mat = sink(folder)
    for tick, scan in ticks():
        mat.put(tick, scan)
    with opened(folder) as store:
        forget(store, find_person(store, f"Anna {WORD}").person)
        assert traces(folder, WORD) == []
    mat.close()
    assert traces(folder, WORD) == []


def test_a_person_who_is_forgotten_in_mid_session_stays_forgotten(folder: Path) -> None:
    mat = sink(folder)
    lived = list(ticks())
    for tick, scan in lived[:200]:
        mat.put(tick, scan)
    with opened(folder) as store:
        ben = find_person(store, "Ben").person
        forget(store, ben)
    for tick, scan in lived[200:]:
        mat.put(tick, scan)
    mat.close()
    with opened(folder) as store:
        assert ben not in [each.person for each in people(store)]
        assert store.execute("SELECT count(*) FROM sessions WHERE person = ?", (ben,)).fetchone()[0] == 0


def test_copies_that_still_hold_a_person_are_named(folder: Path) -> None:
    with opened(folder) as store:
        backup(store, folder / f"{FILE}.monday")
    assert [path.name for path in copies(folder)] == [f"{FILE}.monday"]


def test_what_was_exported_and_read_back_is_the_same(folder: Path) -> None:
    empty = sqlite3.connect(":memory:", isolation_level=None)
    migrate(empty)
    with opened(folder) as store:
        anna = find_person(store, f"Anna {WORD}")
        document = json.loads(json.dumps(document_of(store, anna)))
    read_document(empty, document)
    assert document_of(empty, anna) == document
    assert all(document["tables"][table] for table in TABLES if table != "choices")


def test_an_export_of_before_there_was_strengthening_can_be_read_back(folder: Path) -> None:
    empty = sqlite3.connect(":memory:", isolation_level=None)
    migrate(empty)
    with opened(folder) as store:
        anna = find_person(store, f"Anna {WORD}")
        document = document_of(store, anna)
    del document["tables"]["efforts"]
    read_document(empty, document | {"version": 1})
    assert document_of(empty, anna)["tables"]["notes"] == document["tables"]["notes"]


def test_an_export_that_is_not_whole_changes_nothing(folder: Path) -> None:
    empty = sqlite3.connect(":memory:", isolation_level=None)
    migrate(empty)
    with opened(folder) as store:
        document = document_of(store, find_person(store, "Ben"))
    del document["tables"]["events"]
    with pytest.raises(StoreError):
        read_document(empty, document)
    assert people(empty) == []


def test_sheets_have_units_in_their_headers_and_no_formulas(folder: Path) -> None:
    with opened(folder) as store:
        files = export(store, find_person(store, f"Anna {WORD}"), BOARD_V1, folder / "out")
    sheets = {path.name: list(csv.reader(io.StringIO(path.read_text()))) for path in files if path.suffix == ".csv"}
    assert "force [N]" in sheets["sides.csv"][0]
    assert "cadence [1/min]" in sheets["sides.csv"][0]
    assert sheets["sides.csv"][1][sheets["sides.csv"][0].index("cadence [1/min]")] == "12"
    assert sheets["notes.csv"][1][3].startswith("'=felt")
    assert len(sheets["seconds.csv"]) == 1 + 2 * 14
    raw = gzip.decompress((folder / "out" / "raw-1.csv.gz").read_bytes()).decode().splitlines()
    assert raw[0].startswith("time since start [s],left_1 [V]")
    assert len(raw) == 1 + 261


def test_an_export_holds_nothing_of_anybody_else_and_is_for_its_owner_only(folder: Path) -> None:
    with opened(folder) as store:
        files = export(store, find_person(store, "Ben"), BOARD_V1, folder / "out")
    assert traces(folder / "out", WORD) == []
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((folder / "out").stat().st_mode) == 0o700


def test_a_backup_taken_while_a_mat_runs_brings_everything_back(folder: Path) -> None:
    mat = sink(folder)
    with opened(folder) as store:
        backup(store, folder / "backup")
        before = document_of(store, find_person(store, "Ben"))
    with pytest.raises(StoreError, match="a mat is running"):
        restore(folder, folder / "backup", NOON)
    mat.close()
    (folder / FILE).write_bytes(b"lost")
    kept = restore(folder, folder / "backup", NOON)
    with opened(folder) as store:
        assert document_of(store, find_person(store, "Ben")) == before
    assert kept is not None
    assert kept.read_bytes() == b"lost"
    assert stat.S_IMODE((folder / "backup").stat().st_mode) == stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600


def damages(whole: bytes) -> Iterator[bytes]:
    yield b""
    yield b"not a database"
    yield whole[: len(whole) // 2]
    yield whole[:8192] + bytes(4096) + whole[12288:]


def test_a_backup_that_is_not_whole_replaces_nothing(folder: Path) -> None:
    with opened(folder) as store:
        backup(store, folder / "backup")
    before = (folder / FILE).read_bytes()
    for number, content in enumerate(damages((folder / "backup").read_bytes())):
        (folder / f"bad{number}").write_bytes(content)
        with pytest.raises(StoreError):
            restore(folder, folder / f"bad{number}", NOON)
        assert (folder / FILE).read_bytes() == before
    assert check(folder / "backup") == (2, 3)
