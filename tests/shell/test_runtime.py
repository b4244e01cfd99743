"""The control loop on real gpiozero outputs with mock pins, in virtual time."""

import doctest
from collections.abc import Callable
from queue import SimpleQueue

import pytest
from gpiozero.pins.mock import MockFactory

import qlmat.runtime
from qlmat.core.model import Command
from qlmat.core.rhythms import PATTERNS
from qlmat.errors import BusError
from qlmat.inbox import Requests
from qlmat.runtime import LATE_S, Outputs, Runtime
from qlmat.sim.clock import VirtualClock
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.outputs import Buzzer, Led, Motor
from tests.shell.loops import PERIOD_S, Broken, Probe, Scans, Script, build, levels


def test_the_example_holds() -> None:
    assert doctest.testmod(qlmat.runtime).failed == 0


@pytest.mark.parametrize("cue", [cue for cue in PATTERNS if cue != "pace"])
def test_a_cue_is_felt_in_the_rhythm_of_its_pattern(cue: str, outputs: Outputs, clock: VirtualClock) -> None:
    runtime, probe = build(Scans(clock, 400), Script({1.0: cue}), outputs, clock)
    runtime.run()
    expected, t_s = [], 1.0
    for on_s, off_s in PATTERNS[cue]:
        expected += [(t_s, True), (t_s + on_s, False)]
        t_s += on_s + off_s
    motor = probe.motor()
    assert [on for _, on in motor] == [on for _, on in expected]
    assert [t for t, _ in motor] == pytest.approx([t for t, _ in expected], abs=PERIOD_S + 1e-9)
    assert [motor for _, motor, _, _ in probe.seen] == [buzzer for _, _, buzzer, _ in probe.seen]


def test_the_pace_is_heard_and_not_felt(outputs: Outputs, clock: VirtualClock) -> None:
    runtime, probe = build(Scans(clock, 100), Script({0.5: "pace"}), outputs, clock)
    runtime.run()
    assert probe.motor() == []
    assert any(buzzer for _, _, buzzer, _ in probe.seen)


def test_a_more_urgent_cue_cuts_in_after_the_shortest_gap_so_that_its_rhythm_stays_its_own(
    outputs: Outputs, clock: VirtualClock
) -> None:
    runtime, probe = build(Scans(clock, 300), Script({0.0: "ease_off", 0.4: "stopped"}), outputs, clock)
    runtime.run()
    assert [t_s for t_s, _ in probe.motor()] == pytest.approx(
        [0.0, 0.4, 0.55, 0.7, 0.85, 1.75, 1.9, 2.05], abs=PERIOD_S + 1e-9
    )


def test_a_stop_breaks_off_the_cue_of_a_session_that_is_over(outputs: Outputs, clock: VirtualClock) -> None:
    queue: Requests = SimpleQueue()
    probe = Probe(outputs)
    stop = lambda: queue.put(Command("stop"))
    Runtime(Scans(clock, 200, {5: stop}), Script({0.0: "done"}, "done"), outputs, [probe], clock, queue).run()
    assert probe.motor() == [(0.0, True), (0.05, False)]


@pytest.mark.parametrize(("state", "beats"), [("working", 3), ("paused", 3), ("waiting", 0), ("done", 0)])
def test_the_led_beats_once_a_second_in_a_session(
    state: str, beats: int, outputs: Outputs, clock: VirtualClock
) -> None:
    runtime, probe = build(Scans(clock, 300), Script({}, state), outputs, clock)
    runtime.run()
    leds = [led for _, _, _, led in probe.seen]
    assert sum(on and not before for before, on in zip([False, *leds], leds, strict=False)) == beats


def test_everything_is_off_when_the_source_ends_in_mid_cue(
    pins: MockFactory, outputs: Outputs, clock: VirtualClock
) -> None:
    runtime, probe = build(Scans(clock, 5), Script({0.0: "done"}), outputs, clock)
    runtime.run()
    assert probe.seen[-1][1:] == (True, True, True)
    assert levels(pins) == [0.0, 0.0, 0.0]


def test_everything_is_off_when_the_time_is_over_in_mid_cue(
    pins: MockFactory, outputs: Outputs, clock: VirtualClock
) -> None:
    runtime, probe = build(Scans(clock, 1000), Script({0.0: "done"}), outputs, clock)
    runtime.run(until_s=0.05)
    assert probe.seen[-1][1] is True
    assert clock.now_s() < 0.1
    assert levels(pins) == [0.0, 0.0, 0.0]


def test_everything_is_off_when_stopped_in_mid_cue(pins: MockFactory, outputs: Outputs, clock: VirtualClock) -> None:
    at: dict[int, Callable[[], object]] = {}
    runtime, probe = build(Scans(clock, 1000, at), Script({0.0: "done"}), outputs, clock)
    at[5] = runtime.stop
    runtime.run()
    assert len(probe.seen) == 6
    assert levels(pins) == [0.0, 0.0, 0.0]


def test_everything_is_off_when_the_core_breaks_in_mid_cue(
    pins: MockFactory, outputs: Outputs, clock: VirtualClock
) -> None:
    runtime, probe = build(Scans(clock, 1000), Script({0.0: "done"}, error_s=0.1), outputs, clock)
    with pytest.raises(ValueError, match="a bug in the core"):
        runtime.run()
    assert probe.seen[-1][1] is True
    assert levels(pins) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("error", [BusError("the bus is gone"), KeyboardInterrupt(), SystemExit(1), MemoryError()])
def test_everything_is_off_when_reading_breaks_in_mid_cue(
    error: BaseException, pins: MockFactory, outputs: Outputs, clock: VirtualClock
) -> None:
    def fail() -> None:
        raise error

    runtime, probe = build(Scans(clock, 1000, {5: fail}), Script({0.0: "done"}), outputs, clock)
    with pytest.raises(type(error)):
        runtime.run()
    assert probe.seen[-1][1] is True
    assert levels(pins) == [0.0, 0.0, 0.0]


def test_one_output_that_fails_does_not_keep_the_others_on(pins: MockFactory, clock: VirtualClock) -> None:
    class Stuck(Motor):
        def set(self, on: bool) -> None:
            if not on:
                raise OSError("gpiochip0 is gone")
            super().set(on)

    outputs = Outputs(Stuck(BOARD_V1.motor_pin, pins), Buzzer(BOARD_V1.buzzer_pin, pins), Led(BOARD_V1.led_pin, pins))
    runtime, _ = build(Scans(clock, 5), Script({0.0: "done"}), outputs, clock)
    runtime.run()
    assert levels(pins)[1:] == [0.0, 0.0]


def test_a_sink_that_fails_is_set_aside_and_the_session_goes_on(outputs: Outputs, clock: VirtualClock) -> None:
    broken = Broken()
    runtime, probe = build(Scans(clock, 100), Script({}), outputs, clock, broken)
    runtime.run()
    assert (broken.asked, len(probe.seen)) == (1, 100)


def test_a_frame_whose_outputs_moved_late_is_counted(outputs: Outputs, clock: VirtualClock) -> None:
    late = lambda: clock.advance_ns(int(1.5 * LATE_S * 1e9))
    runtime, _ = build(Scans(clock, 100, {20: late, 60: late}), Script({}), outputs, clock)
    stats = runtime.run()
    # The source catches up: scans 20 to 27 were due before the first delay was over, but are read after it.
    assert (stats.frames, stats.late) == (100, 2)
    assert stats.max_lateness_s == pytest.approx(1.5 * LATE_S, abs=1e-6)


def test_what_is_hushed_stays_off_while_the_clock_stands_still(outputs: Outputs, clock: VirtualClock) -> None:
    def stand_still() -> None:
        clock.advance_ns = lambda duration_ns: None  # type: ignore[method-assign]  # the loop turns, time does not pass

    calls = {105: stand_still, 110: lambda: runtime.hush()}  # noqa: PLW0108 - there is no runtime yet
    runtime, probe = build(Scans(clock, 200, calls), Script({1.0: "ease_off"}), outputs, clock)
    runtime.run()
    levels = [row[1:] for row in probe.seen]
    assert levels[105:110] == [(True, True, True)] * 5
    assert levels[110:] == [(False, False, False)] * 90


def test_a_cue_is_not_taken_up_again_after_a_stall(outputs: Outputs, clock: VirtualClock) -> None:
    stall = lambda: clock.advance_ns(1_100_000_000)
    runtime, probe = build(Scans(clock, 300, {5: stall}), Script({0.0: "ball_lost"}), outputs, clock)
    stats = runtime.run()
    assert stats.stalls == 1
    assert [on for _, on in probe.motor()] == [True, False], "the rest of a rhythm that was broken says nothing"
