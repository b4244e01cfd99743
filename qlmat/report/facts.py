"""What a report says in numbers: the course at a glance, and whether comfortable force has changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from qlmat.core.course import READINGS, change_ratio
from qlmat.core.model import SIDES, Side
from qlmat.records import COURSE_DAYS, Comfort, CourseRecord, SessionRecord, SideSummary


@dataclass(frozen=True, slots=True)
class Glance:
    """A course in a few numbers. `calendar`: each day since it began, with the session that counts, None if missed."""

    first: date
    last: date
    calendar: tuple[tuple[date, SessionRecord | None], ...]
    sessions: int
    worked_s: float
    inside_ratio: float | None
    force_n: float | None
    cadence_hz: float | None

    @property
    def days(self) -> int:
        """How many days had a session."""
        return sum(session is not None for _, session in self.calendar)


def glance(course: CourseRecord) -> Glance | None:
    """Look at a course; None when no session was worked yet."""
    worked = [session for session in course.sessions if session.sides]
    if not worked:
        return None
    first, last = worked[0].day, worked[-1].day
    span = max((last - first).days + 1, COURSE_DAYS)
    by_day = {session.day: session for session in sorted(worked, key=worked_s)}
    sides = [side for session in worked for side in session.sides]
    lay_s = sum(lying_s(side) for side in sides)
    return Glance(
        first=first,
        last=last,
        calendar=tuple((day, by_day.get(day)) for day in (first + timedelta(days=n) for n in range(span))),
        sessions=len(worked),
        worked_s=sum(side.worked_s for side in sides),
        inside_ratio=sum(side.inside_s for side in sides) / lay_s if lay_s else None,
        force_n=_middle([side.force_n for side in sides]),
        cadence_hz=_middle([side.cadence_hz for side in sides]),
    )


def worked_s(session: SessionRecord) -> float:
    """Sum the seconds that counted on both sides."""
    return sum(side.worked_s for side in session.sides)


def lying_s(side: SideSummary) -> float:
    """Sum the seconds under, in and over the zone."""
    return side.below_s + side.inside_s + side.above_s


@dataclass(frozen=True, slots=True)
class Change:
    """Comfortable force of one side in one position with one ball: the readings, and what may be said of them."""

    side: Side
    position: str
    ball: str | None
    readings: tuple[Comfort, ...]
    before_n: float
    now_n: float
    ratio: float | None

    @property
    def words(self) -> str:
        """Say it without saying more than can be told."""
        if len(self.readings) < READINGS:
            return f"{len(self.readings)} of {READINGS} readings: too few to compare"
        if self.ratio is None:
            return "no change that can be told from the scatter of single readings"
        return f"{'higher' if self.ratio > 0 else 'lower'} by {abs(self.ratio):.0%} than at the beginning"


def changes(comforts: Sequence[Comfort]) -> list[Change]:
    """Compare the readings of each side, position and ball: medians of the first and of the last three."""
    found = []
    for key in sorted({(each.position, each.ball or "") for each in comforts}):
        for side in SIDES:
            readings = tuple(each for each in comforts if (each.position, each.ball or "", each.side) == (*key, side))
            if readings:
                forces_n = [each.force_n for each in readings]
                few = min(READINGS, len(forces_n))
                now_n, before_n = median(forces_n[-few:]), median(forces_n[:few])
                ball = readings[0].ball
                found.append(Change(side, key[0], ball, readings, before_n, now_n, change_ratio(forces_n)))
    return found


def _middle(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
