"""What the coach remembers, kept in the store: read and written in the store's own thread, never in the loop's."""

import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, tzinfo
from threading import Lock
from typing import Any, Protocol

from qlmat.core.course import DEFAULT_BALL, GUEST, Choices, Kept, Marked, Past, Practised, Reading
from qlmat.core.model import Side
from qlmat.core.plan import Plan
from qlmat.core.positions import Position
from qlmat.core.screening import QUESTIONS, Answered, Unlocked
from qlmat.errors import StoreError
from qlmat.records import Answer, Comfort, Note, Unlock
from qlmat.store.database import insert
from qlmat.store.people import chosen, current_person, find_person, guest_answered, guest_answers, people, use_person
from qlmat.store.rows import (
    answers_of,
    comforts_of,
    keep_answers,
    keep_comfort,
    keep_note,
    keep_unlock,
    sessions_of,
    spots_of,
    unlocks_of,
)

Whose = tuple[str | None, int | None, str | None]
ASK_S = 5.0  # between two looks at what another program has kept: a person walks from the terminal to the mat


class Store(Protocol):
    """What is needed of `qlmat.store.sink.StoreSink`."""

    def ask(self, job: Callable[[Any], object]) -> None:
        """Have `job(connection)` done in the writer's thread."""
        ...

    def practise(self, plan: Plan, position: Position, ball: str | None) -> None:
        """Hear what the next session will be about."""
        ...


class StoreMemory:
    """A `qlmat.coach.Memory` on a running store. `past`: what was read before the mat began."""

    def __init__(self, store: Store, past: Past, now: Callable[[], datetime], zone: tzinfo | None = None) -> None:
        self._store, self._now, self._zone = store, now, zone
        self._fresh: Past | None = past
        self._asked_s = time.monotonic()
        self._version: tuple[int, int] | None = None
        self._known: frozenset[str | None] | None = None  # ids and names, once they have been read
        self._kept = 0
        self._whose: Whose = (past.person, None, None)
        self._lock = Lock()  # so that nothing read before something was told is taken for news after it

    def news(self) -> Past | None:
        """Give what was read since the last call."""
        fresh, self._fresh = self._fresh, None
        return fresh

    def ask(self) -> None:
        """Have it looked, at most every 5 s, whether another program has written, and everything read again if so."""
        if time.monotonic() - self._asked_s >= ASK_S:
            self._asked_s, kept = time.monotonic(), self._kept
            self._store.ask(lambda connection: self._look(connection, kept))

    def keep(self, news: Iterable[Kept]) -> None:
        """Keep what the store does not keep by itself."""
        at, kept = self._now(), tuple(news)
        with self._lock:
            self._kept += 1
            self._fresh = None  # it was read before

        def job(connection: sqlite3.Connection) -> None:
            person = current_person(connection)
            keep_all(connection, person, kept, at)
            self._version, self._whose = None, _whose(connection)

        self._store.ask(job)

    def note(self, text: str, side: Side | None) -> None:
        """Keep a note."""
        note = Note(self._now(), text, side)

        def job(connection: sqlite3.Connection) -> None:
            person = current_person(connection)
            if person is not None:
                keep_note(connection, person, note)

        self._store.ask(job)

    def use(self, person: str) -> None:
        """Take up somebody else; one who is not known becomes a guest, so that nobody is taken for another."""

        def job(connection: sqlite3.Connection) -> None:
            known = GUEST
            if person != GUEST:
                try:
                    known = find_person(connection, person).person
                except StoreError:
                    known = GUEST
            use_person(connection, known)
            self._read(connection)

        self._store.ask(job)

    def knows(self, person: str) -> bool:
        """Tell whether this id or name may be somebody; before anything has been read it may."""
        return person == GUEST or self._known is None or person in self._known

    def practise(self, plan: Plan, choices: Choices) -> None:
        """Tell the store what the next session will be about."""
        self._store.practise(plan, choices.position, choices.ball)

    def _look(self, connection: sqlite3.Connection, kept: int) -> None:
        """Read what another program may have changed, unless something has been told here since `kept`."""
        version = _version(connection)
        if version == self._version or kept != self._kept:
            return
        # What a guest told stands nowhere else, so reading again would forget it: only another guest is news.
        if _whose(connection) != self._whose or self._whose[0] is not None:
            self._read(connection, kept)
        self._version = version if kept == self._kept else None

    def _read(self, connection: sqlite3.Connection, kept: int | None = None) -> None:
        self._known = frozenset(word for each in people(connection) for word in (each.person, each.name))
        self._whose = _whose(connection)
        day = self._now().astimezone(self._zone).date().toordinal()
        past = past_of_now(connection, day, self._zone)
        with self._lock:
            if kept in (None, self._kept):
                self._fresh = past


def _whose(connection: sqlite3.Connection) -> Whose:
    """Give the person's id, None for a guest, what was answered at the terminal, and which choice of person it was."""
    return current_person(connection), guest_answered(connection), chosen(connection)


def _version(connection: sqlite3.Connection) -> tuple[int, int]:
    """Give numbers that change whenever another connection has written, or sessions were dated anew here."""
    (version,) = connection.execute("PRAGMA data_version").fetchone()
    (undated,) = connection.execute("SELECT count(*) FROM boots WHERE NOT clock_synced").fetchone()
    return int(version), int(undated)


def past_of_now(connection: sqlite3.Connection, today: int, zone: tzinfo | None = None) -> Past:
    """Read all that the coach remembers of who uses the mat now; of a guest, whether they said no to all `today`."""
    person = current_person(connection)
    if person is not None:
        return past_of(connection, person, zone)
    said = guest_answered(connection) == today
    return Past(answers=tuple(Answered(today, q.key, False) for q in QUESTIONS if said), person=GUEST)


def past_of(connection: sqlite3.Connection, person: str, zone: tzinfo | None = None) -> Past:
    """Read all that the coach remembers of one person. `zone` is where days begin, the machine's own by default."""
    sessions = [
        Practised(each.day.toordinal(), _worked_s(each.of("left")), _worked_s(each.of("right")), each.position)
        for each in sessions_of(connection, person, zone=zone)
    ]
    readings = [
        Reading(_day(c.at, zone), c.side, c.position, c.ball or DEFAULT_BALL, c.force_n, c.low_n, c.high_n, c.loads)
        for c in comforts_of(connection, person)
    ]
    marks = [
        Marked(_day(spot.at, zone), spot.side, spot.position, spot.x_mm, spot.y_mm)
        for spot in spots_of(connection, person)
        if spot.marked
    ]
    answers = [Answered(each.day.toordinal(), each.question, each.yes) for each in answers_of(connection, person)]
    unlocks = [Unlocked(u.day.toordinal(), u.question, u.clinician) for u in unlocks_of(connection, person)]
    parts = (tuple(sessions), tuple(readings), tuple(marks), tuple(answers), tuple(unlocks))
    return Past(*parts, choices_of(connection, person), person)


def keep_all(connection: sqlite3.Connection, person: str | None, news: Iterable[Kept], at: datetime) -> None:
    """Write what people told; nothing of a guest. Sessions and marks are kept from the events of the session."""
    if person is None:
        guest_answers(connection, None)  # what is told to the mat counts more than what was said at the terminal
        return
    for each in news:
        match each:
            case Answered():
                keep_answers(connection, person, [Answer(date.fromordinal(each.day), each.question, each.yes)])
            case Unlocked():
                keep_unlock(connection, person, Unlock(date.fromordinal(each.day), each.question, each.clinician))
            case Reading():
                comfort = Comfort(
                    at, each.side, each.position, each.ball, each.force_n, each.low_n, each.high_n, each.loads
                )
                keep_comfort(connection, person, comfort)
            case Choices():
                row = each.position, each.ball, each.start, each.only, *each.extra_s, each.note
                insert(connection, "choices", (person, *row), "OR REPLACE")


def choices_of(connection: sqlite3.Connection, person: str) -> Choices:
    """Read what a person chose, the defaults when they never did."""
    query = "SELECT position, ball, start, only_side, extra_left_s, extra_right_s, note FROM choices WHERE person = ?"
    row = connection.execute(query, (person,)).fetchone()
    if row is None:
        return Choices()
    position, ball, start, only, left_s, right_s, note = row
    return replace(
        Choices(), position=position, ball=ball, start=start, only=only, extra_s=(left_s, right_s), note=note
    )


def _worked_s(side: Any) -> float:
    return 0.0 if side is None else float(side.worked_s)


def _day(at: datetime, zone: tzinfo | None) -> int:
    return at.astimezone(zone).date().toordinal()
