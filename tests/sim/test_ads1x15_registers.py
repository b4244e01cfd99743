"""Registers of the chips, byte for byte as in SBAS444D and SBAS473E; every expected number is typed in here."""

import numpy as np
import pytest

from qlmat.sim.ads1x15 import ChipTraits
from qlmat.sim.analog import FixedVolts
from qlmat.sim.registers import Part
from tests.sim.chip_on_bus import bench

PARTS: tuple[Part, ...] = ("ads1115", "ads1015")


@pytest.mark.parametrize("part", PARTS)
def test_after_power_up_the_registers_read_their_reset_values(part: Part) -> None:
    chip = bench(part)
    assert [chip.read(register) for register in range(4)] == [0x0000, 0x8583, 0x8000, 0x7FFF]


def test_the_conversion_register_stays_zero_until_the_first_conversion_ends() -> None:
    chip = bench()
    started_ns = chip.write(1, 0xC3E3)
    chip.until_ns(started_ns + 25_000 + 1_162_791 - 72_500 - 1_000)  # a read takes its snapshot 72.5 us in
    assert chip.read(0) == 0
    assert chip.read(0) == round(0.5 / 4.096 * 32768)


def test_the_pointer_is_on_the_conversion_register_after_power_up() -> None:
    assert bench().bare_read() == 0


def test_the_pointer_stays_where_it_was_for_repeated_reads() -> None:
    chip = bench()
    chip.point(3)
    assert [chip.bare_read(), chip.bare_read()] == [0x7FFF, 0x7FFF]


def test_after_a_configuration_write_a_bare_read_returns_the_configuration() -> None:
    chip = bench()
    chip.write(1, 0x4583)
    assert chip.bare_read() == 0xC583


def test_only_the_two_low_bits_of_the_pointer_count() -> None:
    chip = bench()
    chip.point(0xFD)
    assert chip.bare_read() == 0x8583


@pytest.mark.parametrize("word", [0x0583, 0x7FFF, 0x4123, 0x0183])
def test_the_configuration_reads_back_as_written_with_os_set_while_idle(word: int) -> None:
    chip = bench()
    chip.write(1, word | 0x0100)
    assert chip.read(1) == word | 0x8100


@pytest.mark.parametrize(("part", "low", "high"), [("ads1115", 0x1234, 0x5678), ("ads1015", 0x1230, 0x567F)])
def test_thresholds_read_back_as_the_chip_keeps_them(part: Part, low: int, high: int) -> None:
    chip = bench(part)
    chip.write(2, 0x1234)
    chip.write(3, 0x5678)
    assert (chip.read(2), chip.read(3)) == (low, high)


def test_the_conversion_register_cannot_be_written() -> None:
    chip = bench()
    chip.write(0, 0x1234)
    assert chip.read(0) == 0


def test_a_register_of_which_only_one_byte_came_keeps_its_value() -> None:
    chip = bench()
    chip.bus.writeto(0x48, b"\x02\x12")
    assert chip.bare_read() == 0x8000


def test_one_byte_read_gives_the_high_byte_and_a_third_is_not_driven() -> None:
    chip = bench()
    chip.point(1)
    one, three = bytearray(1), bytearray(3)
    chip.bus.readfrom_into(0x48, one)
    chip.bus.readfrom_into(0x48, three)
    assert (one.hex(), three.hex()) == ("85", "8583ff")


@pytest.mark.parametrize(
    ("mux", "volts"),
    [(0, -0.5), (1, -1.5), (2, -1.0), (3, -0.5), (4, 0.5), (5, 1.0), (6, 1.5), (7, 2.0)],
)
def test_the_multiplexer_compares_the_inputs_of_the_table(mux: int, volts: float) -> None:
    word = bench().convert(0x83E3 | mux << 12)
    assert word == round(volts / 4.096 * 32768) & 0xFFFF


@pytest.mark.parametrize(
    ("code", "microvolts"),
    [(0, 187.5), (1, 125.0), (2, 62.5), (3, 31.25), (4, 15.625), (5, 7.8125), (6, 7.8125), (7, 7.8125)],
)
def test_the_amplifier_sets_the_size_of_a_step(code: int, microvolts: float) -> None:
    chip = bench(analog=FixedVolts(0.1))
    assert chip.convert(0xC1E3 | code << 9) == round(0.1 / (microvolts * 1e-6))


@pytest.mark.parametrize(("code", "millivolts"), [(0, 3.0), (1, 2.0), (2, 1.0), (3, 0.5), (4, 0.25), (5, 0.125)])
def test_the_twelve_bit_part_gives_left_justified_steps(code: int, millivolts: float) -> None:
    word = bench("ads1015", FixedVolts(0.1)).convert(0xC1E3 | code << 9)
    assert word == round(0.1 / (millivolts * 1e-3)) << 4


@pytest.mark.parametrize("part", PARTS)
def test_beyond_full_scale_the_code_stays_at_the_end(part: Part) -> None:
    top = 0x7FFF if part == "ads1115" else 0x7FF0
    assert bench(part, FixedVolts(1.0)).convert(0xC5E3 | 0x0A00) == top  # +-0.256 V
    assert bench(part, FixedVolts(0.0, 1.0)).convert(0x85E3 | 0x0A00) == 0x8000  # input 0 minus input 1


def test_the_input_protection_holds_the_pin_to_three_tenths_of_a_volt_beyond_the_supply() -> None:
    assert bench(analog=FixedVolts(5.0)).convert(0xC3E3) == round(3.6 / 4.096 * 32768)
    assert bench(analog=FixedVolts(-2.0)).convert(0xC3E3) == round(-0.3 / 4.096 * 32768) & 0xFFFF


def test_at_3_3_volts_the_code_is_26400() -> None:
    assert bench(analog=FixedVolts(3.3)).convert(0xC3E3) == 26400


@pytest.mark.parametrize(
    ("code", "source_ohm", "lost_percent"),
    [(1, 10e3, 0.17), (1, 30e3, 0.50), (1, 50e3, 0.83), (1, 100e3, 1.64), (0, 100e3, 0.99), (3, 100e3, 3.23)],
)
def test_the_inputs_load_their_source(code: int, source_ohm: float, lost_percent: float) -> None:
    settings = 0xC1E3 | code << 9
    ideal = bench(analog=FixedVolts(1.0)).convert(settings)
    loaded = bench(analog=FixedVolts(1.0, source_ohm=source_ohm)).convert(settings)
    assert 100.0 * (1.0 - loaded / ideal) == pytest.approx(lost_percent, abs=0.02)


def test_a_differential_pair_loads_both_its_sources() -> None:
    volts = FixedVolts(1.5, 0.5, source_ohm=50e3)
    assert bench(analog=volts).convert(0x83E3) == round(15e6 / 15.1e6 / 4.096 * 32768)


def test_offset_and_gain_error_shift_and_stretch_the_code() -> None:
    traits = ChipTraits(offset_lsb=-2.6, gain_ratio=1.001)
    assert bench(traits=traits).convert(0xC3E3) == round(4000 * 1.001 - 2.6)
    assert bench(traits=traits, analog=FixedVolts(0.0)).convert(0xC3E3) == -3 & 0xFFFF


def test_noise_has_the_size_asked_for_at_the_fastest_rate_and_less_below() -> None:
    traits = ChipTraits(noise_lsb=4.0)
    for config, sigma in ((0xC3E3, 4.0), (0xC383, 4.0 * (128 / 860) ** 0.5)):
        chip = bench(traits=traits, rng=np.random.default_rng(29))  # fixed seed: a sample of 1500
        codes = [chip.convert(config) for _ in range(1500)]
        assert np.std(codes) == pytest.approx(sigma, rel=0.07)
        assert np.mean(codes) == pytest.approx(4000, abs=0.5)


def test_drawn_chips_stay_within_the_data_sheet() -> None:
    chips = [ChipTraits.drawn(np.random.default_rng(seed)) for seed in range(300)]  # fixed seeds: 300 chips
    assert 0.9 <= min(c.oscillator_ratio for c in chips) < 0.92
    assert 1.08 < max(c.oscillator_ratio for c in chips) <= 1.1
    assert max(abs(c.offset_lsb) for c in chips) <= 3.0
    assert max(abs(c.gain_ratio - 1.0) for c in chips) <= 0.0015


def test_noise_without_a_generator_is_refused() -> None:
    with pytest.raises(ValueError, match="rng"):
        bench(traits=ChipTraits(noise_lsb=1.0))
