"""What the command desk takes and what it refuses, and why."""

import doctest
import logging
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from typing import cast

import pytest

import qlmat.commands
from qlmat.commands import MAX_A_SECOND, MAX_WAITING, CommandDesk
from qlmat.core.model import Command
from qlmat.inbox import Asked, Change, Requests, Weigh
from qlmat.payloads import Payload


class Minutes:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def queue() -> Requests:
    """The loop's queue."""
    return SimpleQueue()


def reason(desk: CommandDesk, name: str, payload: bytes) -> str | None:
    """Give a command; return why it was refused, None when it was handed on, for the loop to answer."""
    answers: list[Payload] = []
    desk.take(name, payload, False, answers.append)
    assert all(answer["ok"] is (answer["reason"] is None) for answer in answers)
    return answers[0]["reason"] if answers else None


def taken(queue: Requests) -> list[Asked]:
    """Take everything off the loop's queue."""
    return [cast(Asked, queue.get_nowait()) for _ in range(queue.qsize())]


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
        ("plan", b"{}", "say 'comfortable_n', "),
        ("plan", b'{"comfortable_n": 1000}', "comfortable_n: use a number from 20 to 200 N"),
        ("plan", b'{"comfortable_n": "80"}', "comfortable_n: use a number"),
        ("plan", b'{"comfortable_n": true}', "comfortable_n: use a number"),
        ("plan", b'{"comfortable_n": NaN}', "comfortable_n: use a number"),
        ("plan", b'{"comfortable_n": 1e999}', "comfortable_n: use a number"),
        ("plan", b'{"both_sides": 1}', "both_sides: use true or false"),
        ("plan", b'{"start_side": "up"}', "use 'either', 'left' or 'right'"),
        ("rate", b"{}", "say 'live_hz'"),
        ("live", b'{"seconds": 1e9}', "seconds: use a number from 0 to 600 s"),
        ("calibrate", b"{}", "say 'what'"),
        ("calibrate", b'{"what": "check"}', "force_n: say what the weight weighs"),
        ("calibrate", b'{"what": "check", "force_n": 1}', "force_n: use a number from 10 to 400 N"),
        ("start", b'{"side": "up"}', "side: use 'left' or 'right'"),
        ("start", b'{"side": ["left"]}', "side: use 'left' or 'right'"),
        ("start", b'{"id": 7}', "id: use a text"),
        ("start", b'{"id": ""}', "id: use a text"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_reason(
    queue: Requests, name: str, payload: bytes, words: str
) -> None:
    assert words in str(reason(CommandDesk(queue), name, payload))
    assert queue.empty()


@pytest.mark.parametrize("payload", [b"", b" \n", b"{}", b'{"side": null}'])
def test_an_empty_payload_is_enough(queue: Requests, payload: bytes) -> None:
    assert reason(CommandDesk(queue), "stop", payload) is None
    assert [asked.wish for asked in taken(queue)] == [Command("stop")]


def test_a_command_with_an_id_already_done_is_answered_again_but_not_done_twice(queue: Requests) -> None:
    desk, answers = CommandDesk(queue), []
    for _ in range(2):  # the second while the first still waits
        desk.take("tare", b'{"id": "a"}', False, answers.append)
    assert answers == []
    for asked in taken(queue):
        asked.answer(None)
    desk.take("tare", b'{"id": "a"}', False, answers.append)
    assert [(answer["id"], answer["ok"]) for answer in answers] == [("a", True)] * 3
    assert queue.empty()


def test_what_the_loop_refused_may_be_asked_again_under_its_id(queue: Requests) -> None:
    desk, answers = CommandDesk(queue), []
    desk.take("start", b'{"id": "a"}', False, answers.append)
    taken(queue)[0].answer("a session is running")
    assert answers == [{"command": "start", "id": "a", "ok": False, "reason": "a session is running"}]
    desk.take("start", b'{"id": "a"}', False, answers.append)
    assert queue.qsize() == 1


def test_a_change_of_the_plan_comes_with_its_numbers_checked(queue: Requests) -> None:
    assert reason(CommandDesk(queue), "plan", b'{"comfortable_n": 80, "side_s": null}') is None
    assert [asked.wish for asked in taken(queue)] == [Change({"comfortable_n": 80.0})]


@pytest.mark.parametrize(
    ("payload", "wish"),
    [
        (b'{"what": "comfort", "side": "right"}', Command("comfort", "right")),
        (b'{"what": "zero"}', "zero"),
        (b'{"what": "check", "force_n": 15}', Weigh(15.0)),
    ],
)
def test_calibrate_begins_the_slow_loads_takes_zero_or_tries_a_weight(
    queue: Requests, payload: bytes, wish: object
) -> None:
    assert reason(CommandDesk(queue), "calibrate", payload) is None
    assert [asked.wish for asked in taken(queue)] == [wish]


@pytest.mark.parametrize(
    ("late_s", "words"), [(0.0, None), (9.0, None), (11.0, "expired"), (-11.0, "in the future"), (1e9, "expired")]
)
def test_a_command_that_says_when_it_was_asked_is_refused_when_that_is_not_now(
    queue: Requests, late_s: float, words: str | None
) -> None:
    now = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    desk = CommandDesk(queue, now=lambda: now)
    payload = f'{{"at": "{(now - timedelta(seconds=late_s)).isoformat()}"}}'.encode()
    assert (words or "None") in str(reason(desk, "start", payload))
    assert queue.qsize() == (words is None)
    assert reason(desk, "stop", payload) is None, "a stop is never too old"


@pytest.mark.parametrize("at", [b"1", b'"yesterday"', b'"2026-11-22T09:30:00"', b"[]"])
def test_a_time_that_cannot_be_read_is_refused(queue: Requests, at: bytes) -> None:
    assert "use the time you ask" in str(reason(CommandDesk(queue), "start", b'{"at": ' + at + b"}"))


def test_a_mat_whose_clock_is_not_set_takes_no_command_that_depends_on_it(queue: Requests) -> None:
    desk = CommandDesk(queue, now=lambda: None)
    assert "clock is not set" in str(reason(desk, "start", b'{"at": "2026-11-22T09:30:00Z"}'))
    assert reason(desk, "start", b"{}") is None


def test_a_stop_finds_room_in_a_flood(queue: Requests) -> None:
    desk = CommandDesk(queue)
    for _ in range(1000):
        reason(desk, "mark", b"")
    assert reason(desk, "stop", b"") is None
    assert taken(queue)[-1].stops


def test_a_wish_that_needs_no_loop_is_done_at_once(queue: Requests) -> None:
    seen: list[object] = []
    answers: list[Payload] = []
    CommandDesk(queue, {"rate": seen.append}).take("rate", b'{"live_hz": 20}', False, answers.append)
    assert (seen, answers[0]["ok"], queue.empty()) == ([{"live_hz": 20.0}], True, True)


def test_wishes_that_need_no_loop_are_done_no_more_often_than_a_memory_card_bears(queue: Requests) -> None:
    done, minutes = [], Minutes()
    desk = CommandDesk(queue, {"rate": done.append}, clock_s=minutes)
    told = [reason(desk, "rate", b'{"live_hz": 5}') for _ in range(1000)]
    assert len(done) == MAX_A_SECOND
    assert {words for words in told if words is not None} == {"more than 20 a second: ask more slowly"}
    minutes.now_s = 1.0
    reason(desk, "rate", b'{"live_hz": 5}')
    assert len(done) == MAX_A_SECOND + 1


def test_a_refused_command_may_be_given_again_under_its_id(queue: Requests) -> None:
    desk = CommandDesk(queue)
    assert reason(desk, "start", b'{"id": "a", "side": "up"}') is not None
    assert reason(desk, "start", b'{"id": "a", "side": "left"}') is None
    assert [asked.wish for asked in taken(queue)] == [Command("start", "left")]


def test_a_flood_fills_the_queue_no_further_than_its_bound(queue: Requests) -> None:
    desk = CommandDesk(queue)
    refused = sum(reason(desk, "mark", b"") is not None for _ in range(1000))
    assert (queue.qsize(), refused) == (MAX_WAITING, 1000 - MAX_WAITING)


def test_refusals_are_logged_once_a_minute_and_counted(queue: Requests, caplog: pytest.LogCaptureFixture) -> None:
    clock = Minutes()
    desk = CommandDesk(queue, clock_s=clock)
    with caplog.at_level(logging.WARNING):
        for second in range(120):
            clock.now_s = float(second)
            reason(desk, "explode", b"")
    assert [record.message.rpartition("=")[2] for record in caplog.records] == ["1", "61"]
