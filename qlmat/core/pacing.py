"""The pace: a soft tick at each turn of the movement, begun at the person's own rhythm and led down to the target.

A pure reducer, called in every frame of work. The tick comes before the turn by what a motor takes to start.
"""

from dataclasses import dataclass, replace
from math import inf

from qlmat.core.model import Movement
from qlmat.core.plan import Plan

STEP_RATIO, STEP_S = 0.9, 20.0  # 10 % slower every 20 s: domain facts D.3
FOLLOWS_RATIO = 0.1  # a rhythm this close to the tick's follows it, and the tick keeps to its turns; ours
PULL_RATIO = 0.2  # of the way to the person's own turn, at each tick; ours
FORGET_S = 4.0  # without movement for so long, and it begins anew; ours
BLIND_HZ = 8 / 60  # nobody is led to less than what is accepted: domain facts, section 0


@dataclass(frozen=True, slots=True)
class Pacing:
    """The rhythm being led: `lead_hz` since `stepped_s`, its next turn at `turn_s`; when movement was last seen."""

    lead_hz: float | None = None
    stepped_s: float = 0.0
    turn_s: float = inf
    moved_s: float = 0.0


NO_PACING = Pacing()


def pace(pacing: Pacing, t_s: float, movement: Movement, plan: Plan) -> tuple[Pacing, bool]:
    """Give the pacing after this frame and whether the tick sounds now.

    Somebody who rocks 20 times a minute and follows the tick is at 12 after 100 s:

    >>> pacing, ticks, turn_s, hz = NO_PACING, [], 1.5, 20 / 60
    >>> for frame in range(5100):
    ...     t_s = frame * 0.02
    ...     if t_s >= turn_s:
    ...         hz = pacing.lead_hz or hz
    ...         turn_s += 0.5 / hz
    ...     pacing, now = pace(pacing, t_s, Movement("left", "rock", hz, next_turn_t_s=turn_s, confirmed=True), Plan())
    ...     ticks += [turn_s - t_s] if now else []
    >>> round(60 * hz, 1), len(ticks), round(min(ticks), 2), round(max(ticks), 2)
    (12.0, 55, 0.06, 0.08)
    """
    own_hz, turn_s = movement.cadence_hz, movement.next_turn_t_s
    if own_hz is None or turn_s is None or not movement.confirmed:
        if pacing.lead_hz is not None and t_s - pacing.moved_s > FORGET_S:
            return NO_PACING, False
        return pacing, False
    if pacing.lead_hz is None:
        pacing = Pacing(max(own_hz, BLIND_HZ), t_s, turn_s)
    pacing = _led(replace(pacing, moved_s=t_s), t_s, own_hz, plan)
    if t_s < pacing.turn_s - plan.pace_lead_s - 1e-9:
        return pacing, False
    due = t_s < pacing.turn_s + plan.pace_lead_s  # later than that it was missed, as after a gap
    return _next(pacing, t_s, own_hz, turn_s), due


def _led(pacing: Pacing, t_s: float, own_hz: float, plan: Plan) -> Pacing:
    """Slow down by a step when it is time, never below the target; somebody who is slower already is not held up."""
    lead_hz = pacing.lead_hz or own_hz
    if lead_hz <= plan.target_hz:
        return pacing
    if own_hz < (1.0 - FOLLOWS_RATIO) * lead_hz:
        return replace(pacing, lead_hz=max(own_hz, plan.target_hz), stepped_s=t_s)
    if t_s - pacing.stepped_s < STEP_S:
        return pacing
    return replace(pacing, lead_hz=max(STEP_RATIO * lead_hz, plan.target_hz), stepped_s=t_s)


def _next(pacing: Pacing, t_s: float, own_hz: float, own_turn_s: float) -> Pacing:
    """Plan the next turn half a period on, drawn towards the person's own when they follow."""
    half_s = 0.5 / (pacing.lead_hz or own_hz)
    turn_s = pacing.turn_s + half_s
    if turn_s <= t_s:
        turn_s = t_s + half_s
    if abs(own_hz * 2.0 * half_s - 1.0) <= FOLLOWS_RATIO:
        own_half_s = 0.5 / own_hz
        away_s = (own_turn_s - turn_s + own_half_s / 2.0) % own_half_s - own_half_s / 2.0
        turn_s += PULL_RATIO * away_s
    return replace(pacing, turn_s=turn_s)
