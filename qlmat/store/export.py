"""Everything that is kept of one person, as files: tables to read in a spreadsheet, and one that loses nothing.

`person.json` holds the person's rows of every table as they are, raw frames in base64, and can be read back into an
empty store: what went out is what comes in.
"""

import base64
import gzip
import json
import sqlite3
from pathlib import Path
from typing import Any

from qlmat.core.model import Board
from qlmat.errors import StoreError
from qlmat.records import Person
from qlmat.store.database import insert, transaction
from qlmat.store.rows import frames_of, sessions_of
from qlmat.store.schema import STEPS
from qlmat.store.sheets import csv_of, sheets

_OWN = "SELECT * FROM {} WHERE person = ?"
_OF_SESSIONS = "SELECT * FROM {} WHERE session IN (SELECT session FROM sessions WHERE person = ?)"
_OF_BOOTS = (
    "SELECT * FROM {} WHERE boot IN (SELECT boot FROM sessions WHERE person = ?1 UNION "
    "SELECT boot FROM events WHERE person = ?1)"
)
TABLES: dict[str, str] = {  # in an order in which every row finds what it refers to
    "people": _OWN, "boots": _OF_BOOTS, "sessions": _OWN, "aims": _OF_SESSIONS, "sides": _OF_SESSIONS,
    "seconds": _OF_SESSIONS, "events": _OWN, "chunks": _OF_SESSIONS, "comforts": _OWN, "spots": _OWN, "answers": _OWN,
    "unlocks": _OWN, "choices": _OWN, "notes": _OWN, "efforts": _OWN,
}  # fmt: skip
ADDED = frozenset({"efforts"})  # by later versions


def document_of(connection: sqlite3.Connection, person: Person) -> dict[str, Any]:
    """Give all rows of a person: {"version", "columns": {table: names}, "tables": {table: rows}}."""
    tables: dict[str, list[list[Any]]] = {}
    columns: dict[str, list[str]] = {}
    for table, query in TABLES.items():
        found = connection.execute(query.format(table), (person.person,))
        columns[table] = [name for name, *_ in found.description]
        tables[table] = [[_plain(value) for value in row] for row in found]
    return {"format": "QL Mat person", "version": len(STEPS), "columns": columns, "tables": tables}


def read_document(connection: sqlite3.Connection, document: dict[str, Any]) -> None:
    """Put the rows of a document into a store that does not know that person; raises StoreError, changing nothing."""
    try:
        if not 1 <= document["version"] <= len(STEPS):  # the steps so far only added tables
            raise StoreError(f"this export is of version {document['version']}, not 1 to {len(STEPS)}")
        with transaction(connection):
            for table in TABLES:
                for row in document["tables"].get(table, []) if table in ADDED else document["tables"][table]:
                    values = [_raw(value) for value in row]
                    insert(connection, table, values, "OR IGNORE" if table == "boots" else "")
    except (KeyError, TypeError, ValueError, OverflowError, sqlite3.Error) as error:
        raise StoreError(f"this is not a whole export, or its person is here already: {error}") from error


def export(connection: sqlite3.Connection, person: Person, board: Board, to: Path) -> list[Path]:
    """Write everything of a person into a new folder `to` (0700); return its files. Raises StoreError."""
    try:
        to.mkdir(mode=0o700, parents=True)
    except FileExistsError as error:
        raise StoreError(f"{to}: exists already: choose another folder") from error
    except OSError as error:
        raise StoreError(f"{to}: cannot be made ({error.strerror}): check the path and its rights") from error
    document = json.dumps(document_of(connection, person), ensure_ascii=False, indent=1)
    files = [_write(to / "person.json", document.encode())]
    for name, (header, rows) in sheets(connection, person).items():
        files.append(_write(to / f"{name}.csv", csv_of(header, rows)))
    for session in sessions_of(connection, person.person):
        frames, _ = frames_of(connection, session.session)
        if frames:
            header = ["time since start [s]", *(f"{channel.name} [V]" for channel in board.channels)]
            rows = ([frame.t_s, *frame.volts.tolist()] for frame in frames)
            files.append(_write(to / f"raw-{session.session}.csv.gz", gzip.compress(csv_of(header, rows))))
    return files


def _plain(value: Any) -> Any:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _raw(value: Any) -> Any:
    return base64.b64decode(value["base64"], validate=True) if isinstance(value, dict) else value


def _write(path: Path, content: bytes) -> Path:
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path
