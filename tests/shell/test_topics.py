"""The topic table says exactly what the mat sends, and its page in docs is current."""

import json
import re
from math import inf, nan
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from qlmat.asyncapi import asyncapi, asyncapi_json
from qlmat.core.model import CommandName, Contact, Contacts, Event, Movement, Practice
from qlmat.errors import ConfigError
from qlmat.happenings import HAPPENINGS
from qlmat.payloads import encode
from qlmat.topic_page import topics_markdown
from qlmat.topics import COMMANDS, TOPICS, Topic, live_payload, state_payload, topic_of
from qlmat.wishes import WISHES
from tests.shell.ticks import tick

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "mqtt.md"
SOURCES = [*ROOT.glob("qlmat/core/*.py"), *ROOT.glob("firmware/qlmat_firmware/*.py")]


def paths(payload: Any, prefix: str = "") -> set[str]:
    """Spell the dotted path of every leaf; `detail` is a leaf, its keys belong to each event."""
    if not isinstance(payload, dict) or prefix == "detail.":
        return {prefix.rstrip(".")}
    return set().union(*(paths(value, f"{prefix}{key}.") for key, value in payload.items()))


def test_the_page_in_docs_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == topics_markdown(), (
        "write it anew: python -m qlmat.topic_page > docs/mqtt.md"
    )


def test_the_document_for_programs_is_what_the_table_says() -> None:
    document = PAGE.with_name("asyncapi.json").read_text(encoding="utf-8")
    assert document == asyncapi_json(), "write it anew: python -m qlmat.asyncapi > docs/asyncapi.json"


def test_each_reference_of_the_document_leads_somewhere() -> None:
    document = asyncapi()
    for operation in document["operations"].values():
        for each in (operation, operation.get("reply", operation)):
            assert each["channel"]["$ref"].removeprefix("#/channels/") in document["channels"]


def test_everything_that_can_happen_has_a_name_that_is_known() -> None:
    written = re.compile(r"(?:event\(session, |Event\([\w.]+, )\"(\w+)\"")
    found = {name for path in SOURCES for name in written.findall(path.read_text(encoding="utf-8"))}
    assert len(found) > 10
    assert found <= HAPPENINGS.keys()


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_each_sample_has_exactly_the_keys_that_are_documented(topic: Topic) -> None:
    assert paths(topic.sample) == {key.path for key in topic.keys}


def test_every_command_of_the_model_is_documented() -> None:
    assert set(COMMANDS) == set(get_args(CommandName))
    assert COMMANDS.keys() <= WISHES.keys()


def test_a_tick_of_unknowns_has_the_same_keys_as_any_other() -> None:
    live, state = live_payload(tick()), state_payload(tick(), None, 0)
    assert paths(state) == paths(next(t.sample for t in TOPICS if t.name == "state"))
    assert paths(live) == paths(next(t.sample for t in TOPICS if t.name == "live"))
    assert live["pads"]["left"] == {"force_n": None, "cop_mm": None, "touching": False}


def test_nan_and_infinity_leave_as_null() -> None:
    broken = tick(
        contacts=Contacts(1.0, Contact(nan, (nan, 2.0), True), Contact(inf, (1.0, -inf), True)),
        movement=Movement("left", "rock", cadence_hz=nan),
        practice=Practice("working", "left", nan, inf),
        events=(Event(1.0, "side_started", "left", {"force_n": nan}),),
    )
    sent = json.loads(encode(live_payload(broken))), json.loads(encode(state_payload(broken, nan, 0)))
    assert sent[0]["pads"]["left"] == {"force_n": None, "cop_mm": None, "touching": True}
    assert sent[0]["pads"]["right"] == {"force_n": None, "cop_mm": None, "touching": True}
    assert sent[0]["events"][0]["detail"] == {"force_n": None}
    assert sent[1]["worked_s"] is sent[1]["rate_hz"] is sent[1]["cadence_cpm"] is None


def test_numbers_of_numpy_leave_as_numbers() -> None:
    happened = tick(events=(Event(np.float64(1.0), "settled", "left", {"cycles": np.int64(3)}),))  # type: ignore[dict-item]  # on purpose
    assert json.loads(encode(live_payload(happened)))["events"][0]["detail"] == {"cycles": 3}


def test_a_payload_with_nan_cannot_be_encoded() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode({"force_n": nan})


@pytest.mark.parametrize("bad", ["", "a/b", "a+", "#", "mat.1", "ä", "x" * 33, "a b", "mat-1\n"])
def test_a_mat_id_that_would_break_a_topic_is_refused(bad: str) -> None:
    with pytest.raises(ConfigError, match="mat id"):
        topic_of(bad, "state")
    assert topic_of("mat-1", "state") == "qlmat/mat-1/state"
