"""Wall clocks that are wrong, jump, change with the season or pass 2038: what was lived keeps order and length."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from zoneinfo import ZoneInfo

import pytest

from bench.reliability_clock import campaign
from qlmat.cli.coaching import today_after
from qlmat.core.course import Past, Practised, course_day
from qlmat.core.screening import Answered
from qlmat.memory import StoreMemory, past_of
from qlmat.mqtt import BrokerSettings, MqttSink
from qlmat.records import SessionRecord
from qlmat.store.database import opened
from qlmat.store.people import find_person
from qlmat.store.rows import events_of, sessions_of
from tests.shell.brokers import free_port
from tests.shell.ticks import frame, happening
from tests.store.practice import live, sink, ticks

BERLIN = ZoneInfo("Europe/Berlin")
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
TODAY = date(2026, 3, 2).toordinal()
BEGAN_S, LENGTH_S = 100.0, 13.0


def sessions(folder: Path, zone: ZoneInfo | None = None) -> list[SessionRecord]:
    with opened(folder) as store:
        return sessions_of(store, find_person(store, None).person, zone=zone or ZoneInfo("UTC"))


def running_from(began: datetime) -> Callable[[float], tuple[datetime, bool]]:
    """Give a set clock that shows `began` as a session begins."""
    return lambda t_s: (began + timedelta(seconds=t_s - BEGAN_S), True)


def lived(folder: Path, wall: Callable[[float], tuple[datetime, bool]], began_s: float = BEGAN_S) -> None:
    """Live a session by a wall clock that is a function of the mat's own time: (time, whether it has been set)."""
    now = [began_s]
    store = sink(folder, wall=lambda: wall(now[0])[0], synced=lambda: wall(now[0])[1])
    for tick, scan in ticks(began_s):
        now[0] = tick.t_s
        store.put(tick, scan)
    store.close()


# --- a Pi boots in the past -------------------------------------------------------------------------------------------


def test_until_the_clock_is_set_no_day_is_before_the_last_one_remembered() -> None:
    past = Past(sessions=(Practised(TODAY - 1, 60.0, 60.0, "floor"),), answers=(Answered(TODAY, "blood", False),))
    assert today_after(past, lambda: TODAY - 700, lambda: False) == TODAY
    assert today_after(past, lambda: TODAY + 1, lambda: False) == TODAY + 1
    assert today_after(past, lambda: TODAY - 700, lambda: True) == TODAY - 700


def test_the_day_of_the_course_is_not_counted_back_by_a_clock_in_the_past() -> None:
    days = [TODAY - 3, TODAY - 2, TODAY - 1]
    past = Past(sessions=tuple(Practised(day, 60.0, 60.0, "floor") for day in days))
    at_boot = today_after(past, lambda: TODAY - 700, lambda: False)
    assert course_day(days, at_boot).done == 3
    assert course_day(days, at_boot).missed == ()
    assert course_day(days, TODAY).number == 4


def test_a_session_of_a_morning_without_a_network_counts_for_its_day_once_the_clock_is_set(tmp_path: Path) -> None:
    noon = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    clock = {"now": LONG_AGO, "set": False}
    store = sink(tmp_path, wall=lambda: clock["now"], synced=lambda: clock["set"])
    memory = StoreMemory(store, Past(), lambda: noon, UTC)
    for index, (tick, scan) in enumerate(ticks(0.0)):
        if index == 100:
            clock |= {"now": noon, "set": True}
        store.put(tick, scan)
    store.close()
    with opened(tmp_path) as connection:
        memory._look(connection, memory._kept)
    assert [each.day for each in memory.news().sessions] == [TODAY]  # type: ignore[union-attr]  # it has looked


def test_reading_again_what_was_dated_anew_needs_no_other_program(tmp_path: Path) -> None:
    live(tmp_path, wall=lambda: LONG_AGO, synced=lambda: False, machine_boot="b")
    with opened(tmp_path) as connection:
        memory = StoreMemory(sink(tmp_path / "other"), Past(), lambda: LONG_AGO, UTC)
        memory._look(connection, 0)
        assert memory.news() is not None
        memory._look(connection, 0)
        assert memory.news() is None
        connection.execute("UPDATE boots SET clock_synced = 1, offset_s = offset_s + 86400")
        memory._look(connection, 0)
        assert memory.news() is not None
        assert past_of(connection, find_person(connection, None).person, UTC).sessions


@pytest.mark.parametrize("jump", [timedelta(days=790), timedelta(days=-790), timedelta(hours=1), timedelta(seconds=-2)])
def test_a_clock_that_jumps_in_mid_session_changes_no_length_and_no_order(tmp_path: Path, jump: timedelta) -> None:
    true = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    lived(
        tmp_path,
        lambda t_s: (
            (true + timedelta(seconds=t_s), True) if t_s > 105.0 else (true - jump + timedelta(seconds=t_s), False)
        ),
    )
    (session,) = sessions(tmp_path)
    with opened(tmp_path) as store:
        events = events_of(store, find_person(store, None).person)
    assert session.seconds == LENGTH_S
    assert session.began == true + timedelta(seconds=100)
    assert session.clock_synced
    assert [each.event.name for each in events] == ["session_started", "work_started", "marked", "session_done"]
    assert [each.at for each in events] == sorted(each.at for each in events)


def test_a_clock_in_the_future_that_was_never_set_moves_no_session_that_has_a_true_date(tmp_path: Path) -> None:
    true = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    lived(tmp_path, lambda t_s: (true + timedelta(days=900), False))
    lived(tmp_path, lambda t_s: (true + timedelta(seconds=t_s), True))
    unset, dated = sessions(tmp_path)
    assert dated.began == true + timedelta(seconds=100)
    assert not unset.clock_synced
    assert unset.began <= dated.began


def test_sessions_kept_by_thirty_wrong_clocks_keep_their_length_order_and_date(tmp_path: Path) -> None:
    found = campaign(30, tmp_path)
    assert (found.sessions, found.wrong_length, found.wrong_order, found.wrong_date, found.unmarked) == (30, 0, 0, 0, 0)
    assert 0 < found.never_set < 30


def test_what_is_told_says_whether_its_time_can_be_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qlmat.mqtt.clock_state", lambda: "unsynced")
    mat = MqttSink(BrokerSettings("127.0.0.1", free_port()), "m1", SimpleQueue(), wall=lambda: LONG_AGO)
    mat.put(happening(1.0), frame())
    message = mat.outbox.take_event()
    assert message is not None
    said = json.loads(message.payload)
    mat.close()
    assert (said["clock"], said["time"], said["t_s"]) == ("unsynced", "2024-01-01T00:00:00.000Z", 1.0)


# --- calendars --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("began", "day"),
    [
        (datetime(2026, 3, 29, 0, 59, 55, tzinfo=UTC), 29),  # 1:59:55 in Berlin; five seconds later it is 3 o'clock
        (datetime(2026, 10, 25, 0, 59, 55, tzinfo=UTC), 25),  # 2:59:55, and then 2 o'clock again
        (datetime(2026, 3, 28, 22, 59, 55, tzinfo=UTC), 28),  # over midnight of the night before
    ],
)
def test_summer_time_and_midnight_in_mid_session_change_nothing(tmp_path: Path, began: datetime, day: int) -> None:
    lived(tmp_path, running_from(began))
    (session,) = sessions(tmp_path, BERLIN)
    assert (session.seconds, session.began, session.day.day) == (LENGTH_S, began, day)


def test_a_fortnight_over_the_change_to_summer_time_misses_no_day(tmp_path: Path) -> None:
    first = datetime(2026, 3, 22, 22, 30, tzinfo=UTC)  # 23:30 in winter, 0:30 of the next day in summer
    for day in range(14):
        local = first.astimezone(BERLIN).replace(tzinfo=None) + timedelta(days=day)  # the same hour by the wall clock
        at = local.replace(tzinfo=BERLIN).astimezone(UTC)
        lived(tmp_path, running_from(at))
    days = [each.day.toordinal() for each in sessions(tmp_path, BERLIN)]
    course = course_day(days, days[-1])
    assert (course.number, course.missed, course.done) == (14, (), 14)


def test_the_second_in_which_32_bits_end_is_like_any_other(tmp_path: Path) -> None:
    last = datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC)
    lived(tmp_path, lambda t_s: (last + timedelta(seconds=t_s - 105.0), True))
    lived(tmp_path, lambda t_s: (last + timedelta(days=1, seconds=t_s), True))
    first, second = sessions(tmp_path)
    assert first.began == last - timedelta(seconds=5)
    assert (first.seconds, second.seconds) == (LENGTH_S, LENGTH_S)
    assert second.day - first.day == timedelta(days=1)


def test_a_mat_that_moves_to_another_zone_keeps_the_order_of_its_sessions(tmp_path: Path) -> None:
    for hours in (0, 20, 40):
        at = datetime(2026, 3, 2, 22, 0, tzinfo=UTC) + timedelta(hours=hours)
        lived(tmp_path, running_from(at))
    for zone in ("Pacific/Auckland", "America/Los_Angeles", "Asia/Kathmandu"):
        began = [each.began for each in sessions(tmp_path, ZoneInfo(zone))]
        days = [each.day for each in sessions(tmp_path, ZoneInfo(zone))]
        assert began == sorted(began)
        assert days == sorted(days)
