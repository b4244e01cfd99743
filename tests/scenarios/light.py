"""A stage for stories about the coach: the person's feet as ideal volts, the coach, the pipeline; no bytes, no pins.

Twenty times cheaper than the stage of bytes, which the other stories are for. What the coach knows stands in the
story's `plan.coach`: `today`'s sessions, `days` practised before, who the person is, what they answered, and what is
told to it when.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from qlmat.coach import Coach
from qlmat.core.calibration import nominal_calibration
from qlmat.core.course import Choices, Kept, Marked, Past, Practised, Reading, remember
from qlmat.core.model import Command, Event, Frame, Side, Tick
from qlmat.core.pipeline import Pipeline
from qlmat.core.plan import Plan
from qlmat.core.screening import QUESTIONS, Answered
from qlmat.sim.scenario import Scenario
from qlmat_firmware.board import BOARD_V1

FRAME_S = 0.04
TODAY = 740_000
SCALE_OHM_N, FLOOR_OHM, DIVIDER_OHM, RAIL_V = 16_960.0, 500.0, 1000.0, 3.3  # the nominal curve, domain facts C.4-3a


@dataclass(slots=True)
class Book:
    """A memory of several people; nothing of a guest."""

    people: dict[str, Past]
    person: str = "first"
    fresh: Past | None = None
    kept: list[Kept] = field(default_factory=list)

    def news(self) -> Past | None:
        fresh, self.fresh = self.fresh, None
        return fresh

    def ask(self) -> None:
        pass

    def keep(self, news: Iterable[Kept]) -> None:
        if self.person != "guest":
            self.kept += news
            self.people[self.person] = remember(self.people[self.person], self.kept)

    def note(self, text: str, side: Side | None) -> None:
        pass

    def use(self, person: str) -> None:
        self.person = person
        self.fresh = self.people.get(person)

    def practise(self, plan: Plan, choices: Choices) -> None:
        pass


@dataclass(slots=True)
class Lived:
    """What came of a story."""

    events: list[Event]
    cues: list[tuple[float, str]]
    ticks: list[Tick]
    coach: Coach
    book: Book
    scenario: Scenario


def live(scenario: Scenario) -> Lived:
    """Live a whole story with a coach."""
    settings = dict(scenario.story.plan)
    knows: dict[str, Any] = settings.pop("coach", {})
    book = Book({"first": _past(knows), "second": _past(knows.get("second", {}))})
    book.fresh = book.people["first"]
    plan = Plan(**settings)
    coach = Coach(Pipeline(BOARD_V1, nominal_calibration(BOARD_V1), plan), plan, book, lambda: TODAY)
    lived = Lived([], [], [], coach, book, scenario)
    told = sorted(knows.get("told", []), key=lambda each: float(each["at_seconds"]))
    presses = [press.t_s for press in scenario.presses]
    last = None
    for frame in _frames(scenario, knows.get("dark", [])):
        while told and told[0]["at_seconds"] <= frame.t_s and told[0]["name"] in coach.wishes:
            wish = told.pop(0)
            coach.wishes[wish["name"]](wish["values"])
        commands = []
        while told and told[0]["at_seconds"] <= frame.t_s:
            said = told.pop(0)
            commands.append(Command(said["name"], said.get("side")))
        while presses and presses[0] <= frame.t_s:
            presses.pop(0)
            commands.append(Command("press"))
        tick = coach.push(frame, commands)
        lived.ticks.append(tick)
        lived.events += tick.events
        if tick.cue is not None and tick.cue != last:
            lived.cues.append((tick.t_s, tick.cue))
        last = tick.cue
    return lived


def _frames(scenario: Scenario, dark: list[float]) -> Iterable[Frame]:
    """Give frames of ideal volts, none between the two times of `dark`, when the current was cut."""
    t_s = np.arange(0.0, scenario.end_s, FRAME_S)
    if dark:
        t_s = t_s[(t_s < dark[0]) | (t_s >= dark[1])]
    newtons = scenario.load(BOARD_V1).newtons(t_s)
    volts = RAIL_V * DIVIDER_OHM * newtons / (newtons * (DIVIDER_OHM + FLOOR_OHM) + SCALE_OHM_N)
    rails = np.full((len(t_s), len(BOARD_V1.channels) - volts.shape[1]), RAIL_V)
    for at_s, row in zip(t_s.tolist(), np.hstack([volts, rails]), strict=True):
        yield Frame(at_s, row)


def _past(knows: dict[str, Any]) -> Past:
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
