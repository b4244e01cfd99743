"""The real Adafruit driver runs over the emulated bus and chips, unchanged."""

from typing import Any

import pytest
from adafruit_ads1x15 import ADS1015, ADS1115, AnalogIn

from qlmat.sim.ads1x15 import VirtualAds1x15
from qlmat.sim.analog import FixedVolts
from qlmat.sim.clock import VirtualClock
from qlmat.sim.i2c import VirtualI2C

VOLTS = (0.2, 0.65, 1.1, 3.3)


def bus_with(chip: VirtualAds1x15, scl_hz: float = 400_000, software_s: float = 0.0) -> VirtualI2C:
    bus = VirtualI2C(VirtualClock(), scl_hz=scl_hz, software_s=software_s)
    bus.attach(0x48, chip)
    return bus


@pytest.mark.parametrize("channel", range(4))
def test_single_mode_reads_each_channel_to_half_a_step(channel: int) -> None:
    bus = bus_with(VirtualAds1x15(analog=FixedVolts(*VOLTS)))
    ads = ADS1115(bus, address=0x48, gain=1, data_rate=860)
    assert AnalogIn(ads, channel).voltage == pytest.approx(VOLTS[channel], abs=4.096 / 32768 / 2 + 1e-12)


def test_the_twelve_bit_part_reads_in_steps_of_two_millivolts() -> None:
    bus = bus_with(VirtualAds1x15("ads1015", FixedVolts(*VOLTS)))
    ads = ADS1015(bus, address=0x48, gain=1, data_rate=3300)
    assert [AnalogIn(ads, channel).value for channel in range(4)] == [16 * step for step in (100, 325, 550, 1650)]


def test_a_differential_pair_gives_the_difference() -> None:
    bus = bus_with(VirtualAds1x15(analog=FixedVolts(*VOLTS)))
    ads: Any = ADS1115(bus, address=0x48, gain=2)
    assert AnalogIn(ads, 0, 1).voltage == pytest.approx(-0.45, abs=4e-5)


def test_the_constructor_makes_five_transfers_of_173_bits() -> None:
    bus = bus_with(VirtualAds1x15())
    ADS1115(bus, address=0x48)
    assert (bus.transfers, bus.bits) == (5, 173)


def test_an_absent_chip_is_a_value_error_of_the_driver() -> None:
    with pytest.raises(ValueError, match="No I2C device at address: 0x49"):
        ADS1115(bus_with(VirtualAds1x15()), address=0x49)
