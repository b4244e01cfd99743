"""The report says what was done, and names a change only when it can be told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from qlmat.core.model import Side
from qlmat.records import Comfort, CourseRecord, Person, SessionRecord, SideSummary
from qlmat.report.facts import changes, glance

FIRST = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NOBODY = Person("a1b2c3d4", None, FIRST)


def side(name: Side, worked_s: float = 90.0) -> SideSummary:
    return SideSummary(name, worked_s, 5.0, 90.0, 5.0, 1.0, 92.0, 8.0, 120.0, 0.2, 0.01, 18, 4.0, -3.0)


def session(day: int, *sides: SideSummary) -> SessionRecord:
    at = FIRST + timedelta(days=day)
    return SessionRecord(day + 1, NOBODY.person, at, True, at.date(), 200.0, "done", None, "floor", None, (), sides)


def readings(*forces_n: float, name: Side = "left") -> list[Comfort]:
    return [
        Comfort(FIRST + timedelta(days=day), name, "floor", "medium", force_n, force_n - 4.0, force_n + 4.0, 3)
        for day, force_n in enumerate(forces_n)
    ]


def test_a_course_is_as_long_as_it_is_planned_and_shows_the_missed_day() -> None:
    course = CourseRecord(NOBODY, (session(0, side("left"), side("right")), session(2, side("left"))))
    seen = glance(course)
    assert seen is not None
    assert len(seen.calendar) == 14
    assert [day.day for day, found in seen.calendar if found] == [2, 4]
    assert (seen.first, seen.last, seen.days, seen.sessions) == (date(2026, 3, 2), date(2026, 3, 4), 2, 2)
    assert seen.worked_s == pytest.approx(270.0)
    assert seen.inside_ratio == pytest.approx(0.9)


def test_two_sessions_of_a_day_are_one_day_shown_with_the_longer_one() -> None:
    short, long = session(0, side("left", 20.0)), replace(session(0, side("left"), side("right")), session=9)
    seen = glance(CourseRecord(NOBODY, (short, long)))
    assert seen is not None
    assert (seen.days, seen.sessions) == (1, 2)
    assert seen.calendar[0][1] is long


def test_a_course_without_work_has_nothing_to_look_at() -> None:
    assert glance(CourseRecord(NOBODY, (session(0),))) is None


@pytest.mark.parametrize(
    ("forces_n", "words"),
    [
        ((90.0, 140.0), "2 of 3 readings: too few to compare"),
        ((90.0, 92.0, 88.0, 110.0, 112.0, 111.0), "no change that can be told from the scatter of single readings"),
        ((90.0, 92.0, 88.0, 125.0, 127.0, 126.0), "higher by 40% than at the beginning"),
        ((120.0, 122.0, 118.0, 70.0, 72.0, 71.0), "lower by 41% than at the beginning"),
    ],
)
def test_a_change_is_named_only_after_three_readings_and_beyond_what_scatters(
    forces_n: tuple[float, ...], words: str
) -> None:
    (change,) = changes(readings(*forces_n))
    assert change.words == words


def test_readings_of_another_side_position_or_ball_are_not_compared() -> None:
    left, right = readings(90.0, 91.0, 92.0), readings(150.0, name="right")
    wall = [replace(each, position="wall") for each in readings(60.0)]
    found = changes([*left, *right, *wall])
    assert [(each.side, each.position, len(each.readings)) for each in found] == [
        ("left", "floor", 3),
        ("right", "floor", 1),
        ("left", "wall", 1),
    ]
