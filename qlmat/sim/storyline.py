"""A story laid out in time: which step runs when, the levels it asks for, and its movements cycle by cycle."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from qlmat.core.model import SIDES, FloatArray, Kind, Side
from qlmat.errors import RecordingError
from qlmat.sim import steps
from qlmat.sim.steps import Step, Story

STILL: Kind = "still"
SLIP_S = 0.05  # with the body's softness a ball that slips is gone in less than 0.3 s
HIP_RAISED_N = 5.0  # what still rests on a ball that is being moved
SHORTEST_S = 0.001  # between two levels that follow at once


class Press(NamedTuple):
    """The button held from `t_s` for `seconds`."""

    t_s: float
    seconds: float


class Level(NamedTuple):
    """What one pad is asked to bear at an instant; straight lines between instants."""

    t_s: float
    newtons: float
    x_mm: float
    y_mm: float
    placed_n: float


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """One stretch of rocking or bending. `turns_s` (cycles + 1,) are the starts of its cycles, `sizes` theirs."""

    start_s: float
    end_s: float
    side: Side
    kind: Kind
    travel_mm: float
    swing_n: float
    turns_s: FloatArray
    sizes: FloatArray
    cycles_before: float
    continues: bool = False

    def phase(self, t_s: FloatArray) -> FloatArray:
        """Give cycles since the first `turns_s`, fractions included."""
        return np.interp(t_s, self.turns_s, np.arange(len(self.turns_s)))

    def size(self, t_s: FloatArray) -> FloatArray:
        """Give the relative size of the swing, about 1."""
        return np.interp(t_s, self.turns_s, self.sizes)

    def cadence_cpm(self, t_s: float) -> float:
        """Give cycles a minute of the cycle at `t_s`."""
        k = int(np.clip(np.searchsorted(self.turns_s, t_s, side="right") - 1, 0, len(self.turns_s) - 2))
        return float(60.0 / (self.turns_s[k + 1] - self.turns_s[k]))

    def cycles(self, t_s: float) -> int:
        """Count whole cycles since the movement began, through steps that follow on one another."""
        return int(self.cycles_before + self.phase(np.array([t_s]))[0] - self.phase(np.array([self.start_s]))[0] + 1e-9)


@dataclass(slots=True)
class Storyline:
    """The result: ask it for levels, movements, coughs and presses of the button."""

    end_s: float = 0.0
    spans: list[tuple[float, float, Step]] = field(default_factory=list)
    motions: list[Motion] = field(default_factory=list)
    coughs: list[tuple[float, float]] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)
    knots: dict[Side, list[Level]] = field(default_factory=lambda: {side: [Level(0, 0, 0, 0, 1)] for side in SIDES})

    def levels(self, side: Side, t_s: FloatArray) -> FloatArray:
        """Give force in N, x and y in mm asked of one side: (3, n)."""
        knots = np.array(self.knots[side])
        return np.stack([np.interp(t_s, knots[:, 0], knots[:, k]) for k in (1, 2, 3)])

    def placed_n(self, side: Side, t_s: FloatArray) -> FloatArray:
        """Give the force the person last lay down with on one side: (n,)."""
        knots = np.array(self.knots[side])
        return np.asarray(np.interp(t_s, knots[:, 0], knots[:, 4]))

    def motion_at(self, t_s: float) -> Motion | None:
        """Find the movement at `t_s`."""
        return next((motion for motion in self.motions if motion.start_s <= t_s < motion.end_s), None)

    def side_at(self, t_s: float) -> Side | None:
        """Find the side that bears more than a raised hip at `t_s`."""
        loads = {side: float(self.levels(side, np.array([t_s]))[0, 0]) for side in SIDES}
        return next((side for side, newtons in loads.items() if newtons > HIP_RAISED_N), None)


def lay_out(story: Story, rng: np.random.Generator) -> Storyline:
    """Lay a story out in time. Raises `RecordingError` where a step cannot follow the one before."""
    teller = _Teller(rng)
    for number, step in enumerate(story.step, start=1):
        start_s = teller.t_s
        try:
            teller.tell(step)
        except ValueError as error:
            raise RecordingError(f"step {number} ({step.do}): {error}") from error
        teller.line.spans.append((start_s, teller.t_s, step))
    line = teller.line
    line.end_s = teller.t_s
    for moment in story.moment:
        if moment.do == "cough":
            line.coughs.append((moment.at_seconds, moment.newtons))
        else:
            line.presses.append(Press(moment.at_seconds, moment.seconds))
    line.presses.sort()
    return line


class _Teller:
    """Goes through the steps; holds where the person is now."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.line = Storyline()
        self.t_s = 0.0
        self._rng = rng
        self._side: Side | None = None
        self._placed_n = 0.0
        self._place = (0.0, 0.0)
        self._tellers: dict[type, Callable[..., None]] = {
            steps.Wait: self._hold,
            steps.Settle: self._lie,
            steps.Rest: self._lie,
            steps.Place: self._lie_down,
            steps.Rock: self._move,
            steps.Bend: self._move,
            steps.Press: self._press,
            steps.MoveBall: self._move_ball,
            steps.LoseBall: self._lose_ball,
            steps.LiftOff: self._lift_off,
            steps.ChangePad: self._change_pad,
            steps.Fidget: self._fidget,
            steps.Cough: self._cough,
            steps.PressButton: self._press_button,
        }

    def tell(self, step: Step) -> None:
        """Lay out one step and move on to its end."""
        start_s = self.t_s
        self._tellers[type(step)](step)
        self.t_s = start_s + step.seconds

    # --- on the mat or not ---

    def _on_mat(self) -> Side:
        if self._side is None:
            raise ValueError('nobody lies on the mat: put a step with do = "place" before it.')
        return self._side

    def _level(self, t_s: float, newtons: float) -> None:
        knots = self.line.knots[self._on_mat()]
        t_s = max(t_s, knots[-1].t_s)
        knots.append(Level(t_s, newtons, *self._place, self._placed_n))

    def _hold(self, step: Step) -> None:
        """Nothing changes."""

    def _lie(self, step: Step) -> None:
        self._on_mat()

    # --- steps ---

    def _lie_down(self, step: steps.Place) -> None:
        if self._side is not None:
            raise ValueError(f"the person already lies on the {self._side} side: lift_off first, or use change_pad.")
        self._load(step.side, step.newtons, (step.place_mm[0], step.place_mm[1]), self.t_s, self.t_s + step.seconds)

    def _load(self, side: Side, newtons: float, place: tuple[float, float], start_s: float, end_s: float) -> None:
        last = self.line.knots[side][-1]
        self.line.knots[side].append(last._replace(t_s=max(last.t_s, start_s - SHORTEST_S)))
        self._side, self._place, self._placed_n = side, place, newtons
        self._level(start_s, 0.0)
        self._level(end_s, newtons)

    def _unload(self, start_s: float, end_s: float) -> None:
        self._level(start_s, self._placed_n)
        self._level(end_s, 0.0)
        self._side = None

    def _lift_off(self, step: steps.LiftOff) -> None:
        self._on_mat()
        self._unload(self.t_s, self.t_s + step.seconds)

    def _lose_ball(self, step: steps.LoseBall) -> None:
        self._on_mat()
        self._unload(self.t_s, self.t_s + SLIP_S)

    def _change_pad(self, step: steps.ChangePad) -> None:
        other: Side = "right" if self._on_mat() == "left" else "left"
        newtons = self._placed_n if step.newtons is None else step.newtons
        end_s = self.t_s + step.seconds
        self._unload(self.t_s, self.t_s + 1.0)
        self._load(other, newtons, (step.place_mm[0], step.place_mm[1]), end_s - 2.0, end_s)

    def _press(self, step: steps.Press) -> None:
        self._lean(step.newtons, step.seconds, ramp_s=0.7)

    def _lean(self, newtons: float, seconds: float, ramp_s: float) -> None:
        ramp_s = min(ramp_s, seconds / 2.0)
        self._level(self.t_s, self._placed_n)
        self._level(self.t_s + ramp_s, newtons)
        self._level(self.t_s + seconds - ramp_s, newtons)
        self._level(self.t_s + seconds, self._placed_n)

    def _move_ball(self, step: steps.MoveBall) -> None:
        quarter_s = step.seconds / 4.0
        self._level(self.t_s, self._placed_n)
        self._level(self.t_s + quarter_s, HIP_RAISED_N)
        self._place = (step.place_mm[0], step.place_mm[1])
        self._level(self.t_s + 3.0 * quarter_s, HIP_RAISED_N)
        self._level(self.t_s + step.seconds, self._placed_n)

    def _fidget(self, step: steps.Fidget) -> None:
        self._level(self.t_s, self._placed_n)
        self._place = (self._place[0] + step.by_mm[0], self._place[1] + step.by_mm[1])
        self._level(self.t_s + step.seconds, self._placed_n)

    def _cough(self, step: steps.Cough) -> None:
        self._on_mat()
        self.line.coughs.append((self.t_s, step.newtons))

    def _press_button(self, step: steps.PressButton) -> None:
        self.line.presses.append(Press(self.t_s, step.seconds))

    def _move(self, step: steps.Rock | steps.Bend) -> None:
        side = self._on_mat()
        if step.lean_newtons is not None:
            self._lean(step.lean_newtons, step.seconds, ramp_s=1.0)
        before = self.line.motions[-1] if self.line.motions else None
        follows = before is not None and before.end_s == self.t_s and (before.side, before.kind) == (side, step.do)
        begun, cycles_before = 0.0, 0.0
        if before is not None and follows:
            whole = before.phase(np.array([self.t_s]))[0]
            begun = float(whole % 1.0)
            cycles_before = before.cycles_before + float(whole - before.phase(np.array([before.start_s]))[0])
            self.line.motions[-1] = replace(before, continues=True)
        turns_s = self._turns(60.0 / step.cpm, step.jitter, begun, step.seconds)
        sizes = 1.0 + 0.1 * self._rng.standard_normal(len(turns_s))
        self.line.motions.append(
            Motion(
                self.t_s, self.t_s + step.seconds, side, step.do, step.mm, step.newtons, turns_s, sizes, cycles_before
            )
        )

    def _turns(self, period_s: float, jitter: float, begun: float, seconds: float) -> FloatArray:
        """Draw the starts of cycles: the first began `begun` of a cycle before now, the last ends after the step."""
        count = int(seconds / period_s * 2.0) + 4
        lengths_s = period_s * np.exp(jitter * self._rng.standard_normal(count))
        starts_s = self.t_s - begun * lengths_s[0] + np.concatenate([[0.0], np.cumsum(lengths_s)])
        return np.asarray(starts_s[: int(np.searchsorted(starts_s, self.t_s + seconds)) + 2])
