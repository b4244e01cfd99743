"""The real Adafruit driver runs over the emulated bus and chips, unchanged."""

from typing import Any

import pytest
from adafruit_ads1x15 import ADS1015, ADS1115, AnalogIn
from adafruit_ads1x15.ads1x15 import Mode

from qlmat.sim.ads1x15 import ChipTraits, VirtualAds1x15
from qlmat.sim.analog import FixedVolts
from qlmat.sim.clock import VirtualClock
from qlmat.sim.i2c import PI_BLINKA_S, VirtualI2C
from qlmat.sim.registers import Part

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


SCANS_PER_S = {  # (SCL in Hz, chips): measured with no software cost, and with 130 us a transfer; facts C.1
    (100_000, 1): (108.7, 84.7),
    (100_000, 2): (54.3, 42.4),
    (100_000, 4): (27.2, 21.2),
    (400_000, 1): (162.9, 144.9),
    (400_000, 2): (81.4, 72.5),
    (400_000, 4): (40.7, 36.2),
    (1_000_000, 1): (187.4, 157.0),
    (1_000_000, 2): (93.7, 78.5),
    (1_000_000, 4): (46.9, 39.3),
}


@pytest.mark.parametrize(("scl_hz", "chips"), SCANS_PER_S)
@pytest.mark.parametrize("column", [0, 1])
def test_scans_a_second_agree_with_the_published_table(scl_hz: int, chips: int, column: int) -> None:
    bus = VirtualI2C(VirtualClock(), scl_hz, software_s=(0.0, PI_BLINKA_S)[column])
    for address in range(0x48, 0x48 + chips):
        bus.attach(address, VirtualAds1x15(analog=FixedVolts(*VOLTS)))
    inputs = [
        AnalogIn(ads, channel)
        for ads in [ADS1115(bus, address=0x48 + k, gain=1, data_rate=860) for k in range(chips)]
        for channel in range(4)
    ]
    start_s = bus.clock.now_s()
    for _ in range(8):
        assert all(source.value > 0 for source in inputs)
    assert round(8 / (bus.clock.now_s() - start_s), 1) == SCANS_PER_S[scl_hz, chips][column]


@pytest.mark.parametrize(("part", "chips", "scans"), [(ADS1115, 1, 29.5), (ADS1115, 4, 7.4), (ADS1015, 1, 256)])
def test_scans_a_second_at_other_rates_agree_too(part: type, chips: int, scans: float) -> None:
    bus = VirtualI2C(VirtualClock(), 400_000, software_s=PI_BLINKA_S)
    name: Part = "ads1115" if part is ADS1115 else "ads1015"
    for address in range(0x48, 0x48 + chips):
        bus.attach(address, VirtualAds1x15(name, FixedVolts(*VOLTS)))
    rate = 128 if part is ADS1115 else 3300
    drivers = [part(bus, address=0x48 + k, gain=1, data_rate=rate) for k in range(chips)]
    start_s = bus.clock.now_s()
    for _ in range(4):
        assert all(AnalogIn(ads, channel).value > 0 for ads in drivers for channel in range(4))
    assert 4 / (bus.clock.now_s() - start_s) == pytest.approx(scans, abs=0.5 if scans > 100 else 0.05)


def test_continuous_mode_of_driver_3_0_5_reads_a_wrong_channel_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    chip = VirtualAds1x15(analog=FixedVolts(*VOLTS))
    bus = bus_with(chip)
    ads = ADS1115(bus, address=0x48, gain=1, data_rate=860, mode=Mode.CONTINUOUS)
    monkeypatch.setattr("adafruit_ads1x15.ads1x15.time.sleep", bus.clock.sleep)
    steps = [round(volts / 4.096 * 32768) for volts in VOLTS]
    assert all(AnalogIn(ads, channel).value != steps[channel] for _ in range(10) for channel in range(4))


def test_single_mode_never_delivers_another_channels_value_whatever_the_oscillator() -> None:
    for ratio in (0.9, 1.0, 1.1):
        chip = VirtualAds1x15(analog=FixedVolts(*VOLTS), traits=ChipTraits(oscillator_ratio=ratio))
        ads = ADS1115(bus_with(chip), address=0x48, gain=1, data_rate=860)
        for channel in (0, 1, 2, 3) * 5:
            assert AnalogIn(ads, channel).voltage == pytest.approx(VOLTS[channel], abs=1e-4)
            assert chip.delivered is not None
            assert chip.delivered.inputs == (channel, None)
