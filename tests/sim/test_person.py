"""A virtual person does what the story says, and the truth says what the person did."""

import numpy as np
import pytest

from qlmat.core.model import Side
from qlmat.sim.scenario import Scenario, parse_scenario
from qlmat_firmware.board import BOARD_V1

QUIET = "[person]\nbreathing_newtons = 0\nrestless_newtons = 0\nrestless_mm = 0\n"
PLACED = 'step = [{do = "wait", seconds = 1}, {do = "place", side = "left", newtons = 80, place_mm = [5, -4]}, %s]\n'


def told(steps: str, person: str = QUIET) -> Scenario:
    return parse_scenario(PLACED % steps + person, "test.toml")


def force_n(scenario: Scenario, t_s: float, side: Side = "left") -> float:
    return scenario.person.truth(t_s).force_n[side]


def place_mm(scenario: Scenario, t_s: float) -> tuple[float, float]:
    return scenario.person.truth(t_s).place_mm["left"]


def track(scenario: Scenario, start_s: float, end_s: float, side: Side = "left") -> np.ndarray:
    return scenario.person.at(np.arange(start_s, end_s, 0.02), side)


def test_placing_the_ball_loads_the_side_at_its_place_and_only_that_side() -> None:
    story = told('{do = "settle", seconds = 5}')
    assert force_n(story, 0.9) == 0.0
    assert force_n(story, 5.0) == pytest.approx(80.0)
    assert place_mm(story, 5.0) == pytest.approx((5.0, -4.0))
    assert force_n(story, 5.0, "right") == 0.0


def test_breathing_moves_the_force_by_its_newtons_at_its_pace() -> None:
    story = told(
        '{do = "rest", seconds = 60}', "[person]\nbreathing_newtons = 6\nbreathing_cpm = 15\nrestless_newtons = 0"
    )
    breath = track(story, 4.0, 62.0)[0] - 80.0
    assert np.ptp(breath) == pytest.approx(12.0, rel=0.02)
    assert np.count_nonzero(np.diff(np.sign(breath)) > 0) == pytest.approx(14.5, abs=2)


def test_rocking_wanders_sideways_at_the_cadence_asked_for() -> None:
    story = told('{do = "rock", seconds = 60, cpm = 12, mm = 18, jitter = 0}')
    x_mm, y_mm = track(story, 4.0, 62.0)[1:]
    assert np.ptp(x_mm) > 3 * np.ptp(y_mm)
    assert np.max(x_mm) - 5.0 == pytest.approx(18.0, rel=0.35)
    assert np.count_nonzero(np.diff(np.sign(x_mm - 5.0)) > 0) == 11
    assert story.person.truth(30.0).cadence_cpm == pytest.approx(12.0)


def test_rocking_goes_out_faster_than_it_comes_back() -> None:
    story = told('{do = "rock", seconds = 20, cpm = 12, jitter = 0, mm = 10}')
    steps_mm = np.diff(track(story, 3.0, 22.0)[1])
    assert steps_mm.max() > -1.3 * steps_mm.min()


def test_bending_swings_the_force_and_wanders_to_the_head() -> None:
    story = told('{do = "bend", seconds = 30, cpm = 12, newtons = 30, mm = 8}')
    force, x_mm, y_mm = track(story, 3.0, 32.0)
    assert np.ptp(force) == pytest.approx(60.0, rel=0.3)
    assert np.ptp(y_mm) > 3 * np.ptp(x_mm)


def test_jitter_makes_cycles_uneven_by_as_much_as_it_says() -> None:
    story = told('{do = "rock", seconds = 3000, cpm = 12, jitter = 0.08}')
    periods_s = [60.0 / story.person.line.motions[0].cadence_cpm(t_s) for t_s in np.arange(10.0, 2900.0, 5.0)]
    assert np.std(np.log(periods_s)) == pytest.approx(0.08, rel=0.1)


def test_two_stretches_of_rocking_join_without_a_jump_and_count_on() -> None:
    story = told('{do = "rock", seconds = 12.3, cpm = 12}, {do = "rock", seconds = 20, cpm = 14}')
    x_mm = track(story, 14.0, 17.0)[1]
    assert np.max(np.abs(np.diff(x_mm))) < 1.5
    assert story.person.truth(34.0).cycles in {6, 7}


def test_resting_between_stretches_starts_the_count_again() -> None:
    story = told(
        '{do = "rock", seconds = 20, cpm = 12}, {do = "rest", seconds = 5}, {do = "rock", seconds = 12, cpm = 12}'
    )
    assert story.person.truth(25.5).kind == "still"
    assert story.person.truth(39.0).cycles == 2


def test_leaning_in_raises_the_mean_force_for_that_stretch_only() -> None:
    story = told('{do = "rock", seconds = 10, cpm = 12, newtons = 0, lean_newtons = 160}, {do = "rest", seconds = 5}')
    assert force_n(story, 8.0) == pytest.approx(160.0)
    assert force_n(story, 15.0) == pytest.approx(80.0)


def test_moving_the_ball_unloads_it_below_ten_newtons_and_lands_at_the_new_place() -> None:
    story = told('{do = "move_ball", place_mm = [-10, 15], seconds = 4}, {do = "rest", seconds = 3}')
    assert 0.0 < force_n(story, 5.0) < 10.0
    assert force_n(story, 9.0) == pytest.approx(80.0)
    assert place_mm(story, 9.0) == pytest.approx((-10.0, 15.0))


def test_a_lost_ball_is_gone_in_less_than_three_tenths_of_a_second() -> None:
    story = told(
        '{do = "lose_ball", seconds = 4}, {do = "place", side = "left", newtons = 70}, {do = "rest", seconds = 2}'
    )
    force = track(story, 2.8, 6.9)[0]
    fall_s = 0.02 * np.count_nonzero((force > 1.0) & (force < 79.0))
    assert 0.05 < fall_s < 0.35
    assert force_n(story, 6.9) == 0.0
    assert story.person.truth(6.0).side is None
    assert force_n(story, 10.0) == pytest.approx(70.0)


def test_changing_pads_empties_one_and_loads_the_other() -> None:
    story = told('{do = "change_pad", seconds = 8, newtons = 60}, {do = "rest", seconds = 4}')
    assert force_n(story, 5.0) == 0.0
    assert force_n(story, 12.0) == 0.0
    assert force_n(story, 12.0, "right") == pytest.approx(60.0)
    assert story.person.truth(12.0).side == "right"


def test_a_cough_is_a_short_push() -> None:
    story = told('{do = "cough", newtons = 45}, {do = "rest", seconds = 3}')
    force = track(story, 2.9, 6.0)[0]
    assert force.max() == pytest.approx(125.0, abs=2.0)
    assert 0.02 * np.count_nonzero(force > 81.0) < 0.35


def test_pressing_too_hard_ends_where_it_began() -> None:
    story = told('{do = "press", newtons = 220, seconds = 4}, {do = "rest", seconds = 2}')
    assert force_n(story, 5.0) == pytest.approx(220.0)
    assert force_n(story, 8.5) == pytest.approx(80.0)


def test_the_button_is_pressed_in_steps_and_at_moments() -> None:
    text = PLACED % '{do = "press_button", seconds = 0.4}' + '[[moment]]\nat_seconds = 1.5\ndo = "press_button"\n'
    assert parse_scenario(text, "test.toml").presses == ((1.5, 0.3), (3.0, 0.4))


def test_restlessness_grows_with_the_square_root_of_time() -> None:
    habits = "[person]\nbreathing_newtons = 0\nrestless_newtons = 0.5"
    ends = []
    for seed in range(40):  # fixed seeds: forty people
        story = parse_scenario(f"seed = {seed}\n" + PLACED % '{do = "rest", seconds = 30}' + habits, "test.toml")
        ends.append(force_n(story, 19.0) - 80.0)
    assert np.std(ends) == pytest.approx(0.5 * 19.0**0.5, rel=0.3)


def test_the_feet_carry_what_the_person_presses() -> None:
    story = told('{do = "settle", seconds = 5}')
    newtons = story.load(BOARD_V1).newtons(np.array([0.5, 6.0]))
    assert newtons[0].tolist() == [0.0] * 6
    assert newtons[1, :3].sum() == pytest.approx(80.0)
    assert newtons[1, :3] @ [s.x_mm for s in BOARD_V1.sensors[:3]] / 80.0 == pytest.approx(5.0, abs=0.01)
    assert newtons[1, 3:].tolist() == [0.0] * 3


def test_one_seed_is_one_person() -> None:
    one, same = (told('{do = "rock", seconds = 20, cpm = 12}', "") for _ in range(2))
    assert np.array_equal(track(one, 0.0, 22.0), track(same, 0.0, 22.0))
    other = one.new_person(np.random.default_rng(99)).at(np.arange(0.0, 22.0, 0.02), "left")
    assert not np.array_equal(track(one, 0.0, 22.0), other)
