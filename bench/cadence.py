"""Cadence, movement and counts against the truth, beside nine peers: `python -m bench.cadence [--json FILE]`.

Seventeen families of generated movement pass through force-sensitive resistors, converter, calibration and contact;
then every method answers on the same records, and contact is measured beside three plain detectors. While building,
the seeds 0 to 299 were looked at, for contact 0 to 59, and the test seeds of earlier versions, 2000 to 2031 and 3000 to
3031; the table is made of the seeds 4000 to 4031, for contact 4000 to 4005, which no constant was set on. What a
method costs is measured on the first two of them, alone, the least of three runs. `--quick` takes two seeds and no slow
peer, for a look in half a minute.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from bench.cadence_chain import Record, emptied, record
from bench.cadence_families import FAMILIES, MOVING, RESTING, body
from bench.cadence_ours import ours
from bench.cadence_peers import NAMES, available, peer
from bench.cadence_plots import draw
from bench.cadence_required import OURS, Figures, show_required
from bench.cadence_score import Answers, Score
from bench.contact import TEST_SEEDS as CONTACT_SEEDS
from bench.contact import Table, measured

TUNING_SEEDS = range(300)
TEST_SEEDS = range(4000, 4032)
COST_SEEDS, COST_RUNS = 2, 3
SLOW = ("librosa_yin", "neurokit2_peaks")


def judge(job: tuple[str, int], methods: tuple[str, ...]) -> list[tuple[str, str, Record, Answers]]:
    """Make one record and let every method answer."""
    family, seed = job
    made = record(body(family, seed))
    small = emptied(made)
    return [(name, family, small, answered(name, made)) for name in methods]


def answered(name: str, made: Record) -> Answers:
    """Let one method answer on one record."""
    return ours(made) if name == OURS else peer(name, made)


def run(seeds: Iterable[int], methods: tuple[str, ...], processes: int) -> Figures:
    """Score every method on every family and all of them together."""
    jobs = [(family, seed) for family in FAMILIES for seed in seeds]
    scores: dict[str, dict[str, Score]] = {name: {} for name in methods}
    with ProcessPoolExecutor(processes) as pool:
        for done in pool.map(partial(judge, methods=methods), jobs, chunksize=4):
            for name, family, made, answers in done:
                for of in ("all", family):
                    scores[name].setdefault(of, Score()).add(made.body, answers)
    return {name: {of: score.figures() for of, score in by.items()} for name, by in scores.items()}


def cost(seeds: Sequence[int], methods: tuple[str, ...]) -> dict[str, dict[str, float]]:
    """Give ms a second of signal, by method and family: the least of some runs a record, nothing beside them."""
    spent: dict[str, dict[str, list[float]]] = {name: {} for name in methods}
    for family in FAMILIES:
        for seed in seeds:
            made = record(body(family, seed))
            for name in methods:
                runs = [answered(name, made).cost_s for _ in range(COST_RUNS)]
                for of in ("all", family):
                    spent[name].setdefault(of, []).append(1000 * min(runs) / float(made.body.t_s[-1]))
    return {name: {of: sum(ms) / len(ms) for of, ms in by.items()} for name, by in spent.items()}


# --- tables -----------------------------------------------------------------------------------------------------

COLUMNS = (
    ("cover %", "coverage", 100),
    ("±2 %", "within_2cpm", 100),
    ("±5% %", "within_5pct", 100),
    ("MAE", "mae_cpm", 1),
    ("octave %", "octave", 100),
    ("first p50", "cycles_to_first_right_p50", 1),
    ("p90", "cycles_to_first_right_p90", 1),
    ("never %", "never", 100),
    ("stop p50", "stop_cycles_p50", 1),
    ("p90", "stop_cycles_p90", 1),
    ("count±1 %", "count_within_1", 100),
    ("MAE", "count_mae", 1),
    ("kind %", "kind_right", 100),
    ("ms/s", "ms_per_s", 1),
)


def show(figures: Figures) -> None:
    """Print the table of methods and the table of families."""
    print(f"{'method':22}" + "".join(f"{title:>10}" for title, _, _ in COLUMNS))
    for name, by in figures.items():
        cells = [f"{by['all'][key] * scale:10.{1 if scale == 100 else 2}f}" for _, key, scale in COLUMNS]
        print(f"{name:22}" + "".join(cells))
    print(
        f"\nwithin 5 %, in % of answers, and mean error in cpm\n{'family':16}"
        + "".join(f"{n[:14]:>16}" for n in figures)
    )
    for family in MOVING:
        cells = [f"{by[family]['within_5pct']:9.1%}/{by[family]['mae_cpm']:5.2f}" for by in figures.values()]
        print(f"{family:16}" + "".join(f"{cell:>16}" for cell in cells))
    print("\ncadence told at rest, in % of answers (confirmed)")
    for family in RESTING:
        cells = [
            f"{by[family]['rest_false']:.1%} ({by[family]['rest_false_confirmed']:.1%})" for by in figures.values()
        ]
        print(f"{family:16}" + "".join(f"{cell:>16}" for cell in cells))


def main(arguments: list[str] | None = None) -> int:
    """Run the bench and print its tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.cadence", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    parser.add_argument("--out", type=Path, metavar="DIR", default=Path("out/cadence"), help="where the plots go")
    parser.add_argument("--seeds", metavar="A,B", help="from A to below B; the default is the test range 4000,4032")
    parser.add_argument("--quick", action="store_true", help="two seeds, no slow peer")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args(arguments)
    seeds = range(*map(int, options.seeds.split(","))) if options.seeds else TEST_SEEDS
    peers = [name for name in NAMES if available(name) and not (options.quick and name in SLOW)]
    for name in NAMES:
        if not available(name):
            print(f"{name}: left out, its package is not installed: pip install -e '.[peers]'", file=sys.stderr)
    seeds = seeds[:2] if options.quick else seeds
    figures = run(seeds, (OURS, *peers), options.processes)
    for name, by in cost(seeds[:COST_SEEDS], (OURS, *peers)).items():
        for of, ms_per_s in by.items():
            figures[name][of]["ms_per_s"] = ms_per_s
    contact: Table = {} if options.seeds or options.quick else measured(CONTACT_SEEDS)
    print(f"seeds {seeds[0]} to {seeds[-1]}; tuned on {TUNING_SEEDS[0]} to {TUNING_SEEDS[-1]}\n")
    show(figures)
    rows = show_required(figures, contact)
    draw(figures, options.out)
    if options.json:
        found: dict[str, Any] = {
            "seeds": [seeds[0], seeds[-1]],
            "tuning_seeds": [TUNING_SEEDS[0], TUNING_SEEDS[-1]],
            "required": [row._asdict() for row in rows],
            "methods": figures,
            "contact": contact,
        }
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
