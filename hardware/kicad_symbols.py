"""Symbols of the schematic, drawn here so that the file opens without any library. Millimetres, y upwards."""

from dataclasses import dataclass

HALF = 3.81  # from the middle of a two-pin part to the end of its pin


@dataclass(frozen=True, slots=True)
class Pin:
    """A pin of a symbol: where its end is, which way it points (degrees), and what it is electrically."""

    name: str
    x: float
    y: float
    angle: int
    kind: str = "passive"
    length: float = 1.27


@dataclass(frozen=True, slots=True)
class Symbol:
    """A drawing with pins. `art` is KiCad's text for the lines."""

    name: str
    pins: tuple[Pin, ...]
    art: str
    show_names: bool = False
    power: bool = False

    def pin(self, name: str) -> Pin:
        """Find a pin."""
        return next(pin for pin in self.pins if pin.name == name)


def line(*points: tuple[float, float], fill: str = "none") -> str:
    """Draw a line through points."""
    xy = " ".join(f"(xy {x:g} {y:g})" for x, y in points)
    return f"(polyline (pts {xy}) (stroke (width 0.2) (type default) (color 0 0 0 0)) (fill (type {fill})))"


def box(x: float, y: float) -> str:
    """Draw a rectangle about the middle."""
    return (
        f"(rectangle (start {-x:g} {y:g}) (end {x:g} {-y:g}) "
        "(stroke (width 0.2) (type default) (color 0 0 0 0)) (fill (type background)))"
    )


def circle(radius: float, x: float = 0.0, y: float = 0.0) -> str:
    """Draw a circle."""
    return (
        f"(circle (center {x:g} {y:g}) (radius {radius:g}) "
        "(stroke (width 0.2) (type default) (color 0 0 0 0)) (fill (type background)))"
    )


def letter(text: str) -> str:
    """Write in the middle."""
    return f'(text "{text}" (at 0 0 0) (effects (font (size 1.5 1.5))))'


def _standing(name: str, art: str, top: str = "1", bottom: str = "2") -> Symbol:
    return Symbol(name, (Pin(top, 0, HALF, 270), Pin(bottom, 0, -HALF, 90)), art)


RESISTOR = _standing("R", box(1.016, 2.54))
LYING_RESISTOR = Symbol("R_lying", (Pin("1", -HALF, 0, 0), Pin("2", HALF, 0, 180)), box(2.54, 1.016))
FSR = _standing("FSR", box(1.016, 2.54) + line((-2.6, -1.9), (2.6, 1.9)) + line((2.6, 1.9), (2.6, 0.9)))
CAPACITOR = _standing(
    "C",
    line((-2, 0.6), (2, 0.6)) + line((-2, -0.6), (2, -0.6)) + line((0, 2.54), (0, 0.6)) + line((0, -0.6), (0, -2.54)),
)
_TRIANGLE = line((-1.3, -1.2), (1.3, -1.2), (0, 1.2), (-1.3, -1.2), fill="background") + line((-1.3, 1.2), (1.3, 1.2))
_STALK = line((0, 2.54), (0, 1.2)) + line((0, -1.2), (0, -2.54))
DIODE = _standing("D", _TRIANGLE + _STALK, "K", "A")
_FALLING = line((-1.3, 1.2), (1.3, 1.2), (0, -1.2), (-1.3, 1.2), fill="background") + line((-1.3, -1.2), (1.3, -1.2))
_RAYS = line((1.8, -0.2), (3.2, -1.6)) + line((2.3, 0.6), (3.7, -0.8))
LED = _standing("LED", _FALLING + _STALK + _RAYS, "A", "K")
MOTOR = _standing("Motor", circle(2.54) + letter("M"))
BUZZER = _standing("Buzzer", circle(2.54) + letter("BZ"))
BUTTON = _standing(
    "Button", circle(0.4, 0, 1.6) + circle(0.4, 0, -1.6) + line((1.0, 2.2), (1.0, -2.2)) + line((1.0, 0), (2.2, 0))
    + line((0, 2.54), (0, 2.0)) + line((0, -2.0), (0, -2.54))
)  # fmt: skip
MOSFET = Symbol(
    "NMOS",
    (Pin("G", -5.08, 0, 0, "input", 2.54), Pin("D", 2.54, 5.08, 270, "passive", 2.54),
     Pin("S", 2.54, -5.08, 90, "passive", 2.54)),
    circle(2.9, 1.2, 0) + line((-2.54, 0), (-0.4, 0)) + line((-0.4, 1.9), (-0.4, -1.9)) + line((0.4, 2.2), (0.4, -2.2))
    + line((0.4, 1.6), (2.54, 1.6), (2.54, 2.54)) + line((0.4, -1.6), (2.54, -1.6), (2.54, -2.54))
    + line((0.4, 0), (2.54, 0), (2.54, -1.6)) + line((0.6, 0), (1.4, 0.5), (1.4, -0.5), (0.6, 0), fill="outline"),
)  # fmt: skip
GROUND = Symbol(
    "GND", (Pin("1", 0, 0, 270, "power_in", 0),),
    line((0, 0), (0, -1.27)) + line((-1.5, -1.27), (1.5, -1.27)) + line((-0.9, -1.8), (0.9, -1.8))
    + line((-0.3, -2.3), (0.3, -2.3)), power=True,
)  # fmt: skip


def supply(name: str) -> Symbol:
    """Draw an arrow upwards: a supply rail."""
    art = line((0, 0), (0, 1.27)) + line((-0.9, 1.27), (0, 2.4), (0.9, 1.27), (-0.9, 1.27))
    return Symbol(name, (Pin("1", 0, 0, 90, "power_in", 0),), art, power=True)


def chip(name: str, left: list[tuple[str, str]], right: list[tuple[str, str]]) -> Symbol:
    """Draw a box with named pins: (name, kind) from top to bottom on each side."""
    rows = max(len(left), len(right))
    half_y = 2.54 * (rows + 1) / 2
    top = 2.54 * (rows - 1) / 2
    pins = [Pin(n, -15.24, top - 2.54 * k, 0, kind, 2.54) for k, (n, kind) in enumerate(left)]
    pins += [Pin(n, 15.24, top - 2.54 * k, 180, kind, 2.54) for k, (n, kind) in enumerate(right)]
    return Symbol(name, tuple(pins), box(12.7, half_y), show_names=True)


def definition(symbol: Symbol) -> str:
    """Write a symbol for the library inside a schematic."""
    font = "(effects (font (size 1.27 1.27)))"
    shown = "(pin_names (offset 0.8))" if symbol.show_names else "(pin_names (offset 0) hide)"
    power = "(power) " if symbol.power else ""
    pins = "".join(
        f"(pin {p.kind} line (at {p.x:g} {p.y:g} {p.angle}) (length {p.length:g}) "
        f'(name "{symbol.name if symbol.power else p.name}" {font}) (number "{p.name}" {font}))\n'
        for p in symbol.pins
    )
    properties = "".join(
        f'(property "{key}" "{value}" (id {k}) (at 0 0 0) (effects (font (size 1.27 1.27)) hide))\n'
        for k, (key, value) in enumerate(
            [
                ("Reference", "#PWR" if symbol.power else "X"),
                ("Value", symbol.name),
                ("Footprint", ""),
                ("Datasheet", ""),
            ]
        )
    )
    return (
        f'(symbol "qlmat:{symbol.name}" {power}(pin_numbers hide) {shown} (in_bom yes) (on_board yes)\n{properties}'
        f'(symbol "{symbol.name}_0_1" {symbol.art})\n(symbol "{symbol.name}_1_1" {pins}))\n'
    )
