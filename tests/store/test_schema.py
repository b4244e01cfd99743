"""A store of any earlier version opens with all its rows; one of a later version or of another program is refused."""

import os
import sqlite3
from pathlib import Path

import pytest

from qlmat.errors import StoreError
from qlmat.store.database import FILE, connect, opened
from qlmat.store.people import people
from qlmat.store.schema import APPLICATION_ID, STEPS, migrate

VERSION_1 = Path(__file__).parent / "version_1.sql"


def store_of(path: Path, steps: tuple[str, ...]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection, steps)
    return connection


def test_a_store_of_version_1_opens_with_its_rows(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / FILE)
    old.executescript(VERSION_1.read_text(encoding="utf-8"))
    old.close()
    with opened(tmp_path) as store:
        assert [each.name for each in people(store)] == ["Anna"]
        assert store.execute("PRAGMA user_version").fetchone()[0] == len(STEPS)


def test_each_step_is_taken_once_and_in_order(tmp_path: Path) -> None:
    steps = ("CREATE TABLE a (x INTEGER)", "ALTER TABLE a ADD COLUMN y INTEGER; INSERT INTO a VALUES (1, 2)")
    store_of(tmp_path / "db", steps[:1]).close()
    for _ in range(2):
        connection = store_of(tmp_path / "db", steps)
        assert connection.execute("SELECT * FROM a").fetchall() == [(1, 2)]
        connection.close()


def test_a_step_that_fails_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    store_of(tmp_path / "db", ("CREATE TABLE a (x INTEGER)",)).close()
    connection = sqlite3.connect(tmp_path / "db", isolation_level=None)
    with pytest.raises(sqlite3.OperationalError):
        migrate(
            connection, ("CREATE TABLE a (x INTEGER)", "CREATE TABLE b (x INTEGER); INSERT INTO nowhere VALUES (1)")
        )
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("a",)]
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    connection.close()


def test_a_store_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    connect(tmp_path).close()
    newer = sqlite3.connect(tmp_path / FILE)
    newer.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    newer.close()
    with pytest.raises(StoreError, match="newer qlmat"):
        connect(tmp_path)


def test_somebody_elses_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / FILE)
    other.execute("CREATE TABLE recipes (cake TEXT)")
    other.close()
    with pytest.raises(StoreError, match="not a store of QL Mat"):
        connect(tmp_path)
    kept = sqlite3.connect(tmp_path / FILE)
    assert kept.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]
    kept.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_a_store_made_by_root_belongs_to_whom_its_folder_belongs(tmp_path: Path) -> None:
    """`sudo qlmat screen` before the service has run must not lock the service out."""
    os.chown(tmp_path, 12_345, 12_345)
    connect(tmp_path).close()
    assert (tmp_path / FILE).stat().st_uid == 12_345


def test_a_new_store_says_what_it_is(tmp_path: Path) -> None:
    connect(tmp_path).close()
    header = (tmp_path / FILE).read_bytes()[:100]
    assert int.from_bytes(header[68:72], "big") == APPLICATION_ID
