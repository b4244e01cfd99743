"""The page's server with a real broker: what is published arrives in the browser, what is pressed at the mat."""

import json
from collections.abc import Callable

import pytest

from qlmat.dashboard.guard import SECURITY_HEADERS
from qlmat.dashboard.process import PageProcess
from qlmat.topics import COMMANDS
from tests.dashboard.browsers import EventStream, ask
from tests.dashboard.payloads import event, live, state
from tests.shell.brokers import Watcher

Browse = Callable[[str], EventStream]
PRESS = {"X-QLMat": "1"}


def test_what_an_outside_client_publishes_arrives_in_the_browser(
    page: PageProcess, outsider: Watcher, browse: Browse
) -> None:
    stream = browse(page.url)
    stream.expect_broker()

    outsider.say("qlmat/m1/live", live(11.0, 64.5))

    told = stream.expect("live", lambda data: data["mat"] == "m1")
    assert told["data"]["pads"]["left"] == {"force_n": 64.5, "cop_mm": [3.0, -4.0], "touching": True}


def test_a_browser_that_comes_later_is_told_at_once_what_was_said_before(
    page: PageProcess, outsider: Watcher, browse: Browse
) -> None:
    first = browse(page.url)
    first.expect_broker()
    outsider.say("qlmat/m2/state", state(30.0))
    outsider.say("qlmat/m2/event", event("side_done"))
    first.expect("event", lambda data: data["mat"] == "m2")

    known = browse(page.url).expect("hello")["mats"]["m2"]

    assert (known["state"]["t_s"], known["events"][0]["name"]) == (30.0, "side_done")
    assert 0.0 <= known["age_s"] < 20.0


def test_the_browser_learns_the_rhythm_of_every_cue_from_the_core(page: PageProcess, browse: Browse) -> None:
    from qlmat.core.rhythms import PATTERNS

    cues = browse(page.url).expect("hello")["cues"]

    assert {name: tuple(map(tuple, pulses)) for name, pulses in cues.items()} == dict(PATTERNS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_pressed_button_reaches_the_mat_as_a_command_that_is_not_retained(
    page: PageProcess, outsider: Watcher, browse: Browse, name: str
) -> None:
    stream = browse(page.url)
    stream.expect_broker()
    outsider.say("qlmat/m1/state", state())
    stream.expect("state")

    status, _, body = ask(page.url, f"/api/mats/m1/cmd/{name}", "POST", PRESS)

    assert (status, json.loads(body)) == (202, {"sent": name})
    message = outsider.expect(lambda heard: heard.topic == f"qlmat/m1/cmd/{name}")
    assert (message.payload, message.retain) == (b"", False)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-QLMat": "0"},
        {**PRESS, "Origin": "https://evil.example"},
        {**PRESS, "Origin": "null"},
        {**PRESS, "Sec-Fetch-Site": "cross-site"},
        {**PRESS, "Sec-Fetch-Site": "same-site"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ],
)
def test_a_command_from_another_site_or_a_form_is_refused_and_not_sent(
    page: PageProcess, outsider: Watcher, browse: Browse, headers: dict[str, str]
) -> None:
    stream = browse(page.url)
    stream.expect_broker()
    outsider.say("qlmat/m1/state", state())
    stream.expect("state")

    status, _, _ = ask(page.url, "/api/mats/m1/cmd/start", "POST", headers)

    assert status == 403
    ask(page.url, "/api/mats/m1/cmd/mark", "POST", PRESS)  # a later one that is allowed arrives first
    assert outsider.expect(lambda heard: "/cmd/" in heard.topic).topic == "qlmat/m1/cmd/mark"


def test_a_command_from_our_own_page_is_accepted(page: PageProcess, outsider: Watcher, browse: Browse) -> None:
    stream = browse(page.url)
    stream.expect_broker()
    outsider.say("qlmat/m1/state", state())
    stream.expect("state")

    own = {**PRESS, "Origin": page.url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    assert ask(page.url, "/api/mats/m1/cmd/stop", "POST", own)[0] == 202


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/api/mats/m1/cmd/explode", "POST", 404),
        ("/api/mats/nobody/cmd/stop", "POST", 404),
        ("/api/mats/m1/cmd/stop", "GET", 405),
        ("/api/mats/%2e%2e/cmd/stop", "POST", 404),
        ("/api/mats/m1%2Flive/cmd/stop", "POST", 404),
        ("/static/nothing.js", "GET", 404),
        ("/static/..%2Fapp.py", "GET", 404),
        ("/static/../app.py", "GET", 404),
        ("/nowhere", "GET", 404),
    ],
)
def test_what_does_not_exist_is_refused(page: PageProcess, path: str, method: str, status: int) -> None:
    assert ask(page.url, path, method, PRESS)[0] == status


@pytest.mark.parametrize(
    "path", ["/", "/static/main.js", "/health", "/static/nothing", "/nowhere", "/api/mats/x/cmd/y"]
)
def test_every_answer_carries_the_security_headers(page: PageProcess, path: str) -> None:
    _, headers, _ = ask(page.url, path)

    assert {name: headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "unsafe" not in headers["content-security-policy"]


def test_the_stream_carries_the_security_headers_and_is_not_stored(page: PageProcess, browse: Browse) -> None:
    answer = browse(page.url).answer

    assert answer.getheader("content-type") == "text/event-stream; charset=utf-8"
    assert answer.getheader("cache-control") == "no-store"
    assert answer.getheader("content-security-policy") == SECURITY_HEADERS["content-security-policy"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "["])
def test_a_request_for_a_foreign_host_name_is_refused(page: PageProcess, host: str) -> None:
    assert ask(page.url, "/", host=host)[0] in (400, 421)


def test_malformed_payloads_do_no_harm_and_are_counted(page: PageProcess, outsider: Watcher, browse: Browse) -> None:
    stream = browse(page.url)
    stream.expect_broker()
    before = json.loads(ask(page.url, "/health")[2])["ignored"].get("malformed", 0)

    for payload in (b"", b"{", b"\xff" * 100, b"[" * 4000, live().replace(b"80.0", b"NaN")):
        outsider.say("qlmat/m1/live", payload)
    outsider.say("qlmat/m1/live", live(77.0))

    stream.expect("live", lambda data: data["data"]["t_s"] == 77.0)
    assert json.loads(ask(page.url, "/health")[2])["ignored"]["malformed"] == before + 5


def test_a_huge_payload_does_no_harm(page: PageProcess, outsider: Watcher, browse: Browse) -> None:
    stream = browse(page.url)
    stream.expect_broker()

    outsider.say("qlmat/m1/live", b" " * 5_000_000)
    outsider.say("qlmat/m1/live", live(78.0))

    stream.expect("live", lambda data: data["data"]["t_s"] == 78.0)


def test_a_name_that_contains_markup_arrives_as_the_text_it_is(
    page: PageProcess, outsider: Watcher, browse: Browse
) -> None:
    stream = browse(page.url)
    stream.expect_broker()

    outsider.say("qlmat/m1/event", event("<b>\n\nevent: broker\ndata: {}", n=99))

    assert stream.expect("event", lambda data: data["data"]["n"] == 99)["data"]["name"].startswith("<b>\n\nevent")


def test_the_page_is_compressed_and_not_sent_again_while_it_is_the_same(page: PageProcess) -> None:
    status, headers, body = ask(page.url, "/", headers={"Accept-Encoding": "gzip"})

    assert (status, headers["content-encoding"], body[:2]) == (200, "gzip", b"\x1f\x8b")
    assert ask(page.url, "/", headers={"If-None-Match": headers["etag"]})[0] == 304


def test_a_browser_that_sends_huge_headers_is_refused_and_harms_nobody(page: PageProcess) -> None:
    try:
        status = ask(page.url, "/health", headers={"X-Long": "x" * 1_000_000})[0]
    except ConnectionError:  # the server had closed before all was sent
        status = 400

    assert status == 400
    assert ask(page.url, "/health")[0] == 200
