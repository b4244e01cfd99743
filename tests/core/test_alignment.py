"""Samples taken one after the other are read off at one instant."""

from itertools import pairwise
from math import inf, nan, pi, sin

import numpy as np
import pytest

from qlmat.core.alignment import Aligner
from qlmat.core.model import Event, Frame


def frame(n: int, volts: list[float], spread_s: float = 0.004, period_s: float = 0.014) -> Frame:
    times = np.array([n * period_s + channel * spread_s for channel in range(len(volts))])
    return Frame(float(times[-1]), np.array(volts), times)


def test_a_ramp_reads_alike_on_all_channels() -> None:
    aligner = Aligner()
    for n in range(3):
        aligned = aligner.step(frame(n, [2.0 * (n * 0.014 + channel * 0.004) for channel in range(4)]))
    assert aligned.volts == pytest.approx([2.0 * aligned.t_s] * 4)


def test_the_instant_is_that_of_the_earliest_sample() -> None:
    aligner = Aligner()
    aligner.step(frame(0, [1.0, 1.0]))
    assert aligner.step(frame(1, [1.0, 1.0])).t_s == pytest.approx(0.014)


def test_an_aligned_frame_has_no_skew_and_keeps_its_events() -> None:
    event = Event(0.0, "adc_fault")
    raw = frame(0, [1.0, 2.0])
    aligned = Aligner().step(Frame(raw.t_s, raw.volts, raw.sample_t_s, (event,)))
    assert (aligned.skew_s, aligned.events) == (0.0, (event,))


def test_an_absent_channel_stays_absent_and_returns_without_a_guess() -> None:
    aligner = Aligner()
    aligner.step(frame(0, [1.0, 1.0]))
    lost = aligner.step(frame(1, [1.0, nan]))
    found = aligner.step(frame(2, [1.0, 5.0]))
    assert np.isnan(lost.volts[1])
    assert found.volts[1] == 5.0


def test_nothing_is_drawn_across_a_gap() -> None:
    aligner = Aligner()
    aligner.step(frame(0, [0.0, 0.0]))
    assert aligner.step(frame(100, [1.0, 1.0])).volts.tolist() == [1.0, 1.0]


def test_a_frame_of_one_instant_passes_unchanged() -> None:
    whole = Frame(1.0, np.array([1.0, 2.0]))
    assert Aligner().step(whole) is whole


def test_a_frame_without_any_sample_passes_unchanged() -> None:
    empty = frame(0, [nan, nan])
    assert Aligner().step(empty) is empty


def test_times_never_stand_still_when_early_channels_come_and_go() -> None:
    aligner = Aligner()
    times_s = [-inf]
    for n, first in enumerate([1.0, nan, 1.0, nan, nan, 1.0]):
        times_s.append(aligner.step(frame(n, [first, 1.0], spread_s=0.02, period_s=0.014)).t_s)
    assert all(later > earlier for earlier, later in pairwise(times_s))


def test_aligning_removes_the_false_difference_of_two_equal_swinging_feet() -> None:
    """40 cycles a minute, 1 V of swing, 4.5 ms between the two samples."""
    aligner, raw_v, aligned_v = Aligner(), [], []
    for n in range(300):
        volts = [1.5 + 0.5 * sin(2 * pi * 40 / 60 * (n * 0.014 + channel * 0.0045)) for channel in range(2)]
        aligned = aligner.step(frame(n, volts, spread_s=0.0045))
        if n:
            raw_v.append(abs(volts[1] - volts[0]))
            aligned_v.append(abs(float(aligned.volts[1] - aligned.volts[0])))
    assert max(raw_v) > 0.009
    assert max(aligned_v) < 0.02 * max(raw_v)


def test_after_a_reset_the_frame_before_is_forgotten() -> None:
    aligner = Aligner()
    aligner.step(frame(0, [0.0, 0.0]))
    aligner.reset()
    assert aligner.step(frame(1, [1.0, 1.0])).volts.tolist() == [1.0, 1.0]
