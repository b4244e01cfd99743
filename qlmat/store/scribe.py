"""Writing: one batch of what a running mat kept, in the transaction of whoever calls."""

import json
import logging
import sqlite3
from dataclasses import astuple
from math import isfinite

from qlmat.core.model import Event
from qlmat.errors import StoreError
from qlmat.store.chunks import merge, pack
from qlmat.store.database import insert
from qlmat.store.hopper import Asked, Batch, Begun, Ended, Happened
from qlmat.store.people import current_person
from qlmat.store.rows import seconds_of
from qlmat.store.summary import summarise

log = logging.getLogger(__name__)

MERGED_S = 60.0  # of raw frames in one row once a session is over: ecosystem facts G.1


class Scribe:
    """Writes for one start of the program. Knows the running session, so that a new file can take it up again."""

    def __init__(self, boot: str) -> None:
        self._boot = boot
        self._running: Begun | None = None
        self._afresh = False

    def begin_file(self) -> None:
        """Take note that the file is a new one: a running session begins again in it."""
        self._afresh = True

    def write(self, connection: sqlite3.Connection, batch: Batch) -> None:
        """Write a batch; doing it twice changes nothing. Raises sqlite3.Error."""
        person = current_person(connection)
        begun = {each.session: each for each in batch.records if isinstance(each, Begun)}
        if self._running is not None:
            begun.setdefault(self._running.session, self._running)
        ids = {number: self._session(connection, person, each) for number, each in begun.items()}
        for record in batch.records:
            if isinstance(record, Happened):
                self._event(connection, person, ids, record)
            elif isinstance(record, Asked):
                _do(connection, record)
        _write_telemetry(connection, ids, batch)
        for record in batch.records:
            if isinstance(record, Ended) and (session := ids.get(record.session)) is not None:
                end_session(connection, session, record.t_s, record.ended, record.reason)

    def written(self, batch: Batch) -> bool:
        """Note that a batch is safe; tell whether a session ended or something was asked for in it."""
        self._afresh = False
        for record in batch.records:
            if isinstance(record, Begun):
                self._running = record
            elif isinstance(record, Ended):
                self._running = None
        return any(isinstance(record, Ended | Asked) for record in batch.records)

    def _session(self, connection: sqlite3.Connection, person: str | None, begun: Begun) -> int | None:
        """Find the session or begin its row; None for a guest's."""
        found = connection.execute(
            "SELECT session FROM sessions WHERE boot = ? AND event = ?", (self._boot, begun.session)
        ).fetchone()
        if found is not None or person is None:
            return None if found is None else int(found[0])
        if begun is self._running and not self._afresh:
            return None  # it was a guest's, or its person was deleted while it ran
        row = person, self._boot, begun.session, begun.t_s, begun.position, begun.ball
        made = connection.execute(
            "INSERT INTO sessions (person, boot, event, began_t_s, position, ball) VALUES (?, ?, ?, ?, ?, ?)", row
        )
        for aim in begun.aims:
            insert(connection, "aims", (made.lastrowid, *aim))
        return made.lastrowid

    def _event(
        self, connection: sqlite3.Connection, person: str | None, ids: dict[int, int | None], happened: Happened
    ) -> None:
        session = None if happened.session is None else ids.get(happened.session)
        if person is None or (happened.session is not None and session is None):
            return
        event = happened.event
        row = self._boot, happened.number, person, session, event.t_s, event.name, event.side, _detail(event)
        insert(connection, "events", row, "OR IGNORE")
        if event.name == "marked" and session is not None and connection.execute("SELECT changes()").fetchone()[0]:
            _mark(connection, person, session, self._boot, happened)


def _write_telemetry(connection: sqlite3.Connection, ids: dict[int, int | None], batch: Batch) -> None:
    for number, second in batch.seconds:
        if (session := ids.get(number)) is not None:
            insert(connection, "seconds", (session, *astuple(second)), "OR REPLACE")
    for number, frames in batch.frames:
        if (session := ids.get(number)) is not None:
            row = session, float(frames[0].t_s), len(frames), pack(frames)
            insert(connection, "chunks", row, "OR REPLACE")


def end_session(connection: sqlite3.Connection, session: int, t_s: float, ended: str, reason: str | None) -> None:
    """Close a session: its end, its sides from its seconds, its raw frames in rows of a minute."""
    connection.execute(
        "UPDATE sessions SET ended_t_s = ?, ended = ?, reason = ? WHERE session = ?", (t_s, ended, reason, session)
    )
    for side in summarise(seconds_of(connection, session)):
        insert(connection, "sides", (session, *astuple(side)), "OR REPLACE")
    _merge_chunks(connection, session)


def close_left_open(connection: sqlite3.Connection) -> int:
    """Close the sessions that a power cut or a kill left open, at their last second; return how many."""
    rows = connection.execute(
        "SELECT session, began_t_s + coalesce((SELECT max(second) + 1 FROM seconds WHERE session = s.session), 0) "
        "FROM sessions s WHERE ended IS NULL"
    ).fetchall()
    for session, t_s in rows:
        end_session(connection, session, t_s, "interrupted", "the mat was switched off")
    return len(rows)


def _mark(connection: sqlite3.Connection, person: str, session: int, boot: str, happened: Happened) -> None:
    event = happened.event
    connection.execute(
        "INSERT INTO spots SELECT ?, offset_s + ?, ?, ?, position, ?, ?, ?, NULL, 1 FROM boots "
        "JOIN sessions USING (boot) WHERE boot = ? AND session = ?",
        (person, event.t_s, session, event.side, event.detail.get("x_mm"), event.detail.get("y_mm"), happened.force_n,
         boot, session),
    )  # fmt: skip


def _do(connection: sqlite3.Connection, asked: Asked) -> None:
    """Do a job of somebody else's; one that cannot be done takes nothing else with it."""
    connection.execute("SAVEPOINT asked")
    try:
        asked.job(connection)
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, StoreError) as error:
        connection.execute("ROLLBACK TO asked")
        log.error("store=refused problem=%r", str(error))
    connection.execute("RELEASE asked")


def _detail(event: Event) -> str:
    plain = {
        key: float(value)
        if isinstance(value, int | float) and isfinite(value)
        else value
        if isinstance(value, str)
        else None
        for key, value in event.detail.items()
    }
    return json.dumps(plain, ensure_ascii=False)


def _merge_chunks(connection: sqlite3.Connection, session: int) -> None:
    """Put the chunks of each minute into one; a damaged one is left as it is."""
    rows = connection.execute(
        "SELECT first_t_s, frames, content FROM chunks WHERE session = ? ORDER BY first_t_s", (session,)
    ).fetchall()
    groups: dict[int, list[tuple[float, int, bytes]]] = {}
    for row in rows:
        groups.setdefault(int((row[0] - rows[0][0]) // MERGED_S), []).append(row)
    for group in groups.values():
        if len(group) < 2:
            continue
        try:
            content = merge([content for _, _, content in group])
        except StoreError as error:
            log.error("store=chunk session=%d problem=%r", session, str(error))
            continue
        connection.executemany(
            "DELETE FROM chunks WHERE session = ? AND first_t_s = ?",
            [(session, first_t_s) for first_t_s, _, _ in group],
        )
        row = session, group[0][0], sum(frames for _, frames, _ in group), content
        insert(connection, "chunks", row)
