"""What the mat asks of the person: place the ball, settle, work, switch sides, work, done.

A reducer: `advance` takes the session as it is and what is seen now, and returns the session as it will be and what
happened. `EDGES` holds every move that is allowed; any other raises and changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from qlmat.core.model import Command, CommandName, Contact, Contacts, Event, Movement, Practice, Side, State
from qlmat.core.plan import Plan
from qlmat.core.watch import FOUND_S, GAP_S, NO_WATCH, Watch, judge_movement, judge_place, look
from qlmat.errors import IllegalMoveError, TimeBackwardsError

__all__ = ["ACTIVE", "EDGES", "Plan", "Seen", "Session", "advance", "move"]

EDGES: Mapping[tuple[State, State], str] = MappingProxyType(
    {
        ("waiting", "placing"): "start, or a ball is loaded",
        ("placing", "settling"): "the ball stays loaded",
        ("settling", "working"): "settled",
        ("working", "switching"): "side time met, one side to go",
        ("switching", "working"): "the ball stays loaded on the other pad",
        ("working", "done"): "side time met on the last side",
        ("placing", "paused"): "pause",
        ("settling", "paused"): "pause, ball lost",
        ("working", "paused"): "pause, ball lost",
        ("switching", "paused"): "pause",
        ("paused", "placing"): "resume",
        ("paused", "settling"): "resume, ball found",
        ("paused", "working"): "resume, ball found",
        ("paused", "switching"): "resume",
        ("placing", "stopped"): "stop, not placed in time",
        ("settling", "stopped"): "stop",
        ("working", "stopped"): "stop",
        ("switching", "stopped"): "stop, not switched in time",
        ("paused", "stopped"): "stop, lifted off for long",
        ("done", "waiting"): "both pads empty for long",
        ("stopped", "waiting"): "both pads empty for long",
        ("done", "placing"): "start",
        ("stopped", "placing"): "start",
    }
)
ACTIVE: frozenset[State] = frozenset({"placing", "settling", "working", "switching", "paused"})
HALF_MINUTE_S = 30.0  # domain facts D.3, cue 4


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen at one instant: both pads, the movement, and what a person asked for since the last."""

    contacts: Contacts
    movement: Movement
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """Where the practice stands. `since_s` is when `state` began; `worked_s` counts on `side`, `first` if it is first.

    `paused_by`: "person", "ball" (lost) or "signal" (the pad cannot be read); `paused_in` is the state to return to.
    """

    state: State = "waiting"
    t_s: float = float("-inf")
    since_s: float = float("-inf")
    side: Side | None = None
    first: bool = True
    worked_s: float = 0.0
    watch: Watch = NO_WATCH
    paused_by: str | None = None
    paused_in: State | None = None
    empty_since_s: float | None = None

    def practice(self, plan: Plan) -> Practice:
        """Tell a watcher the state, the side, and the seconds counted and still to do on it."""
        return Practice(self.state, self.side, self.worked_s, max(0.0, plan.side_s - self.worked_s))


Moved = tuple[Session, tuple[Event, ...]]


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
            session, events = _stop(session, "nothing was seen for too long")
        for command in seen.commands:
            session, told = _obey(session, command, seen, plan)
            events += told
    watch = look(session.watch, t_s, _contact(session, seen), plan)
    session = replace(session, t_s=t_s, watch=watch)
    session, told = _STEP[session.state](session, seen, plan, passed_s if passed_s <= GAP_S else 0.0)
    return session, events + told


def move(session: Session, state: State) -> Session:
    """Return the session in `state` from now on; raise IllegalMoveError, changing nothing, if no edge leads there."""
    if (session.state, state) not in EDGES:
        raise IllegalMoveError(f"a session that is {session.state} cannot become {state}: no such edge.")
    return replace(session, state=state, since_s=session.t_s, empty_since_s=None)


def _contact(session: Session, seen: Seen) -> Contact:
    """Pick the pad that matters: the session's side, or the heavier one until there is a side."""
    if session.side is not None:
        return seen.contacts.of(session.side)
    return seen.contacts.of(_heavier(seen.contacts))


def _heavier(contacts: Contacts) -> Side:
    return "right" if (contacts.right.force_n or 0.0) > (contacts.left.force_n or 0.0) else "left"


def _event(session: Session, name: str, **detail: float | str | None) -> Event:
    return Event(session.t_s, name, session.side, detail)


# --- one step in each state ----------------------------------------------------------------------------------------


def _step_idle(session: Session, seen: Seen, plan: Plan, passed_s: float) -> Moved:
    """Waiting, done or stopped: begin by itself when a ball is loaded, but only after the pads have been empty."""
    if session.state == "waiting":
        if session.watch.lasted(session.watch.loaded_since_s, FOUND_S):
            return _start(session, plan.first_side, "ball")
        return session, ()
    if seen.contacts.left.touching or seen.contacts.right.touching:
        return replace(session, empty_since_s=None) if session.empty_since_s is not None else session, ()
    if session.empty_since_s is None:
        return replace(session, empty_since_s=session.t_s), ()
    if session.t_s - session.empty_since_s >= plan.leave_s:
        return replace(move(session, "waiting"), side=None, worked_s=0.0, watch=NO_WATCH), ()
    return session, ()


def _step_placing(session: Session, seen: Seen, plan: Plan, passed_s: float) -> Moved:
    if session.watch.lasted(session.watch.loaded_since_s, plan.still_s):
        session = move(replace(session, side=session.side or _heavier(seen.contacts)), "settling")
        return session, (_event(session, "placed"),)
    session, told = _judge_place(session, plan)
    if session.t_s - session.since_s >= plan.place_s:
        session, stopped = _stop(session, "not placed in time")
        return session, told + stopped
    return session, told


def _step_settling(session: Session, seen: Seen, plan: Plan, passed_s: float) -> Moved:
    session, told = _judge_place(session, plan)
    missing = session.watch.missing(plan)
    if missing is not None:
        session, lost = _pause(session, missing, f"{missing}_lost")
        return session, told + lost
    if session.t_s - session.since_s >= plan.settle_s:
        events = (*told, _event(session, "settled"), _event(session, "work_started"))
        return move(session, "working"), events
    return session, told


def _step_working(session: Session, seen: Seen, plan: Plan, passed_s: float) -> Moved:
    session, told = _judge_place(session, plan)
    watch, names = judge_movement(session.watch, passed_s, seen.movement, plan)
    if watch is not session.watch:
        session = replace(session, watch=watch)
    told += tuple(_event(session, name) for name in names)
    missing = session.watch.missing(plan)
    if missing is not None:
        session, lost = _pause(session, missing, f"{missing}_lost")
        return session, told + lost
    cadence_hz = seen.movement.cadence_hz if seen.movement.kind in ("rock", "bend") else None
    slow_enough = cadence_hz is not None and cadence_hz <= plan.too_fast_hz and not watch.fast
    if not (slow_enough and watch.in_zone(plan)):
        return session, told
    before_s, worked_s = session.worked_s, session.worked_s + passed_s
    session = replace(session, worked_s=worked_s)
    if worked_s >= plan.side_s - 1e-9:
        session, ended = _end_side(session, plan)
        return session, told + ended
    if before_s < plan.side_s - HALF_MINUTE_S <= worked_s:
        told += (_event(session, "half_minute_left"),)
    return session, told


def _step_switching(session: Session, seen: Seen, plan: Plan, passed_s: float) -> Moved:
    session, told = _judge_place(session, plan)
    if session.watch.lasted(session.watch.loaded_since_s, plan.still_s):
        return move(session, "working"), (*told, _event(session, "placed"), _event(session, "work_started"))
    if session.t_s - session.since_s >= plan.switch_s:
        session, stopped = _stop(session, "not switched in time")
        return session, told + stopped
    return session, told


def _step_paused(session: Session, seen: Seen, plan: Plan, passed_s: float) -> Moved:
    limit_s = plan.pause_s if session.paused_by == "person" else plan.leave_s
    if session.t_s - session.since_s >= limit_s:
        return _stop(session, "paused for long" if session.paused_by == "person" else "lifted off")
    found = session.watch.lasted(session.watch.loaded_since_s, FOUND_S)
    if session.paused_by == "person" or not found:
        return session, ()
    return _return(session, f"{session.paused_by}_found")


# --- what is told, and what moves along the edges ------------------------------------------------------------------


def _overs(session: Session) -> tuple[Event, ...]:
    """End what is under way, so that whatever began is also seen to end."""
    return tuple(_event(session, f"{name}_over") for name in session.watch.under_way)


def _judge_place(session: Session, plan: Plan) -> Moved:
    watch, names = judge_place(session.watch, plan)
    if not names:
        return session, ()
    return replace(session, watch=watch), tuple(_event(session, name, force_n=watch.force_n) for name in names)


def _start(session: Session, side: Side | None, by: str) -> Moved:
    session = move(session, "placing")
    session = Session(session.state, session.t_s, session.since_s, side)
    return session, (_event(session, "session_started", by=by),)


def _pause(session: Session, by: str, name: str) -> Moved:
    events = (*_overs(session), _event(session, name))
    return replace(move(session, "paused"), paused_by=by, paused_in=session.state, watch=NO_WATCH), events


def _return(session: Session, name: str) -> Moved:
    back_to = session.paused_in or "stopped"
    return replace(move(session, back_to), paused_by=None, paused_in=None), (_event(session, name),)


def _stop(session: Session, reason: str) -> Moved:
    events = (*_overs(session), _event(session, "session_stopped", reason=reason))
    return replace(move(session, "stopped"), paused_by=None, paused_in=None, watch=NO_WATCH), events


def _end_side(session: Session, plan: Plan) -> Moved:
    told = (*_overs(session), _event(session, "side_done", worked_s=session.worked_s))
    if not (plan.both_sides and session.first):
        return replace(move(session, "done"), watch=NO_WATCH), (*told, _event(session, "session_done"))
    other: Side = "right" if session.side == "left" else "left"
    session = replace(move(session, "switching"), side=other, first=False, worked_s=0.0, watch=NO_WATCH)
    return session, (*told, _event(session, "switch_sides"))


# --- what a person asks for ----------------------------------------------------------------------------------------


def _obey(session: Session, command: Command, seen: Seen, plan: Plan) -> Moved:
    """Do what was asked, or say why not."""
    spot_mm = None if session.side is None else seen.contacts.of(session.side).cop_mm
    reason = _why_not(session, command, spot_mm)
    if reason is not None:
        detail: dict[str, float | str | None] = {"command": command.name, "reason": reason}
        return session, (Event(session.t_s, "command_refused", command.side, detail),)
    if command.name == "mark" and spot_mm is not None:
        return session, (_event(session, "marked", x_mm=spot_mm[0], y_mm=spot_mm[1]),)
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
        return replace(session, since_s=session.t_s, paused_by="person"), (_event(session, "paused"),)
    return _pause(session, "person", "paused")


_OBEY: Mapping[CommandName, Callable[[Session, Command, Plan], Moved]] = MappingProxyType(
    {
        "start": lambda session, command, plan: _start(session, command.side or plan.first_side, "command"),
        "stop": lambda session, command, plan: _stop(session, "asked to stop"),
        "pause": _obey_pause,
        "resume": lambda session, command, plan: _return(session, "resumed"),
        "tare": lambda session, command, plan: (session, (_event(session, "tared"),)),
    }
)
_STEP: Mapping[State, Callable[[Session, Seen, Plan, float], Moved]] = MappingProxyType(
    {
        "waiting": _step_idle,
        "placing": _step_placing,
        "settling": _step_settling,
        "working": _step_working,
        "switching": _step_switching,
        "paused": _step_paused,
        "done": _step_idle,
        "stopped": _step_idle,
    }
)
