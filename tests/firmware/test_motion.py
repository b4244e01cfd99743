"""Samples at one instant and a mean over a tenth of a second, through chips and sampler: before and after."""

from typing import Any

import pytest

from bench.sampling_motion import disturbances, false_motion


@pytest.fixture(scope="module")
def disturbed() -> dict[tuple[float, str], dict[str, Any]]:
    return {(row["scans_per_s"], row["disturbed_by"]): row for row in disturbances()}


def test_bringing_samples_to_one_instant_removes_false_motion_at_40_a_minute() -> None:
    adafruit_raw, adafruit_aligned, raw, aligned = false_motion()
    assert raw["x_error_mm"] > 0.3
    assert aligned["x_error_mm"] < raw["x_error_mm"] / 10
    assert aligned["false_y_mm"] < raw["false_y_mm"] / 5
    assert adafruit_aligned["x_error_mm"] < adafruit_raw["x_error_mm"] / 10


@pytest.mark.parametrize("name", ["mains 50 Hz", "mains 60 Hz"])
def test_mains_at_bare_leads_is_seen_before_and_gone_after(
    disturbed: dict[tuple[float, str], dict[str, Any]], name: str
) -> None:
    row = disturbed[70.0, name]
    assert row["force_swing_n_before"] > 1.0
    assert row["force_swing_n_after"] < 0.05
    assert row["force_error_n_after"] < 0.05


def test_at_fifty_scans_a_second_mains_would_be_a_force_that_no_mean_removes(
    disturbed: dict[tuple[float, str], dict[str, Any]],
) -> None:
    assert disturbed[50.0, "mains 50 Hz"]["force_error_n_after"] > 0.5


@pytest.mark.parametrize("name", ["motor 150 Hz", "motor 175 Hz", "motor 200 Hz"])
def test_the_motor_moves_neither_force_nor_centre(
    disturbed: dict[tuple[float, str], dict[str, Any]], name: str
) -> None:
    row = disturbed[70.0, name]
    assert row["cop_swing_mm_before"] > 0.1
    assert row["cop_swing_mm_after"] < 0.05
    assert row["force_swing_n_after"] < 0.05
