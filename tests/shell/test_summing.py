"""What a session's summary says of it."""

from typing import Any

import pytest

from qlmat.core.model import Contact, Contacts, Event, Movement, Practice
from qlmat.payloads import Payload
from qlmat.summing import Summary, Summing
from qlmat.topics import BY_NAME
from tests.shell.ticks import NOTHING, tick


def session(summing: Summing, ending: Event, force_n: float | None = 80.0, seconds: int = 30) -> Summary | None:
    """Live through a session that begins at 100 s, works the left side at 12 cycles a minute, and ends."""
    summary = summing.step(tick(100.0, events=(Event(100.0, "session_started", "left"),)))
    for step in range(1, seconds * 10 + 1):
        t_s = 100.0 + step / 10
        events = (Event(t_s, "too_hard", "left"),) if step in (50, 200) else ()
        summary = summary or summing.step(
            tick(
                t_s,
                contacts=Contacts(t_s, Contact(force_n, (0.0, 0.0), True), NOTHING),
                movement=Movement("left", "rock", 0.2, cycles=3 + int(0.2 * step / 10)),
                practice=Practice("working", "left", step / 10, 90.0 - step / 10),
                events=events,
            )
        )
    return summary or summing.step(tick(ending.t_s, events=(ending,)))


def left(summary: Summary | None) -> Payload:
    """Take the left side."""
    assert summary is not None
    side: Any = summary.said["left"]
    return dict(side)


def test_a_session_done_says_how_long_it_was_and_what_was_worked() -> None:
    summary = session(Summing(), Event(131.0, "session_done", "left"))
    assert summary is not None
    assert (summary.began_s, summary.ended_s) == (100.0, 131.0)
    assert (summary.said["result"], summary.said["reason"], summary.said["seconds"]) == ("done", None, 31.0)
    assert left(summary) == {
        "worked_s": 30.0, "cycles": 6, "cadence_cpm": 12.0, "force_n": 80.0, "force_max_n": 80.0,
        "too_hard": 2, "too_fast": 0,
    }  # fmt: skip
    assert summary.said["right"]["worked_s"] == 0.0


def test_a_session_stopped_says_why() -> None:
    summary = session(Summing(), Event(110.0, "session_stopped", "left", {"reason": "asked to stop"}))
    assert summary is not None
    assert (summary.said["result"], summary.said["reason"]) == ("stopped", "asked to stop")


@pytest.mark.parametrize("force_n", [None, float("nan")])
def test_a_force_that_is_not_known_is_not_guessed(force_n: float | None) -> None:
    summary = session(Summing(), Event(131.0, "session_done", "left"), force_n)
    assert left(summary)["force_n"] is left(summary)["force_max_n"] is None


def test_two_sessions_are_summed_apart_and_an_end_without_a_beginning_is_none() -> None:
    summing = Summing()
    assert summing.step(tick(1.0, events=(Event(1.0, "session_done", "left"),))) is None
    session(summing, Event(131.0, "session_done", "left"))
    again = session(summing, Event(111.0, "session_stopped", "left"), seconds=10)
    assert left(again)["worked_s"] == 10.0


def test_a_summary_has_the_keys_of_the_table() -> None:
    summary = session(Summing(), Event(131.0, "session_done", "left"))
    assert summary is not None
    added = {"n", "boot", "began", "ended", "clock"}
    assert summary.said.keys() | added == BY_NAME["session/<n>"].sample.keys()
    assert left(summary).keys() == BY_NAME["session/<n>"].sample["left"].keys()
