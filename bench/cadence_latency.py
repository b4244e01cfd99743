"""From a frame, and from a step in force, to what is decided on it: `python -m bench.cadence_latency [--json FILE]`.

A person rests with 80 N on the left pad of a virtual mat, in a session; at a random instant the force steps, within a
millisecond, beyond what is comfortable or beyond the cap. The whole chain works: force-sensitive resistors, emulated
chips, driver, hum filter, pipeline. Counted are scans from the first one that was taken after the step, and the time
from the step itself to the scan whose tick tells; with the time the rule asks the force to last (persistence: 1 s for
too hard, 50 ms for the cap), and without it.

A frame is decided on in the `push` that takes it, so the wait is what that call takes. Movement is decided five times
a second, on the frames until then.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in `qlmat`: one process, one core

import numpy as np

from qlmat.cli.device import open_virtual
from qlmat.config import parse
from qlmat.core.calibration import nominal_calibration
from qlmat.core.model import SIDES, Tick
from qlmat.core.movement_slots import SLOT_S
from qlmat.core.pipeline import Pipeline
from qlmat.core.plan import Plan
from qlmat.core.watch import CAP_S
from qlmat.sim.clock import VirtualClock
from qlmat.sim.load import RecordedLoad
from qlmat_firmware.board import BOARD_V1

REST_N, PLATE_N = 80.0, 1.5
PLACED_S, STEP_S, EDGE_S, AFTER_S = 1.0, 20.0, 0.001, 2.0
TRIES, SEED = 12, 3  # fixed: the same instants each time
RATES_HZ = (50.0, 70.0, 100.0)
BEYOND = 1.5  # the step goes so far beyond the threshold: parts that nobody calibrated read up to 25 % off
PLAN = Plan()
RULES = {"too_hard": (BEYOND * PLAN.too_hard_n, PLAN.too_hard_s), "over_cap": (BEYOND * PLAN.cap_n, CAP_S)}
Row = dict[str, float | str]


@dataclass(slots=True)
class Push:
    """What the calls of some runs cost, in CPU seconds, and how long each frame waited for a look at movement."""

    costs_s: list[float] = field(default_factory=list)
    movement_s: list[float] = field(default_factory=list)


def load(step_s: float, to_n: float) -> RecordedLoad:
    """Press the left pad: its plate alone, the ball from 1 s on, `to_n` from `step_s` on."""
    totals = [(0.0, 0.0), (PLACED_S, 0.0), (PLACED_S + 0.2, REST_N), (step_s, REST_N), (step_s + EDGE_S, to_n)]
    t_s, total_n = zip(*totals, (step_s + 60.0, to_n), strict=True)
    feet = np.repeat(np.array(total_n)[:, None] / 3 + PLATE_N, 3, axis=1)
    return RecordedLoad(t_s, np.concatenate([feet, np.full_like(feet, PLATE_N)], axis=1))


def ticks(rate_hz: float, step_s: float, to_n: float, push: Push) -> Iterator[tuple[float, Tick]]:
    """Run one session; give when each scan was there, and its tick."""
    settings = parse(f'[bus]\nrate = "{rate_hz:g} Hz"\n', BOARD_V1, "bench")
    clock = VirtualClock()
    with closing(open_virtual(settings, load(step_s, to_n), clock).mat) as mat:
        pipeline = Pipeline(BOARD_V1, nominal_calibration(BOARD_V1), PLAN)
        while clock.now_s() < step_s + AFTER_S and (frame := mat.source.read()) is not None:
            began_s = time.thread_time()
            tick = pipeline.push(frame)
            push.costs_s.append(time.thread_time() - began_s)
            yield clock.now_s(), tick


def told(rate_hz: float, event: str, to_n: float, at: float, push: Push) -> tuple[int, float] | None:
    """Step once, `at` (0 to 1) of a scan later; give scans and seconds from the step to the event, None if not told."""
    step_s, scans = STEP_S + at / rate_hz, -1
    waiting: list[float] = []
    before = None
    for now_s, tick in ticks(rate_hz, step_s, to_n, push):
        waiting = _decided(waiting, tick, tick.movement is not before, push)
        before = tick.movement
        scans += tick.t_s > step_s
        if scans >= 0 and any(each.name == event and each.side in SIDES for each in tick.events):
            return scans, now_s - step_s
    return None


def _decided(waiting: list[float], tick: Tick, fresh: bool, push: Push) -> list[float]:
    """Note how long the frames waited that a fresh look at movement has seen; a slot is seen once it is over."""
    if not fresh:
        return [*waiting, tick.t_s]
    over_s = tick.t_s // SLOT_S * SLOT_S
    push.movement_s += [tick.t_s - t_s for t_s in waiting if t_s < over_s]
    return [t_s for t_s in [*waiting, tick.t_s] if t_s >= over_s]


def steps(rate_hz: float, event: str, rng: np.random.Generator, push: Push, tries: int = TRIES) -> Row:
    """Step several times; give the row of the table. Milliseconds, from the step; scans, from the first after it."""
    to_n, lasts_s = RULES[event]
    found = [told(rate_hz, event, to_n, float(rng.uniform()), push) for _ in range(tries)]
    heard = [each for each in found if each is not None]
    scans, waits_s = np.array(heard, dtype=float).reshape(-1, 2).T
    row: Row = {"rate_hz": rate_hz, "event": event, "told": len(heard), "of": tries, "persistence_ms": 1000 * lasts_s}
    for name, values in (
        ("scans", scans),
        ("ms", 1000 * waits_s),
        ("scans_without", np.maximum(scans - np.ceil(lasts_s * rate_hz), 0)),
        ("ms_without", 1000 * (waits_s - lasts_s)),
    ):
        row[f"{name}_p50"] = float(np.median(values)) if heard else float("nan")
        row[f"{name}_worst"] = float(values.max()) if heard else float("nan")
    return row


def frames(rate_hz: float, push: Push) -> Row:
    """Sum up what the calls took: microseconds a push, and the wait for a look at movement."""
    costs_us, waits_ms = 1e6 * np.array(push.costs_s), 1000 * np.array(push.movement_s)
    return {
        "rate_hz": rate_hz,
        "pushes": len(costs_us),
        "push_us_p50": float(np.median(costs_us)),
        "push_us_p99": float(np.quantile(costs_us, 0.99)),
        "push_us_worst": float(costs_us.max()),
        "movement_ms_p50": float(np.median(waits_ms)),
        "movement_ms_worst": float(waits_ms.max()),
        "movement_scans_worst": float(waits_ms.max() / 1000 * rate_hz),
    }


def measure() -> dict[str, list[Row]]:
    """Measure every rate and rule."""
    rng = np.random.default_rng(SEED)
    found: dict[str, list[Row]] = {"steps": [], "frames": []}
    for rate_hz in RATES_HZ:
        push = Push()
        found["steps"] += [steps(rate_hz, event, rng, push) for event in RULES]
        found["frames"].append(frames(rate_hz, push))
    return found


def show(found: dict[str, list[Row]]) -> None:
    """Print both tables."""
    print(
        f"{'from a step in force':24}{'told':>9}{'scans p50':>11}{'worst':>7}{'ms p50':>8}{'worst':>7}"
        f"   without persistence: {'scans p50':>10}{'worst':>7}{'ms p50':>8}{'worst':>7}"
    )
    for row in found["steps"]:
        cells = [float(row[f"{name}_{which}"]) for name in ("scans", "ms") for which in ("p50", "worst")]
        bare = [float(row[f"{name}_without_{which}"]) for name in ("scans", "ms") for which in ("p50", "worst")]
        print(
            f"{row['event']} at {row['rate_hz']:3.0f} a second  {row['told']:>4} of {row['of']}"
            f"{cells[0]:9.0f}{cells[1]:7.0f}{cells[2]:8.0f}{cells[3]:7.0f}"
            f"{bare[0]:34.0f}{bare[1]:7.0f}{bare[2]:8.0f}{bare[3]:7.0f}"
        )
    print("\nfrom a frame to what is decided on it: in the same scan; the call takes")
    for row in found["frames"]:
        print(
            f"{row['rate_hz']:3.0f} a second: {row['push_us_p50']:.0f} us (99 % {row['push_us_p99']:.0f} us, "
            f"worst {row['push_us_worst']:.0f} us); movement looks at it {row['movement_ms_p50']:.0f} ms later, "
            f"{row['movement_ms_worst']:.0f} ms at most ({row['movement_scans_worst']:.0f} scans)"
        )


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 when a step was not told."""
    parser = argparse.ArgumentParser(prog="python -m bench.cadence_latency", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    options = parser.parse_args(arguments)
    found = measure()
    show(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    return 0 if all(row["told"] == row["of"] for row in found["steps"]) else 1


if __name__ == "__main__":
    sys.exit(main())
