"""Tell from the signals alone when a foot's sensor, its leads or the rail cannot be right, and what to look at.

A fault is told once, when it has lasted, and once more when it has been gone for two seconds. What each looks like,
with r = volts / rail:

    short        r above 0.8: no sensor gets there
    saturated    r above 0.64: beyond some 270 N one more newton changes nothing
    loose        loaded, nothing, loaded again, several times within three seconds
    stuck        the other feet of the pad swing in sum, this one stays to three millivolts
    open         nothing where there must be something: the plate's weight is gone from this foot alone, or it has
                 said nothing for long although the pad is loaded
    foot_lifted  the pad is loaded and this foot is not: the ball is beyond the feet
    drifting     with the pad empty, its reading has run away from the others'
    rail         the rail that feeds the dividers is 5 % off
"""

from collections import deque
from collections.abc import Iterable
from math import isnan
from statistics import median

from qlmat.core.model import Board, Event, Frame, Sensor, Side

STEP_S = 0.2  # a fault need not be told sooner, and looking costs time
OK_AFTER_S = 2.0
HISTORY_S = 3.0
NOTHING_RATIO = 0.002  # 7 mV, a few ADC steps beyond offset and noise: 0.03 N
SHORT_RATIO, SATURATED_RATIO = 0.8, 0.64  # R below half the contact resistance; R where the curve ends (facts C.4)
RAIL_TOLERANCE_RATIO = 0.05
LOADED_N = 20.0  # a pad with this much on its other feet is being worked
EMPTY_N = 12.0  # plate, cloth and foam weigh 3 to 9 N on three feet (facts C.2)
WEIGHT_N = 0.3  # a foot that carries its share of the plate shows at least this
STILL_RATIO = 0.001  # 3 mV: noise and mains; a real foot trembles by 0.5 % of its force besides (facts C.4-7)
SWING_N, SWING_SHARE = 10.0, 0.3
STUCK_N = 8.0  # a foot with less may well lie still while the others carry
LOOSE_CHANGES, LOOSE_S, THERE_RATIO = 4, 3.0, 0.02
DRIFT_RATIO, DRIFT_N = 2.0, 1.0
SCALE_OHM_N, FLOOR_OHM = 16_960.0, 500.0  # nominal FSR (facts C.4-3a): for "is there a load", not for newtons
LASTS_S = {"short": 0.3, "saturated": 0.5, "loose": 0.0, "stuck": 0.0, "open": 1.0, "foot_lifted": 0.5, "drifting": 5.0}
OPEN_UNDER_LOAD_S = 8.0  # a ball does not stay beyond the feet for so long
RAIL_LASTS_S = 0.3
CHECKS = {
    "short": "look for two leads that touch, or a sensor crushed at its tail",
    "saturated": "too much rests on one foot: bring the ball to the middle, or lean less",
    "loose": "press the plug of this sensor home and look for a broken lead",
    "stuck": "the foot may rest on the frame, or its lead on another: free it, then run 'qlmat doctor'",
    "open": "look for a broken lead or an unplugged sensor",
    "foot_lifted": "bring the ball to the middle of the pad",
    "drifting": "look whether the foot sits on its sensor and nothing presses there, then calibrate",
    "rail": "measure the 3.3 V at the dividers and check the wire of input 3",
}


class SensorWatch:
    """Follows the frames of one board, samples brought to one instant; any rate from 5 frames a second.

    A lead breaks under a pad of 60 N while the others swing:

    >>> import numpy as np
    >>> from math import sin
    >>> from qlmat.core.model import Chip
    >>> feet = tuple(Sensor(f"left_{n}", "left", 0.0, 0.0, 0x48, n) for n in range(3))
    >>> watch = SensorWatch(Board(chips=(Chip(0x48),), sensors=feet))
    >>> for n in range(150):
    ...     volts = [1.0 + 0.1 * sin(n / 5), 1.1 - 0.1 * sin(n / 5), 0.0 if n > 30 else 1.0, 3.3]
    ...     for event in watch.step(Frame(n * 0.1, np.array(volts))):
    ...         print(round(event.t_s, 1), event.name, event.detail["sensor"], event.detail["what"])
    3.7 sensor_fault left_2 foot_lifted
    11.4 sensor_fault left_2 open
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self.reset()

    def reset(self) -> None:
        """Forget everything, as at switching on."""
        self._t_s = float("-inf")
        self._leads = [_Lead(sensor) for sensor in self._board.sensors]
        self._pads = [[lead for lead in self._leads if lead.sensor.side == side] for side in ("left", "right")]
        first_rail = len(self._board.sensors)
        self._rails = [
            (first_rail + index, _Verdict(channel.name, None))
            for index, channel in enumerate(self._board.channels[first_rail:])
        ]

    def step(self, frame: Frame) -> tuple[Event, ...]:
        """Take a frame; return what has changed. Absent channels say nothing and are told elsewhere."""
        if frame.t_s - self._t_s < STEP_S:
            return ()
        self._t_s = t_s = frame.t_s
        volts = frame.volts.tolist()
        events = [event for index, verdict in self._rails for event in self._look_at_rail(t_s, volts[index], verdict)]
        for index, (lead, rail) in enumerate(zip(self._leads, self._board.rail_channel, strict=True)):
            rail_v = self._board.supply_v if rail is None or not volts[rail] > 0.0 else volts[rail]
            lead.see(t_s, volts[index] / rail_v)
        for pad in self._pads:
            events += _look_at_pad(t_s, pad)
        return tuple(events)

    def _look_at_rail(self, t_s: float, volts: float, verdict: "_Verdict") -> Iterable[Event]:
        off = not isnan(volts) and abs(volts / self._board.supply_v - 1.0) > RAIL_TOLERANCE_RATIO
        return verdict.judge(t_s, "rail" if off else None, RAIL_LASTS_S)


class _Verdict:
    """What is told of one sensor or rail: the fault suspected, since when, and the one that has been told."""

    def __init__(self, name: str, side: Side | None) -> None:
        self._name = name
        self._side = side
        self._suspected: str | None = None
        self._since_s = 0.0
        self._told: str | None = None
        self._last_s = 0.0

    def judge(self, t_s: float, what: str | None, lasts_s: float) -> Iterable[Event]:
        if what != self._suspected:
            self._suspected, self._since_s = what, t_s
        if what is not None:
            self._last_s = t_s
            if what != self._told and t_s - self._since_s >= lasts_s - 1e-9:
                self._told = what
                yield self._event(t_s, "sensor_fault", what)
        elif self._told is not None and t_s - self._last_s >= OK_AFTER_S:
            yield self._event(t_s, "sensor_ok", self._told)
            self._told = None

    def _event(self, t_s: float, name: str, what: str) -> Event:
        return Event(t_s, name, self._side, {"sensor": self._name, "what": what, "check": CHECKS[what]})


class _Lead:
    """One sensor with its leads: the last three seconds of its signal, as part of the rail and as nominal newtons."""

    def __init__(self, sensor: Sensor) -> None:
        self.sensor = sensor
        self.verdict = _Verdict(sensor.name, sensor.side)
        self.ratio = self.newtons = float("nan")
        self.span = self.swing_n = self.top_n = float("inf")  # of the last three seconds; infinite before
        self.changed_s: deque[float] = deque(maxlen=LOOSE_CHANGES)
        self.ratios: deque[float] = deque(maxlen=round(HISTORY_S / STEP_S))
        self.loads_n: deque[float] = deque(maxlen=round(HISTORY_S / STEP_S))
        self.empty_n: float | None = None
        self.nothing_since_s: float | None = None

    def see(self, t_s: float, ratio: float) -> None:
        before, self.ratio = self.ratio, ratio
        if isnan(ratio):
            return
        if (ratio >= THERE_RATIO) != (before >= THERE_RATIO) and not isnan(before):
            self.changed_s.append(t_s)
        self.newtons = _nominal_newtons(ratio, self.sensor.divider_ohm)
        self.ratios.append(ratio)
        self.loads_n.append(self.newtons)
        if len(self.ratios) == self.ratios.maxlen:
            self.span = max(self.ratios) - min(self.ratios)
            self.top_n = max(self.loads_n)
            self.swing_n = self.top_n - min(self.loads_n)
        if ratio >= NOTHING_RATIO:
            self.nothing_since_s = None
        elif self.nothing_since_s is None:
            self.nothing_since_s = t_s

    def loose(self, t_s: float) -> bool:
        return len(self.changed_s) == LOOSE_CHANGES and t_s - self.changed_s[0] < LOOSE_S


def _look_at_pad(t_s: float, pad: list[_Lead]) -> list[Event]:
    events: list[Event] = []
    if not pad or isnan(sum(lead.ratio for lead in pad)):
        return events
    empty = all(lead.top_n < EMPTY_N and lead.swing_n < 1.0 for lead in pad)
    for lead in pad:
        what = _suspect(t_s, lead, [other for other in pad if other is not lead], empty)
        events += lead.verdict.judge(t_s, what, LASTS_S.get(what or "", 0.0))
    if empty and all(lead.empty_n is None for lead in pad):
        for lead in pad:
            lead.empty_n = median(lead.loads_n)
    return events


def _suspect(t_s: float, lead: _Lead, others: list[_Lead], empty: bool) -> str | None:
    """Name what is wrong with a sensor, the surest first."""
    if lead.ratio > SHORT_RATIO:
        return "short"
    if lead.ratio > SATURATED_RATIO:
        return "saturated"
    if lead.ratio >= NOTHING_RATIO:
        if lead.loose(t_s):
            return "loose"
        if _stuck(lead, others):
            return "stuck"
        return "drifting" if empty and _drifting(lead, others) else None
    return _nothing(t_s, lead, others)


def _nothing(t_s: float, lead: _Lead, others: list[_Lead]) -> str | None:
    """Tell what a sensor that says nothing means, by what rests on the others."""
    if not others:
        return None
    if lead.loose(t_s):
        return "loose"
    on_others_n = sum(other.newtons for other in others)
    if on_others_n > LOADED_N:
        silent_s = t_s - (t_s if lead.nothing_since_s is None else lead.nothing_since_s)
        return "open" if silent_s > OPEN_UNDER_LOAD_S - LASTS_S["open"] else "foot_lifted"
    plate_rests = all(other.newtons > WEIGHT_N for other in others)
    return "open" if plate_rests and (lead.empty_n or 0.0) > WEIGHT_N else None


def _stuck(lead: _Lead, others: list[_Lead]) -> bool:
    if lead.span > STILL_RATIO or lead.newtons < STUCK_N or not others:
        return False
    sums_n: list[float] = [sum(loads_n) for loads_n in zip(*(other.loads_n for other in others), strict=False)]
    swing_n = max(sums_n) - min(sums_n)
    return swing_n > SWING_N and swing_n > SWING_SHARE * max(sums_n)


def _drifting(lead: _Lead, others: list[_Lead]) -> bool:
    """Compare what a foot of an empty pad shows with what it showed at first, and the others."""
    if not others or lead.empty_n is None:
        return False
    usual = median((other.newtons + DRIFT_N) / ((other.empty_n or 0.0) + DRIFT_N) for other in others)
    grown = (lead.newtons + DRIFT_N) / (lead.empty_n + DRIFT_N) / usual
    return bool(not 1.0 / DRIFT_RATIO <= grown <= DRIFT_RATIO)


def _nominal_newtons(ratio: float, divider_ohm: float) -> float:
    """Turn a part of the rail into newtons on the nominal curve; up to 400."""
    if ratio <= 0.0:
        return 0.0
    sensor_ohm = divider_ohm * (1.0 - ratio) / ratio
    return min(400.0, SCALE_OHM_N / (sensor_ohm - FLOOR_OHM)) if sensor_ohm > FLOOR_OHM else 400.0
