"""What bringing samples to one instant and averaging a tenth of a second remove: false motion, mains and motor.

All on the emulated mat: board v1, real sampler, 400 kHz. The truth is what the load says.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from qlmat.core.alignment import Aligner
from qlmat.core.calibration import Calibrator, nominal_calibration
from qlmat.core.hum import HumFilter
from qlmat.core.model import FloatArray, Frame
from qlmat.sim.signal import IDEAL, Imperfections
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.sampler import DEFAULT_RATE_HZ
from qlmat_firmware.simple import Ads1115Source
from tests.firmware.rocking import RockedMat, Rocking

SETTLED_S, RUN_S = 8.0, 20.0
Stage = Callable[[Frame], Frame]
CALIBRATOR = Calibrator(BOARD_V1, nominal_calibration(BOARD_V1))
PLACES_MM = np.array([[foot.x_mm, foot.y_mm] for foot in BOARD_V1.sensors[:3]])
HUM_V = 0.02  # ten times the usual pick-up, and no capacitor at the input: long, bare leads


class Lying(Rocking):
    """30 N on each foot of the left pad, and nothing moves."""

    def newtons(self, t_s: FloatArray) -> FloatArray:
        """Give (n, sensors) in N."""
        return np.where(np.arange(len(BOARD_V1.sensors)) < 3, 30.0, 0.0) * np.ones((len(t_s), 1))


class Rolling(Rocking):
    """90 N that never changes, rolled from side to side: only x moves, y is nought."""

    def newtons(self, t_s: FloatArray) -> FloatArray:
        """Give (n, sensors) in N."""
        shares = 1 + 2 * self.x_mm(t_s)[:, None] * PLACES_MM[:, 0] / 70.0**2
        return np.concatenate([30.0 * shares, np.zeros((len(t_s), 3))], axis=1)


def _track(mat: RockedMat, *stages: Stage) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Scan until it has settled, then on; return times, total force and centre of pressure (n, 2) of the left pad."""
    times_s, forces_n = [], []
    for frame in mat.frames(RUN_S):
        for stage in stages:
            frame = stage(frame)  # noqa: PLW2901 - a frame goes through its stages
        if frame.t_s > SETTLED_S:
            times_s.append(frame.t_s)
            forces_n.append(CALIBRATOR.forces(frame).newtons[:3])
    newtons = np.array(forces_n)
    total_n = newtons.sum(axis=1)
    return np.array(times_s), total_n, newtons @ PLACES_MM / total_n[:, None]


def false_motion() -> list[dict[str, Any]]:
    """Roll at 40 a minute with 25 mm of swing; what moves in y, and how far x is off, is false."""
    rows = []
    for name, one_by_one in (("Adafruit driver, 50 scans/s", True), (f"ours, {DEFAULT_RATE_HZ:g} scans/s", False)):
        for samples, stages in (("as sampled", []), ("at one instant", [Aligner().step])):
            load = Rolling(cpm=40.0, swing_mm=25.0)
            mat = RockedMat(load, (), IDEAL)
            if one_by_one:
                mat.source = Ads1115Source(BOARD_V1, mat.mat.i2c, mat.clock, 50.0)
            times_s, total_n, centre_mm = _track(mat, *stages)
            rows.append(
                {
                    "sampling": name,
                    "samples": samples,
                    "false_y_mm": _swing(centre_mm[:, 1]),
                    "false_force_n": _swing(total_n),
                    "x_error_mm": round(float(np.abs(centre_mm[:, 0] - load.x_mm(times_s)).max()), 3),
                }
            )
    return rows


def _swing(values: FloatArray) -> float:
    return round(float(np.ptp(values)), 3)


def _disturbed(how: Imperfections, motor: bool, rate_hz: float, hum: bool) -> dict[str, Any]:
    mat = RockedMat(Lying(), (), how, rate_hz)
    mat.mat.motor_running = lambda: motor
    _, total_n, centre_mm = _track(mat, Aligner().step, *([HumFilter().step] if hum else []))
    return {
        "force_swing_n": _swing(total_n),
        "force_error_n": round(float(abs(total_n.mean() - 90.0)), 3),
        "cop_swing_mm": _swing(centre_mm[:, 0]),
    }


def disturbances() -> list[dict[str, Any]]:
    """Let somebody lie still, with mains at the leads or the motor running, before and after the mean over 0.1 s."""
    mains = partial(replace, IDEAL, mains_v=HUM_V)
    motor = partial(replace, IDEAL, motor_ratio=0.05, filter_farad=10e-6)
    cases = [(f"mains {hz} Hz", mains(mains_hz=float(hz)), False) for hz in (50, 60)]
    cases += [(f"motor {hz} Hz", motor(motor_hz=float(hz)), True) for hz in (150, 175, 200)]
    rows = []
    for rate_hz in (50.0, DEFAULT_RATE_HZ):
        for name, how, runs in cases:
            before, after = (_disturbed(how, runs, rate_hz, hum) for hum in (False, True))
            row: dict[str, Any] = {"scans_per_s": rate_hz, "disturbed_by": name}
            row |= {f"{key}_before": value for key, value in before.items()}
            rows.append(row | {f"{key}_after": value for key, value in after.items()})
    return rows
