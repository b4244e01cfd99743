"""The force-sensitive resistor obeys the published formulas, one at a time."""

import numpy as np
import pytest

from qlmat.sim.fsr import FsrBank, Parts, hyperbola, power_law

STEP_S = 1 / 250


def bank(parts: Parts, count: int = 1, rng: np.random.Generator | None = None) -> FsrBank:
    return FsrBank(count, parts, STEP_S, rng)


def held(newtons: float, seconds: float) -> np.ndarray:
    return np.full((round(seconds / STEP_S), 1), newtons)


def test_the_ideal_part_is_the_published_hyperbola() -> None:
    force_n = np.array([[10.0], [33.92], [100.0]])
    assert 1.0 / bank(Parts()).block(force_n)[:, 0] == pytest.approx(16_960 / force_n[:, 0] + 500.0)


def test_the_power_law_gives_the_catalogue_resistance_at_one_kilogram() -> None:
    ohms = 1.0 / power_law(np.array([9.80665]))
    assert ohms[0] == pytest.approx(1000.0 * 10**2.466 * 1000**-0.81)


def test_nothing_conducts_below_the_break_force() -> None:
    siemens = bank(Parts(break_n=0.6)).block(np.array([[0.0], [0.59], [5.6]]))[:, 0]
    assert siemens[:2].tolist() == [0.0, 0.0]
    assert siemens[2] == pytest.approx(hyperbola(np.array(5.0)))


def test_the_hysteresis_loop_is_twice_play_times_ratio_high_and_higher_on_the_way_down() -> None:
    up_down = np.concatenate([np.linspace(0, 100, 400), np.linspace(100, 20, 300), np.linspace(20, 100, 300)])[:, None]
    parts = Parts(play_n=20.0, play_ratio=0.4, curve=lambda newtons: newtons)
    felt = bank(parts).block(up_down)[:, 0]
    down_n = np.interp(-60.0, -up_down[400:700, 0], felt[400:700])
    up_n = np.interp(60.0, up_down[700:, 0], felt[700:])
    assert down_n - up_n == pytest.approx(16.0, abs=0.3)


def test_a_part_without_load_conducts_nothing_even_after_a_long_load() -> None:
    parts = Parts(play_ratio=0.2, creep_per_decade=0.06)
    sensor = bank(parts)
    sensor.block(held(50.0, 60.0))
    assert sensor.block(held(0.0, 1.0)).tolist() == held(0.0, 1.0).tolist()


@pytest.mark.parametrize("seconds", [10.0, 30.0, 120.0])
def test_at_constant_force_creep_follows_the_logarithm_of_time(seconds: float) -> None:
    parts = Parts(creep_per_decade=0.05, curve=lambda newtons: newtons)
    sensor = bank(parts)
    for _ in range(round(seconds / 0.5)):
        felt = sensor.block(held(40.0, 0.5))
    assert felt[-1, 0] / 40.0 - 1.0 == pytest.approx(0.05 * np.log10(1.0 + seconds), rel=0.05)


def test_blocks_of_any_length_give_what_one_block_gives() -> None:
    rng = np.random.default_rng(3)  # fixed seed: any load will do
    force_n = np.abs(np.cumsum(rng.normal(0, 2, (250, 2)), axis=0)) + 5.0
    parts = Parts(play_ratio=0.2, creep_per_decade=0.05, per_degree=0.003, exponent=0.97)
    whole = bank(parts, 2).block(force_n)
    pieces = bank(parts, 2)
    assert np.concatenate([pieces.block(row) for row in np.array_split(force_n, 60)]) == pytest.approx(whole)


def test_parts_of_one_batch_spread_by_six_percent_and_of_mixed_batches_by_more() -> None:
    for spread in (0.06, 0.18):
        parts = Parts.drawn(4000, np.random.default_rng(5), spread)  # fixed seed: a sample of 4000
        assert np.std(np.log(parts.gain_ratio)) == pytest.approx(spread, rel=0.05)


def test_noise_is_half_a_percent_of_the_reading() -> None:
    parts = Parts(noise_ratio=0.005)
    siemens = bank(parts, rng=np.random.default_rng(7)).block(held(30.0, 20.0))  # fixed seed: 5000 points
    assert np.std(siemens) / np.mean(siemens) == pytest.approx(0.005, rel=0.05)


def test_noise_without_a_generator_is_refused() -> None:
    with pytest.raises(ValueError, match="rng"):
        bank(Parts(noise_ratio=0.005))
