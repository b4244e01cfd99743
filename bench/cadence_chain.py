"""From what a body does to what the core sees: feet, force-sensitive resistors, dividers, ADC, spikes, lost frames.

The fast path computes the same chain as the emulated board does, without its bus: the resistors are those of
`qlmat.sim`, the converter is a rounding to its steps. `test_cadence_bench.py` shows that both give the same forces.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from bench.cadence_families import GRID_HZ, Body
from qlmat.core.contact import ContactDetector
from qlmat.core.model import Board, Chip, Contacts, FloatArray, Forces, Sensor, Side
from qlmat.sim.fsr import FsrBank, Parts
from qlmat.sim.pad import RigidPad
from qlmat_firmware.board import BOARD_V1

FRAME_HZ = 50.0
STEP_V = 4.096 / 32768  # ADS1115 at +-4.096 V
PRELOAD_N = 1.5
BLOCK = 250
BALL_SIGMA_MM = 38.0  # how far a ball spreads its load on a soft mat of many sensors


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One benchmark record: what happened, and what the core was given. `volts`: (n, sensors) at `t_s` (n,)."""

    body: Body
    board: Board
    t_s: FloatArray
    volts: FloatArray
    contacts: tuple[Contacts, ...]


@cache
def boards() -> dict[str, Board]:
    """List the boards: v1 with three feet a pad, four feet a pad, and a mat of eight sensors a side."""
    chips = tuple(Chip(0x48 + i) for i in range(4))
    corners = [(x, y) for x in (-60.0, 60.0) for y in (-45.0, 45.0)]
    grid = [(x, y) for x in (-60.0, -20.0, 20.0, 60.0) for y in (-30.0, 30.0)]
    return {"v1": BOARD_V1, "four": Board(chips[:2], _both(corners)), "grid": Board(chips, _both(grid))}


def _both(places: list[tuple[float, float]]) -> tuple[Sensor, ...]:
    sides: tuple[Side, Side] = ("left", "right")
    return tuple(
        Sensor(f"{side}_{k + 1}", side, x_mm, y_mm, 0x48 + 2 * (k // 4) + i, k % 4)
        for i, side in enumerate(sides)
        for k, (x_mm, y_mm) in enumerate(places)
    )


def record(body: Body) -> Record:
    """Put a body on a board (v1 for half of the seeds) and read it at 50 frames/s."""
    rng = np.random.default_rng([body.seed, 77, len(body.family)])
    name = ("v1", "v1", "four", "grid")[(body.seed // 2) % 4]
    board = boards()[name]
    newtons = np.zeros((len(body.t_s), len(board.sensors)))
    here = [k for k, sensor in enumerate(board.sensors) if sensor.side == body.side]
    newtons[:, here] = _split(name, [board.sensors[k] for k in here], body)
    t_s = _frame_times(body, rng)
    volts = _spiked(read(board, newtons + PRELOAD_N, t_s, rng), body.spikes, t_s, rng)
    detector = ContactDetector(board)
    forces = nominal_newtons(board, volts)
    contacts = tuple(detector.step(Forces(float(t), row)) for t, row in zip(t_s, forces, strict=True))
    return Record(body, board, t_s, volts, contacts)


def read(board: Board, newtons: FloatArray, t_s: FloatArray, rng: np.random.Generator | None) -> FloatArray:
    """Pass (n, sensors) newtons on the grid through parts, dividers and converter: volts at `t_s`, drawn when `rng`."""
    parts = Parts() if rng is None else Parts.drawn(len(board.sensors), rng)
    bank = FsrBank(len(board.sensors), parts, 1 / GRID_HZ, rng)
    siemens = np.concatenate([bank.block(newtons[i : i + BLOCK]) for i in range(0, len(newtons), BLOCK)])
    divided = np.array([sensor.divider_ohm for sensor in board.sensors]) * siemens
    volts = board.supply_v * divided / (1 + divided)
    grid_s = np.arange(len(newtons)) / GRID_HZ
    at_frames = np.stack([np.interp(t_s, grid_s, column) for column in volts.T], axis=1)
    if rng is not None:
        at_frames = at_frames + rng.normal(0.0, STEP_V, at_frames.shape)
    return np.asarray(np.clip(np.round(at_frames / STEP_V) * STEP_V, 0.0, board.supply_v))


def nominal_newtons(board: Board, volts: FloatArray) -> FloatArray:
    """Turn volts (n, sensors) into newtons by the nominal curve, as `Calibrator` does for each frame."""
    divider = np.array([sensor.divider_ohm for sensor in board.sensors])
    slope = np.maximum(divider * (board.supply_v - volts) - 500.0 * volts, 16_960.0 * volts / 400.0)
    return np.asarray(np.where(volts > 0, 16_960.0 * volts / np.maximum(slope, 1e-9), 0.0))


def _split(name: str, sensors: list[Sensor], body: Body) -> FloatArray:
    """Share the force among one side's sensors: feet of a plate, or a mat under a soft ball (its travel shrinks)."""
    if name != "grid":
        return RigidPad(sensors).split(body.force_n, body.x_mm, body.y_mm)
    places = np.array([[sensor.x_mm, sensor.y_mm] for sensor in sensors])
    away = (body.x_mm[:, None] - places[:, 0]) ** 2 + (body.y_mm[:, None] - places[:, 1]) ** 2
    shares = np.exp(-away / (2 * BALL_SIGMA_MM**2))
    return np.asarray(body.force_n[:, None] * shares / shares.sum(axis=1, keepdims=True))


def _frame_times(body: Body, rng: np.random.Generator) -> FloatArray:
    t_s = np.arange(0.0, body.t_s[-1], 1 / FRAME_HZ)
    keep = rng.random(len(t_s)) >= body.missing
    for start_s in rng.uniform(5.0, t_s[-1] - 5.0, body.gaps):
        keep &= ~((t_s > start_s) & (t_s < start_s + rng.uniform(0.4, 1.5)))
    return np.asarray(np.sort(t_s[keep] + rng.normal(0.0, body.jitter_s, int(keep.sum()))))


def _spiked(volts: FloatArray, a_second: float, t_s: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Hit one sensor for one or two frames: interference on a lead."""
    for _ in range(int(a_second * t_s[-1])):
        at, sensor, frames = int(rng.integers(len(t_s) - 2)), int(rng.integers(volts.shape[1])), int(rng.integers(1, 3))
        volts[at : at + frames, sensor] = np.clip(volts[at : at + frames, sensor] + rng.uniform(-1.0, 1.0), 0.0, 3.2)
    return volts


def emptied(record_: Record) -> Record:
    """Give the record without its volts, to keep many in memory."""
    return replace(record_, volts=np.zeros((0, 0)))
