"""What Prometheus reads of the page's server."""

import asyncio
import json
import time
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from qlmat.dashboard.metrics import metrics
from qlmat.dashboard.process import PageProcess
from qlmat.dashboard.room import Room
from qlmat.topics import BY_NAME
from tests.shell.brokers import Watcher, wait_until

Values = dict[tuple[str, str], float]


def read(text: str) -> Values:
    """Read the page as Prometheus does: (metric, its labels but the mat's) to value."""
    return {
        (sample.name, ",".join(value for key, value in sorted(sample.labels.items()) if key != "mat")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def told(**messages: object) -> Values:
    """Give a room the samples of some topics, changed as said, and read its page."""
    loop = asyncio.new_event_loop()
    try:
        room = Room("qlmat", loop)
        for name, change in messages.items():
            sample = BY_NAME[name].sample | change
            room.mats.take(f"qlmat/m1/{name}", json.dumps(sample).encode(), time.monotonic(), name != "state")
        return read(metrics(room).decode())
    finally:
        loop.close()


def test_values_come_in_base_units() -> None:
    values = told(status={}, state={"cadence_cpm": 12.0}, health={})
    assert values["qlmat_up", ""] == 1.0
    assert values["qlmat_force_newtons", "left"] == 161.2
    assert values["qlmat_cadence_hertz", ""] == pytest.approx(0.2)
    assert values["qlmat_temperature_celsius", ""] == 48.3
    assert values["qlmat_commands_refused_total", ""] == 2.0
    assert values["qlmat_state_age_seconds", ""] < 5.0


def test_what_is_unknown_is_left_out() -> None:
    values = told(state={"cadence_cpm": None, "left_force_n": None})
    assert ("qlmat_cadence_hertz", "") not in values
    assert ("qlmat_force_newtons", "left") not in values
    assert ("qlmat_force_newtons", "right") in values
    assert ("qlmat_temperature_celsius", "") not in values
    assert values["qlmat_up", ""] == 0.0


def test_the_page_serves_them(page: PageProcess, outsider: Watcher) -> None:
    outsider.say("qlmat/m7/status", b'{"state": "online", "sw": "0.1.0", "boot": "x"}', retain=True)

    def fetched() -> bool:
        with urllib.request.urlopen(f"{page.url.rstrip('/')}/metrics", timeout=10) as answer:  # noqa: S310 - our own server
            assert answer.headers["content-type"].startswith("text/plain")
            return 'qlmat_up{mat="m7"} 1.0' in answer.read().decode()

    wait_until(fetched)
