"""Draw the replay on docs/cadence.md: a story lived on the virtual mat."""

from pathlib import Path

import numpy as np

from bench.cadence_svg import save
from qlmat.core.calibration import nominal_calibration
from qlmat.core.pipeline import Pipeline
from qlmat.core.plan import Plan
from qlmat.report.timeline import picture
from qlmat.report.trace import Trace
from qlmat.sim.clock import VirtualClock
from qlmat.sim.mat import VirtualMat
from qlmat.sim.scenario import parse_scenario
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.sampler import PipelinedSource

SEED = 7  # fixed: the same file each time
STORY = """
seed = 4
step = [
  { do = "wait", seconds = 3 },
  { do = "place", side = "left", newtons = 95 },
  { do = "settle", seconds = 14 },
  { do = "rock", seconds = 25, cpm = 11, mm = 16, newtons = 12 },
  { do = "rock", seconds = 14, cpm = 26, mm = 14, newtons = 12 },
  { do = "rock", seconds = 8, cpm = 12, mm = 16, newtons = 12, lean_newtons = 165 },
  { do = "rock", seconds = 30, cpm = 12, mm = 16, newtons = 12 },
  { do = "rest", seconds = 8 },
]
fault = [{ kind = "nack", at_seconds = 76, seconds = 4, chip = 0x48 }]
"""
DRAW_S = 0.05  # more frames than the picture has columns only make it heavy


def replay(path: Path) -> None:
    """Live a story on the virtual mat and draw it as `qlmat replay --plot` does."""
    story, clock, trace = parse_scenario(STORY, "bench"), VirtualClock(), Trace()
    mat = VirtualMat(BOARD_V1, story.load(BOARD_V1), clock, np.random.default_rng(SEED))
    story.plan_faults(mat)
    source = PipelinedSource(BOARD_V1, mat.i2c, clock, rate_hz=70.0)
    pipeline = Pipeline(BOARD_V1, nominal_calibration(BOARD_V1), Plan())
    while clock.now_s() < story.end_s and (frame := source.read()) is not None:
        tick = pipeline.push(frame)
        if tick.events or not trace.t_s.size or tick.t_s - trace.t_s[-1] >= DRAW_S:
            trace.add(tick)
    save(picture(trace, Plan(), [], f"A story of {story.end_s:.0f} s on the virtual mat", []), path)
