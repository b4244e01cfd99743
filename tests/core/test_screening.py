"""Who may begin, and what they are told when they may not."""

import pytest

from qlmat.core.screening import (
    ADVICE,
    DAILY,
    EVERY_DAYS,
    QUESTIONS,
    Answered,
    Unlocked,
    standing,
    why_no_unlock,
)


def full(day: int, *yes: str) -> list[Answered]:
    """All ten answered on one day."""
    return [Answered(day, question.key, question.key in yes) for question in QUESTIONS]


def test_there_are_ten_questions_and_only_one_is_urgent() -> None:
    assert len(QUESTIONS) == 10
    assert [question.key for question in QUESTIONS if question.urgency == "urgent"] == ["saddle"]


def test_nobody_begins_before_all_questions_are_answered() -> None:
    assert standing([], [], 50).due == "all"
    assert standing(full(50)[:-1], [], 50).due == "all"
    assert standing(full(50), [], 50).open


def test_each_further_day_has_its_one_line() -> None:
    answers = full(50)
    assert standing(answers, [], 51).due == "daily"
    answers.append(Answered(51, DAILY, False))
    assert standing(answers, [], 51).open
    assert standing(answers, [], 52).due == "daily"


def test_all_questions_come_back_after_a_fortnight_even_with_a_line_each_day() -> None:
    answers = full(50) + [Answered(day, DAILY, False) for day in range(51, 50 + EVERY_DAYS + 1)]
    assert standing(answers, [], 50 + EVERY_DAYS - 1).open
    assert standing(answers, [], 50 + EVERY_DAYS).due == "all"


@pytest.mark.parametrize("key", [question.key for question in QUESTIONS])
def test_each_yes_stops_and_says_what_to_do(key: str) -> None:
    found = standing(full(50, key), [], 50)
    assert not found.open
    assert found.stopped_by == (key,)
    assert found.advice == ADVICE["urgent" if key == "saddle" else "ask"]


def test_one_urgent_yes_among_others_makes_the_advice_urgent() -> None:
    assert standing(full(50, "skin", "saddle"), [], 50).advice == ADVICE["urgent"]


def test_a_yes_lasts_on_the_days_that_follow() -> None:
    assert not standing([*full(50, "blood"), Answered(51, DAILY, False)], [], 51).open


def test_answering_anew_on_another_day_replaces_the_old_answers() -> None:
    assert standing(full(50, "unwell") + full(53), [], 53).open


def test_something_new_stops_today_and_asks_everything_tomorrow() -> None:
    answers = [*full(50), Answered(51, DAILY, True)]
    assert not standing(answers, [], 51).open
    assert standing(answers, [], 51).advice == ADVICE["ask"]
    assert standing(answers, [], 52).due == "all"


@pytest.mark.parametrize("key", ["bones", "blood", "kidney"])
def test_a_clinician_frees_the_three_that_may_be(key: str) -> None:
    assert standing(full(50, key), [Unlocked(49, key, "A. Smith")], 50).open


@pytest.mark.parametrize("key", ["sudden", "leg", "weak", "saddle", "unwell", "skin", "unsure"])
def test_nobody_frees_the_others(key: str) -> None:
    assert not standing(full(50, key), [Unlocked(50, key, "A. Smith")], 50).open
    assert why_no_unlock(key, "A. Smith") is not None


def test_an_unlock_frees_one_question_from_its_day_on_and_needs_a_name() -> None:
    assert not standing(full(50, "blood", "bones"), [Unlocked(50, "blood", "A. Smith")], 50).open
    assert not standing(full(50, "blood"), [Unlocked(51, "blood", "A. Smith")], 50).open
    assert why_no_unlock("blood", "  ") is not None
    assert why_no_unlock("nonsense", "A. Smith") is not None


def test_answers_from_the_future_are_asked_anew() -> None:
    """A Pi has no clock chip: a day may come twice."""
    assert standing(full(90), [], 50).due == "all"
