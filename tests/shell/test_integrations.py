"""The files under docs/integrations name topics, entities and keys that a mat really has."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from qlmat.homeassistant import discovery_payload
from qlmat.topics import BY_NAME, TOPICS
from qlmat.wishes import WISHES

FOLDER = Path(__file__).parents[2] / "docs" / "integrations"
FLOW: list[dict[str, Any]] = json.loads((FOLDER / "node-red-flow.json").read_text())
NODES = {node["id"]: node for node in FLOW}


def known(topic: str) -> bool:
    """Tell whether a topic, or filter of one level, is in the table."""
    name = "/".join(topic.split("/")[2:])
    patterns = [re.sub(r"<\w+>", r"[^/]+", each.name) for each in TOPICS]
    return topic.startswith("qlmat/") and any(re.fullmatch(pattern, name) for pattern in patterns)


def test_each_wire_of_the_flow_leads_to_a_node_and_each_topic_is_one() -> None:
    assert len(NODES) == len(FLOW)
    for node in FLOW:
        assert all(to in NODES for wire in node.get("wires", []) for to in wire)
        if node["type"].startswith("mqtt ") and "topic" in node:
            assert known(node["topic"]), node["topic"]
            assert NODES[node["broker"]]["type"] == "mqtt-broker"


def test_the_flow_commands_with_an_expiry_and_never_retained() -> None:
    commanding = [node for node in FLOW if node["type"] == "mqtt out"]
    assert {node["topic"].rpartition("/")[2] for node in commanding} <= WISHES.keys()
    assert all(node["retain"] == "false" and 0 < int(node["expiry"]) <= 60 for node in commanding)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
@pytest.mark.parametrize(
    ("node", "messages", "said"),
    [
        ("qlmat_line", [("state", {})], ["m1: working, left 161 N, right 0 N"]),
        ("qlmat_line", [("state", {"left_force_n": None})], ["m1: working, left ? N, right 0 N"]),
        (
            "qlmat_gaps",
            [("event", {"n": n}) for n in (1, 2, 2, 5)],
            ["m1: too_hard left"] * 2 + ["m1: 2 lost before; too_hard left"],
        ),
    ],
)
def test_a_function_of_the_flow_makes_words_of_real_messages(
    node: str, messages: list[tuple[str, dict[str, Any]]], said: list[str]
) -> None:
    given = [{"topic": f"qlmat/m1/{name}", "payload": BY_NAME[name].sample | more} for name, more in messages]
    program = (
        "const kept = new Map(); const context = {get: k => kept.get(k), set: (k, v) => kept.set(k, v)};"
        f"const f = msg => {{ {NODES[node]['func']} }};"
        f"console.log(JSON.stringify({json.dumps(given)}.map(f).filter(m => m !== null).map(m => m.payload)));"
    )
    ran = subprocess.run(["node", "-e", program], check=True, capture_output=True, text=True)
    assert json.loads(ran.stdout) == said


def test_each_entity_of_the_cards_is_announced() -> None:
    components = discovery_payload("mat", "QL Mat", "0.1.0", coached=True)["cmps"].values()
    announced = {component["def_ent_id"] for component in components}
    shown = set(re.findall(r"\b\w+\.qlmat_mat_\w+", (FOLDER / "home-assistant-dashboard.yaml").read_text()))
    assert len(shown) > 15
    assert shown <= announced


def test_telegraf_reads_topics_and_words_that_there_are() -> None:
    settings = tomllib.loads((FOLDER / "telegraf.conf").read_text())
    for consumer in settings["inputs"]["mqtt_consumer"]:
        assert all(known(topic) for topic in consumer["topics"])
        names = {"/".join(topic.split("/")[2:]).replace("session/+", "session/<n>") for topic in consumer["topics"]}
        keys = {key.path for name in names for key in BY_NAME[name].keys}
        assert set(consumer["json_string_fields"]) <= keys
        assert consumer.get("json_time_key", "time") in keys
        assert consumer["password"].startswith("${"), "no secret in a file"
