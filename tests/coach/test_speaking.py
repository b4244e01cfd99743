"""By touch, by sound, quietly, or at night."""

from datetime import time
from typing import Literal

import pytest

from qlmat.speaking import Voice

NOON, MIDNIGHT = time(12, 0), time(0, 30)


@pytest.mark.parametrize(
    ("way", "given"), [("both", (True, True)), ("motor", (True, False)), ("buzzer", (False, True))]
)
def test_a_cue_is_given_the_way_it_was_chosen(
    way: Literal["both", "motor", "buzzer"], given: tuple[bool, bool]
) -> None:
    assert Voice(way).by("too_hard", NOON) == given


def test_quiet_leaves_out_praise_but_nothing_that_guards() -> None:
    voice = Voice(quiet=True)
    assert voice.by("on_the_spot", NOON) == voice.by("keep_going", NOON) == voice.by("pace", NOON) == (False, False)
    assert all(voice.by(cue, NOON) == (True, True) for cue in ("stopped", "ease_off", "too_hard", "ball_lost", "done"))


def test_at_night_there_is_no_sound_but_still_a_cue() -> None:
    assert Voice("buzzer", night="22:00-07:00").by("too_hard", MIDNIGHT) == (True, False)
    assert Voice("buzzer", night="22:00-07:00").by("too_hard", NOON) == (False, True)


@pytest.mark.parametrize(("at", "dark"), [((21, 59), False), ((22, 0), True), ((6, 59), True), ((7, 0), False)])
def test_the_night_goes_over_midnight_and_ends_on_the_minute(at: tuple[int, int], dark: bool) -> None:
    assert Voice(night="22:00-07:00").dark(time(*at)) is dark


def test_the_pace_is_never_felt() -> None:
    assert Voice().by("pace", NOON) == (False, True)


def test_the_examples_of_coach_and_cues_hold() -> None:
    import doctest

    import qlmat.cli.cues
    import qlmat.speaking

    assert doctest.testmod(qlmat.speaking).failed == doctest.testmod(qlmat.cli.cues).failed == 0
