"""What the mat asks of the person: place the ball, settle, work, switch sides, work, done.

A reducer: `advance` takes the session as it is and what is seen now, and returns the session as it will be and what
happened. Every move is one of `EDGES` (in `moves`); any other raises and changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from qlmat.core.model import Command, CommandName, Contacts, Event, Movement, Side, State
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
from qlmat.core.plan import Plan
from qlmat.core.watch import GAP_S, NO_WATCH, judge_force, judge_movement, judge_spot, look
from qlmat.errors import TimeBackwardsError

__all__ = ["ACTIVE", "EDGES", "Plan", "Seen", "Session", "advance", "move"]

LOADED_S = 0.5  # a ball loaded for this long starts a session, or is found again; ours
HALF_MINUTE_S = 30.0  # domain facts D.3, cue 4


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen at one instant: both pads, the movement, and what a person asked for since the last."""

    contacts: Contacts
    movement: Movement
    commands: tuple[Command, ...] = ()


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
            session, told = _obey(session, command, seen, plan)
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
        if session.watch.lasted(session.watch.since.loaded, LOADED_S):
            return start(session, plan.first_side, "ball")
        return session, ()
    if seen.contacts.left.touching or seen.contacts.right.touching:
        return replace(session, empty_since_s=None) if session.empty_since_s is not None else session, ()
    if session.empty_since_s is None:
        return replace(session, empty_since_s=session.t_s), ()
    if session.t_s - session.empty_since_s >= plan.leave_s:
        return replace(move(session, "waiting"), side=None, worked_s=0.0, watch=NO_WATCH), ()
    return session, ()


def _step_placing(session: Session, seen: Seen, plan: Plan, passed_s: float) -> Moved:
    """Placing or switching: wait until a ball stays loaded, on the side that is due if one is."""
    session, told = _judge_place(session, plan)
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
    session, told = _judge_place(session, plan)
    missing = session.watch.missing(plan)
    if missing is not None:
        session, lost = pause(session, missing, f"{missing}_lost")
        return session, told + lost
    if session.t_s - session.since_s >= plan.settle_s:
        events = (*told, event(session, "settled"), event(session, "work_started"))
        return move(session, "working"), events
    return session, told


def _step_working(session: Session, seen: Seen, plan: Plan, passed_s: float) -> Moved:
    session, told = _judge_place(session, plan)
    watch, names = judge_movement(session.watch, passed_s, seen.movement, plan)
    if watch is not session.watch:
        session = replace(session, watch=watch)
    told += tuple(event(session, name) for name in names)
    missing = session.watch.missing(plan)
    if missing is not None:
        session, lost = pause(session, missing, f"{missing}_lost")
        return session, told + lost
    cadence_hz = seen.movement.cadence_hz if seen.movement.kind in ("rock", "bend") else None
    slow_enough = cadence_hz is not None and cadence_hz <= plan.too_fast_hz and not watch.told.fast
    if not (slow_enough and watch.in_zone(plan)):
        return session, told
    before_s, worked_s = session.worked_s, session.worked_s + passed_s
    session = renewed(session, session.t_s, watch, worked_s)
    if worked_s >= plan.side_s - 1e-9:
        session, ended = end_side(session, plan)
        return session, told + ended
    if before_s < plan.side_s - HALF_MINUTE_S <= worked_s:
        told += (event(session, "half_minute_left"),)
    return session, told


def _step_paused(session: Session, seen: Seen, plan: Plan, passed_s: float) -> Moved:
    limit_s = plan.pause_s if session.paused_by == "person" else plan.leave_s
    if session.t_s - session.since_s >= limit_s:
        return stop(session, "paused for long" if session.paused_by == "person" else "lifted off")
    found = session.watch.lasted(session.watch.since.loaded, LOADED_S)
    if session.paused_by == "person" or not found:
        return session, ()
    return go_back(session, f"{session.paused_by}_found")


def _judge_place(session: Session, plan: Plan) -> Moved:
    watch, names = judge_force(session.watch, plan)
    if session.side is not None and not session.worked_s:
        watch, spot = judge_spot(watch, plan)
        names += spot
    if not names:
        return session, ()
    return replace(session, watch=watch), tuple(event(session, name, force_n=watch.force_n) for name in names)


# --- what a person asks for ----------------------------------------------------------------------------------------


def _obey(session: Session, command: Command, seen: Seen, plan: Plan) -> Moved:
    """Do what was asked, or say why not."""
    spot_mm = None if session.side is None else seen.contacts.of(session.side).cop_mm
    reason = _why_not(session, command, spot_mm)
    if reason is not None:
        detail: dict[str, float | str | None] = {"command": command.name, "reason": reason}
        return session, (Event(session.t_s, "command_refused", command.side, detail),)
    if command.name == "mark" and spot_mm is not None:
        return session, (event(session, "marked", x_mm=spot_mm[0], y_mm=spot_mm[1]),)
    return _OBEY[command.name](session, command, plan)


def _why_not(session: Session, command: Command, spot_mm: tuple[float, float] | None) -> str | None:
    """Give the reason to refuse a command in this state, None if there is none."""
    active = session.state in ACTIVE
    match command.name:
        case "start" | "tare":
            return "a session is running" if active else None
        case "stop":
            return None if active else "no session is running"
        case "pause":
            return None if active and session.paused_by != "person" else "nothing to pause"
        case "resume":
            reason = "nothing to resume" if session.state != "paused" else "put the ball back first"
            return None if session.paused_by == "person" else reason
        case "mark":
            return None if session.state == "working" and spot_mm is not None else "no spot is being worked"


def _obey_pause(session: Session, command: Command, plan: Plan) -> Moved:
    if session.state == "paused":  # because of the ball: from now on because the person wants it
        return replace(session, since_s=session.t_s, paused_by="person"), (event(session, "paused"),)
    return pause(session, "person", "paused")


_OBEY: Mapping[CommandName, Callable[[Session, Command, Plan], Moved]] = {
    "start": lambda session, command, plan: start(session, command.side or plan.first_side, "command"),
    "stop": lambda session, command, plan: stop(session, "asked to stop"),
    "pause": _obey_pause,
    "resume": lambda session, command, plan: go_back(session, "resumed"),
    "tare": lambda session, command, plan: (session, (event(session, "tared"),)),
}
_STEP: Mapping[State, Callable[[Session, Seen, Plan, float], Moved]] = {
    "waiting": _step_idle,
    "placing": _step_placing,
    "settling": _step_settling,
    "working": _step_working,
    "switching": _step_placing,
    "paused": _step_paused,
    "done": _step_idle,
    "stopped": _step_idle,
}
