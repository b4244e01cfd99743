"""Draw `wiring.svg` from the netlist: `python -m hardware.wiring`.

Three groups: left pad, right pad, outputs and button. In each, every net is a coloured upright wire with its name and,
if it goes to the Pi, the number of the pin on the 40-pin header; every pin of every part is led to the wire it is on.
"""

from hardware.svg import COLOURS, INK, OTHERS, SOFT, Drawing
from hardware.tables import HEADER, POWER, nets, pins, pins_of, value_of, write

ROW, GAP, TOP, WIDTH, PART_W, WIRE = 17.0, 9.0, 168.0, 470.0, 150.0, 27.0
HEADER_X = 30.0


def groups() -> dict[str, list[str]]:
    """Share the parts of the netlist among the three groups."""
    parts = list(dict.fromkeys(part for part, _ in pins() if part != "PI"))
    sides = {"left pad": ("left", "U1", "C1"), "right pad": ("right", "U2", "C2")}
    found = {
        name: [part for part in parts if any(mark in part.split("_") or mark == part for mark in marks)]
        for name, marks in sides.items()
    }
    found["motor, buzzer, light, button"] = [
        part for part in parts if not any(part in group for group in found.values())
    ]
    return {name: sorted(group, key=_order) for name, group in found.items()}


def _order(part: str) -> tuple[int, str]:
    """Chips first, then foot by foot, then the rest as the current flows."""
    order = ["RV1", "M1", "D1", "Q1", "RS1", "RG1", "BZ1", "RD1", "Q2", "RS2", "RG2", "RL1", "LED1", "SW1"]
    if part in order:
        return order.index(part), part
    kind, _, sensor = part.partition("_")
    return (-1, part) if not sensor else (int(sensor[-1]) * 10 + ["FSR", "RM", "CF"].index(kind), part)


def header_pins() -> dict[str, int]:
    """Give the number on the 40-pin header of each net that reaches the Pi."""
    return {net: HEADER[pin] for pin, net in pins_of("PI").items()}


def wiring() -> str:
    """Draw everything."""
    tallest = max(sum(len(pins_of(part)) * ROW + GAP for part in group) for group in groups().values())
    page = Drawing(140 + 3 * WIDTH + 110, TOP + tallest + 50, "QL Mat board v1: wiring")
    page.text("QL Mat, board v1: wiring", 30, 40, 22, bold=True)
    page.text(
        "Drawn from hardware/netlist.csv. A dot is a joint; lines that cross without one do not touch. "
        "Numbers in circles are pins of the Pi's 40-pin header.",
        30, 62, 12, SOFT,
    )  # fmt: skip
    _header(page)
    for column, (name, parts) in enumerate(groups().items()):
        _group(page, name, parts, 140 + column * WIDTH)
    return page.render()


def _header(page: Drawing) -> None:
    used = {pin: net for net, pin in header_pins().items()}
    page.text("Raspberry Pi", HEADER_X, TOP - 34, 13, bold=True)
    page.text("40-pin header,", HEADER_X, TOP - 20, 10, SOFT)
    page.text("pin 1 at the SD card", HEADER_X, TOP - 8, 10, SOFT)
    page.box(HEADER_X + 14, TOP, 40, 20 * 18 + 8, "#f3f5f7", SOFT, 3)
    for number in range(1, 41):
        x = HEADER_X + (25 if number % 2 else 43)
        y = TOP + 13 + (number - 1) // 2 * 18
        net = used.get(number)
        page.circle(x, y, 6.5, _colour(net) if net else "#dfe4e9", "none" if net else SOFT, 0.5)
        if net:
            page.text(str(number), x, y + 3, 7.5, "#ffffff", "middle", bold=True)
            left = number % 2 == 1
            page.text(net, x - 13 if left else x + 13, y + 3, 8, _colour(net), "end" if left else "start", bold=True)


def _group(page: Drawing, name: str, parts: list[str], x: float) -> None:
    shown = [net for net in nets() if any(part in parts for part, _ in nets()[net])]
    shown.sort(key=lambda net: (net not in POWER, net not in header_pins(), net))
    wires = {net: x + 22 + WIRE * k for k, net in enumerate(shown)}
    part_x = x + 22 + WIRE * len(shown) + 8
    page.text(name, x, TOP - 84, 15, bold=True)
    rows: dict[str, list[float]] = {net: [] for net in shown}
    y = TOP
    for part in parts:
        height = len(pins_of(part)) * ROW
        page.box(part_x, y, PART_W, height, "#f7f9fb", SOFT, 3)
        said = value_of(part)
        page.text(part, part_x + PART_W - 6, y + height / 2 + (-1 if said else 4), 10, INK, "end", bold=True)
        page.text(said, part_x + PART_W - 6, y + height / 2 + 11, 9, SOFT, "end")
        for k, (pin, net) in enumerate(pins_of(part).items()):
            at = y + ROW * (k + 0.5)
            color = _colour(net)
            page.line((wires[net], at), (part_x, at), color=color, width=1.6)
            page.circle(wires[net], at, 3.2, color, "none", 0)
            page.text(pin, part_x + 5, at + 3.5, 9.5, color, bold=True)
            rows[net].append(at)
        y += height + GAP
    for net in shown:
        _wire(page, net, wires[net], rows[net])


def _wire(page: Drawing, net: str, x: float, rows: list[float]) -> None:
    color = _colour(net)
    number = header_pins().get(net)
    top = TOP - 16 if number else min(rows)
    page.line((x, top), (x, max(rows)), color=color, width=2.2)
    page.text(net, x + 3, TOP - (30 if number else 12), 9, color, turn=-50, bold=True)
    if number:
        page.circle(x, TOP - 19, 7.5, color, "none", 0)
        page.text(str(number), x, TOP - 16, 8, "#ffffff", "middle", bold=True)


def _colour(net: str) -> str:
    others = [each for each in nets() if each not in COLOURS]
    return COLOURS.get(net) or OTHERS[others.index(net) % len(OTHERS)]


if __name__ == "__main__":
    write({"wiring.svg": wiring()})
