"""The volts at every ADC input of a board, computed in blocks on a time grid and averaged over any window.

newtons -> FSR -> divider on the rail -> 10 uF -> leads -> + mains and motor, which are sines and averaged as such
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import hypot, pi, sin

import numpy as np

from qlmat.core.model import Board, FloatArray
from qlmat.sim.fsr import FsrBank, Parts
from qlmat.sim.load import Load, RecordedVolts
from qlmat.sim.sensor_faults import SensorFaults

GRID_HZ = 250  # bodies move below 5 Hz and the input filters end at 40 Hz; faster things are added as sines
BLOCK_STEPS = 125
KEPT_BLOCKS = 8  # 4 s: nobody asks for a window older than that but a chip left converting unread


@dataclass(frozen=True, slots=True)
class Imperfections:
    """How far wiring and surroundings are from ideal; the defaults are a usual board, `IDEAL` is exact.

    `parts`: draw sensors and chips as they come instead of ideal ones, `part_spread` their one-sigma spread.
    `preload_n`: the plate's weight on each foot. `rail_sigma_v`: error of the 3.3 V rail, `rail_motor_v`: how far it
    falls while the motor runs. `mains_v`: amplitude of the pick-up at an unloaded divider without its capacitor.
    `motor_ratio`: amplitude of the motor's vibration in conductance. `filter_farad`: capacitor across each divider.
    """

    parts: bool = True
    part_spread: float = 0.06
    preload_n: float = 1.5
    rail_sigma_v: float = 0.005
    rail_motor_v: float = 0.010
    mains_v: float = 0.002
    mains_hz: float = 50.0
    motor_ratio: float = 0.05
    motor_hz: float = 175.0
    filter_farad: float = 10e-6


IDEAL = Imperfections(
    parts=False,
    preload_n=0.0,
    rail_sigma_v=0.0,
    rail_motor_v=0.0,
    mains_v=0.0,
    motor_ratio=0.0,
    filter_farad=0.0,
)


@dataclass(frozen=True, slots=True)
class _Block:
    """Grid values of all columns: volts, their running integral, source ohms. Sensors first, then the rail."""

    start_s: float
    volts: list[list[float]]
    integral: list[list[float]]
    ohms: list[list[float]]


class BoardSignal:
    """All inputs of one board. `mean_v(column, ...)` may be asked for any window up to `KEPT_BLOCKS` blocks back.

    Column k is sensor k of the board; the last column is the rail.
    """

    def __init__(
        self,
        board: Board,
        load: Load | RecordedVolts,
        faults: SensorFaults,
        imperfections: Imperfections = IDEAL,
        rng: np.random.Generator | None = None,
        start_s: float = 0.0,
    ) -> None:
        self.motor_running: Callable[[], bool] = lambda: False
        self.faults = faults
        self.rail_column = len(board.sensors)
        self._load = load
        self._how = imperfections
        self._supply_v = board.supply_v
        self._divider_ohm = np.array([sensor.divider_ohm for sensor in board.sensors])
        self._rail_v = board.supply_v
        if rng is not None:
            self._rail_v += imperfections.rail_sigma_v * float(rng.standard_normal())
        self._bank = FsrBank(
            self.rail_column, _parts(self.rail_column, imperfections, rng), 1.0 / GRID_HZ, rng, start_s
        )
        self._steps = 0
        self._start_s = start_s
        self._filtered: FloatArray | None = None
        self._edge: FloatArray | None = None
        self._integral_end = np.zeros(self.rail_column + 1)
        self._blocks: deque[_Block] = deque(maxlen=KEPT_BLOCKS)
        self._end_s = start_s

    # --- reading ---

    def mean(self, column: int, start_s: float, end_s: float) -> tuple[float, float]:
        """Give (mean volts, source ohms) of a column over a window; at an instant if both times are equal."""
        while self._end_s <= end_s:
            self._append_block()
        block, index, offset = self._find(end_s)
        if end_s > start_s:
            whole = self._integral(column, end_s) - self._integral(column, start_s)
            volts = whole / (end_s - start_s)
        else:
            left, right = block.volts[column][index : index + 2]
            volts = left + (right - left) * offset
        ohms = block.ohms[column][index]
        return self._disturbed(column, volts, ohms, start_s, end_s), ohms if self._how.parts else 0.0

    def _find(self, t_s: float) -> tuple[_Block, int, float]:
        """Find the block, the grid step and the fraction of it at `t_s`; before the oldest block, its beginning."""
        blocks = self._blocks
        k = len(blocks) - 1
        while k > 0 and blocks[k].start_s > t_s:
            k -= 1
        steps = max(0.0, (t_s - blocks[k].start_s) * GRID_HZ)
        index = min(int(steps), BLOCK_STEPS - 1)
        return blocks[k], index, min(steps - index, 1.0)

    def _integral(self, column: int, t_s: float) -> float:
        block, index, offset = self._find(t_s)
        left, right = block.volts[column][index : index + 2]
        return block.integral[column][index] + offset * (left + (right - left) * offset / 2.0) / GRID_HZ

    def _disturbed(self, column: int, volts: float, ohms: float, start_s: float, end_s: float) -> float:
        """Add what is faster than the grid: mains pick-up and, while it runs, the motor."""
        how = self._how
        is_rail = column == self.rail_column
        if how.mains_v and not is_rail:
            reach_v = how.mains_v * ohms / self._divider_ohm[column] * self._passed(how.mains_hz, ohms)
            volts += reach_v * _mean_sine(how.mains_hz, start_s, end_s, phase=0.4 * column)
        if (how.motor_ratio or how.rail_motor_v) and self.motor_running():
            volts *= 1.0 - how.rail_motor_v / self._rail_v
            if not is_rail:
                swing_v = how.motor_ratio * volts * (1.0 - volts / self._rail_v) * self._passed(how.motor_hz, ohms)
                volts += swing_v * _mean_sine(how.motor_hz, start_s, end_s, phase=1.1 * column)
        return float(volts)

    def _passed(self, frequency_hz: float, ohms: float) -> float:
        """Say what the capacitor across the divider leaves of a sine."""
        return 1.0 / hypot(1.0, 2.0 * pi * frequency_hz * ohms * self._how.filter_farad)

    # --- computing ---

    def _append_block(self) -> None:
        """Compute the next half second; its first grid point is the last one of the block before."""
        first = self._edge is None
        count = BLOCK_STEPS + first
        t_s = self._start_s + (self._steps + np.arange(count)) / GRID_HZ
        self._steps += count
        siemens = self._siemens(t_s)
        rail_v = self._rail_v - self.faults.sag_v(t_s)
        volts = self._divided(siemens, rail_v)
        self.faults.change_leads(t_s, volts)
        ohms = 1.0 / (1.0 / self._divider_ohm + siemens)
        rows = np.concatenate([volts, rail_v[:, None], ohms, np.zeros((count, 1))], axis=1)
        rows = rows if self._edge is None else np.concatenate([self._edge, rows])
        self._edge = rows[-1:]
        self._keep(float(t_s[0] - (0.0 if first else 1.0 / GRID_HZ)), rows)

    def _keep(self, start_s: float, rows: FloatArray) -> None:
        columns = self.rail_column + 1
        volts = rows[:, :columns]
        pieces = np.cumsum((volts[1:] + volts[:-1]) / (2.0 * GRID_HZ), axis=0)
        integral = np.concatenate([self._integral_end[None], self._integral_end + pieces])
        self._integral_end = integral[-1]
        self._blocks.append(_Block(start_s, volts.T.tolist(), integral.T.tolist(), rows[:, columns:].T.tolist()))
        self._end_s = start_s + BLOCK_STEPS / GRID_HZ

    def _siemens(self, t_s: FloatArray) -> FloatArray:
        if isinstance(self._load, RecordedVolts):
            volts = np.clip(self._load.volts(t_s), 0.0, 0.9999 * self._supply_v)
            siemens = np.asarray(volts / (self._divider_ohm * (self._supply_v - volts)))
        else:
            newtons = self._load.newtons(t_s) + self._how.preload_n
            self.faults.lift_feet(t_s, newtons)
            siemens = self._bank.block(newtons)
        self.faults.change_parts(t_s, siemens)
        return siemens

    def _divided(self, siemens: FloatArray, rail_v: FloatArray) -> FloatArray:
        """Give the volts at the dividers (n, sensors), smoothed by their capacitors."""
        open_circuit = self._divider_ohm * siemens
        volts = rail_v[:, None] * open_circuit / (1.0 + open_circuit)
        if not self._how.filter_farad:
            return np.asarray(volts)
        source_ohm = self._divider_ohm / (1.0 + open_circuit)
        follow = 1.0 - np.exp(-1.0 / (GRID_HZ * source_ohm * self._how.filter_farad))
        smoothed = np.empty_like(volts)
        state = volts[0] if self._filtered is None else self._filtered
        for k in range(len(volts)):
            state = state + follow[k] * (volts[k] - state)
            smoothed[k] = state
        self._filtered = state
        return smoothed


def _parts(count: int, how: Imperfections, rng: np.random.Generator | None) -> Parts:
    return Parts.drawn(count, rng, how.part_spread) if how.parts and rng is not None else Parts()


def _mean_sine(frequency_hz: float, start_s: float, end_s: float, phase: float) -> float:
    """Average sin(2 pi f t + phase) over a window: the sine at its middle, less what the window smooths away."""
    half = pi * frequency_hz * (end_s - start_s)
    middle = sin(pi * frequency_hz * (start_s + end_s) + phase)
    return middle * (sin(half) / half if half else 1.0)
