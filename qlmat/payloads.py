"""The payloads the mat sends: JSON objects with the same keys every time.

null means unknown; a number that is not finite never leaves. What the keys mean stands in `qlmat.topics`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import isfinite
from typing import Any

from qlmat.core.course import BARS, CourseDay
from qlmat.core.model import SIDES, Contact, Event, Movement, Tick
from qlmat.core.plan import Plan

Payload = dict[str, Any]  # what json.dumps takes
# default=float: a whole number of NumPy, which an event may carry, is none of Python's.
_JSON = json.JSONEncoder(allow_nan=False, separators=(",", ":"), ensure_ascii=False, default=float)


def encode(payload: Mapping[str, Any]) -> bytes:
    """Write a payload as compact JSON. Raise ValueError on NaN or infinity, which have no place in JSON."""
    return _JSON.encode(payload).encode()


def _number(value: float | None, digits: int) -> float | None:
    return round(float(value), digits) if value is not None and isfinite(value) else None


def _pad(contact: Contact) -> Payload:
    cop = contact.cop_mm
    known = cop is not None and all(isfinite(axis) for axis in cop)
    return {
        "force_n": _number(contact.force_n, 2),
        "cop_mm": [round(float(axis), 2) for axis in cop] if cop is not None and known else None,
        "touching": bool(contact.touching),
    }


def _cadence_cpm(movement: Movement) -> float | None:
    return None if movement.cadence_hz is None else _number(60.0 * movement.cadence_hz, 2)


def _event(event: Event) -> Payload:
    detail = {key: _number(v, 3) if isinstance(v, int | float) else v for key, v in event.detail.items()}
    return {"t_s": _number(event.t_s, 3), "name": event.name, "side": event.side, "detail": detail}


def live_payload(tick: Tick, events: Iterable[Event] | None = None) -> Payload:
    """Say everything known at one tick; `events` are those since the last payload, the tick's own by default.

    The same object is one line of `qlmat replay --json`.
    """
    return {
        "t_s": _number(tick.t_s, 4),
        "pads": {"left": _pad(tick.contacts.left), "right": _pad(tick.contacts.right)},
        "movement": {
            "side": tick.movement.side,
            "kind": tick.movement.kind,
            "cadence_cpm": _cadence_cpm(tick.movement),
            "cycles": int(tick.movement.cycles),
        },
        "session": {
            "state": tick.practice.state,
            "side": tick.practice.side,
            "worked_s": _number(tick.practice.worked_s, 2),
            "remaining_s": _number(tick.practice.remaining_s, 2),
        },
        "events": [_event(event) for event in (tick.events if events is None else events)],
        "cue": tick.cue,
    }


def state_payload(tick: Tick, rate_hz: float | None, faults: int) -> Payload:
    """Say what a slow watcher needs, flat, always with every key.

    `rate_hz`: scans per second over the last second; `faults`: inputs that failed at least once in it.
    """
    left, right = tick.contacts.left, tick.contacts.right
    return {
        "t_s": _number(tick.t_s, 3),
        "state": tick.practice.state,
        "side": tick.practice.side,
        "worked_s": _number(tick.practice.worked_s, 1),
        "remaining_s": _number(tick.practice.remaining_s, 1),
        "on_mat": bool(left.touching or right.touching),
        "left_force_n": _number(left.force_n, 1),
        "right_force_n": _number(right.force_n, 1),
        "movement": tick.movement.kind,
        "cadence_cpm": _cadence_cpm(tick.movement),
        "cycles": int(tick.movement.cycles),
        "cue": tick.cue,
        "barred": tick.practice.barred,
        "why_not": next((bar for bar, words in BARS.items() if words == tick.practice.barred), None),
        "rate_hz": _number(rate_hz, 1),
        "faults": int(faults),
    }


def event_payload(event: Event, n: int, boot: str, time: str, clock: str) -> Payload:
    """Say that something happened: the `n`th since `boot` (a random word per start), at `time` (UTC, ISO 8601).

    `clock` tells whether that time can be trusted: "synced", "unsynced" or "unknown".
    """
    return {"n": n, "boot": boot, "time": time, "clock": clock, **_event(event)}


def online_payload(version: str, boot: str) -> Payload:
    """Say that the mat is there; `boot` tells its consumers that event numbers began anew."""
    return {"state": "online", "sw": version, "boot": boot}


def offline_payload() -> Payload:
    """Say that the mat has gone; also its last will."""
    return {"state": "offline"}


def plan_payload(plan: Plan) -> Payload:
    """Say what the mat asks of the person: forces in N, paces in cycles a minute, times in s."""
    return {
        "zone_n": [_number(force_n, 1) for force_n in plan.zone_n],
        "too_hard_n": _number(plan.too_hard_n, 1),
        "cap_n": _number(plan.at_once_n, 1),
        "target_cpm": _number(60.0 * plan.target_hz, 2),
        "good_fast_cpm": _number(60.0 * plan.good_fast_hz, 2),
        "too_fast_cpm": _number(60.0 * plan.too_fast_hz, 2),
        "side_s": _number(plan.side_s, 1),
        "both_sides": plan.both_sides,
        **{side: aim_payload(plan.of(side)) for side in SIDES},
    }


def aim_payload(plan: Plan, low_n: float | None = None, high_n: float | None = None) -> Payload:
    """Say what is asked of one side, with the plan `of` it; the loads lay between `low_n` and `high_n`, if measured."""
    spot = plan.spot_mm
    return {
        "comfortable_n": _number(plan.comfortable_n, 1),
        "low_n": _number(low_n, 1),
        "high_n": _number(high_n, 1),
        "side_s": _number(plan.side_s, 1),
        "spot_mm": None if spot is None else [_number(axis, 1) for axis in spot],
    }


def answer_payload(command: str, ident: str | None, reason: str | None) -> Payload:
    """Answer a command: accepted when `reason` is None, else refused for that reason. `ident` echoes the asker's id."""
    return {"command": command, "id": ident, "ok": reason is None, "reason": reason}


def scalar(value: object) -> bytes:
    """Write one flat value: a number or true and false as in JSON, words without quotes, nothing at all for unknown."""
    if value is None:
        return b""
    return value.encode() if isinstance(value, str) else _JSON.encode(value).encode()


def course_payload(course: CourseDay, today: int, due: str, more_today: bool) -> Payload:
    """Say where the course stands, with sessions done `today`, the questions still `due`, and if one more is allowed.

    It is retained, so it does not say that an answer bars a session: `state` does.
    """
    return {
        "day": min(course.number, course.of),
        "of": course.of,
        "missed": len(course.missed),
        "today": today,
        "more_today": more_today,
        "due": due,
        "next": "strengthening" if course.over else "session",
    }


# --- privacy ------------------------------------------------------------------------------------------------------


def without_force(state: Payload) -> Payload:
    """Leave out of a state what the mat measures of the body; its keys stay, so that it means "unknown"."""
    return state | {"left_force_n": None, "right_force_n": None}


def without_places(plan: Payload) -> Payload:
    """Leave out of a plan what was measured of the body: how firm its slow loads were, and its spots."""
    hidden = {"low_n": None, "high_n": None, "spot_mm": None}
    return plan | {side: plan[side] | hidden for side in SIDES}


def without_measures(event: Event) -> Event:
    """Leave out of an event where and how hard the body pressed."""
    kept = {key: value for key, value in event.detail.items() if not key.endswith(("_n", "_mm"))}
    return replace(event, detail=kept)
