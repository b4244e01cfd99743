"""Ticks and frames for tests: everything unknown unless said."""

from typing import Any

import numpy as np

from qlmat.core.model import Contact, Contacts, Event, Frame, Movement, Practice, Tick

NOTHING = Contact(None, None, False)
TOUCHED = Contact(40.0, (1.0, 2.0), True)


def tick(t_s: float = 1.0, **changes: Any) -> Tick:
    """Build a tick in which nothing is known."""
    values: dict[str, Any] = {
        "contacts": Contacts(t_s, NOTHING, NOTHING),
        "movement": Movement(),
        "practice": Practice("waiting", None, 0.0, 0.0),
        "events": (),
        "cue": None,
    }
    return Tick(t_s, **(values | changes))


def happening(t_s: float, name: str = "ball_lost") -> Tick:
    """Build a tick in which one thing happens."""
    return tick(t_s, events=(Event(t_s, name, "left", {"force_n": 3.0}),))


def touched(t_s: float) -> Tick:
    """Build a tick with the ball on the left pad."""
    return tick(t_s, contacts=Contacts(t_s, TOUCHED, NOTHING))


def frame(t_s: float = 1.0) -> Frame:
    """Build a frame of board v1 with every input read."""
    return Frame(t_s, np.ones(8))
