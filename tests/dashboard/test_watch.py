"""`qlmat watch` and `qlmat dashboard`: outside clients of a broker, tried as values and as real processes."""

import io
import json
import signal
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

import pytest
from rich.console import Console

from qlmat.cli.broker_option import split_address
from qlmat.cli.watch_mats import Watch
from qlmat.cli.watch_screen import Screen
from qlmat.core.plan import Plan
from qlmat.errors import UsageError
from qlmat.payloads import encode, offline_payload, plan_payload
from tests.cli.processes import qlmat, running
from tests.dashboard.browsers import EventStream, ask
from tests.dashboard.payloads import event, live, state
from tests.shell.brokers import Mosquitto, Watcher

Browse = Callable[[str], EventStream]


def _screen(wanted: str | None = None, colours: bool = False) -> Screen:
    system: Literal["256"] | None = "256" if colours else None
    console = Console(file=io.StringIO(), width=80, height=24, force_terminal=True, color_system=system)
    screen = Screen(Watch(wanted), "mat.local:1883", console)
    screen.take(True, 0.0)
    return screen


def _drawn(screen: Screen, now_s: float) -> str:
    console = screen._console
    with console.capture() as capture:
        console.print(screen.picture(now_s))
    return capture.get()


def test_it_shows_the_first_mat_that_is_heard_and_names_the_others() -> None:
    screen = _screen()
    screen.take(("qlmat/clinic-1/live", live(5.0, 82.0), False), 1.0)
    screen.take(("qlmat/clinic-2/live", live(9.0, 31.0), False), 1.0)

    drawn = _drawn(screen, 1.1)

    assert drawn.startswith("clinic-1  Working the left side") and " 82 N" in drawn
    assert "also clinic-2" in drawn and " 31 N" not in drawn


def test_it_shows_the_mat_that_was_asked_for_and_no_other() -> None:
    screen = _screen("clinic-2")
    screen.take(("qlmat/clinic-1/live", live(5.0, 82.0), False), 1.0)
    assert "silent" in _drawn(screen, 1.1)

    screen.take(("qlmat/clinic-2/live", live(9.0, 31.0), False), 1.2)

    assert " 31 N" in _drawn(screen, 1.3)


def test_a_reading_that_grows_old_is_all_grey_and_says_its_age() -> None:
    screen = _screen(colours=True)
    screen.take(("qlmat/m1/live", live(5.0, 82.0), False), 10.0)
    fresh, old = _drawn(screen, 11.0), _drawn(screen, 22.0)

    assert "last reading 12 s ago" in old and "ago" not in fresh
    body = "".join(old.splitlines(keepends=True)[1:])
    assert "36" in fresh and {code for code in ("\x1b[36m", "\x1b[1;36m", "\x1b[35m") if code in body} == set()
    assert "82 N" in body and "\x1b[90m" in body


def test_a_broker_that_is_lost_is_said_even_when_the_last_reading_is_new() -> None:
    screen = _screen()
    screen.take(("qlmat/m1/live", live(), False), 1.0)
    screen.take(False, 1.1)

    assert "Broker mat.local:1883 cannot be reached" in _drawn(screen, 1.2)


def test_a_mat_that_said_goodbye_is_off() -> None:
    screen = _screen()
    screen.take(("qlmat/m1/live", live(), False), 1.0)
    screen.take(("qlmat/m1/status", encode(offline_payload()), True), 1.1)

    assert "The mat is off" in _drawn(screen, 1.2)


def test_a_quiet_mat_is_shown_from_its_state_once_a_second() -> None:
    screen = _screen()
    screen.take(("qlmat/m1/plan", encode(plan_payload(Plan())), True), 1.0)
    screen.take(("qlmat/m1/state", state(20.0), False), 1.0)

    assert "In your zone" in _drawn(screen, 1.5)


def test_an_event_that_is_delivered_twice_is_shown_once() -> None:
    screen = _screen()
    screen.take(("qlmat/m1/live", live(), False), 1.0)
    for _ in range(2):
        screen.take(("qlmat/m1/event", event("side_done"), False), 1.0)

    assert _drawn(screen, 1.1).count("Side done") == 1


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b"\xff" * 50, live().replace(b"80.0", b"NaN"), b" " * 100_000])
def test_a_malformed_message_is_passed_over(payload: bytes) -> None:
    screen = _screen()
    screen.take(("qlmat/m1/live", live(5.0, 82.0), False), 1.0)

    screen.take(("qlmat/m1/live", payload, False), 1.1)

    assert " 82 N" in _drawn(screen, 1.2)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("mat.local", ("mat.local", 1883)),
        ("10.0.0.7:1884", ("10.0.0.7", 1884)),
        ("mqtt://[fe80::1]:1885/", ("fe80::1", 1885)),
        ("::1", ("::1", 1883)),
    ],
)
def test_a_broker_is_named_by_host_and_port(text: str, where: tuple[str, int]) -> None:
    assert split_address("--host", text, 1883) == where


@pytest.mark.parametrize("text", ["", ":1883", "mat:port", "mat:0", "mat:70000", "a:b:c", "::zz:9"])
def test_an_address_that_cannot_be_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="write HOST or HOST:PORT"):
        split_address("--host", text, 1883)


# --- as real programs -------------------------------------------------------------------------------------------------


def test_watch_prints_a_line_a_second_of_a_mat_on_a_real_broker(
    broker: Mosquitto, outsider: Watcher, tmp_path: Path
) -> None:
    with running("watch", "--host", f"127.0.0.1:{broker.port}", "--id", "m7", cwd=tmp_path) as program:
        program.wait_for("The mat is silent")  # connected
        outsider.say("qlmat/m7/state", state(61.0))

        assert "1:01  Working the left side" in program.wait_for("m7  1:01")
        assert program.end(signal.SIGINT) == 0


def test_dashboard_serves_a_mat_on_a_real_broker_and_ends_cleanly(
    broker: Mosquitto, outsider: Watcher, tmp_path: Path, browse: Browse
) -> None:
    with running("dashboard", "--broker", f"127.0.0.1:{broker.port}", "--port", "0", cwd=tmp_path) as program:
        url = program.wait_for("Page").split()[1]
        stream = browse(url)
        stream.expect_broker()
        outsider.say("qlmat/m8/state", state(61.0))

        assert stream.expect("state", lambda told: told["mat"] == "m8")["data"]["t_s"] == 61.0
        assert json.loads(ask(url, "/health")[2])["broker_connected"] is True
        assert program.end(signal.SIGTERM) == 0


def test_a_wrong_address_ends_with_one_line_and_code_2(tmp_path: Path, closing: ExitStack) -> None:
    done = qlmat("dashboard", "--broker", "mat:port", cwd=tmp_path)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "HOST:PORT" in done.stderr
