"""The questions before a practice: what is asked when, which answer stops it, and what to do then.

A reducer over days (ordinals, `date.toordinal()`): answers and unlocks so far and today's day give the standing. Only
the day and yes or no are kept, on this machine. Needs nothing else of the core, so that a page can ask the questions.
Content: domain facts F.2; the words are ours.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

EVERY_DAYS = 14  # all questions again after so many days, or after such a gap: domain facts F.2
DAILY = "today"  # the one line of every day, kept as a question like the others
Urgency = Literal["ask", "urgent"]


@dataclass(frozen=True, slots=True)
class Question:
    """One plain question. `unlockable`: a clinician may allow practice in spite of a yes."""

    key: str
    text: str
    urgency: Urgency = "ask"
    unlockable: bool = False


QUESTIONS: tuple[Question, ...] = (
    Question("sudden", "Did your back start to hurt suddenly in the last days, or after a fall, a crash or a lift?"),
    Question("leg", "Does pain, tingling or numbness run down one of your legs?"),
    Question("weak", "Has a leg or a foot become weak?"),
    Question(
        "saddle",
        "Is it numb between your legs, or is there something new with your bladder or your bowels?",
        urgency="urgent",
    ),
    Question("unwell", "Do you have a fever, feel ill, or have you lost weight without trying?"),
    Question(
        "bones",
        "Have you ever had cancer, thin bones, or a broken bone or an operation at the back or the ribs?",
        unlockable=True,
    ),
    Question("blood", "Do you take blood thinners or steroid tablets, or do you bruise easily?", unlockable=True),
    Question("kidney", "Do you have a kidney problem, or are you pregnant?", unlockable=True),
    Question("skin", "Is the skin there broken, numb or sore, or do you know of a blood clot?"),
    Question("unsure", "Are you unsure about any of these?"),
)
BY_KEY: Mapping[str, Question] = MappingProxyType({question.key: question for question in QUESTIONS})
DAILY_TEXT = "Anything new since last time: pain down a leg, numbness, a fever, a fall?"
INTRODUCTION = "Before you start. If one of these is true today, leave the mat for now."
ADVICE: Mapping[Urgency, str] = MappingProxyType(
    {
        "ask": "Please do not use the mat today. Ask a doctor or a physiotherapist first.",
        "urgent": "Please do not use the mat. Get urgent medical care now: do not wait for it to pass.",
    }
)


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: the day, which question, yes or no."""

    day: int
    question: str
    yes: bool


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A clinician, by name, allows practice from `day` on in spite of a yes to one question."""

    day: int
    question: str
    clinician: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands today: what is still to be asked, which answers stop them, and how urgent that is."""

    due: Literal["all", "daily", "nothing"]
    stopped_by: tuple[str, ...] = ()
    urgency: Urgency | None = None

    @property
    def open(self) -> bool:
        """Tell whether a session may begin."""
        return self.due == "nothing" and not self.stopped_by

    @property
    def advice(self) -> str | None:
        """Say what to do, None when nothing stops the person."""
        return None if self.urgency is None else ADVICE[self.urgency]


def standing(answers: Iterable[Answered], unlocks: Iterable[Unlocked], today: int) -> Standing:
    """Judge all answers so far. A yes counts until all questions have been asked again, or it is unlocked.

    Answers that lie in the future (a clock was set back) are asked anew.

    >>> from dataclasses import replace
    >>> no = [Answered(100, question.key, False) for question in QUESTIONS]
    >>> standing([], [], 100).due, standing(no, [], 100).open, standing(no, [], 101).due, standing(no, [], 114).due
    ('all', True, 'daily', 'all')
    >>> yes = [replace(each, yes=each.question == "blood") for each in no]
    >>> standing(yes, [], 100).stopped_by, standing(yes, [Unlocked(100, "blood", "A. Smith")], 100).open
    (('blood',), True)
    """
    known = [each for each in answers if each.day <= today]
    begun = _last_full(known)
    if begun is None or today - begun >= EVERY_DAYS:
        return Standing("all")
    full = {each.question: each.yes for each in known if each.day >= begun and each.question in BY_KEY}
    freed = {
        each.question for each in unlocks if each.day <= today and why_no_unlock(each.question, each.clinician) is None
    }
    stopped = tuple(key for key, yes in full.items() if yes and key not in freed)
    last = [each for each in known if each.day >= begun and each.question == DAILY]
    if last and last[-1].day == today and last[-1].yes:
        stopped += (DAILY,)
    if stopped:
        return Standing("nothing", stopped, _urgency(stopped))
    if last and last[-1].yes:  # something new on a day before: ask about everything
        return Standing("all")
    return Standing("nothing" if max(each.day for each in known) == today else "daily")


def _last_full(known: list[Answered]) -> int | None:
    """Find the last day on which every question was answered."""
    by_day: dict[int, set[str]] = {}
    for each in known:
        by_day.setdefault(each.day, set()).add(each.question)
    return max((day for day, keys in by_day.items() if keys >= BY_KEY.keys()), default=None)


def _urgency(stopped: tuple[str, ...]) -> Urgency:
    return "urgent" if any(key in BY_KEY and BY_KEY[key].urgency == "urgent" for key in stopped) else "ask"


def why_no_unlock(question: str, clinician: str) -> str | None:
    """Give the reason why a clinician cannot unlock this, None if they can."""
    if question not in BY_KEY:
        return f"no such question: {', '.join(BY_KEY)}"
    if not BY_KEY[question].unlockable:
        allowed = ", ".join(each.key for each in QUESTIONS if each.unlockable)
        return f"{question!r} cannot be unlocked: only {allowed}"
    return None if clinician.strip() else "the clinician's name is missing"
