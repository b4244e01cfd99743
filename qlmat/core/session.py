"""What the mat asks of the person: place the ball, settle, work, switch sides, work, done.

A reducer: `advance` takes the session as it is and what is seen now, and returns the session as it will be and what
happened. Every move is one of `EDGES` (in `moves`); any other raises and changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from qlmat.core.model import Contacts, Event, Movement, Side, State
from qlmat.core.moves import (
    ACTIVE,
    EDGES,
    Moved,
    Session,
    end_side,
    event,
    go_back,
    move,
    pause,
    renewed,
    start,
    stop,
)
from qlmat.core.orders import Seen, measured, obey
from qlmat.core.plan import Plan
from qlmat.core.spots import way
from qlmat.core.watch import GAP_S, NO_WATCH, holds, judge_force, judge_movement, judge_spot, judge_zone, look
from qlmat.errors import TimeBackwardsError

__all__ = ["ACTIVE", "EDGES", "Plan", "Seen", "Session", "advance", "move"]

LOADED_S = 0.5  # a ball loaded for this long starts a session, or is found again; ours
HALF_MINUTE_S = 30.0  # domain facts D.3, cue 4
LEAD_S = 5.0  # between two words on the way to an earlier spot; longer than the 4 s between two equal cues
DOUBT_RATIO = 0.5  # of F_c: a chair is 0.55 of the floor, so less is no position people know; ours
LED_WORK_S = 10.0  # of work, and nobody is led any more: moving the ball may count as work; ours
HELD = Movement("left", "rock")  # holding on purpose is no rest: judged as a movement whose rhythm is not known


def advance(session: Session, seen: Seen, plan: Plan) -> Moved:
    """Return the session after `seen` and the events on the way.

    Raises TimeBackwardsError, changing nothing, when `seen` is older than the session.

    >>> from qlmat.core.model import NO_CONTACT, Contact, Contacts, Movement
    >>> session, rocking = Session(), Movement("left", "rock", 0.2, confirmed=True)
    >>> for second in range(112):
    ...     contacts = Contacts(float(second), Contact(90.0, (0.0, 0.0), True), NO_CONTACT)
    ...     session, events = advance(session, Seen(contacts, rocking), Plan())
    ...     for event in events:
    ...         print(event.t_s, event.name, event.side)
    1.0 session_started None
    5.0 placed left
    6.0 on_the_spot left
    20.0 settled left
    20.0 work_started left
    80.0 half_minute_left left
    110.0 side_done left
    110.0 switch_sides right
    """
    t_s = seen.contacts.t_s
    if t_s < session.t_s:
        raise TimeBackwardsError(f"seen at {t_s:.3f} s, but the session stands at {session.t_s:.3f} s.")
    passed_s = t_s - session.t_s
    events: tuple[Event, ...] = ()
    if seen.commands or passed_s > plan.leave_s:
        session = replace(session, t_s=t_s)
        if session.state in ACTIVE and passed_s > plan.leave_s:
            session, events = stop(session, "nothing was seen for too long")
        for command in seen.commands:
            session, told = obey(session, command, seen, plan)
            events += told
    # Until there is a side, the heavier pad is the one that matters.
    contact = seen.contacts.of(session.side or _heavier(seen.contacts))
    session = renewed(session, t_s, look(session.watch, t_s, contact, plan), session.worked_s)
    session, told = _STEP[session.state](session, seen, plan, passed_s if passed_s <= GAP_S else 0.0)
    return session, events + told if events else told


def _heavier(contacts: Contacts) -> Side:
    return "right" if (contacts.right.force_n or 0.0) > (contacts.left.force_n or 0.0) else "left"


# --- one step in each state ----------------------------------------------------------------------------------------


def _step_idle(session: Session, seen: Seen, plan: Plan, passed_s: float) -> Moved:
    """Waiting, done or stopped: begin by itself when a ball is loaded, but only after the pads have been empty."""
    if session.state == "waiting":
        return _step_waiting(session, plan)
    if seen.contacts.left.touching or seen.contacts.right.touching:
        return replace(session, empty_since_s=None) if session.empty_since_s is not None else session, ()
    if session.empty_since_s is None:
        return replace(session, empty_since_s=session.t_s), ()
    if session.t_s - session.empty_since_s >= plan.leave_s:
        return replace(move(session, "waiting"), side=None, worked_s=0.0, watch=NO_WATCH), ()
    return session, ()


def _step_waiting(session: Session, plan: Plan) -> Moved:
    """Begin when a ball is put down, unless something stands in the way, which is told once to each ball."""
    memo, watch = session.memo, session.watch
    if memo.refused and watch.since.loaded is None:
        return replace(session, memo=replace(memo, refused=False)), ()
    if memo.refused or not watch.lasted(watch.since.loaded, LOADED_S):
        return session, ()
    if plan.bars is None:
        return start(session, plan.first_side, "ball")
    session = replace(session, memo=replace(memo, refused=True))
    return session, (event(session, "session_refused", reason=plan.bars),)


def _step_placing(session: Session, seen: Seen, plan: Plan, passed_s: float) -> Moved:
    """Placing or switching: wait until a ball stays loaded, on the side that is due if one is."""
    session, told = _judge_place(session, seen, plan)
    placing = session.state == "placing"
    if session.watch.lasted(session.watch.since.loaded, plan.still_s):
        if placing:
            session = move(replace(session, side=session.side or _heavier(seen.contacts)), "settling")
            return session, (event(session, "placed"), *told)
        return move(session, "working"), (event(session, "placed"), *told, event(session, "work_started"))
    if session.t_s - session.since_s >= (plan.place_s if placing else plan.switch_s):
        session, stopped = stop(session, "not placed in time" if placing else "not switched in time")
        return session, told + stopped
    return session, told


def _step_settling(session: Session, seen: Seen, plan: Plan, passed_s: float) -> Moved:
    session, told = _judge_place(session, seen, plan)
    missing = session.watch.missing(plan)
    if missing is not None:
        session, lost = pause(session, missing, f"{missing}_lost")
        return session, told + lost
    if session.t_s - session.since_s >= plan.settle_s:
        events = (*told, event(session, "settled"), *_judge_position(session, plan), event(session, "work_started"))
        return move(session, "working"), events
    return session, told


def _judge_position(session: Session, plan: Plan) -> tuple[Event, ...]:
    """Doubt the position when what has settled, and rests, is far from what is comfortable in it."""
    spot, level_n = session.watch.spot, session.watch.level_n
    rests = spot is not None and session.watch.lasted(spot.since_s, plan.still_s)
    if not rests or DOUBT_RATIO * plan.comfortable_n <= level_n <= plan.too_hard_n:
        return ()
    say = f"much {'lighter' if level_n < plan.comfortable_n else 'heavier'} than what is comfortable in this position"
    return (event(session, "position_doubted", force_n=level_n, comfortable_n=plan.comfortable_n, say=say),)


def _step_working(session: Session, seen: Seen, plan: Plan, passed_s: float) -> Moved:
    session, told = _judge_place(session, seen, plan)
    session, holding, held = _judge_hold(session, seen, plan, passed_s)
    watch, names = judge_movement(session.watch, passed_s, HELD if holding else seen.movement, plan)
    watch, beside = judge_zone(watch, plan)
    if watch is not session.watch:
        session = replace(session, watch=watch)
    told += held + tuple(event(session, name) for name in (*names, *([beside] if beside else [])))
    missing = session.watch.missing(plan)
    if missing is not None:
        session, lost = pause(session, missing, f"{missing}_lost")
        return session, told + lost
    if not (holding or _slow_enough(session, seen, plan)) or not watch.in_zone(plan):
        if session.t_s - session.since_s <= session.worked_s + plan.idle_s:
            return session, told
        session, stopped = stop(session, "no practice for long")  # asleep on a ball, perhaps
        return session, told + stopped
    before_s, worked_s = session.worked_s, session.worked_s + passed_s
    session = renewed(session, session.t_s, watch, worked_s)
    if worked_s >= plan.side_s - 1e-9:
        session, ended = end_side(session, plan)
        return session, told + ended
    if before_s < plan.side_s - HALF_MINUTE_S <= worked_s:
        told += (event(session, "half_minute_left"),)
    return session, told


def _slow_enough(session: Session, seen: Seen, plan: Plan) -> bool:
    cadence_hz = seen.movement.cadence_hz if seen.movement.kind in ("rock", "bend") else None
    return cadence_hz is not None and cadence_hz <= plan.too_fast_hz and not session.watch.told.fast


def _judge_hold(session: Session, seen: Seen, plan: Plan, passed_s: float) -> tuple[Session, bool, tuple[Event, ...]]:
    """Tell whether the person holds still on the spot they marked, which counts for `hold_s` between two movements."""
    memo = session.memo
    if memo.marked_mm is None:
        return session, False, ()
    moving = seen.movement.kind in ("rock", "bend")
    if moving or not holds(session.watch, memo.marked_mm, plan):
        if memo.holding or (moving and memo.held_s > 0.0):  # a wobble alone gives no new time to hold
            held_s = 0.0 if moving else memo.held_s
            session = replace(session, memo=replace(memo, holding=False, held_s=held_s))
        return session, False, ()
    if memo.held_s >= plan.hold_s - 1e-9:
        return session, False, ()
    begins, held_s = memo.held_s == 0.0 and not memo.holding, memo.held_s + (passed_s if memo.holding else 0.0)
    session = replace(session, memo=replace(memo, holding=True, held_s=held_s))
    if held_s >= plan.hold_s - 1e-9:
        return session, False, (event(session, "hold_over"),)
    return session, True, (event(session, "holding"),) if begins else ()


def _step_paused(session: Session, seen: Seen, plan: Plan, passed_s: float) -> Moved:
    limit_s = plan.pause_s if session.paused_by == "person" else plan.leave_s
    if session.t_s - session.since_s >= limit_s:
        return stop(session, "paused for long" if session.paused_by == "person" else "lifted off")
    found = session.watch.lasted(session.watch.since.loaded, LOADED_S)
    if session.paused_by == "person" or not found:
        return session, ()
    return go_back(session, f"{session.paused_by}_found")


def _judge_place(session: Session, seen: Seen, plan: Plan) -> Moved:
    watch, names = judge_force(session.watch, plan)
    led: tuple[Event, ...] = ()
    early_s = LED_WORK_S if plan.spot_mm is not None else 0.0
    if session.side is not None and session.worked_s <= early_s and not watch.told.spot:
        if plan.spot_mm is not None and not session.memo.there:
            session, led = _lead(session, seen, plan.spot_mm, plan)
        if plan.spot_mm is None or session.memo.there:
            watch, spot = judge_spot(watch, plan)
            names += spot
    if not names:
        return session, led
    return replace(session, watch=watch), led + tuple(event(session, each, force_n=watch.force_n) for each in names)


def _lead(session: Session, seen: Seen, spot_mm: tuple[float, float], plan: Plan) -> Moved:
    """Say how to move the ball to the spot of an earlier day, each time it has come to rest, until it is there."""
    spot, memo, place_mm = session.watch.spot, session.memo, seen.place_of(session)
    rests = spot is not None and session.watch.lasted(spot.since_s, plan.still_s) and session.watch.since.lost is None
    if not rests or place_mm is None or session.t_s - memo.led_s < LEAD_S:
        return session, ()
    found = way(place_mm, spot_mm)
    session = replace(session, memo=replace(memo, led_s=session.t_s, there=found.there))
    name = "there" if found.there else "lead"
    return session, (event(session, name, say=found.say, right_mm=found.right_mm, up_mm=found.up_mm),)


def _step_measuring(session: Session, seen: Seen, plan: Plan, passed_s: float) -> Moved:
    return measured(session, seen, plan)


_STEP: Mapping[State, Callable[[Session, Seen, Plan, float], Moved]] = {
    "waiting": _step_idle,
    "placing": _step_placing,
    "settling": _step_settling,
    "working": _step_working,
    "switching": _step_placing,
    "paused": _step_paused,
    "done": _step_idle,
    "stopped": _step_idle,
    "measuring": _step_measuring,
}
