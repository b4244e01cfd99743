"""The topic table says exactly what the mat sends, and its page in docs is current."""

import json
from math import inf, nan
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from qlmat.core.model import CommandName, Contact, Contacts, Event, Movement, Practice
from qlmat.errors import ConfigError
from qlmat.payloads import encode
from qlmat.topics import COMMANDS, TOPICS, Topic, live_payload, state_payload, topic_of, topics_markdown
from tests.shell.ticks import tick

PAGE = Path(__file__).parents[2] / "docs" / "mqtt.md"


def paths(payload: Any, prefix: str = "") -> set[str]:
    """Spell the dotted path of every leaf; `detail` is a leaf, its keys belong to each event."""
    if not isinstance(payload, dict) or prefix == "detail.":
        return {prefix.rstrip(".")}
    return set().union(*(paths(value, f"{prefix}{key}.") for key, value in payload.items()))


def test_the_page_in_docs_is_what_the_table_says() -> None:
    assert PAGE.read_text() == topics_markdown(), "write it anew: python -m qlmat.topics > docs/mqtt.md"


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_each_sample_has_exactly_the_keys_that_are_documented(topic: Topic) -> None:
    assert paths(topic.sample) == {key.path for key in topic.keys}


def test_every_command_of_the_model_is_documented() -> None:
    assert set(COMMANDS) == set(get_args(CommandName))


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
