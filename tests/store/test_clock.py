"""A Pi that boots in the past keeps its sessions in order, and their times are mended once the clock is set."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from qlmat.records import DAY_S, Retention, SessionRecord
from qlmat.store.database import opened
from qlmat.store.people import find_person
from qlmat.store.retention import tidy
from qlmat.store.rows import sessions_of
from tests.store.practice import NOON, live, sink, ticks

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


def sessions(folder: Path) -> list[SessionRecord]:
    with opened(folder) as store:
        return sessions_of(store, find_person(store, None).person, zone=UTC)


def test_a_session_begun_before_the_clock_was_set_is_dated_anew_and_keeps_its_length(tmp_path: Path) -> None:
    clock = {"now": LONG_AGO, "set": False}
    store = sink(tmp_path, wall=lambda: clock["now"], synced=lambda: clock["set"])
    for index, (tick, scan) in enumerate(ticks()):
        if index == 100:  # after 5 s the network comes
            clock |= {"now": NOON + timedelta(seconds=tick.t_s - 100.0), "set": True}
        elif index > 100:
            clock["now"] = NOON + timedelta(seconds=tick.t_s - 100.0)
        store.put(tick, scan)
    store.close()
    (session,) = sessions(tmp_path)
    assert (session.began, session.clock_synced, session.seconds) == (NOON, True, 13.0)


def test_a_session_whose_clock_was_never_set_is_marked_and_not_before_the_one_before_it(tmp_path: Path) -> None:
    live(tmp_path)
    live(tmp_path, wall=lambda: LONG_AGO, synced=lambda: False)
    first, second = sessions(tmp_path)
    assert first.clock_synced
    assert not second.clock_synced
    assert second.began >= first.began


def test_an_earlier_start_of_the_same_boot_is_mended_with_the_later_one(tmp_path: Path) -> None:
    live(tmp_path, wall=lambda: LONG_AGO, synced=lambda: False, machine_boot="b")
    live(tmp_path, began_s=3700.0, machine_boot="b")
    first, second = sessions(tmp_path)
    assert second.began - first.began == timedelta(hours=1)
    assert first.clock_synced


def test_the_day_of_a_session_is_that_of_the_place_where_it_began(tmp_path: Path) -> None:
    live(tmp_path, wall=lambda: datetime(2026, 3, 2, 23, 59, 55, tzinfo=UTC))
    with opened(tmp_path) as store:
        person = find_person(store, None).person
        east = sessions_of(store, person, zone=timezone(timedelta(hours=9)))
        here = sessions_of(store, person, zone=UTC)
    assert (here[0].day.day, east[0].day.day) == (2, 3)


def test_raw_frames_go_after_a_week_and_sessions_after_a_year(tmp_path: Path) -> None:
    for day in (0, 5):
        live(tmp_path, day)
    with opened(tmp_path) as store:
        assert tidy(store, NOON + timedelta(days=7, hours=1)) == (1, 0)
        assert tidy(store, NOON + timedelta(days=366)) == (1, 1)
        left = store.execute("SELECT (SELECT count(*) FROM seconds), (SELECT count(*) FROM sessions)").fetchone()
    assert left == (14, 1)


def test_a_session_dated_in_the_past_by_a_clock_that_was_not_set_is_not_deleted_as_old(tmp_path: Path) -> None:
    live(tmp_path, wall=lambda: datetime(1970, 1, 2, tzinfo=UTC), synced=lambda: False)
    with opened(tmp_path) as store:
        assert tidy(store, NOON) == (0, 0)
    live(tmp_path)  # a start with a set clock: from now on the first one is known to be no younger than this
    with opened(tmp_path) as store:
        assert tidy(store, NOON + timedelta(days=8)) == (2, 0)


def test_a_mat_tidies_up_by_itself_but_not_by_a_clock_that_is_not_set(tmp_path: Path) -> None:
    keep_a_day = Retention(raw_s=DAY_S)
    live(tmp_path)
    for synced, left in ((False, 1), (True, 0)):
        store = sink(tmp_path, wall=lambda: NOON + timedelta(days=3), synced=lambda: synced, retention=keep_a_day)  # noqa: B023 - used in this turn only
        store.put(*next(iter(ticks())))
        store.close()
        with opened(tmp_path) as database:
            assert database.execute("SELECT count(*) FROM chunks WHERE session = 1").fetchone()[0] == left
