"""The home calibration on mats of random parts: what the bench measures on 200, here on a few."""

import pytest

from bench.calibration import TARGETS, run


@pytest.fixture(scope="module")
def figures() -> dict[str, dict[str, float]]:
    return run(count=8, uses=1, seed=3)  # fixed seed: 16 pads of parts spread by 20 %


def test_a_calibrated_mat_keeps_force_centre_and_drift_within_their_targets(
    figures: dict[str, dict[str, float]],
) -> None:
    ours = figures["calibrated"]
    assert {name: ours[name] for name in TARGETS if ours[name] > TARGETS[name]} == {}


def test_an_uncalibrated_mat_and_the_tutorials_recipe_miss_them(figures: dict[str, dict[str, float]]) -> None:
    for way in ("uncalibrated", "tutorial 10 kOhm", "tutorial, fitted"):
        assert figures[way]["force_error_p95"] > TARGETS["force_error_p95"]


def test_without_compensation_the_creep_shows(figures: dict[str, dict[str, float]]) -> None:
    assert figures["same, creep not taken off"]["drift_p95"] > 0.06


def test_the_figures_are_those_of_a_mat_used_at_once_unless_another_rest_is_asked_for(
    figures: dict[str, dict[str, float]],
) -> None:
    assert figures == run(count=8, uses=1, seed=3, rest_s=40.0)


def test_sensors_of_another_family_than_the_fitted_one_are_calibrated_almost_as_well() -> None:
    ours = run(count=8, uses=2, seed=3, kind="power-law")["calibrated"]
    assert ours["force_error_p95"] < 0.13
    assert ours["cop_error_p95_mm"] < 4.5
