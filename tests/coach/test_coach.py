"""The coach around the pipeline: who may begin, what is remembered, and what people can tell it."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from qlmat.coach import Coach
from qlmat.core.calibration import nominal_calibration
from qlmat.core.course import Choices, Kept, Marked, Past, Practised, Reading
from qlmat.core.model import Board, Chip, Command, Event, Frame, Sensor, Side, Tick
from qlmat.core.pipeline import Pipeline
from qlmat.core.plan import Plan
from qlmat.core.screening import QUESTIONS, Answered
from qlmat.wishes import RefusedError

TODAY = 740_000
BOARD = Board(
    chips=(Chip(0x48),),
    sensors=(Sensor("left_1", "left", 0.0, 0.0, 0x48, 0), Sensor("right_1", "right", 0.0, 0.0, 0x48, 1)),
)
FRAME_S = 0.05
PLAN = Plan(settle_s=3.0, side_s=40.0)
SCREENED = Past(answers=tuple(Answered(TODAY, question.key, False) for question in QUESTIONS))


class Notebook:
    """A `Memory` in a list."""

    def __init__(self, past: Past | None = None) -> None:
        self.fresh = past
        self.kept: list[Kept] = []
        self.notes: list[str] = []
        self.person = "first"
        self.plans: list[Plan] = []

    def news(self) -> Past | None:
        fresh, self.fresh = self.fresh, None
        return fresh

    def ask(self) -> None:
        pass

    def keep(self, news: Iterable[Kept]) -> None:
        self.kept += news

    def note(self, text: str, side: Side | None) -> None:
        self.notes.append(text)

    def use(self, person: str) -> None:
        self.person = person

    def knows(self, person: str) -> bool:
        return person in ("first", "guest")

    def practise(self, plan: Plan, choices: Choices) -> None:
        self.plans.append(plan)


class Mat:
    """A coached mat of one foot a pad; time goes on from call to call."""

    def __init__(self, past: Past | None = SCREENED, plan: Plan = PLAN) -> None:
        self.notebook = Notebook(past)
        self.day = TODAY
        self.coach = Coach(
            Pipeline(BOARD, nominal_calibration(BOARD), plan), plan, self.notebook, lambda: self.day, screened=True
        )
        self.frames = 0
        self.names: list[str] = []
        self.events: list[Event] = []

    def lie(self, seconds: float, left_n: float = 0.0, *commands: Command) -> Tick:
        """Press for a while; the commands come with the first scan."""
        for k in range(round(seconds / FRAME_S)):
            volts = left_n * 3.3 / (left_n * 1.5 + 16.96)  # 1 kOhm under R = 16.96 kOhm N / F + 0.5 kOhm
            frame = Frame(self.frames * FRAME_S, np.array([volts, 0.0, 3.3]))
            tick = self.coach.push(frame, commands if k == 0 else ())
            self.names += [event.name for event in tick.events]
            self.events += tick.events
            self.frames += 1
        return tick


def test_without_answers_no_session_begins_and_with_them_it_does() -> None:
    mat = Mat(Past())
    assert mat.lie(5.0, 90.0).practice.state == "waiting"
    assert "session_refused" in mat.names
    mat.lie(2.0)
    mat.coach.wishes["screening"]({"yes": []})
    assert mat.lie(5.0, 90.0).practice.state == "settling"
    assert [each for each in mat.notebook.kept if isinstance(each, Answered)] == list(SCREENED.answers)


def test_a_yes_bars_the_session_and_ends_one_that_runs() -> None:
    mat = Mat()
    assert mat.lie(5.0, 90.0).practice.state == "settling"
    mat.coach.wishes["screening"]({"yes": ["leg"]})
    mat.lie(0.2, 90.0)
    assert "session_stopped" in mat.names
    mat.lie(40.0)
    assert mat.lie(5.0, 90.0).practice.state == "waiting"


def test_no_event_tells_an_answer() -> None:
    mat = Mat(Past())
    mat.coach.wishes["screening"]({"yes": ["saddle"]})
    said = str(list(mat.lie(5.0, 90.0).events)) + str(mat.names)
    assert "saddle" not in said
    assert "urgent" not in said


def test_the_line_of_the_day_waits_for_the_ten_questions() -> None:
    mat = Mat(Past())
    with pytest.raises(RefusedError, match="all questions"):
        mat.coach.wishes["today"]({"new": False})


def test_a_new_day_asks_again() -> None:
    mat = Mat()
    mat.lie(1.0)
    mat.day = TODAY + 1
    mat.lie(2.0)
    assert mat.coach.plan().barred is not None
    mat.coach.wishes["today"]({"new": False})
    mat.lie(0.1)
    assert mat.coach.plan().barred is None


def test_a_clinician_frees_a_question_by_name() -> None:
    mat = Mat(Past())
    mat.coach.wishes["screening"]({"yes": ["blood"]})
    with pytest.raises(RefusedError):
        mat.coach.wishes["unlock"]({"question": "leg", "clinician": "A. Smith"})
    mat.coach.wishes["unlock"]({"question": "blood", "clinician": "A. Smith"})
    mat.lie(0.1)
    assert mat.coach.plan().barred is None


def test_the_third_session_of_a_day_is_refused_and_the_second_needs_the_button() -> None:
    mat = Mat()
    once = Practised(TODAY, 90.0, 90.0)
    mat.notebook.fresh = Past(answers=SCREENED.answers, sessions=(once,))
    mat.lie(2.0)
    assert mat.lie(5.0, 90.0).practice.state == "waiting"
    assert mat.lie(1.0, 90.0, Command("press")).practice.state == "placing"
    assert "second_today" in mat.names
    mat.lie(1.0, 90.0, Command("stop"))
    mat.notebook.fresh = Past(answers=SCREENED.answers, sessions=(once, once))
    mat.lie(40.0)
    mat.lie(1.0, 0.0, Command("start"))
    assert mat.lie(5.0, 90.0).practice.state == "waiting"


def test_the_position_changes_cap_and_guess_and_is_kept() -> None:
    mat = Mat()
    mat.coach.wishes["position"]({"position": "chair"})
    mat.lie(0.1)
    assert mat.coach.plan().at_once_n < 300.0
    assert mat.coach.plan().comfortable_n == pytest.approx(55.0)
    assert mat.notebook.kept == [Choices(position="chair")]
    assert mat.coach.chosen()["position"] == "chair"


def test_sides_are_as_one_says_and_what_is_left_out_stays() -> None:
    mat = Mat()
    mat.coach.wishes["sides"]({"only_side": "right", "extra_right_s": 20.0, "text": "as my clinician says"})
    mat.coach.wishes["sides"]({"extra_right_s": 10.0})
    mat.lie(0.1)
    assert (mat.coach.plan().first_side, mat.coach.plan().both_sides) == ("right", False)
    assert mat.coach.past.choices.extra_s == (0.0, 10.0)
    mat.coach.wishes["sides"]({"only_side": "both"})
    mat.lie(0.1)
    assert mat.coach.plan().both_sides


def test_nothing_is_chosen_while_a_session_runs() -> None:
    mat = Mat()
    mat.lie(5.0, 90.0)
    with pytest.raises(RefusedError, match="running"):
        mat.coach.wishes["position"]({"position": "wall"})
    with pytest.raises(RefusedError, match="running"):
        mat.coach.wishes["person"]({"person": "guest"})


def test_a_found_comfortable_force_is_kept_and_makes_the_zone() -> None:
    mat = Mat()
    mat.lie(2.0, 0.0, Command("comfort", "left"))
    for force_n in (60.0, 64.0, 68.0):
        mat.lie(2.0)
        for part in (0.25, 0.5, 0.75, 1.0):
            mat.lie(1.0, part * force_n)
        mat.lie(FRAME_S, force_n, Command("press"))
    mat.lie(2.0)
    readings = [each for each in mat.notebook.kept if isinstance(each, Reading)]
    assert [round(each.force_n) for each in readings] == [pytest.approx(64, abs=2)]
    assert mat.coach.plan().of("left").comfortable_n == readings[0].force_n
    assert mat.coach.plan().of("right").comfortable_n == PLAN.comfortable_n


def test_somebody_else_begins_with_nothing_remembered() -> None:
    mat = Mat()
    mat.coach.wishes["person"]({"person": "guest"})
    mat.lie(0.1)
    assert mat.notebook.person == "guest"
    assert mat.coach.past == Past(person="guest")
    assert mat.coach.plan().barred is not None


def test_nobody_becomes_a_guest_by_a_slip_of_the_finger() -> None:
    mat = Mat()
    with pytest.raises(RefusedError, match="nobody of that id or name"):
        mat.coach.wishes["person"]({"person": "frist"})
    mat.lie(0.1)
    assert mat.coach.past == SCREENED


def test_a_session_worked_counts_for_the_day_and_two_presses_do_not_end_it() -> None:
    mat = Mat(plan=Plan(settle_s=3.0, side_s=90.0, comfortable_n=80.0))
    mat.lie(8.0, 80.0)
    mat.lie(0.3, 80.0, Command("press"))
    mat.lie(0.3, 80.0, Command("press"))
    assert ("went_on" in mat.names, mat.coach.past.sessions) == (True, ())
    mat.lie(0.3, 80.0, Command("stop"))
    assert [(each.day, each.counts) for each in mat.coach.past.sessions] == [(TODAY, False)]


def test_other_settings_from_outside_do_not_open_what_is_barred() -> None:
    mat = Mat(Past())
    mat.coach.follow(Plan(comfortable_n=70.0))
    mat.lie(0.1)
    assert mat.coach.plan().comfortable_n == 70.0
    assert mat.coach.plan().barred is not None


def test_a_demonstration_asks_nothing() -> None:
    notebook = Notebook(Past(sessions=(Practised(TODAY, 90.0, 90.0),) * 5))
    pipeline = Pipeline(BOARD, nominal_calibration(BOARD), PLAN)
    coach = Coach(pipeline, PLAN, notebook, lambda: TODAY, screened=False, limited=False)
    assert (coach.plan().barred, coach.plan().on_purpose) == (None, False)
    assert coach.course()["more_today"]


def test_while_a_side_is_worked_the_plan_told_is_that_sides() -> None:
    readings = (Reading(TODAY, "left", "floor", "medium", 80.0, 80.0, 80.0, 3),)
    mat = Mat(Past(answers=SCREENED.answers, readings=readings))
    assert mat.coach.plan().comfortable_n == 100.0
    mat.lie(8.0, 75.0)
    assert mat.coach.plan().comfortable_n == 80.0


def test_the_beginning_says_where_one_practises_and_what_to_mind_there() -> None:
    mat = Mat(replace(SCREENED, choices=Choices(position="wall")))
    mat.lie(1.0)
    mat.lie(2.0, 60.0)
    began = next(event for event in mat.events if event.name == "session_started")
    assert began.detail["position"] == "wall"
    assert "rail" in str(began.detail["care"])


def test_what_is_asked_of_either_side_is_told_with_the_spot_of_an_earlier_day() -> None:
    reading = Reading(TODAY - 1, "left", "floor", "medium", 80.0, 74.0, 88.0, 3)
    mark = Marked(TODAY - 1, "right", "floor", 4.0, -7.0)
    mat = Mat(replace(SCREENED, readings=(reading,), marks=(mark,), choices=Choices(extra_s=(10.0, 0.0))))
    mat.lie(0.1)
    aims = mat.coach.aims()
    assert aims["left"] == {"comfortable_n": 80.0, "low_n": 74.0, "high_n": 88.0, "side_s": 50.0, "spot_mm": None}
    assert (aims["right"]["low_n"], aims["right"]["spot_mm"]) == (None, [4.0, -7.0])


def test_what_bars_a_session_stands_in_the_state_and_is_gone_while_one_runs() -> None:
    mat = Mat(Past())
    assert "questions" in str(mat.lie(0.1).practice.barred)
    assert mat.coach.course()["due"] == "all"
    mat.coach.wishes["screening"]({"yes": ["blood"]})
    assert "answer" in str(mat.lie(0.1).practice.barred)
    mat.coach.wishes["screening"]({"yes": []})
    mat.lie(0.1)  # the plan counts from the next scan on
    assert (mat.lie(0.1).practice.barred, mat.coach.course()["due"]) == (None, "nothing")
    assert mat.lie(2.0, 60.0).practice.state == "placing"


def test_the_last_session_of_the_course_says_what_is_next_once() -> None:
    days = tuple(Practised(TODAY - 14 + day, 40.0, 0.0) for day in range(1, 14))
    mat = Mat(replace(SCREENED, sessions=days), replace(PLAN, both_sides=False, hold_s=90.0))
    mat.lie(1.0)
    mat.lie(7.0, 90.0)
    mat.lie(45.0, 90.0, Command("mark"))
    assert mat.names.count("course_done") == 1
    assert (mat.coach.course()["day"], mat.coach.course()["next"]) == (14, "strengthening")
