"""Draw `qlmat.kicad_sch`: `python -m hardware.schematic`. A test proves that it wires what the netlist says."""

from pathlib import Path

from hardware import tables
from hardware.kicad_sheet import Sheet
from hardware.kicad_symbols import (
    BUTTON,
    BUZZER,
    CAPACITOR,
    DIODE,
    FSR,
    LED,
    LYING_RESISTOR,
    MOSFET,
    MOTOR,
    RESISTOR,
    Symbol,
    chip,
)

FOLDER = Path(__file__).parent
BESIDE = (2.2, -1.0)  # names to the right of a standing part


def _adc() -> Symbol:
    left = [("AIN0", "input"), ("AIN1", "input"), ("AIN2", "input"), ("AIN3", "input"), ("ADDR", "input")]
    right = [("VDD", "power_in"), ("SDA", "bidirectional"), ("SCL", "input"), ("GND", "power_in")]
    return chip("ADS1115", left, right)


def _pi() -> Symbol:
    left = [("3V3", "power_out"), ("5V", "power_out"), ("GND", "power_out")]
    right = [(f"GPIO{n}", "bidirectional") for n in (2, 3, 18, 13, 24, 17)]
    return chip("RaspberryPi", left, right)


def foot(sheet: Sheet, sensor: str, x: float, y: float) -> None:
    """Draw one divider: the sensor from the rail, resistor and capacitor to ground, the node's name to the right."""
    fsr, rm, cf = (f"{kind}_{sensor}" for kind in ("FSR", "RM", "CF"))
    sheet.put(fsr, FSR, x, y + 6.35, BESIDE)
    sheet.put(rm, RESISTOR, x, y + 19.05, BESIDE)
    sheet.put(cf, CAPACITOR, x + 20.32, y + 19.05, (2.8, -1.0))
    sheet.flag((fsr, "1"), 0.0, -2.54)
    sheet.wire(sheet.at(fsr, "2"), sheet.at(rm, "1"))
    node = y + 12.7
    sheet.wire((x, node), (x + 20.32, node), sheet.at(cf, "1"))
    sheet.wire((x + 20.32, node), (x + 25.4, node))
    sheet.junction(x, node)
    sheet.junction(x + 20.32, node)
    sheet.name(tables.pins()[(fsr, "2")], x + 25.4, node, 0)
    for part in (rm, cf):
        sheet.flag((part, "2"), 0.0, 2.54)


def pad(sheet: Sheet, side: str, adc: str, supply: str, y: float) -> None:
    """Draw the three feet of a pad and its converter."""
    sheet.note(f"{side} pad", 20.32, y - 7.62)
    sheet.frame(17.78, y - 12.7, 279.4, y + 38.1)
    for number in (1, 2, 3):
        foot(sheet, f"{side}_{number}", 27.94 + 58.42 * (number - 1), y)
    sheet.put(adc, _adc(), 226.06, y + 12.7, (-12.7, -10.7))
    for pin in ("AIN0", "AIN1", "AIN2", "AIN3", "ADDR"):
        sheet.flag((adc, pin), -2.54)
    for pin in ("VDD", "SDA", "SCL", "GND"):
        sheet.flag((adc, pin), 2.54)
    sheet.put(supply, CAPACITOR, 266.7, y + 12.7, (2.8, -1.0))
    sheet.flag((supply, "1"), 0.0, -2.54)
    sheet.flag((supply, "2"), 0.0, 2.54)


def driver(sheet: Sheet, number: int, gpio_net: str, load: tuple[str, Symbol], x: float, y: float) -> None:
    """Draw a MOSFET with gate resistor and pull-down below a load; the load's lower pin is on the drain."""
    q, rs, rg = f"Q{number}", f"RS{number}", f"RG{number}"
    sheet.put(q, MOSFET, x, y, (5.5, 0.0))
    sheet.put(rs, LYING_RESISTOR, x - 24.13, y, (-2.5, -4.2))
    sheet.put(rg, RESISTOR, x - 10.16, y + 7.62, BESIDE)
    sheet.wire(sheet.at(rs, "2"), sheet.at(q, "G"))
    sheet.wire((x - 10.16, y), sheet.at(rg, "1"))
    sheet.junction(x - 10.16, y)
    sheet.label(tables.pins()[(q, "G")], x - 19.05, y)
    sheet.flag((rg, "2"), 0.0, 2.54)
    sheet.flag((q, "S"), 0.0, 2.54)
    sheet.wire(sheet.at(rs, "1"), (x - 33.02, y))
    sheet.name(gpio_net, x - 33.02, y, 180)
    part, symbol = load
    drain_x, drain_y = sheet.at(q, "D")
    sheet.put(part, symbol, drain_x, drain_y - 11.43, (3.3, -1.0))
    sheet.wire(sheet.at(part, "2"), (drain_x, drain_y))
    sheet.junction(drain_x, drain_y - 3.81)
    sheet.label(tables.pins()[(q, "D")], drain_x, drain_y - 1.27)


def motor(sheet: Sheet, x: float, y: float) -> None:
    """Draw the motor with its series resistor and its diode."""
    driver(sheet, 1, tables.pins()[("PI", "GPIO18")], ("M1", MOTOR), x, y)
    top_x, top_y = sheet.at("M1", "1")
    sheet.put("RV1", RESISTOR, top_x, top_y - 7.62, BESIDE)
    sheet.wire(sheet.at("RV1", "2"), (top_x, top_y))
    sheet.flag(("RV1", "1"), 0.0, -2.54)
    sheet.put("D1", DIODE, top_x + 16.51, top_y + HALF_LOAD, (2.6, -1.0))
    sheet.wire((top_x, top_y - 2.54), (top_x + 16.51, top_y - 2.54), sheet.at("D1", "K"))
    sheet.junction(top_x, top_y - 2.54)
    sheet.label(tables.pins()[("M1", "1")], top_x + 2.54, top_y - 2.54)
    low_y = sheet.at("M1", "2")[1] + 3.81
    sheet.wire((top_x, low_y), (top_x + 16.51, low_y), sheet.at("D1", "A"))


HALF_LOAD = 3.81


def buzzer(sheet: Sheet, x: float, y: float) -> None:
    """Draw the piezo with the resistor that discharges it."""
    driver(sheet, 2, tables.pins()[("PI", "GPIO13")], ("BZ1", BUZZER), x, y)
    top_x, top_y = sheet.at("BZ1", "1")
    sheet.put("RD1", RESISTOR, top_x + 16.51, top_y + HALF_LOAD, BESIDE)
    sheet.wire((top_x, top_y), (top_x, top_y - 2.54), (top_x + 16.51, top_y - 2.54), sheet.at("RD1", "1"))
    sheet.wire((top_x, top_y - 2.54), (top_x, top_y - 5.08))
    sheet.junction(top_x, top_y - 2.54)
    sheet.power(tables.pins()[("BZ1", "1")], top_x, top_y - 5.08)
    low_y = sheet.at("BZ1", "2")[1] + 3.81
    sheet.wire((top_x, low_y), (top_x + 16.51, low_y), sheet.at("RD1", "2"))


def light_and_button(sheet: Sheet, x: float, y: float) -> None:
    """Draw the session light and the stop button."""
    sheet.put("RL1", RESISTOR, x, y, BESIDE)
    sheet.put("LED1", LED, x, y + 11.43, (4.2, -1.0))
    sheet.wire(sheet.at("RL1", "2"), sheet.at("LED1", "A"))
    sheet.label(tables.pins()[("LED1", "A")], x, y + 6.35)
    sheet.flag(("LED1", "K"), 0.0, 2.54)
    for part, column in (("RL1", x), ("SW1", x + 30.48)):
        if part == "SW1":
            sheet.put("SW1", BUTTON, column, y + 3.81, (3.3, -1.0))
        top_x, top_y = sheet.at(part, "1")
        sheet.wire((top_x, top_y), (top_x, top_y - 2.54), (top_x - 5.08, top_y - 2.54))
        sheet.name(tables.pins()[(part, "1")], top_x - 5.08, top_y - 2.54, 180)
    sheet.flag(("SW1", "2"), 0.0, 2.54)


def schematic() -> tuple[Sheet, str]:
    """Lay out the whole board, give it and its file; raises ValueError when a part of the netlist is missing."""
    sheet = Sheet("QL Mat, board v1")
    sheet.note("QL Mat, board v1", 20.32, 20.32, 4.0)
    sheet.note(
        "Sensors: 38 mm FSRs under three feet a pad. AIN3 reads the rail that feeds the dividers.", 20.32, 26.0, 1.6
    )
    pad(sheet, "left", "U1", "C1", 48.26)
    pad(sheet, "right", "U2", "C2", 106.68)
    sheet.put("PI", _pi(), 337.82, 60.96, (-12.7, -12.5))
    for pin in tables.pins_of("PI"):
        sheet.flag(("PI", pin), -2.54 if pin in tables.POWER else 2.54)
    sheet.note("motor, 3 V 75 mA from 5 V", 60.96, 168.0)
    motor(sheet, 96.52, 215.9)
    sheet.note("buzzer, 500 to 1000 Hz", 165.1, 168.0)
    buzzer(sheet, 200.66, 215.9)
    sheet.note("light and stop button", 276.86, 168.0)
    light_and_button(sheet, 289.56, 193.04)
    left_out = [part for part in {part for part, _ in tables.pins()} if part not in sheet.placed]
    if left_out:
        raise ValueError(f"Not on the sheet: {', '.join(sorted(left_out))}.")
    return sheet, sheet.text()


def files() -> dict[str, str]:
    """Give the schematic, its symbol library, and the table that tells KiCad where that is: name and content."""
    sheet, text = schematic()
    library = '(lib (name "qlmat")(type "KiCad")(uri "${KIPRJMOD}/qlmat.kicad_sym")(options "")(descr ""))'
    return {
        "qlmat.kicad_sch": text,
        "qlmat.kicad_sym": sheet.library(),
        "qlmat.kicad_pro": '{\n  "meta": {\n    "filename": "qlmat.kicad_pro",\n    "version": 1\n  }\n}\n',
        "sym-lib-table": f"(sym_lib_table\n  {library}\n)\n",
    }


if __name__ == "__main__":
    for name, content in files().items():
        (FOLDER / name).write_text(content)
