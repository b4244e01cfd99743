"""Messages a mat sends, made by the mat's own code."""

from qlmat.core.model import Contact, Contacts, Event, Movement, Practice, State, Tick
from qlmat.payloads import encode, event_payload, live_payload, state_payload


def tick(
    t_s: float = 10.0,
    force_n: float = 80.0,
    events: tuple[Event, ...] = (),
    cue: str | None = None,
    state: State = "working",
) -> Tick:
    """Somebody rocks on the left pad."""
    contacts = Contacts(t_s, Contact(force_n, (3.0, -4.0), True), Contact(0.0, None, False))
    practice = Practice(state, "left", 30.0, 60.0)
    return Tick(t_s, contacts, Movement("left", "rock", 0.2, None, 7), practice, events, cue)


def live(t_s: float = 10.0, force_n: float = 80.0) -> bytes:
    """One `live` message."""
    return encode(live_payload(tick(t_s, force_n)))


def state(t_s: float = 10.0, force_n: float = 80.0) -> bytes:
    """One `state` message."""
    return encode(state_payload(tick(t_s, force_n), 50.0, 0))


def event(name: str = "side_done", n: int = 1) -> bytes:
    """One `event` message."""
    return encode(event_payload(Event(9.0, name, "left"), n, "b00t", "2026-11-22T09:30:00.125Z", "synced"))
