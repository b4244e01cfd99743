"""A session that was lived is in the file: each event once, a row a second, raw frames, and a summary of each side."""

import os
import stat
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from qlmat.core.plan import Plan
from qlmat.errors import StoreError
from qlmat.store.chunks import VOLTS_A_COUNT
from qlmat.store.database import FILE, opened
from qlmat.store.people import GUEST, add_person, find_person, people, use_person
from qlmat.store.rows import events_of, frames_of, seconds_of, sessions_of, spots_of
from tests.store.practice import NOON, SIDE_S, live, sink, ticks


def test_every_event_is_kept_once_in_order_with_its_wall_time(tmp_path: Path) -> None:
    live(tmp_path)
    with opened(tmp_path) as store:
        kept = events_of(store, find_person(store, None).person)
    lived = [event for tick, _ in ticks() for event in tick.events]
    assert [(each.event.name, each.event.t_s, each.event.side) for each in kept] == [
        (event.name, event.t_s, event.side) for event in lived
    ]
    assert [each.number for each in kept] == [1, 2, 3, 4]
    assert kept[1].at == NOON + timedelta(seconds=1)
    assert kept[0].clock_synced


def test_a_session_is_summed_up_by_side(tmp_path: Path) -> None:
    live(tmp_path, sides=("left", "right"))
    with opened(tmp_path) as store:
        (session,) = sessions_of(store, find_person(store, None).person)
    left, right = session.sides
    assert (session.ended, session.began, session.seconds) == ("done", NOON, pytest.approx(1.0 + 2 * SIDE_S))
    assert (left.side, right.side) == ("left", "right")
    assert left.force_n == pytest.approx(90.0)
    assert left.inside_s == pytest.approx(SIDE_S, abs=0.1)
    assert left.cadence_hz == pytest.approx(0.2)
    assert (right.x_mm, right.y_mm) == pytest.approx((4.0, -3.0))
    aim = session.aim("left")
    assert aim is not None
    assert (aim.low_n, aim.high_n) == Plan().zone_n


def test_force_over_the_zone_is_counted_as_such(tmp_path: Path) -> None:
    live(tmp_path, force_n=140.0)
    with opened(tmp_path) as store:
        (session,) = sessions_of(store, find_person(store, None).person)
    (side,) = session.sides
    assert (side.below_s, side.inside_s) == (0.0, 0.0)
    assert side.above_s == side.hard_s == pytest.approx(SIDE_S, abs=0.1)


def test_raw_frames_come_back_exactly(tmp_path: Path) -> None:
    live(tmp_path)
    with opened(tmp_path) as store:
        frames, damaged = frames_of(store, 1)
        chunks = store.execute("SELECT count(*) FROM chunks").fetchone()[0]
    lived = [scan for _, scan in ticks()]
    assert damaged == 0
    assert chunks == 1  # merged into a minute at the end
    assert [scan.t_s for scan in frames] == pytest.approx([scan.t_s for scan in lived], abs=1e-6)
    np.testing.assert_allclose(
        [scan.volts for scan in frames], [scan.volts for scan in lived], atol=VOLTS_A_COUNT * 1e-6
    )


def test_a_marked_spot_is_kept_with_the_force_on_it(tmp_path: Path) -> None:
    live(tmp_path)
    with opened(tmp_path) as store:
        (spot,) = spots_of(store, find_person(store, None).person)
    assert (spot.side, spot.x_mm, spot.y_mm, spot.force_n, spot.marked) == ("left", 4.0, -3.0, 90.0, True)


def test_each_second_of_a_session_has_a_row(tmp_path: Path) -> None:
    live(tmp_path)
    with opened(tmp_path) as store:
        rows = seconds_of(store, 1)
    assert [row.second for row in rows] == list(range(round(SIDE_S) + 2))
    assert [row.state for row in rows[:2]] == ["placing", "working"]


def test_nothing_of_a_guest_is_stored(tmp_path: Path) -> None:
    with opened(tmp_path, create=True) as store:
        use_person(store, GUEST)
    live(tmp_path)
    with opened(tmp_path) as store:
        counts = [
            store.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("people", "sessions", "seconds", "events", "chunks", "spots")
        ]
    assert counts == [0, 0, 0, 0, 0, 0]


def test_two_people_on_one_mat_have_each_their_own_sessions(tmp_path: Path) -> None:
    with opened(tmp_path, create=True) as store:
        anna, ben = (add_person(store, name, NOON).person for name in ("Anna", "Ben"))
    for day, person in enumerate((anna, ben, anna)):
        with opened(tmp_path) as store:
            use_person(store, person)
        live(tmp_path, day)
    with opened(tmp_path) as store:
        assert [each.day.day for each in sessions_of(store, anna)] == [2, 4]
        assert [each.day.day for each in sessions_of(store, ben)] == [3]


def test_the_first_session_on_a_new_mat_belongs_to_somebody_without_a_name(tmp_path: Path) -> None:
    live(tmp_path)
    with opened(tmp_path) as store:
        (person,) = people(store)
    assert person.name is None
    assert len(person.person) == 8


def test_only_the_owner_can_read_what_is_stored(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = tmp_path / "store"
        store = sink(folder)
        for tick, scan in ticks():
            store.put(tick, scan)
        store.writer.close()
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
        store.close()
    finally:
        os.umask(before)
    assert modes.pop("store") == 0o700
    assert FILE in modes
    assert set(modes.values()) == {0o600}


def test_a_second_mat_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    first = sink(tmp_path)
    with pytest.raises(StoreError, match="another mat"):
        sink(tmp_path)
    first.close()
    sink(tmp_path).close()


def test_a_mat_that_is_switched_off_in_a_session_closes_it(tmp_path: Path) -> None:
    live(tmp_path, ends=None)
    with opened(tmp_path) as store:
        (session,) = sessions_of(store, find_person(store, None).person)
    assert (session.ended, session.reason) == ("interrupted", "the mat was switched off")
    assert session.sides[0].worked_s > 0.0


def test_the_course_is_read_again_after_each_session(tmp_path: Path) -> None:
    store = sink(tmp_path)
    for tick, scan in ticks():
        store.put(tick, scan)
    store.close()
    assert store.course is not None
    assert len(store.course.sessions) == 1
    assert store.course.places["left"][0].force_n == pytest.approx(90.0)
