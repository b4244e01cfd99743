"""When a watcher is told what: the state once a second, the live picture ten times a second while there is one.

Rates count the time of the ticks, so a recording played faster than life is published faster too.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from qlmat.core.model import Event, Frame, Tick
from qlmat.payloads import Payload, live_payload, state_payload
from qlmat.topics import LIVE_HZ, STATE_HZ

RESTING = frozenset({"waiting", "done", "stopped"})


class Due(NamedTuple):
    """What is to be said after this tick; None for what is not due."""

    state: Payload | None
    live: Payload | None


class Beat:
    """Tells once a period that something is due; late calls do not make it drift, a jump of time begins it anew.

    >>> beat = Beat(0.5)
    >>> [beat.due(t_s) for t_s in (0.0, 0.2, 0.6, 0.9, 1.1, 7.0, 7.4, 7.5)]
    [True, False, True, False, True, True, False, True]
    """

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._due_s: float | None = None

    def due(self, t_s: float) -> bool:
        """Return whether the period is over at `t_s`."""
        late_s = None if self._due_s is None else t_s - self._due_s
        if late_s is not None and -self._period_s <= late_s < -1e-9:  # 1e-9: sums of periods are not exact
            return False
        steady = self._due_s is not None and late_s is not None and abs(late_s) < self._period_s
        self._due_s = (self._due_s if steady and self._due_s is not None else t_s) + self._period_s
        return True


class Pulse:
    """Decides at each tick what is due, and keeps what happens in between."""

    def __init__(self) -> None:
        self.live_hz = LIVE_HZ
        self._lease_s: float | None = None  # asked for, not yet begun
        self._leased_until_s = float("-inf")
        self._state_beat = Beat(1.0 / STATE_HZ)
        self._live_beat = Beat(1.0 / LIVE_HZ)
        self._said_s: float | None = None  # when the last state was said
        self._scans = 0
        self._failed: npt.NDArray[np.bool_] = np.zeros(0, dtype=np.bool_)
        self._was_shown = False
        self._events: list[Event] = []

    def lease(self, seconds: float) -> None:
        """Send live pictures for so long although nobody is on the mat. Safe from another thread."""
        self._lease_s = seconds

    def pace(self, live_hz: float) -> None:
        """Send so many live pictures a second. Safe from another thread."""
        self.live_hz, self._live_beat = live_hz, Beat(1.0 / live_hz)

    def step(self, tick: Tick, frame: Frame) -> Due:
        """Take one tick and return the payloads that are due."""
        self._events += tick.events
        if (lease_s := self._lease_s) is not None:
            self._lease_s, self._leased_until_s = None, tick.t_s + lease_s
        self._scans += 1
        failed = np.isnan(frame.volts)
        self._failed = self._failed | failed if self._failed.size else failed
        return Due(self._state(tick), self._live(tick))

    def _state(self, tick: Tick) -> Payload | None:
        if not self._state_beat.due(tick.t_s):
            return None
        since_s = 0.0 if self._said_s is None else tick.t_s - self._said_s
        rate_hz = self._scans / since_s if since_s > 0.0 else None
        payload = state_payload(tick, rate_hz, int(self._failed.sum()))
        self._said_s, self._scans, self._failed = tick.t_s, 0, self._failed[:0]
        return payload

    def _live(self, tick: Tick) -> Payload | None:
        touched = tick.contacts.left.touching or tick.contacts.right.touching
        shown = touched or tick.practice.state not in RESTING or tick.t_s < self._leased_until_s
        # The last picture shows that the ball has gone; an event is shown even when nobody touches.
        if not (shown or self._was_shown or self._events) or not self._live_beat.due(tick.t_s):
            return None
        payload = live_payload(tick, self._events)
        self._was_shown, self._events = shown, []
        return payload
