"""What `qlmat calibrate` asks for, in order: press in, empty, bottles at the marks, one long stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
from typing import Literal

from qlmat.core.model import Sensor

StepKind = Literal["press", "empty", "weigh", "stand"]
BOTTLE_N = 15.05  # 1.5 L of water, 14.7 N, and 35 g of bottle
BOTTLES = (1, 4, 10)
PRESSES, PRESS_N, PRESS_S = 5, 165.0, 8.0  # 4 to 5 loads at 110 % of the maximum (domain facts C.5)
PLACE_MM = 50.0  # of the outer places from the middle, towards each foot: far out, and the stand cannot tip the plate
DWELL_S, READ_S = 8.0, (7.0,)  # the same for every weight: a sensor creeps most in its first seconds
STAND_S, STAND_READ_S = 125.0, (5.0, 15.0, 40.0, 120.0)
EMPTY_S, EMPTY_READ_S = 20.0, (19.0,)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: a force at a place for `lasts_s`, read at `read_s` after it came to rest."""

    kind: StepKind
    force_n: float
    x_mm: float
    y_mm: float
    lasts_s: float
    read_s: tuple[float, ...]
    say: str

    @property
    def force_sd_n(self) -> float:
        """How well a home knows the weight: 1 %, and the 30 g a bottle may be short of."""
        return 30.0 if self.kind == "press" else 0.01 * self.force_n + 0.3


@dataclass(frozen=True, slots=True)
class Stacked:
    """One height of the stack: its weight with the stand, and how to say it."""

    force_n: float
    words: str


def bottles(bottle_n: float = BOTTLE_N, stand_n: float = 0.0) -> list[Stacked]:
    """Stack full bottles in a stand or crate of `stand_n`: 1, 4, 10."""
    return [Stacked(n * bottle_n + stand_n, f"{n} bottle{'s' if n > 1 else ''}") for n in BOTTLES]


def weights(newtons: Sequence[float], stand_n: float = 0.0) -> list[Stacked]:
    """Stack whatever was weighed, such as buckets or books on a bathroom scale: newtons of each whole stack, rising."""
    return [Stacked(n + stand_n, f"{n:g} N ({n / 9.81:.1f} kg)") for n in newtons]


def home_steps(feet: Sequence[Sensor], stack: Sequence[Stacked] | None = None) -> list[Step]:
    """List the steps for one pad on `feet`: a stack grows through `stack` and shrinks again; bottles if None."""
    stack = list(stack or bottles())
    steps = []
    for again in range(PRESSES):
        much = "Lean on the middle of the pad with both hands, as hard as you can, until I say stop."
        steps += [
            Step("press", PRESS_N, 0.0, 0.0, PRESS_S, (), much if again == 0 else "Press again."),
            Step("empty", 0.0, 0.0, 0.0, 2.0, (), "Stop. Let go."),
        ]
    steps.append(Step("empty", 0.0, 0.0, 0.0, EMPTY_S, EMPTY_READ_S, "Leave the pad empty."))
    for x_mm, y_mm, where in places(feet):
        # Up and down again, so that hysteresis errs to both sides.
        steps += [
            *(_step(each, (x_mm, y_mm), _up(each, k, where)) for k, each in enumerate(stack)),
            *(_step(each, (x_mm, y_mm), f"Take off until {each.words} stay.") for each in stack[-2::-1]),
            Step("empty", 0.0, 0.0, 0.0, 2.0, (), "Take everything off."),
        ]
    most = stack[-1]
    say = f"Last one: {most.words} in the middle, for two minutes. This tells how the sensors creep."
    return [*steps, Step("stand", most.force_n, 0.0, 0.0, STAND_S, STAND_READ_S, say)]


def places(feet: Sequence[Sensor]) -> list[tuple[float, float, str]]:
    """List where the stand goes: (x_mm, y_mm, in words), towards each foot, the middle, towards each foot again.

    Nobody hits a mark within a millimetre: going twice halves what that costs better than more weights would.
    """
    found = []
    for number, foot in enumerate(feet, start=1):
        part = PLACE_MM / hypot(foot.x_mm, foot.y_mm)
        found.append((round(foot.x_mm * part, 1), round(foot.y_mm * part, 1), f"mark {number}, towards {foot.name}"))
    again = [(x_mm, y_mm, f"{where}, once more") for x_mm, y_mm, where in found]
    return [*found, (0.0, 0.0, "the middle"), *again]


def _up(stacked: Stacked, number: int, where: str) -> str:
    if number == 0:
        return f"Put the stand with {stacked.words} on {where}."
    return f"Add until there are {stacked.words}, without moving the stand."


def _step(stacked: Stacked, place: tuple[float, float], say: str) -> Step:
    return Step("weigh", stacked.force_n, *place, DWELL_S, READ_S, say)
