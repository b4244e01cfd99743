"""What a watcher remembers of one mat from `live` messages: calm forces, the ball's trail, events, the last cue. Pure.

It reads plain `live` dictionaries, so a mat in this process and one behind a broker look the same.
"""

from collections import deque
from collections.abc import Mapping
from typing import Any

from qlmat.core.model import SIDES, Side

CALM_S = 1.0  # the zone is told from a force as calm as this, else each breath changes the word
TRAIL_S = 6.0
GAP_S = 2.0  # after a longer silence everything begins anew
CUE_SHOWN_S = 6.0  # a cue is over before a person has looked
EVENTS_KEPT = 40
SLOW_CPM = 8.0  # lower end of the accepted 8 to 18 a minute (domain facts, section 0)
_ENDS = frozenset({"session_started", "session_done", "session_stopped"})


class Reading:
    """The newest `live` message and what the ones before it leave behind."""

    def __init__(self, aims: Mapping[str, Any] | None) -> None:
        self.aims = aims
        self.live: Mapping[str, Any] | None = None
        self.calm_n: dict[Side, float] = {"left": 0.0, "right": 0.0}
        self.trail: dict[Side, deque[tuple[float, float, float]]] = {side: deque() for side in SIDES}
        self.events: deque[Mapping[str, Any]] = deque(maxlen=EVENTS_KEPT)
        self.second = False
        self._cue: tuple[str, float] | None = None
        self._t_s = float("-inf")

    def see(self, live: Mapping[str, Any]) -> None:
        """Take in one `live` message.

        >>> reading = Reading(None)
        >>> pad = {"force_n": 80.0, "cop_mm": [3.0, -4.0], "touching": True}
        >>> reading.see({"t_s": 1.0, "pads": {"left": pad, "right": pad}, "events": [], "cue": "too_fast"})
        >>> reading.calm_n["left"], reading.trail["left"][-1], reading.cue
        (80.0, (1.0, 3.0, -4.0), 'too_fast')
        """
        t_s = live["t_s"]
        passed_s = t_s - self._t_s
        for side in SIDES:
            self._follow(side, live["pads"][side], t_s, passed_s)
        for event in live["events"]:
            self.note(event)
        if live["cue"] is not None:
            self._cue = (live["cue"], t_s)
        self.live, self._t_s = live, t_s

    def note(self, event: Mapping[str, Any]) -> None:
        """Take in one event."""
        self.events.append(event)
        if event["name"] == "switch_sides":
            self.second = True
        elif event["name"] in _ENDS:
            self.second = False

    @property
    def cue(self) -> str | None:
        """The cue being given or given just now."""
        return self._cue[0] if self._cue is not None and self._t_s - self._cue[1] < CUE_SHOWN_S else None

    @property
    def side(self) -> Side:
        """The side to speak of: the one being worked, else the one that carries more."""
        assert self.live is not None  # noqa: S101 - there is no side before the first message
        asked: Side | None = self.live["session"]["side"]
        left_n, right_n = ((self.live["pads"][side]["force_n"] or 0.0) for side in SIDES)
        return asked or ("right" if right_n > left_n else "left")

    def zone(self, side: Side) -> str:
        """Name where the force of a pad lies against the plan: a key of the table of words."""
        assert self.live is not None  # noqa: S101 - as above
        pad, aims, calm_n = self.live["pads"][side], self.aims, self.calm_n[side]
        if pad["force_n"] is None:
            return "unknown"
        if not pad["touching"]:
            return "none"
        if aims is None:
            return "any"
        if pad["force_n"] > aims["cap_n"]:
            return "over"
        low_n, high_n = aims["zone_n"]
        bounds = ((low_n, "low"), (high_n, "in"), (aims["too_hard_n"], "firm"))
        return next((name for bound_n, name in bounds if calm_n <= bound_n), "high")

    def pace(self) -> str:
        """Name the pace against the plan: a key of the table of words."""
        assert self.live is not None  # noqa: S101 - as above
        cadence_cpm = self.live["movement"]["cadence_cpm"]
        if cadence_cpm is None:
            return "none"
        good_cpm, most_cpm = (self.aims["good_fast_cpm"], self.aims["too_fast_cpm"]) if self.aims else (18.0, 20.0)
        bounds = ((SLOW_CPM, "slow"), (good_cpm, "in"), (most_cpm, "quick"))
        return next((name for bound_cpm, name in bounds if cadence_cpm <= bound_cpm), "fast")

    def _follow(self, side: Side, pad: Mapping[str, Any], t_s: float, passed_s: float) -> None:
        force_n, trail = pad["force_n"] or 0.0, self.trail[side]
        steady = 0.0 <= passed_s < GAP_S
        self.calm_n[side] += (force_n - self.calm_n[side]) * (passed_s / (CALM_S + passed_s) if steady else 1.0)
        if not steady or pad["cop_mm"] is None:
            trail.clear()
        if pad["cop_mm"] is not None:
            trail.append((t_s, *pad["cop_mm"]))
        while trail and trail[0][0] < t_s - TRAIL_S:
            trail.popleft()
