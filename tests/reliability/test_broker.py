"""Short passes of the campaign of `bench.reliability` with a real Mosquitto behind a line that fails."""

from pathlib import Path

import pytest

from bench.reliability_broker import away, try_fault
from tests.shell.brokers import MOSQUITTO

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed: sudo apt install mosquitto")


@pytest.mark.parametrize("fault", ["half_open", "acks_lost", "slow", "changed_password"])
def test_a_consumer_has_every_event_once_in_order_and_with_its_true_time(tmp_path: Path, fault: str) -> None:
    seen = try_fault(fault, tmp_path, fault_s=1.0)
    assert seen.put > 10
    assert seen.in_order
    assert (seen.false_times, seen.lost_counted) == (0, 0)


def test_a_full_queue_loses_the_oldest_and_counts_them(tmp_path: Path) -> None:
    seen = try_fault("full_queue", tmp_path, fault_s=3.0)
    assert seen.lost_counted > 0
    assert seen.in_order


def test_the_events_of_a_day_without_a_broker_come_with_their_own_times(tmp_path: Path) -> None:
    seen = away(tmp_path, hours=24.0, events=60, step_s=30.0)
    assert seen.put > 60
    assert seen.in_order
    assert (seen.false_times, seen.lost_counted) == (0, 0)
    assert seen.grown_mb < 50.0
