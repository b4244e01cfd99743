"""One frame in, one tick out, whatever the frames are like."""

from collections.abc import Iterable
from math import inf, nan, pi, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qlmat.core.calibration import Curve, nominal_calibration
from qlmat.core.model import Command, Event, Forces, Frame, Tick
from qlmat.core.pipeline import Pipeline
from qlmat.core.plan import Plan
from tests.core.pads import BOARD, NONE, Ball, frames, newtons


def mat(plan: Plan = Plan()) -> Pipeline:
    return Pipeline(BOARD, nominal_calibration(BOARD), plan)


def rocking(t_s: float) -> Ball:
    """Two empty seconds, then a ball of 90 N that rocks by 12 mm, 12 times a minute, from 20 s on."""
    if t_s < 2.0:
        return NONE
    return (90.0, 12.0 * sin(2 * pi * 0.2 * t_s) if t_s > 20.0 else 0.0, 2.0)


def run(pipeline: Pipeline, stream: Iterable[Forces]) -> list[Tick]:
    return [pipeline.push_forces(forces) for forces in stream]


def events(ticks: Iterable[Tick]) -> list[Event]:
    return [event for tick in ticks for event in tick.events]


def names(ticks: Iterable[Tick]) -> list[str]:
    return [event.name for event in events(ticks)]


@pytest.mark.parametrize("rate_hz", [15.0, 50.0, 250.0])
def test_a_person_is_followed_from_empty_mat_to_switching_sides(rate_hz: float) -> None:
    ticks = run(mat(Plan(side_s=20.0)), frames(55.0, rocking, rate_hz))
    assert names(ticks) == [
        "session_started", "ball_placed", "placed", "on_the_spot", "settled", "work_started",
        "side_done", "switch_sides",
    ]  # fmt: skip
    assert ticks[-1].practice.state == "switching"
    working = [tick for tick in ticks if tick.practice.state == "working"]
    assert working[-1].movement.kind == "rock"
    assert working[-1].movement.cadence_hz == pytest.approx(0.2, abs=0.01)
    assert {tick.cue for tick in ticks} == {None, "on_the_spot", "switch_sides"}


@pytest.mark.parametrize("rate_hz", [1.0, 5.0, 1000.0])
def test_frames_from_one_to_a_thousand_a_second_lead_to_work(rate_hz: float) -> None:
    ticks = run(mat(), frames(36.0, lambda t_s: (90.0, 0.0, 2.0) if t_s > 7.0 else NONE, rate_hz))
    assert ticks[-1].practice.state == "working"
    assert ticks[-1].movement.cadence_hz is None
    assert {tick.cue for tick in ticks} <= {None, "on_the_spot", "keep_going"}


def test_volts_and_newtons_lead_to_the_same_events() -> None:
    curve = Curve()

    def volts(forces: Forces) -> Frame:
        values = [
            3.3 * 1000 / (1000 + curve.scale_ohm_n / n + curve.floor_ohm) if n > 0 else 0.0 for n in forces.newtons
        ]
        return Frame(forces.t_s, np.array([*values, 3.3, 3.3]))

    stream = list(frames(30.0, rocking, 20.0))
    from_newtons = mat()
    from_volts = mat()
    assert names(from_volts.push(volts(forces)) for forces in stream) == names(run(from_newtons, stream))


def test_a_repeated_or_older_stamp_is_dropped_counted_and_said_once_a_run() -> None:
    pipeline = mat()
    stream = list(frames(6.0, rocking, 20.0))
    ticks = run(pipeline, stream[:80])
    late = run(pipeline, [stream[79], stream[10], stream[20]])
    assert names(late) == ["frame_dropped"]
    assert pipeline.dropped == 3
    assert [tick.t_s for tick in late] == [ticks[-1].t_s] * 3
    assert late[-1].contacts == ticks[-1].contacts
    assert names(run(pipeline, stream[80:85])) == []
    assert names(run(pipeline, stream[:1])) == ["frame_dropped"]


def test_a_dropped_frame_still_carries_its_commands() -> None:
    pipeline = mat()
    run(pipeline, frames(10.0, rocking))
    tick = pipeline.push_forces(Forces(3.0, newtons()), (Command("stop"),))
    assert tick.practice.state == "stopped"
    assert tick.cue == "stopped"


@pytest.mark.parametrize("stamp_s", [nan, inf, -inf])
def test_a_stamp_that_is_no_number_is_dropped(stamp_s: float) -> None:
    pipeline = mat()
    run(pipeline, frames(1.0, rocking))
    tick = pipeline.push_forces(Forces(stamp_s, newtons()))
    assert [event.name for event in tick.events] == ["frame_dropped"]
    assert tick.t_s < 1.0
    assert run(pipeline, frames(1.0, rocking, start_s=1.0))[-1].t_s == pytest.approx(1.98)


def test_the_first_frame_of_all_may_be_bad() -> None:
    pipeline = mat()
    early = pipeline.push_forces(Forces(nan, newtons()), (Command("start"),))
    assert [event.name for event in early.events] == ["frame_dropped"]
    tick = pipeline.push_forces(Forces(-5.0, newtons()))
    assert (tick.t_s, tick.practice.state) == (-5.0, "placing")


def test_a_gap_of_ten_minutes_makes_up_no_movement_and_no_time() -> None:
    pipeline = mat()
    before = run(pipeline, frames(40.0, rocking, 20.0))[-1]
    assert before.movement.cadence_hz is not None
    after = run(pipeline, frames(0.5, rocking, 20.0, start_s=640.0))[-1]
    assert after.movement.cadence_hz is None
    assert after.practice.worked_s == before.practice.worked_s


def test_one_dead_sensor_makes_its_pad_absent_and_leaves_the_other() -> None:
    pipeline = mat()
    run(pipeline, frames(2.0, lambda t_s: NONE))
    for forces in frames(20.0, lambda t_s: (90.0, 0.0, 0.0), start_s=2.0, side="right"):
        broken = forces.newtons.copy()
        broken[0] = nan
        tick = pipeline.push_forces(Forces(forces.t_s, broken))
    assert tick.contacts.left.force_n is None
    assert tick.contacts.right.force_n == pytest.approx(90.0, abs=1.0)
    assert tick.practice.side == "right"


def test_a_board_that_cannot_be_read_at_all_says_nothing_and_counts_nothing() -> None:
    ticks = run(mat(), (Forces(k / 50, np.full(6, nan)) for k in range(3000)))
    assert events(ticks) == []
    assert ticks[-1].practice.state == "waiting"
    assert ticks[-1].movement.kind is None


def test_an_empty_mat_says_nothing_for_an_hour() -> None:
    rng = np.random.default_rng(5)  # fixed: one hour of noise and warming
    walk = np.cumsum(rng.normal(0.0, 0.02, (3600 * 5, 6)), axis=0)
    ticks = run(mat(), (Forces(k / 5, 2.0 + row) for k, row in enumerate(walk)))
    assert events(ticks) == []
    assert all(tick.movement.cadence_hz is None for tick in ticks)


def test_a_tare_asked_for_on_an_idle_mat_takes_the_load_as_nothing() -> None:
    pipeline = mat()
    run(pipeline, frames(1.0, lambda t_s: (12.5, 0.0, 0.0)))
    pipeline.push_forces(Forces(1.0, newtons(left=(12.5, 0.0, 0.0))), (Command("tare"),))
    tick = run(pipeline, frames(1.0, lambda t_s: (12.5, 0.0, 0.0), start_s=1.02))[-1]
    assert tick.contacts.left.force_n == pytest.approx(0.0, abs=0.1)


def test_two_pipelines_fed_alike_tell_alike() -> None:
    stream = list(frames(60.0, rocking, 20.0))
    assert run(mat(), stream) == run(mat(), stream)


STAMPS = st.one_of(st.floats(0.0, 50.0), st.sampled_from([nan, inf, -inf]))
LOADS = st.lists(st.one_of(st.floats(-10.0, 500.0), st.just(nan)), min_size=6, max_size=6)


@settings(deadline=None)
@given(st.lists(st.tuples(STAMPS, LOADS), max_size=60))
def test_no_stream_of_frames_makes_it_raise_or_run_backwards(stream: list[tuple[float, list[float]]]) -> None:
    pipeline, last_s = mat(), -inf
    for t_s, loads in stream:
        tick = pipeline.push_forces(Forces(t_s, np.array(loads)))
        assert tick.t_s >= last_s or tick.t_s == 0.0
        last_s = tick.t_s
        for contact in (tick.contacts.left, tick.contacts.right):
            assert contact.force_n is None or 0.0 <= contact.force_n < inf


@settings(deadline=None)
@given(st.lists(st.lists(st.floats(-1.0, 6.0) | st.just(nan), min_size=8, max_size=8), max_size=40))
def test_no_volts_make_it_raise_or_give_a_force_that_is_no_number(volts: list[list[float]]) -> None:
    pipeline = mat()
    for k, values in enumerate(volts):
        tick = pipeline.push(Frame(k * 0.1, np.array(values)))
        for contact in (tick.contacts.left, tick.contacts.right):
            assert contact.force_n is None or 0.0 <= contact.force_n <= 1200.0
