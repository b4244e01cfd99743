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
CAP_S = 0.05  # "at once", but not for a spike of some scans
CAP_BACK_RATIO = 0.9  # hysteresis of at least 10 % on every threshold (domain facts, C.5)
FOUND_RATIO = 4 / 3  # of the force at which the ball counts as lost
# Ours: a turn of the knee moves the centre by 5 to 25 mm or the force by 15 to 60 N, breathing by 4 to 16 N from its
# lowest to its highest (domain facts, C.4).
STILL_MM, STILL_N = 5.0, 20.0
REST_STILL_RATIO = 0.5  # of the time without a rhythm must have been still: a rhythm shows after a cycle, not at once
HOLD_MM = 15.0  # a knee at rest leaves the centre beside the middle of its roll; ours
SMOOTH_S = 0.1  # frames closer than this are read three at a time, the middle one counts: spikes last one
GAP_S = 2.0  # frames further apart say nothing about the time between them


@dataclass(frozen=True, slots=True)
class Since:
    """Since when something has been so, seconds; None where it is not."""

    hard: float | None = None
    calm: float | None = None
    cap: float | None = None
    lost: float | None = None
    loaded: float | None = None
    unread: float | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What has been told and not yet ended; `spot` is told once."""

    hard: bool = False
    capped: bool = False
    fast: bool = False
    resting: bool = False
    spot: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """Cycles made too fast in a row, since when there has been no movement, and since when it was too light or firm."""

    fast_cycles: float = 0.0
    rest_since_s: float | None = None
    beside_since_s: float | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the ball has stayed with the same force, and since when."""

    x_mm: float
    y_mm: float
    force_n: float
    since_s: float


NOT_SINCE, NOTHING_TOLD, NO_PACE = Since(), Told(), Pace()


@dataclass(frozen=True, slots=True)
class Watch:
    """What is known of the pad being worked. `force_n` is None when it cannot be read; `level_n` is its slow mean."""

    t_s: float = float("-inf")
    force_n: float | None = None
    recent_n: tuple[float, float] | None = None
    level_n: float = 0.0
    since: Since = NOT_SINCE
    told: Told = NOTHING_TOLD
    pace: Pace = NO_PACE
    spot: Spot | None = None

    @property
    def under_way(self) -> tuple[str, ...]:
        """Name what has begun and must still be seen to end."""
        begun = (("over_cap", self.told.capped), ("too_hard", self.told.hard), ("too_fast", self.told.fast))
        return tuple(name for name, so in begun if so)

    def in_zone(self, plan: Plan) -> bool:
        """Tell whether time may count: the mean is in the zone, and the force now is neither lost nor too hard."""
        if self.force_n is None or not plan.lost_n <= self.force_n <= plan.too_hard_n:
            return False
        low_n, high_n = plan.zone_n
        return low_n <= self.level_n <= high_n

    def lasted(self, since_s: float | None, least_s: float) -> bool:
        """Tell whether something has been so for at least `least_s`."""
        return since_s is not None and self.t_s - since_s >= least_s - 1e-9

    def missing(self, plan: Plan) -> str | None:
        """Tell what has been missing for 3 s: the "ball", the "signal" (the pad cannot be read), or None."""
        if self.lasted(self.since.lost, plan.lost_s):
            return "ball"
        return "signal" if self.lasted(self.since.unread, plan.lost_s) else None


NO_WATCH = Watch()


def look(watch: Watch, t_s: float, contact: Contact, plan: Plan) -> Watch:
    """Take in the pad's force and centre at `t_s`. All times start afresh after a gap of more than 2 s.

    >>> watch = Watch()
    >>> for frame in range(60):
    ...     watch = look(watch, frame * 0.05, Contact(140.0, (0.0, 0.0), True), Plan())
    >>> round(watch.level_n), watch.in_zone(Plan()), watch.lasted(watch.since.hard, 1.0)
    (140, False, True)
    """
    if t_s - watch.t_s > GAP_S:
        watch = Watch(told=watch.told)
    now_n, since = contact.force_n, watch.since
    if now_n is None:
        since = since if since.unread is not None else replace(since, unread=t_s)
        return replace(watch, t_s=t_s, force_n=None, since=since)
    passed_s = t_s - watch.t_s
    if watch.recent_n is None:
        force_n = level_n = before_n = now_n
    else:
        before_n, earlier_n = watch.recent_n
        force_n = now_n if passed_s >= SMOOTH_S else _middle(now_n, before_n, earlier_n)
        level_n = watch.level_n + (force_n - watch.level_n) * passed_s / (LEVEL_S + passed_s)
    since = _timed(since, t_s, force_n, contact.touching, plan)
    return Watch(
        t_s,
        force_n,
        (now_n, before_n),
        level_n,
        since,
        watch.told,
        watch.pace,
        _stayed(watch, t_s, force_n, contact.cop_mm),
    )


def _middle(a: float, b: float, c: float) -> float:
    return max(min(a, b), min(max(a, b), c))


def _timed(since: Since, t_s: float, force_n: float, touching: bool, plan: Plan) -> Since:
    """Start and stop the timers that hang on force; the same value when none changes, as in most frames."""
    hard_n = plan.too_hard_n if since.hard is None else BACK_RATIO * plan.too_hard_n
    hard = force_n > hard_n
    calm = force_n < plan.zone_n[1]
    cap = force_n > plan.at_once_n
    lost = force_n < plan.lost_n
    loaded = touching and force_n >= FOUND_RATIO * plan.lost_n
    if (
        hard is (since.hard is not None)
        and calm is (since.calm is not None)
        and cap is (since.cap is not None)
        and lost is (since.lost is not None)
        and loaded is (since.loaded is not None)
        and since.unread is None
    ):
        return since
    return Since(
        _since(since.hard, hard, t_s),
        _since(since.calm, calm, t_s),
        _since(since.cap, cap, t_s),
        _since(since.lost, lost, t_s),
        _since(since.loaded, loaded, t_s),
    )


def _stayed(watch: Watch, t_s: float, force_n: float, cop_mm: tuple[float, float] | None) -> Spot | None:
    if cop_mm is None:
        return None
    spot, (x_mm, y_mm) = watch.spot, cop_mm
    if spot and abs(force_n - spot.force_n) <= STILL_N and hypot(x_mm - spot.x_mm, y_mm - spot.y_mm) <= STILL_MM:
        return spot
    return Spot(x_mm, y_mm, force_n, t_s)


def judge_force(watch: Watch, plan: Plan) -> tuple[Watch, tuple[str, ...]]:
    """Say what begins or ends: over_cap, too_hard (1.3 F_c for 1 s, or over the cap), and their _over."""
    told, since = watch.told, watch.since
    if told.capped:
        if watch.force_n is not None and watch.force_n < CAP_BACK_RATIO * plan.at_once_n:
            return replace(watch, told=replace(told, capped=False)), ("over_cap_over",)
    elif since.cap is not None and watch.lasted(since.cap, CAP_S):
        names = ("over_cap",) if told.hard else ("over_cap", "too_hard")
        return replace(watch, told=replace(told, capped=True, hard=True)), names
    if told.hard:
        if watch.lasted(since.calm, CALM_S):
            return replace(watch, told=replace(told, hard=False)), ("too_hard_over",)
    elif since.hard is not None and watch.lasted(since.hard, plan.too_hard_s):
        return replace(watch, told=replace(told, hard=True)), ("too_hard",)
    return watch, ()


def judge_spot(watch: Watch, plan: Plan) -> tuple[Watch, tuple[str, ...]]:
    """Say once that the ball is where it can work: in the zone, its centre still for 3 s."""
    spot = watch.spot
    if watch.told.spot or spot is None or not watch.lasted(spot.since_s, plan.still_s) or not watch.in_zone(plan):
        return watch, ()
    return replace(watch, told=replace(watch.told, spot=True)), ("on_the_spot",)


def holds(watch: Watch, marked_mm: tuple[float, float], plan: Plan) -> bool:
    """Tell whether the ball rests on a marked spot: in the zone, its centre still for 3 s and close to it."""
    spot = watch.spot
    if spot is None or not watch.lasted(spot.since_s, plan.still_s) or not watch.in_zone(plan):
        return False
    return hypot(spot.x_mm - marked_mm[0], spot.y_mm - marked_mm[1]) <= HOLD_MM


def judge_movement(watch: Watch, passed_s: float, movement: Movement, plan: Plan) -> tuple[Watch, tuple[str, ...]]:
    """Say what begins or ends: too_fast (more than 20 a minute for three cycles), resting (none for 8 s).

    Too fast is over at 18 a minute, the fastest accepted. A rhythm not yet confirmed makes no one too fast, and one not
    yet found is no rest while the ball moves.
    """
    moving = movement.kind in ("rock", "bend")
    cadence_hz = (movement.cadence_hz or 0.0) if moving else 0.0
    told, pace = watch.told, watch.pace
    cycles = pace.fast_cycles + cadence_hz * passed_s if cadence_hz > plan.too_fast_hz else 0.0
    fast = cadence_hz > plan.good_fast_hz if told.fast else cycles >= plan.too_fast_cycles and movement.confirmed
    rest_since_s = _since(pace.rest_since_s, not moving, watch.t_s)
    still = watch.spot is not None and watch.lasted(watch.spot.since_s, REST_STILL_RATIO * plan.rest_s)
    resting = not moving and (told.resting or (still and watch.lasted(rest_since_s, plan.rest_s)))
    if cycles != pace.fast_cycles or rest_since_s != pace.rest_since_s:
        watch = replace(watch, pace=Pace(cycles, rest_since_s, pace.beside_since_s))
    names: tuple[str, ...] = ()
    if fast != told.fast:
        names += ("too_fast" if fast else "too_fast_over",)
    if resting != told.resting:
        names += ("resting" if resting else "moving_again",)
    if not names:
        return watch, ()
    return replace(watch, told=replace(told, fast=fast, resting=resting)), names


def judge_zone(watch: Watch, plan: Plan) -> tuple[Watch, str | None]:
    """Say every 8 s that the mean force lies beside the zone: too_light or too_firm. Silence must mean good."""
    since_s, so = watch.pace.beside_since_s, not watch.in_zone(plan) and not watch.told.hard
    if not so or watch.force_n is None:
        return (
            (watch, None) if since_s is None else (replace(watch, pace=replace(watch.pace, beside_since_s=None)), None)
        )
    if since_s is not None and not watch.lasted(since_s, plan.rest_s):
        return watch, None
    told = None if since_s is None else "too_light" if watch.level_n < plan.zone_n[0] else "too_firm"
    return replace(watch, pace=replace(watch.pace, beside_since_s=watch.t_s)), told


def _since(since_s: float | None, so: bool, t_s: float) -> float | None:
    if not so:
        return None
    return t_s if since_s is None else since_s
