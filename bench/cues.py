"""Whether the cues stay apart: `python -m bench.cues [--json FILE]`.

A listener who knows the cues and feels each pulse's beginning and length, late or early by some random part and with
now and then a pulse missed, says which cue it was: the one whose rhythm is nearest. How often is this right, and which
are taken for which? A simple listener on purpose: what it tells apart, a person can learn to.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from qlmat.core.rhythms import PATTERNS
from qlmat.speaking import HEARD_ONLY

CUES = tuple(cue for cue in PATTERNS if cue not in HEARD_ONLY)
SEED, TRIALS = 5, 1000
ONSET_SD_S, LENGTH_SD_S = 0.06, 0.08  # what the listener believes of its own clock
MISSED = 4.0  # cost of a pulse of the rhythm that was not felt, as of one out of place by two sigmas in both
JITTERS_S = (0.0, 0.03, 0.06, 0.1)  # of beginnings; lengths vary by as much
SHORT = {"stopped": "stop", "ball_lost": "lost", "ease_off": "ease", "too_hard": "hard", "too_fast": "fast",
         "switch_sides": "side", "done": "done", "on_the_spot": "spot", "keep_going": "keep"}  # fmt: skip
Pulse = tuple[float, float]


def pulses(cue: str) -> list[Pulse]:
    """Give beginning and length of each pulse, s."""
    found, t_s = [], 0.0
    for on_s, off_s in PATTERNS[cue]:
        found.append((t_s, on_s))
        t_s += on_s + off_s
    return found


def felt(cue: str, jitter_s: float, missing: bool, rng: np.random.Generator) -> list[Pulse]:
    """Feel a cue: everything jittered, one pulse missed if `missing` and there are two or more; from the first on."""
    whole = pulses(cue)
    if missing and len(whole) > 1:
        whole.pop(int(rng.integers(len(whole))))
    noisy = [(t_s + rng.normal(0.0, jitter_s), max(0.05, on_s + rng.normal(0.0, jitter_s))) for t_s, on_s in whole]
    first_s = noisy[0][0]
    return [(t_s - first_s, on_s) for t_s, on_s in noisy]


def distance(heard: list[Pulse], cue: str) -> float:
    """Cost of explaining what was felt by a cue: the cheapest pairing in order, a price for each pulse missed."""
    whole = pulses(cue)
    if len(heard) > len(whole):
        return float("inf")
    best = float("inf")
    for skipped in range(len(whole) - len(heard) + 1):  # pulses missed at the beginning shift the origin
        origin_s = whole[skipped][0]
        best = min(best, _paired(heard, [(t_s - origin_s, on_s) for t_s, on_s in whole[skipped:]]) + MISSED * skipped)
    return best


def _paired(heard: list[Pulse], whole: list[Pulse]) -> float:
    if not heard:
        return MISSED * len(whole)
    if len(heard) > len(whole):
        return float("inf")
    (t_s, on_s), (true_s, true_on_s) = heard[0], whole[0]
    here = ((t_s - true_s) / ONSET_SD_S) ** 2 + ((on_s - true_on_s) / LENGTH_SD_S) ** 2
    return min(here + _paired(heard[1:], whole[1:]), MISSED + _paired(heard, whole[1:]))


def confusion(jitter_s: float, missing: bool, trials: int = TRIALS) -> np.ndarray:
    """Count (played, said): (cues, cues), each row `trials`."""
    rng = np.random.default_rng(SEED)
    counts = np.zeros((len(CUES), len(CUES)), int)
    for row, cue in enumerate(CUES):
        for _ in range(trials):
            heard = felt(cue, jitter_s, missing, rng)
            counts[row, int(np.argmin([distance(heard, other) for other in CUES]))] += 1
    return counts


def right_ratio(counts: np.ndarray) -> float:
    """Give the part on the diagonal."""
    return float(np.trace(counts) / counts.sum())


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--trials", type=int, default=TRIALS)
    chosen = parser.parse_args()
    console, figures = Console(), {}
    summary = Table("jitter, ms", "right", "right, a pulse missed", "worst cue", title="Cues told apart")
    for jitter_s in JITTERS_S:
        whole, holed = (confusion(jitter_s, missing, chosen.trials) for missing in (False, True))
        worst = int(np.argmin(np.diag(whole)))
        figures[f"right_{1000 * jitter_s:.0f}ms"] = right_ratio(whole)
        figures[f"right_{1000 * jitter_s:.0f}ms_missing"] = right_ratio(holed)
        summary.add_row(
            f"{1000 * jitter_s:.0f}",
            f"{right_ratio(whole):.1%}",
            f"{right_ratio(holed):.1%}",
            f"{CUES[worst]} {whole[worst, worst] / chosen.trials:.1%}",
        )
    console.print(summary)
    for missing in (False, True):
        title = "60 ms jitter" + (", one pulse missed where there are two or more" if missing else "")
        table = Table("played \\ said, %", *(SHORT[cue] for cue in CUES), title=title, box=SIMPLE, padding=(0, 1, 0, 0))
        for cue, row in zip(CUES, confusion(0.06, missing, chosen.trials), strict=True):
            table.add_row(cue, *(f"{100 * n / chosen.trials:.1f}".removesuffix(".0") if n else "" for n in row))
        console.print(table)
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
