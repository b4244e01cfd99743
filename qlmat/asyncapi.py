"""The topics as an AsyncAPI 3 document, for programs: `python -m qlmat.asyncapi > docs/asyncapi.json`."""

import json
import sys
from typing import Any

from qlmat.homeassistant import discovery_topic
from qlmat.topic_parts import Key, Topic
from qlmat.topics import MAT_ID, TOPICS
from qlmat.wishes import WISHES, Field, Wish

Schema = dict[str, Any]
_ABOUT_ID = "the mat's id, [mat] id in its configuration"
_TYPES = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}


def asyncapi() -> Schema:
    """Build the document."""
    sent = [topic for topic in TOPICS if not topic.receives]
    channels = {_name(topic.name): _channel(topic) for topic in sent}
    channels |= {f"cmd_{wish.name}": _command_channel(wish) for wish in WISHES.values()}
    operations = {f"send_{_name(topic.name)}": _operation("send", _name(topic.name)) for topic in sent}
    operations |= {f"receive_cmd_{name}": _ask(name) for name in WISHES}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "QL Mat on MQTT",
            "version": "1",
            "license": {"name": "MIT"},
            "description": "Written from the table of topics of qlmat; the same in words is mqtt.md. Home Assistant's "
            f"device discovery is on {discovery_topic('{id}')}.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
    }


def _name(topic: str) -> str:
    return topic.split("/", maxsplit=1)[0]


def _channel(topic: Topic) -> Schema:
    address = f"qlmat/{{id}}/{topic.name.replace('<', '{').replace('>', '}')}"
    message = {
        "summary": topic.about,
        "payload": _payload(topic),
        "examples": [{"payload": topic.sample}],
    }
    return {
        "address": address,
        "description": f"{topic.about[0].upper()}{topic.about[1:]}. Sent: {topic.rate}.",
        "parameters": _parameters(address),
        "messages": {_name(topic.name): message},
        "bindings": {"mqtt": {}},
        "x-mqtt": {"qos": topic.qos, "retain": topic.retained},
    }


def _parameters(address: str) -> Schema:
    names = [part[1:-1] for part in address.split("/") if part.startswith("{")]
    return {name: {"description": _ABOUT_ID if name == "id" else f"the {name} of it"} for name in names}


def _payload(topic: Topic) -> Schema:
    if not isinstance(topic.sample, dict):
        return {"type": ["number", "boolean", "string"], "description": topic.keys[0].about}
    return _object(topic.keys, topic.sample, "")


def _object(keys: tuple[Key, ...], sample: dict[str, Any], prefix: str) -> Schema:
    properties: dict[str, Schema] = {}
    for name, value in sample.items():
        path = f"{prefix}{name}"
        own = next((key for key in keys if key.path == path), None)
        properties[name] = _object(keys, value, f"{path}.") if own is None else _leaf(own, value)
    return {"type": "object", "properties": properties, "required": list(sample)}


def _leaf(key: Key, value: object) -> Schema:
    # What a sample does not show may be a number or a word; any value may be unknown.
    types = ["number", "string"] if value is None else [_TYPES[type(value)]]
    unit = {} if key.unit is None else {"x-unit": key.unit}
    return {"type": [*types, "null"], "description": key.about, **unit}


# --- commands --------------------------------------------------------------------------------------------------------


def _command_channel(wish: Wish) -> Schema:
    properties = {field.key: _field(field) for field in wish.fields}
    properties["id"] = {"type": "string", "maxLength": 64, "description": "a command already done is not done twice"}
    properties["at"] = {"type": "string", "format": "date-time", "description": "when you ask; too late after 10 s"}
    payload: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    required = [field.key for field in wish.fields if field.required]
    if required:
        payload["required"] = required
    return {
        "address": f"qlmat/{{id}}/cmd/{wish.name}",
        "description": f"{wish.about[0].upper()}{wish.about[1:]}. Never retained; let it expire after some seconds.",
        "parameters": {"id": {"description": f"{_ABOUT_ID}: {MAT_ID.pattern}"}},
        "messages": {"command": {"summary": wish.about, "payload": payload}},
    }


def _field(field: Field) -> Schema:
    said: Schema = {"description": field.about}
    if field.listed:
        return {"type": "array", "items": {"type": "string", "enum": list(field.choices)}, **said}
    if field.longest is not None:
        return {"type": "string", "minLength": 1, "maxLength": field.longest, **said}
    if field.choices:
        return {"type": "string", "enum": list(field.choices), **said}
    if field.low is None:
        return {"type": "boolean", **said}
    return {"type": "number", "minimum": field.low, "maximum": field.high, "x-unit": field.unit, **said}


def _operation(action: str, channel: str) -> Schema:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}}


def _ask(name: str) -> Schema:
    reply = {"channel": {"$ref": "#/channels/resp"}, "address": {"location": "$message.header#/responseTopic"}}
    return _operation("receive", f"cmd_{name}") | {"reply": reply}


def asyncapi_json() -> str:
    """Write the document as the file in docs holds it."""
    return json.dumps(asyncapi(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(asyncapi_json())
