"""What stays on the mat: names, answers about health, notes; and, if wanted, whatever is measured of the body."""

import json
import logging
import re
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from qlmat.core.screening import QUESTIONS
from qlmat.mqtt import Telling
from qlmat.store.database import opened
from qlmat.store.people import add_person, use_person
from tests.shell.brokers import Mosquitto, Watcher
from tests.shell.living import LivingMat
from tests.shell.ticks import frame, touched

Open = Callable[..., Any]
NAME, CLINICIAN, NOTE, WHY = "Zaphod Quuxley", "Dr. Trillian Astra", "worse after the marathon", "says my surgeon"
TOLD = [
    ("person", {"person": NAME}, True),
    ("screening", {"yes": ["bones"]}, True),
    ("start", {}, False),  # an answer bars it
    ("unlock", {"question": "bones", "clinician": CLINICIAN}, True),
    ("position", {"position": "floor", "ball": NAME}, False),
    ("note", {"text": NOTE}, True),
    ("sides", {"extra_left_s": 10, "text": WHY}, True),
    ("today", {"new": False}, True),
]


def ask(ear: Watcher, name: str, body: Any) -> Any:
    """Give a command and wait for the answer."""
    ear.say(f"qlmat/m1/cmd/{name}", json.dumps(body).encode())
    return json.loads(ear.on(f"qlmat/m1/resp/{name}"))


def said(watcher: Watcher) -> list[tuple[str, str]]:
    """List what the mat said; the broker has no rights here, so that even the commands are heard."""
    return [(m.topic, m.payload.decode()) for m in watcher.heard if "/cmd/" not in m.topic]


def test_no_name_no_answer_and_no_note_leaves_the_mat_in_a_whole_coached_session(
    mosquitto: Mosquitto, watch: Open, closing: ExitStack, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with opened(tmp_path, create=True) as connection:
        use_person(connection, add_person(connection, NAME, datetime.now(UTC)).person)
    ear: Watcher = watch(mosquitto.port)
    mat = LivingMat(mosquitto.port, closing, speed=40.0, store=tmp_path, values=True)
    mat.wait_for(ear, "waiting")
    for name, body, done in TOLD:
        assert ask(ear, name, body)["ok"] is done, name
    mat.reach(ear, "done")
    assert ask(ear, "screening", {"yes": ["kidney"]})["ok"] is True
    ear.expect(lambda m: m.topic == "qlmat/m1/state" and json.loads(m.payload)["why_not"] == "answer")
    everything = " ".join([caplog.text, *(f"{topic} {payload}" for topic, payload in said(ear))])
    for secret in (NAME, CLINICIAN, NOTE, WHY):
        assert not [word for word in secret.split() if len(word) > 3 and word.lower() in everything.lower()], secret
    late: Watcher = watch(mosquitto.port)
    late.on("qlmat/m1/state")
    retained = {m.topic: m.payload.decode() for m in late.heard if m.retain}
    assert {"qlmat/m1/course", "qlmat/m1/value/state"} <= retained.keys()
    keys = "|".join(question.key for question in QUESTIONS)
    assert not [topic for topic, payload in retained.items() if re.search(rf'"(?:{keys})"|\banswer', payload)]


def test_a_private_mat_keeps_the_body_out_of_flat_values_too(mosquitto: Mosquitto, watch: Open, mat: Open) -> None:
    ear: Watcher = watch(mosquitto.port)
    sink = mat(mosquitto.port, telling=Telling(values=True))
    sink.put(touched(0.0), frame())
    assert ear.on("qlmat/m1/value/left_force_n") == b"40.0"
    sink.close()
    private = mat(mosquitto.port, telling=Telling(values=True, private=True))
    private.put(touched(0.0), frame())
    assert ear.on("qlmat/m1/value/left_force_n") == b"", "what was retained before is taken back"
    for t_s in (1.0, 2.0):
        private.put(touched(t_s), frame())
        ear.on("qlmat/m1/state")
    private.close()
    ear.expect(lambda m: b"offline" in m.payload)
    assert {m.payload for m in ear.heard if m.topic == "qlmat/m1/value/left_force_n"} == {b"40.0", b""}


def test_a_mat_that_tells_no_flat_values_any_more_takes_them_back(mosquitto: Mosquitto, watch: Open, mat: Open) -> None:
    sink = mat(mosquitto.port, telling=Telling(values=True))
    ear: Watcher = watch(mosquitto.port)
    sink.put(touched(0.0), frame())
    ear.on("qlmat/m1/value/faults")
    sink.close()
    mat(mosquitto.port, telling=Telling(valued=True))
    ear.expect(lambda m: m.topic == "qlmat/m1/value/faults" and m.payload == b"")
    ear.say("outside/ping")
    ear.on("outside/ping")
    late: Watcher = watch(mosquitto.port)
    late.say("outside/ping")
    late.on("outside/ping")
    assert not [m.topic for m in late.heard if "/value/" in m.topic]
