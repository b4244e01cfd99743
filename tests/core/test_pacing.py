"""What no rhythm of a person can make the pace do."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from qlmat.core.model import Movement
from qlmat.core.pacing import BLIND_HZ, FOLLOWS_RATIO, FORGET_S, NO_PACING, STEP_RATIO, STEP_S, Pacing, pace
from qlmat.core.plan import Plan

PLAN = Plan()
FRAME_S = 0.05
Seen = tuple[float, Movement, Pacing, bool]

STRETCHES = st.lists(
    st.tuples(
        st.floats(1.0, 40.0),  # seconds
        st.one_of(st.none(), st.floats(5 / 60, 45 / 60)),  # the person's own rhythm; None: no movement
        st.booleans(),  # confirmed
        st.floats(0.0, 0.5),  # how far the turn that is told scatters, of half a cycle
    ),
    min_size=1,
    max_size=6,
)


def lived(stretches: list[tuple[float, float | None, bool, float]], seed: int = 0) -> list[Seen]:
    """Live some stretches of movement; give each frame with what the pace made of it."""
    pacing, seen, t_s, begun_s = NO_PACING, [], 0.0, 0.0
    for seconds, own_hz, confirmed, scatter in stretches:
        for k in range(round(seconds / FRAME_S)):
            movement = Movement("left", "still")
            if own_hz is not None:
                half_s = 0.5 / own_hz
                turn_s = begun_s + half_s * (int((t_s - begun_s) / half_s) + 1) + scatter * half_s * ((k % 7) / 7 - 0.5)
                movement = Movement("left", "rock", own_hz, next_turn_t_s=turn_s, confirmed=confirmed)
            pacing, tick = pace(pacing, t_s, movement, PLAN)
            seen.append((t_s, movement, pacing, tick))
            t_s += FRAME_S
        begun_s = t_s
    return seen


@settings(deadline=None)
@given(STRETCHES)
def test_no_tick_without_a_movement_that_is_sure(stretches: list[tuple[float, float | None, bool, float]]) -> None:
    assert all(movement.cadence_hz and movement.confirmed for _, movement, _, tick in lived(stretches) if tick)


@settings(deadline=None)
@given(STRETCHES)
def test_ticks_never_come_in_a_burst(stretches: list[tuple[float, float | None, bool, float]]) -> None:
    """Two are apart by most of half a cycle of the rhythm that is led, unless it began anew in between."""
    ticks = [(t_s, pacing) for t_s, _, pacing, tick in lived(stretches) if tick]
    for (before_s, _), (now_s, pacing) in pairwise(ticks):
        assert pacing.lead_hz is not None
        if now_s - before_s < FORGET_S:
            assert now_s - before_s >= 0.8 * 0.5 / (45 / 60) - FRAME_S


@settings(deadline=None)
@given(STRETCHES)
def test_it_leads_down_and_never_up_never_under_the_target_and_never_by_more_than_a_tenth_at_once(
    stretches: list[tuple[float, float | None, bool, float]],
) -> None:
    for (_, _, before, _), (_, movement, now, _) in pairwise(lived(stretches)):
        if before.lead_hz is None or now.lead_hz is None or before.lead_hz == now.lead_hz:
            continue
        assert now.lead_hz < before.lead_hz
        assert now.lead_hz >= min(PLAN.target_hz, before.lead_hz) - 1e-12
        slower = movement.cadence_hz is not None and movement.cadence_hz < (1 - FOLLOWS_RATIO) * before.lead_hz
        if not slower:  # whoever is slower already is not held up
            assert now.lead_hz >= min(STEP_RATIO * before.lead_hz, PLAN.target_hz) - 1e-12
            assert now.stepped_s - before.stepped_s >= STEP_S - 1e-9


@settings(deadline=None, max_examples=30)
@given(st.floats(5 / 60, 40 / 60))
def test_whoever_follows_comes_to_the_target_and_whoever_is_slow_stays_accepted(own_hz: float) -> None:
    pacing, turn_s, hz = NO_PACING, 1.0, own_hz
    for frame in range(round(320.0 / FRAME_S)):
        t_s = frame * FRAME_S
        if t_s >= turn_s:
            hz = pacing.lead_hz or hz
            turn_s += 0.5 / hz
        pacing, _ = pace(pacing, t_s, Movement("left", "rock", hz, next_turn_t_s=turn_s, confirmed=True), PLAN)
    assert pacing.lead_hz is not None
    assert BLIND_HZ - 1e-12 <= pacing.lead_hz <= PLAN.target_hz + 1e-12
    if own_hz >= PLAN.target_hz:
        assert abs(pacing.lead_hz - PLAN.target_hz) < 1e-9


@settings(deadline=None)
@given(STRETCHES)
def test_the_same_movement_gives_the_same_ticks(stretches: list[tuple[float, float | None, bool, float]]) -> None:
    assert lived(stretches) == lived(stretches)
