"""Recordings: a CSV of what the sensors gave, read back as if it happened now.

The header is `t_s` and one column per sensor: `<sensor>_n` newtons, `<sensor>_v` volts at the divider or
`<sensor>_code` ADC counts at +-4.096 V. Volts and counts may bring the rails too (`rail_0x48_v`); without them the
board's nominal supply is taken, and said so. An empty cell is a reading that is absent.
Stamps may be irregular; repeated and backward ones are dropped and counted, gaps are counted.
"""

import csv
import difflib
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from qlmat.core.model import Board, FloatArray, Forces, Frame
from qlmat.errors import RecordingError

Quantity = Literal["n", "v", "code"]
WORDS: dict[Quantity, str] = {"n": "newtons", "v": "volts", "code": "ADC counts"}
FULL_SCALE_V = 4.096  # the range in which the drivers here read: PGA 1, the first one above the 3.3 V rail
COUNTS = 32768  # of the full scale, for both parts: the 12 bits of an ADS1015 stand left-justified in 16
WIDEST_V = 6.144  # no range of the chip goes further
GAP_STEPS, GAP_S = 5.0, 0.5  # a gap is both: this many usual steps, and longer than the pause between two readings
BACKWARD_RATIO = 0.2  # more rows than this running backwards are no glitch: two recordings in one file


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What a file holds, in order.

    `t_s`: (rows,), strictly increasing, as written. `values`: (rows, sensors) newtons when `quantity` is "n", otherwise
    (rows, channels) volts in the order of `Board.channels`, NaN where absent. `notes`: what was not regular, in words.
    """

    name: str
    quantity: Literal["n", "v"]
    t_s: FloatArray
    values: FloatArray
    notes: tuple[str, ...] = ()

    @property
    def gap_s(self) -> float:
        """The step from which on a pause between two rows counts as a gap."""
        steps = np.diff(self.t_s)
        return max(GAP_S, GAP_STEPS * float(np.median(steps))) if steps.size else math.inf

    def gaps(self) -> list[tuple[float, float]]:
        """List the gaps as (last stamp before, first stamp after)."""
        (before,) = np.nonzero(np.diff(self.t_s) > self.gap_s)
        return [(float(self.t_s[i]), float(self.t_s[i + 1])) for i in before]

    def forces(self) -> Iterator[Forces]:
        """Give the rows of a recording in newtons."""
        for t_s, newtons in zip(self.t_s.tolist(), self.values, strict=True):
            yield Forces(t_s, newtons)


class RecordingSource:
    """A `FrameSource` that gives the rows of a recording in volts, as fast as they are asked for."""

    def __init__(self, recording: Recording) -> None:
        if recording.quantity != "v":
            raise RecordingError(f"{recording.name}: holds newtons, no frames: replay it without a source")
        self._rows = zip(recording.t_s.tolist(), recording.values, strict=True)

    def read(self) -> Frame | None:
        """Give the next row, None after the last."""
        row = next(self._rows, None)
        return None if row is None else Frame(*row)

    def close(self) -> None:
        """There is nothing to let go of."""


# --- reading -----------------------------------------------------------------------------------------------------


class _Columns(NamedTuple):
    """Where in a row the numbers of `channels` (sensors, then rails) stand; None for a rail nobody recorded."""

    quantity: Quantity
    t_s: int
    channels: tuple[int | None, ...]
    width: int
    notes: list[str]


def read(path: Path, board: Board) -> Recording:
    """Read a recording of `board`; raises `RecordingError` naming file, line, what is wrong and what to do."""
    text = _text(path)
    lines = csv.reader(io.StringIO(text))
    try:
        header = [cell.strip() for cell in next(lines, [])]
        columns = _columns(str(path), header, board)
        numbered = [(lines.line_num, cells) for cells in lines if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise RecordingError(f"{path}:{lines.line_num}: is not CSV ({error}): save it as plain CSV") from error
    if not numbered:
        raise RecordingError(f"{path}: has a header but no rows: record again")
    if not text.endswith("\n"):
        _refuse_cut_number(str(path), numbered)
    rows = np.array([_row(f"{path}:{number}", cells, header, columns) for number, cells in numbered])
    return _recording(str(path), rows, [number for number, _ in numbered], columns, board)


def _text(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise RecordingError(
            f"{path}: cannot be read ({(error.strerror or str(error)).lower()}): check the path"
        ) from error
    except UnicodeDecodeError as error:
        raise RecordingError(f"{path}: byte {error.start} is no text: a recording is a CSV file in UTF-8") from error
    if not text.strip():
        raise RecordingError(f"{path}: the file is empty: record again, or check that the copy was complete")
    return text


def _columns(name: str, header: list[str], board: Board) -> _Columns:
    if "t_s" not in header:
        hint = (
            "separate the columns with commas" if any(";" in cell for cell in header) else "see 'qlmat replay --help'"
        )
        raise RecordingError(f"{name}:1: no column t_s (seconds): the first line must name the columns; {hint}")
    twice = [column for column in header if header.count(column) > 1]
    if twice:
        raise RecordingError(f"{name}:1: column {twice[0]} stands twice: remove one")
    quantity = _quantity(name, header, board)
    wanted = [f"{channel.name}_{quantity}" for channel in board.channels]
    sensors, rails = wanted[: len(board.sensors)], wanted[len(board.sensors) :]
    missing = [column for column in sensors if column not in header]
    unknown = [column for column in header if column not in {"t_s", *wanted}]
    if missing:
        raise RecordingError(f"{name}:1: no column {', '.join(missing)}{_nearest(missing[0], unknown)}: "
                             "every sensor of the board needs one")  # fmt: skip
    notes = [f"column '{column}' is no sensor of the board: ignored" for column in unknown]
    if quantity != "n" and not all(rail in header for rail in rails):
        notes.append(f"no rail columns: {board.supply_v:g} V taken for the rail")
    where = {column: index for index, column in enumerate(header)}
    channels = sensors if quantity == "n" else sensors + rails
    return _Columns(quantity, where["t_s"], tuple(where.get(column) for column in channels), len(header), notes)


def _quantity(name: str, header: list[str], board: Board) -> Quantity:
    found = [q for q in WORDS if any(f"{sensor.name}_{q}" in header for sensor in board.sensors)]
    if not found:
        raise RecordingError(f"{name}:1: no column of a sensor: write {board.sensors[0].name}_n (newtons), _v (volts) "
                             f"or _code (ADC counts), and so on for all {len(board.sensors)} sensors")  # fmt: skip
    if len(found) > 1:
        raise RecordingError(f"{name}:1: holds {' and '.join(WORDS[q] for q in found)}: keep one kind for all sensors")
    return found[0]


def _nearest(column: str, unknown: list[str]) -> str:
    near = difflib.get_close_matches(column, unknown, n=1, cutoff=0.7)
    return f" (is '{near[0]}' meant for {column}?)" if near else ""


def _row(place: str, cells: list[str], header: list[str], columns: _Columns) -> list[float]:
    """Read one line: t_s, then the channels."""
    if len(cells) != columns.width:
        problem = "is cut short: delete this line" if len(cells) < columns.width else "has too many columns: mend it"
        raise RecordingError(f"{place}: {len(cells)} of {columns.width} columns; the line {problem}")
    if not cells[columns.t_s].strip():
        raise RecordingError(f"{place}: t_s is empty: every row needs its time in seconds")
    wanted = [columns.t_s, *columns.channels]
    return [math.nan if at is None or not cells[at].strip() else _number(place, header[at], cells[at]) for at in wanted]


def _number(place: str, column: str, cell: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
        problem = "is not a number"
    else:
        problem = "is not a finite number"
    if not math.isfinite(number) or "_" in cell:
        raise RecordingError(
            f"{place}: {column} {cell.strip()!r} {problem}: leave the cell empty where a reading is absent"
        )
    if column.endswith("_v") and abs(number) > WIDEST_V:
        raise RecordingError(
            f"{place}: {column} {cell.strip()} V cannot come from the converter: are these millivolts?"
        )
    if column.endswith("_code") and (abs(number) > COUNTS or number != int(number)):
        raise RecordingError(
            f"{place}: {column} {cell.strip()} is no ADC count: whole numbers from -32768 to 32767 are"
        )
    return number


def _refuse_cut_number(name: str, numbered: list[tuple[int, list[str]]]) -> None:
    """Refuse a file that ends inside its last number: no line end, and fewer digits than any row above.

    A person may write a few rows of any length; ten of them, or every digit there is, were written by a program.
    """
    *above, last = [len(cells[-1].strip()) for _, cells in numbered]
    if above and last < min(above) and (len(above) >= 10 or min(above) >= 12):
        number = numbered[-1][0]
        raise RecordingError(f"{name}:{number}: the file ends inside its last number: delete this line")


def _recording(name: str, rows: FloatArray, numbers: list[int], columns: _Columns, board: Board) -> Recording:
    notes = list(columns.notes)
    keep = _increasing(name, rows[:, 0], numbers, notes)
    values = rows[keep, 1:]
    read_here = [index for index, at in enumerate(columns.channels) if at is not None]
    if absent := int(np.isnan(values[:, read_here]).sum()):
        notes.append(f"{absent} empty cells: readings absent")
    if columns.quantity == "code":
        values = values * (FULL_SCALE_V / COUNTS)
    if columns.quantity != "n":
        values[:, [index for index, at in enumerate(columns.channels) if at is None]] = board.supply_v
    values.setflags(write=False)
    recording = Recording(name, "n" if columns.quantity == "n" else "v", rows[keep, 0], values)
    return Recording(name, recording.quantity, recording.t_s, values, (*notes, *_uneven(recording)))


def _increasing(name: str, t_s: FloatArray, numbers: list[int], notes: list[str]) -> list[int]:
    """Keep the rows whose stamp is later than all before; note what was dropped."""
    keep: list[int] = []
    repeated: list[int] = []
    backward: list[int] = []
    latest_s = -math.inf
    for index, stamp_s in enumerate(t_s.tolist()):
        if stamp_s > latest_s:
            keep.append(index)
            latest_s = stamp_s
        else:
            (repeated if stamp_s == latest_s else backward).append(numbers[index])
    if len(backward) > BACKWARD_RATIO * len(numbers):
        raise RecordingError(f"{name}:{backward[0]}: t_s runs backwards here and in {len(backward) - 1} more rows: "
                             "one file holds one recording, split it here")  # fmt: skip
    for what, dropped in (("repeated", repeated), ("backward", backward)):
        if dropped:
            notes.append(f"{len(dropped)} {what} stamps dropped, the first on line {dropped[0]}")
    return keep


def _uneven(recording: Recording) -> list[str]:
    """Say in words what is uneven in the time stamps that are left."""
    steps = np.diff(recording.t_s)
    if steps.size < 2:
        return []
    usual_s, notes = float(np.median(steps)), []
    if gaps := recording.gaps():
        from_s, to_s = max(gaps, key=lambda gap: gap[1] - gap[0])
        notes.append(f"{len(gaps)} gaps, the longest {to_s - from_s:.2f} s at {from_s:.2f} s")
    uneven = int(np.sum((np.abs(steps - usual_s) > 0.5 * usual_s) & (steps <= recording.gap_s)))
    if uneven:
        notes.append(f"{uneven} of {steps.size} steps differ by more than half from the usual {usual_s * 1000:.1f} ms")
    if usual_s > 0.5:
        notes.append(f"only one row each {usual_s:.3g} s: is t_s really in seconds?")
    return notes
