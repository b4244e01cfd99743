"""After the course: which exercises follow, which of them this mat can time or count, and the timer and the counter.

A puck is made for a ball, 400 N: only a forearm, a hand or a knee may rest on it. What needs a hip or a foot on the mat
is described and not measured (domain facts E.3).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

MOST_N = 400.0  # of a pad: domain facts, section 0
BEGUN_N = 25.0  # an arm at rest weighs more; ours
STEADY_S = 1.0  # lying on it for so long is no tap; ours
GONE_RATIO, GONE_S = 0.5, 0.5  # of the load held, for so long: let go or fallen; ours
LEVEL_S = 2.0  # the load held follows its mean over about so long; ours
STRETCH_S = 4.0  # an arm is stretched for no longer; then it has let go; ours
BACK_RATIO = 0.75  # of the load: put down again; ours
STEP_S, STEP_DAYS, MOST_S = 5.0, 2, 60.0  # 5 s more every 2 days: E.3; up to a minute: ours
CARE = "Stop when it hurts more than 3 out of 10. One exercise a day is enough to begin with."


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise. `measured`: what the mat can do, None when it only describes. `dose`: of the first day."""

    title: str
    how: str
    measured: Literal["timed", "counted"] | None
    dose: str
    why_not: str = ""


EXERCISES: Mapping[str, Exercise] = MappingProxyType(
    {
        "wall_side_plank": Exercise(
            "Side plank at the wall",
            "Pad on the wall at shoulder height, forearm on it, feet half a step away; keep the body straight.",
            "timed",
            "3 times 10 s a side",
        ),
        "knee_side_plank": Exercise(
            "Side plank from the knees",
            "Forearm on the pad, knees bent on the floor; lift the hips until the body is straight.",
            "timed",
            "3 times 10 s a side",
        ),
        "side_plank": Exercise(
            "Side plank",
            "Forearm on the pad, feet on the floor. Many do not get on with it: only after the one from the knees.",
            "timed",
            "3 times 10 s a side",
        ),
        "bird_dog": Exercise(
            "Bird-dog",
            "On hands and knees, one hand on the pad; stretch that arm and the other leg, and come back.",
            "counted",
            "2 times 6 a side",
        ),
        "side_leg_raise": Exercise(
            "Side-lying leg raise",
            "On the side on a soft floor; lift the upper leg slowly and let it down.",
            None,
            "2 times 10 a side",
            "the hip would weigh more than a pad may bear",
        ),
        "hip_hike": Exercise(
            "Hip hike",
            "Stand on a step with one foot; let the other side of the pelvis sink and lift it.",
            None,
            "2 times 8 a side",
            "a standing foot weighs more than a pad may bear",
        ),
        "suitcase_carry": Exercise(
            "Suitcase carry",
            "Walk with a weight in one hand, upright.",
            None,
            "2 times 20 steps a side",
            "nothing rests on the mat",
        ),
    }
)


def hold_aim_s(days: int) -> float:
    """Give the seconds to hold after so many days of strengthening.

    >>> hold_aim_s(0), hold_aim_s(2), hold_aim_s(5), hold_aim_s(90)
    (10.0, 15.0, 20.0, 60.0)
    """
    return min(MOST_S, 10.0 + STEP_S * (days // STEP_DAYS))


@dataclass(frozen=True, slots=True)
class Effort:
    """What the mat has seen of an exercise, in `phase` since `since_s`: seconds `held_s` in all, `lifts` so far.

    `level_n` is the load being held; `low_since_s`: since when it is much less.
    """

    phase: Literal["off", "loading", "held", "lifted"] = "off"
    t_s: float | None = None
    since_s: float = 0.0
    low_since_s: float | None = None
    level_n: float = 0.0
    held_s: float = 0.0
    lifts: int = 0


Stepped = tuple[Effort, str | None]


def exert(effort: Effort, t_s: float, force_n: float | None) -> Stepped:
    """Take one look at the pad. Says `began`, `lifted`, `back` (one is counted), `let_go`, or `too_heavy`.

    Held for 3 s, lifted for 2 s, put down again for 2 s, and gone:

    >>> effort = Effort()
    >>> for frame in range(280):
    ...     t_s = frame * 0.05
    ...     force_n = 120.0 if 1.0 <= t_s < 4.0 or 6.0 <= t_s < 8.0 else 0.0
    ...     effort, said = exert(effort, t_s, force_n)
    ...     if said:
    ...         print(round(t_s, 1), said, round(effort.held_s, 1), effort.lifts)
    2.0 began 1.0 0
    4.5 lifted 3.0 0
    6.0 back 3.0 1
    8.5 lifted 4.9 1
    12.5 let_go 4.9 1
    """
    passed_s = 0.0 if effort.t_s is None else t_s - effort.t_s
    effort = replace(effort, t_s=t_s)
    if force_n is None:
        return effort, None
    if force_n > MOST_N:
        said = "too_heavy" if effort.phase != "off" else None
        return replace(effort, phase="off", low_since_s=None), said
    match effort.phase:
        case "off":
            return (effort, None) if force_n < BEGUN_N else (_now(effort, "loading"), None)
        case "loading":
            return _loading(effort, t_s, force_n)
        case "held":
            return _held(effort, t_s, passed_s, force_n)
        case "lifted":
            return _lifted(effort, t_s, force_n)


def _now(effort: Effort, phase: Literal["off", "loading", "held", "lifted"]) -> Effort:
    return replace(effort, phase=phase, since_s=effort.t_s or 0.0, low_since_s=None)


def _loading(effort: Effort, t_s: float, force_n: float) -> Stepped:
    if force_n < BEGUN_N:
        return _now(effort, "off"), None
    lasted_s = t_s - effort.since_s
    if lasted_s < STEADY_S - 1e-9:
        return effort, None
    return replace(_now(effort, "held"), level_n=force_n, held_s=effort.held_s + lasted_s), "began"


def _held(effort: Effort, t_s: float, passed_s: float, force_n: float) -> Stepped:
    if force_n >= GONE_RATIO * effort.level_n:
        level_n = effort.level_n + (force_n - effort.level_n) * passed_s / (LEVEL_S + passed_s)
        return replace(effort, level_n=level_n, low_since_s=None, held_s=effort.held_s + passed_s), None
    since_s = t_s if effort.low_since_s is None else effort.low_since_s
    if t_s - since_s < GONE_S - 1e-9:
        return replace(effort, low_since_s=since_s), None
    return _now(effort, "lifted"), "lifted"


def _lifted(effort: Effort, t_s: float, force_n: float) -> Stepped:
    if force_n >= BACK_RATIO * effort.level_n:
        return replace(_now(effort, "held"), lifts=effort.lifts + 1), "back"
    return (_now(effort, "off"), "let_go") if t_s - effort.since_s >= STRETCH_S - 1e-9 else (effort, None)
