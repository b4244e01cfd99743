"""When conversions start, end and what they average; what a start is worth. Datasheet 9.4.2 and the facts A.4, A.5."""

from itertools import pairwise
from math import cos, pi, sin

import pytest

from qlmat.sim.ads1x15 import ChipTraits, VirtualAds1x15
from qlmat.sim.analog import FixedVolts, FunctionVolts
from qlmat.sim.clock import VirtualClock
from qlmat.sim.i2c import VirtualI2C
from qlmat.sim.registers import Part
from tests.sim.chip_on_bus import VOLTS, Bench, bench

SINGLE_0, SINGLE_1, SINGLE_2 = 0xC3E3, 0xD3E3, 0xE3E3  # +-4.096 V, 860 SPS, comparator off
CONTINUOUS_0, CONTINUOUS_1 = 0x42E3, 0x52E3
PERIOD_NS = 1_162_791  # 1/860 s
CODES = [round(volts / 4.096 * 32768) for volts in VOLTS]


def busy(chip: Bench) -> bool:
    return not chip.read(1) & 0x8000


RATES = [
    ("ads1115", (8, 16, 32, 64, 128, 250, 475, 860)),
    ("ads1015", (128, 250, 490, 920, 1600, 2400, 3300, 3300)),
]


@pytest.mark.parametrize(
    ("part", "code", "rate_sps"), [(part, code, rate) for part, rates in RATES for code, rate in enumerate(rates)]
)
def test_a_conversion_lasts_one_period_of_its_rate_after_the_wake_up(part: Part, code: int, rate_sps: int) -> None:
    chip = bench(part)
    started_ns = chip.write(1, 0xC303 | code << 5)
    chip.clock.sleep(0.2)
    chip.read(0)
    done = chip.chip.truth[-1]
    assert done.start_ns == started_ns + 25_000
    assert done.end_ns - done.start_ns == pytest.approx(1e9 / rate_sps, abs=1)


@pytest.mark.parametrize("ratio", [0.9, 0.973, 1.1])
def test_the_chips_own_oscillator_sets_the_period(ratio: float) -> None:
    chip = bench(traits=ChipTraits(oscillator_ratio=ratio))
    chip.convert(SINGLE_0)
    done = chip.chip.truth[-1]
    assert done.end_ns - done.start_ns == pytest.approx(PERIOD_NS / ratio, abs=1)


@pytest.mark.parametrize("wakeup_s", [25e-6, 110e-6])
def test_the_wake_up_delays_the_conversion(wakeup_s: float) -> None:
    chip = bench(traits=ChipTraits(wakeup_s=wakeup_s))
    started_ns = chip.write(1, SINGLE_0)
    chip.until_ns(started_ns + round(wakeup_s * 1e9) + PERIOD_NS - 72_500 - 2_000)
    assert [busy(chip), busy(chip)] == [True, False]  # the second poll, 120 us later, comes after the end


@pytest.mark.parametrize("busy_in_wakeup", [True, False])
def test_whether_os_reads_busy_in_the_wake_up_is_a_trait(busy_in_wakeup: bool) -> None:
    chip = bench(traits=ChipTraits(busy_in_wakeup=busy_in_wakeup, wakeup_s=110e-6))
    chip.write(1, SINGLE_0)
    assert busy(chip) is busy_in_wakeup
    assert busy(chip)  # the next poll, 120 us later, comes after any wake-up


def test_writing_os_zero_in_power_down_starts_nothing() -> None:
    chip = bench()
    chip.write(1, SINGLE_1 & 0x7FFF)
    assert not busy(chip)
    chip.clock.sleep(0.01)
    assert (chip.read(0), chip.chip.conversions) == (0, 0)


def test_a_start_during_a_conversion_is_ignored_but_its_multiplexer_is_stored() -> None:
    chip = bench()
    chip.write(1, SINGLE_0)
    chip.write(1, SINGLE_1)
    assert chip.read(1) & 0x7000 == 0x5000
    chip.clock.sleep(0.01)
    assert chip.read(0) == CODES[0]
    assert not busy(chip)
    assert (chip.chip.conversions, chip.chip.ignored_starts) == (1, 1)


def test_a_running_conversion_finishes_with_its_old_rate_and_range() -> None:
    chip = bench()
    chip.write(1, SINGLE_0)
    chip.write(1, 0xC503)  # 8 SPS, +-2.048 V
    chip.clock.sleep(0.002)
    assert chip.read(0) == CODES[0]


def test_a_start_after_the_end_takes_effect_with_the_new_settings() -> None:
    chip = bench()
    assert [chip.convert(config) for config in (SINGLE_0, SINGLE_1, SINGLE_2)] == CODES[:3]
    assert chip.chip.ignored_starts == 0


def test_the_result_stays_readable_during_the_next_conversion() -> None:
    chip = bench()
    chip.convert(SINGLE_2)
    chip.write(1, SINGLE_1)
    assert chip.read(0) == CODES[2]


def test_ti_s_wait_rule_loses_starts_of_a_slow_chip_at_8_sps_and_the_exact_rule_none() -> None:
    for wait_s, lost in ((1.1 / 8 + 20e-6, 5), (1 / (0.9 * 8) + 35e-6, 0)):
        chip = bench(traits=ChipTraits(oscillator_ratio=0.9))
        for k in range(10):
            chip.write(1, 0xC303 | (k % 4) << 12)
            chip.clock.sleep(wait_s)
        assert chip.chip.ignored_starts == lost


def test_continuous_mode_converts_back_to_back_and_always_reads_busy() -> None:
    chip = bench()
    started_ns = chip.write(1, CONTINUOUS_0)
    for _ in range(5):
        chip.clock.sleep(0.0011)
        assert busy(chip)
    windows = [(done.start_ns, done.end_ns) for done in chip.chip.truth]
    assert windows[0][0] == started_ns + 25_000
    assert all(end == start for (_, end), (start, _) in pairwise(windows))


def test_continuous_mode_left_alone_for_a_minute_costs_no_work_and_gives_the_latest_value() -> None:
    chip = bench(analog=FunctionVolts(lambda pin, t_s: t_s / 100.0))
    chip.write(1, CONTINUOUS_0)
    chip.clock.sleep(60.0)
    assert chip.read(0) == pytest.approx(0.6 / 4.096 * 32768, abs=1)
    assert chip.chip.conversions == pytest.approx(60 * 860, abs=2)
    assert len(chip.chip.truth) <= 3


def test_a_new_multiplexer_in_continuous_mode_comes_after_the_running_conversion() -> None:
    chip = bench()
    started_ns = chip.write(1, CONTINUOUS_0)
    chip.until_ns(started_ns + 25_000 + PERIOD_NS + 500_000)
    chip.write(1, CONTINUOUS_1)
    codes = []
    for n in (2, 3):
        chip.until_ns(started_ns + 25_000 + n * PERIOD_NS + 10_000)
        codes.append(chip.read(0))
    assert codes == [CODES[0], CODES[1]]


def test_continuous_to_single_finishes_the_running_conversion_and_ignores_the_start() -> None:
    chip = bench()
    chip.write(1, CONTINUOUS_0)
    chip.clock.sleep(0.0005)
    chip.write(1, SINGLE_1)
    chip.clock.sleep(0.01)
    assert chip.read(0) == CODES[0]
    assert not busy(chip)
    assert chip.chip.ignored_starts == 1


def test_continuous_asked_for_during_a_single_conversion_begins_when_that_ends() -> None:
    chip = bench()
    chip.write(1, SINGLE_0)
    chip.write(1, CONTINUOUS_1)
    chip.clock.sleep(0.01)
    chip.read(0)
    first, second = list(chip.chip.truth)[:2]
    assert (first.inputs[0], second.inputs[0]) == (0, 1)
    assert second.start_ns >= first.end_ns


def test_a_conversion_is_the_mean_of_the_input_over_its_window() -> None:
    frequency_hz = 430.0  # half a period in one conversion
    chip = bench(analog=FunctionVolts(lambda pin, t_s: 1.5 + cos(2 * pi * frequency_hz * t_s), points=200))
    word = chip.convert(SINGLE_0)
    done = chip.chip.truth[-1]
    start_s, end_s = done.start_ns / 1e9, done.end_ns / 1e9
    sines = [sin(2 * pi * frequency_hz * t_s) for t_s in (start_s, end_s)]
    mean_v = 1.5 + (sines[1] - sines[0]) / (2 * pi * frequency_hz * (end_s - start_s))
    assert word * 125e-6 == pytest.approx(mean_v, abs=1e-4)


def test_the_middle_of_the_conversion_only_is_an_option() -> None:
    chip = bench(analog=FunctionVolts(lambda pin, t_s: 100.0 * t_s**2), traits=ChipTraits(sampling="middle"))
    word = chip.convert(0xC303)  # 8 SPS: a long window
    assert word * 125e-6 == pytest.approx(100.0 * chip.chip.truth[-1].middle_s ** 2, abs=1e-4)


def test_a_conversion_of_six_periods_averages_hum_away_and_one_of_a_twentieth_does_not() -> None:
    hum = FunctionVolts(lambda pin, t_s: 1.0 + 0.2 * cos(2 * pi * 48.0 * t_s), points=600)
    for config, spread in ((0xC303, 1), (0xC3E3, 2000)):  # 8 and 860 SPS
        chip = bench(analog=hum)
        codes = []
        for _ in range(12):
            codes.append(chip.convert(config))
            chip.clock.sleep(0.0037)
        assert (max(codes) - min(codes) > spread) is (config == 0xC3E3)


@pytest.mark.parametrize(("scl_hz", "channel"), [(62_500, 1), (100_000, 0), (400_000, 0)])
def test_start_then_read_of_a_3300_sps_chip_is_safe_above_97_khz_only(scl_hz: int, channel: int) -> None:
    fast = VirtualAds1x15("ads1015", FixedVolts(*VOLTS), ChipTraits(oscillator_ratio=1.1))
    bus = VirtualI2C(VirtualClock(), scl_hz)
    bus.attach(0x48, fast)
    bus.writeto(0x48, b"\x01\xc3\xe3")
    bus.clock.sleep(0.001)
    bus.transfer((0x48, b"\x01\xd3\xe3"), (0x48, b"\x00"), (0x48, 2))
    assert fast.delivered is not None
    assert fast.delivered.inputs[0] == channel


def test_the_truth_log_says_which_input_a_delivered_word_came_from() -> None:
    chip = bench()
    for config, channel in ((SINGLE_0, 0), (SINGLE_2, 2)):
        word = chip.convert(config)
        delivered = chip.chip.delivered
        assert delivered is not None
        assert (delivered.inputs, delivered.true_volts, delivered.word) == ((channel, None), VOLTS[channel], word)
