"""The screens beside the live one, in real Chromium: questions, profile, mat and history; what is pressed and sent."""

import json
from typing import Any

import pytest

pytest.importorskip("playwright", reason="playwright is not installed: pip install -e '.[test]'")

from playwright.sync_api import Browser, ViewportSize

from qlmat.core.screening import ADVICE, QUESTIONS, Urgency
from qlmat.payloads import answer_payload, encode, live_payload
from qlmat.topics import BY_NAME
from tests.dashboard.chromium import LIVE, NEEDED, PHONE, Scheme, Visit, in_every_look, lie_on, visit
from tests.dashboard.conftest import Here
from tests.dashboard.payloads import event, tick
from tests.shell.brokers import Watcher

pytestmark = NEEDED


def _tell(outsider: Watcher, here: Here, due: str = "all", why_not: str = "questions") -> None:
    """Say what a mat with a coach says."""
    lie_on(outsider, here.mat)
    outsider.say(f"qlmat/{here.mat}/config", encode(BY_NAME["config"].sample))
    outsider.say(f"qlmat/{here.mat}/health", encode(BY_NAME["health"].sample))
    outsider.say(f"qlmat/{here.mat}/course", encode(BY_NAME["course"].sample | {"due": due}))
    waiting = {"t_s": 30.0, "state": "waiting", "barred": "something is in the way", "why_not": why_not}
    outsider.say(f"qlmat/{here.mat}/live", encode(live_payload(tick(t_s=30.1, state="waiting"))))
    outsider.say(f"qlmat/{here.mat}/state", encode(BY_NAME["state"].sample | waiting))


def _obey(outsider: Watcher, here: Here, name: str, reason: str | None = None) -> dict[str, Any]:
    """Wait for a command, answer it as the mat does, and return what it asked for."""
    heard = outsider.expect(lambda message: message.topic == f"qlmat/{here.mat}/cmd/{name}")
    assert not heard.retain, "what is answered stays on the mat"
    body: dict[str, Any] = json.loads(heard.payload)
    outsider.say(f"qlmat/{here.mat}/resp/{name}", encode(answer_payload(name, body.pop("id"), reason)))
    return body


def _ran(outsider: Watcher, here: Here) -> None:
    """Play a session of twelve seconds, as fast as it goes, and its end."""
    for step in range(24):
        outsider.say(
            f"qlmat/{here.mat}/live", encode(live_payload(tick(t_s=100.0 + 0.5 * step, force_n=60.0 + 2 * step)))
        )
    outsider.say(f"qlmat/{here.mat}/event", event("<b>markup</b>", n=7).replace(b'"t_s":9.0', b'"t_s":103.0'))
    outsider.say(f"qlmat/{here.mat}/session/9", encode(BY_NAME["session/<n>"].sample))


def _answer(seen: Visit, *yes: str) -> None:
    """Answer the ten questions, those named with yes."""
    seen.page.wait_for_selector(".questions fieldset")
    groups = seen.page.locator(".questions fieldset")
    assert groups.count() == len(QUESTIONS)
    for number, question in enumerate(QUESTIONS):
        groups.nth(number).get_by_label("Yes" if question.key in yes else "No", exact=True).check()


# --- every screen -----------------------------------------------------------------------------------------------------


@in_every_look
def test_no_other_screen_has_a_barrier_and_none_hangs_over_the_side(
    browser: Browser, here: Here, outsider: Watcher, size: ViewportSize, scheme: Scheme
) -> None:
    with visit(browser, here.url, size, scheme) as seen:
        _tell(outsider, here)
        _ran(outsider, here)
        seen.until(LIVE)
        for screen, words in (
            ("check", "Before you start"),
            ("profile", "Where you practise"),
            ("mat", "Comfortable pressure"),
            ("history", "Fourteen days"),
        ):
            seen.go(screen)
            seen.says("#screen", words)
            if screen == "history":
                seen.page.click(".past tbody button")
                seen.page.wait_for_selector(".session-chart canvas")
            seen.fine(screen, whole=True)
            assert seen.page.locator("#stop").is_visible(), "stop is always there"
        seen.clean()


# --- questions --------------------------------------------------------------------------------------------------------


def test_ten_answers_without_a_yes_open_the_way(browser: Browser, here: Here, outsider: Watcher) -> None:
    with visit(browser, here.url) as seen:
        _tell(outsider, here)
        seen.go("check")
        _answer(seen)
        seen.page.click("text=Send the answers")

        assert _obey(outsider, here, "screening") == {"yes": []}
        seen.says("#screen", "Nothing stands in the way today")
        seen.clean()


@pytest.mark.parametrize(("yes", "advice"), [("leg", "ask"), ("saddle", "urgent")])
def test_a_yes_is_answered_with_its_advice(
    browser: Browser, here: Here, outsider: Watcher, yes: str, advice: Urgency
) -> None:
    with visit(browser, here.url, PHONE, "dark") as seen:
        _tell(outsider, here)
        seen.go("check")
        _answer(seen, yes)
        seen.page.click("text=Send the answers")

        assert _obey(outsider, here, "screening") == {"yes": [yes]}
        seen.says("#screen [role=alert]", ADVICE[advice])
        assert seen.page.locator("text=Allow practice").count() == 0, "no clinician can unlock this one"
        seen.fine_in_every_look(f"advice-{advice}")


def test_an_open_question_is_pointed_at_and_nothing_is_sent(browser: Browser, here: Here, outsider: Watcher) -> None:
    with visit(browser, here.url) as seen:
        _tell(outsider, here)
        seen.go("check")
        seen.page.click("text=Send the answers")
        seen.says("#screen .problem", "still open")

        assert seen.page.evaluate("document.activeElement.type") == "radio"
        seen.page.click("#stop")
        assert outsider.expect(lambda message: "/cmd/" in message.topic).topic.endswith("/cmd/stop")


def test_a_clinician_unlocks_a_named_answer(browser: Browser, here: Here, outsider: Watcher) -> None:
    with visit(browser, here.url) as seen:
        _tell(outsider, here, due="nothing", why_not="answer")
        seen.go("check")
        seen.says("#screen", ADVICE["ask"])
        seen.page.get_by_label("Do you take blood thinners").check()
        seen.page.get_by_label("Name of the clinician").fill("A. <b>Smith</b>")
        seen.fine_in_every_look("unlock")
        seen.page.click("button:text('Allow practice')")

        assert _obey(outsider, here, "unlock") == {"question": "blood", "clinician": "A. <b>Smith</b>"}
        seen.says("#screen", "Practice is allowed")


def test_the_line_of_the_day_takes_one_press_and_a_refusal_is_told(
    browser: Browser, here: Here, outsider: Watcher
) -> None:
    with visit(browser, here.url) as seen:
        _tell(outsider, here, due="daily")
        seen.go("check")
        seen.page.click("text=Nothing new")
        assert _obey(outsider, here, "today", "all questions are due first: 'screening'") == {"new": False}
        seen.says("#say", "Answer: not done: all questions are due first: 'screening'")

        seen.page.click("text=Nothing new")
        _obey(outsider, here, "today")
        seen.says("#screen", "Nothing stands in the way today")


# --- profile ----------------------------------------------------------------------------------------------------------


def test_the_profile_shows_what_is_set_and_sends_what_is_changed(
    browser: Browser, here: Here, outsider: Watcher
) -> None:
    with visit(browser, here.url) as seen:
        _tell(outsider, here)
        seen.go("profile")
        seen.until("document.querySelector('input[value=floor]')?.checked")
        seen.page.get_by_label("Standing at a wall").check()
        seen.says("#screen .care", "Stand near a rail")
        seen.page.locator("section:has-text('Where you practise') >> text=Save").click()
        assert _obey(outsider, here, "position") == {"position": "wall", "ball": "medium"}

        seen.page.get_by_label("More on the right").fill("15")
        seen.page.locator("section:has-text('More on the right') >> text=Save").click()
        assert _obey(outsider, here, "sides") == {
            "start_side": "either", "only_side": "both", "extra_left_s": 0, "extra_right_s": 15, "text": None,
        }  # fmt: skip

        seen.page.click("text=Practise as guest")
        assert _obey(outsider, here, "person") == {"person": "guest"}
        seen.clean()


def test_a_number_out_of_its_range_is_said_and_not_sent(browser: Browser, here: Here, outsider: Watcher) -> None:
    with visit(browser, here.url) as seen:
        _tell(outsider, here)
        seen.go("profile")
        seen.until("document.querySelector('input[max=\"18\"]')?.value")
        save = seen.page.locator("section:has-text('Comfortable force') >> text=Save")
        seen.page.get_by_label("Pace").fill("40")
        save.click()
        seen.until("[...document.querySelectorAll('.problem')].some((words) => words.textContent.includes('18'))")

        seen.page.get_by_label("Pace").fill("10")
        save.click()
        assert _obey(outsider, here, "plan") == {"target_cpm": 10}


# --- the mat ----------------------------------------------------------------------------------------------------------


def test_the_comfortable_force_is_found_with_one_big_button(browser: Browser, here: Here, outsider: Watcher) -> None:
    with visit(browser, here.url, PHONE) as seen:
        _tell(outsider, here)
        seen.go("mat")
        seen.page.click("text=Begin, left side")
        assert _obey(outsider, here, "calibrate") == {"what": "comfort", "side": "left"}

        outsider.say(f"qlmat/{here.mat}/live", encode(live_payload(tick(t_s=31.0, state="measuring"))))
        outsider.say(f"qlmat/{here.mat}/state", encode(BY_NAME["state"].sample | {"t_s": 31.1, "state": "measuring"}))
        for number, name in enumerate(("comfort_started", "lean_in", "load_counted", "lean_in")):
            outsider.say(f"qlmat/{here.mat}/event", event(name, n=number + 40))
        seen.says("#screen .statement", "Lean in slowly until it is firm")
        assert seen.page.locator(".loads li[data-day='done']").count() == 1
        seen.fine_in_every_look("comfort")
        seen.page.click(".firm")
        assert _obey(outsider, here, "press") == {}
        seen.clean()


def test_a_known_weight_is_checked_and_the_answer_told(browser: Browser, here: Here, outsider: Watcher) -> None:
    with visit(browser, here.url) as seen:
        _tell(outsider, here)
        seen.go("mat")
        seen.page.click("text=Check this weight")
        seen.says("#screen .problem", "Choose the pad")
        seen.page.get_by_label("Right", exact=True).check()
        seen.page.get_by_label("Weight").fill("49")
        seen.page.click("text=Check this weight")

        asked = _obey(outsider, here, "calibrate", "it reads 61 N, not 49 N")
        assert asked == {"what": "check", "side": "right", "force_n": 49}
        seen.says("#say", "it reads 61 N, not 49 N")
        seen.says("#screen .facts", "set by the network")
        seen.says("#screen .facts", "Calibrated on2026-11-20")
        seen.says("#screen .facts", "4.2 %, 5.1 %")


# --- history ----------------------------------------------------------------------------------------------------------


def test_a_session_that_ran_is_shown_and_can_be_zoomed_by_button(
    browser: Browser, here: Here, outsider: Watcher
) -> None:
    with visit(browser, here.url) as seen:
        _tell(outsider, here)
        _ran(outsider, here)
        seen.go("history")
        seen.page.click(".past tbody button")
        seen.says("#screen", "Session 9: 0:12")
        seen.says("#screen .events", "<b>markup</b>")
        assert seen.page.locator(".events b").count() == 0, "what is named in markup is text"
        seen.page.wait_for_selector(".session-chart canvas")
        before = seen.page.locator(".session-chart").screenshot()
        seen.page.click("text=Closer")
        seen.page.evaluate("new Promise(requestAnimationFrame)")
        assert seen.page.locator(".session-chart").screenshot() != before
        seen.page.click("text=Numbers behind the picture")
        rows = seen.page.locator("table:has-text('Mean of each ten seconds') tbody tr")
        assert rows.all_inner_texts() == ["0:00\t79\t0", "0:10\t103\t0"]
        seen.clean()


# --- what bars a session ----------------------------------------------------------------------------------------------


def test_what_bars_a_session_is_said_and_leads_to_the_questions(
    browser: Browser, here: Here, outsider: Watcher
) -> None:
    with visit(browser, here.url) as seen:
        _tell(outsider, here)
        seen.says("#barred", "The questions for today are open")
        seen.says("#position", "On the floor. Have something near to hold")
        seen.go("lying")
        seen.says("#lying-state", "The questions for today are open")
        seen.page.keyboard.press("Escape")
        seen.page.click("#ask a")
        seen.says("#screen h1", "Questions before you start")
        seen.clean()
