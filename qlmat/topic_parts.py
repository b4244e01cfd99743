"""The parts of the table of topics: what a row is, keys that several topics share, and samples."""

from dataclasses import dataclass, field
from typing import Any, Literal

from qlmat.core.model import Contact, Contacts, Event, Movement, Practice, Tick
from qlmat.wishes import Field


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
    sample: Any
    receives: bool = False
    more: tuple[str, ...] = field(default=())

    @property
    def template(self) -> str:
        """Spell the topic with its placeholders: `qlmat/<id>/state`."""
        return f"qlmat/<id>/{self.name}"


def spelled(field: Field) -> str:
    """Say one field of a command in a line of the list."""
    if field.listed:
        what = f"a list of {', '.join(field.choices)}"
    elif field.longest is not None:
        what = f"up to {field.longest} characters"
    elif field.choices:
        what = " or ".join(field.choices)
    elif field.low is None or field.high is None:
        what = "true or false"
    else:
        what = f"{field.low:g} to {field.high:g} {field.unit or ''}".rstrip()
    return f"\n    - `{field.key}`: {what}; {field.about}"


EVENT = Event(83.4, "too_hard", "left", {"force_n": 161.2})
TICK = Tick(
    t_s=83.42,
    contacts=Contacts(83.42, Contact(161.2, (3.1, -4.8), True), Contact(0.0, None, False)),
    movement=Movement(side="left", kind="rock", cadence_hz=0.2, cycles=7),
    practice=Practice("working", "left", 31.4, 88.6),
    events=(EVENT,),
    cue="too_hard",
)
STATE = Key("state", None, "waiting, placing, settling, working, switching, done, paused, stopped or measuring")
CUE = Key("cue", None, "the cue being given, null when none")
KIND = "rock, bend, still; null when it cannot be told"
CYCLES = "whole cycles of this movement"


def inside(path: str, *keys: Key) -> tuple[Key, ...]:
    """Put keys under another one."""
    return tuple(Key(f"{path}.{key.path}", key.unit, key.about) for key in keys)


EVENT_KEYS = (
    Key("t_s", "s", "monotonic time of the mat"),
    Key("name", None, "what happened"),
    Key("side", None, "left, right or null"),
    Key("detail", None, "what else is known, by name with unit"),
)
PAD_KEYS = (
    Key("force_n", "N", "force on the pad, null when its sensors cannot be trusted"),
    Key("cop_mm", "mm", "[to the right, to the head] from the pad's centre, null unless touching"),
    Key("touching", None, "whether something rests on it"),
)
AIM_KEYS = (
    Key("comfortable_n", "N", "what is firm and comfortable on this side; the zone lies around it"),
    Key("low_n", "N", "least of the slow loads it comes from; null while it is a guess"),
    Key("high_n", "N", "greatest of them; null while it is a guess"),
    Key("side_s", "s", "to do on this side"),
    Key("spot_mm", "mm", "[to the right, to the head] of the spot of an earlier day to go back to, or null"),
)

CLOCK = Key("clock", None, "synced, unsynced (the time is wrong until the network corrects it) or unknown")
SUMMARY_KEYS = (
    Key("worked_s", "s", "counted on this side"),
    Key("cycles", None, "whole cycles while working"),
    Key("cadence_cpm", "cycles/min", "mean pace while moving, null when it did not"),
    Key("force_n", "N", "mean force while working, null when unknown or private"),
    Key("force_max_n", "N", "greatest force while working, null when unknown or private"),
    Key("too_hard", None, "how often it was too hard"),
    Key("too_fast", None, "how often it was too fast"),
)
SIDE_SAMPLE = {"worked_s": 90.0, "cycles": 18, "cadence_cpm": 12.1, "force_n": 84.2, "force_max_n": 131.0,
                "too_hard": 1, "too_fast": 0}  # fmt: skip
SESSION_SAMPLE = {
    "n": 9, "boot": "5f0c2a9e", "began": "2026-11-22T09:26:41.250Z", "ended": "2026-11-22T09:30:11.500Z",
    "clock": "synced", "seconds": 210.2, "result": "done", "reason": None, "left": SIDE_SAMPLE, "right": SIDE_SAMPLE,
}  # fmt: skip
HEALTH_KEYS = (
    Key("t_s", "s", "monotonic time of the mat; with `time`, it dates every other `t_s` of this boot"),
    Key("time", None, "UTC, ISO 8601"),
    CLOCK,
    Key("boot", None, "as in `status`"),
    Key("uptime_s", "s", "since the program started"),
    Key("rate_hz", "Hz", "scans a second over the last minute"),
    Key("faults", None, "inputs that failed in the last minute"),
    Key("chips_lost", None, "times a converter stopped answering, since the start"),
    Key("events_lost", None, "events that found no room, since the start"),
    Key("live_dropped", None, "live pictures left out, since the start"),
    Key("commands_refused", None, "since the start"),
    Key("temperature_c", "°C", "of the processor, null where it cannot be read"),
    Key("trouble", None, "what is wrong now, in words; null when nothing is"),
    Key("sw", None, "version that runs"),
    Key("sw_installed", None, "version on disk: another one counts after a restart"),
    Key("protocol", None, "of MQTT, 5 or 3.1.1"),
)
HEALTH_SAMPLE = {
    "t_s": 4321.5, "time": "2026-11-22T09:30:00.125Z", "clock": "synced", "boot": "5f0c2a9e", "uptime_s": 4320.0,
    "rate_hz": 70.0, "faults": 0, "chips_lost": 0, "events_lost": 0, "live_dropped": 0, "commands_refused": 2,
    "temperature_c": 48.3, "trouble": None, "sw": "0.1.0", "sw_installed": "0.1.0", "protocol": "5",
}  # fmt: skip
