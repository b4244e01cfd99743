"""Lag is taken out of forces: what a sensor shows on the way up and down becomes one force again."""

from math import isnan, nan

import numpy as np
import pytest

from qlmat.core.calibration import Calibration, Curve
from qlmat.core.lag import LagCompensator
from qlmat.core.model import Board, Chip, Forces, Frame, Sensor
from qlmat.core.pipeline import Pipeline
from qlmat.core.plan import Plan
from qlmat.sim.fsr import FsrBank, Parts

LAGGING = Parts(play_n=20.0, play_ratio=0.15, curve=lambda newtons: newtons)
T_S = np.arange(0.0, 60.0, 0.1)
ROCKED_N = np.abs(60.0 * np.minimum(T_S / 5.0, 1.0) + 25.0 * np.sin(2 * np.pi * 0.2 * T_S) + 10.0 * np.sin(0.9 * T_S))


def shown(newtons: np.ndarray) -> list[float]:
    """Let the emulated sensor show what it does with a linear curve, so that lag alone is left."""
    return [float(each) for each in FsrBank(1, LAGGING, 0.1).block(newtons[:, None])[:, 0]]


def pressed(stage: LagCompensator, readings: list[float]) -> np.ndarray:
    return np.array([stage.pressed(np.array([each]))[0] for each in readings])


def test_rocking_comes_back_as_it_was() -> None:
    assert np.abs(np.array(shown(ROCKED_N)) - ROCKED_N).max() > 2.5
    assert pressed(LagCompensator((0.15,), (20.0,)), shown(ROCKED_N)) == pytest.approx(ROCKED_N, abs=1e-9)


def test_a_lag_that_was_measured_a_third_wrong_is_still_better_than_none() -> None:
    read = shown(ROCKED_N)
    without = np.abs(np.array(read) - ROCKED_N)[100:].mean()
    for ratio, reach_n in ((0.1, 20.0), (0.2, 20.0), (0.15, 13.0), (0.15, 27.0)):
        assert np.abs(pressed(LagCompensator((ratio,), (reach_n,)), read) - ROCKED_N)[100:].mean() < 0.6 * without


def test_an_emptied_sensor_reads_empty() -> None:
    assert pressed(LagCompensator((0.15,), (20.0,)), shown(np.array([0.0, 80.0, 0.0])))[-1] == 0.0


def test_an_absent_reading_stays_absent_and_moves_nothing() -> None:
    stage, unharmed = LagCompensator((0.15, 0.15), (20.0, 20.0)), LagCompensator((0.15, 0.15), (20.0, 20.0))
    for each in (stage, unharmed):
        each.pressed(np.array([70.0, 70.0]))
    assert isnan(stage.pressed(np.array([nan, 60.0]))[0])
    unharmed.pressed(np.array([70.0, 60.0]))
    assert stage.pressed(np.array([66.0, 50.0])).tolist() == unharmed.pressed(np.array([66.0, 50.0])).tolist()


def test_after_a_reset_the_past_is_forgotten() -> None:
    stage = LagCompensator((0.15,), (20.0,))
    first = stage.pressed(np.array([50.0]))
    stage.pressed(np.array([90.0]))
    assert stage.pressed(np.array([50.0])) != first
    stage.reset()
    assert stage.pressed(np.array([50.0])) == first


def test_sensors_nobody_measured_pass_unchanged() -> None:
    forces = Forces(0.0, np.array([1.0, nan]))
    assert LagCompensator((0.0, 0.0), (0.0, 0.0)).step(forces) is forces


def test_a_frame_of_another_board_is_refused() -> None:
    with pytest.raises(ValueError, match="check the board"):
        LagCompensator((0.1,), (20.0,)).step(Forces(0.0, np.zeros(2)))


def test_a_calibrated_mat_shows_one_force_on_the_way_up_and_down() -> None:
    board = Board(chips=(Chip(0x48),), sensors=(Sensor("left_1", "left", 0.0, 0.0, 0x48, 0),))
    staircase_n = np.repeat([0.0, 20.0, 60.0, 120.0, 60.0], 30)
    apart = {}
    for ratio in (0.0, 0.15):
        mat = Pipeline(board, Calibration((Curve(lag_ratio=ratio, lag_n=20.0),)), Plan())
        read = []
        for k, newtons in enumerate(shown(staircase_n)):
            volts = newtons * 3.3 / (newtons * 1.5 + 16.96)  # 1 kOhm under R = 16.96 kOhm N / F + 0.5 kOhm
            read.append(mat.push(Frame(0.1 * k, np.array([volts, 3.3]))).contacts.left.force_n or 0.0)
        apart[ratio] = read[149] / read[89] - 1.0
    assert apart[0.0] > 0.08
    assert abs(apart[0.15]) < 0.01
