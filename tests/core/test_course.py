"""Two weeks, day by day: what is remembered and what it makes of today's plan."""

from dataclasses import replace

import pytest

from qlmat.core.course import (
    BARS,
    Choices,
    Marked,
    Past,
    Practised,
    Reading,
    change_ratio,
    course_day,
    plan_of_today,
    remember,
    verdict,
)
from qlmat.core.plan import Plan
from qlmat.core.positions import POSITIONS, STANCES, Position
from qlmat.core.screening import QUESTIONS, Answered
from qlmat.core.sides import Side

TODAY = 740_000
SCREENED = Past(answers=tuple(Answered(TODAY, question.key, False) for question in QUESTIONS))


def reading(side: Side, force_n: float, position: Position = "floor", ball: str = "medium") -> Reading:
    return Reading(TODAY - 1, side, position, ball, force_n, force_n - 5, force_n + 5, 3)


def test_the_first_session_of_a_day_is_free_the_second_on_purpose_the_third_refused() -> None:
    past = SCREENED
    assert (plan_of_today(Plan(), past, TODAY).barred, plan_of_today(Plan(), past, TODAY).on_purpose) == (None, False)
    past = remember(past, [Practised(TODAY, 90.0, 90.0)])
    assert (plan_of_today(Plan(), past, TODAY).barred, plan_of_today(Plan(), past, TODAY).on_purpose) == (None, True)
    past = remember(past, [Practised(TODAY, 60.0)])
    assert plan_of_today(Plan(), past, TODAY).barred == BARS["third"]


def test_a_session_broken_off_at_once_does_not_use_up_the_day() -> None:
    assert verdict([Practised(TODAY, 10.0, 0.0)] * 3, TODAY) == "first"


def test_yesterdays_sessions_do_not_count_today() -> None:
    assert verdict([Practised(TODAY - 1, 90.0)] * 2, TODAY) == "first"


def test_without_answers_nobody_begins_but_a_demonstration_does() -> None:
    assert plan_of_today(Plan(), Past(), TODAY).barred == BARS["questions"]
    assert plan_of_today(Plan(), Past(), TODAY, screened=False).barred is None


def test_an_answer_once_given_counts_also_where_the_questions_are_not_asked() -> None:
    ill = Past(answers=(*[Answered(TODAY, question.key, question.key == "unwell") for question in QUESTIONS],))
    assert plan_of_today(Plan(), ill, TODAY, screened=False).barred == BARS["answer"]


def test_missed_days_are_told_but_do_not_count() -> None:
    found = course_day([TODAY - 5, TODAY - 4, TODAY - 2], TODAY)
    assert (found.number, found.missed, found.over) == (4, (TODAY - 3, TODAY - 1), False)


def test_after_fourteen_days_of_practice_the_course_is_over() -> None:
    days = range(TODAY - 13, TODAY + 1)
    assert (course_day(days, TODAY).number, course_day(days, TODAY).over) == (14, True)
    assert course_day(days, TODAY + 1).over


def test_after_a_gap_of_a_fortnight_a_new_course_begins() -> None:
    assert course_day([TODAY - 40, TODAY - 39, TODAY - 1], TODAY).number == 2
    assert course_day([TODAY - 40, TODAY - 39], TODAY).number == 1


def test_each_side_position_and_ball_has_its_own_comfortable_force() -> None:
    past = replace(SCREENED, readings=(reading("left", 80.0), reading("right", 120.0), reading("left", 50.0, "wall")))
    plan = plan_of_today(Plan(), past, TODAY)
    assert (plan.of("left").comfortable_n, plan.of("right").comfortable_n) == (80.0, 120.0)
    wall = plan_of_today(Plan(), replace(past, choices=Choices(position="wall")), TODAY)
    assert wall.of("left").comfortable_n == 50.0
    assert wall.of("right").comfortable_n == pytest.approx(120.0 * STANCES["wall"].force_ratio)
    hard = plan_of_today(Plan(), replace(past, choices=Choices(ball="hard")), TODAY)
    assert hard.of("left").comfortable_n == 100.0


@pytest.mark.parametrize("position", POSITIONS)
def test_in_every_position_too_hard_comes_before_the_cap(position: Position) -> None:
    past = replace(SCREENED, choices=Choices(position=position), readings=(reading("left", 290.0, position),))
    plan = plan_of_today(Plan(body_weight_n=700.0), past, TODAY)
    assert plan.at_once_n == pytest.approx(min(700.0 * STANCES[position].cap_ratio, plan.cap_n))
    assert plan.of("left").too_hard_n <= plan.at_once_n + 1e-9


def test_a_wall_and_a_chair_have_lower_caps() -> None:
    caps = {
        p: plan_of_today(Plan(), replace(SCREENED, choices=Choices(position=p)), TODAY).at_once_n for p in POSITIONS
    }
    assert caps["floor"] == 300.0
    assert caps["chair"] < caps["wall"] < caps["floor"]


def test_only_one_side_and_extra_seconds_are_obeyed_up_to_two_minutes() -> None:
    choices = Choices(only="right", extra_s=(0.0, 20.0))
    plan = plan_of_today(Plan(), replace(SCREENED, choices=choices), TODAY)
    assert (plan.first_side, plan.both_sides) == ("right", False)
    assert (plan.of("left").side_s, plan.of("right").side_s) == (90.0, 110.0)
    longest = plan_of_today(Plan(), replace(SCREENED, choices=Choices(extra_s=(300.0, 0.0))), TODAY)
    assert longest.of("left").side_s == 120.0


def test_nobody_chooses_a_side_for_the_person() -> None:
    past = replace(SCREENED, readings=(reading("left", 150.0), reading("right", 60.0)))
    plan = plan_of_today(Plan(), past, TODAY)
    assert (plan.first_side, plan.both_sides) == (None, True)


def test_the_last_spot_of_an_earlier_day_in_this_position_is_led_back_to() -> None:
    marks = (
        Marked(TODAY - 2, "left", "floor", 1.0, 2.0),
        Marked(TODAY - 1, "left", "floor", 3.0, 4.0),
        Marked(TODAY - 1, "left", "wall", 5.0, 6.0),
        Marked(TODAY, "left", "floor", 7.0, 8.0),
    )
    plan = plan_of_today(Plan(), replace(SCREENED, marks=marks), TODAY)
    assert plan.of("left").spot_mm == (3.0, 4.0)
    assert plan.of("right").spot_mm is None


def test_no_change_is_told_below_thirty_percent_or_before_three_readings() -> None:
    assert change_ratio([80.0, 120.0]) is None
    assert change_ratio([80.0, 80.0, 80.0, 103.0, 103.0, 103.0]) is None
    assert change_ratio([80.0, 80.0, 80.0, 108.0, 108.0, 108.0]) == pytest.approx(0.35)
    assert change_ratio([80.0, 80.0, 80.0, 50.0, 50.0, 50.0]) == pytest.approx(-0.375)


def test_one_odd_reading_is_no_change() -> None:
    assert change_ratio([80.0, 82.0, 81.0, 80.0, 200.0]) is None
