"""One person's course: everything kept since it began, in one value."""

import sqlite3
from collections.abc import Sequence
from datetime import tzinfo

from qlmat.core.model import SIDES, Side
from qlmat.records import COURSE_BREAK_DAYS, CourseRecord, Person, Place, SessionRecord
from qlmat.store.rows import answers_of, comforts_of, efforts_of, notes_of, sessions_of, spots_of, unlocks_of

CELL_MM = 5.0  # of the map of places; the ball covers more, but its centre is told this finely


def course_so_far(connection: sqlite3.Connection, person: Person, zone: tzinfo | None = None) -> CourseRecord:
    """Read the present course: the sessions since the last break of two weeks, and all answers and readings."""
    sessions = present_course(sessions_of(connection, person.person, zone=zone))
    return CourseRecord(
        person=person,
        sessions=tuple(sessions),
        comforts=tuple(comforts_of(connection, person.person)),
        spots=tuple(spots_of(connection, person.person)),
        answers=tuple(answers_of(connection, person.person)),
        unlocks=tuple(unlocks_of(connection, person.person)),
        notes=tuple(notes_of(connection, person.person)),
        efforts=tuple(efforts_of(connection, person.person)),
        places={side: _places(connection, sessions, side) for side in SIDES},
    )


def present_course(sessions: Sequence[SessionRecord]) -> list[SessionRecord]:
    """Leave out what lies before the last break of `COURSE_BREAK_DAYS` or more."""
    begins = 0
    for index in range(1, len(sessions)):
        if (sessions[index].day - sessions[index - 1].day).days > COURSE_BREAK_DAYS:
            begins = index
    return list(sessions[begins:])


def _places(connection: sqlite3.Connection, sessions: Sequence[SessionRecord], side: Side) -> tuple[Place, ...]:
    """Map where one side was worked over the course, in cells of 5 mm."""
    if not sessions:
        return ()
    rows = connection.execute(
        "SELECT round(x_mm / ?1) * ?1, round(y_mm / ?1) * ?1, count(*), avg(force_n) FROM seconds "
        "JOIN sessions USING (session) WHERE person = ?2 AND session >= ?3 AND side = ?4 AND state = 'working' "
        "AND x_mm IS NOT NULL AND force_n IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2",
        (CELL_MM, sessions[0].person, min(each.session for each in sessions), side),
    )
    return tuple(Place(x_mm, y_mm, float(seconds), force_n) for x_mm, y_mm, seconds, force_n in rows)
