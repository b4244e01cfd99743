"""A whole virtual mat: a load on the pads of a board, its sensors and dividers, its chips on a bus."""

from collections.abc import Callable

import numpy as np

from qlmat.core.model import Board
from qlmat.sim.ads1x15 import ChipTraits, VirtualAds1x15
from qlmat.sim.clock import VirtualClock
from qlmat.sim.i2c import VirtualI2C
from qlmat.sim.load import Load, RecordedVolts
from qlmat.sim.sensor_faults import SensorFault, SensorFaults
from qlmat.sim.signal import IDEAL, BoardSignal, Imperfections


class VirtualMat:
    """The virtual hardware behind the bus. `i2c` is what a driver gets, `chips[address]` the silicon on it.

    With `imperfections=IDEAL` everything is exact and `rng` may be None; otherwise `rng` draws parts and noise, and
    raises ValueError if it is missing. `traits` gives chips their own, by address. `motor_running` says at any time
    whether the motor turns; it may be replaced later, when there is a motor.
    """

    def __init__(
        self,
        board: Board,
        load: Load | RecordedVolts,
        clock: VirtualClock,
        rng: np.random.Generator | None = None,
        *,
        scl_hz: float = 400_000,
        software_s: float = 0.0,
        core_ratio: float = 1.0,
        imperfections: Imperfections = Imperfections(),
        traits: dict[int, ChipTraits] | None = None,
        faults: tuple[SensorFault, ...] = (),
        motor_running: Callable[[], bool] | None = None,
    ) -> None:
        if rng is None and imperfections != IDEAL:
            raise ValueError("An imperfect mat needs a random generator: pass `rng`, or imperfections=IDEAL.")
        names = tuple(sensor.name for sensor in board.sensors)
        self.clock = clock
        self.board = board
        sensor_faults = SensorFaults(names, faults, _child(rng))
        self.signal = BoardSignal(board, load, sensor_faults, imperfections, _child(rng), clock.now_s())
        if motor_running is not None:
            self.signal.motor_running = motor_running
        self.i2c = VirtualI2C(clock, scl_hz, software_s, core_ratio)
        traits = traits or {}
        self.chips: dict[int, VirtualAds1x15] = {}
        for chip in board.chips:
            drawn = ChipTraits.drawn(rng) if rng is not None and imperfections.parts else ChipTraits()
            analog = _ChipInputs(self.signal, _columns(board, chip.address, self.signal.rail_column))
            own = traits.get(chip.address, drawn)
            self.chips[chip.address] = VirtualAds1x15(chip.part, analog, own, _child(rng))
            self.i2c.attach(chip.address, self.chips[chip.address])

    @property
    def motor_running(self) -> Callable[[], bool]:
        """Says whether the motor turns now; its vibration then reaches the sensors."""
        return self.signal.motor_running

    @motor_running.setter
    def motor_running(self, running: Callable[[], bool]) -> None:
        self.signal.motor_running = running

    def inject(self, fault: SensorFault) -> None:
        """Plan a fault of a sensor; faults of the bus go to `i2c.faults`. It works from the next half second on."""
        self.signal.faults.add(fault)

    def brown_out(self, address: int, t_s: float) -> None:
        """Plan a break-down of one chip's supply: it comes back in its power-up state. ValueError if there is none."""
        if address not in self.chips:
            raise ValueError(f"no chip at {address:#x}: there are {', '.join(f'{a:#x}' for a in self.chips)}.")
        chip = self.chips[address]
        self.clock.call_at(t_s, lambda: chip.reset(self.clock.now_ns()))


class _ChipInputs:
    """The four inputs of one chip on the board's signal; inputs nothing is wired to lie at ground."""

    def __init__(self, signal: BoardSignal, columns: dict[int, int]) -> None:
        self._signal = signal
        self._columns = columns

    def mean(self, pin: int, start_ns: int, end_ns: int) -> tuple[float, float]:
        """Give (mean volts, source ohms); see `Analog`."""
        column = self._columns.get(pin)
        return (0.0, 0.0) if column is None else self._signal.mean(column, start_ns / 1e9, end_ns / 1e9)


def _child(rng: np.random.Generator | None) -> np.random.Generator | None:
    """Derive a generator of one's own: what one part draws must not depend on when another one is read."""
    return None if rng is None else np.random.default_rng(int(rng.integers(2**63)))


def _columns(board: Board, address: int, rail_column: int) -> dict[int, int]:
    columns = {sensor.input: k for k, sensor in enumerate(board.sensors) if sensor.chip == address}
    rails = {
        chip.rail_input: rail_column for chip in board.chips if chip.address == address and chip.rail_input is not None
    }
    return columns | rails
