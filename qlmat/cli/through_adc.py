"""A recording pressed on the virtual mat: FSR model, dividers, emulated chips, real driver, pipeline; virtual time."""

from collections import deque
from collections.abc import Iterator
from contextlib import closing

import numpy as np

from qlmat.cli.device import open_virtual
from qlmat.config import Settings
from qlmat.core.model import Board, FloatArray, Tick
from qlmat.core.pipeline import Pipeline
from qlmat.recording import Recording
from qlmat.sim.clock import VirtualClock
from qlmat.sim.load import RecordedLoad, RecordedVolts

LEAD_IN_S = 0.5  # the empty pad before the recording: the plate's own weight is tared in it, as at switching on


def notes(recording: Recording) -> list[str]:
    """Say what this path adds to a recording."""
    said = [
        "through the ADC: typical parts with noise, hysteresis and creep (fixed seed), rows joined by straight lines"
    ]
    if np.isnan(recording.values).any():
        said.append("through the ADC: absent readings bridged by straight lines")
    return said


def ticks(recording: Recording, settings: Settings) -> Iterator[Tick]:
    """Play the recording on a virtual mat; give a tick for each scan between its ends, at least one, none in gaps."""
    start_s, end_s = float(recording.t_s[0]), float(recording.t_s[-1])
    gaps, played = deque(recording.gaps()), False
    clock = VirtualClock(start_s - LEAD_IN_S)
    mat = open_virtual(settings, _load(recording, settings.board), clock).mat
    pipeline = Pipeline(settings.board, settings.calibration, settings.plan)
    with closing(mat):
        while (frame := mat.source.read()) is not None and not (played and frame.t_s > end_s):
            while gaps and frame.t_s >= gaps[0][1]:
                gaps.popleft()
            if gaps and frame.t_s > gaps[0][0]:
                clock.sleep_until(gaps[0][1])
                continue
            tick = pipeline.push(frame)
            if tick.t_s >= start_s:
                played = True
                yield tick


def _load(recording: Recording, board: Board) -> RecordedLoad | RecordedVolts:
    values = np.stack([_bridged(recording.t_s, column) for column in recording.values.T], axis=-1)
    sensors = len(board.sensors)
    if recording.quantity == "n":
        return RecordedLoad(recording.t_s, values)
    rails = [values[:, at] if at is not None else np.full(len(values), board.supply_v) for at in board.rail_channel]
    # The virtual dividers hang on a nominal rail: what counts of a reading is its share of the rail it was read with.
    return RecordedVolts(recording.t_s, values[:, :sensors] / np.stack(rails, axis=-1) * board.supply_v)


def _bridged(t_s: FloatArray, column: FloatArray) -> FloatArray:
    """Fill absent readings by straight lines; a sensor that is absent throughout reads nothing."""
    absent = np.isnan(column)
    if absent.all():
        return np.zeros_like(column)
    return np.interp(t_s, t_s[~absent], column[~absent])
