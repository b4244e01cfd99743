"""Draw what the pages show and the code knows: `python docs/drawings.py` writes docs/drawings/*.svg again.

A test draws rhythms and pads once more and compares, so that a picture cannot grow older than the code.
"""

import io
import re
import sys
from html import escape
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from qlmat.cli.doctor_mat import examine, virtual_bench
from qlmat.cli.doctor_screen import screen
from qlmat.config import load
from qlmat.core.rhythms import PATTERNS
from qlmat_firmware.board import BOARD_V1, FOOT_RADIUS_MM

FOLDER = Path(__file__).parent / "drawings"
WORDS = {  # what each rhythm says; the order is the one in which a person meets them
    "on_the_spot": "on the spot",
    "keep_going": "keep going",
    "too_fast": "too fast",
    "too_hard": "a bit much",
    "ease_off": "too much: lift off",
    "ball_lost": "ball lost",
    "switch_sides": "change sides",
    "done": "done",
    "stopped": "stopped",
    "pace": "pace (buzzer only)",
}
STYLE = (
    "<style>text{font:14px sans-serif;fill:#333}.on{fill:#00796b}.axis{stroke:#999}.pad{fill:none;stroke:#666}"
    ".faint{fill:none;stroke:#999;stroke-dasharray:4 4}.paper{fill:#fff}</style>"  # readable on a dark page as well
)
LEFT_PX, PX_PER_S, ROW_PX = 160, 240, 34


def rhythms() -> str:
    """Draw every cue as bars on a time axis, motor on where there is a bar."""
    longest_s = max(sum(on_s + off_s for on_s, off_s in pulses) for pulses in PATTERNS.values())
    width, height = LEFT_PX + round(longest_s * PX_PER_S) + 40, ROW_PX * len(WORDS) + 40
    rows = []
    for row, (cue, words) in enumerate(WORDS.items()):
        y, t_s = row * ROW_PX + 8, 0.0
        rows.append(f'<text x="{LEFT_PX - 10}" y="{y + 16}" text-anchor="end">{escape(words)}</text>')
        for on_s, off_s in PATTERNS[cue]:
            x, wide = LEFT_PX + t_s * PX_PER_S, on_s * PX_PER_S
            rows.append(f'<rect class="on" x="{x:.1f}" y="{y}" width="{wide:.1f}" height="22" rx="4"/>')
            t_s += on_s + off_s
    bottom = ROW_PX * len(WORDS) + 6
    for half in range(int(longest_s / 0.5) + 1):
        x = LEFT_PX + half * 0.5 * PX_PER_S
        rows.append(f'<line class="axis" x1="{x:.0f}" y1="{bottom}" x2="{x:.0f}" y2="{bottom + 8}"/>')
        rows.append(f'<text x="{x:.0f}" y="{bottom + 26}" text-anchor="middle">{half * 0.5:g} s</text>')
    return _svg(width, height, "The rhythm of every cue", rows)


def pads() -> str:
    """Draw both pads from above with their feet, from the board table."""
    marks = []
    for side, middle in (("left", 130), ("right", 390)):
        marks.append(f'<circle class="pad" cx="{middle}" cy="130" r="75"/>')
        marks.append(f'<circle class="faint" cx="{middle}" cy="130" r="{FOOT_RADIUS_MM / 2:g}"/>')
        marks.append(f'<text x="{middle}" y="240" text-anchor="middle">{side} pad</text>')
        for sensor in BOARD_V1.sensors:
            if sensor.side == side:
                x, y = middle + sensor.x_mm, 130 - sensor.y_mm
                marks.append(f'<rect class="on" x="{x - 9:.1f}" y="{y - 9:.1f}" width="18" height="18" rx="3"/>')
                marks.append(f'<text x="{x:.1f}" y="{y - 14:.1f}" text-anchor="middle">{sensor.name[-1]}</text>')
    marks.append('<text x="260" y="24" text-anchor="middle">to the head</text>')
    marks.append('<text x="260" y="270" text-anchor="middle">spine in the middle, seen from above</text>')
    return _svg(520, 285, "Two pads on three feet each", marks)


def doctor() -> str:
    """Show `qlmat doctor` on an emulated mat as a terminal of 80 columns does."""
    settings = load(None, BOARD_V1)
    console = Console(width=80, record=True, file=io.StringIO(), highlight=False)
    about = {"qlmat": version("qlmat"), "mat": settings.mat.id, "model": None, "hardware": "emulated"}
    console.print(screen(examine(settings, virtual_bench(settings)), about))
    picture = console.export_svg(title="qlmat doctor --self-test", unique_id="doctor")
    return re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)  # its fonts are on somebody else's server


DRAWINGS = {"cues.svg": rhythms, "pads.svg": pads, "doctor.svg": doctor}


def _svg(width: int, height: int, title: str, marks: list[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">'
    paper = f'<rect class="paper" width="{width}" height="{height}" rx="8"/>'
    return "\n".join([head, f"<title>{escape(title)}</title>", STYLE, paper, *marks, "</svg>", ""])


def main() -> None:
    """Write every drawing."""
    FOLDER.mkdir(exist_ok=True)
    for name, draw in DRAWINGS.items():
        (FOLDER / name).write_text(draw(), encoding="utf-8")
        sys.stdout.write(f"docs/drawings/{name}\n")


if __name__ == "__main__":
    main()
