"""Three slow loads to the force a person calls firm."""

from collections.abc import Iterator

import pytest

from qlmat.core.comfort import Comfort, begin, step
from qlmat.core.model import Contact
from qlmat.core.plan import Plan

FRAME_S = 0.02
Told = list[tuple[str, dict[str, object]]]


def load(newtons: float, rise_s: float = 4.0, firm: bool = True) -> Iterator[tuple[float, bool]]:
    """Empty for 2 s, rise in `rise_s`, hold for 1 s, say so, get off in a moment."""
    for _ in range(round(2.0 / FRAME_S)):
        yield 0.0, False
    frames = round(rise_s / FRAME_S)
    for k in range(frames):
        yield newtons * k / frames, False
    for _ in range(round(1.0 / FRAME_S)):
        yield newtons, False
    yield newtons, firm
    for _ in range(10):
        yield newtons / 2, False


def measured(*loads: Iterator[tuple[float, bool]], plan: Plan = Plan()) -> tuple[Comfort, Told]:
    """Live through some loads."""
    comfort, t_s, told = begin("left", 0.0)[0], 0.0, []
    for each in loads:
        for force_n, firm in each:
            t_s += FRAME_S
            comfort, said = step(comfort, t_s, Contact(force_n, None, force_n > 3.0), firm, plan)
            told += [(name, dict(detail)) for name, detail in said]
    return comfort, told


def names(told: Told) -> list[str]:
    return [name for name, _ in told]


def test_the_median_of_three_slow_loads_counts() -> None:
    _, told = measured(load(70.0), load(95.0), load(80.0))
    assert names(told) == [*["lean_in", "load_counted"] * 3, "comfort_found"]
    found = told[-1][1]
    assert found["force_n"] == pytest.approx(80.0, abs=0.5)
    assert (found["low_n"], found["high_n"]) == (pytest.approx(70.0, abs=0.5), pytest.approx(95.0, abs=0.5))


def test_loads_that_lie_far_apart_ask_for_two_more() -> None:
    _, told = measured(load(50.0), load(95.0), load(80.0), load(82.0), load(78.0))
    assert names(told).count("load_counted") == 5
    assert told[-1][1]["force_n"] == pytest.approx(80.0, abs=0.5)


def test_a_quick_load_does_not_count() -> None:
    _, told = measured(load(150.0, rise_s=0.2), load(80.0))
    assert names(told) == ["lean_in", "load_refused", "lean_in", "load_counted"]
    assert "slowly" in str(told[1][1]["reason"])


def test_a_word_with_no_weight_on_the_ball_does_not_count() -> None:
    _, told = measured(load(5.0))
    assert names(told) == ["lean_in", "load_refused"]


def test_a_second_word_on_the_same_load_does_not_count() -> None:
    comfort, _ = measured(load(80.0))
    _, said = step(comfort, comfort.t_s + FRAME_S, Contact(80.0, None, True), True, Plan())
    assert [name for name, _ in said] == ["load_refused"]


def test_above_the_cap_it_says_so_and_the_load_does_not_count() -> None:
    _, told = measured(load(400.0, rise_s=12.0, firm=False), load(80.0))
    assert names(told) == ["lean_in", "over_cap", "over_cap_over", "lean_in", "load_counted"]


def test_the_cap_of_a_light_person_holds_here_too() -> None:
    _, told = measured(load(200.0, rise_s=6.0), plan=Plan(body_weight_n=500.0))
    assert "over_cap" in names(told)
    assert "load_counted" not in names(told)


def test_nobody_is_asked_for_ever() -> None:
    comfort, _ = begin("left", 0.0)
    told: list[str] = []
    for k in range(400):
        comfort, said = step(comfort, float(k), Contact(0.0, None, False), False, Plan())
        told += [name for name, _ in said]
    assert told == ["lean_in", "comfort_ended"]
    assert comfort.phase == "ended"


def test_a_pad_that_cannot_be_read_is_no_empty_pad() -> None:
    comfort, _ = begin("left", 0.0)
    for k in range(100):
        comfort, said = step(comfort, 0.1 * k, Contact(None, None, False), False, Plan())
        assert said == ()
