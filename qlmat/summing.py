"""Session summaries from ticks: what `session/<n>` says when a session ends. Pure; feed it every tick.

Times here are monotonic; who publishes a summary gives it wall time and number.
"""

from dataclasses import dataclass, field
from math import isfinite
from typing import NamedTuple

from qlmat.core.model import SIDES, Event, Side, Tick
from qlmat.payloads import Payload

LONGEST_S = 1.0  # a longer silence between two ticks is not time worked
ENDS = {"session_done": "done", "session_stopped": "stopped"}


@dataclass(slots=True)
class _SideSum:
    """Sums over the time worked on one side."""

    worked_s: float = 0.0
    cycles: int = 0
    seconds: float = 0.0
    force_ns: float = 0.0  # newton seconds
    force_max_n: float | None = None
    moved_s: float = 0.0
    turned: float = 0.0  # cadence times seconds
    counts: dict[str, int] = field(default_factory=lambda: {"too_hard": 0, "too_fast": 0})
    cycles_before: int | None = None

    def add(self, tick: Tick, side: Side, passed_s: float) -> None:
        self.worked_s = max(self.worked_s, tick.practice.worked_s)
        force_n = tick.contacts.of(side).force_n
        if force_n is not None and isfinite(force_n):
            self.seconds += passed_s
            self.force_ns += force_n * passed_s
            self.force_max_n = max(force_n, self.force_max_n or 0.0)
        if tick.movement.cadence_hz is not None:
            self.moved_s += passed_s
            self.turned += tick.movement.cadence_hz * passed_s
        before = tick.movement.cycles if self.cycles_before is None else self.cycles_before
        self.cycles += max(0, tick.movement.cycles - before)  # the count begins anew with each contact
        self.cycles_before = tick.movement.cycles

    def said(self) -> Payload:
        mean_n = self.force_ns / self.seconds if self.seconds else None
        return {
            "worked_s": round(self.worked_s, 1),
            "cycles": int(self.cycles),
            "cadence_cpm": round(60.0 * self.turned / self.moved_s, 2) if self.moved_s else None,
            "force_n": None if mean_n is None else round(mean_n, 1),
            "force_max_n": None if self.force_max_n is None else round(self.force_max_n, 1),
            **self.counts,
        }


class Summary(NamedTuple):
    """A session that ended: monotonic seconds of its beginning and end, and the rest of its payload."""

    began_s: float
    ended_s: float
    said: Payload


class Summing:
    """Follows the practice; `step` returns a summary at the tick in which a session ends."""

    def __init__(self) -> None:
        self._began_s: float | None = None
        self._sides: dict[Side, _SideSum] = {}
        self._t_s = 0.0

    def step(self, tick: Tick) -> Summary | None:
        """Take one tick."""
        passed_s, self._t_s = tick.t_s - self._t_s, tick.t_s
        side = tick.practice.side
        if self._began_s is not None and side is not None and tick.practice.state == "working":
            self._sides[side].add(tick, side, passed_s if 0.0 < passed_s <= LONGEST_S else 0.0)
        summary = None
        for event in tick.events:
            summary = self._hear(event) or summary
        return summary

    def _hear(self, event: Event) -> Summary | None:
        if event.name == "session_started":
            self._began_s, self._sides = event.t_s, {side: _SideSum() for side in SIDES}
        if self._began_s is None:
            return None
        if event.side is not None and event.name in self._sides[event.side].counts:
            self._sides[event.side].counts[event.name] += 1
        if event.name not in ENDS:
            return None
        began_s, self._began_s = self._began_s, None
        reason = event.detail.get("reason")
        said: Payload = {
            "seconds": round(event.t_s - began_s, 1),
            "result": ENDS[event.name],
            "reason": reason,
            "left": self._sides["left"].said(),
            "right": self._sides["right"].said(),
        }
        return Summary(began_s, event.t_s, said)
