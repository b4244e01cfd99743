"""The states of a session, the moves that are allowed between them, and what each move tells.

`EDGES` holds every move there is; any other raises and changes nothing. A diagram is drawn from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from qlmat.core.comfort import Comfort
from qlmat.core.model import Event, Practice, Side, State
from qlmat.core.plan import Plan
from qlmat.core.watch import NO_WATCH, Told, Watch
from qlmat.errors import IllegalMoveError

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
        ("stopped", "working"): "pressed twice: mark the spot and go on",
        ("waiting", "measuring"): "find the comfortable force",
        ("done", "measuring"): "find the comfortable force",
        ("stopped", "measuring"): "find the comfortable force",
        ("measuring", "placing"): "start",
        ("measuring", "waiting"): "found or given up, and the pad is empty",
    }
)
ACTIVE: frozenset[State] = frozenset({"placing", "settling", "working", "switching", "paused"})
IDLE: frozenset[State] = frozenset({"waiting", "done", "stopped"})


@dataclass(frozen=True, slots=True)
class Memo:
    """What a session keeps in mind besides where it stands; it changes seldom.

    `comfort`: the measurement under way. `refused`: the ball now on the pad was told that nothing begins. `marked_mm`:
    the spot marked on this side, held for `held_s` since the last movement, `holding` it now. `led_s`: when the way
    to an earlier spot was last told, until `there`. `before`: the work a press of the button has just ended.
    """

    comfort: Comfort | None = None
    refused: bool = False
    marked_mm: tuple[float, float] | None = None
    held_s: float = 0.0
    holding: bool = False
    led_s: float = float("-inf")
    there: bool = False
    before: "Session | None" = None


NO_MEMO = Memo()


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
    memo: Memo = NO_MEMO

    def practice(self, plan: Plan) -> Practice:
        """Tell a watcher the state, the side, and the seconds counted and still to do on it."""
        barred = plan.bars if self.state in IDLE else None
        return Practice(self.state, self.side, self.worked_s, max(0.0, plan.side_s - self.worked_s), barred)


Moved = tuple[Session, tuple[Event, ...]]


def move(session: Session, state: State) -> Session:
    """Return the session in `state` from now on; raise IllegalMoveError, changing nothing, if no edge leads there."""
    if (session.state, state) not in EDGES:
        raise IllegalMoveError(f"a session that is {session.state} cannot become {state}: no such edge.")
    return replace(session, state=state, since_s=session.t_s, empty_since_s=None)


def renewed(session: Session, t_s: float, watch: Watch, worked_s: float) -> Session:
    """Spell out what `replace` would do, in a third of its time: this runs in every frame."""
    return Session(
        session.state, t_s, session.since_s, session.side, session.first, worked_s, watch,
        session.paused_by, session.paused_in, session.empty_since_s, session.memo,
    )  # fmt: skip


def event(session: Session, name: str, **detail: float | str | None) -> Event:
    """Say that `name` happens now, on the session's side."""
    return Event(session.t_s, name, session.side, detail)


def endings(session: Session) -> tuple[Event, ...]:
    """End what is under way, so that whatever began is also seen to end."""
    comfort = session.memo.comfort
    begun = ("over_cap",) if comfort is not None and comfort.capped else session.watch.under_way
    return tuple(event(session, f"{name}_over") for name in begun)


def start(session: Session, side: Side | None, by: str) -> Moved:
    """Begin from nothing, on `side` or, with None, on the side a ball will be put on."""
    ended, session = endings(session), move(session, "placing")
    session = Session(session.state, session.t_s, session.since_s, side)
    return session, (*ended, event(session, "session_started", by=by))


def pause(session: Session, by: str, name: str) -> Moved:
    """Stand still until the `by` of it ("person", "ball", "signal") is over; tell it as `name`."""
    events = (*endings(session), event(session, name))
    watch = Watch(told=Told(spot=session.watch.told.spot))
    return replace(move(session, "paused"), paused_by=by, paused_in=session.state, watch=watch), events


def go_back(session: Session, name: str) -> Moved:
    """Go on where the pause began."""
    back_to = session.paused_in or "stopped"
    return replace(move(session, back_to), paused_by=None, paused_in=None), (event(session, name),)


def stop(session: Session, reason: str) -> Moved:
    """End before the end, and say why."""
    events = (*endings(session), event(session, "session_stopped", reason=reason))
    return replace(move(session, "stopped"), paused_by=None, paused_in=None, watch=NO_WATCH, memo=NO_MEMO), events


def end_side(session: Session, plan: Plan) -> Moved:
    """Finish the side: switch to the other one, or be done."""
    told = (*endings(session), event(session, "side_done", worked_s=session.worked_s))
    if not (plan.both_sides and session.first):
        return replace(move(session, "done"), watch=NO_WATCH, memo=NO_MEMO), (*told, event(session, "session_done"))
    other: Side = "right" if session.side == "left" else "left"
    session = replace(move(session, "switching"), side=other, first=False, worked_s=0.0, watch=NO_WATCH, memo=NO_MEMO)
    return session, (*told, event(session, "switch_sides"))
