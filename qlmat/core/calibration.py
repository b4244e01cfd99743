"""Turn volts into newtons, sensor by sensor, ratiometric to the rail that feeds the dividers.

A force-sensitive resistor R stands between the rail and the ADC input, a divider resistor Rm between input and ground:

    rail --[ R ]--+--[ Rm ]-- ground        R = Rm (rail - v) / v        R = scale / F + floor
                  v
"""

from dataclasses import dataclass
from math import isnan

import numpy as np

from qlmat.core.model import Board, Forces, Frame

RAIL_LOW_RATIO, RAIL_HIGH_RATIO = 0.9, 1.1  # a 3.3 V supply outside 10 % is a fault: the Pi itself resets below 0.9
SHORT_FLOOR_RATIO = 0.5  # no part reaches half its contact resistance (batches spread by 20 %): that is a short
PIVOT_N = 30.0  # the middle of a foot's range


@dataclass(frozen=True, slots=True)
class Curve:
    """How one force-sensitive resistor answers: R = scale_ohm_n / F + floor_ohm, once F exceeds break_n.

    `exponent` bends the curve about 30 N, where it changes nothing: F above stands for 30 N (F / 30 N)^exponent.

    Defaults: the hyperbola fitted to an Interlink FSR with public data and code, 16.96 kOhm N and 0.50 kOhm
    (domain facts C.4-3a, source 86). `break_n` is the force that does nothing yet (0.2 to 1.0 N by the vendor's guide);
    it is 0 by default because the plate's own weight keeps each foot beyond it, so that it falls out with the tare.
    `full_scale_n` is the largest force this sensor is believed: 400 N is the whole pad's range (domain facts, 0).
    `creep_per_decade` is how much more it shows per factor of ten in time under a constant load; 0 is "nobody knows".
    `lag_ratio` and `lag_n` are share and reach of the pointer that it drags behind (`qlmat.core.lag`); 0 likewise.
    """

    scale_ohm_n: float = 16_960.0
    floor_ohm: float = 500.0
    break_n: float = 0.0
    full_scale_n: float = 400.0
    exponent: float = 1.0
    creep_per_decade: float = 0.0
    lag_ratio: float = 0.0
    lag_n: float = 0.0

    def newtons(self, volts: float, rail_v: float, divider_ohm: float) -> float:
        """Read the force on the sensor in N from the ADC's volts; NaN where that cannot be known.

        NaN in gives NaN. Nothing at all, or less, gives 0: an open lead looks the same. Beyond `full_scale_n` the
        answer stays there ("at least this much"), because pressing too hard must never look like pressing nothing.
        Volts that no part can reach, with R under half its floor, are a short circuit: NaN.

        >>> round(Curve().newtons(1.65, 3.3, divider_ohm=1000.0), 2)  # R = 1.0 kOhm
        33.92
        >>> Curve().newtons(2.3, 3.3, 1000.0), Curve().newtons(3.29, 3.3, 1000.0)  # saturated, shorted
        (400.0, nan)
        """
        if isnan(volts + rail_v) or volts > rail_v * divider_ohm / (divider_ohm + SHORT_FLOOR_RATIO * self.floor_ohm):
            return float("nan")
        if volts <= 0.0:
            return 0.0
        slope = divider_ohm * (rail_v - volts) - self.floor_ohm * volts  # (R - floor) v
        if self.scale_ohm_n * volts >= self.full_scale_n * slope:
            return self.full_scale_n
        pressed = self.scale_ohm_n * volts / slope
        if self.exponent != 1.0:
            pressed = PIVOT_N * (pressed / PIVOT_N) ** (1.0 / self.exponent)
        # The break force comes in over its own size, or noise at rest would read as the whole of it.
        return min(pressed + min(self.break_n, pressed), self.full_scale_n)


@dataclass(frozen=True, slots=True)
class Calibration:
    """One curve for each sensor, in the order of `Board.sensors`."""

    curves: tuple[Curve, ...]


def nominal_calibration(board: Board) -> Calibration:
    """Give every sensor the published curve, for a board nobody has calibrated: it tells more from less, not newtons.

    Parts that spread by 20 % then read within 28 % half the time, and above 100 N up to three times too much, because
    there the curve's floor decides (`python -m bench.calibration`).
    """
    return Calibration(tuple(Curve() for _ in board.sensors))


class Calibrator:
    """Turns frames of one board into forces. Holds no state between frames.

    The rail of each chip divides out. A rail nobody reads, or that is absent in this frame, counts as the nominal
    supply; one that reads outside 0.9 to 1.1 of it makes its sensors absent, because either the rail or its reading is
    broken and nobody can say which.

    >>> from qlmat.core.model import Chip, Sensor
    >>> board = Board(chips=(Chip(0x48),), sensors=(Sensor("left_1", "left", 0.0, 70.0, 0x48, 0),))
    >>> calibrator = Calibrator(board, nominal_calibration(board))
    >>> for rail_v, volts in ((3.3, 1.65), (3.2, 1.6), (2.5, 1.25)):
    ...     print(calibrator.forces(Frame(0.0, np.array([volts, rail_v]))).newtons.round(2))
    [33.92]
    [33.92]
    [nan]
    """

    def __init__(self, board: Board, calibration: Calibration) -> None:
        """Check that there is a curve for each sensor; raise ValueError if not."""
        if len(calibration.curves) != len(board.sensors):
            raise ValueError(f"{len(calibration.curves)} curves for {len(board.sensors)} sensors: give one for each.")
        self._supply_v = board.supply_v
        self._channels = len(board.channels)
        self._rails = tuple(dict.fromkeys(board.rail_channel))
        self._sensors = tuple(
            (curve, sensor.divider_ohm, rail)
            for curve, sensor, rail in zip(calibration.curves, board.sensors, board.rail_channel, strict=True)
        )

    def forces(self, frame: Frame) -> Forces:
        """Read the newtons on each sensor: (sensors,), NaN where absent. Raise ValueError on another board's frame."""
        volts = frame.volts.tolist()  # plain floats: for six sensors ten times faster than arrays
        if len(volts) != self._channels:
            raise ValueError(f"frame of {len(volts)} channels on a board of {self._channels}: check the board.")
        rails = {channel: self._rail_v(volts, channel) for channel in self._rails}
        newtons = np.array(
            [
                curve.newtons(volts[index], rails[rail], divider_ohm)
                for index, (curve, divider_ohm, rail) in enumerate(self._sensors)
            ]
        )
        newtons.flags.writeable = False
        return Forces(frame.t_s, newtons)

    def _rail_v(self, volts: list[float], channel: int | None) -> float:
        if channel is None or isnan(volts[channel]):
            return self._supply_v
        rail_v = volts[channel]
        plausible = RAIL_LOW_RATIO * self._supply_v <= rail_v <= RAIL_HIGH_RATIO * self._supply_v
        return rail_v if plausible else float("nan")
