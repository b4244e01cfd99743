"""Four plots of the analogue front end on one page."""

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from bench.analogue import bandwidth, divider, many_dividers, motor, rail_error

INK, BLUE, RED, GREY, GREEN = "#1f2933", "#2563a8", "#c2410c", "#8a97a5", "#2f7d4f"


def draw(path: Path) -> Path:
    """Draw all four into one PNG; return its path."""
    style = {
        "font.size": 9, "axes.edgecolor": GREY, "axes.labelcolor": INK, "text.color": INK, "xtick.color": INK,
        "ytick.color": INK, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
        "grid.color": "#e3e8ee", "axes.titlesize": 10, "axes.titleweight": "bold", "axes.titlelocation": "left",
    }  # fmt: skip
    with plt.rc_context(style):
        figure, ((volts, rail), (filtered, off)) = plt.subplots(2, 2, figsize=(10, 7.2), layout="constrained")
        _volts(volts)
        _rail(rail)
        _filter(filtered)
        _motor(off)
        figure.savefig(path, dpi=90)
        plt.close(figure)
    return path


def _volts(axes: Axes) -> None:
    many = many_dividers()
    low, middle, high = np.percentile(many[:, 1:], [5, 50, 95], axis=1)
    axes.fill_between(many[:, 0], low, high, color=BLUE, alpha=0.18, lw=0, label="90 % of parts (spread 20 %)")
    axes.plot(many[:, 0], middle, color=BLUE, lw=2, label="1 kΩ, median part")
    ten = divider(10_000.0)
    axes.plot(ten[:300, 0], ten[:300, 1], color=RED, lw=1.5, ls="--", label="10 kΩ: flat where it matters")
    axes.axhline(3.3, color=GREY, lw=1)
    axes.text(296, 3.32, "3.3 V rail", ha="right", va="bottom", color=GREY)
    axes.set(
        title="Volts at the ADC against force on one foot", xlabel="force on the foot, N", ylabel="V", ylim=(0, 3.6)
    )
    axes.legend(frameon=False, loc="lower right")


def _rail(axes: Axes) -> None:
    newtons = np.arange(1, 401)
    for label, error, color, line in (
        ("10 kΩ", rail_error(10_000.0, False), RED, "--"),
        ("1 kΩ", rail_error(1000.0, False), GREY, "-."),
        ("1 kΩ and the rail read", rail_error(1000.0, True), BLUE, "-"),
    ):
        axes.plot(newtons[:200], 100 * error[:200], color=color, lw=2, ls=line, label=label)
    axes.set(title="What a rail 10 mV low does to the reading", xlabel="force on the foot, N", ylabel="error, %")
    axes.legend(frameon=False, loc="lower left")


def _filter(axes: Axes) -> None:
    for force_n, color in ((5.0, GREY), (30.0, GREEN), (100.0, BLUE)):
        curve, corner_hz, _ = bandwidth(force_n)
        axes.semilogx(curve[:, 0], curve[:, 1], color=color, lw=2, label=f"{force_n:.0f} N: {corner_hz:.0f} Hz")
    axes.axvspan(0.08, 0.75, color=GREEN, alpha=0.10, lw=0)
    axes.text(0.25, 0.08, "rocking", ha="center", color=GREEN)
    axes.axvline(175, color=RED, lw=1)
    axes.text(165, 0.93, "motor 175 Hz", ha="right", color=RED)
    axes.axhline(np.sqrt(0.5), color=GREY, lw=1, ls=":")
    axes.set(title="What the 10 µF filter lets through", xlabel="Hz", ylabel="share", ylim=(0, 1.05), xlim=(0.08, 1000))
    axes.legend(frameon=False, loc="center left", title="corner at")


def _motor(axes: Axes) -> None:
    with_diode, bare = motor(), motor(diode=False)
    micro = 1e6 * (with_diode[:, 0] - 6e-3)
    show = (micro > -10) & (micro < 60)
    axes.plot(micro[show], with_diode[show, 1], color=BLUE, lw=2, label="drain with D1, V")
    bare_micro = 1e6 * (bare[:, 0] - 6e-3)
    near = (bare_micro > -10) & (bare_micro < 60)
    axes.plot(bare_micro[near], bare[near, 1], color=RED, lw=1.2, ls="--", label="drain without D1, V")
    axes.axhline(30, color=GREY, lw=1)
    axes.text(59, 30.5, "limit of Q1, 30 V", ha="right", va="bottom", color=GREY)
    current = axes.twinx()
    current.plot(micro[show], 1e3 * with_diode[show, 3], color=GREEN, lw=1.5)
    current.set_ylabel("motor current, mA", color=GREEN)
    current.set_ylim(0, 100)
    current.grid(visible=False)
    axes.set(title="Motor switched off at 0", xlabel="µs", ylabel="V", ylim=(-1, 55))
    axes.legend(frameon=False, loc="upper right")
