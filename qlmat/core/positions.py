"""Where one practises: floor, bed, wall, chair, or with the legs up; what each asks of force, words and care.

Pure words and numbers that need nothing else of the core, so that a page and a terminal can show them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

Position = Literal["floor", "bed", "wall", "chair", "legs_up"]
POSITIONS: tuple[Position, ...] = get_args(Position)
FLOOR_CAP_RATIO = 0.35  # of body weight: domain facts, section 0


@dataclass(frozen=True, slots=True)
class Stance:
    """What one position asks.

    `force_ratio`: a first guess of comfortable force against that on the floor, until it has been measured here.
    `cap_ratio`: too hard at once, of body weight. `rock` and `bend`: the two movements in words. `load`: how to press
    more or less. `care`: the one line of safety to read before beginning. `axis`: which way the usual movement there
    takes the ball on the pad: across (out and in) or along (up and down) the body.
    """

    name: str
    force_ratio: float
    cap_ratio: float
    load: str
    rock: str
    bend: str
    care: str
    axis: Literal["across", "along"]

    @property
    def cap_scale(self) -> float:
        """How the cap in newtons shrinks against that on the floor."""
        return self.cap_ratio / FLOOR_CAP_RATIO


# Movement axes: domain facts E.1 (at a wall knee bends, on a chair a marching knee; else a roll).
# Caps: domain facts E.1 (wall 0.25, chair 0.20 of body weight), else section 0. First guesses of force: wall and chair
# are the geometric middles of the ranges in section 0 (60-200, 40-150, 30-120 N) against the floor's; bed and legs up
# are "lower" in E.1 without a number: ours.
STANCES: Mapping[Position, Stance] = MappingProxyType(
    {
        "floor": Stance(
            "On the floor",
            1.0,
            0.35,
            "Lean a little more or less towards the ball; raise the knee to press more.",
            "Let both knees roll out and in, slowly.",
            "Draw the knee up and let it down, slowly.",
            "Have something near to hold when you get up.",
            "across",
        ),
        "bed": Stance(
            "On a firm bed",
            0.8,
            0.35,
            "The mattress gives way: put a board under the mat, then lean more or less.",
            "Let both knees roll out and in, slowly.",
            "Draw the knee up and let it down, slowly.",
            "Lie well away from the edge.",
            "across",
        ),
        "wall": Stance(
            "Standing at a wall",
            0.71,
            0.25,
            "Step a little away from the wall to press more, towards it to press less.",
            "Sway the hips from side to side, slowly.",
            "Bend both knees a little and straighten them, slowly.",
            "Stand near a rail or a heavy chair, feet apart; stop if you feel dizzy.",
            "along",
        ),
        "chair": Stance(
            "Sitting on a chair",
            0.55,
            0.20,
            "Lean back more or less; a strap keeps the ball from slipping.",
            "Sway from side to side, slowly.",
            "March one knee up and down, slowly.",
            "Use a firm chair that cannot roll; both feet on the ground.",
            "along",
        ),
        "legs_up": Stance(
            "Lying, legs up on a chair or wall",
            0.85,
            0.35,
            "Let the hips grow heavy; lift them a little to press less.",
            "Let the hips roll a little from side to side, slowly.",
            "Tilt the hips up and down a little, slowly.",
            "Bring the legs down before you sit up, and take your time.",
            "across",
        ),
    }
)
