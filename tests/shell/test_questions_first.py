"""A whole mat with a coach: it says why it does not begin, and begins once the questions are answered over MQTT."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from qlmat.cli.coaching import real_coaching
from qlmat.cli.daemon import Ending, run_mat
from qlmat.cli.device import open_story
from qlmat.cli.keeping import open_sink
from qlmat.config import load
from qlmat.mqtt import BrokerSettings
from qlmat.sim.scenario import parse_scenario
from qlmat.store.database import opened
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.pins import mock_pins
from tests.shell.brokers import Mosquitto, Watcher

SPEED = 20.0
LIES_DOWN_EVERY_DAY = """
[[step]]
do = "wait"
seconds = 2
[[step]]
do = "place"
side = "left"
newtons = 90
seconds = 1
[[step]]
do = "settle"
seconds = 8
[[step]]
do = "lift_off"
[[step]]
do = "wait"
seconds = 2
"""


def told(watcher: Watcher, topic: str, so: Callable[[Any], bool]) -> Any:
    """Wait for a payload of this topic."""
    found = watcher.expect(lambda message: message.topic == topic and so(json.loads(message.payload)))
    return json.loads(found.payload)


def answers(hears: Watcher) -> None:
    """Be somebody with a phone, while somebody else lies down on the mat again and again."""
    refused = told(hears, "qlmat/mat/event", lambda event: event["name"] == "session_refused")
    assert "qlmat screen" in refused["detail"]["reason"]
    state = told(hears, "qlmat/mat/state", lambda state: state["barred"] is not None)
    assert (state["state"], state["why_not"]) == ("waiting", "questions")
    hears.say("qlmat/mat/cmd/screening", b'{"yes": []}')
    assert json.loads(hears.on("qlmat/mat/resp/screening"))["ok"] is True
    began = told(hears, "qlmat/mat/event", lambda event: event["name"] == "session_started")
    assert began["detail"]["care"]


def test_a_mat_says_why_it_does_not_begin_and_begins_once_answered(
    mosquitto: Mosquitto, watch: Callable[..., Watcher], tmp_path: Path
) -> None:
    hears, settings, ending = watch(mosquitto.port), load(None, BOARD_V1), Ending()
    assert settings.screening  # by default
    device = open_story(settings, parse_scenario(LIES_DOWN_EVERY_DAY, "daily"), SPEED, mock_pins())
    sink = open_sink(tmp_path, settings, virtual=True)
    coaching, broker = real_coaching(sink, settings, tmp_path), BrokerSettings("127.0.0.1", mosquitto.port)
    with ThreadPoolExecutor() as others:
        answered = others.submit(answers, hears)
        answered.add_done_callback(lambda _: ending.end())
        run_mat(settings, device, broker, ending, [sink], coaching=coaching)
        answered.result()
    with opened(tmp_path) as store:
        assert store.execute("SELECT count(*), sum(yes) FROM answers").fetchone() == (10, 0)
    assert all(b'"yes"' not in message.payload for message in hears.heard if "/cmd/" not in message.topic)
