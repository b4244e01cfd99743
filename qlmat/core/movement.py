"""How the person moves on the ball: rocking, bending or still, how fast, how far, how many cycles.

>>> from math import pi, sin
>>> from qlmat.core.model import Contact, Contacts, NO_CONTACT
>>> estimator = MovementEstimator()
>>> for i in range(1000):  # 20 s at 50 frames/s: 12 cycles a minute, 12 mm to either side
...     x_mm = 12 * sin(2 * pi * 0.2 * i / 50)
...     movement = estimator.step(Contacts(i / 50, Contact(100.0, (x_mm, 0.0), True), NO_CONTACT))
>>> movement.side, movement.kind, round(60 * movement.cadence_hz, 1), round(movement.depth_mm)
('left', 'rock', 12.0, 24)
"""

from dataclasses import dataclass
from math import hypot

import numpy as np

from qlmat.core.model import Contacts, FloatArray, Kind, Movement, Side
from qlmat.core.movement_bank import Bank, Energies
from qlmat.core.movement_count import ZigZag, turns
from qlmat.core.movement_slots import SLOT_S, Slots

DECIDE_SLOTS = 2  # 5 decisions a second
PAD_OFFSET_MM = 90.0  # from the spine to a pad's centre: a pad is 150 mm wide and they do not overlap
PRESENCE_SLOTS = 100  # 10 s: rolling knees lift one pad for half a period, a ball taken away stays away
SHARE_RATIO = 0.08  # a second pad with less than this part of the other's load says nothing
ROCK_GATE_MM = 3.5  # amplitude below which travel of the centre of pressure is breathing or fidgeting
BEND_GATE_RATIO = 0.042  # amplitude of total force over its mean, likewise
BEND_GATE_N = 9.0  # breathing under the ball moves 2 to 8 N
BEND_SURE_RATIO = 0.3  # nobody breathes a third of the load away
EDGE_MM = 50.0  # a load this far out stands on one foot: a plate on three feet no longer tells force and place
HEAVY_N = 200.0, 300.0  # from here on a foot may be near its contact resistance, where 1 mV is 1 % of the force
SHORT_R2, WORK_R2 = 0.85, 0.8
STOP_RATIO = 0.6

_BANK = Bank()


@dataclass(frozen=True, slots=True, eq=False)
class _Channels:
    """What may move: lateral place, head-to-foot place (mm), total force; and the force that counts as full."""

    x_mm: FloatArray
    y_mm: FloatArray
    force_n: FloatArray
    level_n: float
    side: Side
    wide: bool


@dataclass(frozen=True, slots=True)
class _Rhythm:
    """One fit: cadence, amplitude in gates, quality."""

    hz: float
    gates: float
    r2: float
    periods: float


class MovementEstimator:
    """Follow both pads frame by frame; decide five times a second and repeat the answer in between."""

    def __init__(self) -> None:
        self._slots = Slots()
        self.reset()

    def reset(self) -> None:
        """Forget the past, as after a new placement of the ball."""
        self._slots.reset()
        self._movement = Movement()
        self._since_decision = 0
        self._clear()
        self._side: Side | None = None
        self._touched = {"left": -PRESENCE_SLOTS, "right": -PRESENCE_SLOTS}
        self._slot_count = 0
        self._present_since = 0

    def _clear(self) -> None:
        self._kind: Kind | None = None
        self._hz = 0.0
        self._cycles = 0
        self._zigzag: ZigZag | None = None
        self._counted = 0
        self._moving_since = 0

    def step(self, contacts: Contacts) -> Movement:
        """Take one frame's contacts and return the movement as last decided."""
        closed = self._slots.add(contacts)
        if contacts.left.touching:
            self._touched["left"] = self._slot_count
        if contacts.right.touching:
            self._touched["right"] = self._slot_count
        if closed:
            self._slot_count += closed
            self._since_decision += closed
            if self._since_decision >= DECIDE_SLOTS:
                self._since_decision = 0
                self._movement = self._decide()
        return self._movement

    def _decide(self) -> Movement:
        channels = self._channels()
        if channels is None:
            self._clear()
            return Movement()
        if len(channels.x_mm) < 10:
            return Movement(side=channels.side, kind=None)
        rock = _best(_BANK.energies(channels.x_mm / ROCK_GATE_MM))
        gate_n = _bend_gate_n(channels)
        bend = _best(_BANK.energies(channels.force_n / gate_n))
        if self._kind is None:
            self._begin(channels, rock, bend, gate_n)
        else:
            if self._kind == "bend" and rock is not None and bend is not None and _twice(bend, rock):
                self._kind, self._zigzag, self._cycles = "rock", None, 0
                self._moving_since = self._slot_count - round(rock.periods / rock.hz / SLOT_S)
            self._follow(channels, rock, bend, gate_n)
        if self._kind is None:
            return Movement(side=channels.side, kind="still")
        self._count(channels)
        return self._answer(channels, rock if self._kind == "rock" else bend, gate_n)

    def _channels(self) -> _Channels | None:
        recent: list[Side] = [
            side for side in ("left", "right") if self._slot_count - self._touched[side] < PRESENCE_SLOTS
        ]
        if not recent or not self._slots.length:
            self._present_since = self._slot_count + 1  # the slot of the first touch is half a step
            return None
        present = self._slot_count - self._present_since
        v = self._slots.values[-max(present, 1) :]
        means = {"left": float(v[-100:, 0].mean()), "right": float(v[-100:, 3].mean())}
        loud: Side = "left" if means["left"] > means["right"] else "right"
        if self._side in recent and means[self._side] > 0.5 * means[loud]:
            loud = self._side
        elif loud not in recent:
            loud = recent[0]
        self._side = loud
        other: Side = "right" if loud == "left" else "left"
        if other in recent and means[other] > SHARE_RATIO * means[loud]:
            return _both(v, loud)
        at = 0 if loud == "left" else 3
        return _Channels(v[:, at + 1], v[:, at + 2], v[:, at], max(means[loud], 1e-6), loud, False)

    def _begin(self, channels: _Channels, rock: _Rhythm | None, bend: _Rhythm | None, gate_n: float) -> None:
        rocks = rock is not None and self._convincing(rock, channels.x_mm / ROCK_GATE_MM)
        bends = bend is not None and self._convincing(bend, channels.force_n / gate_n)
        if rocks and bends and rock is not None and bend is not None:
            bends = not channels.wide and bend.gates * bend.r2 > rock.gates * rock.r2 and not _twice(bend, rock)
            rocks = not bends
        elif bends and channels.wide and bend is not None and bend.periods < 2:
            bends = False  # knees rolling from pad to pad press twice a cycle: wait for the sides to tell
        chosen = rock if rocks else bend if bends else None
        if chosen is None:
            return
        self._kind = "rock" if rocks else "bend"
        self._hz = chosen.hz
        self._cycles = 0
        self._zigzag = None
        self._moving_since = self._slot_count - round(1.25 / chosen.hz / SLOT_S)

    @staticmethod
    def _convincing(rhythm: _Rhythm, in_gates: FloatArray) -> bool:
        if rhythm.gates < 1.0 or rhythm.r2 < SHORT_R2:
            return False
        span = in_gates[-round(1.6 / rhythm.hz / SLOT_S) :].tolist()
        return turns(span, 1.1 * rhythm.gates) >= 3

    def _follow(self, channels: _Channels, rock: _Rhythm | None, bend: _Rhythm | None, gate_n: float) -> None:
        rhythm = rock if self._kind == "rock" else bend
        in_gates = channels.x_mm / ROCK_GATE_MM if self._kind == "rock" else channels.force_n / gate_n
        if rhythm is None or rhythm.gates < 0.8:
            self._clear()
            return
        tail = in_gates[-round(0.75 / self._hz / SLOT_S) :]
        if float(np.ptp(tail)) < 2 * STOP_RATIO * rhythm.gates * 0.6:
            self._clear()
            return
        self._hz = rhythm.hz

    def _count(self, channels: _Channels) -> None:
        values = channels.x_mm if self._kind == "rock" else channels.force_n
        start = self._counted if self._zigzag is not None else self._moving_since
        new = values[max(0, len(values) - (self._slot_count - start)) :].tolist()
        swing = 0.55 * float(np.ptp(values[-round(1.25 / self._hz / SLOT_S) :]))
        if self._zigzag is None:
            self._zigzag = ZigZag(swing)
        self._zigzag.swing = swing
        self._cycles += sum(1 for value in new if self._zigzag.feed(value) == 1)
        self._counted = self._slot_count

    def _answer(self, channels: _Channels, rhythm: _Rhythm | None, gate_n: float) -> Movement:
        assert rhythm is not None  # noqa: S101  # _follow and _begin cleared the kind otherwise
        span = round(1.1 / self._hz / SLOT_S)
        return Movement(
            side=channels.side,
            kind=self._kind,
            cadence_hz=self._hz,
            cadence_sd_hz=self._hz * max(0.01, 0.1 * (1 - rhythm.r2)),
            cycles=self._cycles,
            depth_mm=float(np.ptp(channels.x_mm[-span:])) if self._kind == "rock" else None,
            depth_n=float(np.ptp(channels.force_n[-span:])) if self._kind == "bend" else None,
            confirmed=self._cycles >= 2,
        )


def _both(v: FloatArray, side: Side) -> _Channels:
    """Make one wide pad of two: the lateral centre of pressure of everything that rests on them."""
    left, right = v[:, 0], v[:, 3]
    total = left + right
    level = float(np.percentile(total, 75))
    divisor = np.maximum(total, max(0.3 * level, 1e-6))
    x_mm = (left * (v[:, 1] - PAD_OFFSET_MM) + right * (v[:, 4] + PAD_OFFSET_MM)) / divisor
    y_mm = (left * v[:, 2] + right * v[:, 5]) / divisor
    return _Channels(x_mm, y_mm, total, max(level, 1e-6), side, True)


def _bend_gate_n(channels: _Channels) -> float:
    """Say how large the amplitude of force must be, in N, to be no breathing and no noise."""
    level_n = channels.level_n
    heavy = min(max((level_n - HEAVY_N[0]) / (HEAVY_N[1] - HEAVY_N[0]), 0.0), 1.0)
    if not channels.wide and hypot(float(channels.x_mm[-1]), float(channels.y_mm[-1])) > EDGE_MM:
        heavy = 1.0
    ratio = BEND_GATE_RATIO + heavy * (BEND_SURE_RATIO - BEND_GATE_RATIO)
    return max(ratio * level_n, min(BEND_GATE_N, BEND_SURE_RATIO * level_n))


def _twice(bend: _Rhythm, rock: _Rhythm) -> bool:
    """Tell whether total force only shows the two ends of each rock: rolling either way presses once."""
    return rock.gates >= 1.0 and rock.r2 >= WORK_R2 and 1.8 < bend.hz / rock.hz < 2.2


def _best(energies: Energies) -> _Rhythm | None:
    """Choose the cadence: the working window when it is all movement, else the short one."""
    e = energies
    explained = e.fundamental + e.second
    share = np.minimum(1.0, e.fundamental / (0.3 * explained + 1e-12))
    power = e.fundamental / (e.fundamental.max(axis=0, keepdims=True) + 1e-12)
    score = e.r2 * share * np.minimum(1.0, 2.0 * power)
    for span, least in ((1, WORK_R2), (0, SHORT_R2)):
        i = int(np.argmax(score[:, span]))
        if score[i, span] >= least:
            return _Rhythm(
                _between(score[:, span], i),
                float(np.sqrt(2 * e.fundamental[i, span])),
                float(e.r2[i, span]),
                (1.25, 2.2)[span],
            )
    return None


def _between(score: FloatArray, i: int) -> float:
    """Refine a maximum on the grid by a parabola through its neighbours."""
    if not 0 < i < len(score) - 1:
        return float(_BANK.hz[i])
    a, b, c = (float(score[j]) for j in (i - 1, i, i + 1))
    curve = a - 2 * b + c
    shift = 0.5 * (a - c) / curve if curve < 0 else 0.0
    return float(_BANK.hz[i] * 1.05**shift)
