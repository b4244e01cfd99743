"""Mains and motor come out of the volts, the body's own movement stays in."""

from math import isnan, nan, pi, sin

import numpy as np
import pytest

from qlmat.core.hum import HumFilter
from qlmat.core.model import Event, Frame

RATE_HZ = 70.0


def filtered(hz: float, rate_hz: float = RATE_HZ, seconds: float = 5.0) -> list[float]:
    hum = HumFilter()
    times_s = [n / rate_hz for n in range(round(seconds * rate_hz))]
    return [float(hum.step(Frame(t_s, np.array([1.0 + 0.01 * sin(2 * pi * hz * t_s)]))).volts[0]) for t_s in times_s]


@pytest.mark.parametrize("hz", [50.0, 60.0, 100.0, 120.0, 150.0, 180.0, 200.0])
def test_mains_and_its_harmonics_are_gone_after_a_tenth_of_a_second(hz: float) -> None:
    assert filtered(hz)[8:] == pytest.approx([1.0] * (350 - 8), abs=1e-9)


@pytest.mark.parametrize("hz", [49.8, 50.2, 59.8, 60.2])
def test_mains_that_is_a_little_off_leaves_less_than_a_thirtieth(hz: float) -> None:
    assert max(abs(volts - 1.0) for volts in filtered(hz)[8:]) < 0.01 / 30


@pytest.mark.parametrize("cpm", [4.0, 12.0, 40.0])
def test_rocking_keeps_its_swing(cpm: float) -> None:
    volts = filtered(cpm / 60, seconds=30.0)[8:]
    assert max(volts) - min(volts) == pytest.approx(0.02, rel=0.01)


def test_an_absent_channel_stays_absent_and_spoils_nothing_afterwards() -> None:
    hum = HumFilter()
    volts = [1.0, 1.0, nan, 1.0, 1.0]
    means = [float(hum.step(Frame(n / RATE_HZ, np.array([value, 2.0]))).volts[0]) for n, value in enumerate(volts)]
    assert [isnan(mean) for mean in means] == [False, False, True, False, False]
    assert means[3:] == [1.0, 1.0]


def test_a_channel_that_was_always_absent_is_absent() -> None:
    hum = HumFilter()
    for n in range(20):
        mean = hum.step(Frame(n / RATE_HZ, np.array([nan, 1.0]))).volts
    assert isnan(mean[0]) and mean[1] == 1.0


def test_what_was_before_a_gap_counts_no_more() -> None:
    hum = HumFilter()
    hum.step(Frame(0.0, np.array([5.0])))
    assert hum.step(Frame(1.0, np.array([1.0]))).volts.tolist() == [1.0]


def test_after_a_reset_everything_begins_afresh() -> None:
    hum = HumFilter()
    hum.step(Frame(0.0, np.array([5.0])))
    hum.reset()
    assert hum.step(Frame(0.01, np.array([1.0]))).volts.tolist() == [1.0]


def test_a_frame_keeps_its_time_and_its_events() -> None:
    event = Event(0.0, "adc_ok")
    out = HumFilter().step(Frame(0.5, np.array([1.0]), None, (event,)))
    assert (out.t_s, out.events) == (0.5, (event,))


def test_an_hour_of_sums_leaves_no_rounding_behind() -> None:
    hum = HumFilter()
    for n in range(int(3600 * RATE_HZ)):
        out = hum.step(Frame(n / RATE_HZ, np.array([0.1 + (n % 7) * 0.3])))
    assert out.volts[0] == pytest.approx(1.0, abs=1e-9)
