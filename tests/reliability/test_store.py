"""A short pass of the campaign of `bench.reliability`: kill -9 at random moments of sessions that are being kept."""

from pathlib import Path

from bench.reliability_store import campaign


def test_a_kill_costs_ten_seconds_of_raw_frames_at_most_and_nothing_else(tmp_path: Path) -> None:
    found = campaign(2, tmp_path, seed=75)  # fixed: both fall into a session
    assert (found.kills, found.broken, found.dishonest) == (2, [], [])
    assert sum(found.confirmed.values()) > 0
    assert (found.confirmed_lost, found.twice_or_gaps, found.queued_lost) == (0, 0, 0)
    assert found.missing_s
    assert max(found.missing_s) <= 10.0
    assert found.interrupted > 0
