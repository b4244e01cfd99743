"""Colours and type of the report: the page's own, on white paper. Left and right differ by colour and by shape."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from qlmat.core.model import Side

INK, SOFT, FAINT, EDGE, PAPER = "#1b2321", "#5a6461", "#d9d5cb", "#e4dfd5", "#ffffff"
ACCENT, WASH, WARN, LOW = "#0d6660", "#dcebe7", "#c0621c", "#b9c4c1"
COLOUR: dict[Side, str] = {"left": "#0d6660", "right": "#6a5a9c"}
MARKER: dict[Side, str] = {"left": "o", "right": "s"}
WIDTH_IN = 7.2  # A4 without its margins
_TYPE: Any = {  # matplotlib's own type lists every key there is and differs between its versions
    "font.family": ["Inter", "DejaVu Sans"],
    "font.size": 8.0,
    "axes.edgecolor": EDGE,
    "axes.labelcolor": SOFT,
    "axes.labelsize": 8.0,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "grid.color": EDGE,
    "grid.linewidth": 0.6,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.major.size": 0.0,
    "ytick.major.size": 0.0,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 8.0,
    "svg.fonttype": "path",
    "svg.hashsalt": "qlmat",  # the same course gives the same file
}


@contextmanager
def drawing(height_in: float, width_in: float = WIDTH_IN, **arrangement: Any) -> Iterator[tuple[Figure, Any]]:
    """Give a figure, as wide as the page if not told otherwise, and its axes, in the report's type."""
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # a font that is missing has its stand-in
    with mpl.rc_context(_TYPE):
        figure = Figure(figsize=(width_in, height_in), layout="constrained")
        yield figure, figure.subplots(**arrangement)


def svg(figure: Figure) -> str:
    """Write a figure as SVG that contains its letters, so that it looks the same everywhere."""
    text = StringIO()
    with mpl.rc_context(_TYPE):
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return text.getvalue()


def level(axes: Axes, words: str) -> None:
    """Draw faint lines across and say above the axis what it shows, so that no head has to be turned."""
    axes.grid(axis="y")
    axes.set_title(words, loc="left", fontsize=8.0, color=SOFT, pad=6.0)
