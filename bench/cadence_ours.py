"""The project's own estimator as one method of the benchmark: every frame in, five answers a second out."""

import gc
import time

import numpy as np

from bench.cadence_chain import Record
from bench.cadence_score import Answers
from qlmat.core.model import Movement
from qlmat.core.movement import MovementEstimator


def ours(record: Record) -> Answers:
    """Follow one record; the cost is that of every `step`, without contact and without the collector, as `timeit`."""
    estimator = MovementEstimator()
    gc.disable()
    began = time.process_time()
    track = [(contacts.t_s, estimator.step(contacts)) for contacts in record.contacts]
    cost_s = time.process_time() - began
    gc.enable()
    return answers(track, cost_s)


def answers(track: list[tuple[float, Movement]], cost_s: float) -> Answers:
    """Keep one row a decision: a new object is a new decision."""
    kept = [
        row for row, before in zip(track, [None, *track[:-1]], strict=True) if before is None or row[1] is not before[1]
    ]
    counts = np.array([movement.cycles for _, movement in kept], dtype=float)
    grown = np.diff(counts, prepend=0.0)
    return Answers(
        np.array([t_s for t_s, _ in kept]),
        np.array([np.nan if m.cadence_hz is None else m.cadence_hz for _, m in kept]),
        np.array([m.confirmed for _, m in kept]),
        np.array([{"rock": 1.0, "bend": 0.0}.get(m.kind or "", np.nan) for _, m in kept]),
        float(grown[grown > 0].sum()),
        cost_s,
    )
