"""Home Assistant: one retained message that tells it everything a mat has, written from the table of topics.

Device discovery, Home Assistant 2024.11 or newer (ecosystem facts B, tried with 2026.11). Units come from the topics;
what people read stands here. An entity that a mat does not have is named with its platform alone, which removes it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from qlmat.core.model import Kind, State
from qlmat.core.rhythms import PATTERNS
from qlmat.happenings import HAPPENINGS
from qlmat.payloads import Payload
from qlmat.topics import BY_NAME, TOPICS, topic_of
from qlmat.wishes import AIMS, LIVE_HZ, WISHES, Field

BIRTH = "homeassistant/status"
BIRTH_DELAY_S = 10.0  # at most, at random: else all mats of a clinic announce themselves at once
EXPIRY_S = 10  # a command that waits longer at the broker is not given
NOTHING = "none"  # Home Assistant takes "None" for unknown, and this for a word
STALE_S = 30  # without a state for so long an entity is unavailable


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity: its key, platform and name; where its value is; and what else its platform wants.

    `path` is a key of `topic`. `when`: what the mat must be for it to exist.
    """

    key: str
    platform: str
    name: str
    topic: str | None = None
    path: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    diagnostic: bool = False
    when: str = "always"


def discovery_topic(mat_id: str) -> str:
    """Spell the topic; a mat id is valid in it (`qlmat.topics.MAT_ID`)."""
    return f"homeassistant/device/qlmat_{mat_id}/config"


def left_behind(mat_id: str) -> tuple[str, ...]:
    """List the retained topics of a mat that is no more, such as one that got another id."""
    kept = [topic_of(mat_id, topic.name) for topic in TOPICS if topic.retained and "<" not in topic.name]
    return (discovery_topic(mat_id), *kept, *value_topics(mat_id))


def value_topics(mat_id: str) -> tuple[str, ...]:
    """List the topics of a mat's flat values."""
    return tuple(topic_of(mat_id, f"value/{key.path}") for key in BY_NAME["state"].keys)


def discovery_payload(mat_id: str, name: str, sw: str, private: bool = False, coached: bool = False) -> Payload:
    """Say what the mat `mat_id`, which people call `name`, has.

    `private`: measures of the body stay off the broker. `coached`: it remembers who practises.
    """
    status = {"t": topic_of(mat_id, "status"), "val_tpl": "{{ value_json.state }}"}
    has = {"always": True, "open": not private, "coached": coached}
    return {
        "dev": {"ids": [f"qlmat_{mat_id}"], "name": name, "mf": "QL Mat", "mdl": "Pressure mat, board v1", "sw": sw},
        "o": {"name": "qlmat", "sw": sw},
        "avty": [status],
        "qos": 1,
        "cmps": {e.key: _component(mat_id, e) if has[e.when] else {"p": e.platform} for e in ENTITIES},
    }


def _component(mat_id: str, entity: Entity) -> Payload:
    said: Payload = {
        "p": entity.platform,
        "uniq_id": f"qlmat_{mat_id}_{entity.key}",
        "def_ent_id": f"{entity.platform}.qlmat_{mat_id}_{entity.key}".lower().replace("-", "_"),
        "name": entity.name,
    }
    if entity.topic is not None:
        said["stat_t"] = topic_of(mat_id, entity.topic)
    if entity.topic == "state":
        said["exp_aft"] = STALE_S
    if entity.path is not None and entity.topic is not None:
        said["val_tpl"] = f"{{{{ value_json.{entity.path} }}}}"
        unit = _unit(entity.topic, entity.path)
        said |= {} if unit is None else {"unit_of_meas": unit}
    if entity.diagnostic:
        said |= {"ent_cat": "diagnostic", "en": False}
    for key, value in entity.more.items():
        said[key] = topic_of(mat_id, value) if key in {"cmd_t", "json_attr_t"} else value
    if "cmd_t" in said:
        said["msg_exp_int"] = EXPIRY_S
    return said


def _unit(topic: str, path: str) -> str | None:
    return next(key.unit for key in BY_NAME[topic].keys if key.path == path)


# --- what there is ---------------------------------------------------------------------------------------------------


def _choice(path: str, name: str, words: tuple[str, ...], icon: str) -> Entity:
    """Make a sensor of words. Nothing is a word too: an entity that is unknown for most of the day looks broken."""
    said = {"dev_cla": "enum", "ops": [*words, NOTHING], "ic": icon}
    return Entity(
        path, "sensor", name, "state", path, said | {"val_tpl": f"{{{{ value_json.{path} or '{NOTHING}' }}}}"}
    )


def _value(path: str, name: str, when: str = "always", **more: Any) -> Entity:
    return Entity(path, "sensor", name, "state", path, {"stat_cla": "measurement", **more}, when=when)


def _inner(path: str, name: str, **more: Any) -> Entity:
    return Entity(path, "sensor", name, "health", path, more, diagnostic=True)


def _truth(key: str, name: str, topic: str, test: str, **more: Any) -> Entity:
    template = f"{{{{ 'ON' if {test} else 'OFF' }}}}"
    return Entity(key, "binary_sensor", name, topic, None, {"val_tpl": template, **more})


def _button(wish: str, name: str, **more: Any) -> Entity:
    return Entity(wish, "button", name, None, None, {"cmd_t": f"cmd/{wish}", "pl_prs": "{}", **more})


def _turned(wish: str, aim: Field, name: str, icon: str) -> Entity:
    """Make the number, select or switch with which a field of a command is turned."""
    more: dict[str, Any] = {"cmd_t": f"cmd/{wish}", "ent_cat": "config", "ic": icon}
    if aim.choices:
        said = {"ops": list(aim.choices), "cmd_tpl": f'{{"{aim.key}":"{{{{ value }}}}"}}'}
        return Entity(aim.key, "select", name, "config", aim.key, more | said)
    if aim.low is None:
        state = f"{{{{ 'ON' if value_json.{aim.key} else 'OFF' }}}}"
        said = {
            "pl_on": f'{{"{aim.key}":true}}',
            "pl_off": f'{{"{aim.key}":false}}',
            "stat_on": "ON",
            "stat_off": "OFF",
        }
        return Entity(aim.key, "switch", name, "config", None, more | said | {"val_tpl": state})
    bounds = {"min": aim.low, "max": aim.high, "step": aim.step, "mode": "box"}
    return Entity(
        aim.key, "number", name, "config", aim.key, more | bounds | {"cmd_tpl": f'{{"{aim.key}":{{{{ value }}}}}}'}
    )


_TURNED = {
    "comfortable_n": ("Comfortable force", "mdi:weight-gram"),
    "side_s": ("Time on a side", "mdi:timer-cog"),
    "target_cpm": ("Pace to aim for", "mdi:metronome"),
    "both_sides": ("Both sides", "mdi:swap-horizontal"),
    "start_side": ("Start side", "mdi:format-horizontal-align-left"),
}
_EVENT = (
    "{{ {'event_type': value_json.name, 'side': value_json.side, 'number': value_json.n, 'time': value_json.time}"
    " | tojson }}"
)
_UPDATE = "{{ {'installed_version': value_json.sw, 'latest_version': value_json.sw_installed} | tojson }}"
_RUNNING = "value_json.state in ['placing', 'settling', 'working', 'switching', 'paused']"


def _entities() -> Iterator[Entity]:
    state = {"dev_cla": "enum", "ops": list(get_args(State)), "ic": "mdi:meditation"}
    yield Entity("state", "sensor", "Session", "state", "state", state)
    yield _choice("side", "Side", ("left", "right"), "mdi:arrow-left-right")
    yield _value("left_force_n", "Left force", "open", sug_dsp_prc=0, ic="mdi:arrow-collapse-down")
    yield _value("right_force_n", "Right force", "open", sug_dsp_prc=0, ic="mdi:arrow-collapse-down")
    yield _value("worked_s", "Time counted", dev_cla="duration", sug_dsp_prc=0)
    yield _value("remaining_s", "Time left", dev_cla="duration", sug_dsp_prc=0)
    yield _choice("movement", "Movement", get_args(Kind), "mdi:sine-wave")
    yield _value("cadence_cpm", "Pace", sug_dsp_prc=1, ic="mdi:metronome")
    yield _value("cycles", "Cycles", stat_cla="total_increasing", ic="mdi:counter")
    yield _choice("cue", "Cue", tuple(PATTERNS), "mdi:vibrate")
    yield _truth("on_mat", "Somebody on it", "state", "value_json.on_mat", dev_cla="occupancy")
    yield _truth("running", "Session runs", "state", _RUNNING, dev_cla="running")
    problem = {"dev_cla": "problem", "ent_cat": "diagnostic", "json_attr_t": "health"}
    yield _truth("trouble", "Trouble", "health", "value_json.trouble", **problem)
    event = {"evt_typ": list(HAPPENINGS), "val_tpl": _EVENT, "ic": "mdi:bell-ring"}
    yield Entity("event", "event", "What happened", "event", None, event)
    yield _button("start", "Start", ic="mdi:play")
    yield _button("stop", "Stop", ic="mdi:stop")
    yield _button("pause", "Pause", ic="mdi:pause")
    yield _button("resume", "Go on", ic="mdi:play-pause")
    yield _button("tare", "Take as zero", ic="mdi:scale-balance", ent_cat="config")
    yield _button("mark", "Mark this spot", ic="mdi:map-marker")
    yield _button("identify", "Identify", dev_cla="identify", ent_cat="config")
    for aim in AIMS:
        yield _turned("plan", aim, *_TURNED[aim.key])
    where = WISHES["position"].fields[0]
    yield replace(_turned("position", where, "Position", "mdi:seat-recline-normal"), when="coached")
    yield Entity("day", "sensor", "Day of the course", "course", "day", {"ic": "mdi:calendar"}, when="coached")
    more = "value_json.more_today"
    yield replace(_truth("more_today", "One more today", "course", more, ic="mdi:calendar-check"), when="coached")
    yield _turned("rate", LIVE_HZ, "Live pictures", "mdi:speedometer")
    update = {"dev_cla": "firmware", "val_tpl": _UPDATE, "ent_cat": "diagnostic", "tit": "QL Mat"}
    yield Entity("update", "update", "Program", "health", None, update)
    yield _inner("rate_hz", "Scan rate", stat_cla="measurement")
    yield _inner("faults", "Failed inputs", stat_cla="measurement")
    yield _inner("temperature_c", "Processor temperature", dev_cla="temperature", stat_cla="measurement")
    yield _inner("uptime_s", "Running for", dev_cla="duration", stat_cla="measurement")
    yield _inner("clock", "Clock", dev_cla="enum", ops=["synced", "unsynced", "unknown"])
    yield _inner("events_lost", "Events lost", stat_cla="total_increasing")
    yield _inner("live_dropped", "Live pictures left out", stat_cla="total_increasing")
    yield _inner("commands_refused", "Commands refused", stat_cla="total_increasing")


ENTITIES: tuple[Entity, ...] = tuple(_entities())
assert all(e.more["cmd_t"].removeprefix("cmd/") in WISHES for e in ENTITIES if "cmd_t" in e.more)  # noqa: S101 - a table must hold together
