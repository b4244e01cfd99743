"""The KiCad schematic as text, read back and followed wire by wire."""

import re
from collections import defaultdict
from typing import Any

from hardware.schematic import FOLDER

Point = tuple[float, float]


def parse(text: str) -> list[Any]:
    """Read KiCad's brackets into lists; strings lose their quotes."""
    stack: list[list[Any]] = [[]]
    for word in re.findall(r'\(|\)|"(?:[^"\\]|\\.)*"|[^\s()"]+', text):
        if word == "(":
            stack.append([])
        elif word == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(word.strip('"'))
    return stack[0][0]


def all_of(tree: list[Any], name: str) -> list[list[Any]]:
    return [each for each in tree if isinstance(each, list) and each and each[0] == name]


def place(tree: list[Any]) -> Point:
    x, y = all_of(tree, "at")[0][1:3]
    return round(float(x), 2), round(float(y), 2)


def property_of(tree: list[Any], key: str) -> str:
    return next(each[2] for each in all_of(tree, "property") if each[1] == key)


class Wires:
    """Which points are one node, by KiCad's rule: wires and pins join at their ends, names anywhere on a wire."""

    def __init__(self, sheet: list[Any]) -> None:
        self._parent: dict[Point, Point] = {}
        self._segments: list[tuple[Point, Point]] = []
        for wire in all_of(sheet, "wire"):
            ends = [(round(float(xy[1]), 2), round(float(xy[2]), 2)) for xy in all_of(wire, "pts")[0][1:]]
            self._segments.append((ends[0], ends[1]))
            self.connect(*ends)

    def touch(self, point: Point) -> None:
        """Connect a name with every wire it stands on."""
        for (x1, y1), (x2, y2) in self._segments:
            along = (x2 - x1) * (point[1] - y1) == (y2 - y1) * (point[0] - x1)
            if along and min(x1, x2) <= point[0] <= max(x1, x2) and min(y1, y2) <= point[1] <= max(y1, y2):
                self.connect(point, (x1, y1))

    def connect(self, one: Point, other: Point) -> None:
        self._parent[self.node(one)] = self.node(other)

    def node(self, point: Point) -> Point:
        while point in self._parent and self._parent[point] != point:
            point = self._parent[point]
        return point


def schematic() -> list[Any]:
    return parse((FOLDER / "qlmat.kicad_sch").read_text())


def drawn_nets() -> dict[str, set[tuple[str, str]]]:
    """Give the (part, pin number) of each net, by its name."""
    sheet = schematic()
    ends = {
        symbol[1]: {
            all_of(pin, "number")[0][1]: place(pin) for body in all_of(symbol, "symbol") for pin in all_of(body, "pin")
        }
        for symbol in all_of(all_of(sheet, "lib_symbols")[0], "symbol")
    }
    wires = Wires(sheet)
    names: dict[Point, set[str]] = defaultdict(set)
    pins: dict[Point, set[tuple[str, str]]] = defaultdict(set)
    found: list[tuple[Point, str | tuple[str, str]]] = [
        (place(label), label[1]) for kind in ("label", "global_label") for label in all_of(sheet, kind)
    ]
    for symbol in all_of(sheet, "symbol"):
        (x, y), ref = place(symbol), property_of(symbol, "Reference")
        for number, (dx, dy) in ends[all_of(symbol, "lib_id")[0][1]].items():
            at = (round(x + dx, 2), round(y - dy, 2))
            found.append((at, property_of(symbol, "Value") if ref.startswith("#") else (ref, number)))
    for at, what in found:
        if isinstance(what, str):
            wires.touch(at)
    for at, what in found:
        (names if isinstance(what, str) else pins)[wires.node(at)].add(what)  # type: ignore[arg-type]  # told apart here
    together: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for node, on_it in pins.items():
        assert len(names[node]) == 1, f"{on_it} is on the nets {names[node]}"
        together[next(iter(names[node]))] |= on_it
    return dict(together)
