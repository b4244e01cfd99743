"""Bus speed measured, and the way of sampling chosen from it."""

import logging

import pytest

from qlmat.sim.ads1x15 import VirtualAds1x15
from qlmat.sim.clock import VirtualClock
from qlmat.sim.faults import Fault
from qlmat.sim.i2c import IDLE_CORE_RATIO, PI_LEAN_S, VirtualI2C
from qlmat_firmware.bus_speed import BusSpeed, measure_bus
from qlmat_firmware.conversion import fastest_conversion_s
from qlmat_firmware.sampler import LONGEST_READ_S
from qlmat_firmware.tempo import Chips, Tempo, choose_tempo
from qlmat_firmware.waiting import longest_wait_s
from tests.firmware.tiny_ads1115 import TinyAds1115, TinyClock

FAST_BUS = BusSpeed(400e3, write_s=155e-6, read_s=180e-6)
SLOW_BUS = BusSpeed(100e3, write_s=440e-6, read_s=540e-6)


def chips(count: int, inputs: int = 4, rate_sps: int = 860) -> Chips:
    return Chips([inputs] * count, longest_wait_s(rate_sps), fastest_conversion_s(rate_sps))


def choose(what: Chips, bus: BusSpeed, rate_hz: float | None, can_join: bool = True) -> Tempo:
    return choose_tempo(what, bus, rate_hz, lambda: can_join)


def measured(scl_hz: float, core_ratio: float = 1.0) -> BusSpeed:
    bus = VirtualI2C(VirtualClock(), scl_hz, PI_LEAN_S, core_ratio)
    bus.attach(0x48, VirtualAds1x15())
    return measure_bus(bus, bus.clock, 0x48)


@pytest.mark.parametrize("scl_hz", [62_500, 100_000, 400_000, 1_000_000])
def test_the_clock_of_the_bus_is_measured(scl_hz: float) -> None:
    assert measured(scl_hz).scl_hz == pytest.approx(scl_hz, rel=0.01)


def test_an_idle_core_shows_as_a_slower_bus() -> None:
    assert measured(400_000, IDLE_CORE_RATIO).scl_hz == pytest.approx(250_000, rel=0.01)


def test_transfers_are_timed_with_their_software() -> None:
    speed = measured(400_000)
    assert (speed.write_s, speed.read_s) == (pytest.approx(155e-6), pytest.approx(180e-6))


def test_a_bus_whose_bits_cost_no_time_has_no_speed() -> None:
    clock = TinyClock()

    class Instant:
        chip = TinyAds1115(clock, {})

        def writeto(self, address: int, buffer: bytes) -> None:
            clock.t_s += 5e-6
            self.chip.write(bytes(buffer))

        def writeto_then_readfrom(self, address: int, out: bytes, answer: bytearray) -> None:
            clock.t_s += 5e-6

    assert measure_bus(Instant(), clock, 0x48).scl_hz is None  # type: ignore[arg-type]  # what it needs of a bus


def test_a_bus_that_holds_up_every_transfer_is_given_up_before_it_holds_up_a_scan() -> None:
    bus = VirtualI2C(VirtualClock(), 400_000, PI_LEAN_S)
    bus.attach(0x48, VirtualAds1x15())
    bus.faults.add(Fault("stretch", 0.0, cost_s=0.05))
    with pytest.raises(OSError, match="too slow"):
        measure_bus(bus, bus.clock, 0x48)
    assert bus.clock.now_s() < LONGEST_READ_S + 0.1


def test_a_slow_bus_is_warned_about_with_the_line_to_write(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        SLOW_BUS.tell()
    assert "dtparam=i2c_arm_baudrate=400000" in caplog.text
    assert SLOW_BUS.slow


def test_a_fast_bus_is_told_without_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        FAST_BUS.tell()
    assert [record.levelname for record in caplog.records] == ["INFO"]


@pytest.mark.parametrize("bus", [FAST_BUS, SLOW_BUS])
def test_board_v1_is_sampled_carefully_at_its_default_rate(bus: BusSpeed) -> None:
    assert not choose(chips(2), bus, 70.0).fast


def test_what_care_cannot_give_is_sampled_fast() -> None:
    tempo = choose(chips(2), FAST_BUS, 150.0)
    assert (tempo.fast, tempo.confirm_every) == (True, 1)
    assert tempo.limit_hz > 150.0


def test_a_crowded_bus_gets_joined_transfers_if_it_can_do_them() -> None:
    assert choose(chips(4), SLOW_BUS, None).joined
    assert not choose(chips(4), SLOW_BUS, None, can_join=False).joined


def test_nobody_tries_joined_transfers_where_they_would_not_help() -> None:
    def refuse() -> bool:
        raise AssertionError("tried")

    choose_tempo(chips(2), FAST_BUS, 70.0, refuse)


def test_results_are_held_back_only_where_the_bus_is_full() -> None:
    assert choose(chips(4), FAST_BUS, None).confirm_every == 1
    assert choose(chips(4), SLOW_BUS, None).confirm_every > 1


@pytest.mark.parametrize("bit_us", range(5, 25))
@pytest.mark.parametrize("count", [2, 3, 4])
def test_results_held_back_come_before_read_gives_up(count: int, bit_us: int) -> None:
    bus = BusSpeed(1e6 / bit_us, write_s=(60 + 38 * bit_us) * 1e-6, read_s=(60 + 48 * bit_us) * 1e-6)
    tempo = choose(chips(count), bus, None)
    assert tempo.confirm_every / tempo.limit_hz < LONGEST_READ_S - 1.0 / tempo.limit_hz


def test_a_conversion_that_ends_before_it_can_be_fetched_is_never_sampled_fast() -> None:
    """An ADS1015 at 3300 SPS may be done after 275 us: a start and a fetch take longer."""
    assert not choose(chips(1, rate_sps=3300), FAST_BUS, None).fast


@pytest.mark.parametrize("count", [1, 2, 4])
@pytest.mark.parametrize("bus", [FAST_BUS, SLOW_BUS])
def test_the_expected_limit_never_exceeds_what_bits_and_conversions_allow(count: int, bus: BusSpeed) -> None:
    bits_hz = (bus.scl_hz or 0.0) / (count * 4 * 85)
    assert choose(chips(count), bus, None).limit_hz <= min(bits_hz, 860 / 4)
