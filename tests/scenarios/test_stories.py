"""Every story in this folder is lived through bytes, driver, loop and pins, and tells what it says it tells: no less,
no more, and when.

A story lists each event of its session with its time and tolerance, and each cue with what the motor does, in order.
"""

from itertools import pairwise
from pathlib import Path

import pytest

from qlmat.core.cues import APART_S
from qlmat.core.model import Event
from qlmat.sim.person import Person
from qlmat.sim.scenario import load_scenario
from qlmat.sim.steps import Expectation, HeardCue, Story
from tests.scenarios.stage import FRAME_S, Witness, play

STORIES = sorted(Path(__file__).parent.glob("*.toml"))


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_a_story_is_lived_as_it_is_told(path: Path) -> None:
    """One test a story, because living it takes longer than judging it."""
    scenario = load_scenario(path)
    witness = play(scenario)
    the_events_are_those_of_the_story(witness, scenario.story)
    the_cues_are_those_of_the_story(witness, scenario.story.cue)
    the_motor_played_their_rhythm_and_nothing_else(witness, scenario.story.cue)
    the_side_timer_ran_only_while_the_person_lay_on_the_ball(witness, scenario.person)
    assert len(witness.ticks) == pytest.approx(scenario.end_s / FRAME_S, rel=0.01)


def test_the_stories_of_the_issue_are_there() -> None:
    wanted = {"two_sides_done_well", "too_hard", "too_fast", "ball_lost_and_found", "switch_to_the_other_pad"}
    assert wanted | {"rest_and_breathe", "stop_button"} <= {path.stem for path in STORIES}


def the_events_are_those_of_the_story(witness: Witness, story: Story) -> None:
    """Each expected event comes, in time, once; events that are close together may come in either order."""
    left = list(witness.events)
    missing = []
    for each in story.expect:
        found = next((event for event in left if agrees(event, each)), None)
        if found is None:
            missing.append(each)
        else:
            left.remove(found)
    assert (missing, left) == ([], [])
    assert [event for event in witness.events if event.name in story.never] == []


def agrees(event: Event, expected: Expectation) -> bool:
    in_time = abs(event.t_s - expected.at_seconds) <= expected.within_seconds
    return in_time and event.name == expected.event and expected.side in (None, event.side)


def the_cues_are_those_of_the_story(witness: Witness, expected: list[HeardCue]) -> None:
    assert [cue for _, cue in witness.cues] == [each.cue for each in expected], witness.cues
    late = [
        (begun_s, each)
        for (begun_s, _), each in zip(witness.cues, expected, strict=True)
        if abs(begun_s - each.at_seconds) > each.within_seconds
    ]
    assert late == []


def the_motor_played_their_rhythm_and_nothing_else(witness: Witness, expected: list[HeardCue]) -> None:
    """Judged by when the pin went up and down; a scan of 20 ms is as exact as the loop can be."""
    edges_s = list(witness.motor_s)
    ends_s = [begun_s for begun_s, _ in witness.cues[1:]] + [float("inf")]
    for (begun_s, _), end_s, each in zip(witness.cues, ends_s, expected, strict=True):
        count = sum(at_s < end_s for at_s in edges_s)
        count += count % 2  # a pulse that is cut ends where the next cue begins
        played_s, edges_s = edges_s[:count], edges_s[count:]
        assert 0.0 <= played_s[0] - begun_s <= APART_S + FRAME_S, each
        steps_ms = [1000 * (after - before) for before, after in pairwise(played_s)]
        if each.cut_short:
            assert sum(steps_ms) < sum(each.motor_ms) - 1000 * FRAME_S, each
            steps_ms = steps_ms[:-1]
        assert steps_ms == pytest.approx(each.motor_ms[: len(steps_ms)], abs=1000 * FRAME_S + 5), each
        assert each.cut_short or len(steps_ms) == len(each.motor_ms), each
    assert edges_s == []


def the_side_timer_ran_only_while_the_person_lay_on_the_ball(witness: Witness, person: Person) -> None:
    """Judged by what the virtual person really does; a mean over 0.1 s and three scans may pass before it is seen."""
    working = [(tick.t_s, tick.practice) for tick in witness.ticks if tick.practice.state == "working"]
    for (_, before), (t_s, now) in pairwise(working):
        if now.side is not None and now.side == before.side and now.worked_s > before.worked_s:
            assert person.truth(t_s - 0.1 - 3 * FRAME_S).force_n[now.side] > 15.0, t_s
