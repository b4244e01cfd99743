"""How the page's process starts, ends, and lives without a broker."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress

import pytest

from qlmat.broker import DemoBroker
from qlmat.dashboard.process import start_process
from qlmat.dashboard.server import address, listen
from qlmat.dashboard.watchers import MAX_WATCHERS
from qlmat.errors import PortTakenError
from tests.dashboard.browsers import PATIENCE_S, EventStream, ask
from tests.dashboard.payloads import live, state
from tests.shell.brokers import V311, Mosquitto, Watcher, free_port

Browse = Callable[[str], EventStream]
AWAY = 1  # a port nobody listens on
ORPHAN = """
import sys, time
from qlmat.dashboard.process import start_process
page = start_process(broker_port=1, port=0)
print(page.url, page.process.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_while_a_browser_watches(number: int, browse: Browse, closing: ExitStack) -> None:
    page = start_process(broker_port=AWAY, port=0)
    closing.callback(page.close)
    stream = browse(page.url)
    stream.expect("hello")

    page.process.send_signal(number)

    assert page.process.wait(PATIENCE_S) == 0
    with pytest.raises(EOFError):
        stream.expect("never")


def test_it_ends_when_its_parent_is_killed(browse: Browse, closing: ExitStack) -> None:
    parent = subprocess.Popen([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True)
    closing.callback(parent.wait)
    closing.callback(parent.kill)
    assert parent.stdout is not None
    url, pid = parent.stdout.readline().split()
    parent.stdout.close()
    stream = browse(url)
    stream.expect("hello")

    parent.kill()

    with pytest.raises(EOFError):
        stream.expect("never")
    _wait_until_gone(int(pid))


def _wait_until_gone(pid: int) -> None:
    with suppress(ProcessLookupError):  # gone already
        process = os.pidfd_open(pid)
        try:
            assert select.select([process], [], [], PATIENCE_S)[0], "the page outlives its parent"
        finally:
            os.close(process)


def test_a_port_that_is_asked_for_and_taken_is_refused_in_one_line() -> None:
    with listen(port=0) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(PortTakenError) as refusal:
            start_process(port=port)

    assert str(port) in str(refusal.value) and "\n" not in str(refusal.value)


def test_the_program_refuses_a_taken_port_with_one_line_and_its_exit_code() -> None:
    with listen(port=0) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "qlmat.dashboard", "--port", port],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (PortTakenError.exit_code, "", 1)
    assert port in done.stderr


def test_without_a_port_it_takes_the_usual_one_or_a_free_one() -> None:
    with listen() as first, listen() as second:
        assert first.getsockname()[1] != second.getsockname()[1]


def test_it_listens_on_this_machine_only_unless_told_otherwise() -> None:
    with listen(port=0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize(
    ("host", "start"),
    [
        ("127.0.0.1", "http://127.0.0.1:"),
        ("0.0.0.0", "http://127.0.0.1:"),  # noqa: S104 - what a person may ask for
        ("::1", "http://[::1]:"),
    ],
)
def test_its_address_can_be_opened_by_a_browser_on_this_machine(host: str, start: str) -> None:
    if ":" in host and not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with listen(host, 0) as listener:
        assert address(listener).startswith(start)


def test_without_a_broker_the_page_is_served_and_says_so_and_a_command_is_refused(
    browse: Browse, closing: ExitStack
) -> None:
    page = start_process(broker_port=AWAY, port=0)
    closing.callback(page.close)

    assert ask(page.url, "/")[0] == 200
    assert json.loads(ask(page.url, "/health")[2])["broker_connected"] is False
    assert browse(page.url).expect("hello")["broker"] is False


def test_a_broker_that_dies_and_returns_is_told_and_found_again(
    broker: Mosquitto, browse: Browse, closing: ExitStack
) -> None:
    page = start_process(broker_port=broker.port, port=0)
    closing.callback(page.close)
    stream = browse(page.url)
    stream.expect_broker()
    before = Watcher(broker.port)
    before.say("qlmat/m1/state", state())
    before.close()
    stream.expect("state")

    broker.stop()
    assert stream.expect("broker") == {"connected": False}
    status, _, body = ask(page.url, "/api/mats/m1/cmd/stop", "POST", {"X-QLMat": "1"})
    assert (status, b"not sent" in body) == (503, True)

    broker.start()
    assert stream.expect("broker") == {"connected": True}
    client = Watcher(broker.port)
    closing.callback(client.close)
    client.say("qlmat/m1/live", live(5.0))
    assert stream.expect("live")["data"]["t_s"] == 5.0
    client.say("qlmat/m1/cmd/mark")
    assert client.expect(lambda heard: "/cmd/" in heard.topic).topic.endswith("mark"), "the refused stop came later"


def test_a_broker_that_speaks_only_mqtt_3_is_understood(browse: Browse, closing: ExitStack) -> None:
    host, port = closing.enter_context(DemoBroker(free_port()))
    page = start_process(host, port, port=0)
    closing.callback(page.close)
    stream = browse(page.url)
    stream.expect_broker()
    client = Watcher(port, protocol=V311)
    closing.callback(client.close)

    client.say("qlmat/m1/live", live(6.0))

    assert stream.expect("live")["data"]["t_s"] == 6.0
    assert ask(page.url, "/api/mats/m1/cmd/stop", "POST", {"X-QLMat": "1"})[0] == 202
    client.expect(lambda heard: heard.topic == "qlmat/m1/cmd/stop")


def test_more_watchers_than_it_can_serve_are_refused_until_one_leaves(browse: Browse, closing: ExitStack) -> None:
    page = start_process(broker_port=AWAY, port=0)
    closing.callback(page.close)
    streams = [browse(page.url) for _ in range(MAX_WATCHERS)]
    for stream in streams:
        stream.expect("hello")

    assert browse(page.url).answer.status == 503
    assert ask(page.url, "/health")[0] == 200

    streams[0].close()
    for _ in range(100):  # each attempt is an answered request; the server notices the leaver by itself
        again = browse(page.url)
        if again.answer.status == 200:
            break
        again.close()
    assert again.answer.status == 200


def test_the_server_needs_no_arrays() -> None:
    asked = (
        "import sys, qlmat.dashboard.server; sys.exit('numpy' in sys.modules)"  # it would cost a third of its memory
    )

    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
