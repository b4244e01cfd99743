"""Everything the page's server knows about the mats: the last message of each kind, bounded. No clock, no I/O.

`Mats.take` turns one broker message into one `Update` for the watchers, or ignores it and counts why.
"""

import re
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from qlmat.dashboard.messages import KINDS, Happening, Live, Message, State, Summary
from qlmat.dashboard.ran import Ran

MAX_MATS = 16  # a clinic; more belong on a fleet's own page
MAX_PAYLOAD_BYTES = 8192  # a live message has about 500
EVENTS_KEPT = 60
SESSIONS_KEPT = 30
TRACE_KEPT = 320  # 30 s at 10 Hz and a little
FORGET_AFTER_S = 600.0  # a mat silent for so long may make room for a new one

_TOPIC = re.compile(
    r"(?P<root>[^/]+)/(?P<mat>[A-Za-z0-9_-]{1,32})/(?P<kind>[a-z]{1,16})(?:/\d{1,9}|(?<=resp)/[a-z]{1,16})?"
)
_LASTING = frozenset(
    {"status", "plan", "course", "config", "health"}
)  # kinds that may be retained; a retained force is an old force


@dataclass(frozen=True, slots=True)
class Update:
    """One checked message of one mat, ready for the watchers."""

    mat: str
    kind: str
    data: dict[str, Any]


@dataclass(slots=True)
class Mat:
    """The last that was heard of one mat. `trace` rows are (t_s, left_n | None, right_n | None)."""

    heard_s: float
    data_s: float | None = None
    last: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=EVENTS_KEPT))
    sessions: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=SESSIONS_KEPT))
    trace: deque[tuple[float, float | None, float | None]] = field(default_factory=lambda: deque(maxlen=TRACE_KEPT))
    ran: Ran = field(default_factory=Ran)  # the session that runs, or the last one
    views: dict[int, dict[str, Any]] = field(default_factory=dict)  # of the sessions kept, by number

    def note(self, message: Message) -> None:
        """Keep what a chart or a list needs later."""
        if isinstance(message, Happening):
            self.events.append(message.model_dump())
            self.ran.note(message.model_dump())
        elif isinstance(message, Summary):
            self._end(message)
        elif isinstance(message, Live):
            left_n, right_n = message.pads.left.force_n, message.pads.right.force_n
            self._trace(message.t_s, left_n, right_n)
            self.ran.see(message.session.state, (message.t_s, left_n, right_n, message.movement.cadence_cpm))
        elif isinstance(message, State) and message.t_s is not None:
            left_n, right_n = message.left_force_n, message.right_force_n
            self._trace(message.t_s, left_n, right_n)
            self.ran.see(message.state, (message.t_s, left_n, right_n, message.cadence_cpm))

    def _end(self, summary: Summary) -> None:
        """Keep a session that has ended, with how it ran if we were there."""
        if any(known["n"] == summary.n for known in self.sessions):
            return  # delivery is at least once
        view = self.ran.told()
        self.sessions.append({**summary.model_dump(), "seen": bool(view["trace"])})
        if view["trace"]:
            self.views[summary.n] = view
        self.ran = Ran()
        kept = {known["n"] for known in self.sessions}
        self.views = {n: each for n, each in self.views.items() if n in kept}

    def _trace(self, t_s: float, left_n: float | None, right_n: float | None) -> None:
        if self.trace and t_s < self.trace[-1][0] - 1.0:
            self.trace.clear()  # the mat was started again: its time began anew
        if not self.trace or t_s > self.trace[-1][0]:
            self.trace.append((t_s, left_n, right_n))


class Mats:
    """The mats heard under one topic root."""

    def __init__(self, root: str = "qlmat") -> None:
        self._root = root
        self._mats: dict[str, Mat] = {}
        self.ignored: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._mats)

    def __contains__(self, mat: object) -> bool:
        return mat in self._mats

    def view(self, mat: str, n: int) -> dict[str, Any] | None:
        """Say how a session ran, None when that is not known: its summary, trace and events."""
        known = self._mats.get(mat)
        if known is None or n not in known.views:
            return None
        summary = next(each for each in known.sessions if each["n"] == n)
        return {"summary": summary, **known.views[n]}

    def take(self, topic: str, payload: bytes, now_s: float, retained: bool = False) -> Update | None:
        """Keep one broker message and return what to tell the watchers; None when it was ignored and counted."""
        where = _TOPIC.fullmatch(topic)
        if where is None or where["root"] != self._root or where["kind"] not in KINDS:
            return None  # somebody else's topic, our own command, or a kind of a later version
        kind = where["kind"]
        message = self._read(kind, payload, retained)
        mat = self._mat(where["mat"], now_s) if message is not None else None
        if message is None or mat is None:
            return None
        data = message.model_dump()
        mat.heard_s = now_s
        if kind in ("live", "state"):
            mat.data_s = now_s
        if kind not in ("event", "session", "resp"):
            mat.last[kind] = data
        mat.note(message)
        if isinstance(message, Summary):
            data["seen"] = message.n in mat.views  # whether `view` can show how it ran
        return Update(where["mat"], kind, data)

    def snapshot(self, now_s: float) -> dict[str, Any]:
        """Everything a watcher needs who has just come; `age_s` counts from the last live or state message."""
        return {
            name: {
                "age_s": None if mat.data_s is None else round(now_s - mat.data_s, 3),
                **mat.last,
                "events": list(mat.events),
                "sessions": list(mat.sessions),
                "trace": list(mat.trace),
            }
            for name, mat in self._mats.items()
        }

    def _read(self, kind: str, payload: bytes, retained: bool) -> Message | None:
        if retained and kind not in _LASTING:
            self.ignored["retained"] += 1
            return None
        if len(payload) > MAX_PAYLOAD_BYTES:
            self.ignored["too_long"] += 1
            return None
        try:
            return KINDS[kind].model_validate_json(payload)
        except ValidationError:
            self.ignored["malformed"] += 1
            return None

    def _mat(self, name: str, now_s: float) -> Mat | None:
        if name not in self._mats and len(self._mats) >= MAX_MATS:
            oldest = min(self._mats, key=lambda known: self._mats[known].heard_s)
            if now_s - self._mats[oldest].heard_s < FORGET_AFTER_S:
                self.ignored["too_many_mats"] += 1
                return None
            del self._mats[oldest]
        return self._mats.setdefault(name, Mat(heard_s=now_s))
