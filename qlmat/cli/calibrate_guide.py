"""Follow a person through the steps of a calibration: feel when a weight has come to rest, wait, read, go on.

Nobody has to press a key with both hands full: a step begins when the pad feels something new that holds still.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Protocol

import numpy as np

from qlmat.cli.calibrate_steps import Step
from qlmat.core.calibration import Curve
from qlmat.core.fitting import conductance
from qlmat.core.model import Board, Frame, Sensor
from qlmat.core.placements import Placement, Reading, reading, without_spikes
from qlmat.errors import CalibrationError
from qlmat.ports import FrameSource

WINDOW_S = 1.0  # a reading is the mean of this long; the pad is steady when it changed little within it
STEADY_RATIO = 0.06  # largest less smallest over the mean of three feet with 0.5 % noise each, and room to breathe
NEW_RATIO, NEW_SIEMENS = 0.04, 5e-6  # the smallest step, 150 to 90 N, changes siemens by a fifth
EMPTY_N, PRESSED_N = 12.0, 60.0  # as the published curve reads, which is all there is: it may be a factor of two off
PATIENCE_S, ABSENT_S, TRIES = 180.0, 2.0, 4


class Helper(Protocol):
    """Who puts the weights on: a person who reads the screen, or a virtual one."""

    def told(self, step: Step, now_s: float) -> None:
        """Hear what to do now."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """What a screen can show while a step goes on: `share` of it done, None while waiting for the person."""

    step: Step
    number: int
    of: int
    share: float | None
    siemens: tuple[float, ...]


class Guide:
    """Reads the feet of one pad while a helper follows the steps.

    `show(progress)` is called with every frame, `note(frame, step)` with every frame and the step it belongs to, None
    while something is being moved.
    """

    def __init__(
        self,
        board: Board,
        feet: Sequence[Sensor],
        source: FrameSource,
        helper: Helper,
        show: Callable[[Progress], None],
        note: Callable[[Frame, Step | None], None],
    ) -> None:
        self._feet = [(board.sensors.index(f), board.rail_channel[board.sensors.index(f)], f) for f in feet]
        self._supply_v = board.supply_v
        self._source, self._helper, self._show, self._note = source, helper, show, note
        self._window: deque[tuple[float, tuple[float, ...]]] = deque()
        self._seen_s: float | None = None
        self._before: float | None = None

    def run(self, steps: Sequence[Step]) -> list[Placement]:
        """Go through the steps; raises `CalibrationError` when a step cannot be done."""
        placements = []
        for number, step in enumerate(steps, start=1):
            for attempt in range(TRIES):
                if (found := self._try(step, number, len(steps), attempt)) is not None:
                    placements.append(found)
                    break
            else:
                raise CalibrationError(f"step {number}: the pad did not hold still in {TRIES} tries: a stack that "
                                       "stands freely does; begin again")  # fmt: skip
        return placements

    def _try(self, step: Step, number: int, of: int, attempt: int) -> Placement | None:
        if attempt == 0:
            now_s = self._next(step, number, of, None)
            self._helper.told(step, now_s)
        began_s = self._wait(step, number, of, attempt > 0)
        readings: list[Reading] = []
        due = list(step.read_s)
        passed_s = 0.0
        while passed_s < step.lasts_s:
            passed_s = self._next(step, number, of, passed_s / step.lasts_s) - began_s
            if due and passed_s >= due[0]:
                if not self._steady():
                    return None
                due.pop(0)
                readings.append(self._reading())
        self._before = self._total()
        end_s = self._window[-1][0]
        return Placement(began_s, end_s, step.force_n, step.x_mm, step.y_mm, tuple(readings), step.force_sd_n)

    def _wait(self, step: Step, number: int, of: int, again: bool) -> float:
        """Wait until the step has begun; return when."""
        asked_s = self._window[-1][0]
        while True:
            now_s = self._next(step, number, of, None)
            if now_s - asked_s >= WINDOW_S and self._begun(step, again):
                return now_s - (0.0 if step.kind == "press" else WINDOW_S)
            if now_s - asked_s > PATIENCE_S:
                raise CalibrationError(f"step {number} ({step.say}) did not begin in {PATIENCE_S:.0f} s: begin again, "
                                       "or run 'qlmat doctor' if it did")  # fmt: skip

    def _begun(self, step: Step, again: bool) -> bool:
        newtons = sum(_nominal_n(each) for each in self._window[-1][1])
        if step.kind == "press":
            return newtons > PRESSED_N
        if step.kind == "empty":
            return newtons < EMPTY_N and self._steady()
        before = self._before or 0.0
        changed = again or abs(self._total() - before) > NEW_RATIO * before + NEW_SIEMENS
        return changed and newtons >= EMPTY_N / 2 and self._steady()

    def _next(self, step: Step, number: int, of: int, share: float | None) -> float:
        """Take the next frame in which every foot is there; return its time."""
        while True:
            frame = self._source.read()
            if frame is None:
                raise CalibrationError("the mat stopped giving readings: run 'qlmat doctor'")
            self._note(frame, step if share is not None else None)
            siemens = self._siemens(frame)
            if siemens is not None:
                break
            self._seen_s = frame.t_s if self._seen_s is None else self._seen_s
            if frame.t_s - self._seen_s > ABSENT_S:
                raise CalibrationError(f"{self._absent(frame)} gives no readings: run 'qlmat doctor'")
        self._seen_s = frame.t_s
        self._window.append((frame.t_s, siemens))
        while frame.t_s - self._window[0][0] > WINDOW_S:
            self._window.popleft()
        self._show(Progress(step, number, of, share, siemens))
        return frame.t_s

    def _siemens(self, frame: Frame) -> tuple[float, ...] | None:
        found = []
        for index, rail, foot in self._feet:
            rail_v = self._supply_v if rail is None else float(frame.volts[rail])
            volts = float(frame.volts[index])
            if isnan(volts) or isnan(rail_v):
                return None
            found.append(conductance(volts, rail_v, foot.divider_ohm))
        return tuple(found)

    def _absent(self, frame: Frame) -> str:
        return ", ".join(foot.name for index, _, foot in self._feet if isnan(frame.volts[index])) or "the 3.3 V rail"

    def _totals(self) -> list[float]:
        return [sum(siemens) for _, siemens in self._window]

    def _total(self) -> float:
        totals = self._totals()
        return sum(totals) / len(totals)

    def _steady(self) -> bool:
        totals = without_spikes(np.array(self._totals()))
        return bool(totals[-1] - totals[0] <= STEADY_RATIO * self._total() + NEW_SIEMENS)

    def _reading(self) -> Reading:
        t_s, siemens = zip(*self._window, strict=True)
        return reading(np.array(t_s), np.array(siemens))


def _nominal_n(siemens: float) -> float:
    usual = Curve()
    return usual.scale_ohm_n * siemens / max(1.0 - usual.floor_ohm * siemens, 0.01)
