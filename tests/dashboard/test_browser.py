"""The live page in real Chromium: what a person sees, presses and is told. Screenshots go to out/screens/."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed: pip install -e '.[test]'")

from playwright.sync_api import Browser, sync_playwright

from qlmat.core.plan import Plan
from qlmat.dashboard.passwords import HASHER
from qlmat.dashboard.process import PageProcess, start_process
from qlmat.payloads import encode, live_payload, plan_payload
from qlmat.topics import BY_NAME
from tests.cli.processes import running
from tests.dashboard.browsers import EventStream
from tests.dashboard.chromium import CHROMIUM, DESKTOP, PHONE, Scheme, Visit, launch, visit
from tests.dashboard.payloads import event, live, state, tick
from tests.shell.brokers import Mosquitto, Watcher

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: sudo apt install chromium"),
    pytest.mark.xdist_group("browser"),
]
LIVE = "document.body.dataset.link === 'live'"
STALE = "document.body.dataset.fresh === 'stale'"
SPEED = "12"  # a demo session of four minutes in twenty seconds


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run one Chromium for the tests of this module."""
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def page(broker: Mosquitto) -> Iterator[PageProcess]:
    """Serve a page of its own for each test, so that it knows no mats of the test before."""
    process = start_process("127.0.0.1", broker.port, port=0)
    stream = EventStream(process.url)
    stream.expect_broker()  # what is said before that is not heard
    stream.close()
    yield process
    process.close()


def _lie_on(outsider: Watcher, mat: str = "m1", t_s: float = 20.0, force_n: float = 80.0) -> None:
    """Publish what a mat says of somebody who rocks on it."""
    outsider.say(f"qlmat/{mat}/plan", encode(plan_payload(Plan())))
    outsider.say(f"qlmat/{mat}/state", state(t_s, force_n))
    outsider.say(f"qlmat/{mat}/live", live(t_s + 0.1, force_n))


def _clean(seen: Visit) -> None:
    assert seen.complaints == [], "the page complained on its console"
    assert seen.foreign == [], "the page asked somebody else"


# --- a whole session --------------------------------------------------------------------------------------------------


def test_from_the_first_visit_to_the_finished_session_of_the_virtual_person(browser: Browser, tmp_path: Path) -> None:
    with running("demo", "--no-browser", "--port", "0", "--speed", SPEED, cwd=tmp_path) as demo:
        url = demo.wait_for("Page").split()[1]
        with visit(browser, url) as seen:
            seen.until(LIVE)
            seen.says("#state", "Working the left side")
            seen.says("#kind", "Rocking")
            seen.says("#key-zone", "your zone")
            assert int(seen.page.inner_text("#force")) > 40
            seen.picture("desktop-light-working")
            seen.says("#events", "Time to change over")
            seen.says("#state", "All done")
            assert seen.page.locator("#steps li[data-step='done']").count() == 6
            seen.picture("desktop-light-done")
            _clean(seen)


# --- accessibility ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [pytest.param(DESKTOP, id="desktop"), pytest.param(PHONE, id="phone")])
def test_no_screen_has_a_barrier(
    browser: Browser, page: PageProcess, outsider: Watcher, scheme: Scheme, size: dict[str, int]
) -> None:
    with visit(browser, page.url, size, scheme) as seen:
        seen.until("document.querySelector('#chart').dataset.chart")
        _lie_on(outsider)
        outsider.say("qlmat/m1/event", event("settled"))
        for name in ("course", "session/<n>", "health"):
            outsider.say(f"qlmat/m1/{name.replace('<n>', '9')}", encode(BY_NAME[name].sample))
        seen.until(LIVE)
        seen.page.click("#numbers summary")
        name = f"{'phone' if size == PHONE else 'desktop'}-{scheme}"
        seen.picture(f"{name}-live", whole=True)
        assert seen.barriers() == []

        seen.until(STALE)
        seen.picture(f"{name}-stale")
        assert seen.barriers() == []
        wide = seen.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"], "nothing hangs over the side"
        _clean(seen)


def test_everything_can_be_reached_and_pressed_with_the_keyboard(
    browser: Browser, page: PageProcess, outsider: Watcher
) -> None:
    with visit(browser, page.url) as seen:
        _lie_on(outsider)
        seen.until(LIVE)
        reached = []
        for _ in range(12):
            seen.page.keyboard.press("Tab")
            reached.append(seen.page.evaluate("document.activeElement.id || document.activeElement.tagName"))
            if reached[-1] == "stop":
                seen.page.keyboard.press("Enter")

        assert {"go", "stop", "hold", "SUMMARY"} <= set(reached)
        outsider.expect(lambda heard: heard.topic == "qlmat/m1/cmd/stop")
        seen.says("#say", "Stop: sent to the mat")


# --- course, past sessions, health ------------------------------------------------------------------------------------


def test_the_course_the_past_sessions_and_the_mats_health_are_told(
    browser: Browser, page: PageProcess, outsider: Watcher
) -> None:
    with visit(browser, page.url) as seen:
        _lie_on(outsider)
        seen.until(LIVE)
        seen.page.click("#places a[href='#history']")
        seen.says("#screen", "The mat has told of no course")
        for name in ("course", "session/<n>", "session/<n>"):  # delivery is at least once
            outsider.say(f"qlmat/m1/{name.replace('<n>', '9')}", encode(BY_NAME[name].sample))
        outsider.say(
            "qlmat/m1/health", encode({**BY_NAME["health"].sample, "trouble": "<b>no bus</b>", "clock": "unsynced"})
        )

        seen.says("#screen", "Session 4 of 14 · 1 today · days missed: 1 · one more today is fine")
        assert seen.page.locator(".days li[data-day='done']").count() == 4
        seen.says("#screen", "Complete3:3084 N84 N12")
        assert seen.page.locator(".past tbody tr").count() == 1
        seen.says("#health", "48 °C · the clock is not set yet · Needs a look: <b>no bus</b>")
        _clean(seen)


# --- for the one who lies on the mat ----------------------------------------------------------------------------------


def test_lying_down_one_sees_a_few_words_as_large_as_the_phone_allows(
    browser: Browser, page: PageProcess, outsider: Watcher
) -> None:
    with visit(browser, page.url, PHONE) as seen:
        _lie_on(outsider, force_n=104.0)
        seen.until(LIVE)
        seen.page.click("#lie")
        seen.says("#lying-force", "104")
        seen.says("#lying-zone", "In your zone")
        seen.picture("phone-lying")

        high_px = seen.page.locator("#lying-force").evaluate("(digits) => digits.getBoundingClientRect().height")
        assert high_px > 130, "digits of 20 mm on a phone of 7 cm by 15: read at 2 m by 6/12 eyes and better"
        assert (
            seen.page.evaluate("getComputedStyle(document.querySelector('#lying')).backgroundColor") == "rgb(0, 0, 0)"
        )
        assert seen.page.locator("#stop").is_visible() and not seen.page.locator("#now").is_visible()
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert seen.barriers() == []

        seen.until(STALE)
        seen.says("#lying-zone", "Old reading")
        seen.page.keyboard.press("Escape")
        seen.page.wait_for_selector("#now", state="visible")
        _clean(seen)


def test_cues_are_spoken_only_when_asked_for_and_once_each(
    browser: Browser, page: PageProcess, outsider: Watcher
) -> None:
    listen = "window.said = []; speechSynthesis.speak = (spoken) => said.push(`${spoken.lang}: ${spoken.text}`); true"
    with visit(browser, page.url) as seen:
        seen.says("#link-text", "No mat yet")
        seen.page.evaluate(listen)
        outsider.say("qlmat/m1/live", encode(live_payload(tick(10.0, cue="too_hard"))))
        seen.says("#cue-name", "A bit much")
        assert seen.page.evaluate("said") == []

        seen.page.click("#speak")
        assert seen.page.get_attribute("#speak", "aria-pressed") == "true"
        for step in range(3):
            outsider.say("qlmat/m1/live", encode(live_payload(tick(11.0 + 0.1 * step, cue="too_fast"))))
        seen.until("said.length === 2")

        assert seen.page.evaluate("said") == ["en: Cues will be spoken.", "en: Too fast. Take your time."]


def test_who_reads_german_is_spoken_to_in_german_and_may_choose_english(
    browser: Browser, page: PageProcess, outsider: Watcher
) -> None:
    with visit(browser, page.url, scheme="dark", locale="de-AT") as seen:
        _lie_on(outsider)
        seen.until(LIVE)
        seen.says("#zone-name", "In Ihrem Bereich")
        seen.says("#stop", "Stopp")
        assert seen.page.get_attribute("html", "lang") == "de"
        seen.picture("desktop-dark-german")
        assert seen.barriers() == []

        seen.page.select_option("#language", "en")

        seen.says("#place-title", "Where the ball is")
        assert seen.page.get_attribute("html", "lang") == "en"
        _clean(seen)


# --- truth ------------------------------------------------------------------------------------------------------------


def test_a_mat_that_falls_silent_is_greyed_and_its_age_is_told(
    browser: Browser, page: PageProcess, outsider: Watcher
) -> None:
    with visit(browser, page.url) as seen:
        _lie_on(outsider)
        seen.until(LIVE)
        seen.until(STALE)

        seen.says("#zone-name", "Old reading")
        seen.until("/\\d s ago/.test(document.querySelector('#now-age').textContent)")
        assert seen.page.locator("#banner").is_visible()
        assert "grayscale" in seen.page.locator("#chart").evaluate("(box) => getComputedStyle(box).filter")


def test_a_broker_that_dies_is_said_and_its_return_too(browser: Browser, tmp_path: Path, closing: ExitStack) -> None:
    broker = Mosquitto(tmp_path)
    broker.start()
    closing.callback(broker.stop)
    page = start_process("127.0.0.1", broker.port, port=0)
    closing.callback(page.close)
    with visit(browser, page.url) as seen:
        seen.says("#link-text", "No mat yet")
        broker.stop()
        seen.says("#banner-title", "The MQTT broker cannot be reached")
        seen.picture("desktop-light-no-broker")
        assert seen.barriers() == []

        broker.start()
        seen.says("#link-text", "No mat yet")
        client = Watcher(broker.port)
        closing.callback(client.close)
        _lie_on(client)
        seen.until(LIVE)
        _clean(seen)


def test_a_server_that_is_gone_is_said(browser: Browser, closing: ExitStack) -> None:
    page = start_process(broker_port=1, port=0)
    closing.callback(page.close)
    with visit(browser, page.url) as seen:
        seen.says("#link-text", "No broker")
        page.process.kill()
        seen.says("#banner-title", "This page has lost its server")


def test_two_mats_are_told_apart_and_each_is_stopped_alone(
    browser: Browser, page: PageProcess, outsider: Watcher
) -> None:
    with visit(browser, page.url) as seen:
        _lie_on(outsider, "blue", force_n=71.0)
        _lie_on(outsider, "green", force_n=93.0)
        for name, force in (("blue", "71"), ("green", "93")):
            seen.page.click(f"#mats button:text-is('{name}')")
            seen.says("#force", force)
            seen.page.click("#stop")
            topic = outsider.expect(lambda heard: heard.topic.endswith("/cmd/stop")).topic
            assert topic == f"qlmat/{name}/cmd/stop"
        seen.picture("desktop-light-two-mats")


def test_markup_in_a_name_is_shown_as_the_text_it_is(browser: Browser, page: PageProcess, outsider: Watcher) -> None:
    nasty = "<img src=x onerror=document.title='owned'>"
    with visit(browser, page.url) as seen:
        _lie_on(outsider, "m3")
        outsider.say("qlmat/m3/event", event(nasty, n=31))
        seen.says("#events", nasty[:20])

        assert seen.page.locator("#events img").count() == 0
        assert seen.page.title() != "owned"
        _clean(seen)


def test_without_its_library_the_chart_is_drawn_all_the_same(
    browser: Browser, page: PageProcess, outsider: Watcher
) -> None:
    with visit(browser, page.url) as seen:
        seen.page.route(re.compile(r"/uplot\."), lambda route: route.abort())
        seen.page.reload()
        seen.until("document.querySelector('#chart').dataset.chart === 'canvas'")
        _lie_on(outsider)
        seen.until(LIVE)

        dots = "(canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"
        seen.until(f"({dots})(document.querySelector('#chart canvas'))")


# --- the door ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_door_opens_to_the_password_and_closes_behind(
    browser: Browser, tmp_path: Path, closing: ExitStack, scheme: Scheme
) -> None:
    path = tmp_path / "page.hash"
    path.write_text(HASHER.hash("three small words"))
    page = start_process(broker_port=1, port=0, options=["--login", "--login-file", str(path)])
    closing.callback(page.close)
    with visit(browser, page.url, PHONE, scheme) as seen:
        seen.page.fill("#password", "something else")
        seen.page.keyboard.press("Enter")
        seen.says("#problem", "That is not the password")
        seen.picture(f"phone-{scheme}-door")
        assert seen.barriers() == []

        seen.page.fill("#password", "three small words")
        seen.page.keyboard.press("Enter")
        seen.says("#link-text", "No broker")
        assert seen.page.evaluate("document.cookie") == "", "no script can read the session"

        seen.page.click("#leave")
        seen.page.wait_for_selector("#password")
        assert seen.foreign == []
