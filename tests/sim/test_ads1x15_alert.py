"""The ALERT/RDY pin: conversion-ready levels and pulses, comparator, polarity, latch. Datasheet 9.3.7 to 9.3.9."""

import pytest

from qlmat.sim.ads1x15 import ChipTraits
from qlmat.sim.analog import FixedVolts
from tests.sim.chip_on_bus import Bench, bench

PERIOD_NS = 1_162_791
SINGLE_READY, CONTINUOUS_READY = 0xC3E0, 0x42E0  # comparator queue 00 switches the pin on
CONTINUOUS_QUEUE = {1: 0x42E0, 2: 0x42E1, 4: 0x42E2}


def ready(traits: ChipTraits | None = None) -> Bench:
    chip = bench(traits=traits)
    chip.write(3, 0x8000)
    chip.write(2, 0x0000)
    return chip


def level(chip: Bench) -> bool:
    return chip.chip.alert_high(chip.clock.now_ns())


def comparing(low_v: float, high_v: float, config: int, volts: float) -> tuple[Bench, FixedVolts]:
    analog = FixedVolts(volts)
    chip = bench(analog=analog)
    chip.write(2, round(low_v / 125e-6) & 0xFFFF)
    chip.write(3, round(high_v / 125e-6) & 0xFFFF)
    chip.write(1, config)
    return chip, analog


def after_conversions(chip: Bench, count: int) -> bool:
    chip.clock.advance_ns(count * PERIOD_NS)
    return level(chip)


def test_the_pin_is_released_after_power_up() -> None:
    assert level(bench()) is True


def test_in_single_shot_the_pin_asserts_at_the_end_and_stays_until_the_next_start() -> None:
    chip = ready()
    started_ns = chip.write(1, SINGLE_READY)
    chip.clock.sleep(0.01)
    assert level(chip) is False
    again_ns = chip.write(1, SINGLE_READY)
    chip.clock.sleep(0.01)
    level(chip)
    edges = [(edge.t_ns, edge.high) for edge in chip.chip.alert.history]
    end_ns = started_ns + 25_000 + PERIOD_NS
    assert edges == [(end_ns, False), (again_ns, True), (again_ns + 25_000 + PERIOD_NS, False)]


def test_a_pulse_in_single_shot_is_an_option() -> None:
    chip = ready(ChipTraits(ready_until_start=False))
    chip.write(1, SINGLE_READY)
    chip.clock.sleep(0.01)
    assert level(chip) is True
    assert len(chip.chip.alert.history) == 2


def test_in_continuous_mode_each_conversion_ends_with_a_pulse_of_8_us() -> None:
    chip = ready()
    started_ns = chip.write(1, CONTINUOUS_READY)
    chip.clock.sleep(0.0122)
    level(chip)
    edges = [(edge.t_ns - started_ns - 25_000, edge.high) for edge in chip.chip.alert.history]
    assert len(edges) == 20
    assert edges[::2] == [(n * PERIOD_NS, False) for n in range(1, 11)]
    assert edges[1::2] == [(n * PERIOD_NS + 8_000, True) for n in range(1, 11)]


def test_the_level_inside_and_after_a_pulse_is_known_later_too() -> None:
    chip = ready()
    end_ns = chip.write(1, CONTINUOUS_READY) + 25_000 + PERIOD_NS
    chip.clock.sleep(0.002)
    level(chip)
    pin = chip.chip.alert
    assert [pin.level(end_ns + d) for d in (-1, 0, 7_999, 8_000)] == [True, False, False, True]


def test_active_high_turns_the_ready_signal_round() -> None:
    chip = ready()
    chip.write(1, SINGLE_READY | 0x0008)
    assert level(chip) is False
    chip.clock.sleep(0.01)
    assert level(chip) is True


@pytest.mark.parametrize("config", [0xC3E3, 0xC3EB])
def test_with_the_comparator_off_the_pin_stays_released_whatever_the_polarity(config: int) -> None:
    chip = ready()
    chip.convert(config)
    assert level(chip) is True
    assert not chip.chip.alert.history


@pytest.mark.parametrize("queue", [1, 2, 4])
def test_the_comparator_asserts_after_as_many_conversions_as_its_queue(queue: int) -> None:
    chip, _ = comparing(1.0, 2.0, CONTINUOUS_QUEUE[queue], volts=2.5)
    chip.clock.advance_ns(25_000 + 10_000)
    assert [after_conversions(chip, 1) for _ in range(queue)] == [True] * (queue - 1) + [False]


def test_a_conversion_within_the_thresholds_starts_the_queue_again() -> None:
    chip, analog = comparing(1.0, 2.0, CONTINUOUS_QUEUE[2], volts=2.5)
    chip.clock.advance_ns(25_000 + 10_000)
    after_conversions(chip, 1)
    analog.volts[0] = 1.5
    after_conversions(chip, 1)
    analog.volts[0] = 2.5
    assert [after_conversions(chip, 1), after_conversions(chip, 1)] == [True, False]


def test_the_traditional_comparator_has_hysteresis_down_to_the_low_threshold() -> None:
    chip, analog = comparing(1.0, 2.0, 0x42E0, volts=2.5)
    chip.clock.advance_ns(25_000 + 10_000)
    levels = [after_conversions(chip, 1)]
    for volts in (1.5, 0.9, 1.5):
        analog.volts[0] = volts
        levels.append(after_conversions(chip, 1))
    assert levels == [False, False, True, True]


def test_the_window_comparator_asserts_outside_on_either_side() -> None:
    chip, analog = comparing(1.0, 2.0, 0x42F0, volts=0.5)
    chip.clock.advance_ns(25_000 + 10_000)
    levels = [after_conversions(chip, 1)]
    for volts in (1.5, 2.5):
        analog.volts[0] = volts
        levels.append(after_conversions(chip, 1))
    assert levels == [False, True, False]


def test_a_latched_alert_stays_until_the_result_is_read() -> None:
    chip, analog = comparing(1.0, 2.0, 0x42E4, volts=2.5)
    chip.clock.advance_ns(25_000 + 10_000)
    after_conversions(chip, 1)
    analog.volts[0] = 0.5
    assert after_conversions(chip, 3) is False
    chip.read(1)
    assert level(chip) is False
    chip.read(0)
    assert level(chip) is True


def test_a_reset_releases_the_pin() -> None:
    chip = ready()
    chip.write(1, SINGLE_READY)
    chip.clock.sleep(0.01)
    chip.bus.writeto(0x00, b"\x06")
    assert level(chip) is True
