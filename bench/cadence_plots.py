"""Pictures of the benchmark: families by method, and one record with what was told."""

from pathlib import Path

import numpy as np

from bench.cadence_chain import record
from bench.cadence_families import MOVING, body
from bench.cadence_ours import ours


def draw(figures: dict[str, dict[str, dict[str, float]]], folder: Path) -> None:
    """Write `families.png` and one picture for each of four records into `folder`."""
    import matplotlib as mpl

    mpl.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    _families(figures, folder / "families.png")
    for family in ("ramp", "breathing", "realistic", "relocation"):
        told(family, 0, folder / f"told_{family}.png")


def _families(figures: dict[str, dict[str, dict[str, float]]], path: Path) -> None:
    import matplotlib.pyplot as plt

    share = np.array([[100 * by[family]["within_5pct"] for family in MOVING] for by in figures.values()])
    figure, axes = plt.subplots(figsize=(11, 0.45 * len(share) + 2))
    axes.imshow(share, cmap="RdYlGn", vmin=40, vmax=100, aspect="auto")
    axes.set_xticks(range(len(MOVING)), MOVING, rotation=35, ha="right")
    axes.set_yticks(range(len(share)), list(figures))
    for (row, column), value in np.ndenumerate(share):
        axes.text(column, row, f"{value:.0f}", ha="center", va="center", fontsize=8)
    axes.set_title("answers within 5 % of the last cycle's cadence, %")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def told(family: str, seed: int, path: Path) -> None:
    """Draw the moving channel of one record, its true cadence and what was told."""
    import matplotlib.pyplot as plt

    made = record(body(family, seed))
    what = made.body
    answers = ours(made)
    figure, (above, below) = plt.subplots(2, 1, figsize=(10, 5), sharex=True)
    above.plot(what.t_s, what.force_n if what.kind == "bend" else what.x_mm, lw=0.8, color="#355")
    above.set_ylabel("force, N" if what.kind == "bend" else "place to the side, mm")
    for bout in what.bouts:
        t_s = np.arange(float(np.interp(1.0, bout.phase, bout.t_s)), bout.end_s, 0.1)
        below.plot(
            t_s, [60 * bout.cadence_hz(t) for t in t_s], color="black", lw=2.5, alpha=0.35, label="true, last cycle"
        )
    below.plot(answers.t_s, 60 * answers.cadence_hz, ".", ms=4, color="#c33", label="told")
    below.set(ylabel="cycles a minute", xlabel="s", ylim=(0, None))
    below.legend(loc="lower right")
    above.set_title(f"{family}, seed {seed}")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
