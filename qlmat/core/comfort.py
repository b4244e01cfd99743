"""Find the force a person calls "firm, 4 out of 10": three slow loads, each ended by their word; the median counts.

A pure reducer: a `Comfort` and one look at a pad give the next `Comfort` and what to say. It asks for nothing else than
to lean in slowly; above the cap it says so at once and the load does not count. Ours unless a source is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

from qlmat.core.model import Contact, Side
from qlmat.core.plan import Plan

LOADS = 3  # domain facts, section 0
MOST_LOADS = 5  # when they lie far apart, two more
APART_RATIO = 0.4  # of their median between the least and the greatest: as they are, the median says little
BEGUN_N, EMPTY_N, EMPTY_S = 15.0, 10.0, 1.0
LEAST_N = 20.0  # nobody calls less than this firm: the hand slipped
SLOW_N_PER_S = 60.0  # on average over the load; a push is judged by its shock, not by its force
MEAN_S = 0.5  # the reading is a mean over about this long before the word
PATIENCE_S = 180.0

Phase = Literal["unloading", "loading", "ended"]
Said = tuple[str, Mapping[str, float | str | None]]


@dataclass(frozen=True, slots=True)
class Comfort:
    """Where the measurement stands: the loads so far, and the one being made since `begun_s`."""

    side: Side
    t_s: float
    since_s: float
    phase: Phase = "unloading"
    force_n: float = 0.0
    begun_s: float | None = None
    empty_since_s: float | None = None
    capped: bool = False
    loads_n: tuple[float, ...] = ()


def begin(side: Side, t_s: float) -> tuple[Comfort, tuple[Said, ...]]:
    """Begin on one side; the pad must be empty first."""
    return Comfort(side, t_s, t_s), (("comfort_started", {}),)


def step(comfort: Comfort, t_s: float, contact: Contact, firm: bool, plan: Plan) -> tuple[Comfort, tuple[Said, ...]]:
    """Take one look at the pad; `firm`: the person says so now.

    Says `lean_in` (n), `load_counted` (n, force_n), `load_refused` (reason), `over_cap` and its end, and at last
    `comfort_found` (force_n, low_n, high_n, loads) or `comfort_ended` (reason).

    >>> comfort, _ = begin("left", 0.0)
    >>> for frame in range(1800):
    ...     t_s = frame * 0.05
    ...     force_n = max(0.0, 15.0 * (t_s % 10.0 - 2.0)) if t_s % 10.0 < 8.0 else 0.0
    ...     looked = step(comfort, t_s, Contact(force_n, None, force_n > 3.0), frame % 200 == 159, Plan())
    ...     comfort = looked[0]
    ...     for name, detail in looked[1]:
    ...         print(round(t_s, 2), name, {key: round(value) for key, value in detail.items()})
    1.0 lean_in {'n': 1}
    7.95 load_counted {'n': 1, 'force_n': 86}
    9.0 lean_in {'n': 2}
    17.95 load_counted {'n': 2, 'force_n': 86}
    19.0 lean_in {'n': 3}
    27.95 load_counted {'n': 3, 'force_n': 86}
    27.95 comfort_found {'force_n': 86, 'low_n': 86, 'high_n': 86, 'loads': 3}
    """
    if comfort.phase == "ended":
        return comfort, ()
    comfort = _felt(comfort, t_s, contact)
    if t_s - comfort.since_s > PATIENCE_S:
        return end(comfort, ("comfort_ended", {"reason": "nothing happened for long"}))
    comfort, told = _capped(comfort, plan)
    if comfort.phase == "unloading":
        return _unloading(comfort, firm, told)
    return _loading(comfort, firm, told)


def _felt(comfort: Comfort, t_s: float, contact: Contact) -> Comfort:
    passed_s, now_n = t_s - comfort.t_s, contact.force_n
    if now_n is None:
        return replace(comfort, t_s=t_s, empty_since_s=None)
    force_n = comfort.force_n + (now_n - comfort.force_n) * passed_s / (MEAN_S / 2 + passed_s)
    empty_since_s = None if now_n >= EMPTY_N else t_s if comfort.empty_since_s is None else comfort.empty_since_s
    begun_s = comfort.begun_s
    if comfort.phase == "loading":
        begun_s = None if now_n < BEGUN_N else t_s if begun_s is None else begun_s
    return replace(comfort, t_s=t_s, force_n=force_n, empty_since_s=empty_since_s, begun_s=begun_s)


def _capped(comfort: Comfort, plan: Plan) -> tuple[Comfort, tuple[Said, ...]]:
    over = comfort.force_n > (0.9 if comfort.capped else 1.0) * plan.at_once_n
    if over == comfort.capped:
        return comfort, ()
    if not over:
        return replace(comfort, capped=False), (("over_cap_over", {}),)
    comfort = replace(comfort, capped=True, phase="unloading", empty_since_s=None, begun_s=None)
    return comfort, (("over_cap", {"force_n": comfort.force_n}),)


def _unloading(comfort: Comfort, firm: bool, told: tuple[Said, ...]) -> tuple[Comfort, tuple[Said, ...]]:
    if firm:
        told += (("load_refused", {"reason": "take the weight off the ball first"}),)
    if comfort.empty_since_s is None or comfort.t_s - comfort.empty_since_s < EMPTY_S - 1e-9:
        return comfort, told
    comfort = replace(comfort, phase="loading", begun_s=None, since_s=comfort.t_s)
    return comfort, (*told, ("lean_in", {"n": float(len(comfort.loads_n) + 1)}))


def _loading(comfort: Comfort, firm: bool, told: tuple[Said, ...]) -> tuple[Comfort, tuple[Said, ...]]:
    if not firm:
        return comfort, told
    lasted_s = 0.0 if comfort.begun_s is None else comfort.t_s - comfort.begun_s
    reason = None
    if comfort.force_n < LEAST_N:
        reason = "lean in until it feels firm, then press"
    elif comfort.force_n > SLOW_N_PER_S * max(lasted_s, 1e-6):
        reason = "that was quick: lean in more slowly"
    since = replace(comfort, since_s=comfort.t_s, phase="unloading", empty_since_s=None, begun_s=None)
    if reason is not None:
        return since, (*told, ("load_refused", {"reason": reason}))
    loads_n = (*comfort.loads_n, comfort.force_n)
    counted: Said = ("load_counted", {"n": float(len(loads_n)), "force_n": comfort.force_n})
    after = replace(since, loads_n=loads_n)
    if len(loads_n) < LOADS or (far_apart(loads_n) and len(loads_n) < MOST_LOADS):
        return after, (*told, counted)
    return end(after, *told, counted, ("comfort_found", found(loads_n)))


def end(comfort: Comfort, *said: Said) -> tuple[Comfort, tuple[Said, ...]]:
    """End the measurement and say so; what is too much is seen to end first."""
    over: tuple[Said, ...] = (("over_cap_over", {}),) if comfort.capped else ()
    return replace(comfort, phase="ended", capped=False), (*over, *said)


def far_apart(loads_n: tuple[float, ...]) -> bool:
    """Tell whether the loads disagree so much that two more should be made."""
    return max(loads_n) - min(loads_n) > APART_RATIO * median(loads_n)


def found(loads_n: tuple[float, ...]) -> dict[str, float]:
    """Sum the loads up: median, least, greatest, how many."""
    return {"force_n": median(loads_n), "low_n": min(loads_n), "high_n": max(loads_n), "loads": float(len(loads_n))}
