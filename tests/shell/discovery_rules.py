"""Home Assistant's rules for a device-discovery message, from the ecosystem facts B (Home Assistant 2026.11.0).

Envelope B.1, abbreviations B.2, classes with their units B.3. What is checked here is the document alone; what the
templates make of real messages is checked in the tests.
"""

import re
from collections.abc import Iterator
from typing import Any

ENVELOPE = {"dev", "o", "cmps", "cdevs", "avty", "avty_t", "avty_mode", "avty_tpl", "pl_avail", "pl_not_avail",
            "stat_t", "cmd_t", "qos", "encoding"}  # fmt: skip
DEVICE = {"ids", "cns", "mf", "mdl", "mdl_id", "name", "hw", "sw", "sn", "sa", "cu", "via_device"}
ORIGIN = {"name", "sw", "url"}
SHARED = {"p", "uniq_id", "def_ent_id", "name", "ic", "en", "ent_cat", "avty", "avty_t", "avty_mode", "avty_tpl",
          "json_attr_t", "qos", "encoding", "msg_exp_int"}  # fmt: skip
READS, WRITES = {"stat_t", "val_tpl"}, {"cmd_t", "ret"}
PLATFORMS = {
    "sensor": READS | {"dev_cla", "stat_cla", "unit_of_meas", "sug_dsp_prc", "exp_aft", "frc_upd", "ops", "l_rst_t"},
    "binary_sensor": READS | {"dev_cla", "exp_aft", "frc_upd", "pl_on", "pl_off", "off_dly"},
    "event": READS | {"dev_cla", "evt_typ"},
    "button": WRITES | {"dev_cla", "pl_prs", "cmd_tpl"},
    "number": READS | WRITES | {"dev_cla", "unit_of_meas", "min", "max", "step", "mode", "cmd_tpl", "opt", "pl_rst"},
    "select": READS | WRITES | {"ops", "cmd_tpl", "opt"},
    "switch": READS | WRITES | {"dev_cla", "pl_on", "pl_off", "stat_on", "stat_off", "opt"},
    "update": READS | WRITES | {"dev_cla", "l_ver_t", "rel_u", "tit", "pl_inst"},
}
NEEDED = {
    "sensor": {"stat_t"},
    "binary_sensor": {"stat_t"},
    "event": {"stat_t", "evt_typ"},
    "button": {"cmd_t"},
    "number": {"cmd_t"},
    "select": {"cmd_t", "ops"},
    "switch": {"cmd_t"},
    "update": {"stat_t"},
}
UNITS = {
    "duration": {"d", "h", "min", "s", "ms", "us"},
    "pressure": {"mPa", "Pa", "hPa", "kPa", "bar", "cbar", "mbar", "mmHg", "inHg", "psi", "atm"},
    "temperature": {"°C", "°F", "K"},
    "frequency": {"mHz", "Hz", "kHz", "MHz", "GHz"},
    "weight": {"g", "kg", "mg", "ug", "oz", "lb", "st"},
    "battery": {"%"},
    "signal_strength": {"dB", "dBm"},
    "enum": {None},
    "timestamp": {None},
    "uptime": {None},
    None: None,  # anything
}
CLASSES = {
    "binary_sensor": {"occupancy", "safety", "problem", "connectivity", "battery", "running", "update"},
    "button": {"identify", "restart", "update"},
    "event": {"doorbell", "button", "motion"},
    "switch": {"outlet", "switch"},
    "update": {"firmware"},
}
STATE_CLASSES = {"measurement", "total", "total_increasing"}
IDS = re.compile(r"[a-zA-Z0-9_-]+")
ENTITY = re.compile(r"[a-z_]+\.[a-z0-9_]+")
MODES = {"auto", "box", "slider"}


def problems(topic: str, message: dict[str, Any]) -> list[str]:
    """List what Home Assistant would refuse, drop or ignore."""
    parts = topic.split("/")
    found = [f"topic {topic}"] if parts[:2] != ["homeassistant", "device"] or parts[-1] != "config" else []
    found += [f"illegal id {part}" for part in parts[2:-1] if not IDS.fullmatch(part)]
    found += [f"envelope key {key}" for key in message.keys() - ENVELOPE]
    found += [f"device key {key}" for key in message["dev"].keys() - DEVICE]
    found += [f"origin key {key}" for key in message["o"].keys() - ORIGIN]
    found += [] if message["dev"].get("ids") or message["dev"].get("cns") else ["device without identifiers"]
    found += [] if message["o"].get("name") else ["origin without name"]
    found += [] if message.get("qos", 0) in (0, 1, 2) else ["qos"]
    found += [] if message.get("cmps") else ["no components"]
    for key, component in message["cmps"].items():
        found += [f"{key}: {problem}" for problem in _component(component)]
    ids = [c["uniq_id"] for c in message["cmps"].values() if "uniq_id" in c]
    return found + [f"unique id {each} twice" for each in set(ids) if ids.count(each) > 1]


def _component(component: dict[str, Any]) -> Iterator[str]:
    platform = component.get("p")
    if platform not in PLATFORMS:
        yield f"platform {platform}"
        return
    if component.keys() == {"p"}:  # to be removed
        return
    if "uniq_id" not in component:
        yield "no unique id"
    for key in component.keys() - SHARED - PLATFORMS[platform]:
        yield f"key {key} is dropped silently"
    for key in NEEDED[platform] - component.keys():
        yield f"{key} is missing"
    if not ENTITY.fullmatch(component.get("def_ent_id", f"{platform}.x")):
        yield f"entity id {component['def_ent_id']}"
    category = component.get("ent_cat")
    if category not in (None, "diagnostic", "config") or (category == "config" and "sensor" in platform):
        yield f"category {category}"
    if "ret" in component:
        yield "a retained command"
    yield from _values(platform, component)


def _values(platform: str, component: dict[str, Any]) -> Iterator[str]:
    name = component.get("dev_cla")
    if platform in CLASSES and name is not None and name not in CLASSES[platform]:
        yield f"class {name}"
    if platform == "sensor":
        yield from _sensor(component, name, component.get("unit_of_meas"))
    if platform == "select" and not component["ops"]:
        yield "nothing to select"
    if platform == "number":
        if not component.get("min", 1) <= component.get("max", 100) or component.get("step", 1) < 0.001:
            yield "bounds"
        if component.get("mode", "auto") not in MODES:
            yield f"mode {component['mode']}"
    if platform == "event" and (not component["evt_typ"] or len(set(component["evt_typ"])) < len(component["evt_typ"])):
        yield "event types"


def _sensor(component: dict[str, Any], name: str | None, unit: str | None) -> Iterator[str]:
    if name not in UNITS:
        yield f"class {name}"
    elif UNITS[name] is not None and unit not in (UNITS[name] or ()):
        yield f"unit {unit} of {name}"
    if component.get("stat_cla", "measurement") not in STATE_CLASSES:
        yield f"state class {component['stat_cla']}"
    if name in ("enum", "timestamp", "uptime") and "stat_cla" in component:
        yield f"{name} with a state class"
    if ("ops" in component) != (name == "enum") or component.get("ops") == []:
        yield "options without enum, or enum without"
