"""The two weeks: which day it is, what was missed, whether one more session is wise today, what has changed.

Pure functions over what is remembered; a day is an ordinal (`date.toordinal()`), because the core has no calendar.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from types import MappingProxyType
from typing import Literal

from qlmat.core.model import SIDES, Side
from qlmat.core.plan import Plan, SideAim
from qlmat.core.positions import STANCES, Position
from qlmat.core.screening import Answered, Unlocked, standing

Verdict = Literal["first", "second", "third"]
Bar = Literal["questions", "answer", "third"]

GUEST = "guest"  # somebody of whom nothing is kept
COURSE_DAYS = 14  # daily sessions, then strengthening: domain facts B.3
BREAK_DAYS = 14  # after a gap as long as the course a new one begins; ours
COUNTS_S = 30.0  # a session that worked less than this was no session; ours: the shortest dose in B.3
SMALLEST_CHANGE_RATIO = 0.3  # of comfortable force, and not before three readings: domain facts B.2 (25 to 30 %)
READINGS = 3
DEFAULT_BALL = "medium"  # a moderate ball did at least as well as a hard one: domain facts 0 and B.5
BARS: Mapping[Bar, str] = MappingProxyType(
    {
        "questions": "the questions before a session are not answered yet: on the page, or with 'qlmat screen'",
        "answer": "an answer to the questions stands in the way: ask a doctor or a physiotherapist first",
        "third": "two sessions were done today: the next one is tomorrow",
    }
)
COURSE_DONE_WORD = "the course is complete: strengthening follows, see 'qlmat strengthen'"
SECOND_WORD = "one session a day is enough; a second one only on purpose, and gently"


@dataclass(frozen=True, slots=True)
class Practised:
    """One session as the course counts it: its day and the seconds worked on each side."""

    day: int
    left_s: float = 0.0
    right_s: float = 0.0
    position: Position = "floor"

    @property
    def counts(self) -> bool:
        """Tell whether it was long enough to be one."""
        return self.left_s + self.right_s >= COUNTS_S


@dataclass(frozen=True, slots=True)
class Reading:
    """A comfortable force, N: the median of some slow loads, with the least and the greatest of them."""

    day: int
    side: Side
    position: Position
    ball: str
    force_n: float
    low_n: float
    high_n: float
    loads: int


@dataclass(frozen=True, slots=True)
class Marked:
    """A spot a person marked on one side's pad, mm from its centre, to the right and to the head."""

    day: int
    side: Side
    position: Position
    x_mm: float
    y_mm: float


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person or their clinician chose. Software never chooses sides: domain facts E.2.

    `only`: one side; `extra_s`: seconds more on (left, right).
    """

    position: Position = "floor"
    ball: str = DEFAULT_BALL
    start: Side | None = None
    only: Side | None = None
    extra_s: tuple[float, float] = (0.0, 0.0)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """All that the coach remembers of one person, oldest first. `person`: the opaque id, None when it is nobody's."""

    sessions: tuple[Practised, ...] = ()
    readings: tuple[Reading, ...] = ()
    marks: tuple[Marked, ...] = ()
    answers: tuple[Answered, ...] = ()
    unlocks: tuple[Unlocked, ...] = ()
    choices: Choices = field(default_factory=Choices)
    person: str | None = None


Kept = Practised | Reading | Marked | Answered | Unlocked | Choices


def remember(past: Past, news: Iterable[Kept]) -> Past:
    """Add what is new to what is remembered.

    >>> remember(Past(), [Practised(7, 90.0), Choices(ball="soft")]).choices.ball
    'soft'
    """
    for each in news:
        match each:
            case Practised():
                past = replace(past, sessions=(*past.sessions, each))
            case Reading():
                past = replace(past, readings=(*past.readings, each))
            case Marked():
                past = replace(past, marks=(*past.marks, each))
            case Answered():
                past = replace(past, answers=(*past.answers, each))
            case Unlocked():
                past = replace(past, unlocks=(*past.unlocks, each))
            case Choices():
                past = replace(past, choices=each)
    return past


# --- how many today, which day of the course -------------------------------------------------------------------------


def verdict(sessions: Iterable[Practised], today: int) -> Verdict:
    """Say which session of the day the next one would be; a third is refused: domain facts B.5.

    >>> verdict([Practised(7, 90.0, 90.0), Practised(8, 90.0, 90.0), Practised(8, 5.0)], 8)
    'second'
    """
    done = sum(each.day == today and each.counts for each in sessions)
    return "first" if done == 0 else "second" if done == 1 else "third"


@dataclass(frozen=True, slots=True)
class CourseDay:
    """Day `number` of `of`, counting days with a session; `missed`: days without one since it began.

    `done`: days with a session so far.
    """

    number: int
    of: int
    missed: tuple[int, ...]
    done: int = 0

    @property
    def over(self) -> bool:
        """Tell whether the course is done and strengthening follows."""
        return self.done >= self.of


def course_day(days: Iterable[int], today: int) -> CourseDay:
    """Say which day of the course today is. Missed days do not count: the course is as many sessions, not dates.

    A gap of a fortnight begins a new course.

    >>> course_day([], 100), course_day([100, 101, 104], 105)
    (CourseDay(number=1, of=14, missed=(), done=0), CourseDay(number=4, of=14, missed=(102, 103), done=3))
    """
    done = _since_break(sorted(set(days)), today)
    if not done:
        return CourseDay(1, COURSE_DAYS, ())
    missed = tuple(day for day in range(done[0], today) if day not in done)
    number = len(done) if done[-1] == today else len(done) + 1
    return CourseDay(number, COURSE_DAYS, missed, len(done))


def _since_break(days: Sequence[int], today: int) -> list[int]:
    done: list[int] = []
    for day in days:
        if day > today:
            break
        if done and day - done[-1] > BREAK_DAYS:
            done = []
        done.append(day)
    return done if done and today - done[-1] <= BREAK_DAYS else []


# --- comfortable force -----------------------------------------------------------------------------------------------


def readings_of(readings: Iterable[Reading], side: str, position: Position, ball: str) -> list[Reading]:
    """Give the readings of this side, position and ball."""
    return [each for each in readings if (each.side, each.position, each.ball) == (side, position, ball)]


def comfortable_n(readings: Iterable[Reading], side: Side, position: Position, ball: str) -> float | None:
    """Give the latest comfortable force of this side, position and ball, None when it was never measured."""
    found = readings_of(readings, side, position, ball)
    return found[-1].force_n if found else None


def change_ratio(forces_n: Sequence[float]) -> float | None:
    """Tell by which part comfortable force has changed since the first three readings, None if that cannot be told.

    It can be told when the medians of the first and of the last three differ by more than the smallest change.

    >>> change_ratio([80.0, 82.0, 84.0, 100.0, 90.0]), change_ratio([80.0, 80.0, 80.0, 110.0, 108.0, 112.0])
    (None, 0.375)
    """
    if len(forces_n) < READINGS:
        return None
    before_n, now_n = median(forces_n[:READINGS]), median(forces_n[-READINGS:])
    ratio = now_n / before_n - 1.0
    return ratio if abs(ratio) > SMALLEST_CHANGE_RATIO else None


# --- the plan of today -----------------------------------------------------------------------------------------------


def bar(past: Past, today: int, screened: bool = True, limited: bool = True) -> Bar | None:
    """Tell what stands in the way of a session today, None when nothing does.

    Answers once given always count, missing ones if `screened`; sessions of a day are counted if `limited`.
    """
    if screened or past.answers:
        now = standing(past.answers, past.unlocks, today)
        if not now.open:
            return "answer" if now.stopped_by else "questions"
    return "third" if limited and verdict(past.sessions, today) == "third" else None


def plan_of_today(base: Plan, past: Past, today: int, screened: bool = True, limited: bool = True) -> Plan:
    """Make today's plan from the configured one and all that is remembered.

    `screened`: whether the questions must have been answered; `limited`: whether sessions of a day are counted.
    Neither for a demonstration, whose person is no person and whose days are minutes.
    """
    choices, stance = past.choices, STANCES[past.choices.position]
    sides = {side: _aim(past, side, today) for side in SIDES}
    guess_n = base.comfortable_n * stance.force_ratio
    heaviest_n = base.at_once_n * stance.cap_scale / base.too_hard_ratio
    most_n = {side: aim.comfortable_n and min(aim.comfortable_n, heaviest_n) for side, aim in sides.items()}
    barred = bar(past, today, screened, limited)
    return replace(
        base,
        comfortable_n=min(guess_n, heaviest_n),
        cap_n=base.cap_n * stance.cap_scale,
        cap_ratio=stance.cap_ratio,
        first_side=choices.only or choices.start or base.first_side,
        both_sides=base.both_sides and choices.only is None,
        left=replace(sides["left"], comfortable_n=most_n["left"]),
        right=replace(sides["right"], comfortable_n=most_n["right"]),
        barred=None if barred is None else BARS[barred],
        on_purpose=limited and verdict(past.sessions, today) == "second",
    )


def _aim(past: Past, side: Side, today: int) -> SideAim:
    choices = past.choices
    measured_n = comfortable_n(past.readings, side, choices.position, choices.ball)
    floor_n = comfortable_n(past.readings, side, "floor", choices.ball)
    if measured_n is None and floor_n is not None:
        measured_n = floor_n * STANCES[choices.position].force_ratio
    marks = [each for each in past.marks if (each.side, each.position) == (side, choices.position) and each.day < today]
    return SideAim(
        comfortable_n=measured_n,
        extra_s=choices.extra_s[SIDES.index(side)],
        spot_mm=(marks[-1].x_mm, marks[-1].y_mm) if marks else None,
    )
