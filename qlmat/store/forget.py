"""Deleting somebody so that nothing of them is left in the file, in its journal, or between its pages."""

import sqlite3
from pathlib import Path

from qlmat.errors import StoreError
from qlmat.store.database import FILE, transaction
from qlmat.store.people import people


def forget(connection: sqlite3.Connection, person: str) -> None:
    """Delete every row of a person, then rewrite the file without the space they took.

    `secure_delete` overwrites freed cells, VACUUM rewrites the file, the truncated journal holds no page any more.
    Raises StoreError when a running mat keeps the journal in use: the rows are gone then, their traces not yet.
    """
    with transaction(connection):
        connection.execute("DELETE FROM people WHERE person = ?", (person,))
        if not people(connection):
            connection.execute("DELETE FROM settings WHERE name = 'person'")
        connection.execute("DELETE FROM boots WHERE boot NOT IN (SELECT boot FROM sessions) "
                           "AND boot NOT IN (SELECT boot FROM events) "
                           "AND number < (SELECT max(number) FROM boots)")  # fmt: skip
    connection.execute("VACUUM")
    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise StoreError("the rows are deleted, but a running mat still holds their traces: end it and do this again")


def copies(folder: Path) -> list[Path]:
    """List the files beside the store that may still hold a person: broken ones, backups, the old one of a restore."""
    return sorted(path for path in folder.glob(f"{FILE}.*") if not path.name.endswith(("-wal", "-shm")))
