"""What no way of leaning in and pressing can make the slow loads do."""

from statistics import median

from hypothesis import given, settings
from hypothesis import strategies as st

from qlmat.core.comfort import LEAST_N, LOADS, MOST_LOADS, PATIENCE_S, SLOW_N_PER_S, Comfort, Said, begin, step
from qlmat.core.model import Contact
from qlmat.core.plan import Plan

FRAME_S = 0.1
PLAN = Plan()
Look = tuple[float, float | None, bool]

RAMPS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 5.0, 40.0, 80.0, 120.0, 200.0, 320.0, None]),  # to this force
        st.floats(0.1, 12.0),  # in so many seconds
        st.booleans(),  # and then they say "firm"
    ),
    min_size=1,
    max_size=40,
)


def looks(ramps: list[tuple[float | None, float, bool]]) -> list[Look]:
    """Give (t_s, force_n, firm) for ramps of force, a press at the end of some."""
    out: list[Look] = []
    t_s = level_n = 0.0
    for target_n, seconds, firm in ramps:
        count = max(1, round(seconds / FRAME_S))
        for k in range(count):
            t_s += FRAME_S
            now_n = None if target_n is None else level_n + (target_n - level_n) * (k + 1) / count
            out.append((t_s, now_n, firm and k == count - 1))
        level_n = level_n if target_n is None else target_n
    return out


def live(all_looks: list[Look]) -> list[tuple[Look, Comfort, Comfort, tuple[Said, ...]]]:
    """Go through the looks; give each with the state before and after and what was said."""
    comfort, _ = begin("left", 0.0)
    lived = []
    for look in all_looks:
        t_s, force_n, firm = look
        touching = force_n is not None and force_n > 3.0
        after, said = step(comfort, t_s, Contact(force_n, None, touching), firm, PLAN)
        lived.append((look, comfort, after, said))
        comfort = after
    return lived


@settings(deadline=None)
@given(RAMPS)
def test_only_a_slow_load_that_a_person_calls_firm_counts_and_none_above_the_cap(
    ramps: list[tuple[float | None, float, bool]],
) -> None:
    for (t_s, _, firm), before, after, said in live(looks(ramps)):
        if not any(name == "load_counted" for name, _ in said):
            assert after.loads_n == before.loads_n
            continue
        assert firm
        assert before.phase == "loading"
        assert not after.capped
        load_n = after.loads_n[-1]
        assert LEAST_N <= load_n <= PLAN.at_once_n
        assert before.begun_s is not None
        assert load_n <= SLOW_N_PER_S * (t_s - before.begun_s) + 1e-6


@settings(deadline=None)
@given(RAMPS)
def test_between_two_loads_the_pad_was_empty(ramps: list[tuple[float | None, float, bool]]) -> None:
    lightest_n = float("inf")
    for (_, force_n, _), _, _, said in live(looks(ramps)):
        lightest_n = min(lightest_n, float("inf") if force_n is None else force_n)
        if any(name == "load_counted" for name, _ in said):
            assert lightest_n < 10.0
            lightest_n = float("inf")


@settings(deadline=None)
@given(RAMPS)
def test_what_is_found_is_the_median_of_three_to_five_loads_and_then_nothing_more_is_said(
    ramps: list[tuple[float | None, float, bool]],
) -> None:
    ended = False
    for _, _, after, said in live(looks(ramps)):
        assert not (ended and said)
        found = [detail for name, detail in said if name == "comfort_found"]
        if found:
            assert LOADS <= len(after.loads_n) <= MOST_LOADS
            assert found[0] == {
                "force_n": median(after.loads_n),
                "low_n": min(after.loads_n),
                "high_n": max(after.loads_n),
                "loads": len(after.loads_n),
            }
        ended = after.phase == "ended"
        assert len(after.loads_n) <= MOST_LOADS


@settings(deadline=None)
@given(RAMPS)
def test_nobody_is_left_waiting(ramps: list[tuple[float | None, float, bool]]) -> None:
    """Whatever was done, without anything more it ends."""
    all_looks = looks(ramps)
    end_s = all_looks[-1][0]
    quiet: list[Look] = [(end_s + k, 0.0, False) for k in range(1, round(2 * PATIENCE_S) + 10)]
    assert live([*all_looks, *quiet])[-1][2].phase == "ended"


@settings(deadline=None)
@given(RAMPS)
def test_whatever_goes_above_the_cap_is_told_within_1_2_s_and_the_end_of_it_too(
    ramps: list[tuple[float | None, float, bool]],
) -> None:
    over_s, told = None, False
    for (t_s, force_n, _), before, _, said in live(looks(ramps)):
        if before.phase == "ended":
            return
        names = [name for name, _ in said]
        told = (told or "over_cap" in names) and "over_cap_over" not in names
        above = force_n is not None and force_n > 1.02 * PLAN.at_once_n
        over_s = (t_s if over_s is None else over_s) if above else None
        assert over_s is None or told or t_s - over_s <= 1.2
