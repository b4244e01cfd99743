"""What may be asked of a mat from outside, as one table: each command with its fields, their units and bounds.

The command desk checks against it; documentation, AsyncAPI and Home Assistant are written from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from qlmat.core.positions import POSITIONS
from qlmat.core.requests import COMMANDS
from qlmat.core.screening import QUESTIONS
from qlmat.core.sides import SIDES

Values = dict[str, Any]  # what was asked for, checked: numbers in the units of the table


class RefusedError(ValueError):
    """Why something asked for is not done, in words for the asker."""


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a command's payload.

    With `choices` one of them, or a list of them if `listed`; with `low` and `high` a number; with `longest` a text;
    else true or false.
    """

    key: str
    about: str
    unit: str | None = None
    low: float | None = None
    high: float | None = None
    step: float = 1.0
    choices: tuple[str, ...] = ()
    listed: bool = False
    longest: int | None = None
    required: bool = False

    def check(self, value: object) -> object:
        """Return the value as it is to be used; raise RefusedError saying what would do."""
        if self.listed:
            if not isinstance(value, list) or any(each not in self.choices for each in value):
                raise RefusedError(f"{self.key}: use a list of {_either(self.choices)}, or an empty one")
            return tuple(value)
        if self.choices:
            return self._checked(value, value in self.choices, _either(self.choices))
        if self.longest is not None:
            fits = isinstance(value, str) and 0 < len(value.strip()) <= self.longest
            return self._checked(value, fits, f"a text of 1 to {self.longest} characters")
        if self.low is None or self.high is None:
            return self._checked(value, isinstance(value, bool), "true or false")
        number = isinstance(value, int | float) and not isinstance(value, bool) and self.low <= value <= self.high
        unit = f" {self.unit}" if self.unit else ""
        return self._checked(value, number, f"a number from {self.low:g} to {self.high:g}{unit}")

    def _checked(self, value: object, fits: bool, what: str) -> object:
        if not fits:
            raise RefusedError(f"{self.key}: use {what}")
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@dataclass(frozen=True, slots=True)
class Wish:
    """One command: its name, what it does, and its fields."""

    name: str
    about: str
    fields: tuple[Field, ...] = ()
    some: bool = False  # at least one field must be given

    def check(self, body: Mapping[str, object]) -> Values:
        """Return the values given, checked; raise RefusedError. null stands for "not given"."""
        known = {field.key: field for field in self.fields}
        for key in body:
            if key not in known:
                raise RefusedError(f"unknown key {key[:64]!r}: use {', '.join([*known, 'id', 'at'])}")
        values = {key: known[key].check(value) for key, value in body.items() if value is not None}
        missing = [field.key for field in self.fields if field.required and field.key not in values]
        if missing or (self.some and not values):
            raise RefusedError(f"say {_either(tuple(missing or known))}")
        return values


def _either(words: tuple[str, ...]) -> str:
    quoted = [f"'{word}'" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


_SIDE = Field("side", "the side meant; the mat's choice when left out", choices=SIDES)
STARTS = ("either", *SIDES)
# Bounds are those of the configuration (`qlmat.practice`), narrowed to what is sensible to turn by hand:
# side 60 to 120 s and pace 8 to 18 a minute are the ranges of domain facts B.3.
AIMS: tuple[Field, ...] = (
    Field("comfortable_n", "what you call firm, 4 of 10; the zone lies around it", "N", 20.0, 200.0, 5.0),
    Field("side_s", "to do on a side", "s", 60.0, 120.0, 5.0),
    Field("target_cpm", "the pace to aim for", "cycles/min", 8.0, 18.0, 0.5),
    Field("both_sides", "whether the other side follows"),
    Field("start_side", "where to begin; either: where the ball is put first", choices=STARTS),
)
BALLS = ("soft", "medium", "hard")  # fixed words: what stands in a retained message must hold no name
CALIBRATIONS = ("comfort", "zero", "check")
LIVE_S = Field("seconds", "how long; 60 when left out, 0 ends it", "s", 0.0, 600.0)
LIVE_HZ = Field("live_hz", "live pictures a second", "Hz", 1.0, 20.0, required=True)

_QUESTIONS = tuple(question.key for question in QUESTIONS)
_UNLOCKABLE = tuple(question.key for question in QUESTIONS if question.unlockable)
_EXTRA_S = (0.0, 60.0, 5.0)  # no more than two minutes on a side: domain facts B.5
# What one tells the coach (`qlmat.coach`); a mat without one refuses it. Answers go in and are never said again: domain
# facts F.3.
COACH: tuple[Wish, ...] = (
    Wish(
        "screening",
        "answer the ten questions at once",
        (Field("yes", "the questions with a yes", choices=_QUESTIONS, listed=True, required=True),),
    ),
    Wish("today", "answer the line of the day", (Field("new", "whether anything is new", required=True),)),
    Wish(
        "unlock",
        "a clinician allows practice in spite of a yes",
        (
            Field("question", "the question", choices=_UNLOCKABLE, required=True),
            Field("clinician", "the name, which is kept with the day", longest=80, required=True),
        ),
    ),
    Wish(
        "position",
        "where one practises from now on",
        (
            Field("position", "the position", choices=POSITIONS, required=True),
            Field("ball", "how firm the ball is", choices=BALLS),
        ),
    ),
    Wish(
        "sides",
        "what one, or one's clinician, wants of the sides; what is left out stays",
        (
            Field("start_side", "where to begin", choices=STARTS),
            Field("only_side", "one side alone", choices=("both", *SIDES)),
            Field("extra_left_s", "more on the left", "s", *_EXTRA_S),
            Field("extra_right_s", "more on the right", "s", *_EXTRA_S),
            Field("text", "why", longest=200),
        ),
        some=True,
    ),
    Wish("note", "write something down", (Field("text", "the note", longest=500, required=True), _SIDE)),
    Wish(
        "person",
        "who practises from now on",
        (Field("person", "an id of `qlmat people`, or guest, of whom nothing is kept", longest=64, required=True),),
    ),
)

SESSION: Mapping[str, Wish] = MappingProxyType({n: Wish(n, about, (_SIDE,)) for n, about in COMMANDS.items()})
OWN: tuple[Wish, ...] = (
    Wish("plan", "change what a session asks for; not during one", AIMS, some=True),
    Wish("live", "send live pictures although nobody is on the mat", (LIVE_S,)),
    Wish("rate", "how often live pictures are sent while they are", (LIVE_HZ,)),
    Wish(
        "calibrate",
        "try or mend what can be done from afar; the weights of `qlmat calibrate` need hands at the mat",
        (
            Field(
                "what",
                "comfort: begin the slow loads, as `comfort`; zero: take the pads as zero, but only if they are empty; "
                "check: say whether a known weight that lies on a pad is read as what it is",
                choices=CALIBRATIONS,
                required=True,
            ),
            _SIDE,
            Field("force_n", "of the weight that lies there, for check", "N", 10.0, 400.0),
        ),
    ),
    Wish("identify", "blink and beep for three seconds, to find this mat; not during a session"),
)
WISHES: Mapping[str, Wish] = MappingProxyType(dict(SESSION) | {wish.name: wish for wish in (*OWN, *COACH)})
