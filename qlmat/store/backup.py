"""Copies of the whole store, taken while the mat runs, and brought back only after they have been looked at."""

import os
import sqlite3
from datetime import datetime
from pathlib import Path

from qlmat.errors import StoreError
from qlmat.store.database import FILE, held, mend, plain
from qlmat.store.schema import APPLICATION_ID, STEPS, migrate


def backup(connection: sqlite3.Connection, to: Path) -> None:
    """Write a whole, compact copy to a new file `to`, readable by its owner only; raises StoreError."""
    if to.exists():
        raise StoreError(f"{to}: exists already: choose another name")
    part = to.with_name(f".{to.name}.part")
    try:
        part.unlink(missing_ok=True)
        # VACUUM INTO takes a file that is there and empty, with its rights.
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        connection.execute("VACUUM INTO ?", (str(part),))
        _sync(part)
        part.rename(to)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise StoreError(f"{to}: {plain(error)}: {mend(error)}") from error


def restore(folder: Path, source: Path, now: datetime) -> Path | None:
    """Check a backup, then put it in the place of the store in `folder`; return where the old one is, if there was one.

    Raises StoreError, having changed nothing, when the file is not a whole store or a mat is running.
    """
    with held(folder) as free:
        if not free:
            raise StoreError(f"{folder}: a mat is running on this store: end it first")
        part = folder / f".{FILE}.restored"
        try:
            _copy_checked(source, part)
            kept = _keep_old(folder, now)
            part.rename(folder / FILE)
        except (OSError, sqlite3.Error) as error:
            part.unlink(missing_ok=True)
            if isinstance(error, StoreError):
                raise
            raise StoreError(f"{source}: {plain(error)}: nothing was changed") from error
    return kept


def check(source: Path) -> tuple[int, int]:
    """Look through a backup; return how many people and sessions it holds. Raises StoreError when it is not whole."""
    if not source.is_file():
        raise StoreError(f"{source}: there is no such file")
    try:
        connection = sqlite3.connect(f"file:{source.absolute()}?mode=ro&immutable=1", uri=True)
        try:
            found = connection.execute("PRAGMA application_id").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if found != APPLICATION_ID or not 1 <= version <= len(STEPS):
                raise StoreError(f"{source}: this is not a backup of QL Mat that this version knows")
            problem = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if problem != "ok" or connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise StoreError(f"{source}: the backup is damaged ({problem}): take another one")
            people = connection.execute("SELECT count(*) FROM people").fetchone()[0]
            sessions = connection.execute("SELECT count(*) FROM sessions").fetchone()[0]
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise StoreError(f"{source}: {plain(error)}: this is not a whole backup of QL Mat") from error
    return int(people), int(sessions)


def _copy_checked(source: Path, part: Path) -> None:
    """Copy the backup beside the store, look through the copy and bring it up to date."""
    part.unlink(missing_ok=True)
    check(source)
    os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    part.write_bytes(source.read_bytes())
    check(part)
    connection = sqlite3.connect(part, isolation_level=None)
    try:
        migrate(connection)
    finally:
        connection.close()
    _sync(part)


def _keep_old(folder: Path, now: datetime) -> Path | None:
    """Rename the store that is there, its journal folded into it."""
    path = folder / FILE
    if not path.exists():
        return None
    kept = folder / f"{FILE}.before-restore-{now.strftime('%Y%m%dT%H%M%SZ')}"
    try:
        connection = sqlite3.connect(path)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
    except sqlite3.Error:
        pass  # a broken store is one reason to restore: it is kept with its journals as they are
    for suffix in ("-wal", "-shm", ""):
        each = folder / f"{FILE}{suffix}"
        if each.exists():
            each.rename(folder / f"{kept.name}{suffix}")
    return kept


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
