"""Judge the pad being worked: in the zone or not, too hard, too fast, resting, still on a spot, ball lost.

A pure reducer like the session: a `Watch` and one look at the pad give the next `Watch` and what to say about it.
"""

from dataclasses import dataclass, replace
from math import hypot

from qlmat.core.model import Contact, Movement
from qlmat.core.plan import Plan

LEVEL_S = 3.0  # the force that counts is a mean over about half a slow cycle: bending swings it by 15 to 60 N (C.4)
BACK_RATIO = 0.95  # a force hovering at a threshold keeps its timer running; sensor noise is 0.5 % (C.4-7)
CALM_S = 0.3  # below the zone's top for so long, and it is no longer too hard; ours
CAP_S = 0.05  # "at once", but not for the spike of a single scan
CAP_BACK_RATIO = 0.9  # hysteresis of at least 10 % on every threshold (domain facts, C.5)
FOUND_RATIO = 4 / 3  # of the force at which the ball counts as lost
FOUND_S = 0.5  # ours
STILL_MM = 5.0  # ours: a turn of the knee moves the centre by 10 mm and more (domain facts, C.4), breathing by less
SMOOTH_S = 0.1  # frames closer than this are read three at a time, the middle one counts: spikes last one
GAP_S = 2.0  # frames further apart say nothing about the time between them


@dataclass(frozen=True, slots=True)
class Watch:
    """What is known of the pad being worked. `<what>_since_s`: since when it has been so, None if it is not."""

    t_s: float = float("-inf")
    force_n: float | None = None
    recent_n: tuple[float, float] | None = None
    level_n: float = 0.0
    hard: bool = False
    hard_since_s: float | None = None
    calm_since_s: float | None = None
    capped: bool = False
    cap_since_s: float | None = None
    fast: bool = False
    fast_cycles: float = 0.0
    resting: bool = False
    rest_since_s: float | None = None
    lost_since_s: float | None = None
    loaded_since_s: float | None = None
    unread_since_s: float | None = None
    spot_mm: tuple[float, float] | None = None
    spot_since_s: float | None = None
    spot_told: bool = False

    @property
    def under_way(self) -> tuple[str, ...]:
        """Name what has begun and must still be seen to end."""
        begun = (("over_cap", self.capped), ("too_hard", self.hard), ("too_fast", self.fast))
        return tuple(name for name, so in begun if so)

    def missing(self, plan: Plan) -> str | None:
        """Tell what has been missing for 3 s: the "ball", the "signal" (the pad cannot be read), or None."""
        if self.lasted(self.lost_since_s, plan.lost_s):
            return "ball"
        return "signal" if self.lasted(self.unread_since_s, plan.lost_s) else None

    def in_zone(self, plan: Plan) -> bool:
        """Tell whether time may count: the mean is in the zone, and the force now is neither lost nor too hard."""
        low_n, high_n = plan.zone_n
        return (
            self.force_n is not None
            and low_n <= self.level_n <= high_n
            and plan.lost_n <= self.force_n <= plan.too_hard_n
        )

    def lasted(self, since_s: float | None, least_s: float) -> bool:
        """Tell whether something has been so for at least `least_s`."""
        return since_s is not None and self.t_s - since_s >= least_s - 1e-9


NO_WATCH = Watch()


def look(watch: Watch, t_s: float, contact: Contact, plan: Plan) -> Watch:
    """Take in the pad's force and centre at `t_s`. Times start afresh after a gap of more than 2 s.

    >>> watch = Watch()
    >>> for frame in range(60):
    ...     watch = look(watch, frame * 0.05, Contact(140.0, (0.0, 0.0), True), Plan())
    >>> round(watch.level_n), watch.in_zone(Plan()), watch.lasted(watch.hard_since_s, 1.0)
    (140, False, True)
    """
    if t_s - watch.t_s > GAP_S:
        watch = Watch(
            hard=watch.hard, capped=watch.capped, fast=watch.fast, resting=watch.resting, spot_told=watch.spot_told
        )
    if contact.force_n is None:
        unread_since_s = _since(watch.unread_since_s, True, t_s)
        return replace(watch, t_s=t_s, force_n=None, unread_since_s=unread_since_s)
    passed_s = t_s - watch.t_s
    recent_n = watch.recent_n or (contact.force_n, contact.force_n)
    force_n = contact.force_n if passed_s >= SMOOTH_S else sorted((contact.force_n, *recent_n))[1]
    first = watch.recent_n is None
    level_n = force_n if first else watch.level_n + (force_n - watch.level_n) * passed_s / (LEVEL_S + passed_s)
    hard_n = plan.too_hard_n * (BACK_RATIO if watch.hard_since_s is not None else 1.0)
    moved = watch.spot_mm is None or contact.cop_mm is None or _apart_mm(watch.spot_mm, contact.cop_mm) > STILL_MM
    return Watch(
        t_s=t_s,
        force_n=force_n,
        recent_n=(contact.force_n, recent_n[0]),
        level_n=level_n,
        hard=watch.hard,
        hard_since_s=_since(watch.hard_since_s, force_n > hard_n, t_s),
        calm_since_s=_since(watch.calm_since_s, force_n < plan.zone_n[1], t_s),
        capped=watch.capped,
        cap_since_s=_since(watch.cap_since_s, force_n > plan.at_once_n, t_s),
        fast=watch.fast,
        fast_cycles=watch.fast_cycles,
        resting=watch.resting,
        rest_since_s=watch.rest_since_s,
        lost_since_s=_since(watch.lost_since_s, force_n < plan.lost_n, t_s),
        loaded_since_s=_since(watch.loaded_since_s, force_n >= plan.lost_n * FOUND_RATIO and contact.touching, t_s),
        unread_since_s=None,
        spot_mm=contact.cop_mm if moved else watch.spot_mm,
        spot_since_s=(None if contact.cop_mm is None else t_s) if moved else watch.spot_since_s,
        spot_told=watch.spot_told,
    )


def judge_place(watch: Watch, plan: Plan) -> tuple[Watch, tuple[str, ...]]:
    """Say what begins or ends: over_cap, too_hard (1.3 F_c for 1 s, or over the cap), their _over; on_the_spot once."""
    if watch.capped:
        if watch.force_n is not None and watch.force_n < CAP_BACK_RATIO * plan.at_once_n:
            return replace(watch, capped=False), ("over_cap_over",)
    elif watch.lasted(watch.cap_since_s, CAP_S):
        told = ("over_cap",) if watch.hard else ("over_cap", "too_hard")
        return replace(watch, capped=True, hard=True), told
    if watch.hard:
        if watch.lasted(watch.calm_since_s, CALM_S):
            return replace(watch, hard=False), ("too_hard_over",)
    elif watch.lasted(watch.hard_since_s, plan.too_hard_s):
        return replace(watch, hard=True), ("too_hard",)
    if not watch.spot_told and watch.in_zone(plan) and watch.lasted(watch.spot_since_s, plan.still_s):
        return replace(watch, spot_told=True), ("on_the_spot",)
    return watch, ()


def judge_movement(watch: Watch, passed_s: float, movement: Movement, plan: Plan) -> tuple[Watch, tuple[str, ...]]:
    """Say what begins or ends: too_fast (more than 20 a minute for three cycles), resting (none for 8 s).

    Too fast is over at 18 a minute, the fastest accepted. A rhythm not yet confirmed makes no one too fast.
    """
    moving = movement.kind in ("rock", "bend")
    cadence_hz = (movement.cadence_hz or 0.0) if moving else 0.0
    cycles = watch.fast_cycles + cadence_hz * passed_s if cadence_hz > plan.too_fast_hz else 0.0
    too_fast = cycles >= plan.too_fast_cycles and movement.confirmed
    fast = cadence_hz > plan.good_fast_hz if watch.fast else too_fast
    rest_since_s = _since(watch.rest_since_s, not moving, watch.t_s)
    resting = not moving and (watch.resting or watch.lasted(rest_since_s, plan.rest_s))
    if (cycles, rest_since_s, fast, resting) == (watch.fast_cycles, watch.rest_since_s, watch.fast, watch.resting):
        return watch, ()
    told = [] if fast == watch.fast else ["too_fast" if fast else "too_fast_over"]
    told += [] if resting == watch.resting else ["resting" if resting else "moving_again"]
    return replace(watch, fast_cycles=cycles, rest_since_s=rest_since_s, fast=fast, resting=resting), tuple(told)


def _since(since_s: float | None, so: bool, t_s: float) -> float | None:
    if not so:
        return None
    return t_s if since_s is None else since_s


def _apart_mm(one: tuple[float, float], other: tuple[float, float]) -> float:
    return hypot(one[0] - other[0], one[1] - other[1])
