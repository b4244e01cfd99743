"""A KiCad schematic in the making. Values come from the bill of materials, names of nets from the netlist."""

import uuid
from dataclasses import dataclass, field
from itertools import pairwise

from hardware import tables
from hardware.kicad_symbols import GROUND, Symbol, definition, supply

Point = tuple[float, float]
NAMESPACE = uuid.UUID("9d0c8e9a-64a5-4b8e-9b43-2f2f6d1f7a10")
FONT = "(effects (font (size 1.27 1.27))"
STROKE = "(stroke (width 0) (type default) (color 0 0 0 0))"


def reference(part: str) -> str:
    """Give a part's reference as KiCad wants it: with a number at its end."""
    return part if part[-1].isdigit() else f"{part}1"


@dataclass
class Sheet:
    """One page. Coordinates are millimetres, y downwards, on a grid of 1.27."""

    title: str
    placed: dict[str, tuple[Symbol, Point]] = field(default_factory=dict)
    _symbols: dict[str, Symbol] = field(default_factory=dict)
    _lines: list[str] = field(default_factory=list)
    _wires: list[tuple[Point, Point]] = field(default_factory=list)
    _dots: list[Point] = field(default_factory=list)
    _instances: list[tuple[str, str, str]] = field(default_factory=list)
    _count: int = 0

    def put(self, part: str, symbol: Symbol, x: float, y: float, text: Point = (2.54, -0.6)) -> None:
        """Put a part of the netlist; its value comes from the bill of materials, `text` is where its name goes."""
        expected = set(tables.pins_of(part))
        if expected != {pin.name for pin in symbol.pins}:
            raise ValueError(f"{part} has the pins {sorted(expected)} in the netlist, not those of {symbol.name}.")
        self.placed[part] = (symbol, (x, y))
        self._instance(symbol, reference(part), tables.value_of(part), (x, y), text)

    def at(self, part: str, pin: str) -> Point:
        """Say where a pin's end is."""
        symbol, (x, y) = self.placed[part]
        where = symbol.pin(pin)
        return round(x + where.x, 2), round(y - where.y, 2)

    def wire(self, *points: Point) -> None:
        """Draw a wire through points."""
        self._wires += [(start, end) for start, end in pairwise(points) if start != end]

    def junction(self, x: float, y: float) -> None:
        """Draw a dot: every wire that passes through it is joined there."""
        self._dots.append((x, y))
        self._add(f"(junction (at {x:g} {y:g}) (diameter 0) (color 0 0 0 0) {{id}})")

    def label(self, net: str, x: float, y: float, angle: int = 0) -> None:
        """Write the name of a net that stays on one spot."""
        self._add(f'(label "{net}" (at {x:g} {y:g} {angle}) {FONT} (justify left bottom)) {{id}})')

    def flag(self, pin: tuple[str, str], dx: float, dy: float = 0.0) -> None:
        """Lead a pin to a global label with its net's name, or to a supply symbol if it goes up or down."""
        net = tables.pins()[pin]
        x, y = self.at(*pin)
        self.wire((x, y), (x + dx, y), (x + dx, y + dy))
        if dy:
            self.power(net, x + dx, y + dy)
        else:
            self.name(net, x + dx, y, 180 if dx < 0 else 0)

    def name(self, net: str, x: float, y: float, angle: int) -> None:
        """Write a global label."""
        side = "right" if angle == 180 else "left"
        hidden = f'(property "Intersheet References" "${{INTERSHEET_REFS}}" (id 0) (at {x:g} {y:g} 0) {FONT} hide))'
        self._add(
            f'(global_label "{net}" (shape bidirectional) (at {x:g} {y:g} {angle}) (fields_autoplaced) '
            f"{FONT} (justify {side})) {{id}} {hidden})"
        )

    def power(self, net: str, x: float, y: float) -> None:
        """Put a supply or ground symbol."""
        symbol = GROUND if net == "GND" else supply(net)
        self._count += 1
        text = (0.0, 4.0) if net == "GND" else (0.0, -3.6)
        self._instance(symbol, f"#PWR{self._count:02d}", net, (x, y), text)

    def note(self, text: str, x: float, y: float, size: float = 2.0) -> None:
        """Write for the reader."""
        self._add(
            f'(text "{text}" (at {x:g} {y:g} 0) (effects (font (size {size:g} {size:g})) (justify left bottom)) {{id}})'
        )

    def frame(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """Draw a dashed frame."""
        corners = [(x1, y1), (x2, y1), (x2, y2), (x1, y2), (x1, y1)]
        stroke = "(stroke (width 0.15) (type dash) (color 132 132 132 1))"
        for (ax, ay), (bx, by) in pairwise(corners):
            self._add(f"(polyline (pts (xy {ax:g} {ay:g}) (xy {bx:g} {by:g})) {stroke} {{id}})")

    def _wire_lines(self) -> list[str]:
        """Write the wires, cut at every dot: KiCad joins ends only, and asks a program's wires to be cut."""
        found = []
        for start, end in self._wires:
            stops = sorted({start, end, *(dot for dot in self._dots if _within(dot, start, end))})
            for (x1, y1), (x2, y2) in pairwise(stops):
                text = f"(wire (pts (xy {x1:g} {y1:g}) (xy {x2:g} {y2:g})) {STROKE}"
                found.append(f"{text} (uuid {uuid.uuid5(NAMESPACE, text)}))\n")
        return found

    def text(self) -> str:
        """Write the file."""
        library = "".join(definition(symbol) for symbol in self._symbols.values())
        paths = "".join(
            f'(path "/{number}" (reference "{ref}") (unit 1) (value "{value}") (footprint ""))\n'
            for number, ref, value in self._instances
        )
        return (
            f'(kicad_sch (version 20211123) (generator qlmat)\n(uuid {uuid.uuid5(NAMESPACE, "sheet")})\n(paper "A3")\n'
            f'(title_block (title "{self.title}") (company "drawn from netlist.csv by hardware/schematic.py"))\n'
            f"(lib_symbols\n{library})\n{''.join(self._lines + self._wire_lines())}"
            f'(sheet_instances (path "/" (page "1")))\n(symbol_instances\n{paths}))\n'
        )

    def library(self) -> str:
        """Write the symbols as a library of their own."""
        symbols = "".join(definition(symbol).replace('"qlmat:', '"') for symbol in self._symbols.values())
        return f"(kicad_symbol_lib (version 20211014) (generator qlmat)\n{symbols})\n"

    def _instance(self, symbol: Symbol, ref: str, value: str, at: Point, text: Point) -> None:
        self._symbols[symbol.name] = symbol
        number = str(uuid.uuid5(NAMESPACE, f"symbol {ref}"))
        x, y = at
        hidden = " hide" if ref.startswith("#") else ""
        middle = "" if symbol.power else " (justify left)"
        self._lines.append(
            f'(symbol (lib_id "qlmat:{symbol.name}") (at {x:g} {y:g} 0) (unit 1) (in_bom yes) (on_board yes) '
            f"(uuid {number})\n"
            f'(property "Reference" "{ref}" (id 0) (at {x + text[0]:g} {y + text[1]:g} 0) {FONT}{middle}{hidden}))\n'
            f'(property "Value" "{value}" (id 1) (at {x + text[0]:g} {y + text[1] + (0 if symbol.power else 2):g} 0) '
            f"{FONT}{middle}))\n"
            + "".join(
                f'(property "{key}" "" (id {k}) (at {x:g} {y:g} 0) {FONT} hide))\n'
                for k, key in ((2, "Footprint"), (3, "Datasheet"))
            )
            + "".join(f'(pin "{pin.name}" (uuid {uuid.uuid5(NAMESPACE, ref + pin.name)}))\n' for pin in symbol.pins)
            + ")\n"
        )
        self._instances.append((number, ref, value))

    def _add(self, text: str) -> None:
        number = uuid.uuid5(NAMESPACE, f"{len(self._lines)} {text}")
        self._lines.append(text.replace("{id}", f"(uuid {number})") + "\n")


def _within(point: Point, start: Point, end: Point) -> bool:
    """Say whether a point lies on a wire between its ends; wires are level or upright."""
    level = start[1] == end[1]
    across, along = (1, 0) if level else (0, 1)
    low, high = sorted((start[along], end[along]))
    return abs(point[across] - start[across]) < 0.01 and low + 0.01 < point[along] < high - 0.01
