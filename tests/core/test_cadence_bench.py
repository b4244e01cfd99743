"""The fast chain of the cadence benchmark gives what the emulated board, its chips and the real driver give."""

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the benches need scipy")

from bench.cadence_chain import PRELOAD_N, nominal_newtons, read, record
from bench.cadence_families import FAMILIES, GRID_HZ, MOVING, body
from bench.cadence_ours import ours
from bench.cadence_score import Answers, Score
from qlmat.core.calibration import Calibrator, nominal_calibration
from qlmat.core.model import FloatArray
from qlmat.sim.clock import VirtualClock
from qlmat.sim.load import RecordedLoad
from qlmat.sim.mat import VirtualMat
from qlmat.sim.pad import RigidPad
from qlmat.sim.signal import IDEAL
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.simple import Ads1115Source

SECONDS = 12.0


def pressed(seed: int) -> FloatArray:
    what = body("realistic", seed)
    inside = what.t_s < SECONDS
    feet = RigidPad([s for s in BOARD_V1.sensors if s.side == "left"])
    left = feet.split(what.force_n[inside], what.x_mm[inside], what.y_mm[inside])
    return np.concatenate([left, np.zeros_like(left)], axis=1)


def test_the_fast_chain_reads_what_the_emulated_board_reads() -> None:
    newtons = pressed(seed=4)
    clock = VirtualClock()
    mat = VirtualMat(
        BOARD_V1, RecordedLoad(np.arange(len(newtons)) / GRID_HZ, newtons + PRELOAD_N), clock, imperfections=IDEAL
    )
    source = Ads1115Source(BOARD_V1, mat.i2c, clock, rate_hz=50)
    calibrator = Calibrator(BOARD_V1, nominal_calibration(BOARD_V1))
    emulated, times = [], []
    while clock.now_s() < SECONDS - 1.0:
        frame = source.read()
        assert frame is not None
        assert frame.sample_t_s is not None
        emulated.append(calibrator.forces(frame).newtons)
        times.append(frame.sample_t_s[: len(BOARD_V1.sensors)])
    at_s = np.array(times)
    fast = np.stack(
        [nominal_newtons(BOARD_V1, read(BOARD_V1, newtons + PRELOAD_N, at_s[:, k], None))[:, k] for k in range(6)],
        axis=1,
    )
    apart = np.abs(fast - np.array(emulated))[5:]
    assert np.median(apart) < 0.02
    assert np.quantile(apart, 0.99) < 1.0  # the converter averages 1.2 ms of noise that changes each 10 ms


def test_every_family_and_seed_gives_the_same_record_each_time() -> None:
    for family in FAMILIES:
        a, b = body(family, 1), body(family, 1)
        assert np.array_equal(a.force_n, b.force_n)
        assert np.array_equal(a.x_mm, b.x_mm)
        assert bool(a.bouts) == (family in MOVING)


def test_a_perfect_answer_scores_perfectly_and_silence_scores_nothing() -> None:
    what = body("pauses", 3)
    t_s = np.arange(0.0, what.t_s[-1], 0.2)
    true = np.array([next((b.cadence_hz(t) for b in what.bouts if b.start_s < t <= b.end_s), np.nan) for t in t_s])
    yes, kind = np.ones(len(t_s), dtype=bool), np.zeros(len(t_s))
    right, silent = Score(), Score()
    right.add(what, Answers(t_s, true, yes, kind, sum(np.floor(b.cycles) for b in what.bouts), 0.0))
    silent.add(what, Answers(t_s, np.full(len(t_s), np.nan), ~yes, kind, 0.0, 0.0))
    assert right.figures()["within_5pct"] > 0.99
    assert right.figures()["count_mae"] == 0.0
    assert silent.figures()["within_5pct"] == 0.0
    assert silent.figures()["never"] == 1.0


@pytest.mark.parametrize("family", ["clean", "breathing", "ramp", "relocation", "dwell"])
def test_a_family_is_followed_about_as_well_as_the_table_says(family: str) -> None:
    score = Score()
    for seed in range(40, 44):
        made = record(body(family, seed))
        score.add(made.body, ours(made))
    figures = score.figures()
    assert figures["within_2cpm"] > 0.9
    assert figures["kind_right"] > 0.98
    assert figures["never"] == 0.0


@pytest.mark.parametrize("family", ["rest+breathing", "empty"])
def test_nobody_who_does_not_move_is_given_a_cadence(family: str) -> None:
    for seed in (40, 41):
        made = record(body(family, seed))
        assert not np.isfinite(ours(made).cadence_hz).any()
