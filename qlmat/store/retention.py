"""What is kept for how long: raw frames for days, sessions for months."""

import sqlite3
from datetime import datetime

from qlmat.records import KEPT, Retention

# A start whose clock was never set is as old as the first later one whose clock was: never younger than it looks to be,
# and never deleted because a clock stood in 1970.
_AGE = (
    "CASE WHEN b.clock_synced THEN b.offset_s + s.began_t_s ELSE "
    "(SELECT min(n.offset_s + n.first_t_s) FROM boots n WHERE n.number > b.number AND n.clock_synced) END"
)
_OLD = f"SELECT session FROM sessions s JOIN boots b USING (boot) WHERE ended IS NOT NULL AND {_AGE} < ?"  # noqa: S608


def tidy(connection: sqlite3.Connection, now: datetime, kept: Retention = KEPT) -> tuple[int, int]:
    """Delete what is too old at `now`, which must be true; return how many raw chunks and sessions went.

    Comfortable forces, spots, notes and answers as old as a session that goes, go with it.
    """
    now_s = now.timestamp()
    chunks = connection.execute(f"DELETE FROM chunks WHERE session IN ({_OLD})", (now_s - kept.raw_s,)).rowcount  # noqa: S608
    oldest_s = now_s - kept.sessions_s
    gone = connection.execute(f"DELETE FROM sessions WHERE session IN ({_OLD})", (oldest_s,)).rowcount  # noqa: S608
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
