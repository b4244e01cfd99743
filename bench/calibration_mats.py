"""Many random mats at once, calibrated with weights and then used: what their sensors give, step by step of 0.1 s.

Every mat has two pads. All pads go through the same schedule; parts, places, weights, forces and errors are their own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from qlmat.core.model import FloatArray
from qlmat.core.placements import Placement, reading
from qlmat.sim.fsr import Curve, FsrBank, Parts, hyperbola, power_law
from qlmat_firmware.board import BOARD_V1, DIVIDER_OHM

STEP_S = 0.1
FEET = [(foot.x_mm, foot.y_mm) for foot in BOARD_V1.sensors[:3]]
CREEP_LOW, CREEP_HIGH = 0.04, 0.08  # about 6 % a decade
SPREAD = 0.20
BUILT_SD_MM, PUT_SD_MM = 1.0, 2.0  # where a foot was glued, where a weight was put
PRELOAD_N = (1.0, 3.0)  # of the plate on each foot
RAIL_SD_V, GAIN_SD, OFFSET_LSB, LSB_V = 0.005, 0.0005, 3.0, 125e-6  # domain facts C.4-8, ADC facts A.3
READ_S = 1.0  # a reading is the mean of the last second on the stack


@dataclass(frozen=True, slots=True)
class Kind:
    """A family of parts: half width and weight of the play operator, and the curve."""

    play_n: float
    play_ratio: float
    curve: Curve = hyperbola


KINDS = {
    # A loop over 0 to 100 N on a foot is 5 N high, 10 % of its middle (domain facts C.4-2).
    "usual": Kind(25.0, 0.1),
    # What the emulator has for rocking about 33 N: 10 % there, but 40 % of the least forces.
    "emulator": Kind(8.0, 0.2),
    # Parts without any hysteresis: what is taken off must not be made up.
    "no-lag": Kind(8.0, 0.0),
    # Nothing of the family that is fitted: the catalogue's power law (C.4-3b), which has no floor.
    "power-law": Kind(25.0, 0.1, power_law),
}


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Some seconds of all pads: forces (steps, pads) in N and places (steps, pads, 2) in mm."""

    force_n: FloatArray
    place_mm: FloatArray


class Mats:
    """`count` random pads: `feet_mm` (pads, 3, 2) as built. Time goes on from one `press` to the next."""

    def __init__(self, count: int, rng: np.random.Generator, kind: str = "usual") -> None:
        self.count, self._rng = count, rng
        columns = 3 * count
        drawn = Parts.drawn(columns, rng, SPREAD)
        parts = Parts(
            break_n=drawn.break_n,
            gain_ratio=drawn.gain_ratio,
            exponent=drawn.exponent,
            play_n=KINDS[kind].play_n,
            play_ratio=KINDS[kind].play_ratio,
            curve=KINDS[kind].curve,
            creep_per_decade=rng.uniform(CREEP_LOW, CREEP_HIGH, columns),
            per_degree=drawn.per_degree,
            noise_ratio=drawn.noise_ratio,
        )
        self._bank = FsrBank(columns, parts, STEP_S, rng)
        self.feet_mm = np.array(FEET) + rng.normal(0.0, BUILT_SD_MM, (count, 3, 2))
        balance = np.concatenate([np.ones((count, 3, 1)), self.feet_mm], axis=2).transpose(0, 2, 1)
        self._shares = np.linalg.inv(balance)  # (pads, 3 feet, 3)
        self._preload_n = rng.uniform(*PRELOAD_N, columns)
        self.rail_v = BOARD_V1.supply_v + rng.normal(0.0, RAIL_SD_V, columns)
        self._gain = 1.0 + rng.normal(0.0, GAIN_SD, columns)
        self._offset_v = rng.uniform(-OFFSET_LSB, OFFSET_LSB, columns) * LSB_V

    def press(self, stretch: Stretch) -> FloatArray:
        """Let a stretch press; give the siemens of all sensors (steps, 3 x pads), pad by pad."""
        place = np.concatenate([np.ones((*stretch.place_mm.shape[:2], 1)), stretch.place_mm], axis=2)
        feet = np.maximum(np.einsum("pfk,tpk->tpf", self._shares, place), 0.0)
        feet *= (stretch.force_n / feet.sum(axis=2))[:, :, None]
        return self._bank.block(feet.reshape(len(feet), -1) + self._preload_n)

    def volts(self, siemens: FloatArray, divider_ohm: float = DIVIDER_OHM) -> FloatArray:
        """Read siemens with the converter: volts at the dividers, with its gain, offset, noise and steps."""
        part = siemens * divider_ohm
        volts = self.rail_v * part / (1.0 + part) * self._gain + self._offset_v
        volts = volts + LSB_V * self._rng.standard_normal(volts.shape)
        return np.asarray(np.round(volts / LSB_V) * LSB_V)

    def siemens_read(self, siemens: FloatArray) -> FloatArray:
        """Read siemens with converter, divider and rail input, as the mat knows them."""
        ratio = self.volts(siemens) / (self.rail_v * self._gain + self._offset_v)
        return np.maximum(ratio, 0.0) / (DIVIDER_OHM * (1.0 - np.minimum(ratio, 0.9999)))


# --- the calibration ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stack:
    """A weight at a place for a while: `visit` counts the places visited, `read_s` when it is read after it was put."""

    force_n: float
    x_mm: float
    y_mm: float
    lasts_s: float
    visit: int
    read_s: tuple[float, ...] = ()
    force_sd_n: float = 1.0


def weigh(
    mats: Mats, stacks: Sequence[Stack], rng: np.random.Generator, put_sd_mm: float = PUT_SD_MM
) -> list[list[Placement]]:
    """Put the stacks on all pads one after another; give for each pad what a person would note down."""
    visits = rng.normal(0.0, put_sd_mm, (max(s.visit for s in stacks) + 1, mats.count, 2))
    notes: list[list[Placement]] = [[] for _ in range(mats.count)]
    t_s = 0.0
    for stack in stacks:
        steps = round(stack.lasts_s / STEP_S)
        force_n = np.maximum(rng.normal(stack.force_n, stack.force_sd_n if stack.force_n else 0.0, mats.count), 0.0)
        place = np.array([stack.x_mm, stack.y_mm]) + visits[stack.visit]
        whole = np.ones((steps, 1))
        read = mats.siemens_read(mats.press(Stretch(force_n * whole, place[None] * whole[:, :, None])))
        windows = [np.arange(round((at_s - READ_S) / STEP_S), round(at_s / STEP_S)) for at_s in stack.read_s]
        for pad, note in enumerate(notes):
            feet = slice(3 * pad, 3 * pad + 3)
            readings = tuple(reading(t_s + window * STEP_S, read[window, feet]) for window in windows)
            note.append(
                Placement(t_s, t_s + stack.lasts_s, stack.force_n, stack.x_mm, stack.y_mm, readings, stack.force_sd_n)
            )
        t_s += stack.lasts_s
    return notes


# --- the use -----------------------------------------------------------------------------------------------------


def rocking(mats: Mats, lasts_s: float, rng: np.random.Generator) -> Stretch:
    """Let every pad be lain on and rocked: force 20 to 300 N in the mean, swinging, the centre within 35 mm."""
    t_s = np.arange(0.0, lasts_s, STEP_S)[:, None]
    count = mats.count
    mean_n = rng.uniform(20.0, 300.0, count)
    swing_n = np.minimum(rng.uniform(0.05, 0.35, count) * mean_n, 60.0)
    travel_mm, turn = rng.uniform(5.0, 20.0, count), rng.uniform(0.0, 2 * np.pi, count)
    hz, phase = rng.uniform(0.13, 0.3, count), rng.uniform(0.0, 2 * np.pi, count)
    wave = np.sin(2 * np.pi * hz * t_s + phase)
    breath = 0.02 * np.sin(2 * np.pi * rng.uniform(0.2, 0.33, count) * t_s)
    lie_down = np.minimum(t_s / 2.0, 1.0)  # nobody drops onto it
    radius_mm, where = 15.0 * np.sqrt(rng.uniform(0.0, 1.0, count)), rng.uniform(0.0, 2 * np.pi, count)
    x_mm = radius_mm * np.cos(where) + travel_mm * wave * np.cos(turn)
    y_mm = radius_mm * np.sin(where) + travel_mm * wave * np.sin(turn)
    force_n = np.maximum(lie_down * (mean_n * (1.0 + breath) + swing_n * wave), 0.0)
    return Stretch(force_n, np.stack([x_mm, y_mm], axis=-1))


def resting(mats: Mats, lasts_s: float) -> Stretch:
    """Leave every pad empty."""
    steps = round(lasts_s / STEP_S)
    return Stretch(np.zeros((steps, mats.count)), np.zeros((steps, mats.count, 2)))


def constant(mats: Mats, lasts_s: float, rng: np.random.Generator) -> Stretch:
    """Leave a constant 20 to 300 N near the middle of every pad."""
    steps = round(lasts_s / STEP_S)
    force_n = rng.uniform(20.0, 300.0, mats.count)
    place_mm = rng.uniform(-15.0, 15.0, (mats.count, 2))
    return Stretch(np.tile(force_n, (steps, 1)), np.tile(place_mm, (steps, 1, 1)))


def pieces(stretch: Stretch, steps: int = 500) -> Iterator[Stretch]:
    """Cut a stretch into pieces that fit the cache."""
    for begin in range(0, len(stretch.force_n), steps):
        yield Stretch(stretch.force_n[begin : begin + steps], stretch.place_mm[begin : begin + steps])
