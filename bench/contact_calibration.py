"""Calibrate the sensors of `bench.contact` as at home, under the very disturbances it measures contact under.

Ten bottles at seven places and one long stand, put 2 mm beside the marks, by the steps of `qlmat calibrate`; the same
sensors creep, warm, glow, hiss and spike in every reading. `fit_pad` is given those readings and nothing else.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bench.calibration_mats import PUT_SD_MM, READ_S
from bench.contact_records import RATE_HZ, Record, disturbed
from qlmat.cli.calibrate_steps import Step, home_steps
from qlmat.core.calibration import PIVOT_N, Curve
from qlmat.core.creep import CreepCompensator
from qlmat.core.fitting import PadFit, fit_pad
from qlmat.core.lag import LagCompensator
from qlmat.core.model import SIDES, Board, FloatArray, Forces, Sensor
from qlmat.core.placements import Placement, reading, shares

HANDLING_S = 3.0  # to move a stack, as in bench/calibration.py


def fitted(board: Board, record: Record, rng: np.random.Generator) -> tuple[PadFit, PadFit]:
    """Calibrate both pads with the sensors of a record; give what was found."""
    left, right = (_pad(board, record, pad, rng) for pad in range(len(SIDES)))
    return left, right


def compensated(record: Record, fits: Sequence[PadFit]) -> Record:
    """Send a record through the stages between calibration and contact, as `Pipeline` does: creep, then lag."""
    curves = [curve for fit in fits for curve in fit.curves]
    creep = CreepCompensator(tuple(curve.creep_per_decade for curve in curves))
    lag = LagCompensator(tuple(curve.lag_ratio for curve in curves), tuple(curve.lag_n for curve in curves))
    frames = zip(record.t_s.tolist(), record.newtons, strict=True)
    return replace(record, newtons=np.array([lag.step(creep.step(Forces(t_s, row))).newtons for t_s, row in frames]))


def weighed(record: Record, fits: Sequence[PadFit]) -> Record:
    """Read a record by the fitted curves as well, where it else shows newtons that are exact but for disturbances."""
    curves = [curve for fit in fits for curve in fit.curves]
    scale, floor, bend = np.array([(curve.scale_ohm_n, curve.floor_ohm, curve.exponent) for curve in curves]).T
    siemens = _siemens(record.newtons)
    shaped_n = scale * siemens / np.maximum(1.0 - floor * siemens, 1e-9)
    return replace(record, newtons=np.minimum(PIVOT_N * (shaped_n / PIVOT_N) ** (1.0 / bend), Curve().full_scale_n))


def placed(board: Board, fits: Sequence[PadFit]) -> Board:
    """Put the feet of a board where they were found to be."""
    feet_mm = [foot_mm for fit in fits for foot_mm in fit.feet_mm]
    sensors = [replace(each, x_mm=x, y_mm=y) for each, (x, y) in zip(board.sensors, feet_mm, strict=True)]
    return replace(board, sensors=tuple(sensors))


def _pad(board: Board, record: Record, pad: int, rng: np.random.Generator) -> PadFit:
    indices = [index for index, sensor in enumerate(board.sensors) if sensor.side == SIDES[pad]]
    feet = [board.sensors[index] for index in indices]
    steps = home_steps(feet)
    lasts_s = [step.lasts_s + (HANDLING_S if step.kind in ("weigh", "empty") else 0.0) for step in steps]
    ends_s = np.cumsum(lasts_s)
    counts = np.diff(np.round(ends_s * RATE_HZ).astype(int), prepend=0)
    on_feet_n = np.repeat(_pressed_n(feet, steps, rng), counts, axis=0)
    creep = record.creep_per_decade[indices].tolist()
    shown_n = np.array([disturbed(load_n, decade, rng) for load_n, decade in zip(on_feet_n.T, creep, strict=True)])
    siemens = _siemens(shown_n.T)
    spans = zip(steps, (ends_s - lasts_s).tolist(), ends_s.tolist(), strict=True)
    return fit_pad(feet, [_noted(step, begin_s, end_s, siemens) for step, begin_s, end_s in spans])


def _pressed_n(feet: Sequence[Sensor], steps: Sequence[Step], rng: np.random.Generator) -> FloatArray:
    """Put every weight as a person does, beside its mark: (steps, feet) in N."""
    feet_mm = np.array([[foot.x_mm, foot.y_mm] for foot in feet])
    force_n = np.maximum([rng.normal(step.force_n, step.force_sd_n if step.force_n else 0.0) for step in steps], 0.0)
    visit = np.cumsum([step.force_n == 0.0 for step in steps])
    beside_mm = rng.normal(0.0, PUT_SD_MM, (int(visit[-1]) + 1, 2))[visit]
    places_mm = np.array([[step.x_mm, step.y_mm] for step in steps]) + beside_mm
    return np.asarray(force_n[:, None] * shares(feet_mm, places_mm))


def _siemens(shown_n: FloatArray) -> FloatArray:
    """What the published curve conducts under newtons; a spike below nothing conducts nothing."""
    pressed_n = np.maximum(shown_n, 0.0)
    return np.asarray(pressed_n / (Curve().scale_ohm_n + Curve().floor_ohm * pressed_n))


def _noted(step: Step, begin_s: float, end_s: float, siemens: FloatArray) -> Placement:
    """Note one step down: what was told to be there, and each reading, of a second."""
    readings = []
    for at_s in step.read_s:
        rows = np.arange(round((begin_s + at_s - READ_S) * RATE_HZ), round((begin_s + at_s) * RATE_HZ))
        readings.append(reading(rows / RATE_HZ, siemens[rows]))
    return Placement(begin_s, end_s, step.force_n, step.x_mm, step.y_mm, tuple(readings), step.force_sd_n)
