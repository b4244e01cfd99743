"""The one table of MQTT topics: what each is for, what it carries, and when.

`docs/mqtt.md`, `qlmat topics` and the tests read this table; `qlmat.payloads` makes what it describes.
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from qlmat.core.model import Contact, Contacts, Event, Movement, Practice, Tick
from qlmat.core.plan import Plan
from qlmat.core.requests import COMMANDS
from qlmat.errors import ConfigError
from qlmat.payloads import (
    answer_payload,
    encode,
    event_payload,
    live_payload,
    online_payload,
    plan_payload,
    state_payload,
)

__all__ = ["COMMANDS", "TOPICS", "Key", "Topic", "live_payload", "state_payload", "topic_of", "topics_markdown"]

MAT_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")  # also what Home Assistant accepts in a discovery topic; a dot is refused
LIVE_HZ, STATE_HZ = 10.0, 1.0


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a payload: its dotted path, its unit (None for words), and what it says."""

    path: str
    unit: str | None
    about: str


@dataclass(frozen=True, slots=True)
class Topic:
    """One row of the table. `sample` is a whole payload; `receives` marks what the mat listens to."""

    name: str
    retained: bool
    qos: Literal[0, 1]
    rate: str
    about: str
    keys: tuple[Key, ...]
    sample: Mapping[str, Any]
    receives: bool = False
    more: tuple[str, ...] = field(default=())

    @property
    def template(self) -> str:
        """Spell the topic with its placeholders: `qlmat/<id>/state`."""
        return f"qlmat/<id>/{self.name}"


def topic_of(mat_id: str, name: str) -> str:
    """Spell the topic `name` of one mat. Raise ConfigError when the id would not survive in a topic."""
    if not MAT_ID.fullmatch(mat_id):
        raise ConfigError(f"mat id {mat_id!r}: use 1 to 32 letters, digits, '-' or '_', for instance 'mat-1'.")
    return f"qlmat/{mat_id}/{name}"


# --- the table -----------------------------------------------------------------------------------------------------

_EVENT = Event(83.4, "too_hard", "left", {"force_n": 161.2})
_TICK = Tick(
    t_s=83.42,
    contacts=Contacts(83.42, Contact(161.2, (3.1, -4.8), True), Contact(0.0, None, False)),
    movement=Movement(side="left", kind="rock", cadence_hz=0.2, cycles=7),
    practice=Practice("working", "left", 31.4, 88.6),
    events=(_EVENT,),
    cue="too_hard",
)
_STATE = Key("state", None, "waiting, placing, settling, working, switching, done, paused or stopped")
_CUE = Key("cue", None, "the cue being given, null when none")
_KIND = "rock, bend, still; null when it cannot be told"
_CYCLES = "whole cycles of this movement"


def _inside(path: str, *keys: Key) -> tuple[Key, ...]:
    return tuple(Key(f"{path}.{key.path}", key.unit, key.about) for key in keys)


_EVENT_KEYS = (
    Key("t_s", "s", "monotonic time of the mat"),
    Key("name", None, "what happened"),
    Key("side", None, "left, right or null"),
    Key("detail", None, "what else is known, by name with unit"),
)
_PAD_KEYS = (
    Key("force_n", "N", "force on the pad, null when its sensors cannot be trusted"),
    Key("cop_mm", "mm", "[to the right, to the head] from the pad's centre, null unless touching"),
    Key("touching", None, "whether something rests on it"),
)

TOPICS: tuple[Topic, ...] = (
    Topic(
        "status",
        True,
        1,
        "on change; last will",
        "whether the mat is there",
        (
            Key("state", None, "online or offline"),
            Key("sw", None, "version of the program; absent when offline"),
            Key("boot", None, "a new word at each start; absent when offline"),
        ),
        online_payload("0.1.0", "5f0c2a9e"),
    ),
    Topic(
        "plan",
        True,
        1,
        "at each connection",
        "what the mat asks of the person, so that a watcher can draw it",
        (
            Key("zone_n", "N", "[low, high]: time counts between them"),
            Key("too_hard_n", "N", "too hard when it lasts"),
            Key("cap_n", "N", "too hard at once"),
            Key("target_cpm", "cycles/min", "the pace to aim for"),
            Key("good_fast_cpm", "cycles/min", "the fastest pace that is good"),
            Key("too_fast_cpm", "cycles/min", "too fast above this"),
            Key("side_s", "s", "to do on a side"),
            Key("both_sides", None, "whether the other side follows"),
        ),
        plan_payload(Plan()),
    ),
    Topic(
        "state",
        False,
        0,
        "1 Hz",
        "everything a slow watcher needs, flat, every key each time",
        (
            Key("t_s", "s", "monotonic time of the mat"),
            _STATE,
            Key("side", None, "the side being worked, or null"),
            Key("worked_s", "s", "counted on this side"),
            Key("remaining_s", "s", "still to do on this side"),
            Key("on_mat", None, "whether something rests on a pad"),
            Key("left_force_n", "N", "force on the left pad"),
            Key("right_force_n", "N", "force on the right pad"),
            Key("movement", None, _KIND),
            Key("cadence_cpm", "cycles/min", "pace, null unless moving"),
            Key("cycles", None, _CYCLES),
            _CUE,
            Key("rate_hz", "Hz", "scans per second over the last second"),
            Key("faults", None, "inputs that failed in the last second"),
        ),
        state_payload(_TICK, 160.2, 0),
    ),
    Topic(
        "live",
        False,
        0,
        "10 Hz while touched or in session",
        "the moving picture; dropped first when the line is slow",
        (
            Key("t_s", "s", "monotonic time of the mat"),
            *_inside("pads.left", *_PAD_KEYS),
            *_inside("pads.right", *_PAD_KEYS),
            *_inside(
                "movement",
                Key("side", None, "the pad it is read from"),
                Key("kind", None, _KIND),
                Key("cadence_cpm", "cycles/min", "pace, null unless moving"),
                Key("cycles", None, _CYCLES),
            ),
            *_inside(
                "session",
                _STATE,
                Key("side", None, "the side being worked, or null"),
                Key("worked_s", "s", "counted on this side"),
                Key("remaining_s", "s", "still to do on this side"),
            ),
            Key("events", None, "what happened since the last live message, as in `event` without its numbers"),
            _CUE,
        ),
        live_payload(_TICK),
    ),
    Topic(
        "event",
        False,
        1,
        "as it happens",
        "what happened, numbered and in order; kept while the broker is away",
        (
            Key("n", None, "counts up by one from 1; a gap means a loss, a repeat is a repeat"),
            Key("boot", None, "the start this count belongs to, as in `status`"),
            Key("time", None, "UTC, ISO 8601, when the mat saw it"),
            *_EVENT_KEYS,
        ),
        event_payload(_EVENT, 12, "5f0c2a9e", "2026-11-22T09:30:00.125Z"),
    ),
    Topic(
        "cmd/<name>",
        False,
        1,
        "when you ask",
        "ask the mat to do something; a retained command is discarded",
        (
            Key("side", None, "left or right; optional"),
            Key("id", None, "up to 64 characters; a command with an id already seen is not done twice; optional"),
        ),
        {"side": "left", "id": "c-17"},
        receives=True,
        more=tuple(f"`cmd/{name}`: {about}" for name, about in COMMANDS.items()),
    ),
    Topic(
        "resp/<name>",
        False,
        1,
        "per command",
        "the answer, when the asker gave no MQTT 5 response topic",
        (
            Key("command", None, "the command's name"),
            Key("id", None, "the asker's id, or null"),
            Key("ok", None, "whether it was taken"),
            Key("reason", None, "why not; null when taken"),
        ),
        answer_payload("tare", "c-17", None),
    ),
)
BY_NAME: Mapping[str, Topic] = {topic.name: topic for topic in TOPICS}


def topics_markdown() -> str:
    """Write the page `docs/mqtt.md`."""
    overview = [
        f"| `{t.template}` | {'yes' if t.retained else 'no'} | {t.qos} | {t.rate} | {t.about} |" for t in TOPICS
    ]
    parts = [_PREFACE, "| topic | retained | QoS | rate | for |\n|---|---|---|---|---|", *overview]
    return "\n".join(parts) + "\n" + "".join(_section(topic) for topic in TOPICS)


def _section(topic: Topic) -> str:
    rows = [f"| `{key.path}` | {key.unit or ''} | {key.about} |" for key in topic.keys]
    lines = [f"\n## `{topic.template}`\n\n{topic.about[0].upper()}{topic.about[1:]}.\n"]
    lines += [f"- {line}" for line in topic.more] + ([""] if topic.more else [])
    lines += ["| key | unit | meaning |", "|---|---|---|", *rows]
    return "\n".join(lines) + f"\n\n```json\n{encode(topic.sample).decode()}\n```\n"


_PREFACE = """# MQTT

Generated from `qlmat/topics.py`; do not edit. `qlmat topics` prints the same table.

The mat speaks MQTT 5 and falls back to 3.1.1. `<id>` is the mat's id from the configuration. Payloads are JSON objects
that always have all their keys; null means unknown. All times `t_s` are monotonic seconds of the mat: use them for
durations, and `time` (UTC) for the calendar.

The last will says `offline` five seconds after an MQTT 5 connection is lost, so that a short loss of Wi-Fi does not
flap; at once under 3.1.1. Commands are JSON objects or empty, at most 1024 bytes. An answer goes to the MQTT 5 response
topic with the asker's correlation data; without one, to `resp/<name>`.
"""


if __name__ == "__main__":
    sys.stdout.write(topics_markdown())
