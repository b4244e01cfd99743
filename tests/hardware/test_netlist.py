"""The netlist a person solders from and the board table the code reads state the same wiring."""

import csv
from collections import defaultdict
from pathlib import Path

from qlmat_firmware.board import BOARD_V1

NETLIST = Path(__file__).parents[2] / "hardware" / "netlist.csv"
ADDRESS_OF_ADDR_NET = {"GND": 0x48, "3V3": 0x49, "SDA": 0x4A, "SCL": 0x4B}  # ADS1115 datasheet 9.5.1.1

Pins = set[tuple[str, str]]


def nets() -> dict[str, Pins]:
    found: dict[str, Pins] = defaultdict(set)
    with NETLIST.open(newline="") as file:
        for row in csv.DictReader(file):
            found[row["net"]].add((row["part"], row["pin"]))
    return found


def net_of(part: str, pin: str) -> str:
    return next(name for name, pins in nets().items() if (part, pin) in pins)


def chip_part(address: int) -> str:
    parts = {part for pins in nets().values() for part, pin in pins if pin == "ADDR"}
    return next(part for part in parts if ADDRESS_OF_ADDR_NET[net_of(part, "ADDR")] == address)


def test_every_pin_is_on_exactly_one_net() -> None:
    pins = [pin for pins in nets().values() for pin in pins]
    assert len(pins) == len(set(pins))


def test_each_sensor_reaches_the_input_that_the_code_reads() -> None:
    for sensor in BOARD_V1.sensors:
        sense = net_of(f"FSR_{sensor.name}", "2")
        assert (chip_part(sensor.chip), f"AIN{sensor.input}") in nets()[sense]
        assert (f"RM_{sensor.name}", "1") in nets()[sense]


def test_each_rail_input_reads_the_rail_that_feeds_the_dividers() -> None:
    for chip in BOARD_V1.chips:
        rail = net_of(chip_part(chip.address), f"AIN{chip.rail_input}")
        fed = {net_of(f"FSR_{sensor.name}", "1") for sensor in BOARD_V1.sensors if sensor.chip == chip.address}
        assert fed == {rail}


def test_each_pin_of_the_pi_drives_what_the_code_drives() -> None:
    wired = {name: net_of("PI", f"GPIO{pin}") for name, pin in PINS.items()}
    assert wired == {"motor": "MOTOR", "buzzer": "BUZZER", "led": "LED", "button": "BUTTON"}


def test_motor_and_buzzer_are_pulled_down_when_nobody_drives_them() -> None:
    for gate in ("MOTOR_GATE", "BUZZER_GATE"):
        resistor = next(part for part, pin in nets()[gate] if part.startswith("RG"))
        assert net_of(resistor, "2") == "GND"


PINS = {
    "motor": BOARD_V1.motor_pin,
    "buzzer": BOARD_V1.buzzer_pin,
    "led": BOARD_V1.led_pin,
    "button": BOARD_V1.button_pin,
}
