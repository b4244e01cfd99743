"""What every part bears at 400 N on one pad: computed from the netlist's values, compared with the bill of materials.

Worst case: all 400 N on a single foot (a ball pushed to the rim), a part 20 % more conductive than the curve, the rails
5 % high. A motor that is stalled; a piezo driven all the time. Nothing here was measured on a bench.
"""

import csv
from dataclasses import dataclass
from math import log, pi

from hardware.dimensions import DISH_R, FOOT_R, PLATE_T
from hardware.tables import FOLDER, value_of
from qlmat.core.calibration import Curve
from qlmat_firmware.board import BOARD_V1, FOOT_RADIUS_MM

FULL_N = 400.0  # full scale of a pad (domain facts, 0)
RAIL_V, FIVE_V = 3.3 * 1.05, 5.0 * 1.05
MORE_CONDUCTIVE = 1.2
MOTOR_OHM, DIODE_V, LED_V = 30.0, 0.3, 1.9
CURRENT_PER_CM2_A = 1e-3  # Interlink's guide: 1 mA for each square centimetre of loaded area (domain facts C.3)
SATURATES_PA = (0.69e6, 1.38e6)  # 100 to 200 psi (domain facts C.1)
PETG_PA, PETG_BREAKS_PA, POISSON = 2.0e9, 45e6, 0.38  # printed PETG, data sheets give 1.7 to 2.2 GPa: to be measured
THREE_POINTS = 1.3  # a plate on three points bends that much more than one on a ring: estimate


@dataclass(frozen=True, slots=True)
class Burden:
    """What a part bears at worst: volts, amperes, watts, newtons; None where it does not matter."""

    volts: float | None = None
    amperes: float | None = None
    watts: float | None = None
    newtons: float | None = None


def ohms(ref: str) -> float:
    """Read a resistor's value."""
    text = value_of(ref).split()[0]
    return float(text[:-1]) * (1000.0 if text.endswith("k") else 1.0)


def sensor_a() -> float:
    """Give the current through a sensor with all force on its foot."""
    curve = Curve()
    sensor = (curve.scale_ohm_n / FULL_N + curve.floor_ohm) / MORE_CONDUCTIVE
    return RAIL_V / (sensor + ohms("RM_left_1"))


def burdens() -> dict[str, Burden]:
    """Give what each electrical and carrying part bears, by reference."""
    i, rm = sensor_a(), ohms("RM_left_1")
    stalled_a = FIVE_V / (ohms("RV1") + MOTOR_OHM)
    gate_a, led_a, rd = RAIL_V / ohms("RS1"), (RAIL_V - LED_V) / ohms("RL1"), ohms("RD1")
    found = {
        "U1": Burden(volts=RAIL_V), "U2": Burden(volts=RAIL_V), "C1": Burden(volts=RAIL_V), "C2": Burden(volts=RAIL_V),
        "RV1": Burden(stalled_a * ohms("RV1"), stalled_a, stalled_a**2 * ohms("RV1")),
        "M1": Burden(stalled_a * MOTOR_OHM, stalled_a),
        "D1": Burden(FIVE_V, stalled_a), "RL1": Burden(RAIL_V, led_a, led_a**2 * ohms("RL1")),
        "LED1": Burden(amperes=led_a, watts=led_a * LED_V), "SW1": Burden(RAIL_V, 70e-6),  # the Pi's 50 kOhm pull-up
        "BZ1": Burden(volts=FIVE_V), "RD1": Burden(FIVE_V, FIVE_V / rd, FIVE_V**2 / rd),
        "Q1": Burden(FIVE_V + DIODE_V, stalled_a, stalled_a**2 * 0.05), "Q2": Burden(FIVE_V, FIVE_V / rd, 1e-3),
        "PLATE": Burden(newtons=FULL_N), "FOOT": Burden(newtons=FULL_N), "SILICONE": Burden(newtons=FULL_N),
        "BASE": Burden(newtons=2.0 * FULL_N), "PI": Burden(volts=FIVE_V), "PSU": Burden(5.2, 0.4 + supply_a()),
        "J_left": Burden(RAIL_V, 3.0 * i), "J_right": Burden(RAIL_V, 3.0 * i), "STRAP": Burden(newtons=20.0),
    }  # fmt: skip
    for sensor in BOARD_V1.sensors:
        found[f"FSR_{sensor.name}"] = Burden(RAIL_V, i, i**2 * (RAIL_V / i - rm), FULL_N)
        found[f"RM_{sensor.name}"] = Burden(i * rm, i, i**2 * rm)
        found[f"CF_{sensor.name}"] = Burden(volts=i * rm)
    for number in ("1", "2"):
        found[f"RS{number}"] = Burden(RAIL_V, gate_a, 1e-3)
        found[f"RG{number}"] = Burden(RAIL_V, RAIL_V / ohms("RG1"), RAIL_V**2 / ohms("RG1"))
    return found


def supply_a() -> float:
    """Give what the mat draws beside the Pi: dividers, motor, buzzer and LED."""
    return 6.0 * sensor_a() + FIVE_V / (ohms("RV1") + MOTOR_OHM) + FIVE_V / ohms("RD1") + 2e-3


def foot_pa() -> float:
    """Give the pressure on a sensor with all force on its foot."""
    return FULL_N / (pi * (FOOT_R / 1000.0) ** 2)


def allowed_sensor_a() -> float:
    """Give the current the loaded area of a sensor may carry."""
    return CURRENT_PER_CM2_A * pi * (FOOT_R / 10.0) ** 2


def plate_stress_pa() -> float:
    """Give the stress in the middle of the plate: 400 N on the dish's flat, a ring of the feet's radius holding it."""
    flat_mm = 0.3 * DISH_R  # where a sunk ball touches
    ring = 3.0 * FULL_N / (2.0 * pi * (PLATE_T / 1000.0) ** 2)
    return THREE_POINTS * ring * ((1.0 + POISSON) * log(FOOT_RADIUS_MM / flat_mm) + 1.0)


def plate_sag_mm() -> float:
    """Give how far the plate's middle sinks at 400 N."""
    stiffness = PETG_PA * (PLATE_T / 1000.0) ** 3 / (12.0 * (1.0 - POISSON**2))
    ring_m = FULL_N * (FOOT_RADIUS_MM / 1000.0) ** 2 / (16.0 * pi * stiffness) * (3.0 + POISSON) / (1.0 + POISSON)
    return THREE_POINTS * 1000.0 * ring_m


def heat_w() -> float:
    """Give the heat inside the pads: sensors only, the rest is in the box."""
    return 6.0 * float(burdens()["FSR_left_1"].watts or 0.0)


def lines() -> list[str]:
    """Say for each line of the bill of materials what it bears, and of how much its maker allows."""
    found, borne = [], burdens()
    columns = {"volts": "max_v", "amperes": "max_a", "watts": "max_w", "newtons": "max_n"}
    with (FOLDER / "bom.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            ref = row["refs"].split()[0]
            cells = []
            for quantity, column in columns.items():
                bears = getattr(borne.get(ref), quantity, None)
                cells.append(f"{bears:9.3g} of {row[column]:6}" if bears is not None and row[column] else " " * 19)
            if any(cell.strip() for cell in cells):
                found.append(f"{ref:12}" + "".join(cells))
    return found


if __name__ == "__main__":
    print(f"{'part':12}{'volts':>12}{'amperes':>21}{'watts':>17}{'newtons':>21}")
    print("\n".join(lines()))
    print(f"foot {foot_pa() / 1e6:.2f} MPa; sensor {1e3 * sensor_a():.2f} of {1e3 * allowed_sensor_a():.2f} mA; "
          f"plate {plate_stress_pa() / 1e6:.1f} MPa, sags {plate_sag_mm():.2f} mm; pads {1e3 * heat_w():.1f} mW; "
          f"supply {1e3 * supply_a():.0f} mA")  # fmt: skip
