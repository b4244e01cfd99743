"""What an outside watcher knows of the mats on a broker: one `Reading` each, and how old it is. Pure."""

from collections.abc import Mapping
from typing import Any

from qlmat.cli.view_reading import Reading
from qlmat.dashboard.mats import Mats

STALE_S = 3.0  # `state` comes every second
LIVE_S = 1.5  # `live` comes ten times a second; after this long the slower `state` speaks
LOADED_N = 5.0  # `state` does not say which pad is touched; this much weight does


class WatchedMat:
    """One mat: its reading and when it was last heard, in the watcher's own seconds."""

    def __init__(self) -> None:
        self.reading = Reading(None)
        self.heard_s: float | None = None
        self.offline = False
        self._live_s = float("-inf")
        self._events: set[tuple[Any, Any]] = set()

    def take(self, kind: str, data: Mapping[str, Any], now_s: float) -> None:
        """Take in one checked message."""
        if kind == "plan":
            self.reading.aims = data
        elif kind == "status":
            self.offline = data["state"] == "offline"
        elif kind == "event":
            self._note(data)
        elif kind == "live":
            self.heard_s = self._live_s = now_s
            self.reading.see({**data, "events": ()})  # the numbered `event` messages bring them
        elif kind == "state":
            self.heard_s = now_s
            if now_s - self._live_s > LIVE_S and data["t_s"] is not None:
                self.reading.see(live_of(data))

    def old(self, connected: bool, broker: object, now_s: float) -> str | None:
        """Say why the reading is not what happens now; None when it is."""
        age = "" if self.heard_s is None else f", last reading {now_s - self.heard_s:.0f} s ago"
        if not connected:
            return f"Broker {broker} cannot be reached{age}"
        if self.offline:
            return f"The mat is off{age}"
        return f"The mat is silent{age}" if self.heard_s is None or now_s - self.heard_s > STALE_S else None

    def _note(self, event: Mapping[str, Any]) -> None:
        key = (event["boot"], event["n"])
        if key not in self._events:  # delivery is at least once
            self._events.add(key)
            self.reading.note(event)


class Watch:
    """Every mat under one topic root, and the one to show: the one asked for, else the first that was heard."""

    def __init__(self, wanted: str | None = None, root: str = "qlmat") -> None:
        self.mats: dict[str, WatchedMat] = {}
        self._wanted = wanted
        self._checked = Mats(root)

    def take(self, topic: str, payload: bytes, retained: bool, now_s: float) -> None:
        """Take one message from the broker; what is malformed, huge or foreign is ignored."""
        update = self._checked.take(topic, payload, now_s, retained)
        if update is not None:
            self.mats.setdefault(update.mat, WatchedMat()).take(update.kind, update.data, now_s)

    @property
    def shown(self) -> str | None:
        """Name the mat to show; None while nothing was heard."""
        return self._wanted or next(iter(self.mats), None)

    @property
    def mat(self) -> WatchedMat:
        """Give the mat to show, an empty one while it was not heard."""
        return self.mats.get(self.shown or "", WatchedMat())


def live_of(state: Mapping[str, Any]) -> dict[str, Any]:
    """Give a `state` the shape of `live`: without the ball's place, which it does not know."""

    def pad(force_n: float | None) -> dict[str, Any]:
        return {"force_n": force_n, "cop_mm": None, "touching": bool(state["on_mat"]) and (force_n or 0.0) > LOADED_N}

    return {
        "t_s": state["t_s"],
        "pads": {"left": pad(state["left_force_n"]), "right": pad(state["right_force_n"])},
        "movement": {
            "side": None,
            "kind": state["movement"],
            "cadence_cpm": state["cadence_cpm"],
            "cycles": state["cycles"] or 0,
        },
        "session": {
            "state": state["state"] or "waiting",
            "side": state["side"],
            "worked_s": state["worked_s"],
            "remaining_s": state["remaining_s"],
        },
        "events": (),
        "cue": state["cue"],
    }
