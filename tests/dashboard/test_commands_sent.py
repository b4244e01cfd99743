"""What a page may send to a mat, through a real server and broker: checked first, never retained, answered."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from qlmat.dashboard.process import PageProcess
from qlmat.payloads import answer_payload, encode
from qlmat.wishes import WISHES
from tests.dashboard.browsers import EventStream, ask, send
from tests.dashboard.payloads import live, state
from tests.shell.brokers import Watcher

Browse = Callable[[str], EventStream]
PRESS = {"X-QLMat": "1"}
WHOLE: dict[str, dict[str, Any]] = {  # one of each that needs more than its name
    "screening": {"yes": ["leg"]},
    "today": {"new": False},
    "unlock": {"question": "blood", "clinician": "A. Smith"},
    "position": {"position": "wall"},
    "sides": {"only_side": "left"},
    "note": {"text": "<b>fine</b>"},
    "person": {"person": "guest"},
    "plan": {"side_s": 60},
    "rate": {"live_hz": 5},
    "calibrate": {"what": "zero"},
}


@pytest.fixture
def stream(page: PageProcess, outsider: Watcher, browse: Browse) -> EventStream:
    """Open a page that has heard of mat m1."""
    opened = browse(page.url)
    opened.expect_broker()
    outsider.say("qlmat/m1/state", state())
    opened.expect("state")
    return opened


@pytest.mark.parametrize("name", WISHES)
def test_every_command_of_the_table_reaches_the_mat_with_its_fields(
    page: PageProcess, outsider: Watcher, stream: EventStream, name: str
) -> None:
    body = {**WHOLE.get(name, {}), "id": "p-1"}

    status, _, answer = send(page.url, f"/api/mats/m1/cmd/{name}", body, PRESS)

    assert (status, json.loads(answer)) == (202, {"sent": name})
    message = outsider.expect(lambda heard: heard.topic == f"qlmat/m1/cmd/{name}")
    assert (json.loads(message.payload), message.retain) == (body, False)


@pytest.mark.parametrize(
    ("name", "body", "says"),
    [
        ("screening", {}, "say 'yes'"),
        ("screening", {"yes": ["nonsense"]}, "yes: use a list of"),
        ("today", {"new": "no"}, "new: use true or false"),
        ("plan", {"side_s": 1e9}, "side_s: use a number from 60 to 120 s"),
        ("plan", {"side_s": float("nan")}, "side_s: use a number"),
        ("note", {"text": "x" * 501}, "text: use a text of 1 to 500 characters"),
        ("stop", {"force": 1}, "unknown key 'force'"),
        ("stop", {"id": 7}, "id: use a text"),
        ("stop", {"id": "x" * 65}, "id: use a text"),
        ("stop", ["stop"], "not a JSON object"),
        ("note", {"text": "x" * 4000}, "longer than"),
    ],
)
def test_a_body_that_cannot_be_right_is_refused_with_the_reason_and_not_sent(
    page: PageProcess, outsider: Watcher, stream: EventStream, name: str, body: object, says: str
) -> None:
    status, _, answer = send(page.url, f"/api/mats/m1/cmd/{name}", body, PRESS)

    assert status == 400
    assert says in json.loads(answer)["error"]
    ask(page.url, "/api/mats/m1/cmd/mark", "POST", PRESS)  # a later one that is allowed arrives first
    assert outsider.expect(lambda heard: "/cmd/" in heard.topic).topic == "qlmat/m1/cmd/mark"


def test_the_mats_answer_comes_over_the_stream_and_is_not_kept(
    page: PageProcess, outsider: Watcher, stream: EventStream, browse: Browse
) -> None:
    outsider.say("qlmat/m1/resp/today", encode(answer_payload("today", "p-2", "all questions are due first")))

    told = stream.expect("resp")
    assert told["data"] == {"command": "today", "id": "p-2", "ok": False, "reason": "all questions are due first"}
    assert "resp" not in browse(page.url).expect("hello")["mats"]["m1"]


def test_a_page_that_shows_one_mat_gets_no_moving_picture_of_another(page: PageProcess, outsider: Watcher) -> None:
    stream = EventStream(page.url, mat="blue")
    stream.expect_broker()
    outsider.say("qlmat/green/live", live(1.0))
    outsider.say("qlmat/green/state", state(1.0))
    outsider.say("qlmat/blue/live", live(2.0))

    stream.expect("state", lambda data: data["mat"] == "green")
    assert stream.expect("live")["mat"] == "blue"
    stream.close()


@pytest.mark.parametrize("n", ["9", "x", "-1", "9" * 4000, "%00", "9/.."])
def test_a_session_that_was_not_seen_is_not_found(page: PageProcess, stream: EventStream, n: str) -> None:
    assert ask(page.url, f"/api/mats/m1/sessions/{n}")[0] == 404
