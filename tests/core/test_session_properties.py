"""What no sequence of observations and commands can make the session do."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qlmat.core.cues import Cues, conduct
from qlmat.core.model import NO_CONTACT, Command, Contact, Contacts, Event, Kind, Movement
from qlmat.core.plan import Plan
from qlmat.core.session import ACTIVE, EDGES, Seen, Session, advance
from qlmat.errors import TimeBackwardsError
from tests.core.practice import live, looks, seen, working

PLAN = Plan(side_s=10.0, settle_s=3.0, hold_s=4.0)  # short, so that a random life goes through every state
FORCES_N = st.sampled_from([0.0, 2.0, 14.0, 30.0, 75.0, 90.0, 105.0, 125.0, 140.0, 299.0, 320.0, 600.0, None])
PADS = st.builds(
    lambda force_n, x_mm: Contact(force_n, (x_mm, 0.0) if (force_n or 0.0) > 3.0 else None, (force_n or 0.0) > 3.0),
    FORCES_N,
    st.sampled_from([0.0, 3.0, 15.0]),
)
MOVEMENTS = st.builds(
    lambda kind, cadence_hz, sure: Movement(
        "left", kind, cadence_hz if kind in ("rock", "bend") else None, confirmed=sure
    ),
    st.sampled_from(["rock", "bend", "still", None]),
    st.floats(0.05, 0.8),
    st.booleans(),
)
COMMANDS = st.lists(
    st.builds(
        Command,
        st.sampled_from(["start", "stop", "pause", "resume", "tare", "mark", "press", "comfort"]),
        st.sampled_from(["left", "right", None]),
    ),
    max_size=2,
).map(tuple)


@st.composite
def lives(draw: st.DrawFn, frames_s: tuple[float, ...] = (0.0, 0.001, 0.02, 0.1, 0.5, 1.0, 3.0, 40.0)) -> list[Seen]:
    """A random life on the mat: stretches of one look each, at random frame lengths, with commands now and then."""
    t_s, out = draw(st.floats(0.0, 100.0)), []
    for _ in range(draw(st.integers(1, 12))):
        pads, movement = (draw(PADS), draw(PADS)), draw(MOVEMENTS)
        frame_s = draw(st.sampled_from(frames_s))
        commands = draw(COMMANDS) if draw(st.integers(0, 3)) == 0 else ()
        for k in range(draw(st.integers(1, 60))):
            t_s += frame_s
            out.append(Seen(Contacts(t_s, *pads), movement, commands if k == 0 else ()))
    return out


@settings(deadline=None)
@given(lives())
def test_every_move_is_an_allowed_edge(life: list[Seen]) -> None:
    """One frame may hold several moves (stop and start): each must be found along the edges."""
    session = Session()
    for each in life:
        before = session.state
        session, _ = advance(session, each, PLAN)
        reached = {before}
        for _ in range(len(each.commands) + 2):
            reached |= {end for start, end in EDGES if start in reached}
        assert session.state in reached
        if not each.commands:
            assert session.state == before or (before, session.state) in EDGES or before == "waiting"


@settings(deadline=None)
@given(lives(), st.integers(0, 1_000))
def test_a_stream_fed_in_two_halves_is_the_stream_fed_whole(life: list[Seen], cut: int) -> None:
    def feed(session: Session, part: list[Seen]) -> tuple[Session, list[object]]:
        told: list[object] = []
        for each in part:
            session, events = advance(session, each, PLAN)
            told += events
        return session, told

    whole = feed(Session(), life)
    half, told = feed(Session(), life[: cut % (len(life) + 1)])
    rest, more = feed(half, life[cut % (len(life) + 1) :])
    assert (rest, told + more) == whole


@settings(deadline=None)
@given(lives(), st.floats(1e-6, 1e6))
def test_time_that_runs_backwards_raises_and_changes_nothing(life: list[Seen], back_s: float) -> None:
    session = Session()
    for each in life:
        session, _ = advance(session, each, PLAN)
    kept = replace(session)
    late = replace(life[-1], contacts=life[-1].contacts._replace(t_s=session.t_s - back_s))
    with pytest.raises(TimeBackwardsError):
        advance(session, late, PLAN)
    assert session == kept


@settings(deadline=None)
@given(lives())
def test_no_time_counts_outside_the_zone_or_without_slow_movement(life: list[Seen]) -> None:
    """Judged frame by frame from what was seen, not from what the session says."""
    session, t_s = Session(), life[0].contacts.t_s
    for each in life:
        before, passed_s, t_s = session, each.contacts.t_s - t_s, each.contacts.t_s
        session, _ = advance(session, each, PLAN)
        counted_s = session.worked_s - before.worked_s
        if counted_s <= 0.0 or session.side != before.side or session.state == "done":
            continue
        contact = each.contacts.of(before.side or "left")
        assert counted_s <= passed_s + 1e-9
        if each.movement.kind in ("rock", "bend"):
            assert (each.movement.cadence_hz or 1.0) <= PLAN.too_fast_hz
        else:  # holding still counts only on a spot that was marked, and not for long
            assert before.memo.marked_mm is not None
            assert session.memo.holding
            assert session.memo.held_s <= PLAN.hold_s
        assert contact.force_n is not None
        assert PLAN.lost_n <= session.watch.force_n <= PLAN.too_hard_n
        low_n, high_n = PLAN.zone_n
        assert low_n <= session.watch.level_n <= high_n


@settings(deadline=None)
@given(st.sampled_from([0.0, 20.0, 60.0, 69.0, 112.0, 120.0, 135.0, 200.0, 400.0]), st.floats(1.0, 30.0))
def test_a_force_that_stays_outside_the_zone_counts_nothing(force_n: float, seconds: float) -> None:
    session, _ = live(working(), looks(30.0, 15.0, force_n, kind="still"))  # the mean comes to rest
    after, _ = live(session, looks(45.0, seconds, force_n))
    assert after.worked_s == session.worked_s


@settings(deadline=None)
@given(
    st.floats(301.0, 900.0),
    st.sampled_from([0.005, 0.02, 0.05, 0.1, 0.2]),
    st.floats(0.0, 15.0),
    st.lists(st.tuples(st.floats(0.0, 14.0), st.sampled_from(["too_fast", "resting", "on_the_spot"])), max_size=6),
)
def test_above_the_cap_a_cue_sounds_within_1_2_s(
    force_n: float, frame_s: float, from_s: float, others: list[tuple[float, str]]
) -> None:
    """Whatever else was told before, from the first frame above the cap to a cue of too hard or ease off."""
    session, cues, waited_s = working(), Cues(), None
    t_s = 30.0
    while t_s < 30.0 + from_s + 1.5:
        above = t_s >= 30.0 + from_s
        session, events = advance(session, seen(t_s, force_n if above else 90.0), Plan())
        told = tuple(Event(t_s, name) for at_s, name in others if t_s - frame_s < 30.0 + at_s <= t_s and not above)
        cues = conduct(cues, t_s, told + events)
        if above and cues.playing in ("ease_off", "too_hard"):
            waited_s = t_s - (30.0 + from_s)
            break
        t_s += frame_s
    assert waited_s is not None
    assert waited_s <= 1.2


@settings(deadline=None)
@given(lives(frames_s=(0.02, 0.05, 0.1)))
def test_nobody_works_above_the_cap_for_1_2_s_without_a_cue(life: list[Seen]) -> None:
    """In any life: judged by what was seen and what played, until the force is well below the cap again."""
    session, cues, above_s, said, below = Session(), Cues(), None, False, 0
    for each in life:
        t_s, before = each.contacts.t_s, session
        session, events = advance(session, each, PLAN)
        cues = conduct(cues, t_s, events)
        force_n = max(pad.force_n or 0.0 for pad in (each.contacts.left, each.contacts.right))
        if session.side is not None:
            force_n = each.contacts.of(session.side).force_n or 0.0
        dark = None in (each.contacts.left.force_n, each.contacts.right.force_n)  # then nobody knows that it is over
        below = below + 1 if force_n < 0.9 * PLAN.at_once_n and not dark else 0  # a spike of a frame or two is none
        if session.state not in ACTIVE or before.side not in (None, session.side) or below > 2:
            above_s, said = None, False
        if force_n > PLAN.at_once_n and session.state in ACTIVE - {"paused", "switching"}:
            above_s = t_s if above_s is None else above_s
        said = said or cues.playing in ("ease_off", "too_hard")
        working = session.state in ("settling", "working") and force_n > PLAN.at_once_n
        assert said or above_s is None or not working or t_s - above_s <= 1.2


@settings(deadline=None)
@given(lives())
def test_left_alone_every_session_comes_to_rest(life: list[Seen]) -> None:
    session = Session()
    for each in life:
        session, _ = advance(session, each, PLAN)
    t_s = session.t_s
    for k in range(1, 800):
        empty = Contacts(t_s + k, NO_CONTACT, NO_CONTACT)
        session, _ = advance(session, Seen(empty, Movement()), PLAN)
    assert session.state == "waiting"


@settings(deadline=None)
@given(lives())
def test_whatever_begins_also_ends_before_the_session_does(life: list[Seen]) -> None:
    session, open_now = Session(), set()
    for each in life:
        session, events = advance(session, each, PLAN)
        for event in events:
            if event.name in ("too_hard", "over_cap", "too_fast"):
                assert event.name not in open_now
                open_now.add(event.name)
            elif event.name in ("too_hard_over", "over_cap_over", "too_fast_over"):
                open_now.remove(event.name.removesuffix("_over"))
            elif event.name in ("session_stopped", "session_done", "paused", "ball_lost"):
                assert not open_now


@settings(deadline=None)
@given(lives(), st.sampled_from(["rock", "still", None]), st.sampled_from([0.0, 40.0, 90.0, 160.0, 400.0, None]))
def test_whatever_goes_on_every_session_reaches_done_or_stopped(
    life: list[Seen], kind: Kind | None, force_n: float | None
) -> None:
    """Even with a load that never leaves and a movement that never changes: nobody is held for ever."""
    session = Session()
    for each in life:
        session, _ = advance(session, each, PLAN)
    session, _ = advance(session, seen(session.t_s + 0.1, 90.0, commands=(Command("start"),)), PLAN)
    t_s, reached = session.t_s, {session.state}
    for k in range(1, 900):
        session, _ = advance(session, seen(t_s + k, force_n, kind=kind), PLAN)
        reached.add(session.state)
    assert reached & {"done", "stopped"}


@settings(deadline=None)
@given(lives())
def test_the_same_life_gives_the_same_session_and_the_same_words(life: list[Seen]) -> None:
    assert live(Session(), life, PLAN) == live(Session(), life, PLAN)


@settings(deadline=None)
@given(lives(), st.sampled_from(["the questions", "two sessions"]))
def test_what_bars_a_session_bars_every_way_into_one(life: list[Seen], reason: str) -> None:
    session, barred = Session(), replace(PLAN, barred=reason)
    for each in life:
        session, _ = advance(session, each, barred)
        assert session.state == "waiting"


@settings(deadline=None)
@given(lives())
def test_a_press_ends_an_active_session_in_the_same_frame(life: list[Seen]) -> None:
    session = Session()
    for each in life:
        session, _ = advance(session, each, PLAN)
        if session.state in ACTIVE:
            press = replace(each, commands=(Command("press"),))
            assert advance(session, press, PLAN)[0].state == "stopped"
