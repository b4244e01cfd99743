"""Every story in `coached` is lived with a coach and tells what it says it tells: no less, no more, and when."""

from itertools import pairwise
from pathlib import Path

import pytest

from qlmat.core.course import Practised
from qlmat.core.model import Event
from qlmat.sim.scenario import load_scenario
from qlmat.sim.steps import Expectation
from tests.scenarios.light import Lived, live

FOLDER = Path(__file__).parent
STORIES = sorted((FOLDER / "coached").glob("*.toml"))
UNTOLD = {"ball_placed", "ball_lifted", "ball_slid", "ball_moved"}  # of the ball itself: other stories are about them


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_a_story_with_a_coach_is_lived_as_it_is_told(path: Path) -> None:
    lived = live(load_scenario(path))
    story = lived.scenario.story
    wanted = {each.event for each in story.expect}
    events = [event for event in lived.events if event.name not in UNTOLD - wanted]
    missing = [each for each in story.expect if not _take(events, each)]
    assert (missing, events) == ([], [])
    assert [event for event in lived.events if event.name in story.never] == []
    cues = [(t_s, cue) for t_s, cue in lived.cues if cue != "pace"]
    assert [cue for _, cue in cues] == [each.cue for each in story.cue], cues
    pairs = zip(cues, story.cue, strict=True)
    late = [each for (t_s, _), each in pairs if abs(t_s - each.at_seconds) > each.within_seconds]
    assert late == []
    _is_sound(lived)


def test_there_are_at_least_25_stories() -> None:
    assert len(STORIES) + len(list(FOLDER.glob("*.toml"))) >= 25


def _take(events: list[Event], each: Expectation) -> bool:
    """Find the expected event and strike it out; events that are close together may come in either order."""
    for event in events:
        in_time = abs(event.t_s - each.at_seconds) <= each.within_seconds
        if in_time and event.name == each.event and each.side in (None, event.side):
            events.remove(event)
            return True
    return False


def _is_sound(lived: Lived) -> None:
    """What holds in every story: a cue within 1.2 s above the cap, and no more than eight corrections a minute."""
    corrections = [t_s for t_s, cue in lived.cues if cue in ("ball_lost", "too_hard", "too_fast", "keep_going")]
    assert all(sum(t_s <= later < t_s + 60.0 for later in corrections) <= 8 for t_s in corrections)
    cap_n, since_s = lived.coach.plan().at_once_n, None
    for tick in lived.ticks:
        force_n = 0.0 if tick.practice.side is None else tick.contacts.of(tick.practice.side).force_n or 0.0
        above = force_n > cap_n and tick.practice.state in ("settling", "working")
        since_s = (tick.t_s if since_s is None else since_s) if above else None
        if since_s is not None and tick.t_s - since_s > 1.2:
            assert [cue for t_s, cue in lived.cues if cue == "ease_off" and since_s <= t_s <= since_s + 1.2]


# --- what a list of events cannot say ---------------------------------------------------------------------------------


def _story(name: str) -> Lived:
    return live(load_scenario(FOLDER / "coached" / f"{name}.toml"))


def test_on_day_14_the_course_is_complete_and_the_next_day_is_for_strengthening() -> None:
    lived = _story("course_day_14")
    assert lived.coach.course()["day"] == 14
    assert lived.coach.past.sessions[-1].counts


def test_of_a_guest_nothing_is_kept() -> None:
    lived = _story("guest")
    assert lived.book.kept == []
    assert lived.book.people["first"].sessions == ()


def test_each_of_two_people_has_their_own_zone() -> None:
    lived = _story("two_people")
    assert lived.coach.plan().of("left").comfortable_n == 70.0


def test_the_pace_leads_a_quick_person_down() -> None:
    lived = _story("too_fast_then_led_down")
    ticks_s = [t_s for t_s, cue in lived.cues if cue == "pace"]
    assert len(ticks_s) > 20
    steps_s = [after - before for before, after in pairwise(ticks_s) if after - before < 4.0]
    assert min(steps_s[:5]) < 0.75 * max(steps_s[-8:])


def test_a_first_day_finds_the_force_and_works_with_it() -> None:
    lived = _story("first_day")
    force_n = lived.coach.plan().of("left").comfortable_n
    assert force_n == pytest.approx(80.0, rel=0.1)
    assert force_n != lived.coach.plan().of("right").comfortable_n


def test_a_session_broken_off_counts_what_was_worked_and_no_more() -> None:
    lived = _story("phone_rings")
    worked = [each for each in lived.coach.past.sessions if isinstance(each, Practised)]
    assert len(worked) == 1
    assert 5.0 < worked[0].left_s < 20.0
