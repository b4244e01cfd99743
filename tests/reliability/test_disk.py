"""Short passes of the campaigns of `bench.reliability` on disks that fill up, fail, or hold what is damaged."""

from pathlib import Path

import pytest

from bench.reliability_damage import damage_pages, hold_store, tear_recordings
from bench.reliability_disk import ERRORS, NAMES, campaign
from bench.reliability_kernel import GCC, build


@pytest.mark.skipif(GCC is None, reason="gcc is not installed: sudo apt install gcc libc6-dev")
@pytest.mark.parametrize("error", ERRORS)
def test_no_event_and_no_frame_is_lost_whichever_change_to_the_disk_fails(tmp_path: Path, error: str) -> None:
    outcomes = campaign(build(tmp_path), tmp_path, error, step=40)
    assert len(outcomes) > 6
    assert all(each.whole and each.events == NAMES for each in outcomes)
    assert {(each.sessions, each.frames) for each in outcomes} == {(1, 261)}
    assert all(each.told for each in outcomes if each.for_good)


def test_damage_is_found_before_the_next_session_is_kept(tmp_path: Path) -> None:
    damages = damage_pages(tmp_path, step=5)
    assert len(damages) > 4
    assert all(each.kept for each in damages)
    assert all(each.set_aside == each.told for each in damages)
    assert any(each.set_aside for each in damages)


def test_a_store_that_another_program_holds_is_waited_for(tmp_path: Path) -> None:
    events, _ = hold_store(2.5, tmp_path)  # longer than SQLite itself waits
    assert events == NAMES * 2


def test_a_torn_recording_is_never_read_as_something_else() -> None:
    read, refused, wrong = tear_recordings(60)
    assert (read + refused, wrong) == (60, 0)
    assert refused > 0
