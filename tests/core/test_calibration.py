"""Volts become newtons: ratiometric, never guessed, never less than what presses."""

from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qlmat.core.calibration import Calibration, Calibrator, Curve, nominal_calibration
from qlmat.core.model import Board, Chip, Frame, Sensor

SENSORS = tuple(Sensor(f"left_{i + 1}", "left", 0.0, 70.0, 0x48, i) for i in range(3))
BOARD = Board(chips=(Chip(0x48),), sensors=SENSORS)
NO_RAIL = Board(chips=(Chip(0x48, rail_input=None),), sensors=SENSORS)


def volts(newtons: float, rail_v: float = 3.3, curve: Curve = Curve()) -> float:
    """What the divider of 1 kOhm shows: the curve and the divider formula, forwards."""
    if newtons <= 0.0:
        return 0.0
    return rail_v * 1000.0 / (1000.0 + curve.scale_ohm_n / newtons + curve.floor_ohm)


def read(board: Board, values: list[float]) -> list[float]:
    newtons: list[float] = (
        Calibrator(board, nominal_calibration(board)).forces(Frame(0.0, np.array(values))).newtons.tolist()
    )
    return newtons


@given(st.floats(0.1, 380.0), st.floats(3.0, 3.6))
def test_the_force_that_pressed_is_the_force_that_is_read_at_any_plausible_rail(newtons: float, rail_v: float) -> None:
    read_n = read(BOARD, [volts(newtons, rail_v), 0.0, 0.0, rail_v])[0]
    assert read_n == pytest.approx(newtons, rel=1e-6)


def test_a_part_is_read_by_its_own_curve() -> None:
    curve = Curve(scale_ohm_n=12_000.0, floor_ohm=700.0)
    calibrator = Calibrator(BOARD, Calibration((curve, Curve(), Curve())))
    forces = calibrator.forces(Frame(0.0, np.array([volts(50.0, curve=curve), volts(50.0), 0.0, 3.3])))
    assert forces.newtons.tolist() == pytest.approx([50.0, 50.0, 0.0])


def test_the_break_force_is_added_back_and_comes_in_without_a_step() -> None:
    curve = Curve(break_n=0.6)
    assert curve.newtons(volts(50.0), 3.3, 1000.0) == pytest.approx(50.6)
    assert curve.newtons(volts(0.6 + 1e-9), 3.3, 1000.0) == pytest.approx(curve.newtons(volts(0.6 - 1e-9), 3.3, 1000.0))
    assert curve.newtons(0.0, 3.3, 1000.0) == 0.0


def test_an_absent_rail_counts_as_the_nominal_supply() -> None:
    assert read(BOARD, [volts(40.0), 0.0, 0.0, nan])[0] == pytest.approx(40.0)


def test_a_board_without_rail_inputs_uses_the_nominal_supply() -> None:
    assert read(NO_RAIL, [volts(40.0), 0.0, 0.0])[0] == pytest.approx(40.0)


@pytest.mark.parametrize("rail_v", [0.0, 2.96, 3.64, 5.0, -1.0])
def test_an_implausible_rail_makes_its_sensors_absent(rail_v: float) -> None:
    assert all(isnan(newtons) for newtons in read(BOARD, [1.0, 0.0, 2.0, rail_v]))


def test_an_absent_sensor_leaves_the_others_alone() -> None:
    first, second, third = read(BOARD, [nan, volts(20.0), volts(30.0), 3.3])
    assert isnan(first)
    assert (second, third) == pytest.approx((20.0, 30.0))


def test_beyond_its_range_a_sensor_reads_full_scale_and_never_nothing() -> None:
    assert read(BOARD, [volts(5_000.0), volts(399.0), 2.2, 3.3]) == pytest.approx([400.0, 399.0, 400.0])


def test_a_short_circuit_is_absent() -> None:
    assert isnan(read(BOARD, [3.29, 0.0, 0.0, 3.3])[0])


def test_slightly_less_than_ground_is_nothing() -> None:
    assert read(BOARD, [-0.001, 0.0, 0.0, 3.3])[0] == 0.0


def test_forces_cannot_be_changed_by_who_gets_them() -> None:
    forces = Calibrator(BOARD, nominal_calibration(BOARD)).forces(Frame(0.0, np.array([1.0, 1.0, 1.0, 3.3])))
    with pytest.raises(ValueError, match="read-only"):
        forces.newtons[0] = 1.0


def test_a_frame_of_another_board_is_refused() -> None:
    with pytest.raises(ValueError, match="3 channels on a board of 4"):
        Calibrator(BOARD, nominal_calibration(BOARD)).forces(Frame(0.0, np.zeros(3)))


def test_a_calibration_of_another_board_is_refused() -> None:
    with pytest.raises(ValueError, match="2 curves for 3 sensors"):
        Calibrator(BOARD, Calibration((Curve(), Curve())))
