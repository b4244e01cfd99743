"""What no person does and every wire can do, through the whole core: a defined answer, never a made-up cadence."""

from collections.abc import Callable
from math import cos, pi, radians, sin

import numpy as np
import pytest

from qlmat.core.calibration import nominal_calibration
from qlmat.core.model import NO_CONTACT, Forces, Movement, Tick
from qlmat.core.pipeline import Pipeline
from qlmat.core.plan import Plan
from qlmat_firmware.board import BOARD_V1

NAN = float("nan")
Press = Callable[[float], list[float]]


def rocking(t_s: float, cpm: float = 12.0, mm: float = 12.0) -> list[float]:
    """Give the six forces of somebody who lies down on the left pad after half a second and rocks."""
    x_mm = mm * sin(2 * pi * cpm / 60 * t_s)
    force_n = 90.0 if t_s > 0.5 else 0.0
    return [force_n / 3 * (1 + 2 * x_mm * cos(radians(angle)) / 70) for angle in (90, 210, 330)] + [0.0] * 3


def with_channel(at: int, value: float) -> Press:
    return lambda t_s: [value if k == at and t_s > 0.5 else newtons for k, newtons in enumerate(rocking(t_s))]


def push(times_s: list[float], press: Press) -> list[Tick]:
    pipeline = Pipeline(BOARD_V1, nominal_calibration(BOARD_V1), Plan())
    return [pipeline.push_forces(Forces(t_s, np.array(press(t_s)))) for t_s in times_s]


def even(seconds: float, rate_hz: float, start_s: float = 0.0) -> list[float]:
    return [start_s + k / rate_hz for k in range(int(seconds * rate_hz))]


def cadences_cpm(ticks: list[Tick]) -> list[float]:
    return [60 * tick.movement.cadence_hz for tick in ticks if tick.movement.cadence_hz is not None]


def test_no_sensor_loaded_is_an_empty_mat() -> None:
    ticks = push(even(60.0, 20.0), lambda _: [0.0] * 6)
    assert {tick.movement for tick in ticks} == {Movement()}
    assert (ticks[-1].contacts.left, ticks[-1].contacts.right) == (NO_CONTACT, NO_CONTACT)
    assert [event.name for tick in ticks for event in tick.events] == []


def test_channels_marked_absent_on_both_pads_are_no_contact_and_no_movement() -> None:
    ticks = push(even(30.0, 20.0), lambda _: [NAN] * 6)
    assert {tick.movement for tick in ticks} == {Movement()}
    assert {tick.contacts.left.force_n for tick in ticks} == {None}


def test_one_channel_marked_absent_leaves_its_pad_unknown_and_tells_no_cadence_of_it() -> None:
    ticks = push(even(40.0, 20.0), with_channel(1, NAN))
    assert {tick.contacts.left.force_n for tick in ticks[20:]} == {None}
    assert {tick.contacts.right.force_n for tick in ticks[20:]} == {0.0}
    assert cadences_cpm(ticks) == []


@pytest.mark.parametrize("foot", [0, 1, 2])
def test_one_foot_that_reads_nothing_makes_up_no_other_cadence(foot: int) -> None:
    told = cadences_cpm(push(even(60.0, 50.0), with_channel(foot, 0.0)))
    assert [cpm for cpm in told if abs(cpm - 12.0) > 1.0] == []


def test_stamps_that_step_back_are_dropped_and_the_cadence_is_told_all_the_same() -> None:
    times = [t for k, t_s in enumerate(even(30.0, 20.0)) for t in ((t_s, t_s - 0.5) if k % 10 == 9 else (t_s,))]
    ticks = push(times, rocking)
    assert sum(event.name == "frame_dropped" for tick in ticks for event in tick.events) == 60
    assert [tick.t_s for tick in ticks] == sorted(tick.t_s for tick in ticks)
    assert cadences_cpm(ticks)[-1] == pytest.approx(12.0, abs=0.3)


def test_a_clock_set_back_for_good_drops_every_frame_and_repeats_what_was_known() -> None:
    pipeline = Pipeline(BOARD_V1, nominal_calibration(BOARD_V1), Plan())
    for t_s in even(10.0, 20.0, 1000.0):
        before = pipeline.push_forces(Forces(t_s, np.zeros(6)))
    after = [pipeline.push_forces(Forces(t_s, np.array(rocking(t_s)))) for t_s in even(30.0, 20.0)]
    assert pipeline.dropped == 600
    assert {tick.t_s for tick in after} == {before.t_s}
    assert cadences_cpm(after) == []


def test_a_gap_of_ten_minutes_ends_the_movement_until_it_is_seen_again() -> None:
    ticks = push([*even(30.0, 20.0), *even(30.0, 20.0, 630.0)], rocking)
    assert cadences_cpm(ticks[590:600]) != []
    assert cadences_cpm(ticks[605:650]) == []
    assert cadences_cpm(ticks)[-1] == pytest.approx(12.0, abs=0.3)


@pytest.mark.parametrize("cpm", [8.0, 12.0, 40.0, 59.0])
def test_one_frame_a_second_tells_force_and_no_cadence(cpm: float) -> None:
    ticks = push(even(180.0, 1.0), lambda t_s: rocking(t_s, cpm))
    assert ticks[-1].contacts.left.force_n == pytest.approx(90.0, abs=10.0)
    assert cadences_cpm(ticks) == []


def test_a_thousand_frames_a_second_tell_the_cadence_as_fifty_do() -> None:
    fast, usual = (cadences_cpm(push(even(16.0, rate_hz), rocking))[-1] for rate_hz in (1000.0, 50.0))
    assert fast == pytest.approx(12.0, abs=0.3)
    assert fast == pytest.approx(usual, abs=0.1)


def test_forces_beyond_all_measure_break_nothing() -> None:
    rng = np.random.default_rng(3)  # fixed: the same forces each time
    ticks = push(even(60.0, 20.0), lambda _: (10.0 ** rng.uniform(-9.0, 9.0, 6) * rng.choice([-1.0, 1.0], 6)).tolist())
    assert all(0 < cpm < 120 for cpm in cadences_cpm(ticks))
