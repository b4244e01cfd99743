"""Ten recorded people who rolled their knees on a pressure mat, seen as the six sensors of board v1.

A patch of 2 x 2 cells a side stands for a pad (rows 16-17; columns 4-5 and 11-12), its counts become newtons, and the
load is shared among three feet as a rigid plate shares it. The recordings are not part of the project: they are looked
for in `../shared/recordings` beside the checkout. See its README for the keys and the source.
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from qlmat.core.model import FloatArray
from qlmat_firmware.board import BOARD_V1, FOOT_RADIUS_MM

RECORDINGS = Path(__file__).resolve().parents[2] / "shared" / "recordings"
ROWS = slice(16, 18)
COLUMNS = {"left": slice(4, 6), "right": slice(11, 13)}
CELL_MM = 20.0  # the mat is about 0.6 m long with 32 rows; only the size of the centre of pressure depends on it
NEWTONS_PER_COUNT = 0.03  # the heaviest patch of the ten, 3853 counts, becomes 116 N
PLATE_N = 1.5  # a plate and its foam keep each foot past its break force
Feet = Literal["plate", "thirds"]


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One recording: `t_s` (n,) increasing, `cells` (n, 2, 2, 2) newtons by side, row, column, and the references."""

    name: str
    t_s: FloatArray
    cells: FloatArray
    thigh_t_s: FloatArray
    thigh_g: FloatArray
    reference_cpm: float

    def newtons(self, feet: Feet = "plate") -> FloatArray:
        """Share the cells' force among the six feet: (n, 6), as a plate does or in equal thirds."""
        sides = [shared(self.cells[:, side], feet) for side in (0, 1)]
        return np.concatenate(sides, axis=1) + PLATE_N / 3


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """Somebody lying still on one force-sensitive resistor: `volts` (n,) at `t_s` (n,)."""

    name: str
    t_s: FloatArray
    volts: FloatArray


def people(newtons_per_count: float = NEWTONS_PER_COUNT) -> list[Person]:
    """Read everybody in `reference.csv`; empty when the recordings are missing."""
    table = RECORDINGS / "knee_rolling" / "reference.csv"
    if not table.exists():
        return []
    with table.open() as lines:
        return [_person(row, newtons_per_count) for row in csv.DictReader(lines)]


def still() -> list[Still]:
    """Read the recordings of somebody lying still; empty when they are missing."""
    found = []
    for path in sorted((RECORDINGS / "still").glob("*.npz")):
        with np.load(path) as data:
            volts = data["millivolts"].astype(float) / 1000
            found.append(Still(path.stem, np.arange(len(volts)) / float(data["rate_hz"]), volts))
    return found


def _person(row: dict[str, str], newtons_per_count: float) -> Person:
    with np.load(RECORDINGS / "knee_rolling" / f"{row['subject']}.npz") as data:
        order = np.argsort(data["mat_t_s"], kind="stable")
        t_s = data["mat_t_s"][order]
        fresh = np.concatenate(([True], np.diff(np.maximum.accumulate(t_s)) > 0))
        counts = data["mat"][order][fresh].astype(float)
        cells = np.stack([counts[:, ROWS, COLUMNS[side]] for side in ("left", "right")], axis=1)
        return Person(
            row["subject"],
            t_s[fresh],
            cells * newtons_per_count,
            data["thigh_t_s"].astype(float),
            data["thigh_g"].astype(float),
            float(row["thigh_cadence_fft_cpm"]),
        )


def shared(cells: FloatArray, feet: Feet) -> FloatArray:
    """Share the force of a pad's cells (n, rows, columns) among three feet: (n, 3) newtons."""
    total = cells.sum(axis=(1, 2))
    if feet == "thirds":
        return np.repeat(total[:, None] / 3, 3, axis=1)
    safe = np.maximum(total, 1e-9)
    x_mm = (cells[:, :, 1].sum(axis=1) - cells[:, :, 0].sum(axis=1)) / safe * CELL_MM / 2
    y_mm = (cells[:, 1].sum(axis=1) - cells[:, 0].sum(axis=1)) / safe * CELL_MM / 2
    places = np.array([[s.x_mm, s.y_mm] for s in BOARD_V1.sensors if s.side == "left"]).T / FOOT_RADIUS_MM
    shares: FloatArray = (1 + 2 * np.stack([x_mm, y_mm], axis=1) @ places / FOOT_RADIUS_MM) / 3
    loads: FloatArray = total[:, None] * np.maximum(shares, 0.0)
    return loads


def write_csv(path: Path, t_s: FloatArray, newtons: FloatArray) -> None:
    """Write a recording that `qlmat replay` reads: `t_s`, then newtons a sensor."""
    header = ",".join(["t_s"] + [f"{sensor.name}_n" for sensor in BOARD_V1.sensors])
    rows = np.column_stack([t_s, newtons])
    np.savetxt(path, rows, fmt=["%.4f"] + ["%.3f"] * newtons.shape[1], delimiter=",", header=header, comments="")
