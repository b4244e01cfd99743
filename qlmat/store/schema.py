"""The tables, as a list of steps: `user_version` counts the steps taken, opening a file takes the rest.

A step that has been released never changes; a change of the tables is a new step.

Times: a row of a running mat carries the start it belongs to (`boot`) and monotonic `t_s`; the wall time is
`boots.offset_s + t_s`, so that one update corrects a whole start once the clock is set. Rows that people write carry
`at_s`, seconds since 1970 UTC.
"""

import sqlite3

from qlmat.errors import StoreError

APPLICATION_ID = 0x514C4D54  # "QLMT", in the file's header

_FIRST = """
CREATE TABLE people (person TEXT PRIMARY KEY, name TEXT, since_s REAL NOT NULL);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE boots (
  boot TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, machine_boot TEXT,
  first_t_s REAL NOT NULL, offset_s REAL NOT NULL, clock_synced INTEGER NOT NULL
);
CREATE TABLE sessions (
  session INTEGER PRIMARY KEY AUTOINCREMENT,
  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
  boot TEXT NOT NULL REFERENCES boots, event INTEGER NOT NULL,
  began_t_s REAL NOT NULL, ended_t_s REAL, ended TEXT, reason TEXT,
  position TEXT NOT NULL, ball TEXT,
  UNIQUE (boot, event)
);
CREATE TABLE aims (
  session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE, side TEXT NOT NULL,
  low_n REAL NOT NULL, high_n REAL NOT NULL, too_hard_n REAL NOT NULL, comfortable_n REAL NOT NULL,
  target_hz REAL NOT NULL, side_s REAL NOT NULL,
  PRIMARY KEY (session, side)
) WITHOUT ROWID;
CREATE INDEX sessions_of_person ON sessions (person, session);
CREATE TABLE sides (
  session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE, side TEXT NOT NULL,
  worked_s REAL NOT NULL, below_s REAL NOT NULL, inside_s REAL NOT NULL, above_s REAL NOT NULL, hard_s REAL NOT NULL,
  force_n REAL, force_sd_n REAL, force_max_n REAL, cadence_hz REAL, cadence_sd_hz REAL, cycles INTEGER NOT NULL,
  x_mm REAL, y_mm REAL,
  PRIMARY KEY (session, side)
) WITHOUT ROWID;
CREATE TABLE seconds (
  session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE, second INTEGER NOT NULL,
  state TEXT NOT NULL, side TEXT, force_n REAL, force_max_n REAL, x_mm REAL, y_mm REAL, cadence_hz REAL,
  cycles INTEGER NOT NULL, worked_s REAL NOT NULL,
  below_s REAL NOT NULL, inside_s REAL NOT NULL, above_s REAL NOT NULL, hard_s REAL NOT NULL,
  PRIMARY KEY (session, second)
) WITHOUT ROWID;
CREATE TABLE events (
  boot TEXT NOT NULL REFERENCES boots, number INTEGER NOT NULL,
  person TEXT REFERENCES people ON DELETE CASCADE, session INTEGER REFERENCES sessions ON DELETE CASCADE,
  t_s REAL NOT NULL, name TEXT NOT NULL, side TEXT, detail TEXT NOT NULL,
  PRIMARY KEY (boot, number)
) WITHOUT ROWID;
CREATE INDEX events_of_person ON events (person);
CREATE INDEX events_of_session ON events (session);
CREATE TABLE chunks (
  session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE, first_t_s REAL NOT NULL,
  frames INTEGER NOT NULL, content BLOB NOT NULL,
  PRIMARY KEY (session, first_t_s)
);
CREATE TABLE comforts (
  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE, at_s REAL NOT NULL,
  side TEXT NOT NULL, position TEXT NOT NULL, ball TEXT,
  force_n REAL NOT NULL, low_n REAL NOT NULL, high_n REAL NOT NULL, loads INTEGER NOT NULL
);
CREATE INDEX comforts_of_person ON comforts (person, at_s);
CREATE TABLE spots (
  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE, at_s REAL NOT NULL,
  session INTEGER REFERENCES sessions ON DELETE CASCADE,
  side TEXT NOT NULL, position TEXT NOT NULL, x_mm REAL NOT NULL, y_mm REAL NOT NULL,
  force_n REAL, dwell_s REAL, marked INTEGER NOT NULL
);
CREATE INDEX spots_of_person ON spots (person, at_s);
CREATE TABLE answers (
  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE, day TEXT NOT NULL,
  question TEXT NOT NULL, yes INTEGER NOT NULL
);
CREATE INDEX answers_of_person ON answers (person, day);
CREATE TABLE unlocks (
  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE, day TEXT NOT NULL,
  question TEXT NOT NULL, clinician TEXT NOT NULL
);
CREATE INDEX unlocks_of_person ON unlocks (person);
CREATE TABLE choices (
  person TEXT PRIMARY KEY REFERENCES people ON DELETE CASCADE, position TEXT NOT NULL, ball TEXT NOT NULL,
  start TEXT, only_side TEXT, extra_left_s REAL NOT NULL, extra_right_s REAL NOT NULL, note TEXT NOT NULL
);
CREATE TABLE notes (
  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE, at_s REAL NOT NULL,
  session INTEGER REFERENCES sessions ON DELETE SET NULL, side TEXT, text TEXT NOT NULL
);
CREATE INDEX notes_of_person ON notes (person, at_s);
"""
_STRENGTHENING = """
CREATE TABLE efforts (
  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE, at_s REAL NOT NULL,
  exercise TEXT NOT NULL, side TEXT NOT NULL, held_s REAL, lifts INTEGER
);
CREATE INDEX efforts_of_person ON efforts (person, at_s)
"""
STEPS: tuple[str, ...] = (_FIRST, _STRENGTHENING)


def migrate(connection: sqlite3.Connection, steps: tuple[str, ...] = STEPS) -> None:
    """Take the steps a file has not taken yet, each whole or not at all.

    Raises StoreError for a file of a newer program or of another one; sqlite3.Error when the file cannot be used.
    """
    if _taken(connection, len(steps)):  # most of the time: then nothing is written, and no other program disturbed
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        _check(connection, len(steps))
        for step in steps[_version(connection) :]:
            for statement in step.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(steps)}")
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _taken(connection: sqlite3.Connection, known: int) -> bool:
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    return application == APPLICATION_ID and _version(connection) == known


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _check(connection: sqlite3.Connection, known: int) -> None:
    version = _version(connection)
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    if (version or tables) and application != APPLICATION_ID:
        raise StoreError("this database is not a store of QL Mat: choose another folder")
    if version > known:
        raise StoreError(
            f"the store is of version {version}, this program knows {known}: use the newer qlmat that wrote it"
        )
