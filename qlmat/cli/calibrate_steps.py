"""What `qlmat calibrate` asks for, in order: press in, empty, bottles at four places, one long stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
from typing import Literal

from qlmat.core.model import Sensor

StepKind = Literal["press", "empty", "weigh", "stand"]
BOTTLE_N = 15.05  # 1.5 L of water, 14.7 N, and 35 g of bottle
BOTTLES = (1, 2, 4, 6, 10, 6, 4, 2, 1)  # up and down again, so that hysteresis errs to both sides
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


def home_steps(feet: Sequence[Sensor], bottle_n: float = BOTTLE_N, stand_n: float = 0.0) -> list[Step]:
    """List the steps for one pad on `feet`; the stand (or crate) that carries the bottles weighs `stand_n`."""
    steps = []
    for again in range(PRESSES):
        much = "Lean on the middle of the pad with both hands, as hard as you can, until I say stop."
        steps += [
            Step("press", PRESS_N, 0.0, 0.0, PRESS_S, (), much if again == 0 else "Press again."),
            Step("empty", 0.0, 0.0, 0.0, 2.0, (), "Let go."),
        ]
    steps.append(Step("empty", 0.0, 0.0, 0.0, EMPTY_S, EMPTY_READ_S, "Leave the pad empty."))
    for x_mm, y_mm, where in places(feet):
        before = 0
        for count in BOTTLES:
            steps.append(_bottles(count, before, bottle_n, stand_n, (x_mm, y_mm), where))
            before = count
        steps.append(Step("empty", 0.0, 0.0, 0.0, 2.0, (), "Take everything off."))
    most = max(BOTTLES)
    force_n = most * bottle_n + stand_n
    say = f"Last one: all {most} bottles in the middle, for two minutes. This tells how the sensors creep."
    return [*steps, Step("stand", force_n, 0.0, 0.0, STAND_S, STAND_READ_S, say)]


def places(feet: Sequence[Sensor]) -> list[tuple[float, float, str]]:
    """List where the stand goes: (x_mm, y_mm, in words), towards each foot, then the middle."""
    found = []
    for number, foot in enumerate(feet, start=1):
        part = PLACE_MM / hypot(foot.x_mm, foot.y_mm)
        found.append((round(foot.x_mm * part, 1), round(foot.y_mm * part, 1), f"mark {number}, towards {foot.name}"))
    return [*found, (0.0, 0.0, "the middle")]


def _bottles(count: int, before: int, bottle_n: float, stand_n: float, place: tuple[float, float], where: str) -> Step:
    much = f"{count} bottle{'s' if count > 1 else ''}"
    if before == 0:
        say = f"Put the stand with {much} on {where}."
    elif count > before:
        say = f"Add bottles until there are {count}, without moving the stand."
    else:
        say = f"Take bottles off until {count} {'are' if count > 1 else 'is'} left."
    return Step("weigh", count * bottle_n + stand_n, *place, DWELL_S, READ_S, say)
