"""What the coach of a story remembers: of several people, nothing of a guest; and how a story says it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from qlmat.core.course import Choices, Kept, Marked, Past, Practised, Reading, remember
from qlmat.core.model import Side
from qlmat.core.plan import Plan
from qlmat.core.screening import QUESTIONS, Answered

TODAY = 740_000


@dataclass(slots=True)
class Book:
    """A `qlmat.remembering.Memory` in dictionaries."""

    people: dict[str, Past] = field(default_factory=dict)
    person: str = "first"
    fresh: Past | None = None
    kept: list[Kept] = field(default_factory=list)

    def news(self) -> Past | None:
        """Give what is new since the last call."""
        fresh, self.fresh = self.fresh, None
        return fresh

    def ask(self) -> None:
        """No other program writes here."""

    def keep(self, news: Iterable[Kept]) -> None:
        """Keep these, but nothing of a guest."""
        if self.person != "guest":
            self.kept += news
            self.people[self.person] = remember(self.people[self.person], self.kept)

    def note(self, text: str, side: Side | None) -> None:
        """No story writes notes."""

    def use(self, person: str) -> None:
        """Take up somebody else."""
        self.person = person
        self.fresh = self.people.get(person)

    def knows(self, person: str) -> bool:
        """Guests and those of the story."""
        return person == "guest" or person in self.people

    def practise(self, plan: Plan, choices: Choices) -> None:
        """No story looks at it."""


def past_of(knows: dict[str, Any]) -> Past:
    """Read what a story says of one person."""
    yes = knows.get("yes", [])
    answers = () if knows.get("unasked") else tuple(Answered(TODAY, q.key, q.key in yes) for q in QUESTIONS)
    days = [TODAY - 1 - day for day in reversed(range(knows.get("days", 0)))] + [TODAY] * knows.get("today", 0)
    position = knows.get("position", "floor")
    return Past(
        sessions=tuple(Practised(day, 90.0, 90.0, position) for day in days),
        readings=tuple(
            Reading(TODAY - 1, side, position, "medium", force_n, force_n, force_n, 3)
            for side, force_n in knows.get("firm", {}).items()
        ),
        marks=tuple(Marked(TODAY - 1, side, position, x, y) for side, (x, y) in knows.get("spots", {}).items()),
        answers=answers,
        choices=Choices(position=position, only=knows.get("only"), start=knows.get("start")),
    )
