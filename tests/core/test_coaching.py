"""What a session does for its person beyond the timer: the one button, spots, holding still, what stands in the way."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from qlmat.core.cues import Cues, conduct
from qlmat.core.model import NO_CONTACT, Command, CommandName, Contact, Contacts, Event, Kind, Movement, Side
from qlmat.core.orders import TWICE_S
from qlmat.core.plan import Plan, SideAim
from qlmat.core.session import Seen, Session
from tests.core.practice import FRAME_S, live, looks, names, seen, working

PRESS = (Command("press"),)


def at(t_s: float, x_mm: float, y_mm: float = 0.0, kind: Kind = "still", side: Side = "left") -> Seen:
    """A ball of 90 N at a place."""
    pad = Contact(90.0, (x_mm, y_mm), True)
    left, right = (pad, NO_CONTACT) if side == "left" else (NO_CONTACT, pad)
    moving = kind != "still"
    return Seen(Contacts(t_s, left, right), Movement(side, kind, 0.2 if moving else None, confirmed=moving))


def stays(start_s: float, seconds: float, x_mm: float, y_mm: float = 0.0) -> Iterator[Seen]:
    """The ball at one place for a while."""
    return (at(start_s + k * FRAME_S, x_mm, y_mm) for k in range(round(seconds / FRAME_S)))


# --- one button ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("until_s", [3.0, 10.0, 25.0])
def test_a_press_stops_at_once_wherever_the_session_is(until_s: float) -> None:
    session, _ = live(Session(), looks(0.0, until_s, kind="still"))
    after, told = live(session, [seen(session.t_s + FRAME_S, commands=PRESS)])
    assert after.state == "stopped"
    assert names(told)[-1] == "session_stopped"


def test_a_second_press_within_a_second_marks_the_spot_and_goes_on() -> None:
    session, _ = live(working(), looks(30.0, 10.0))
    stopped, _ = live(session, [seen(40.0, commands=PRESS)])
    after, told = live(stopped, [seen(40.4, commands=PRESS)])
    assert after.state == "working"
    assert names(told) == ["went_on", "marked"]
    assert after.worked_s == pytest.approx(session.worked_s, abs=0.5)
    later, _ = live(after, looks(40.5, 5.0))
    assert later.worked_s == pytest.approx(after.worked_s + 5.0, abs=0.2)


def test_who_goes_on_while_it_is_too_hard_is_told_so_again() -> None:
    session, _ = live(working(), looks(30.0, 3.0, force_n=320.0))
    stopped, told = live(session, [seen(33.0, 320.0, commands=PRESS)])
    assert names(told) == ["over_cap_over", "too_hard_over", "session_stopped"]
    _, told = live(stopped, [seen(33.4, 320.0, commands=PRESS)])
    assert names(told) == ["went_on", "marked", "over_cap", "too_hard"]


def test_who_has_eased_off_before_going_on_is_not_told_twice_that_it_is_over() -> None:
    session, _ = live(working(), looks(30.0, 3.0, force_n=320.0))
    stopped, _ = live(session, [seen(33.0, 320.0, commands=PRESS)])
    _, told = live(stopped, [seen(33.2), seen(33.4, commands=PRESS), *looks(33.45, 2.0)])
    assert names(told) == ["went_on", "marked"]


def test_a_second_press_later_than_that_does_not_wake_a_stopped_session() -> None:
    session, _ = live(working(), looks(30.0, 10.0))
    stopped, _ = live(session, [seen(40.0, commands=PRESS)])
    after, told = live(stopped, [seen(40.0 + TWICE_S + 0.1, commands=PRESS)])
    assert (after.state, names(told)) == ("stopped", ["command_refused"])


def test_two_presses_while_settling_are_a_stop() -> None:
    session, _ = live(Session(), looks(0.0, 10.0, kind="still"))
    after, _ = live(session, [seen(10.0, commands=PRESS), seen(10.3, commands=PRESS)])
    assert after.state == "stopped"


def test_a_stop_from_elsewhere_cannot_be_undone_by_a_press() -> None:
    session, _ = live(working(), looks(30.0, 10.0))
    after, _ = live(session, [seen(40.0, commands=(Command("stop"),)), seen(40.3, commands=PRESS)])
    assert after.state == "stopped"


# --- spots -----------------------------------------------------------------------------------------------------------


def test_a_mark_takes_the_place_averaged_over_cycles_where_it_is_known() -> None:
    look = replace(seen(30.1, commands=(Command("mark"),)), place_mm=(4.0, -6.0))
    _, told = live(working(), [look])
    assert (told[0].name, told[0].detail) == ("marked", {"x_mm": 4.0, "y_mm": -6.0})


def test_holding_still_on_a_marked_spot_counts_for_half_a_minute_then_asks_to_go_on() -> None:
    session, _ = live(working(), looks(30.0, 10.0))
    session, _ = live(session, [seen(40.0, commands=(Command("mark"),))])
    before_s = session.worked_s
    session, told = live(session, looks(40.05, 45.0, kind="still"))
    assert names(told)[:3] == ["holding", "hold_over", "resting"]
    assert session.worked_s - before_s == pytest.approx(30.0, abs=0.5)


def test_moving_again_and_holding_again_counts_anew() -> None:
    session, _ = live(working(Plan(side_s=120.0)), looks(30.0, 5.0), Plan(side_s=120.0))
    session, _ = live(session, [seen(35.0, commands=(Command("mark"),))], Plan(side_s=120.0))
    session, _ = live(session, looks(35.05, 10.0, kind="still"), Plan(side_s=120.0))
    session, _ = live(session, looks(45.05, 5.0), Plan(side_s=120.0))
    session, told = live(session, looks(50.05, 5.0, kind="still"), Plan(side_s=120.0))
    assert names(told) == ["holding"]
    assert session.worked_s == pytest.approx(25.0, abs=1.0)


def test_holding_still_elsewhere_does_not_count() -> None:
    session, _ = live(working(), looks(30.0, 5.0))
    session, _ = live(session, [seen(35.0, commands=(Command("mark"),))])
    after, told = live(session, stays(35.05, 20.0, 40.0))
    assert after.worked_s - session.worked_s < 0.2
    assert "holding" not in names(told)


def test_without_a_mark_holding_still_does_not_count() -> None:
    session, _ = live(working(), looks(30.0, 5.0))
    after, told = live(session, looks(35.0, 20.0, kind="still"))
    assert after.worked_s == session.worked_s
    assert "resting" in names(told)


def test_the_ball_is_led_back_to_the_spot_of_an_earlier_day() -> None:
    plan = Plan(left=SideAim(spot_mm=(0.0, 12.0))).of("left")
    session, told = live(Session(), stays(0.0, 5.0, 0.0, 0.0), plan)
    led = [event for event in told if event.name == "lead"]
    assert [event.detail["say"] for event in led] == ["up a little"]
    assert "on_the_spot" not in names(told)
    _, told = live(session, stays(5.0, 6.0, 1.0, 11.0), plan)
    assert [name for name in names(told) if name != "placed"] == ["there", "on_the_spot"]


def test_nobody_is_held_up_by_a_spot_they_do_not_find() -> None:
    plan = Plan(left=SideAim(spot_mm=(0.0, 30.0))).of("left")
    session, told = live(Session(), stays(0.0, 25.0, 0.0), plan)
    assert session.state == "working"
    assert names(told).count("lead") <= 5
    session, told = live(session, looks(25.0, 15.0), plan)
    assert names(told).count("lead") <= 2
    _, told = live(session, looks(40.0, 20.0), plan)
    assert "lead" not in names(told)


# --- what stands in the way ------------------------------------------------------------------------------------------


def test_what_bars_a_session_is_told_once_to_each_ball() -> None:
    plan = Plan(barred="not now")
    session, told = live(Session(), looks(0.0, 10.0), plan)
    assert (session.state, names(told)) == ("waiting", ["session_refused"])
    session, _ = live(session, looks(10.0, 2.0, force_n=0.0), plan)
    _, told = live(session, looks(12.0, 5.0), plan)
    assert names(told) == ["session_refused"]


@pytest.mark.parametrize("name", ["start", "comfort"])
def test_what_bars_a_session_bars_the_command_too(name: CommandName) -> None:
    command = Command(name)
    session, told = live(Session(), [seen(0.0, 0.0, commands=(command,))], Plan(barred="not now"))
    assert session.state == "waiting"
    assert told[0].detail["reason"] == "not now"


def test_a_second_session_needs_a_word() -> None:
    plan = Plan(on_purpose=True)
    session, told = live(Session(), looks(0.0, 10.0), plan)
    assert (session.state, names(told)) == ("waiting", ["session_refused"])
    assert live(session, [seen(10.0, commands=PRESS)], plan)[0].state == "placing"
    assert live(session, [seen(10.0, commands=(Command("start"),))], plan)[0].state == "placing"


# --- the comfortable force --------------------------------------------------------------------------------------------


def test_measuring_begins_no_session_and_ends_when_the_pad_is_empty() -> None:
    session, told = live(Session(), [seen(0.0, 0.0, commands=(Command("comfort", "right"),))])
    t_s = 0.05
    for force_n in (80.0, 84.0, 88.0):
        session, said = live(session, looks(t_s, 2.0, 0.0, side="right"))
        told += said
        for part in range(1, 5):
            session, said = live(session, looks(t_s + 1.0 + part, 1.0, force_n * part / 4, side="right"))
            told += said
        t_s = session.t_s + FRAME_S
        session, said = live(session, [seen(t_s, force_n, "right", commands=PRESS)])
        told += said
    assert session.state == "measuring"
    found = next(event for event in told if event.name == "comfort_found")
    assert (found.side, found.detail["force_n"]) == ("right", pytest.approx(84.0, abs=4.0))
    session, told = live(session, looks(t_s + 0.1, 2.0, 0.0))
    assert (session.state, told) == ("waiting", [])


@pytest.mark.parametrize(
    ("command", "then"),
    [("stop", ["comfort_ended"]), ("start", ["session_started"]), ("comfort", ["comfort_started"])],
)
def test_too_much_force_is_seen_to_end_with_the_measurement_it_was_told_in(
    command: CommandName, then: list[str]
) -> None:
    session, _ = live(Session(), [seen(0.0, 0.0, commands=(Command("comfort"),))])
    session, told = live(session, [seen(1.0 + k / 20, 600.0) for k in range(40)])
    assert names(told) == ["over_cap"]
    _, told = live(session, [seen(3.0, 600.0, commands=(Command(command),))])
    assert names(told)[: 1 + len(then)] == ["over_cap_over", *then]


def test_measuring_can_be_stopped() -> None:
    session, _ = live(Session(), [seen(0.0, 0.0, commands=(Command("comfort"),))])
    session, told = live(session, [seen(0.1, 0.0, commands=(Command("stop"),)), seen(0.2, 0.0)])
    assert (session.state, names(told)) == ("waiting", ["comfort_ended"])


# --- the end of everything ------------------------------------------------------------------------------------------


def test_somebody_asleep_on_the_ball_is_not_left_there() -> None:
    session, told = live(working(), looks(30.0, 130.0, kind="still"))
    assert session.state == "stopped"
    assert told[-1].detail["reason"] == "no practice for long"


def test_slow_work_with_many_rests_is_not_cut_short() -> None:
    session = working()
    for k in range(8):
        session, _ = live(session, looks(30.0 + 20.0 * k, 10.0))
        session, _ = live(session, looks(40.0 + 20.0 * k, 10.0, kind="still"))
    assert session.state == "working"


def test_a_wobble_on_the_marked_spot_gives_no_new_time_to_hold() -> None:
    """Holding counts for `hold_s` between two movements, however often it begins."""
    session, _ = live(working(), looks(30.0, 10.0))
    session, _ = live(session, [seen(40.0, 90.0, commands=(Command("mark"),))])
    before_s = session.worked_s
    for begin_s in range(41, 141, 10):  # still for 8 s, then the ball is pushed for two
        session, _ = live(session, looks(float(begin_s), 8.0, kind="still"))
        session, _ = live(session, looks(begin_s + 8.0, 2.0, 112.0, kind="still"))
    assert session.worked_s - before_s <= Plan().hold_s + 2.0


# --- silence means good ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("force_n", "name", "cue"), [(60.0, "too_light", "keep_going"), (120.0, "too_firm", "too_hard")]
)
def test_time_that_does_not_count_is_told_every_8_s(force_n: float, name: str, cue: str) -> None:
    session, _ = live(working(), looks(30.0, 15.0))
    _, told = live(session, looks(45.0, 30.0, force_n))
    told_s = [event.t_s for event in told if event.name == name]
    assert len(told_s) == 3
    assert told_s[0] < 45.0 + 8.0 + 4.0
    assert told_s[1] - told_s[0] == pytest.approx(8.0, abs=0.1)
    assert conduct(Cues(), 0.0, (Event(0.0, name),)).playing == cue


def test_in_the_zone_nothing_is_told() -> None:
    _, told = live(working(), looks(30.0, 55.0))
    assert names(told) == []


@pytest.mark.parametrize(("force_n", "word"), [(45.0, "lighter"), (140.0, "heavier"), (90.0, None), (70.0, None)])
def test_what_settles_far_from_what_is_comfortable_makes_the_position_doubtful(
    force_n: float, word: str | None
) -> None:
    _, told = live(Session(), looks(0.0, 30.0, force_n, kind="still"))
    doubts = [str(event.detail["say"]) for event in told if event.name == "position_doubted"]
    assert [word in said for said in doubts if word] == ([True] if word else [])
    assert len(doubts) == (1 if word else 0)
