"""A calibration as a CSV: a recording in volts with, in each row, what stood on which pad just then.

Columns beside those of `qlmat record`: load_side (left, right), load_n (newtons, 0 for empty), load_x_mm, load_y_mm;
all empty while something is moved. Rows that follow one another with equal marks are one weight.
"""

import csv
from itertools import groupby
from math import isnan, nan
from pathlib import Path
from typing import NamedTuple

import numpy as np

from qlmat.cli.calibrate_steps import STAND_READ_S, Step
from qlmat.core.fitting import conductance
from qlmat.core.model import SIDES, Board, FloatArray, Frame, Side
from qlmat.core.placements import Placement, Reading, reading
from qlmat.errors import RecordingError
from qlmat.recording import Recording, read

COLUMNS = ("load_side", "load_n", "load_x_mm", "load_y_mm")
WINDOW_S = 1.0  # a reading is the mean of this long
SHORTEST_S, STAND_S = 3.0, 60.0  # less is no weight at rest; more is a stand that tells the creep
WEIGHT_SD_RATIO, WEIGHT_SD_N = 0.01, 0.3


class Mark(NamedTuple):
    """What stood on which pad."""

    side: Side
    force_n: float
    x_mm: float
    y_mm: float


class MarkedWriter:
    """Keeps frames and steps, and writes them as CSV at the end."""

    def __init__(self, board: Board) -> None:
        self._header = ["t_s", *(f"{channel.name}_v" for channel in board.channels), *COLUMNS]
        self._rows: list[list[str]] = []

    def note(self, frame: Frame, step: Step | None, side: Side) -> None:
        """Take one frame and the step it belongs to; presses have no known weight and are left unmarked."""
        volts = ["" if isnan(each) else f"{each:.6f}" for each in frame.volts.tolist()]
        marks = ["", "", "", ""]
        if step is not None and step.kind != "press":
            marks = [side, f"{step.force_n:g}", f"{step.x_mm:g}", f"{step.y_mm:g}"]
        self._rows.append([f"{frame.t_s:.4f}", *volts, *marks])

    def write(self, path: Path) -> None:
        """Write everything; raises `RecordingError` when the folder refuses."""
        try:
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([self._header, *self._rows])
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise RecordingError(f"{path}: cannot be written ({why}): choose another place") from error


def read_marked(path: Path, board: Board) -> dict[Side, list[Placement]]:
    """Read a marked recording; give the weights on each pad that has any. Raises `RecordingError`."""
    recording = read(path, board)
    if recording.quantity != "v":
        raise RecordingError(f"{path}: holds newtons: a calibration needs volts, as 'qlmat record' writes")
    marks = _marks(path)
    found: dict[Side, list[Placement]] = {}
    rows = [(at, marks.get(f"{t_s!r}")) for at, t_s in enumerate(recording.t_s.tolist())]
    for mark, group in groupby(rows, key=lambda row: row[1]):
        if mark is not None:
            first, *_, last = [at for at, _ in group] * 2
            if placement := _placement(recording, board, mark, first, last):
                found.setdefault(mark.side, []).append(placement)
    if not found:
        raise RecordingError(f"{path}: no row says what stood on a pad: fill the columns {', '.join(COLUMNS)}")
    return found


def _marks(path: Path) -> dict[str, Mark]:
    """Give the mark of each stamp that has one."""
    found = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.DictReader(file, skipinitialspace=True)
        missing = [column for column in COLUMNS if column not in (lines.fieldnames or [])]
        if missing:
            raise RecordingError(f"{path}:1: no column {', '.join(missing)}: they say what stood where")
        for row in lines:
            cells = [(row[column] or "").strip() for column in COLUMNS]
            if any(cells):
                found[f"{float(row['t_s'])!r}"] = _mark(f"{path}:{lines.line_num}", cells)
    return found


def _mark(place: str, cells: list[str]) -> Mark:
    side = next((each for each in SIDES if each == cells[0]), None)
    if side is None:
        raise RecordingError(f"{place}: load_side {cells[0]!r}: write left or right")
    try:
        force_n, x_mm, y_mm = (float(cell) for cell in cells[1:])
    except ValueError:
        force_n = x_mm = y_mm = nan
    if not (0.0 <= force_n <= 1000.0 and abs(x_mm) <= 200.0 and abs(y_mm) <= 200.0):
        raise RecordingError(
            f"{place}: load {', '.join(cells[1:])}: write newtons (10 for a kilogram, 0 for empty) and millimetres"
        )
    return Mark(side, force_n, x_mm, y_mm)


def _placement(recording: Recording, board: Board, mark: Mark, first: int, last: int) -> Placement | None:
    """Turn the rows from `first` to `last` into a weight with its readings; None if it stood too shortly."""
    on_s, off_s = float(recording.t_s[first]), float(recording.t_s[last])
    lasted_s = off_s - on_s
    if lasted_s < SHORTEST_S:
        return None
    due = [each for each in STAND_READ_S if each <= lasted_s] if lasted_s >= STAND_S else [lasted_s]
    readings = tuple(_reading(recording, board, mark.side, on_s + each) for each in due)
    sd_n = WEIGHT_SD_RATIO * mark.force_n + WEIGHT_SD_N
    return Placement(on_s, off_s, mark.force_n, mark.x_mm, mark.y_mm, readings, sd_n)


def _reading(recording: Recording, board: Board, side: Side, end_s: float) -> Reading:
    within = (recording.t_s > end_s - WINDOW_S) & (recording.t_s <= end_s)
    t_s, values = recording.t_s[within], recording.values[within]
    columns = [
        [conductance(v, rail, sensor.divider_ohm) for v, rail in _pairs(values, index, board)]
        for index, sensor in enumerate(board.sensors)
        if sensor.side == side
    ]
    return reading(t_s, np.array(columns).T)


def _pairs(values: FloatArray, index: int, board: Board) -> list[tuple[float, float]]:
    rail = board.rail_channel[index]
    rails = [board.supply_v] * len(values) if rail is None else values[:, rail].tolist()
    return list(zip(values[:, index].tolist(), rails, strict=True))
