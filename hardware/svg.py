"""A drawing as text: just enough of SVG. Units are those of the drawing's view box."""

from dataclasses import dataclass, field

INK, SOFT, PAPER = "#1f2933", "#7b8794", "#ffffff"
COLOURS = {"3V3": "#d1372c", "5V": "#e07b00", "GND": "#1f2933", "SDA": "#2563a8", "SCL": "#0e8f8a"}
OTHERS = ("#7a3fa0", "#2f7d4f", "#b0467f", "#6b5b12", "#4a6fa5", "#a0522d")


@dataclass
class Drawing:
    """A page of `width` x `height` units; with `millimetres` it prints at 1:1."""

    width: float
    height: float
    title: str
    millimetres: bool = False
    _parts: list[str] = field(default_factory=list)

    def line(self, *points: tuple[float, float], color: str = INK, width: float = 1.0, dash: str = "") -> None:
        """Draw through points."""
        xy = " ".join(f"{x:g},{y:g}" for x, y in points)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<polyline points="{xy}" fill="none" stroke="{color}" stroke-width="{width:g}"{dashed} '
            'stroke-linejoin="round" stroke-linecap="round"/>'
        )

    def shape(self, *points: tuple[float, float], fill: str = PAPER, color: str = INK, width: float = 1.0) -> None:
        """Fill a polygon."""
        xy = " ".join(f"{x:g},{y:g}" for x, y in points)
        self._parts.append(f'<polygon points="{xy}" fill="{fill}" stroke="{color}" stroke-width="{width:g}"/>')

    def box(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        fill: str = PAPER,
        color: str = INK,
        r: float = 0,
        width: float = 1,
    ) -> None:
        """Draw a rectangle, `r` the radius of its corners."""
        self._parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="{r:g}" fill="{fill}" stroke="{color}" '
            f'stroke-width="{width:g}"/>'
        )

    def circle(
        self, x: float, y: float, r: float, fill: str = "none", color: str = INK, width: float = 1.0, dash: str = ""
    ) -> None:
        """Draw a circle."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}" fill="{fill}" stroke="{color}" stroke-width="{width:g}"{dashed}/>'
        )

    def text(
        self, words: str, x: float, y: float, size: float = 10, color: str = INK, anchor: str = "start",
        bold: bool = False, turn: float = 0.0,
    ) -> None:  # fmt: skip
        """Write; `anchor` is start, middle or end, `turn` degrees."""
        weight = ' font-weight="600"' if bold else ""
        turned = f' transform="rotate({turn:g} {x:g} {y:g})"' if turn else ""
        safe = words.replace("&", "&amp;").replace("<", "&lt;")
        self._parts.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{color}" text-anchor="{anchor}"{weight}{turned}>'
            f"{safe}</text>"
        )

    def measure(self, x1: float, y1: float, x2: float, y2: float, words: str, size: float = 4.0) -> None:
        """Draw a dimension line with ends, and its length in words above it."""
        upright = x1 == x2
        end = size / 3
        self.line((x1, y1), (x2, y2), color=SOFT, width=size / 14)
        for x, y in ((x1, y1), (x2, y2)):
            ends = ((x - end, y), (x + end, y)) if upright else ((x, y - end), (x, y + end))
            self.line(*ends, color=SOFT, width=size / 14)
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        if upright:
            self.text(words, x - size / 3, y, size, SOFT, "middle", turn=-90)
        else:
            self.text(words, x, y - size / 3, size, SOFT, "middle")

    def render(self) -> str:
        """Write the file."""
        unit = "mm" if self.millimetres else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:g}{unit}" height="{self.height:g}{unit}" '
            f'viewBox="0 0 {self.width:g} {self.height:g}" font-family="DejaVu Sans, Verdana, sans-serif">\n'
            f"<title>{self.title}</title>\n"
            f'<rect width="{self.width:g}" height="{self.height:g}" fill="{PAPER}"/>\n'
            + "\n".join(self._parts)
            + "\n</svg>\n"
        )
