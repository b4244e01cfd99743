"""What waits to be sent, and what goes first when there is no room."""

import doctest

import qlmat.outbox
from qlmat.outbox import ANSWERS, Message, Outbox


def test_the_example_holds() -> None:
    assert doctest.testmod(qlmat.outbox).failed == 0


def test_nothing_is_lost_while_there_is_room_and_losses_are_counted_after() -> None:
    box = Outbox(events=100)
    for n in range(100):
        box.keep(Message("event", str(n).encode()))
    assert box.events_lost == 0
    box.keep(Message("event", b"100"))
    first = box.take_event()
    assert first is not None
    assert (first.payload, box.events_lost, box.events_waiting) == (b"1", 1, 99)


def test_a_flood_of_pictures_pushes_out_pictures_and_nothing_else() -> None:
    box = Outbox(live=10)
    box.keep(Message("event", b""))
    box.state(Message("state", b""))
    box.answer(Message("resp", b""))
    for _ in range(1000):
        box.picture(Message("live", b""))
    taken = [box.take_fleeting() for _ in range(12)]
    assert [message and message.topic for message in taken] == ["state", *["live"] * 10, None]
    assert box.take_answer() == Message("resp", b"")
    assert (box.live_dropped, box.events_lost, box.events_waiting) == (990, 0, 1)


def test_only_the_latest_state_waits() -> None:
    box = Outbox()
    box.state(Message("state", b"old"))
    box.state(Message("state", b"new"))
    assert box.take_fleeting() == Message("state", b"new")
    assert box.take_fleeting() is None


def test_a_flood_of_commands_keeps_no_more_than_its_last_answers() -> None:
    box = Outbox()
    for n in range(1000):
        box.answer(Message("resp", str(n).encode()))
    taken = [box.take_answer() for _ in range(ANSWERS + 1)]
    assert [message and message.payload for message in taken] == [*(b"%d" % n for n in range(936, 1000)), None]


def test_an_urgent_answer_survives_a_flood_of_others() -> None:
    box = Outbox()
    box.answer(Message("stop", b""), urgent=True)
    for _ in range(1000):
        box.answer(Message("mark", b""))
    urgent = box.take_urgent()
    assert urgent is not None
    assert urgent.topic == "stop"
    assert box.take_urgent() is None
