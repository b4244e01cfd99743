"""A person for the session, without sensors: one look at the mat a frame, told in a line."""

from collections.abc import Iterable, Iterator

from qlmat.core.model import NO_CONTACT, Command, Contact, Contacts, Event, Kind, Movement, Side
from qlmat.core.plan import Plan
from qlmat.core.session import Seen, Session, advance

FRAME_S = 0.05


def seen(
    t_s: float,
    force_n: float | None = 90.0,
    side: Side = "left",
    kind: Kind | None = "rock",
    cpm: float = 12.0,
    commands: tuple[Command, ...] = (),
) -> Seen:
    """One look: a ball of `force_n` on one pad, nothing on the other, one movement."""
    if force_n is None:
        pad = Contact(None, None, False)
    else:
        pad = Contact(force_n, (0.0, 0.0), True) if force_n > 3.0 else Contact(force_n, None, False)
    moving = kind in ("rock", "bend")
    movement = Movement(side, kind, cpm / 60 if moving else None, confirmed=moving)
    left, right = (pad, NO_CONTACT) if side == "left" else (NO_CONTACT, pad)
    return Seen(Contacts(t_s, left, right), movement, commands)


def looks(
    start_s: float,
    seconds: float,
    force_n: float | None = 90.0,
    side: Side = "left",
    kind: Kind | None = "rock",
    cpm: float = 12.0,
) -> Iterator[Seen]:
    """The same look for a while, 20 a second."""
    for k in range(round(seconds / FRAME_S)):
        yield seen(start_s + k * FRAME_S, force_n, side, kind, cpm)


def live(session: Session, stream: Iterable[Seen], plan: Plan = Plan()) -> tuple[Session, list[Event]]:
    """Advance through a stream; give the session and all it told."""
    told: list[Event] = []
    for each in stream:
        session, events = advance(session, each, plan)
        told += events
    return session, told


def working(plan: Plan = Plan(), side: Side = "left") -> Session:
    """A session that has just begun to work, at 30 s."""
    session, _ = live(Session(), looks(11.35, 18.65, side=side, kind="still"), plan)
    assert session.state == "working"
    assert session.t_s - session.since_s < 0.2
    return session


def names(told: Iterable[Event]) -> list[str]:
    """Only the names."""
    return [event.name for event in told]
