"""Every story in this folder is lived through bytes, driver, loop and pins, and tells what it says it tells: no less,
no more, and when.

A story lists each event of its session with its time and tolerance, and each cue with what the motor does, in order.
Those in `coached` have a coach who remembers; they leave out what the ball does by itself, which others are about.
"""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from qlmat.coach import Coach
from qlmat.core.cues import APART_S
from qlmat.core.model import Event
from qlmat.core.plan import Plan
from qlmat.sim.person import Person
from qlmat.sim.scenario import load_scenario, story
from qlmat.sim.steps import Expectation, HeardCue, Story
from tests.scenarios.stage import FRAME_S, Witness, play

FOLDER = Path(__file__).parent
STORIES = sorted(FOLDER.rglob("*.toml"))
UNTOLD = {"ball_placed", "ball_lifted", "ball_slid", "ball_moved"}
CORRECTIONS = {"ball_lost", "too_hard", "too_fast", "keep_going"}


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_a_story_is_lived_as_it_is_told(path: Path) -> None:
    """One test a story, because living it takes longer than judging it."""
    scenario = load_scenario(path)
    witness = play(scenario, coached=path.parent.name == "coached")
    the_events_are_those_of_the_story(witness, scenario.story)
    the_cues_are_those_of_the_story(witness, scenario.story.cue)
    the_motor_played_their_rhythm_and_nothing_else(witness, scenario.story.cue)
    the_side_timer_ran_only_while_the_person_lay_on_the_ball(witness, scenario.person)
    the_cap_was_never_passed_in_silence(witness)
    the_corrections_were_eight_a_minute_at_most(witness)
    if witness.coach is None:
        assert len(witness.ticks) == pytest.approx(scenario.end_s / FRAME_S, rel=0.01)
    if path.stem in SAYS:
        SAYS[path.stem](witness)


def test_there_are_at_least_25_stories() -> None:
    assert len(STORIES) >= 25


def test_the_stories_of_the_issue_are_there() -> None:
    wanted = {"two_sides_done_well", "too_hard", "too_fast", "ball_lost_and_found", "switch_to_the_other_pad"}
    assert wanted | {"rest_and_breathe", "stop_button"} <= {path.stem for path in STORIES}


def test_the_demo_shows_each_mistake_once_and_both_sides_to_their_end() -> None:
    told = [event.name for event in play(story("demo")).events]
    shown = ["too_hard", "too_fast", "ball_lost", "ball_found", "switch_sides", "ball_moved", "session_done"]
    assert [name for name in told if name in shown] == shown


def the_events_are_those_of_the_story(witness: Witness, story: Story) -> None:
    """Each expected event comes, in time, once; events that are close together may come in either order."""
    unsaid = UNTOLD - {each.event for each in story.expect} if witness.coach is not None else set()
    left = [event for event in witness.events if event.name not in unsaid]
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


def the_cap_was_never_passed_in_silence(witness: Witness) -> None:
    """Whoever works above the cap is told within 1.2 s."""
    since_s = None
    plan = Plan() if witness.coach is None else witness.coach.plan()
    for tick in witness.ticks:
        force_n = 0.0 if tick.practice.side is None else tick.contacts.of(tick.practice.side).force_n or 0.0
        above = force_n > plan.at_once_n and tick.practice.state in ("settling", "working")
        since_s = (tick.t_s if since_s is None else since_s) if above else None
        if since_s is not None and tick.t_s - since_s > 1.2:
            assert [cue for t_s, cue in witness.cues if cue == "ease_off" and since_s <= t_s <= since_s + 1.2]


def the_corrections_were_eight_a_minute_at_most(witness: Witness) -> None:
    corrected_s = [t_s for t_s, cue in witness.cues if cue in CORRECTIONS]
    assert all(sum(t_s <= later < t_s + 60.0 for later in corrected_s) <= 8 for t_s in corrected_s)


# --- what a list of events cannot say ---------------------------------------------------------------------------------


def _coach(witness: Witness) -> Coach:
    assert witness.coach is not None
    return witness.coach


def on_day_14_strengthening_is_next(witness: Witness) -> None:
    assert (_coach(witness).course()["day"], _coach(witness).course()["next"]) == (14, "strengthening")


def of_a_guest_nothing_is_kept(witness: Witness) -> None:
    assert witness.book.kept == []
    assert witness.book.people["first"].sessions == ()


def each_of_two_people_has_their_own_zone(witness: Witness) -> None:
    assert _coach(witness).plan().of("left").comfortable_n == 70.0


def the_pace_leads_a_quick_person_down(witness: Witness) -> None:
    names = [None, *(tick.cue for tick in witness.ticks)]
    ticks_s = [t.t_s for t, last in zip(witness.ticks, names, strict=False) if t.cue == "pace" != last]
    assert len(ticks_s) > 20
    steps_s = [after - before for before, after in pairwise(ticks_s) if after - before < 4.0]
    assert min(steps_s[:5]) < 0.75 * max(steps_s[-8:])


def the_force_found_is_the_one_worked_with(witness: Witness) -> None:
    force_n = _coach(witness).plan().of("left").comfortable_n
    assert force_n == pytest.approx(80.0, rel=0.15)  # a mat before calibration
    assert force_n != _coach(witness).plan().of("right").comfortable_n


def what_was_worked_counts_and_no_more(witness: Witness) -> None:
    worked = _coach(witness).past.sessions
    assert len(worked) == 1
    assert 5.0 < worked[0].left_s < 20.0


def what_was_worked_before_the_cut_counts(witness: Witness) -> None:
    worked = _coach(witness).past.sessions
    assert len(worked) == 1
    assert 2.0 < worked[0].left_s < 9.0


SAYS: dict[str, Callable[[Witness], None]] = {
    "course_day_14": on_day_14_strengthening_is_next,
    "guest": of_a_guest_nothing_is_kept,
    "two_people": each_of_two_people_has_their_own_zone,
    "too_fast_then_led_down": the_pace_leads_a_quick_person_down,
    "first_day": the_force_found_is_the_one_worked_with,
    "phone_rings": what_was_worked_counts_and_no_more,
    "power_cut": what_was_worked_before_the_cut_counts,
}
