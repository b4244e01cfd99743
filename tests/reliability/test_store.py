"""A short pass of the campaign of `bench.reliability`: kill -9 at random moments of sessions that are being kept."""

from pathlib import Path

import pytest

from bench.reliability_kernel import GCC, build
from bench.reliability_store import campaign

WORKING = 5  # events by the time the side is worked: two chunks of raw frames


def test_a_kill_costs_ten_seconds_of_raw_frames_at_most_and_nothing_else(tmp_path: Path) -> None:
    found = campaign(2, tmp_path, after_events=WORKING)
    assert (found.kills, found.broken, found.dishonest) == (2, [], [])
    assert sum(found.confirmed.values()) > 0
    assert (found.confirmed_lost, found.twice_or_gaps, found.queued_lost) == (0, 0, 0)
    assert found.missing_s
    assert max(found.missing_s) <= 10.0
    assert found.interrupted > 0


@pytest.mark.skipif(GCC is None, reason="gcc is not installed: sudo apt install gcc libc6-dev")
def test_a_power_cut_takes_back_nothing_that_had_been_written(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    found = campaign(1, folder, library=build(tmp_path), after_events=WORKING)
    assert (found.broken, found.dishonest, found.confirmed_lost, found.twice_or_gaps) == ([], [], 0, 0)
    assert sum(found.confirmed.values()) > 0
    assert max(found.missing_s) <= 10.0
