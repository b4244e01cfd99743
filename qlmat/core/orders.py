"""What a person asks of the session, by button, page or MQTT: obeyed, or refused with the reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from qlmat.core.comfort import Said, begin, end, step
from qlmat.core.model import Command, CommandName, Contacts, Event, Movement
from qlmat.core.moves import ACTIVE, NO_MEMO, Memo, Moved, Session, endings, event, go_back, move, pause, start, stop
from qlmat.core.plan import Plan
from qlmat.core.watch import NO_WATCH, Told

TWICE_S = 1.0  # two presses within this are one wish: mark the spot and go on; ours
PRESSED = "the button was pressed"  # why a session stopped; it may still go on for as long as a second press counts


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen at one instant: both pads, the movement, and what a person asked for since the last.

    `place_mm`: where the ball is, the centre of pressure averaged over whole cycles; None when that is not known.
    """

    contacts: Contacts
    movement: Movement
    commands: tuple[Command, ...] = ()
    place_mm: tuple[float, float] | None = None

    def place_of(self, session: Session) -> tuple[float, float] | None:
        """Say where the ball is on the session's side, averaged if that is known."""
        if session.side is None:
            return None
        same = self.movement.side == session.side
        return self.place_mm if same and self.place_mm is not None else self.contacts.of(session.side).cop_mm


def obey(session: Session, command: Command, seen: Seen, plan: Plan) -> Moved:
    """Do what was asked, or say why not."""
    if command.name == "press":
        return _press(session, seen, plan)
    reason = _why_not(session, command, seen, plan)
    if reason is not None:
        return _refuse(session, command, reason)
    return _OBEY[command.name](session, command, seen, plan)


def _refuse(session: Session, command: Command, reason: str) -> Moved:
    detail: dict[str, float | str | None] = {"command": command.name, "reason": reason}
    return session, (Event(session.t_s, "command_refused", command.side, detail),)


def _why_not(session: Session, command: Command, seen: Seen, plan: Plan) -> str | None:
    """Give the reason to refuse a command in this state, None if there is none."""
    active, person = session.state in ACTIVE, session.paused_by == "person"
    on_spot = session.state == "working" and seen.place_of(session) is not None
    reasons = {
        "start": "a session is running" if active else plan.barred,
        "comfort": "a session is running" if active else plan.barred,
        "tare": "a session is running" if active else None,
        "stop": None,
        "pause": None if active and not person else "nothing to pause",
        "resume": None if person else "put the ball back first" if session.state == "paused" else "nothing to resume",
        "mark": None if on_spot else "no spot is being worked",
    }
    return reasons[command.name]


# --- the button ------------------------------------------------------------------------------------------------------


def _press(session: Session, seen: Seen, plan: Plan) -> Moved:
    """Understand the one button by what goes on.

    Stop at once while a session is active; a second press within a second meant to mark the spot, and goes on; "firm"
    while the comfortable force is looked for; "yes, a second session" when that is all that is missing.
    """
    before = session.memo.before
    if session.state in ACTIVE:
        stopped, events = stop(session, PRESSED if session.state == "working" else "asked to stop")
        return replace(stopped, memo=Memo(before=_kept(session) if session.state == "working" else None)), events
    if session.state == "stopped" and before is not None and session.t_s - session.since_s <= TWICE_S:
        move(session, "working")  # raises if no edge allows it
        session = replace(before, t_s=session.t_s)
        marked, events = _mark(session, seen)
        return marked, (event(session, "went_on"), *events)
    if session.state == "measuring" and session.memo.comfort is not None:
        return measured(session, seen, plan, firm=True)
    if session.state == "waiting" and plan.on_purpose and plan.barred is None:
        return start(session, plan.first_side, "button")
    return _refuse(session, Command("press"), "no session is running")


def _kept(session: Session) -> Session:
    """Keep the work to go on with; what the stop has told to be over is told anew if it is still so."""
    told = session.watch.told
    watch = replace(session.watch, told=Told(resting=told.resting, spot=told.spot))
    return replace(session, watch=watch, memo=replace(session.memo, before=None))


def _mark(session: Session, seen: Seen) -> Moved:
    place_mm = seen.place_of(session)
    if place_mm is None:
        return session, ()
    session = replace(session, memo=replace(session.memo, marked_mm=place_mm, held_s=0.0, holding=False))
    return session, (event(session, "marked", x_mm=place_mm[0], y_mm=place_mm[1]),)


# --- the comfortable force -------------------------------------------------------------------------------------------


def _measure(session: Session, command: Command, seen: Seen, plan: Plan) -> Moved:
    side = command.side or plan.first_side or session.side or "left"
    ended, (comfort, said) = endings(session), begin(side, session.t_s)
    if session.state != "measuring":
        session = move(session, "measuring")
    session = replace(session, side=side, worked_s=0.0, watch=NO_WATCH, memo=Memo(comfort=comfort))
    return session, (*ended, *_as_events(session, said))


def measured(session: Session, seen: Seen, plan: Plan, firm: bool = False) -> Moved:
    """Take one look at the pad on which the comfortable force is looked for; wait again once it is over and empty."""
    comfort = session.memo.comfort
    if comfort is None:
        return replace(move(session, "waiting"), side=None, memo=NO_MEMO), ()
    if comfort.phase == "ended":
        touching = seen.contacts.left.touching or seen.contacts.right.touching
        return (session, ()) if touching else (replace(move(session, "waiting"), side=None, memo=NO_MEMO), ())
    comfort, said = step(comfort, session.t_s, seen.contacts.of(comfort.side), firm, plan)
    if comfort is not session.memo.comfort:
        session = replace(session, memo=replace(session.memo, comfort=comfort))
    return session, _as_events(session, said)


def _as_events(session: Session, said: tuple[Said, ...]) -> tuple[Event, ...]:
    return tuple(event(session, name, **detail) for name, detail in said)


# --- the others ------------------------------------------------------------------------------------------------------


def _stop(session: Session, command: Command, seen: Seen, plan: Plan) -> Moved:
    """End what goes on; when nothing does, that is how it was wanted."""
    if session.state in ACTIVE:
        return stop(session, "asked to stop")
    if session.memo.comfort is None:
        return session, ()
    comfort, said = end(session.memo.comfort, ("comfort_ended", {"reason": "asked to stop"}))
    return replace(session, memo=replace(session.memo, comfort=comfort)), _as_events(session, said)


def _pause(session: Session, command: Command, seen: Seen, plan: Plan) -> Moved:
    if session.state == "paused":  # because of the ball: from now on because the person wants it
        return replace(session, since_s=session.t_s, paused_by="person"), (event(session, "paused"),)
    return pause(session, "person", "paused")


def _start(session: Session, command: Command, seen: Seen, plan: Plan) -> Moved:
    return start(session, command.side or plan.first_side, "command")


_OBEY: Mapping[CommandName, Callable[[Session, Command, Seen, Plan], Moved]] = MappingProxyType(
    {
        "start": _start,
        "stop": _stop,
        "pause": _pause,
        "resume": lambda session, command, seen, plan: go_back(session, "resumed"),
        "tare": lambda session, command, seen, plan: (session, (event(session, "tared"),)),
        "mark": lambda session, command, seen, plan: _mark(session, seen),
        "comfort": _measure,
    }
)
