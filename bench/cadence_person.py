"""The product's own movements, one knee rocking or bending on one pad: `python -m bench.cadence_person`.

The virtual person of `qlmat.sim` with the forces of the floor (60-200 N) and of the wall (40-150 N), 6 to 30 cycles a
minute, swings of 10 to 60 N and 5 to 25 mm, both sides, uneven cycles (5 %) and breathing, through the sensors as in
`bench.cadence`.
"""

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path

import numpy as np

from bench.cadence_chain import record
from bench.cadence_families import GRID_HZ, Body, Bout
from bench.cadence_ours import ours
from qlmat.core.model import Kind, Side
from qlmat.sim.person import Person
from qlmat.sim.steps import Story

CADENCES = (6.0, 9.0, 12.0, 16.0, 20.0, 25.0, 30.0)
SWINGS = ((10.0, 5.0), (15.0, 8.0), (25.0, 12.0), (40.0, 18.0), (60.0, 25.0))  # N, mm
PLACES = {"floor": (60.0, 200.0), "wall": (40.0, 150.0)}
KINDS: tuple[Kind, Kind] = ("rock", "bend")
SIDES: tuple[Side, Side] = ("left", "right")
FROM_CYCLES = 1.5
Job = tuple[str, Kind, Side, float, tuple[float, float]]


def person(job: Job, seed: int) -> Body:
    """Lay out one story: lie down, settle, move for 12 cycles or 40 s, rest; the force suits place and swing."""
    place, kind, side, cpm, (newtons, mm) = job
    rng = np.random.default_rng([seed, int(cpm), int(newtons), SIDES.index(side), KINDS.index(kind)])
    least, most = PLACES[place]
    base_n = float(rng.uniform(max(least, 1.3 * newtons), most))
    seconds = max(40.0, 12 * 60 / cpm)
    steps = [
        {"do": "wait", "seconds": 2.0},
        {"do": "place", "side": side, "newtons": base_n},
        {"do": "settle", "seconds": 12.0},
        {"do": kind, "seconds": seconds, "cpm": cpm, "newtons": newtons, "mm": mm},
        {"do": "rest", "seconds": 10.0},
    ]
    who = Person(Story.model_validate({"step": steps}), rng)
    t_s = np.arange(0.0, who.end_s, 1 / GRID_HZ)
    force_n, x_mm, y_mm = who.at(t_s, side)
    motion = who.line.motions[0]
    inside = t_s[(t_s >= motion.start_s) & (t_s < motion.end_s)]
    bout = Bout(motion.start_s, motion.end_s, inside, motion.phase(inside) - float(motion.phase(inside[:1])[0]))
    return Body("person", seed, kind, side, t_s, force_n, x_mm, y_mm, (bout,))


def judge(job: Job) -> dict[str, float | str]:
    """Follow one person; give the shares of answers, from 1.5 cycles on, whose cadence and kind are right."""
    body = person(job, 2 * int(job[3]))
    answers = ours(record(body))
    bout = body.bouts[0]
    first_s = float(np.interp(FROM_CYCLES, bout.phase, bout.t_s))
    rows = [i for i, t in enumerate(answers.t_s) if first_s <= t < bout.end_s]
    true = np.array([bout.cadence_hz(float(answers.t_s[i])) for i in rows])
    told, rocks = answers.cadence_hz[rows], answers.rocks[rows]
    near = np.abs(told - true) <= np.maximum(0.07 * true, 1 / 60)
    kind = rocks == float(body.kind == "rock")
    place, _, side, cpm, (newtons, mm) = job
    return {
        "place": place,
        "kind": body.kind,
        "side": side,
        "cpm": cpm,
        "newtons": newtons,
        "mm": mm,
        "answers": len(rows),
        "cadence_right": float(np.mean(near)),
        "kind_right": float(np.mean(kind[np.isfinite(told)])) if np.isfinite(told).any() else 0.0,
        "both_right": float(np.mean(near & kind)),
        "median_error_cpm": float(60 * np.nanmedian(told - true)) if np.isfinite(told).any() else float("nan"),
    }


def main(arguments: list[str] | None = None) -> int:
    """Run all combinations and print where they fail."""
    parser = argparse.ArgumentParser(prog="python -m bench.cadence_person", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    jobs: list[Job] = list(product(PLACES, KINDS, SIDES, CADENCES, SWINGS))
    with ProcessPoolExecutor(2) as pool:
        rows = list(pool.map(judge, jobs, chunksize=8))
    print(f"{'place':6}{'kind':6}{'people':>8}{'cadence right':>15}{'kind right':>12}{'both':>8}{'median right':>14}")
    for place, kind in product(PLACES, KINDS):
        some = [row for row in rows if row["place"] == place and row["kind"] == kind]
        shares = [np.mean([row[key] for row in some]) for key in ("cadence_right", "kind_right", "both_right")]
        medians = np.mean([abs(float(row["median_error_cpm"])) < 1.0 for row in some])
        print(f"{place:6}{kind:6}{len(some):8d}{shares[0]:15.1%}{shares[1]:12.1%}{shares[2]:8.1%}{medians:14.1%}")
    for row in sorted(rows, key=lambda row: float(row["both_right"]))[:8]:
        print("worst:", {key: round(value, 3) if isinstance(value, float) else value for key, value in row.items()})
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
