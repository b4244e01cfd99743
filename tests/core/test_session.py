"""What the mat asks of a person, step by step."""

import pytest

from qlmat.core.model import Command, CommandName, Kind, State
from qlmat.core.moves import move
from qlmat.core.plan import Plan
from qlmat.core.session import ACTIVE, EDGES, Session, advance
from qlmat.errors import ConfigError, IllegalMoveError, TimeBackwardsError
from tests.core.practice import FRAME_S, live, looks, names, seen, working

# --- a whole practice -------------------------------------------------------------------------------------------------


def test_two_sides_done_well() -> None:
    left = [*looks(0.0, 25.0, kind="still"), *looks(25.0, 91.0)]
    right = [*looks(120.0, 4.0, side="right", kind="still"), *looks(124.0, 91.0, side="right")]
    session, told = live(Session(), left + right)
    assert [(event.name, event.side) for event in told] == [
        ("session_started", None),
        ("placed", "left"),
        ("on_the_spot", "left"),
        ("settled", "left"),
        ("work_started", "left"),
        ("half_minute_left", "left"),
        ("side_done", "left"),
        ("switch_sides", "right"),
        ("placed", "right"),
        ("on_the_spot", "right"),
        ("work_started", "right"),
        ("half_minute_left", "right"),
        ("side_done", "right"),
        ("session_done", "right"),
    ]
    assert session.state == "done"


def test_a_ball_that_is_loaded_starts_a_session_by_itself() -> None:
    session, told = live(Session(), looks(0.0, 1.0))
    assert (session.state, names(told)) == ("placing", ["session_started"])
    assert told[0].detail == {"by": "ball"}


def test_a_hand_on_the_pad_starts_nothing() -> None:
    assert live(Session(), looks(0.0, 60.0, force_n=14.0)) == live(Session(), looks(0.0, 60.0, force_n=14.0))
    session, told = live(Session(), looks(0.0, 60.0, force_n=14.0))
    assert (session.state, told) == ("waiting", [])


def test_settling_takes_fifteen_seconds() -> None:
    _, told = live(Session(), looks(0.0, 30.0, kind="still"))
    at_s = {event.name: event.t_s for event in told}
    assert at_s["settled"] - at_s["placed"] == pytest.approx(15.0, abs=0.1)


def test_nothing_placed_in_a_minute_stops_the_session() -> None:
    start = [seen(0.0, 0.0, commands=(Command("start"),))]
    session, told = live(Session(), start + list(looks(FRAME_S, 61.0, force_n=0.0)))
    assert session.state == "stopped"
    assert told[-1].detail == {"reason": "not placed in time"}
    assert told[-1].t_s == pytest.approx(60.0, abs=0.1)


def test_the_other_side_not_loaded_in_two_minutes_stops_the_session() -> None:
    session, _ = live(working(), looks(30.0, 91.0))
    assert session.state == "switching"
    session, told = live(session, looks(121.0, 121.0, force_n=0.0))
    assert told[-1].detail == {"reason": "not switched in time"}


def test_one_side_only_is_done_after_one_side() -> None:
    plan = Plan(both_sides=False)
    session, told = live(working(plan), looks(30.0, 91.0), plan)
    assert (session.state, names(told)[-1]) == ("done", "session_done")


def test_the_side_asked_for_is_waited_for() -> None:
    start = [seen(0.0, 0.0, commands=(Command("start", "right"),))]
    session, told = live(Session(), start + list(looks(FRAME_S, 10.0, side="left")))
    assert (session.state, session.side) == ("placing", "right")
    session, told = live(session, looks(11.0, 5.0, side="right"))
    assert ("placed", "right") in [(event.name, event.side) for event in told]


# --- time that counts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("force_n", "kind", "cpm", "counted_s"),
    [
        (90.0, "rock", 12.0, 20.0),
        (90.0, "bend", 12.0, 20.0),
        (75.0, "rock", 6.0, 20.0),
        (90.0, "still", 12.0, 0.0),
        (90.0, None, 12.0, 0.0),
        (90.0, "rock", 20.5, 0.0),
        (60.0, "rock", 12.0, 0.0),
        (115.0, "rock", 12.0, 0.0),
        (140.0, "rock", 12.0, 0.0),
    ],
)
def test_time_counts_in_the_zone_and_moving_slowly_enough(
    force_n: float, kind: Kind | None, cpm: float, counted_s: float
) -> None:
    session, _ = live(working(), looks(30.0, 20.0, force_n, kind="still"))  # the mean force settles
    before_s = session.worked_s
    session, _ = live(session, looks(50.0, 20.0, force_n, kind=kind, cpm=cpm))
    assert session.worked_s - before_s == pytest.approx(counted_s, abs=0.1)


def test_bending_that_swings_through_the_zone_counts() -> None:
    from math import pi, sin

    stream = (seen(30.0 + k / 20, 90.0 + 30.0 * sin(2 * pi * 0.2 * k / 20)) for k in range(600))
    session, told = live(working(), stream)
    assert session.worked_s > 28.0
    assert "too_hard" not in names(told)


def test_time_between_frames_far_apart_does_not_count() -> None:
    session, _ = live(working(), [seen(t_s) for t_s in (30.0, 33.0, 36.0, 39.0)])
    assert session.worked_s < 0.1


def test_one_frame_a_second_counts_each_second() -> None:
    session, _ = live(working(), [seen(30.0 + second) for second in range(11)])
    assert session.worked_s == pytest.approx(10.0, abs=0.1)


# --- lost, paused, stopped --------------------------------------------------------------------------------------------


def test_losing_the_ball_pauses_the_side_timer_and_finding_it_goes_on() -> None:
    session, _ = live(working(), looks(30.0, 10.0))
    worked_s = session.worked_s
    session, told = live(session, looks(40.0, 5.0, force_n=0.0))
    assert [(event.name, round(event.t_s, 1)) for event in told] == [("ball_lost", 43.0)]
    assert (session.state, session.worked_s) == ("paused", pytest.approx(worked_s, abs=0.1))
    session, told = live(session, looks(45.0, 1.0))
    assert (session.state, names(told)) == ("working", ["ball_found"])
    assert session.worked_s >= worked_s


def test_lifting_off_for_half_a_minute_stops() -> None:
    session, told = live(working(), looks(30.0, 40.0, force_n=0.0))
    assert names(told) == ["ball_lost", "session_stopped"]
    assert told[-1].detail == {"reason": "lifted off"}
    assert session.state == "stopped"


def test_a_pad_that_cannot_be_read_pauses_and_says_that_it_is_the_signal() -> None:
    session, told = live(working(), looks(30.0, 4.0, force_n=None))
    assert (session.state, names(told)) == ("paused", ["signal_lost"])
    session, told = live(session, looks(34.0, 1.0))
    assert (session.state, names(told)) == ("working", ["signal_found"])


def test_whatever_has_begun_is_ended_before_a_pause() -> None:
    session, _ = live(working(), looks(30.0, 3.0, force_n=140.0))
    _, told = live(session, [seen(33.0, 140.0, commands=(Command("pause"),))])
    assert names(told) == ["too_hard_over", "paused"]


def test_a_pause_asked_for_lasts_until_resume_even_with_the_ball_loaded() -> None:
    session, told = live(working(), [seen(30.0, commands=(Command("pause"),)), *looks(30.05, 60.0)])
    assert (session.state, names(told)) == ("paused", ["paused"])
    session, told = live(session, [seen(91.0, commands=(Command("resume"),))])
    assert (session.state, names(told)) == ("working", ["resumed"])


def test_a_pause_asked_for_ends_the_session_after_ten_minutes() -> None:
    _, told = live(working(), [seen(30.0, commands=(Command("pause"),)), *looks(30.05, 601.0)])
    assert told[-1].detail == {"reason": "paused for long"}


@pytest.mark.parametrize("state", sorted(ACTIVE))
def test_stop_works_at_once_in_every_active_state(state: State) -> None:
    session = Session(state=state, t_s=1.0, since_s=0.0, side="left", paused_in="working")
    session, events = advance(session, seen(1.02, commands=(Command("stop"),)), Plan())
    assert session.state == "stopped"
    assert "session_stopped" in names(events)


def test_a_stopped_session_does_not_start_again_under_the_person_who_stopped_it() -> None:
    session, _ = live(working(), [seen(30.0, commands=(Command("stop"),)), *looks(30.05, 60.0)])
    assert session.state == "stopped"


def test_after_the_pads_were_empty_for_long_a_new_ball_starts_anew() -> None:
    session, _ = live(working(), [seen(30.0, commands=(Command("stop"),))])
    session, _ = live(session, looks(30.05, 31.0, force_n=0.0))
    assert session.state == "waiting"
    session, told = live(session, looks(62.0, 1.0))
    assert names(told) == ["session_started"]


def test_a_gap_of_ten_minutes_in_a_session_closes_it_honestly() -> None:
    session, told = live(working(), [seen(30.0), seen(630.0)])
    assert session.state == "stopped"
    assert told[-1].detail == {"reason": "nothing was seen for too long"}


# --- commands ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("pause", "nothing to pause"),
        ("resume", "nothing to resume"),
        ("mark", "no spot is being worked"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused_with_a_reason(command: CommandName, reason: str) -> None:
    before = Session(t_s=0.0)
    session, events = advance(before, seen(0.0, 0.0, commands=(Command(command),)), Plan())
    assert session.state == "waiting"
    assert events[0].name == "command_refused"
    assert events[0].detail == {"command": command, "reason": reason}


def test_a_stop_when_nothing_runs_is_no_mistake() -> None:
    before = Session(t_s=0.0)
    assert advance(before, seen(0.0, 0.0, commands=(Command("stop"),)), Plan()) == advance(
        before, seen(0.0, 0.0), Plan()
    )


@pytest.mark.parametrize("command", ["start", "tare"])
def test_start_and_tare_are_refused_while_a_session_runs(command: CommandName) -> None:
    _, events = advance(working(), seen(30.0, commands=(Command(command),)), Plan())
    assert events[0].detail == {"command": command, "reason": "a session is running"}


def test_resume_is_refused_while_the_ball_is_lost() -> None:
    session, _ = live(working(), looks(30.0, 5.0, force_n=0.0))
    _, events = advance(session, seen(35.0, 0.0, commands=(Command("resume"),)), Plan())
    assert events[0].detail["reason"] == "put the ball back first"


def test_a_spot_marked_while_working_is_told_with_its_place() -> None:
    _, events = advance(working(), seen(30.0, commands=(Command("mark"),)), Plan())
    assert (events[0].name, events[0].side, events[0].detail) == ("marked", "left", {"x_mm": 0.0, "y_mm": 0.0})


def test_tare_on_an_idle_mat_is_told() -> None:
    _, events = advance(Session(), seen(0.0, 0.0, commands=(Command("tare"),)), Plan())
    assert names(events) == ["tared"]


# --- rules ------------------------------------------------------------------------------------------------------------


def test_a_move_that_is_no_edge_raises_and_changes_nothing() -> None:
    session = Session(t_s=1.0)
    with pytest.raises(IllegalMoveError, match="waiting cannot become working"):
        move(session, "working")
    assert session == Session(t_s=1.0)


def test_time_that_runs_backwards_raises() -> None:
    session, _ = live(Session(), looks(0.0, 1.0))
    with pytest.raises(TimeBackwardsError, match=r"seen at 0\.500 s"):
        advance(session, seen(0.5), Plan())


def test_every_active_state_can_be_stopped_and_all_but_paused_can_be_paused() -> None:
    assert {start for start, end in EDGES if end == "stopped"} == ACTIVE
    assert {start for start, end in EDGES if end == "paused"} == ACTIVE - {"paused"}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"zone_low_ratio": 1.2}, "lost_ratio < zone_low_ratio"),
        ({"comfortable_n": -1.0}, "comfortable_n = -1.0 must be more than 0"),
        ({"side_s": float("nan")}, "side_s = nan must be more than 0"),
        ({"comfortable_n": 250.0}, "above the cap of 300 N"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(settings: dict[str, float], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        Plan(**settings)
