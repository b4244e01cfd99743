"""Virtual time jumps, creeps and fires callbacks; paced time also waits."""

from functools import partial

import pytest

from qlmat.sim.clock import PacedClock, VirtualClock


class RealTime:
    """Stands in for the machine's clock: sleeping moves it, and nothing else does but `work`."""

    def __init__(self) -> None:
        self.t_s = 100.0
        self.naps_s: list[float] = []

    def now_s(self) -> float:
        return self.t_s

    def sleep(self, duration_s: float) -> None:
        self.naps_s.append(duration_s)
        self.t_s += duration_s


def paced(speed: float) -> tuple[PacedClock, RealTime]:
    real = RealTime()
    return PacedClock(speed, real_s=real.now_s, real_sleep=real.sleep), real


def test_sleeping_until_a_moment_reads_at_least_that_moment() -> None:
    clock = VirtualClock()
    for k in range(1, 2000):
        clock.sleep_until(k * 0.1)
        assert k * 0.1 <= clock.now_s() < k * 0.1 + 2e-9


def test_a_moment_that_has_passed_returns_at_once() -> None:
    clock = VirtualClock(start_s=5.0, sleep_overshoot_s=80e-6)
    clock.sleep_until(4.0)
    assert clock.now_ns() == 5_000_000_000


def test_a_sleeper_wakes_late_by_the_overshoot() -> None:
    clock = VirtualClock(sleep_overshoot_s=80e-6)
    clock.sleep(0.001)
    assert clock.now_ns() == 1_080_000


def test_the_overshoot_may_be_drawn_each_time() -> None:
    draws = iter([10e-6, 50e-6])
    clock = VirtualClock(sleep_overshoot_s=lambda: next(draws))
    clock.sleep_until(1.0)
    clock.sleep_until(2.0)
    assert clock.now_ns() == 2_000_050_000


def test_callbacks_come_in_the_order_of_their_times_and_see_their_moment() -> None:
    clock = VirtualClock()
    seen: list[tuple[str, float]] = []

    def note(name: str) -> None:
        seen.append((name, clock.now_s()))

    for name, t_s in (("late", 3.0), ("early", 1.0), ("also early", 1.0), ("never", 9.0)):
        clock.call_at(t_s, partial(note, name))
    clock.advance_ns(5_000_000_000)
    assert seen == [("early", 1.0), ("also early", 1.0), ("late", 3.0)]
    assert clock.now_s() == 5.0


def test_a_callback_may_ask_for_another() -> None:
    clock = VirtualClock()
    beats: list[float] = []

    def beat() -> None:
        beats.append(clock.now_s())
        clock.call_at(clock.now_s() + 0.5, beat)

    clock.call_at(0.5, beat)
    clock.sleep_until(2.0)
    assert beats == [0.5, 1.0, 1.5, 2.0]


def test_a_callback_for_a_moment_that_has_passed_comes_at_the_next_advance() -> None:
    clock = VirtualClock(start_s=2.0)
    seen: list[float] = []
    clock.call_at(1.0, lambda: seen.append(clock.now_s()))
    clock.advance_ns(10)
    assert seen == [2.0]


def test_time_cannot_run_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        VirtualClock().advance_ns(-1)


@pytest.mark.parametrize("speed", [0.5, 1.0, 20.0])
def test_paced_time_takes_as_much_real_time_as_its_speed_says(speed: float) -> None:
    clock, real = paced(speed)
    clock.sleep_until(3.0)
    assert real.t_s - 100.0 == pytest.approx(3.0 / speed)
    assert max(real.naps_s) <= 0.05


def test_a_program_that_fell_behind_does_not_wait_until_it_has_caught_up() -> None:
    clock, real = paced(1.0)
    real.t_s += 2.0
    clock.sleep_until(1.5)
    assert not real.naps_s
    assert clock.behind_s == pytest.approx(0.5)
    clock.sleep_until(3.0)
    assert real.t_s == pytest.approx(103.0)


def test_an_interrupt_ends_the_wait_and_every_later_one() -> None:
    clock, real = paced(1.0)
    clock.call_at(5.0, clock.interrupt)
    clock.sleep_until(10.0)
    clock.sleep_until(20.0)
    assert (clock.now_s(), real.naps_s) == (20.0, [])


def test_bus_bits_move_paced_time_without_waiting() -> None:
    clock, real = paced(1.0)
    clock.advance_ns(1_000_000)
    assert (clock.now_s(), real.naps_s) == (0.001, [])


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_an_impossible_speed_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        PacedClock(speed)
