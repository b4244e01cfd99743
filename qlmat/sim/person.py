"""A virtual person: a story turned into force and place on each pad at any time, with the truth beside it.

    force = lean + swing of the movement + breathing + restlessness + coughs, scaled by how much rests on the ball
    place = where the ball is + swing of the movement + restlessness

Numbers are the body model of the domain facts C.4. The whole story is laid out when the person is made; from then on
every question about any time has one answer.
"""

from dataclasses import dataclass

import numpy as np

from qlmat.core.model import SIDES, Board, FloatArray, Kind, Side
from qlmat.sim.pad import RigidPad
from qlmat.sim.steps import Habits, Story
from qlmat.sim.storyline import STILL, Motion, Storyline, lay_out

STEP_S = 0.01
SOFT_S = 0.2  # a body has no corners: levels are smoothed over this
COUGH_S = 0.3
FADE_S = 0.5  # a movement that ends, ends within this
SKEW = 0.3  # faster out than back
TWICE_RATIO = 0.4  # part of the force's swing at twice the rocking cadence: both ends of a roll press alike
CROSS_RATIO = 0.15  # how far a movement in one direction wanders in the other
AMPLITUDE_JITTER = 0.1
RESTLESS_TAU_S = 60.0


@dataclass(frozen=True, slots=True)
class Truth:
    """What the person really does at `t_s`: force and place by side, and the movement.

    `side` is where they lie, None off the mat; `kind` is None then too; `cadence_cpm` is that of the present cycle.
    """

    t_s: float
    force_n: dict[Side, float]
    place_mm: dict[Side, tuple[float, float]]
    side: Side | None
    kind: Kind | None
    cadence_cpm: float | None
    cycles: int


class Person:
    """One person living through one story. The same story and an equal generator give the same person."""

    def __init__(self, story: Story, rng: np.random.Generator) -> None:
        """Lay the story out. Raises `RecordingError` where its steps make no sense one after another."""
        self.line = lay_out(story, rng)
        self.end_s = self.line.end_s
        self._t_s = np.arange(0.0, self.end_s + STEP_S, STEP_S)
        breath, walk = _breathing(self._t_s, story.person, rng), _walks(self._t_s, story.person, rng)
        coughs = _coughs(self._t_s, self.line)
        self._tracks: dict[Side, FloatArray] = {
            side: self._track(side, story.person, breath + coughs + walk[0], walk[1:]) for side in SIDES
        }

    def at(self, t_s: FloatArray, side: Side) -> FloatArray:
        """Give force in N and place x, y in mm on one side: (3, n) at the instants (n,); after the end all stays."""
        return np.stack([np.interp(t_s, self._t_s, row) for row in self._tracks[side]])

    def truth(self, t_s: float) -> Truth:
        """Tell what really happens at `t_s`."""
        rows = {side: self.at(np.array([t_s]), side)[:, 0].tolist() for side in SIDES}
        motion = self.line.motion_at(t_s)
        side = self.line.side_at(t_s)
        return Truth(
            t_s=t_s,
            force_n={side: row[0] for side, row in rows.items()},
            place_mm={side: (row[1], row[2]) for side, row in rows.items()},
            side=side,
            kind=motion.kind if motion else (STILL if side else None),
            cadence_cpm=motion.cadence_cpm(t_s) if motion else None,
            cycles=motion.cycles(t_s) if motion else 0,
        )

    def _track(self, side: Side, habits: Habits, always_n: FloatArray, wander_mm: FloatArray) -> FloatArray:
        """Compose one side: (3, n) of force, x, y."""
        level_n, x_mm, y_mm = self.line.levels(side, self._t_s)
        level_n = _soften(level_n)
        lying = np.clip(level_n / np.maximum(self.line.placed_n(side, self._t_s), 1.0), 0.0, 1.0)
        force_n, x_mm, y_mm = level_n + lying * always_n, x_mm + wander_mm[0], y_mm + wander_mm[1]
        breath_mm = habits.breathing_mm / habits.breathing_newtons if habits.breathing_newtons else 0.0
        y_mm = y_mm + lying * always_n * breath_mm
        for motion in self.line.motions:
            if motion.side == side:
                swing_n, across_mm, along_mm = _swing(motion, self._t_s)
                force_n, x_mm, y_mm = force_n + lying * swing_n, x_mm + across_mm, y_mm + along_mm
        return np.stack([np.maximum(force_n, 0.0), x_mm, y_mm])


class PersonLoad:
    """A person lying on the pads of a board: the `Load` of a `VirtualMat`."""

    def __init__(self, person: Person, board: Board) -> None:
        self.person = person
        self._columns: dict[Side, list[int]] = {
            side: [k for k, sensor in enumerate(board.sensors) if sensor.side == side] for side in SIDES
        }
        self._pads = {side: RigidPad([board.sensors[k] for k in ks]) for side, ks in self._columns.items() if ks}
        self._sensors = len(board.sensors)

    def newtons(self, t_s: FloatArray) -> FloatArray:
        """Give (n, sensors) in N at the instants (n,)."""
        newtons = np.zeros((len(t_s), self._sensors))
        for side, pad in self._pads.items():
            newtons[:, self._columns[side]] = pad.split(*self.person.at(t_s, side))
        return newtons


def _swing(motion: Motion, t_s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give force in N, x and y in mm that one movement adds: each (n,), zero outside it."""
    during = (t_s >= motion.start_s) & (t_s < motion.end_s)
    phase = 2.0 * np.pi * motion.phase(t_s)
    size = during * motion.size(t_s)
    if not motion.continues:
        size = size * np.clip((motion.end_s - t_s) / FADE_S, 0.0, 1.0)
    wave = size * np.sin(phase + SKEW * np.sin(phase))
    if motion.kind == "bend":
        return motion.swing_n * wave, CROSS_RATIO * motion.travel_mm * wave, motion.travel_mm * wave
    twice = size * (1.0 - np.cos(2.0 * phase)) / 2.0
    swing_n = motion.swing_n * ((1.0 - TWICE_RATIO) * wave + TWICE_RATIO * twice)
    return swing_n, motion.travel_mm * wave, CROSS_RATIO * motion.travel_mm * wave


def _breathing(t_s: FloatArray, habits: Habits, rng: np.random.Generator) -> FloatArray:
    period_s = 60.0 / habits.breathing_cpm
    count = int(t_s[-1] / period_s * 1.5) + 10
    lengths_s = period_s * np.exp(0.1 * rng.standard_normal(count))
    starts_s = np.concatenate([[0.0], np.cumsum(lengths_s)]) - rng.uniform(0.0, period_s)
    phase = np.interp(t_s, starts_s, np.arange(count + 1))
    return habits.breathing_newtons * np.sin(2.0 * np.pi * phase)


def _walks(t_s: FloatArray, habits: Habits, rng: np.random.Generator) -> FloatArray:
    """Give restless force, x and y: (3, n), random walks that find back within a minute."""
    count = int(t_s[-1]) + 2
    pushes = rng.standard_normal((count, 3)) * [habits.restless_newtons, habits.restless_mm, habits.restless_mm]
    state, states = np.zeros(3), []
    for push in pushes:
        states.append(state)
        state = state * (1.0 - 1.0 / RESTLESS_TAU_S) + push
    return np.stack([np.interp(t_s, np.arange(count), row) for row in np.array(states).T])


def _coughs(t_s: FloatArray, line: Storyline) -> FloatArray:
    pushes = np.zeros_like(t_s)
    for at_s, newtons in line.coughs:
        x = np.clip((t_s - at_s) / COUGH_S, 0.0, 1.0)
        pushes += newtons * np.sin(np.pi * x)
    return pushes


def _soften(level_n: FloatArray) -> FloatArray:
    width = round(SOFT_S / STEP_S) + 1
    bell = np.hanning(width + 2)[1:-1]
    padded = np.pad(level_n, width // 2, mode="edge")
    return np.convolve(padded, bell / bell.sum(), mode="valid")
