"""What the command desk takes and what it refuses, and why."""

import doctest
import logging
from queue import SimpleQueue

import pytest

import qlmat.commands
from qlmat.commands import MAX_WAITING, CommandDesk
from qlmat.core.model import Command


class Minutes:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def queue() -> "SimpleQueue[Command]":
    """The loop's queue."""
    return SimpleQueue()


def reason(desk: CommandDesk, name: str, payload: bytes) -> str | None:
    """Give a command and return why it was refused."""
    answer = desk.take(name, payload, retained=False)
    assert answer is not None
    assert answer["ok"] is (answer["reason"] is None)
    return answer["reason"]


def test_the_example_holds() -> None:
    assert doctest.testmod(qlmat.commands).failed == 0


@pytest.mark.parametrize(
    ("name", "payload", "words"),
    [
        ("strat", b"", "did you mean 'start'"),
        ("explode", b"", "use start, stop"),
        ("tare", b"x" * 1025, "1025 bytes: at most 1024"),
        ("tare", b"{", "not JSON"),
        ("tare", b"\xff\xfe\x00", "not JSON"),
        ("tare", b"[" * 1000, "not JSON"),
        ("tare", b"[]", "not a JSON object"),
        ("tare", b"null", "not a JSON object"),
        ("tare", b'{"sid": "left"}', "unknown key 'sid'"),
        ("start", b'{"side": "up"}', "side: use 'left' or 'right'"),
        ("start", b'{"side": ["left"]}', "side: use 'left' or 'right'"),
        ("start", b'{"id": 7}', "id: use a text"),
        ("start", b'{"id": ""}', "id: use a text"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_reason(
    queue: "SimpleQueue[Command]", name: str, payload: bytes, words: str
) -> None:
    assert words in str(reason(CommandDesk(queue), name, payload))
    assert queue.empty()


@pytest.mark.parametrize("payload", [b"", b" \n", b"{}", b'{"side": null}'])
def test_an_empty_payload_is_enough(queue: "SimpleQueue[Command]", payload: bytes) -> None:
    assert reason(CommandDesk(queue), "stop", payload) is None
    assert queue.get_nowait() == Command("stop")


def test_a_command_with_an_id_already_seen_is_answered_but_not_done_twice(queue: "SimpleQueue[Command]") -> None:
    desk = CommandDesk(queue)
    assert [reason(desk, "tare", b'{"id": "a"}') for _ in range(2)] == [None, None]
    assert queue.qsize() == 1


def test_a_refused_command_may_be_given_again_under_its_id(queue: "SimpleQueue[Command]") -> None:
    desk = CommandDesk(queue)
    assert reason(desk, "start", b'{"id": "a", "side": "up"}') is not None
    assert reason(desk, "start", b'{"id": "a", "side": "left"}') is None
    assert queue.get_nowait() == Command("start", "left")


def test_a_flood_fills_the_queue_no_further_than_its_bound(queue: "SimpleQueue[Command]") -> None:
    desk = CommandDesk(queue)
    refused = sum(reason(desk, "mark", b"") is not None for _ in range(1000))
    assert (queue.qsize(), refused) == (MAX_WAITING, 1000 - MAX_WAITING)


def test_refusals_are_logged_once_a_minute_and_counted(
    queue: "SimpleQueue[Command]", caplog: pytest.LogCaptureFixture
) -> None:
    clock = Minutes()
    desk = CommandDesk(queue, clock)
    with caplog.at_level(logging.WARNING):
        for second in range(120):
            clock.now_s = float(second)
            reason(desk, "explode", b"")
    assert [record.message.rpartition("=")[2] for record in caplog.records] == ["1", "61"]
