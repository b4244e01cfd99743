"""The product's own movements, one knee rocking or bending on one pad: `python -m bench.cadence_person [--json FILE]`.

The virtual person of `qlmat.sim` with the forces of the floor (60-200 N) and of the wall (40-150 N), 6 to 30 cycles a
minute, swings of 10 to 60 N and 5 to 25 mm, both sides, uneven cycles (5 %) and breathing, through the sensors as in
`bench.cadence`.

An answer is right when its cadence is that of the last full cycle within 7 % or 1 cpm, and its kind is right; none is
wrong. Beside it, within 2 cpm. A person is right when their median cadence and the kind of most answers are.
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
RIGHT_RATIO, RIGHT_CPM = 0.07, 1.0  # as in cadence_score
PROCESSES = 2
Job = tuple[str, Kind, Side, float, tuple[float, float]]


def jobs() -> list[Job]:
    """List everybody: 280 people."""
    return list(product(PLACES, KINDS, SIDES, CADENCES, SWINGS))


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


def judge(job: Job, draw: int = 0) -> dict[str, float | str]:
    """Follow one person; give the shares of answers, from 1.5 cycles on, whose cadence and kind are right."""
    body = person(job, 2 * int(job[3]) + 1000 * draw)
    answers = ours(record(body))
    bout = body.bouts[0]
    first_s = float(np.interp(FROM_CYCLES, bout.phase, bout.t_s))
    rows = [i for i, t in enumerate(answers.t_s) if first_s <= t < bout.end_s]
    true = np.array([bout.cadence_hz(float(answers.t_s[i])) for i in rows])
    told, rocks = answers.cadence_hz[rows], answers.rocks[rows]
    off_hz = np.where(np.isfinite(told), np.abs(told - true), np.inf)
    near = off_hz <= np.maximum(RIGHT_RATIO * true, RIGHT_CPM / 60)
    kind = rocks == float(body.kind == "rock")
    median_cpm = 60 * float(np.median(np.where(np.isfinite(told), told, 0.0) - true))
    place, _, side, cpm, (newtons, mm) = job
    return {
        "place": place,
        "kind": body.kind,
        "side": side,
        "cpm": cpm,
        "newtons": newtons,
        "mm": mm,
        "draw": draw,
        "answers": len(rows),
        "cadence_right": float(np.mean(near)),
        "within_2cpm": float(np.mean(off_hz <= 2 / 60)),
        "kind_right": float(np.mean(kind)),
        "both_right": float(np.mean(near & kind)),
        "median_error_cpm": median_cpm,
        "person_right": float(abs(median_cpm) < max(RIGHT_CPM, RIGHT_RATIO * cpm) and np.mean(kind) > 0.5),
    }


COLUMNS = {
    "cadence": "cadence_right",
    "within 2 cpm": "within_2cpm",
    "kind": "kind_right",
    "both": "both_right",
    "people": "person_right",
}


def summed(rows: list[dict[str, float | str]]) -> dict[str, float]:
    """Average the shares over people."""
    return {key: float(np.mean([float(row[key]) for row in rows])) for key in COLUMNS.values()}


def show(rows: list[dict[str, float | str]]) -> None:
    """Print the shares by place and kind, by size of the swing, and where it is worst."""
    print(f"right, in % of answers{'people':>8}" + "".join(f"{title:>14}" for title in COLUMNS))

    def line(title: str, some: list[dict[str, float | str]]) -> None:
        print(f"{title:22}{len(some):8d}" + "".join(f"{share:14.1%}" for share in summed(some).values()))

    for place, kind in product(PLACES, KINDS):
        line(f"{place}, {kind}", [row for row in rows if row["place"] == place and row["kind"] == kind])
    for newtons, mm in SWINGS:
        line(f"swing {newtons:.0f} N, {mm:.0f} mm", [row for row in rows if row["newtons"] == newtons])
    line("all", rows)
    for row in sorted(rows, key=lambda row: float(row["both_right"]))[:8]:
        print("worst:", {key: round(value, 3) if isinstance(value, float) else value for key, value in row.items()})


def main(arguments: list[str] | None = None) -> int:
    """Run all combinations and print where they fail."""
    parser = argparse.ArgumentParser(prog="python -m bench.cadence_person", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every person and the shares here")
    parser.add_argument("--draws", type=int, default=1, help="how many people of each sort, 1")
    options = parser.parse_args(arguments)
    everybody = [(job, draw) for draw in range(options.draws) for job in jobs()]
    with ProcessPoolExecutor(PROCESSES) as pool:
        rows = list(pool.map(judge, *zip(*everybody, strict=True), chunksize=8))
    show(rows)
    if options.json:
        options.json.write_text(json.dumps({"all": summed(rows), "people": rows}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
