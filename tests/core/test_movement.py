"""Rocking, bending and stillness told from what rests on the pads."""

from itertools import pairwise
from math import pi, sin

import numpy as np
import pytest

from qlmat.core import movement_bank, movement_models, movement_path
from qlmat.core.model import NO_CONTACT, Contact, Contacts, Movement
from qlmat.core.movement import MovementEstimator
from tests.core.swings import cpm, empty, follow, pressed, swing


@pytest.mark.parametrize("cadence", [3.0, 6.0, 12.0, 30.0, 60.0])
def test_a_ball_rocking_sideways_is_rocking_at_its_cadence_with_its_cycles(cadence: float) -> None:
    seconds = max(40.0, 200.0 / cadence)
    last = follow(seconds, 50, lambda t_s: pressed(100, 12 * swing(t_s, cadence)))[-1]
    assert (last.side, last.kind, last.confirmed) == ("left", "rock", True)
    assert cpm(last) == pytest.approx(cadence, rel=0.03)
    assert last.cycles == pytest.approx(seconds * cadence / 60, abs=1.0)
    assert last.depth_mm == pytest.approx(24, abs=2)


def test_force_that_rises_and_falls_on_the_spot_is_bending() -> None:
    last = follow(30, 50, lambda t_s: pressed(100 + 25 * swing(t_s, 20), 1.0, 6 * swing(t_s, 20)))[-1]
    assert last.kind == "bend"
    assert cpm(last) == pytest.approx(20, abs=0.4)
    assert last.depth_n == pytest.approx(50, abs=3)


def test_a_little_force_counts_as_bending_when_the_load_travels_along_the_body_with_it() -> None:
    with_travel = follow(30, 50, lambda t_s: pressed(100 + 8 * swing(t_s, 15), 0.0, 8 * swing(t_s, 15)))[-1]
    without = follow(30, 50, lambda t_s: pressed(100 + 8 * swing(t_s, 15)))[-1]
    assert (with_travel.kind, without.kind) == ("bend", "still")


def test_rocking_stays_rocking_when_force_swings_more_than_the_place_does() -> None:
    last = follow(30, 50, lambda t_s: pressed(100 + 50 * swing(t_s, 12), 6 * swing(t_s, 12), 0.8 * swing(t_s, 12)))[-1]
    assert last.kind == "rock"


def test_knees_rolling_from_pad_to_pad_count_once_although_the_sum_peaks_twice() -> None:
    last = follow(
        60,
        15,
        lambda t_s: pressed(max(0.0, 60 * swing(t_s, 10))),
        lambda t_s: pressed(max(0.0, -60 * swing(t_s, 10))),
    )[-1]
    assert last.kind == "rock"
    assert cpm(last) == pytest.approx(10, abs=0.3)
    assert last.cycles in (9, 10)


def test_the_third_change_of_sides_of_rolling_knees_is_enough_to_tell_their_cadence() -> None:
    def flat(force_n: float) -> float:  # knees rest at each side: neither a sine nor a pause
        return 60.0 if force_n > 0 else 3.0

    seen = follow(
        30, 15, lambda t_s: pressed(flat(swing(t_s, 10) - 0.3)), lambda t_s: pressed(flat(-0.3 - swing(t_s, 10)))
    )
    first = next(i for i, movement in enumerate(seen) if movement.cadence_hz is not None) / 15
    assert first < 1.75 * 6.0
    assert cpm(seen[round((first + 1.0) * 15)]) == pytest.approx(10, abs=0.7)


def test_breathing_before_and_after_a_movement_adds_no_cycles() -> None:
    def left(t_s: float) -> Contact:  # deep breaths, 12 N: above the gate, and all that moves before and after
        return pressed(100 + 12 * swing(t_s, 15) + (40 * swing(t_s - 15, 20) if 15 < t_s < 45 else 0.0))

    last = follow(58, 50, left)[-1]
    assert last.cycles in (9, 10)


def test_a_gap_in_the_frames_is_filled_with_the_movement_before_it() -> None:
    estimator, seen = MovementEstimator(), []
    for i in range(2000):
        t_s = i / 50
        if not 30.0 < t_s < 31.4:
            seen.append(estimator.step(Contacts(t_s, pressed(100, 12 * swing(t_s, 24)), NO_CONTACT)))
    told = [cpm(movement) for movement in seen[15 * 50 :]]
    assert max(abs(value - 24) for value in told) < 0.8


@pytest.mark.parametrize("scale", [0.1, 1.0, 3.0])
def test_the_cadence_does_not_depend_on_the_scale_of_force(scale: float) -> None:
    last = follow(
        40,
        15,
        lambda t_s: pressed(scale * max(0.0, 60 * swing(t_s, 10))),
        lambda t_s: pressed(scale * max(0.0, -60 * swing(t_s, 10))),
    )[-1]
    assert cpm(last) == pytest.approx(10, abs=0.3)


def test_breathing_under_a_still_ball_has_no_cadence() -> None:
    seen = follow(60, 50, lambda t_s: pressed(90 + 7 * swing(t_s, 15), 0.5 * swing(t_s, 15)))
    assert all(movement.cadence_hz is None for movement in seen)
    assert seen[-1].kind == "still"


def test_an_empty_mat_has_no_side_no_kind_and_no_cadence() -> None:
    assert follow(20, 50, empty)[-1] == Movement()


def test_a_movement_is_told_within_two_cycles_of_its_beginning() -> None:
    seen = follow(40, 50, lambda t_s: pressed(100, 12 * swing(max(t_s - 20.0, 0.0), 12)))
    first = next(i for i, movement in enumerate(seen) if movement.cadence_hz is not None) / 50
    assert 20.0 < first < 30.0


def test_stopping_ends_the_cadence_within_a_cycle_and_a_half() -> None:
    seen = follow(40, 50, lambda t_s: pressed(100, 12 * swing(min(t_s, 30.0), 12)))
    assert seen[29 * 50].cadence_hz is not None
    assert seen[int(37.5 * 50)].cadence_hz is None


def test_a_cadence_that_speeds_up_is_followed() -> None:
    def left(t_s: float) -> Contact:  # 10 cycles a minute, a third more each 15 s
        return pressed(100, 12 * sin(2 * pi * (10 * t_s + 10 * t_s * t_s / 90) / 60))

    last = follow(45, 50, left)[-1]
    assert cpm(last) == pytest.approx(10 + 20 * 43.5 / 90, rel=0.06)


def test_breathing_on_top_of_rocking_does_not_pull_the_cadence() -> None:
    seen = follow(60, 50, lambda t_s: pressed(100, 12 * swing(t_s, 21) + 3.6 * swing(t_s, 15)))
    told = [cpm(movement) for movement in seen[15 * 50 :]]
    assert max(abs(value - 21) for value in told) < 2.0


def test_a_ball_moved_to_another_place_goes_on_with_the_same_cadence() -> None:
    seen = follow(60, 50, lambda t_s: pressed(100, 8 * swing(t_s, 15) + (15 if t_s > 30 else 0)))
    assert cpm(seen[45 * 50]) == pytest.approx(15, abs=0.5)


def test_the_next_turn_is_told_before_it_happens() -> None:
    seen = follow(30, 50, lambda t_s: pressed(100, 12 * swing(t_s, 12)))
    turns = [1.25 + 2.5 * k for k in range(20)]  # a sine of 5 s turns at 1.25 s, 3.75 s, ...
    for movement in seen[20 * 50 :]:
        assert movement.next_turn_t_s is not None
        assert min(abs(movement.next_turn_t_s - turn) for turn in turns) < 0.35


def test_the_uncertainty_is_larger_where_the_rhythm_is_less_even() -> None:
    even = follow(40, 50, lambda t_s: pressed(100, 12 * swing(t_s, 15)))[-1]
    uneven = follow(40, 50, lambda t_s: pressed(100, 12 * sin(2 * pi * (t_s / 4 + 0.15 * sin(t_s)))))[-1]
    assert even.cadence_sd_hz is not None
    assert uneven.cadence_sd_hz is not None
    assert uneven.cadence_sd_hz > 1.5 * even.cadence_sd_hz


def test_a_press_long_ago_does_not_hide_the_bending_that_follows() -> None:
    def left(t_s: float) -> Contact:  # a lean of 55 N, a press to 200 N for 4 s, then bends of 20 N to either side
        bend_n = 20 * swing(t_s - 26, 12) if t_s > 26 else 0.0
        return pressed(200.0 if 20 <= t_s < 24 else 55 + bend_n, 1.0)

    seen = follow(45, 50, left)
    first = next(i for i, movement in enumerate(seen) if movement.cadence_hz is not None) / 50
    assert 26 < first < 26 + 2 * 5.0
    assert cpm(seen[-1]) == pytest.approx(12, abs=0.3)


def test_one_pad_that_rolling_knees_load_and_leave_is_followed_wherever_its_place_goes() -> None:
    def left(t_s: float) -> Contact:  # most of the load comes and goes; its place travels, but in no rhythm
        return pressed(32 + 30 * swing(t_s, 10), 15 * sin(1.9 * t_s) * sin(0.31 * t_s * t_s))

    assert cpm(follow(40, 15, left)[-1]) == pytest.approx(10, abs=0.5)


def test_a_sideways_travel_whose_rhythm_is_not_clear_yet_is_no_bending() -> None:
    def left(t_s: float) -> Contact:  # the place wanders so much at first that only force has a rhythm
        wander = 14 * sin(1.9 * t_s) * sin(0.7 * t_s * t_s) if t_s < 12 else 0.0
        return pressed(100 + 12 * swing(t_s, 15), 10 * swing(t_s, 15) + wander)

    assert all(movement.kind != "bend" for movement in follow(30, 50, left))


def test_the_uncertainty_does_not_depend_on_how_far_the_knee_goes() -> None:
    told = []
    for mm in (4.0, 120.0):
        rng, estimator = np.random.default_rng(1), MovementEstimator()  # fixed: the same noise for both
        for k in range(2000):
            x_mm = mm * (sin(2 * pi * 0.2 * k / 50) + 0.1 * rng.normal())
            movement = estimator.step(Contacts(k / 50, Contact(100.0, (x_mm, 0.0), True), NO_CONTACT))
        told.append(movement.cadence_sd_hz)
    assert told[0] == pytest.approx(told[1], rel=0.05)
    assert 0.015 * 0.2 < (told[0] or 0.0) < 0.05 * 0.2


@pytest.mark.parametrize("turn_s", [30.0, 31.0, 32.5, 33.3])
def test_a_sudden_hurry_is_told_within_three_of_its_cycles(turn_s: float) -> None:
    estimator, told_s = MovementEstimator(), None
    for k in range(2200):
        t_s = k / 50
        phase = 0.2 * min(t_s, turn_s) + 26 / 60 * max(t_s - turn_s, 0.0)
        movement = estimator.step(Contacts(t_s, Contact(100.0, (14 * sin(2 * pi * phase), 0.0), True), NO_CONTACT))
        if told_s is None and 60 * (movement.cadence_hz or 0.0) > 20:
            told_s = t_s
    assert told_s is not None
    assert 0 < told_s - turn_s < 3 * 60 / 26


def test_a_load_that_comes_and_goes_is_a_bend_though_uneven_sensors_let_it_wander_sideways() -> None:
    seen = follow(40, 50, lambda t_s: pressed(60 + 40 * swing(t_s, 16), 5 * swing(t_s, 16), 2 * swing(t_s, 16)))
    assert {movement.kind for movement in seen[900:]} == {"bend"}


def test_breathing_faster_than_the_movement_does_not_bend_its_cadence() -> None:
    told = follow(60, 50, lambda t_s: pressed(100, 12 * swing(t_s, 10) + 4 * swing(t_s, 15.5)))[1000:]
    assert max(abs(cpm(movement) / 10 - 1) for movement in told) < 0.08


def test_a_ball_moved_against_the_swing_leaves_the_cadence_as_it_was() -> None:
    def moved(t_s: float) -> Contact:  # 16 mm to one side while the knee goes to the other: hidden in the swing
        return pressed(100, 10 * swing(t_s, 20) + 16 * min(max((t_s - 30.9) / 0.5, 0.0), 1.0))

    told = follow(48, 50, moved)[1300:]
    assert max(abs(cpm(movement) / 20 - 1) for movement in told) < 0.05


def test_cycles_never_run_backwards_while_a_movement_lasts() -> None:
    seen = follow(60, 50, lambda t_s: pressed(100, 12 * swing(t_s, 20)))
    assert all(a.cycles <= b.cycles for a, b in pairwise(seen))


def test_a_rest_on_the_ball_does_not_lose_the_count() -> None:
    def left(t_s: float) -> Contact:  # six cycles, ten seconds of rest, six cycles
        return pressed(100, 12 * swing(t_s, 12) if t_s < 30 or t_s > 40 else 0.0)

    seen = follow(70, 50, left)
    assert seen[38 * 50].kind == "still"
    assert seen[38 * 50].cycles == pytest.approx(6, abs=1)
    assert seen[-1].cycles == pytest.approx(12, abs=1)


def test_the_count_begins_anew_on_the_other_side() -> None:
    def left(t_s: float) -> Contact:
        return pressed(100 if t_s < 30 else 0.0, 12 * swing(t_s, 12))

    def right(t_s: float) -> Contact:
        return pressed(100 if t_s > 33 else 0.0, 12 * swing(t_s, 12))

    last = follow(70, 50, left, right)[-1]
    assert last.side == "right"
    assert last.cycles == pytest.approx(7, abs=1)


def test_reset_forgets_the_movement() -> None:
    estimator = MovementEstimator()
    for i in range(1000):
        estimator.step(Contacts(i / 50, pressed(100, 12 * swing(i / 50, 12)), NO_CONTACT))
    estimator.reset()
    assert estimator.step(Contacts(20.1, NO_CONTACT, NO_CONTACT)) == Movement()


def test_no_frame_after_the_constructor_waits_for_a_table_to_be_built() -> None:
    made = (movement_bank.table, movement_bank.candidates, movement_models.models, movement_path.paths)
    for table in made:
        table.cache_clear()
    estimator = MovementEstimator()
    built, asked = [table.cache_info().misses for table in made], [table.cache_info().hits for table in made]
    for i in range(2000):  # 40 s, eight cycles: every span of the models is asked for
        uneven_s = i / 50 + 0.4 * swing(i / 50, 3.1)
        movement = estimator.step(Contacts(i / 50, pressed(100, 12 * swing(uneven_s, 12)), NO_CONTACT))
    assert movement.kind == "rock"
    assert all(table.cache_info().hits > hits for table, hits in zip(made, asked, strict=True))
    assert [table.cache_info().misses for table in made] == built
