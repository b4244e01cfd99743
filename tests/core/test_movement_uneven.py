"""People as they are: no two cycles alike, a breath in the force, a bend hardly larger than a breath."""

from math import pi, sin

import numpy as np
import pytest

from qlmat.core.model import Contact
from qlmat.core.movement_follow import Follower
from qlmat.core.movement_path import last_cycle
from qlmat.core.movement_slots import SLOT_S
from tests.core.swings import cpm, follow, pressed, swing

CYCLES, PERIOD_S, JITTER, SWING_JITTER = 40, 3.0, 0.05, 0.15


def errors(seed: int) -> list[tuple[float, float]]:
    """Follow cycles 5 % and swings 15 % uneven, with wander: errors of the cadence told, and of the one followed."""
    rng = np.random.default_rng(seed)
    ends_s = np.concatenate(([0.0], np.cumsum(PERIOD_S * (1 + rng.normal(0, JITTER, CYCLES)))))
    t_s = np.arange(0.0, ends_s[-1], SLOT_S)
    phase = np.interp(t_s, ends_s, np.arange(CYCLES + 1))
    size = 1 + rng.normal(0, SWING_JITTER, 2 * CYCLES)
    values = 4 * size[(2 * phase).astype(int)] * np.sin(2 * pi * phase)
    values += rng.normal(0, 0.2, len(t_s)) + np.cumsum(rng.normal(0, 0.2, len(t_s)))
    follower, found = Follower(PERIOD_S, 2.0), []
    for end in range(70, len(t_s), 4):
        follower.go_on(0.4)
        follower.follow(values[:end], 0.4)
        true_s = t_s[end - 1] - np.interp(phase[end - 1] - 1.0, phase, t_s)
        found.append((follower.hz * true_s - 1.0, true_s / follower.period_s - 1.0))
    return found


def test_uneven_cycles_are_told_better_along_their_own_path_than_over_an_even_cadence() -> None:
    told, even = np.abs(np.concatenate([errors(seed) for seed in range(12)])).T
    assert float((told <= 0.05).mean()) > 0.92
    assert float((told > 0.05).mean()) < 0.85 * float((even > 0.05).mean())


@pytest.mark.parametrize("breath_cpm", [12.0, 13.5])
def test_a_bend_that_breathing_beats_with_is_followed_by_its_travel_along_the_body(breath_cpm: float) -> None:
    track = follow(
        60, 50, lambda t_s: pressed(150 + 26 * swing(t_s, 10.5) + 9 * swing(t_s, breath_cpm), 0, 5 * swing(t_s, 10.5))
    )
    told = np.array([cpm(movement) for movement in track[1500:]])
    assert track[-1].kind == "bend"
    assert np.abs(told - 10.5).max() < 0.35


def test_a_bend_hardly_larger_than_a_breath_counts_where_the_breath_before_it_was_small() -> None:
    def bent(breath_n: float, bend_n: float) -> str | None:
        def left(t_s: float) -> Contact:
            moving = bend_n * swing(t_s - 20, 20) if t_s > 20 else 0.0
            return pressed(120 + breath_n * sin(2 * pi * 0.24 * t_s) + moving)

        return follow(45, 50, left)[-1].kind

    assert [bent(2.0, 8.7), bent(8.7, 0.0), bent(8.0, 4.0)] == ["bend", "still", "still"]


def test_breathing_that_grows_deeper_is_no_bend() -> None:
    def left(t_s: float) -> Contact:
        return pressed(120 + (3.0 + 4.0 * min(max((t_s - 20) / 15, 0.0), 1.0)) * sin(2 * pi * 0.24 * t_s))

    assert {movement.kind for movement in follow(70, 50, left)} <= {"still", None}


def test_a_signal_that_stands_still_has_a_last_cycle_as_long_as_believed() -> None:
    edges = np.arange(61) * 5.0
    assert last_cycle(np.zeros(60), edges, phase=0.2) == pytest.approx(60.0)
