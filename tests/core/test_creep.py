"""Creep is taken out of forces, whatever the frame rate, and does no harm to what moves."""

from math import inf, isnan, log10, nan

import numpy as np
import pytest

from qlmat.core.calibration import Calibration, Curve
from qlmat.core.creep import CREEP_TAU_S, Creep, CreepCompensator
from qlmat.core.model import Board, Chip, Forces, Frame, Sensor
from qlmat.core.pipeline import Pipeline
from qlmat.core.plan import Plan
from qlmat.sim.fsr import CREEP_TAU_S as TAU_OF_EMULATOR_S
from qlmat.sim.fsr import FsrBank, Parts

CREEPING = Parts(creep_per_decade=0.06, curve=lambda newtons: newtons)


def shown(newtons: list[float], step_s: float) -> list[float]:
    """Let the emulated sensor show what it does with a linear curve, so that creep alone is left."""
    return [float(each) for each in FsrBank(1, CREEPING, step_s).block(np.array(newtons)[:, None])[:, 0]]


@pytest.mark.parametrize("rate_hz", [10, 50, 200])
def test_a_constant_load_reads_constant_at_any_frame_rate(rate_hz: int) -> None:
    creep = Creep(0.06)
    pressed = [creep.step(k / rate_hz, n) for k, n in enumerate(shown([100.0] * 120 * rate_hz, 1 / rate_hz))]
    assert max(pressed[rate_hz:]) / min(pressed[rate_hz:]) < 1.005


def test_an_emptied_sensor_reads_empty() -> None:
    creep = Creep(0.06)
    readings = shown([100.0] * 1200 + [1.0] * 50, 0.1)
    assert creep.step(0.0, readings[0]) == pytest.approx(100.0, rel=0.01)
    pressed = [creep.step(0.1 * k, n) for k, n in enumerate(readings)]
    assert pressed[-1] == pytest.approx(1.0, abs=0.05)


def test_rocking_keeps_its_swing() -> None:
    t_s = np.arange(0, 60, 0.02)
    truth = 80 + 20 * np.sin(2 * np.pi * 0.2 * t_s)
    creep = Creep(0.06)
    pressed = np.array([creep.step(t, n) for t, n in zip(t_s, shown(truth.tolist(), 0.02), strict=True)])
    assert np.abs(pressed / truth - 1)[50:].max() < 0.01


def test_a_gap_of_an_hour_upsets_nothing() -> None:
    creep = Creep(0.06)
    creep.step(0.0, 50.0)
    creep.step(1.0, 50.0)
    assert creep.step(3600.0, 50.0 * (1 + 0.06 * log10(3601))) == pytest.approx(50.0, rel=0.25)
    assert creep.step(3600.1, 0.0) == 0.0


def test_an_absent_reading_stays_absent_and_is_forgotten() -> None:
    creep, unharmed = Creep(0.06), Creep(0.06)
    for k in range(100):
        creep.step(k * 0.1, 60.0)
        unharmed.step(k * 0.1, 60.0)
    assert isnan(creep.step(10.0, nan))
    assert creep.step(10.1, 60.0) == pytest.approx(unharmed.step(10.1, 60.0), rel=1e-3)


def test_a_sensor_without_a_figure_passes_unchanged() -> None:
    forces = Forces(0.0, np.array([1.0, nan]))
    assert CreepCompensator((0.0, 0.0)).step(forces) is forces


def test_an_impossible_stamp_changes_nothing() -> None:
    stage = CreepCompensator((0.06,))
    for t_s in (0.0, inf, nan, 1.0, 2.0):
        pressed = stage.step(Forces(t_s, np.array([50.0])))
    assert 40.0 < pressed.newtons[0] < 50.0


def test_a_frame_of_another_board_is_refused() -> None:
    with pytest.raises(ValueError, match="argument"):
        CreepCompensator((0.06,)).step(Forces(0.0, np.zeros(2)))


def test_the_time_constants_are_those_of_the_emulated_sensor() -> None:
    assert pytest.approx(list(CREEP_TAU_S)) == TAU_OF_EMULATOR_S.tolist()


def test_a_calibrated_mat_shows_a_resting_ball_at_one_force() -> None:
    board = Board(chips=(Chip(0x48),), sensors=(Sensor("left_1", "left", 0.0, 0.0, 0x48, 0),))
    shares = {}
    for per_decade in (0.0, 0.06):
        mat = Pipeline(board, Calibration((Curve(creep_per_decade=per_decade),)), Plan())
        forces = []
        for second in range(130):
            newtons = 90.0 * (1 + 0.06 * log10(1 + second - 9)) if second >= 10 else 0.0
            volts = newtons * 3.3 / (newtons * 1.5 + 16.96)  # 1 kOhm under R = 16.96 kOhm N / F + 0.5 kOhm
            forces.append(mat.push(Frame(float(second), np.array([volts, 3.3]))).contacts.left.force_n or 0.0)
        shares[per_decade] = forces[-1] / forces[12]
    assert shares[0.0] > 1.08
    assert shares[0.06] == pytest.approx(1.0, abs=0.02)
