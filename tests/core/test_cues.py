"""The vocabulary of the mat, and who may speak when."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.cues import CUES, confusion, distance, pulses, right_ratio
from qlmat.core.cues import CORRECTIVE, LENGTH_S, PRIORITY, REFRACTORY_S, Cues, conduct, level
from qlmat.core.model import Event
from qlmat.core.rhythms import PATTERNS

FRAME_S = 0.02


def play(seconds: float, *told: tuple[float, str]) -> list[tuple[float, str]]:
    """Give each cue with the time it began, for events at their times."""
    cues, begun, last = Cues(), [], None
    queue = sorted(told)
    for k in range(round(seconds / FRAME_S)):
        t_s = round(k * FRAME_S, 6)
        now = [name for at_s, name in queue if t_s - FRAME_S < at_s <= t_s]
        cues = conduct(cues, t_s, tuple(Event(t_s, name) for name in now))
        key = (cues.playing, cues.since_s)
        if cues.playing is not None and key != last:
            begun.append((t_s, cues.playing))
        last = key
    return begun


def test_the_beats_are_what_the_pages_say() -> None:
    """Short up to a quarter of a second, long up to 0.6 s, very long above."""
    beats = {
        cue: "".join("." if on_s <= 0.25 else "-" if on_s <= 0.6 else "=" for on_s, _ in pulses)
        for cue, pulses in PATTERNS.items()
    }
    assert beats == {
        "stopped": ".=.",
        "ball_lost": "...",
        "ease_off": "=",
        "too_hard": ".....",
        "too_fast": "---",
        "switch_sides": ".--",
        "done": "-..",
        "on_the_spot": "..-",
        "keep_going": ".",
        "pace": ".",
    }
    assert PATTERNS["ball_lost"][0][1] == 0.65  # slow enough to be no other three


def test_a_cue_with_any_one_of_its_pulses_missed_is_taken_for_no_other() -> None:
    for cue in CUES:
        for missed in range(len(pulses(cue)) if len(pulses(cue)) > 1 else 0):
            rest = [pulse for number, pulse in enumerate(pulses(cue)) if number != missed]
            heard = [(t_s - rest[0][0], on_s) for t_s, on_s in rest]
            costs = {other: distance(heard, other) for other in CUES}
            assert min(costs, key=costs.__getitem__) == cue
            assert min(cost for other, cost in costs.items() if other != cue) > costs[cue] + 1.0


def test_most_are_told_apart_by_a_listener_who_misses_a_pulse_and_is_off_by_60_ms() -> None:
    """Seeded; `python -m bench.cues` gives the figures of many more trials."""
    whole, holed = confusion(0.06, missing=False, trials=150), confusion(0.06, missing=True, trials=150)
    assert right_ratio(whole) > 0.99
    assert right_ratio(holed) > 0.93
    assert min(holed.diagonal()) > 0.85 * 150


def test_no_pattern_is_longer_than_a_second_and_a_half_but_the_slow_one() -> None:
    assert [cue for cue, length_s in LENGTH_S.items() if length_s > 1.5] == ["ball_lost"]


def test_a_small_motor_can_follow_every_pulse_and_gap_but_the_pace_tick() -> None:
    short = {cue for cue, pulses in PATTERNS.items() for on_s, off_s in pulses if on_s < 0.15 or 0 < off_s < 0.15}
    assert short == {"pace"}


def test_no_two_patterns_are_alike() -> None:
    assert len(set(PATTERNS.values())) == len(PATTERNS)


def test_the_order_is_stop_lost_hard_fast_switch_spot_pace() -> None:
    assert sorted(PRIORITY, key=lambda cue: -PRIORITY[cue])[:5] == [
        "stopped",
        "ball_lost",
        "ease_off",
        "too_hard",
        "too_fast",
    ]
    assert PRIORITY["switch_sides"] == PRIORITY["done"] > PRIORITY["on_the_spot"] > PRIORITY["pace"]


def test_a_cue_sounds_for_its_pulses_and_is_silent_before_and_after() -> None:
    on = [k for k in range(-50, 300) if level("switch_sides", (k + 0.5) / 100)]
    assert len(on) == 120
    assert (min(on), max(on)) == (0, 149)


def test_nothing_told_is_silence() -> None:
    assert play(60.0) == []


def test_a_cue_begins_in_the_frame_of_its_event() -> None:
    assert play(3.0, (1.0, "switch_sides")) == [(1.0, "switch_sides")]


def test_a_more_urgent_cue_cuts_in_at_once() -> None:
    assert play(5.0, (1.0, "too_fast"), (1.2, "too_hard"), (1.3, "too_hard_over"), (1.3, "too_fast_over")) == [
        (1.0, "too_fast"),
        (1.2, "too_hard"),
    ]


def test_a_less_urgent_cue_waits_for_its_turn() -> None:
    begun = play(5.0, (1.0, "session_done"), (1.5, "on_the_spot"))
    assert [cue for _, cue in begun] == ["done", "on_the_spot"]
    assert 1.0 + LENGTH_S["done"] + 0.15 <= begun[1][0] <= 1.0 + LENGTH_S["done"] + 0.2


def test_a_cue_that_waited_more_than_two_seconds_is_dropped() -> None:
    told = [(1.0, "ball_lost"), (1.1, "on_the_spot"), (2.8, "ball_found"), (2.8, "over_cap"), (3.3, "over_cap_over")]
    assert [cue for _, cue in play(10.0, *told)] == ["ball_lost", "ease_off"]


def test_too_hard_comes_back_every_four_seconds_while_it_lasts() -> None:
    begun = play(20.0, (1.0, "too_hard"), (12.0, "too_hard_over"))
    assert [round(t_s) for t_s, _ in begun] == [1, 5, 9]


def test_the_same_cue_rests_four_seconds() -> None:
    told = [(float(t_s), "too_fast") for t_s in range(1, 10)] + [(t_s + 0.5, "too_fast_over") for t_s in range(1, 10)]
    begun_s = [t_s for t_s, _ in play(20.0, *told)]
    assert begun_s == [1.0, 5.0, 9.0]
    assert REFRACTORY_S == 4.0


def test_passing_the_cap_anew_is_told_at_once_however_recent_the_last_time() -> None:
    told = [(1.0, "over_cap"), (2.0, "over_cap_over"), (2.5, "over_cap")]
    assert play(3.0, *told) == [(1.0, "ease_off"), (2.5, "ease_off")]


def test_over_the_cap_too_hard_keeps_silent() -> None:
    begun = play(10.0, (1.0, "over_cap"), (1.0, "too_hard"))
    assert {cue for _, cue in begun} == {"ease_off"}


def test_at_most_eight_corrections_a_minute_then_it_is_left_to_the_screen() -> None:
    begun = play(60.0, (0.0, "too_hard"))
    assert len(begun) == 8


def test_stop_silences_every_fault_and_says_so() -> None:
    begun = play(30.0, (1.0, "too_hard"), (1.2, "session_stopped"))
    assert begun == [(1.0, "too_hard"), (1.2, "stopped")]


def test_a_pause_asked_for_ends_what_keeps_coming_back() -> None:
    assert play(30.0, (1.0, "too_fast"), (2.5, "paused")) == [(1.0, "too_fast")]


def test_a_mat_at_rest_costs_no_new_value() -> None:
    cues = Cues()
    assert conduct(cues, 1.0, ()) is cues


def test_lift_off_waits_for_a_lost_ball_but_not_for_one_found_again() -> None:
    assert play(9.0, (1.0, "ball_lost"), (1.5, "over_cap"))[1] == (3.08, "ease_off")
    assert play(9.0, (1.0, "ball_lost"), (1.4, "ball_found"), (1.5, "over_cap")) == [
        (1.0, "ball_lost"), (1.5, "ease_off"), (5.5, "ease_off")
    ]  # fmt: skip


CALM = ["too_hard_over", "over_cap_over", "ball_found", "on_the_spot", "session_done", "paused", "anything_else"]
FAULTS = ["too_hard", "over_cap", "too_fast", "ball_lost", "resting", "switch_sides", "session_stopped"]
EVENTS = st.sampled_from([*CALM, *FAULTS])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.floats(0.0, 90.0), EVENTS), max_size=40))
def test_whatever_happens_corrections_stay_under_eight_a_minute_and_cues_end(told: list[tuple[float, str]]) -> None:
    begun = play(100.0, *told)
    corrections = [t_s for t_s, cue in begun if cue in CORRECTIVE and cue != "ease_off"]
    assert all(sum(t_s <= other < t_s + 60.0 for other in corrections) <= 8 for t_s in corrections)
    assert all(name in PATTERNS for _, name in begun)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.floats(0.0, 60.0), EVENTS), max_size=40))
def test_nothing_ever_cuts_into_a_more_urgent_cue(told: list[tuple[float, str]]) -> None:
    begun = play(70.0, *told)
    for (t_s, cue), (next_s, next_cue) in pairwise(begun):
        found = (cue, next_cue) == ("ball_lost", "ease_off")  # and the ball is back: tested by itself
        assert next_s - t_s >= LENGTH_S[cue] or PRIORITY[next_cue] > PRIORITY[cue] or found
