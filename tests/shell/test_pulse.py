"""When a watcher is told what."""

import doctest
from math import nan

import numpy as np
import pytest

import qlmat.pulse
from qlmat.core.model import Frame, Practice, Tick
from qlmat.payloads import Payload
from qlmat.pulse import Pulse
from tests.shell.ticks import frame, happening, tick, touched


def lives(ticks: list[Tick]) -> list[Payload]:
    """Push ticks and return the live payloads that were due."""
    pulse = Pulse()
    return [due.live for due in (pulse.step(one, frame()) for one in ticks) if due.live is not None]


def test_the_example_holds() -> None:
    assert doctest.testmod(qlmat.pulse).failed == 0


def test_live_comes_ten_times_a_second_while_touched_and_once_more_when_the_ball_has_gone() -> None:
    before, during, after = ([scan / 100 for scan in range(n, n + 50)] for n in (0, 50, 100))
    pictures = lives([*map(tick, before), *map(touched, during), *map(tick, after)])
    assert [picture["t_s"] for picture in pictures] == pytest.approx([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    assert [picture["pads"]["left"]["touching"] for picture in pictures] == [True] * 5 + [False]


def test_live_comes_in_a_session_with_nothing_on_the_mat() -> None:
    placing = [tick(scan / 50, practice=Practice("placing", "left", 0.0, 90.0)) for scan in range(50)]
    assert len(lives(placing)) == 10


@pytest.mark.parametrize("rate_hz", [11, 50, 53, 160, 183, 1000])
def test_the_live_rate_does_not_drift_with_the_scan_rate(rate_hz: int) -> None:
    pictures = lives([touched(scan / rate_hz) for scan in range(20 * rate_hz + 1)])
    assert len(pictures) == pytest.approx(201, abs=1)


def test_a_live_message_carries_the_events_since_the_one_before() -> None:
    pictures = lives([happening(t_s, name) for t_s, name in ((0.0, "a"), (0.02, "b"), (0.04, "c"), (0.1, "d"))])
    assert [[event["name"] for event in picture["events"]] for picture in pictures] == [["a"], ["b", "c", "d"]]


def test_an_event_is_shown_although_nobody_touches() -> None:
    assert [len(picture["events"]) for picture in lives([tick(0.0), happening(1.0), tick(2.0)])] == [1]


def test_inputs_that_failed_at_any_scan_of_the_second_are_counted() -> None:
    pulse = Pulse()
    scans = [
        (0.0, [1.0, 1.0, 1.0, 1.0]),
        (0.5, [nan, 1.0, nan, 1.0]),
        (0.6, [nan, 1.0, 1.0, 1.0]),
        (1.0, [1.0, 1.0, 1.0, 1.0]),
        (2.0, [1.0, 1.0, 1.0, 1.0]),
    ]
    states = [pulse.step(tick(t_s), Frame(t_s, np.array(volts))).state for t_s, volts in scans]
    assert [state["faults"] for state in states if state is not None] == [0, 2, 0]


def test_a_jump_of_time_does_not_bring_a_burst() -> None:
    assert len(lives([touched(0.0), touched(500.0), touched(500.01), touched(500.02)])) == 2
