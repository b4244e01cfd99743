"""What is kept of a practice: plain rows, as the store gives them and the report and the coach take them.

Wall times are aware UTC. A Pi has no clock chip, so every time of a row also says whether the clock had been set by
then (`clock_synced`); rows keep the order in which they were lived, whatever the clock said.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple

from qlmat.core.model import Event, Side, State
from qlmat.core.positions import Position

Ending = Literal["done", "stopped", "interrupted"]
COURSE_DAYS = 14  # daily sessions, then strengthening: domain facts B.3
COURSE_BREAK_DAYS = 14  # after a gap as long as the course itself a new one begins; ours


DAY_S = 86_400.0
MONTH_S = 365.25 / 12 * DAY_S


@dataclass(frozen=True, slots=True)
class Retention:
    """Ages, in seconds, beyond which raw frames and whole sessions are deleted: domain facts F.3."""

    raw_s: float = 7 * DAY_S
    sessions_s: float = 12 * MONTH_S


KEPT = Retention()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who uses the mat: an opaque id for every row, and a name that never leaves this machine by itself."""

    person: str
    name: str | None
    since: datetime


class Aim(NamedTuple):
    """What a session asked for on one side: forces in N, pace in Hz, seconds."""

    side: Side
    low_n: float
    high_n: float
    too_hard_n: float
    comfortable_n: float
    target_hz: float
    side_s: float


@dataclass(frozen=True, slots=True)
class Second:
    """One second of a session, `second` counted from its beginning.

    `force_n`, `force_max_n` and the place are of the side being worked, over the frames in which they were known;
    `below_s`, `inside_s` and `above_s` are how long the force was under, in and over the zone while working;
    `hard_s` how long over what is too hard; `worked_s` and `cycles` what counted by its end.
    """

    second: int
    state: State
    side: Side | None
    force_n: float | None = None
    force_max_n: float | None = None
    x_mm: float | None = None
    y_mm: float | None = None
    cadence_hz: float | None = None
    cycles: int = 0
    worked_s: float = 0.0
    below_s: float = 0.0
    inside_s: float = 0.0
    above_s: float = 0.0
    hard_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SideSummary:
    """One side of one session. `force_sd_n` is the spread of the seconds' means; a place is their mean too."""

    side: Side
    worked_s: float
    below_s: float
    inside_s: float
    above_s: float
    hard_s: float
    force_n: float | None
    force_sd_n: float | None
    force_max_n: float | None
    cadence_hz: float | None
    cadence_sd_hz: float | None
    cycles: int
    x_mm: float | None
    y_mm: float | None


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One session as it was. `ended` is None while it runs; `day` is the calendar day where the mat stands."""

    session: int
    person: str
    began: datetime
    clock_synced: bool
    day: date
    seconds: float
    ended: Ending | None
    reason: str | None
    position: Position
    ball: str | None
    aims: tuple[Aim, ...] = ()
    sides: tuple[SideSummary, ...] = ()

    def aim(self, side: Side) -> Aim | None:
        """Find what was asked for on one side."""
        return next((each for each in self.aims if each.side == side), None)

    def of(self, side: Side) -> SideSummary | None:
        """Find one side, None when it was not worked."""
        return next((each for each in self.sides if each.side == side), None)


@dataclass(frozen=True, slots=True)
class EventRecord:
    """An event with its number since the program started (`boot`) and its wall time."""

    boot: str
    number: int
    event: Event
    at: datetime
    clock_synced: bool
    session: int | None


@dataclass(frozen=True, slots=True)
class Comfort:
    """A comfortable force: the median of some slow loads that the person called firm, N, and their range."""

    at: datetime
    side: Side
    position: Position
    ball: str | None
    force_n: float
    low_n: float
    high_n: float
    loads: int


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of the ball on a pad: `marked` by the person, or where it stayed for `dwell_s`."""

    at: datetime
    side: Side
    position: Position
    x_mm: float
    y_mm: float
    force_n: float | None
    dwell_s: float | None
    marked: bool
    session: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the screening: the day, which question, yes or no. Nothing else is kept."""

    day: date
    question: str
    yes: bool


@dataclass(frozen=True, slots=True)
class Unlock:
    """A clinician allows practice in spite of a "yes" to one question."""

    day: date
    question: str
    clinician: str


@dataclass(frozen=True, slots=True)
class Note:
    """What a person or their clinician wrote down."""

    at: datetime
    text: str
    side: Side | None = None
    session: int | None = None


@dataclass(frozen=True, slots=True)
class Effort:
    """A strengthening exercise on one pad, by its name in `qlmat.core.strengthening`: seconds held or lifts counted."""

    at: datetime
    exercise: str
    side: Side
    held_s: float | None
    lifts: int | None


@dataclass(frozen=True, slots=True)
class CourseRecord:
    """Everything that is kept of one person's practice since their present course began, oldest first."""

    person: Person
    sessions: tuple[SessionRecord, ...] = ()
    comforts: tuple[Comfort, ...] = ()
    spots: tuple[Spot, ...] = ()
    answers: tuple[Answer, ...] = ()
    unlocks: tuple[Unlock, ...] = ()
    notes: tuple[Note, ...] = ()
    efforts: tuple[Effort, ...] = ()
    places: dict[Side, tuple["Place", ...]] = field(default_factory=dict)

    @property
    def days(self) -> tuple[date, ...]:
        """The calendar days with a session that was worked, in order, each once."""
        return tuple(sorted({each.day for each in self.sessions if each.sides}))


class Place(NamedTuple):
    """Seconds worked at one place of a pad, mm from its centre, and the mean force there, N."""

    x_mm: float
    y_mm: float
    seconds: float
    force_n: float
