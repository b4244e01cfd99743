"""A short pass of the campaign of `bench.reliability`: kill -9 at random moments of sessions that are being kept."""

from pathlib import Path

import pytest

from bench.reliability_store import Found, campaign


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    folder: Path = tmp_path_factory.mktemp("store")
    return campaign(2, folder, seed=75)  # fixed: both fall into a session


def test_the_database_is_whole_after_every_kill(found: Found) -> None:
    assert (found.kills, found.broken) == (2, [])


def test_every_event_that_another_program_had_read_is_there_exactly_once(found: Found) -> None:
    assert sum(found.confirmed.values()) > 0
    assert (found.confirmed_lost, found.twice_or_gaps, found.queued_lost) == (0, 0, 0)


def test_a_kill_costs_at_most_the_last_ten_seconds_of_raw_frames(found: Found) -> None:
    assert found.missing_s
    assert max(found.missing_s) <= 10.0


def test_an_open_session_is_closed_where_its_last_second_was(found: Found) -> None:
    assert found.interrupted > 0
    assert found.dishonest == []
