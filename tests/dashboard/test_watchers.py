"""How a slow browser is kept from holding anything up."""

import asyncio

from qlmat.dashboard.watchers import EVENTS_WAITING, MAX_WATCHERS, Watcher, Watchers, message


async def _read(watcher: Watcher, chunks: int) -> list[bytes]:
    stream = watcher.stream()
    return [await anext(stream) for _ in range(chunks)]


def test_a_slow_watcher_is_told_only_the_newest_of_each_mat_and_kind() -> None:
    async def tell() -> bytes:
        watcher = Watcher()
        for n in range(1000):
            watcher.tell("live", "m1", n)
            watcher.tell("live", "m2", -n)
            watcher.tell("state", "m1", n)
        return (await _read(watcher, 1))[0]

    assert asyncio.run(tell()) == message("live", 999) + message("live", -999) + message("state", 999)


def test_a_slow_watcher_keeps_only_the_last_events() -> None:
    async def tell() -> bytes:
        watcher = Watcher()
        for n in range(EVENTS_WAITING + 5):
            watcher.tell("event", "m1", n)
        return (await _read(watcher, 1))[0]

    told = asyncio.run(tell())

    assert told.startswith(message("event", 5)) and told.count(b"event: event") == EVENTS_WAITING


def test_an_ended_stream_ends_at_once() -> None:
    async def read_to_the_end() -> list[bytes]:
        watchers = Watchers()
        watcher = watchers.add()
        watchers.end()
        return [chunk async for chunk in watcher.stream()]

    assert asyncio.run(read_to_the_end()) == []


def test_there_is_room_for_so_many_watchers_and_again_when_one_has_left() -> None:
    watchers = Watchers()
    opened = [watchers.add() for _ in range(MAX_WATCHERS)]
    assert watchers.full

    watchers.remove(opened[0])

    assert not watchers.full and len(watchers) == MAX_WATCHERS - 1


def test_data_with_line_breaks_stays_one_event() -> None:
    assert message("event", {"name": "a\n\nevent: b\n"}).count(b"\n") == 3
