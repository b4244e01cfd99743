"""How the pictures of docs/cadence.md are written: opaque, with their letters, without a date, with a dark twin."""

from io import StringIO
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure

WIDTH_IN = 8.4
DARK = "<style>@media (prefers-color-scheme: dark) { svg { filter: invert(0.88) hue-rotate(180deg); } }</style>"


def save(figure: Figure, path: Path) -> None:
    """Write one picture, opaque, with its letters, without a date, and with a dark twin inside."""
    text = StringIO()
    with rc_context({"svg.hashsalt": "qlmat"}):  # else the names inside are drawn anew each time
        figure.savefig(text, format="svg", facecolor="white", metadata={"Date": None, "Creator": None})
    head, tail = text.getvalue().split("<defs>", maxsplit=1)
    path.write_text(f"{head}{DARK}<defs>{tail}")
