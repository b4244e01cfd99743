"""The live page in real Chromium when something is wrong: nothing old looks new, nothing foreign comes in."""

import re
from contextlib import ExitStack
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed: pip install -e '.[test]'")

from playwright.sync_api import Browser

from qlmat.dashboard.passwords import HASHER
from qlmat.dashboard.process import start_process
from tests.dashboard.chromium import LIVE, NEEDED, PHONE, STALE, lie_on, visit
from tests.dashboard.conftest import Here
from tests.dashboard.payloads import event
from tests.shell.brokers import Mosquitto, Watcher

pytestmark = NEEDED


# --- truth ------------------------------------------------------------------------------------------------------------


def test_a_mat_that_falls_silent_is_greyed_and_its_age_is_told(browser: Browser, here: Here, outsider: Watcher) -> None:
    with visit(browser, here.url) as seen:
        lie_on(outsider, here.mat)
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
        seen.fine_in_every_look("no-broker")

        broker.start()
        seen.says("#link-text", "No mat yet")
        client = Watcher(broker.port)
        closing.callback(client.close)
        lie_on(client, "m1")
        seen.until(LIVE)
        seen.clean()


def test_a_server_that_is_gone_is_said(browser: Browser, closing: ExitStack) -> None:
    page = start_process(broker_port=1, port=0)
    closing.callback(page.close)
    with visit(browser, page.url) as seen:
        seen.says("#link-text", "No broker")
        page.process.kill()
        seen.says("#banner-title", "This page has lost its server")
        seen.page.click("#places a[href='#history']")
        seen.says("#screen [role=alert]", "could not be fetched")


def test_two_mats_are_told_apart_and_each_is_stopped_alone(
    browser: Browser, broker: Mosquitto, outsider: Watcher, closing: ExitStack
) -> None:
    page = start_process("127.0.0.1", broker.port, port=0)
    closing.callback(page.close)
    with visit(browser, page.url) as seen:
        seen.says("#link-text", "No mat yet")
        lie_on(outsider, "blue", force_n=71.0)
        lie_on(outsider, "green", force_n=93.0)
        for name, force in (("blue", "71"), ("green", "93")):
            seen.page.click(f"#mats button:text-is('{name}')")
            seen.says("#force", force)
            seen.page.click("#stop")
            topic = outsider.expect(lambda heard: heard.topic.endswith("/cmd/stop")).topic
            assert topic == f"qlmat/{name}/cmd/stop"
        seen.picture("desktop-light-two-mats")


def test_markup_in_a_name_is_shown_as_the_text_it_is(browser: Browser, here: Here, outsider: Watcher) -> None:
    nasty = "<img src=x onerror=document.title='owned'>"
    with visit(browser, here.url) as seen:
        lie_on(outsider, here.mat)
        outsider.say(f"qlmat/{here.mat}/event", event(nasty, n=31))
        seen.says("#events", nasty[:20])

        assert seen.page.locator("#events img").count() == 0
        assert seen.page.title() != "owned"
        seen.clean()


def test_without_its_library_the_chart_is_drawn_all_the_same(browser: Browser, here: Here, outsider: Watcher) -> None:
    with visit(browser, here.url) as seen:
        seen.page.route(re.compile(r"/uplot\."), lambda route: route.abort())
        seen.page.reload()
        seen.until("document.querySelector('#chart').dataset.chart === 'canvas'")
        lie_on(outsider, here.mat)
        seen.until(LIVE)

        dots = "(canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"
        seen.until(f"({dots})(document.querySelector('#chart canvas'))")


# --- the door ---------------------------------------------------------------------------------------------------------


def test_the_door_opens_to_the_password_and_closes_behind(browser: Browser, tmp_path: Path, closing: ExitStack) -> None:
    path = tmp_path / "page.hash"
    path.write_text(HASHER.hash("three small words"))
    page = start_process(broker_port=1, port=0, options=["--login", "--login-file", str(path)])
    closing.callback(page.close)
    with visit(browser, page.url, PHONE) as seen:
        seen.page.wait_for_selector("#enter:enabled")
        seen.page.fill("#password", "something else")
        seen.page.keyboard.press("Enter")
        seen.says("#problem", "That is not the password")
        seen.fine_in_every_look("door")

        seen.page.fill("#password", "three small words")
        seen.page.keyboard.press("Enter")
        seen.says("#link-text", "No broker")
        assert seen.page.evaluate("document.cookie") == "", "no script can read the session"

        seen.page.click("#leave")
        seen.page.wait_for_selector("#password")
        assert seen.foreign == []
