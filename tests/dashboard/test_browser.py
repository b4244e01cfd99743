"""The live page in real Chromium: what a person sees, presses and is told. Screenshots go to out/screens/."""

from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

pytest.importorskip("playwright", reason="playwright is not installed: pip install -e '.[test]'")

from playwright.sync_api import Browser, ViewportSize
from playwright.sync_api import TimeoutError as TooLong

from qlmat.core.model import Event
from qlmat.payloads import encode, event_payload, live_payload
from qlmat.topics import BY_NAME
from tests.cli.processes import running
from tests.dashboard.chromium import (
    LIVE,
    NEEDED,
    PATIENCE_MS,
    PHONE,
    STALE,
    Scheme,
    Visit,
    in_every_look,
    lie_on,
    visit,
)
from tests.dashboard.conftest import Here
from tests.dashboard.payloads import event, tick
from tests.shell.brokers import Watcher

pytestmark = NEEDED
SPEED = "10"
SHORT = """[practice]
side_time = "16 s"
settle_time = "4 s"
"""
STORY = """about = "A short session, for the browser."
seed = 7
[person]
breathing_cpm = 14
breathing_newtons = 4
""" + "\n".join(
    f"[[step]]\n{step}"
    for step in (
        'do = "wait"\nseconds = 2',
        'do = "place"\nside = "left"\nnewtons = 90\nplace_mm = [4, -3]',
        'do = "settle"\nseconds = 8',
        'do = "rock"\nseconds = 36\ncpm = 12\nmm = 18',
        'do = "change_pad"\nseconds = 6\nnewtons = 90\nplace_mm = [-3, 2]',
        'do = "settle"\nseconds = 8',
        'do = "rock"\nseconds = 36\ncpm = 12\nmm = 18',
        'do = "lift_off"',
        'do = "wait"\nseconds = 5',
    )
)


# --- a whole session --------------------------------------------------------------------------------------------------


def test_from_the_first_visit_to_the_finished_session_of_the_virtual_person(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "short.toml").write_text(SHORT)
    (tmp_path / "story.toml").write_text(STORY)
    told = ("--no-browser", "--port", "0", "--speed", SPEED, "--config", "short.toml", "--story", "story.toml")
    with running("demo", *told, cwd=tmp_path) as demo:
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
            seen.clean()


# --- accessibility ----------------------------------------------------------------------------------------------------


@in_every_look
def test_no_screen_has_a_barrier(
    browser: Browser, here: Here, outsider: Watcher, size: ViewportSize, scheme: Scheme
) -> None:
    with visit(browser, here.url, size, scheme) as seen:
        seen.until("document.querySelector('#chart').dataset.chart")
        lie_on(outsider, here.mat)
        outsider.say(f"qlmat/{here.mat}/event", event("settled"))
        for name in ("course", "session/<n>", "health"):
            outsider.say(f"qlmat/{here.mat}/{name.replace('<n>', '9')}", encode(BY_NAME[name].sample))
        seen.until(LIVE)
        seen.page.click("#numbers summary")
        seen.fine("live", whole=True)

        seen.until(STALE)
        seen.fine("stale")
        seen.clean()


def test_everything_can_be_reached_and_pressed_with_the_keyboard(
    browser: Browser, here: Here, outsider: Watcher
) -> None:
    with visit(browser, here.url) as seen:
        lie_on(outsider, here.mat)
        seen.until(LIVE)
        reached = []
        for _ in range(12):
            seen.page.keyboard.press("Tab")
            reached.append(seen.page.evaluate("document.activeElement.id || document.activeElement.tagName"))
            if reached[-1] == "stop":
                seen.page.keyboard.press("Enter")

        assert {"go", "stop", "hold", "SUMMARY"} <= set(reached)
        outsider.expect(lambda heard: heard.topic == f"qlmat/{here.mat}/cmd/stop")
        seen.says("#say", "Stop: sent to the mat")


# --- course, past sessions, health ------------------------------------------------------------------------------------


def test_the_course_the_past_sessions_and_the_mats_health_are_told(
    browser: Browser, here: Here, outsider: Watcher
) -> None:
    with visit(browser, here.url) as seen:
        lie_on(outsider, here.mat)
        seen.until(LIVE)
        seen.page.click("#places a[href='#history']")
        seen.says("#screen", "The mat has told of no course")
        for name in ("course", "session/<n>", "session/<n>"):  # delivery is at least once
            outsider.say(f"qlmat/{here.mat}/{name.replace('<n>', '9')}", encode(BY_NAME[name].sample))
        outsider.say(
            f"qlmat/{here.mat}/health",
            encode({**BY_NAME["health"].sample, "trouble": "<b>no bus</b>", "clock": "unsynced"}),
        )

        seen.says("#screen", "Session 4 of 14 · 1 today · days missed: 1 · one more today is fine")
        assert seen.page.locator(".days li[data-day='done']").count() == 4
        seen.says("#screen", "Complete3:3084 N84 N12")
        assert seen.page.locator(".past tbody tr").count() == 1
        seen.says("#health", "48 °C · the clock is not set yet · Needs a look: <b>no bus</b>")
        seen.clean()


# --- for the one who lies on the mat ----------------------------------------------------------------------------------


def test_lying_down_one_sees_a_few_words_as_large_as_the_phone_allows(
    browser: Browser, here: Here, outsider: Watcher
) -> None:
    with visit(browser, here.url, PHONE) as seen:
        lie_on(outsider, here.mat, force_n=104.0)
        seen.until(LIVE)
        seen.page.click("#lie")
        seen.says("#lying-force", "104")
        seen.says("#lying-zone", "In your zone")

        high_px = seen.page.locator("#lying-force").evaluate("(digits) => digits.getBoundingClientRect().height")
        assert high_px > 130, "digits of 20 mm on a phone of 7 cm by 15: read at 2 m by 6/12 eyes and better"
        assert (
            seen.page.evaluate("getComputedStyle(document.querySelector('#lying')).backgroundColor") == "rgb(0, 0, 0)"
        )
        assert seen.page.locator("#stop").is_visible() and not seen.page.locator("#now").is_visible()
        seen.fine_in_every_look("lying")

        seen.until(STALE)
        seen.says("#lying-zone", "Old reading")
        seen.fine("lying-stale")
        seen.page.keyboard.press("Escape")
        seen.page.wait_for_selector("#now", state="visible")
        seen.clean()


def _buzz(outsider: Watcher, here: Here, seen: Visit, cue: str, seconds: range) -> None:
    """Tell a cue in each of these seconds of the mat's clock; a reading again until the page shows its cycles."""
    for second in seconds:
        told = tick(float(second), cue=cue)
        reading = encode(live_payload(replace(told, movement=replace(told.movement, cycles=second))))
        end_s = monotonic() + PATIENCE_MS / 1000
        while not _shows(outsider, here, seen, reading, second):
            assert monotonic() < end_s, f"the page never showed {second} cycles"


def _shows(outsider: Watcher, here: Here, seen: Visit, reading: bytes, cycles: int) -> bool:
    """Tell one reading and see whether the page shows it soon."""
    outsider.say(f"qlmat/{here.mat}/live", reading)
    try:
        seen.page.wait_for_function(f"document.querySelector('#cycles').textContent === '{cycles}'", timeout=2000)
    except TooLong:
        return False
    return True


def test_cues_are_spoken_only_when_asked_for_and_once_each(browser: Browser, here: Here, outsider: Watcher) -> None:
    listen = "window.said = []; speechSynthesis.speak = (spoken) => said.push(`${spoken.lang}: ${spoken.text}`); true"
    with visit(browser, here.url) as seen:
        seen.says("#link-text", "No mat yet")
        seen.page.evaluate(listen)
        _buzz(outsider, here, seen, "too_hard", range(10, 12))
        seen.says("#cue-name", "A bit much")
        assert seen.page.evaluate("said") == []

        seen.page.click("#speak")
        assert seen.page.get_attribute("#speak", "aria-pressed") == "true"
        _buzz(outsider, here, seen, "too_fast", range(60, 66))

        assert seen.page.evaluate("said") == ["en: Cues will be spoken.", "en: Too fast. Take your time."]

        _buzz(outsider, here, seen, "too_fast", range(70, 72))

        assert seen.page.evaluate("said.length") == 3, "after a pause it is a new cue"


def test_the_way_to_the_spot_of_an_earlier_day_is_spoken_where_the_buzz_only_says_not_yet(
    browser: Browser, here: Here, outsider: Watcher
) -> None:
    way = {"say": "up a little", "right_mm": 1.0, "up_mm": 12.0}
    told = event_payload(Event(10.9, "lead", "left", way), 1, "b", "2026-11-22T12:00:00.000Z", "synced")
    with visit(browser, here.url) as seen:
        seen.says("#link-text", "No mat yet")
        seen.page.evaluate("window.said = []; speechSynthesis.speak = (spoken) => said.push(spoken.text); true")
        outsider.say(f"qlmat/{here.mat}/live", encode(live_payload(tick(10.0))))
        seen.says("#link-text", "Live")
        seen.page.click("#speak")
        outsider.say(f"qlmat/{here.mat}/event", encode(told))
        outsider.say(f"qlmat/{here.mat}/live", encode(live_payload(tick(11.0, cue="keep_going"))))
        seen.until("said.length === 2")

        assert "12 mm" in seen.page.evaluate("said")[1]


def test_who_reads_german_is_spoken_to_in_german_and_may_choose_english(
    browser: Browser, here: Here, outsider: Watcher
) -> None:
    with visit(browser, here.url, scheme="dark", locale="de-AT") as seen:
        lie_on(outsider, here.mat)
        seen.until(LIVE)
        seen.says("#zone-name", "In Ihrem Bereich")
        seen.says("#stop", "Stopp")
        assert seen.page.get_attribute("html", "lang") == "de"
        seen.fine_in_every_look("german")

        seen.page.select_option("#language", "en")

        seen.says("#place-title", "Where the ball is")
        assert seen.page.get_attribute("html", "lang") == "en"
        seen.clean()


# --- spots ------------------------------------------------------------------------------------------------------------


def test_the_pads_show_the_spot_of_last_time_and_the_way_to_it(browser: Browser, here: Here, outsider: Watcher) -> None:
    spot = {**BY_NAME["plan"].sample["left"], "spot_mm": [14.0, -12.0]}
    with visit(browser, here.url) as seen:
        lie_on(outsider, here.mat)  # the ball lies 3 mm to the right and 4 mm to the hips
        outsider.say(f"qlmat/{here.mat}/plan", encode({**BY_NAME["plan"].sample, "left": spot}))
        seen.says(".pad-spot", "To your spot: 11 mm right, 8 mm to the hips")
        assert seen.page.locator("#pads .spot-aim").count() == 1
        assert seen.page.locator("#key-aim").is_visible() and not seen.page.locator("#key-mark").is_visible()

        marked = event("marked", n=50).replace(b'"detail":{}', b'"detail":{"x_mm":6.0,"y_mm":9.0}')
        outsider.say(f"qlmat/{here.mat}/event", marked)
        seen.page.wait_for_selector("#pads .spot-mark", state="attached")
        assert seen.page.locator("#pads .spot-mark").get_attribute("transform") == "translate(6.0 -9.0)"
        seen.clean()
