"""A browser, or something that calls itself one, that is slow, endless or many: contained, while others are served."""

import contextlib
import json
import select
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from qlmat.dashboard.connections import MAX_CONNECTIONS, REQUEST_S
from qlmat.dashboard.process import PageProcess
from tests.dashboard.browsers import PATIENCE_S, ask

SLOW = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ", id="half a header"),
    pytest.param(
        b"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-QLMat: 1\r\nContent-Length: 2000\r\n\r\n{", id="half a body"
    ),
    pytest.param(
        b"POST /api/mats/m1/cmd/stop HTTP/1.1\r\nHost: 127.0.0.1\r\nX-QLMat: 1\r\nContent-Length: 999999999\r\n\r\n{",
        id="a body nobody reads",
    ),
    pytest.param(
        b"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-QLMat: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
        id="chunks that never end",
    ),
]


def _open(page: PageProcess) -> socket.socket:
    parts = urlsplit(page.url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=PATIENCE_S)


@pytest.fixture
def crowd(page: PageProcess) -> Iterator[list[socket.socket]]:
    """Open 200 connections that ask nothing."""
    with contextlib.ExitStack() as closing:
        yield [closing.enter_context(contextlib.closing(_open(page))) for _ in range(200)]


@pytest.mark.parametrize("said", SLOW)
def test_a_request_that_is_not_complete_in_time_ends_its_connection(page: PageProcess, said: bytes) -> None:
    with _open(page) as slow:
        slow.settimeout(REQUEST_S + PATIENCE_S)
        slow.sendall(said)
        with contextlib.suppress(ConnectionResetError):  # also an end
            while slow.recv(65_536):  # an early answer is fine; recv fails the test by its time limit
                pass


def test_a_body_that_trickles_is_ended_although_it_always_moves(page: PageProcess) -> None:
    with _open(page) as slow:
        slow.sendall(b"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-QLMat: 1\r\nContent-Length: 2000\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(2000):
                slow.sendall(b" ")
                if select.select([slow], [], [], 0.1)[0] and not slow.recv(65_536):
                    break
            else:
                pytest.fail("it was listened to for 200 s")


@pytest.mark.parametrize("length", [5_000, 5_000_000])
def test_a_body_too_long_is_refused_before_it_was_taken_in(page: PageProcess, length: int) -> None:
    with _open(page) as long:
        head = f"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-QLMat: 1\r\nContent-Length: {length}\r\n\r\n"
        with contextlib.suppress(ConnectionError):
            long.sendall(head.encode() + b" " * length)
        with contextlib.suppress(ConnectionError):
            assert b" 400 " in long.recv(65_536)
    assert ask(page.url, "/health")[0] == 200


def test_200_connections_that_ask_nothing_keep_nobody_out(page: PageProcess, crowd: list[socket.socket]) -> None:
    for _ in range(5):
        assert json.loads(ask(page.url, "/health")[2])["ok"] is True

    gone = select.select(crowd, [], [], PATIENCE_S)[0]
    assert len(gone) >= len(crowd) - MAX_CONNECTIONS, "those that waited longest had to go"


def test_an_answer_is_not_cut_short_by_the_crowd(page: PageProcess) -> None:
    with contextlib.ExitStack() as closing:
        stream = closing.enter_context(_open(page))
        stream.sendall(b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        stream.recv(65_536)
        for _ in range(200):
            closing.enter_context(contextlib.closing(_open(page)))

        assert ask(page.url, "/health")[0] == 200
        assert b"event: " in stream.recv(65_536) + stream.recv(65_536), "a watcher keeps its stream"
