"""Reading: the rows of one person as values. Wall times are those of the start a row belongs to, as now known."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo

from qlmat.core.model import Event, Frame
from qlmat.errors import StoreError
from qlmat.records import (
    Aim,
    Answer,
    Comfort,
    Effort,
    EventRecord,
    Note,
    Second,
    SessionRecord,
    SideSummary,
    Spot,
    Unlock,
)
from qlmat.store.chunks import unpack
from qlmat.store.database import insert

_SESSIONS = (
    "SELECT s.session, person, began_t_s, offset_s, clock_synced, "
    "coalesce(ended_t_s, began_t_s + (SELECT max(second) + 1 FROM seconds WHERE session = s.session), began_t_s), "
    "ended, reason, position, ball "
    "FROM sessions s JOIN boots USING (boot) WHERE person = ? AND (? OR ended IS NOT NULL) "
    "ORDER BY boots.number, began_t_s"
)


def at(seconds: float) -> datetime:
    """Make a wall time of seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def sessions_of(
    connection: sqlite3.Connection, person: str, running: bool = False, zone: tzinfo | None = None
) -> list[SessionRecord]:
    """List a person's sessions as they were lived; with `running`, one that has not ended too.

    `zone` is where days begin, the machine's own by default. A session whose clock was never set cannot be earlier than
    the one before it, nor later than the next one with a set clock, whatever its own said.
    """
    aims, sides = _aims_of(connection, person), _sides_of(connection, person)
    rows = connection.execute(_SESSIONS, (person, running)).fetchall()
    began_at = _plausible([(at(offset_s + began_t_s), bool(synced)) for _, _, began_t_s, offset_s, synced, *_ in rows])
    records: list[SessionRecord] = []
    for row, began in zip(rows, began_at, strict=True):
        session, _, began_t_s, _, synced, ended_t_s, ended, reason, position, ball = row
        records.append(
            SessionRecord(
                session, person, began, bool(synced), began.astimezone(zone).date(), ended_t_s - began_t_s,
                ended, reason, position, ball, tuple(aims.get(session, ())), tuple(sides.get(session, ())),
            )
        )  # fmt: skip
    return records


def _plausible(times: Sequence[tuple[datetime, bool]]) -> list[datetime]:
    """Move the times of clocks that were never set between those of their neighbours; (time, set) in lived order."""
    latest: datetime | None = None
    before: list[datetime | None] = []
    for time, was_set in reversed(times):
        before.append(latest)
        latest = time if was_set else latest
    plausible: list[datetime] = []
    for (time, was_set), end in zip(times, reversed(before), strict=True):
        later = time if was_set else max([time, *plausible[-1:]])
        plausible.append(later if was_set or end is None else min(later, end))
    return plausible


def _aims_of(connection: sqlite3.Connection, person: str) -> dict[int, list[Aim]]:
    aims: dict[int, list[Aim]] = {}
    query = "SELECT aims.* FROM aims JOIN sessions USING (session) WHERE person = ? ORDER BY session, side"
    for session, *values in connection.execute(query, (person,)):
        aims.setdefault(session, []).append(Aim(*values))
    return aims


def _sides_of(connection: sqlite3.Connection, person: str) -> dict[int, list[SideSummary]]:
    sides: dict[int, list[SideSummary]] = {}
    query = "SELECT sides.* FROM sides JOIN sessions USING (session) WHERE person = ? ORDER BY session, side"
    for session, *values in connection.execute(query, (person,)):
        sides.setdefault(session, []).append(SideSummary(*values))
    return sides


def seconds_of(connection: sqlite3.Connection, session: int) -> list[Second]:
    """List the seconds of a session in order."""
    return [
        Second(*values)
        for _, *values in connection.execute("SELECT * FROM seconds WHERE session = ? ORDER BY second", (session,))
    ]


def events_of(connection: sqlite3.Connection, person: str, session: int | None = None) -> list[EventRecord]:
    """List a person's events in order, of one session if it is named."""
    query = (
        "SELECT boot, events.number, t_s, name, side, detail, offset_s + t_s, clock_synced, session FROM events "
        "JOIN boots USING (boot) WHERE person = ? AND (? IS NULL OR session = ?) ORDER BY boots.number, events.number"
    )
    return [
        EventRecord(boot, number, Event(t_s, name, side, json.loads(detail)), at(at_s), bool(synced), of)
        for boot, number, t_s, name, side, detail, at_s, synced, of in connection.execute(
            query, (person, session, session)
        )
    ]


def frames_of(connection: sqlite3.Connection, session: int) -> tuple[list[Frame], int]:
    """Give the raw frames of a session that are still kept, and how many chunks were damaged and left out."""
    frames: list[Frame] = []
    damaged = 0
    query = "SELECT content FROM chunks WHERE session = ? ORDER BY first_t_s"
    for (content,) in connection.execute(query, (session,)):
        try:
            frames += unpack(content)
        except StoreError:
            damaged += 1
    return frames, damaged


def comforts_of(connection: sqlite3.Connection, person: str) -> list[Comfort]:
    """List a person's comfortable forces, oldest first."""
    query = (
        "SELECT at_s, side, position, ball, force_n, low_n, high_n, loads FROM comforts WHERE person = ? ORDER BY at_s"
    )
    return [Comfort(at(at_s), *rest) for at_s, *rest in connection.execute(query, (person,))]


def spots_of(connection: sqlite3.Connection, person: str) -> list[Spot]:
    """List a person's spots, oldest first."""
    query = (
        "SELECT at_s, side, position, x_mm, y_mm, force_n, dwell_s, marked, session FROM spots WHERE person = ? "
        "ORDER BY at_s"
    )
    return [
        Spot(at(at_s), side, position, x_mm, y_mm, force_n, dwell_s, bool(marked), session)
        for at_s, side, position, x_mm, y_mm, force_n, dwell_s, marked, session in connection.execute(query, (person,))
    ]


def answers_of(connection: sqlite3.Connection, person: str) -> list[Answer]:
    """List a person's answers to the screening, oldest first."""
    query = "SELECT day, question, yes FROM answers WHERE person = ? ORDER BY day, rowid"
    return [Answer(date.fromisoformat(day), word, bool(yes)) for day, word, yes in connection.execute(query, (person,))]


def unlocks_of(connection: sqlite3.Connection, person: str) -> list[Unlock]:
    """List what clinicians unlocked for a person, oldest first."""
    query = "SELECT day, question, clinician FROM unlocks WHERE person = ? ORDER BY day, rowid"
    return [Unlock(date.fromisoformat(day), word, name) for day, word, name in connection.execute(query, (person,))]


def notes_of(connection: sqlite3.Connection, person: str) -> list[Note]:
    """List a person's notes, oldest first."""
    query = "SELECT at_s, text, side, session FROM notes WHERE person = ? ORDER BY at_s"
    return [Note(at(at_s), *rest) for at_s, *rest in connection.execute(query, (person,))]


def efforts_of(connection: sqlite3.Connection, person: str) -> list[Effort]:
    """List a person's strengthening, oldest first."""
    query = "SELECT at_s, exercise, side, held_s, lifts FROM efforts WHERE person = ? ORDER BY at_s"
    return [Effort(at(at_s), *rest) for at_s, *rest in connection.execute(query, (person,))]


# --- what people write -------------------------------------------------------------------------------------------


def keep_comfort(connection: sqlite3.Connection, person: str, comfort: Comfort) -> None:
    """Keep a comfortable force."""
    row = (
        comfort.side, comfort.position, comfort.ball, comfort.force_n, comfort.low_n, comfort.high_n, comfort.loads
    )  # fmt: skip
    insert(connection, "comforts", (person, comfort.at.timestamp(), *row))


def keep_spot(connection: sqlite3.Connection, person: str, spot: Spot) -> None:
    """Keep a spot."""
    place = spot.side, spot.position, spot.x_mm, spot.y_mm, spot.force_n, spot.dwell_s, int(spot.marked)
    insert(connection, "spots", (person, spot.at.timestamp(), spot.session, *place))


def keep_answers(connection: sqlite3.Connection, person: str, answers: Sequence[Answer]) -> None:
    """Keep the answers of a screening."""
    for answer in answers:
        insert(connection, "answers", (person, answer.day.isoformat(), answer.question, int(answer.yes)))


def keep_unlock(connection: sqlite3.Connection, person: str, unlock: Unlock) -> None:
    """Keep what a clinician allows."""
    insert(connection, "unlocks", (person, unlock.day.isoformat(), unlock.question, unlock.clinician))


def keep_effort(connection: sqlite3.Connection, person: str, effort: Effort) -> None:
    """Keep a strengthening exercise."""
    row = effort.at.timestamp(), effort.exercise, effort.side, effort.held_s, effort.lifts
    insert(connection, "efforts", (person, *row))


def keep_note(connection: sqlite3.Connection, person: str, note: Note) -> None:
    """Keep a note."""
    insert(connection, "notes", (person, note.at.timestamp(), note.session, note.side, note.text))
