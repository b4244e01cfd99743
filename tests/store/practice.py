"""Sessions that nobody lived: ticks and frames as the pipeline would give them, and stores filled with them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from qlmat.core.model import NO_CONTACT, Contact, Contacts, Event, Frame, Movement, Practice, Side, Tick
from qlmat.core.plan import Plan
from qlmat.store.sink import StoreSink

RATE_HZ = 20.0
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # fixed: a Monday in winter, far from any change of the clocks
SIDE_S = 12.0


def ticks(
    began_s: float = 100.0,
    force_n: float = 90.0,
    ends: str | None = "session_done",
    sides: tuple[Side, ...] = ("left",),
) -> Iterator[tuple[Tick, Frame]]:
    """Live a short session: place for a second, work `SIDE_S` on each side, end as `ends` says or not at all."""
    count = round((1.0 + SIDE_S * len(sides)) * RATE_HZ)
    for index in range(count + 1):
        t_s = began_s + index / RATE_HZ
        worked_s = t_s - began_s - 1.0
        side = sides[min(max(int(worked_s / SIDE_S), 0), len(sides) - 1)]
        events: tuple[Event, ...] = ()
        if index == 0:
            events = (Event(t_s, "session_started", None, {"by": "ball"}),)
        elif index == round(RATE_HZ):
            events = (Event(t_s, "work_started", side),)
        elif index == count // 2:
            events = (Event(t_s, "marked", side, {"x_mm": 4.0, "y_mm": -3.0}),)
        elif index == count and ends is not None:
            events = (Event(t_s, ends, side, {"reason": "asked to stop"} if ends == "session_stopped" else {}),)
        state = "placing" if worked_s < 0.0 else "working"
        if index == count and ends is not None:
            state = "done" if ends == "session_done" else "stopped"
        yield _tick(t_s, side, state, max(worked_s, 0.0) % SIDE_S, force_n, events), frame(t_s, index)


def _tick(t_s: float, side: Side, state: Any, worked_s: float, force_n: float, events: tuple[Event, ...]) -> Tick:
    pad = Contact(force_n, (4.0, -3.0), True)
    contacts = Contacts(t_s, pad, NO_CONTACT) if side == "left" else Contacts(t_s, NO_CONTACT, pad)
    practice = Practice(state, side, worked_s, SIDE_S - worked_s)
    return Tick(t_s, contacts, Movement(side, "rock", 0.2, cycles=int(worked_s / 5)), practice, events, None)


def frame(t_s: float, index: int = 0) -> Frame:
    """Give a frame of eight inputs on the converter's steps, one of them absent now and then."""
    volts = np.array([8000 + index % 7, 8100, 7900, 10, 0, 5, 26400, 26401]) * (4.096 / 32768)
    if index % 50 == 7:
        volts[2] = np.nan
    return Frame(t_s, volts)


def sink(folder: Path, **changes: Any) -> StoreSink:
    """Open a store whose clock stands at noon and is set."""
    values: dict[str, Any] = {"wall": lambda: NOON, "synced": lambda: True, "gather_s": 0.0}
    return StoreSink(folder, Plan(), **(values | changes))


def live(folder: Path, day: int = 0, **changes: Any) -> None:
    """Live one session, `day` days after the first, in a start of its own."""
    wall: Callable[[], datetime] = lambda: NOON + timedelta(days=day)
    store = sink(
        folder, **({"wall": wall} | {k: v for k, v in changes.items() if k in ("synced", "wall", "machine_boot")})
    )
    for tick, scan in ticks(**{k: v for k, v in changes.items() if k not in ("synced", "wall", "machine_boot")}):
        store.put(tick, scan)
    store.close()
