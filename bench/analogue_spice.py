"""Run ngspice on the netlists in hardware/spice and read back what it computed."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from qlmat.core.model import FloatArray

FOLDER = Path(__file__).parents[1] / "hardware" / "spice"


def netlist(name: str, **values: str) -> str:
    """Read a netlist; `values` replaces the last word of an element's line, `RFSR="542"`."""
    text = (FOLDER / f"{name}.cir").read_text()
    for element, value in values.items():
        text, count = re.subn(rf"(?m)^({element}\s.*?)\S+$", rf"\g<1>{value}", text)
        if count != 1:
            raise ValueError(f"{name}.cir has {count} elements called {element}.")
    return text


def without(text: str, element: str) -> str:
    """Take an element out of a netlist."""
    return re.sub(rf"(?m)^{element}\s.*$", f"* {element} taken out", text)


def simulate(text: str, analysis: str, *vectors: str) -> FloatArray:
    """Run one analysis; give (points, 1 + vectors), the sweep first. Complex vectors come as magnitudes.

    Raises FileNotFoundError without ngspice, and RuntimeError with ngspice's own words when it fails.
    """
    if shutil.which("ngspice") is None:
        raise FileNotFoundError("ngspice is not installed: 'apt-get install ngspice', or 'make packages'")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.txt"
        asked = " ".join(f"mag({vector})" if analysis.startswith("ac") else vector for vector in vectors)
        control = f".control\nset wr_singlescale\n{analysis}\nwrdata {out} {asked}\n.endc\n.end\n"
        deck = Path(folder) / "deck.cir"
        deck.write_text(re.sub(r"(?m)^\.end\s*$", "", text) + control)
        ran = subprocess.run(["ngspice", "-b", str(deck)], capture_output=True, text=True, timeout=120, check=False)
        if not out.exists():
            raise RuntimeError(f"ngspice failed:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
        return np.atleast_2d(np.loadtxt(out))
