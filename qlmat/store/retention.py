"""What is kept for how long: raw frames for days, sessions for months."""

import sqlite3
from datetime import datetime

from qlmat.records import KEPT, Retention

# A start whose clock was never set is as old as the first later one whose clock was: never younger than it looks to be,
# and never deleted because a clock stood in 1970.
_BEGAN = (
    "SELECT session, CASE WHEN b.clock_synced THEN b.offset_s + s.began_t_s ELSE "
    "(SELECT min(n.offset_s + n.first_t_s) FROM boots n WHERE n.number > b.number AND n.clock_synced) END "
    "FROM sessions s JOIN boots b USING (boot) WHERE ended IS NOT NULL"
)


def tidy(connection: sqlite3.Connection, now: datetime, kept: Retention = KEPT) -> tuple[int, int]:
    """Delete what is too old at `now`, which must be true; return how many raw chunks and sessions went.

    Comfortable forces, spots, notes and answers as old as a session that goes, go with it.
    """
    raw_s, oldest_s = now.timestamp() - kept.raw_s, now.timestamp() - kept.sessions_s
    began = [(session, at_s) for session, at_s in connection.execute(_BEGAN) if at_s is not None]
    chunks = _delete(connection, "DELETE FROM chunks WHERE session = ?", began, raw_s)
    gone = _delete(connection, "DELETE FROM sessions WHERE session = ?", began, oldest_s)
    connection.execute(
        "DELETE FROM events WHERE session IS NULL AND boot IN "
        "(SELECT boot FROM boots WHERE clock_synced AND offset_s + first_t_s < ?) "
        "AND t_s < ? - (SELECT offset_s FROM boots WHERE boots.boot = events.boot)",
        (oldest_s, oldest_s),
    )
    connection.execute("DELETE FROM comforts WHERE at_s < ?", (oldest_s,))
    connection.execute("DELETE FROM spots WHERE at_s < ?", (oldest_s,))
    connection.execute("DELETE FROM notes WHERE at_s < ?", (oldest_s,))
    connection.execute("DELETE FROM efforts WHERE at_s < ?", (oldest_s,))
    day = datetime.fromtimestamp(oldest_s, now.tzinfo).date().isoformat()
    connection.execute("DELETE FROM answers WHERE day < ?", (day,))
    connection.execute("DELETE FROM unlocks WHERE day < ?", (day,))
    return chunks, gone


def _delete(connection: sqlite3.Connection, statement: str, began: list[tuple[int, float]], before_s: float) -> int:
    """Run `statement` for each session that began before then; return how many rows went."""
    old = [(session,) for session, at_s in began if at_s < before_s]
    return connection.executemany(statement, old).rowcount if old else 0
