"""The pipelined sampler over emulated chips: right channels, right times, and what is done with wrong answers."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from qlmat.core.model import Event, Frame
from qlmat.sim.ads1x15 import ChipTraits, VirtualAds1x15
from qlmat.sim.analog import FixedVolts
from qlmat.sim.clock import VirtualClock
from qlmat.sim.faults import Fault, FaultKind
from qlmat.sim.i2c import PI_LEAN_S, VirtualI2C
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.sampler import DEFAULT_RATE_HZ, PipelinedSource

VOLTS = {0x48: (0.2, 0.5, 0.9, 3.3), 0x49: (1.2, 1.5, 1.9, 3.29)}
EXPECTED = np.array([0.2, 0.5, 0.9, 1.2, 1.5, 1.9, 3.3, 3.29])
STEP_V = 4.096 / 32768
LEFT, RIGHT = [0, 1, 2, 6], [3, 4, 5, 7]


class Rig:
    """Board v1 with its two chips; `traits` distinguishes them from ideal ones."""

    def __init__(
        self,
        rate_hz: float | None = DEFAULT_RATE_HZ,
        traits: ChipTraits = ChipTraits(),
        calibrate: bool = False,
        scl_hz: float = 400e3,
    ) -> None:
        self.late_s = 10e-6
        self.clock = VirtualClock(sleep_overshoot_s=lambda: self.late_s)
        self.bus = VirtualI2C(self.clock, scl_hz, PI_LEAN_S)
        self.chips = {
            address: VirtualAds1x15(analog=FixedVolts(*volts), traits=traits) for address, volts in VOLTS.items()
        }
        for address, chip in self.chips.items():
            self.bus.attach(address, chip)
        self.source = PipelinedSource(BOARD_V1, self.bus, self.clock, rate_hz, calibrate=calibrate)

    def run(self, seconds: float) -> list[Frame]:
        """Scan for some virtual seconds."""
        end_s = self.clock.now_s() + seconds
        frames = []
        while self.clock.now_s() < end_s:
            frames.append(self.source.read())
        return frames


def events(frames: list[Frame]) -> list[Event]:
    return [event for frame in frames for event in frame.events]


def none_is_wrong(frames: list[Frame]) -> bool:
    """Say whether each channel of each frame is right or absent."""
    return all((np.isnan(frame.volts) | (np.abs(frame.volts - EXPECTED) < STEP_V)).all() for frame in frames)


def all_are_there(frames: list[Frame]) -> bool:
    return not any(np.isnan(frame.volts).any() for frame in frames)


# --- what a sound board gives ---


@pytest.mark.parametrize("rate_hz", [20.0, DEFAULT_RATE_HZ, None])
@pytest.mark.parametrize("ratio", [0.9, 1.0, 1.1])
def test_every_channel_of_every_frame_reads_its_own_volts(rate_hz: float | None, ratio: float) -> None:
    frames = Rig(rate_hz, ChipTraits(oscillator_ratio=ratio), calibrate=True).run(1.0)
    assert none_is_wrong(frames)
    assert all_are_there(frames)
    assert events(frames) == []


def test_scans_keep_the_pace_to_a_tenth_of_a_millisecond() -> None:
    times_s = [frame.t_s for frame in Rig(70.0).run(1.0)]
    assert np.diff(times_s[1:]) == pytest.approx(1 / 70, abs=1e-4)


@pytest.mark.parametrize("rate_hz", [DEFAULT_RATE_HZ, None])
def test_a_sample_carries_the_middle_of_its_conversion(rate_hz: float | None) -> None:
    rig = Rig(rate_hz)
    frame = rig.run(0.3)[-1]
    assert frame.sample_t_s is not None
    for index, channel in enumerate(BOARD_V1.channels):
        middles_s = [c.middle_s for c in rig.chips[channel.chip].truth if c.inputs == (channel.input, None)]
        assert min(abs(middle_s - frame.sample_t_s[index]) for middle_s in middles_s) < 100e-6


def test_a_frame_spans_the_conversions_of_one_chip_not_of_all() -> None:
    assert Rig().run(0.3)[-1].skew_s < 0.0065
    assert Rig(None).run(0.3)[-1].skew_s < 0.0055


def test_unloaded_feet_without_noise_are_present_although_they_look_like_a_silent_bus() -> None:
    rig = Rig()
    for chip in rig.chips.values():
        chip.analog = FixedVolts(0.0, 0.0, 0.0, 3.3)
    frames = rig.run(0.5)
    assert all_are_there(frames)
    assert frames[-1].volts == pytest.approx([0.0] * 6 + [3.3] * 2, abs=STEP_V)


@pytest.mark.parametrize(("calibrate", "least_hz"), [(False, 160.0), (True, 178.0)])
def test_flat_out_the_scans_come_near_the_limit_of_the_chips(calibrate: bool, least_hz: float) -> None:
    times_s = [frame.t_s for frame in Rig(None, calibrate=calibrate).run(1.0)][20:]
    assert (len(times_s) - 1) / (times_s[-1] - times_s[0]) >= least_hz


def test_a_chip_that_takes_longer_to_wake_than_the_data_sheet_says_is_waited_for() -> None:
    """TI has named 110 us for the automotive part; the worst-case wait allows for 35."""
    rig = Rig(None, ChipTraits(oscillator_ratio=0.9, wakeup_s=250e-6))
    frames = rig.run(1.0)
    assert none_is_wrong(frames) and all_are_there(frames)
    assert rig.source.troubles.counts["overdue"] > 0


def test_an_oscillator_that_slows_down_after_calibration_gives_no_wrong_sample() -> None:
    rig = Rig(None, ChipTraits(oscillator_ratio=1.05), calibrate=True)
    rig.run(0.5)
    for chip in rig.chips.values():
        chip.traits = replace(chip.traits, oscillator_ratio=0.92)
    frames = rig.run(3.0)
    assert none_is_wrong(frames)
    assert all_are_there(frames[-50:])


# --- what goes wrong ---


@pytest.mark.parametrize("rate_hz", [DEFAULT_RATE_HZ, None])
@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("nack", {"no_answer"}),
        ("io_error", {"bus_error"}),
        ("timeout", {"timed_out"}),
        ("stuck_low", {"stuck"}),
        ("stuck_high", {"stuck"}),
        ("config_word", {"lost_pointer"}),
        ("stretch", {"stretched"}),
    ],
)
def test_a_fault_of_the_bus_is_told_once_and_over_within_a_fraction_of_a_second(
    kind: FaultKind, what: set[str], rate_hz: float | None
) -> None:
    rig = Rig(rate_hz)
    rig.run(1.0)
    now_s = rig.clock.now_s()
    rig.bus.faults.add(Fault(kind, now_s, now_s + 0.5, address=0x49, cost_s=0.05))
    frames = rig.run(2.0)
    assert none_is_wrong(frames)
    assert [(event.name, event.detail["chip"]) for event in events(frames)] == [
        ("adc_fault", "0x49"),
        ("adc_ok", "0x49"),
    ]
    assert {event.detail["what"] for event in events(frames)} == what
    assert all_are_there([frame for frame in frames if frame.t_s > now_s + 0.8])


def test_the_sound_chip_is_read_at_full_pace_while_the_other_is_silent() -> None:
    rig = Rig()
    rig.run(0.5)
    rig.bus.faults.add(Fault("nack", rig.clock.now_s(), address=0x49))
    frames = rig.run(1.0)
    assert len(frames) >= 69
    assert not any(np.isnan(frame.volts[LEFT]).any() for frame in frames)


@pytest.mark.parametrize("rate_hz", [DEFAULT_RATE_HZ, None])
@pytest.mark.parametrize("offset_us", range(0, 8000, 400))
def test_a_reset_chip_is_noticed_wherever_in_the_pass_it_strikes(rate_hz: float | None, offset_us: int) -> None:
    rig = Rig(rate_hz)
    rig.run(0.5)
    rig.clock.call_at(rig.clock.now_s() + offset_us * 1e-6, lambda: rig.chips[0x48].reset(rig.clock.now_ns()))
    frames = rig.run(1.5)
    assert none_is_wrong(frames)
    assert [event.detail["what"] for event in events(frames)] == ["reset", "reset"]
    assert all_are_there(frames[-30:])


@pytest.mark.parametrize("seconds", [0.03, 0.2, 1.0])
@pytest.mark.parametrize("offset_us", [0, 2500, 5000, 9000])
def test_chips_that_change_places_are_noticed(seconds: float, offset_us: int) -> None:
    rig = Rig()
    rig.run(0.5)
    start_s = rig.clock.now_s() + offset_us * 1e-6
    rig.bus.faults.add(Fault("swapped", start_s, start_s + seconds, address=0x48, other=0x49))
    frames = rig.run(seconds + 1.5)
    assert none_is_wrong(frames)
    assert {event.detail["what"] for event in events(frames)} == {"swapped"}
    assert all_are_there(frames[-30:])


def test_chips_that_change_places_for_good_never_deliver() -> None:
    rig = Rig()
    rig.run(0.5)
    now_s = rig.clock.now_s()
    rig.bus.faults.add(Fault("swapped", now_s, address=0x48, other=0x49))
    frames = rig.run(5.0)
    assert np.isnan(frames[-1].volts).all()
    assert none_is_wrong(frames)


def test_one_of_two_exchanged_chips_that_loses_its_marker_is_not_taken_for_the_other() -> None:
    rig = Rig()
    rig.run(0.5)
    now_s = rig.clock.now_s()
    rig.bus.faults.add(Fault("swapped", now_s, now_s + 1.0, address=0x48, other=0x49))
    rig.clock.call_at(now_s + 0.3, lambda: rig.chips[0x49].reset(rig.clock.now_ns()))
    frames = rig.run(3.0)
    assert none_is_wrong(frames)
    assert all_are_there(frames[-30:])


def test_a_held_up_program_is_told_and_its_old_results_are_measured_again() -> None:
    rig = Rig()
    rig.run(0.5)
    rig.late_s = 0.6
    frames = [rig.source.read() for _ in range(4)]
    rig.late_s = 10e-6
    frames += rig.run(2.0)
    assert ("adc_fault", "late") in [(event.name, event.detail["what"]) for event in events(frames)]
    assert none_is_wrong(frames)


def test_a_chip_that_was_absent_at_the_start_joins_when_it_is_plugged_in() -> None:
    rig = Rig()
    right = rig.bus.detach(0x49)
    before = rig.run(1.0)
    assert all(np.isnan(frame.volts[RIGHT]).all() for frame in before)
    assert not any(np.isnan(frame.volts[LEFT]).any() for frame in before[1:])
    rig.bus.attach(0x49, right)
    assert all_are_there(rig.run(1.0)[-30:])


def test_with_no_chip_at_all_a_read_still_returns_in_time() -> None:
    rig = Rig()
    for address in VOLTS:
        rig.bus.detach(address)
    for _ in range(5):
        began_s = rig.clock.now_s()
        assert np.isnan(rig.source.read().volts).all()
        assert rig.clock.now_s() - began_s <= 0.25


def test_frames_never_run_backwards_through_any_trouble() -> None:
    rig = Rig()
    frames = rig.run(0.5)
    for kind in ("nack", "stuck_low", "timeout"):
        now_s = rig.clock.now_s()
        rig.bus.faults.add(Fault(kind, now_s, now_s + 0.4, cost_s=0.05))
        frames += rig.run(1.0)
    assert (np.diff([frame.t_s for frame in frames]) > 0.0).all()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rig: setattr(rig.chips[0x48], "_config", 0x0583),
        lambda rig: rig.bus.writeto(0x48, b"\x01\xd4\x83"),
        lambda rig: rig.bus.writeto(0x48, b"\x01\x04\x83"),
    ],
)
def test_a_configuration_that_somebody_else_changed_is_noticed(spoil: Callable[[Rig], object]) -> None:
    rig = Rig()
    rig.run(0.5)
    for _ in range(20):
        rig.clock.call_at(rig.clock.now_s() + 0.002, lambda: spoil(rig))
        assert none_is_wrong(rig.run(0.1))
    assert all_are_there(rig.run(1.0)[-20:])


def test_a_bus_that_somebody_else_has_locked_is_not_waited_for_longer_than_a_read_may_take() -> None:
    rig = Rig()
    assert rig.bus.try_lock()
    began_s = rig.clock.now_s()
    assert np.isnan(rig.source.read().volts).all()
    assert rig.clock.now_s() - began_s <= 0.25
    rig.bus.unlock()
    assert all_are_there(rig.run(0.5)[-5:])
