"""The one table of MQTT topics: what each is for, what it carries, and when.

`docs/mqtt.md`, `qlmat topics` and the tests read this table; `qlmat.payloads` makes what it describes.
"""

import re
from collections.abc import Mapping

from qlmat.core.course import CourseDay
from qlmat.core.plan import Plan
from qlmat.core.requests import COMMANDS
from qlmat.errors import ConfigError
from qlmat.payloads import (
    answer_payload,
    course_payload,
    event_payload,
    live_payload,
    online_payload,
    plan_payload,
    state_payload,
)
from qlmat.steering import Steering
from qlmat.topic_parts import (
    AIM_KEYS,
    CLOCK,
    CUE,
    CYCLES,
    EVENT,
    EVENT_KEYS,
    HEALTH_KEYS,
    HEALTH_SAMPLE,
    KIND,
    PAD_KEYS,
    SESSION_SAMPLE,
    STATE,
    SUMMARY_KEYS,
    TICK,
    Key,
    Topic,
    inside,
    spelled,
)
from qlmat.wishes import AIMS, WISHES

__all__ = ["COMMANDS", "TOPICS", "Key", "Topic", "live_payload", "state_payload", "topic_of"]

MAT_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")  # also what Home Assistant accepts in a discovery topic; a dot is refused
LIVE_HZ, STATE_HZ = 10.0, 1.0


def topic_of(mat_id: str, name: str) -> str:
    """Spell the topic `name` of one mat. Raise ConfigError when the id would not survive in a topic."""
    if not MAT_ID.fullmatch(mat_id):
        raise ConfigError(f"mat id {mat_id!r}: use 1 to 32 letters, digits, '-' or '_', for instance 'mat-1'.")
    return f"qlmat/{mat_id}/{name}"


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
            *inside("left", *AIM_KEYS),
            *inside("right", *AIM_KEYS),
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
            STATE,
            Key("side", None, "the side being worked, or null"),
            Key("worked_s", "s", "counted on this side"),
            Key("remaining_s", "s", "still to do on this side"),
            Key("on_mat", None, "whether something rests on a pad"),
            Key("left_force_n", "N", "force on the left pad"),
            Key("right_force_n", "N", "force on the right pad"),
            Key("movement", None, KIND),
            Key("cadence_cpm", "cycles/min", "pace, null unless moving"),
            Key("cycles", None, CYCLES),
            CUE,
            Key("barred", None, "why a ball put down begins nothing now; null when it does, or during a session"),
            Key("why_not", None, "the same in a word: questions (due), answer (one of them) or third (of a day)"),
            Key("rate_hz", "Hz", "scans per second over the last second"),
            Key("faults", None, "inputs that failed in the last second"),
        ),
        state_payload(TICK, 160.2, 0),
    ),
    Topic(
        "live",
        False,
        0,
        "10 Hz while touched or in session",
        "the moving picture; dropped first when the line is slow",
        (
            Key("t_s", "s", "monotonic time of the mat"),
            *inside("pads.left", *PAD_KEYS),
            *inside("pads.right", *PAD_KEYS),
            *inside(
                "movement",
                Key("side", None, "the pad it is read from"),
                Key("kind", None, KIND),
                Key("cadence_cpm", "cycles/min", "pace, null unless moving"),
                Key("cycles", None, CYCLES),
            ),
            *inside(
                "session",
                STATE,
                Key("side", None, "the side being worked, or null"),
                Key("worked_s", "s", "counted on this side"),
                Key("remaining_s", "s", "still to do on this side"),
            ),
            Key("events", None, "what happened since the last live message, as in `event` without its numbers"),
            CUE,
        ),
        live_payload(TICK),
    ),
    Topic(
        "event",
        False,
        1,
        "as it happens",
        "what happened, numbered and in order; kept while the broker is away",
        (
            Key("n", None, "counts up by one, also over restarts; a gap means a loss, a repeat is a repeat"),
            Key("boot", None, "the start in which it happened, as in `status`; `t_s` counts within it"),
            Key("time", None, "UTC, ISO 8601, when the mat saw it"),
            CLOCK,
            *EVENT_KEYS,
        ),
        event_payload(EVENT, 12, "5f0c2a9e", "2026-11-22T09:30:00.125Z", "synced"),
    ),
    Topic(
        "session/<n>",
        False,
        1,
        "when a session ends",
        "its summary; kept while the broker is away. `<n>` counts up by one, also over restarts",
        (
            Key("n", None, "the number in the topic"),
            Key("boot", None, "the start in which it was, as in `status`"),
            Key("began", None, "UTC, ISO 8601"),
            Key("ended", None, "UTC, ISO 8601"),
            CLOCK,
            Key("seconds", "s", "from its beginning to its end"),
            Key("result", None, "done or stopped"),
            Key("reason", None, "why it was stopped, null when done"),
            *inside("left", *SUMMARY_KEYS),
            *inside("right", *SUMMARY_KEYS),
        ),
        SESSION_SAMPLE,
    ),
    Topic(
        "course",
        True,
        1,
        "on change",
        "where the course of daily sessions stands; counts only, no answer about health and no name",
        (
            Key("day", None, "the session of the course that is next or was done today"),
            Key("of", None, "sessions of a course"),
            Key("missed", None, "days without a session since it began"),
            Key("today", None, "sessions done today"),
            Key("more_today", None, "whether one more today is allowed"),
            Key("due", None, "which questions are to be answered before a session: all, daily or nothing"),
            Key("next", None, "session, or strengthening once the course is complete"),
        ),
        course_payload(CourseDay(4, 14, (740_002,), 3), 1, "nothing", True),
    ),
    Topic(
        "config",
        True,
        1,
        "on change",
        "the settings as they are",
        (
            *(Key(field.key, field.unit, field.about) for field in AIMS),
            Key(
                "guest", None, "whether a guest practises, of whom nothing is kept; null on a mat that remembers nobody"
            ),
            Key("position", None, "where one practises; null as above"),
            Key("ball", None, "the ball: soft, medium or hard; null as above"),
            Key("only_side", None, "both, or the one side that is practised; null as above"),
            Key("extra_left_s", "s", "more on the left; null as above"),
            Key("extra_right_s", "s", "more on the right; null as above"),
            Key("calibrated", None, "the day `qlmat calibrate` was done, null when the published curve is used"),
            Key("serial", None, "of the calibrated mat, null when unknown"),
            Key("left_error_ratio", None, "what remains on the left pad, as a part of the force; null when unknown"),
            Key("right_error_ratio", None, "what remains on the right pad"),
            Key("live_hz", "Hz", "live pictures a second"),
            Key("private", None, "whether measures of the body stay off the broker"),
            Key("values", None, "whether `value/<key>` is sent"),
            Key("discovery", None, "whether Home Assistant is told what there is"),
        ),
        Steering(Plan()).aims()
        | {"guest": False, "position": "floor", "ball": "medium", "only_side": "both"}
        | {
            "extra_left_s": 0.0,
            "extra_right_s": 0.0,
            "calibrated": "2026-11-20",
            "serial": "QLM-0007",
            "left_error_ratio": 0.042,
            "right_error_ratio": 0.051,
            "live_hz": LIVE_HZ,
            "private": False,
            "values": False,
            "discovery": True,
        },
    ),
    Topic(
        "health",
        True,
        1,
        "once a minute",
        "how the mat itself is",
        HEALTH_KEYS,
        HEALTH_SAMPLE,
    ),
    Topic(
        "value/<key>",
        True,
        0,
        "on change, at most 1 Hz",
        "each key of `state` but why nothing begins, by itself, only if `broker.values` is set; for what reads no JSON",
        (Key("", None, "a number, true or false, a bare word; empty for unknown"),),
        "too_hard",
    ),
    Topic(
        "cmd/<name>",
        False,
        1,
        "when you ask",
        "ask the mat to do something; a retained command is discarded",
        (
            Key("id", None, "up to 64 characters; a command with an id already done is not done twice; optional"),
            Key("at", None, "UTC, ISO 8601, when you ask: more than 10 s ago is too late; optional"),
        ),
        {"id": "c-17", "at": "2026-11-22T09:30:00Z"},
        receives=True,
        more=tuple(f"`cmd/{w.name}`: {w.about}{''.join(map(spelled, w.fields))}" for w in WISHES.values()),
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
            Key("ok", None, "whether it was done"),
            Key("reason", None, "why not; null when done"),
        ),
        answer_payload("tare", "c-17", None),
    ),
)
BY_NAME: Mapping[str, Topic] = {topic.name: topic for topic in TOPICS}
