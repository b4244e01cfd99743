"""Netlist, board table, bill of materials and drawings state one mat, and no part of it is asked for too much."""

import csv
import re
from collections import Counter

import pytest

from hardware import dimensions, loads, mechanics, tables, wiring
from qlmat.sim.pad import RigidPad
from qlmat_firmware.board import BOARD_V1, DIVIDER_OHM, FOOT_RADIUS_MM

CARRYING = {"CLOTH", "GRIP", "STRAP"}


def rows() -> list[dict[str, str]]:
    with (tables.FOLDER / "bom.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_part_of_the_netlist_is_in_the_bill_of_materials_once() -> None:
    listed = Counter(ref for row in rows() for ref in row["refs"].split())
    assert set(listed.values()) == {1}
    assert {part for part, _ in tables.pins()} <= set(listed)


def test_quantities_count_the_references() -> None:
    wrong = [row["refs"] for row in rows() if len(row["refs"].split()) not in (1, int(row["quantity"]))]
    assert wrong == []


def test_every_bought_part_has_a_number_a_reason_and_an_alternative() -> None:
    for row in rows():
        assert row["number"] and (row["why"] or row["refs"] in CARRYING), row["refs"]
        if row["maker"]:
            assert row["alternative"], row["refs"]
            assert row["number_seen"], (
                f"{row['refs']}: where was its number seen? 'no: check at the distributor' will do"
            )


def test_the_divider_resistors_are_those_the_code_divides_by() -> None:
    for sensor in BOARD_V1.sensors:
        assert loads.ohms(f"RM_{sensor.name}") == sensor.divider_ohm == DIVIDER_OHM


@pytest.mark.parametrize("name", sorted({**mechanics.files(), "wiring.svg": ""}))
def test_the_committed_drawings_are_the_ones_the_scripts_draw(name: str) -> None:
    drawn = {**mechanics.files(), "wiring.svg": wiring.wiring()}[name]
    places = [tables.FOLDER, tables.DOCS] if name.endswith(".svg") else [tables.FOLDER]
    stale = [place for place in places if (place / name).read_text() != drawn]
    assert stale == [], "run 'python -m hardware.mechanics; python -m hardware.wiring'"


def test_the_wiring_drawing_joins_each_pin_of_each_part_to_a_wire() -> None:
    joints = wiring.wiring().count('r="3.2"')
    assert joints == sum(1 for part, _ in tables.pins() if part != "PI")


def test_the_printed_parts_have_the_feet_of_the_board_table() -> None:
    text = (tables.FOLDER / "scad" / "dimensions.scad").read_text()
    listed = re.search(r"feet = \[(.*)\];", text)
    assert listed
    numbers = [float(each) for each in re.findall(r"-?[\d.]+", listed[1])]
    assert numbers == pytest.approx([mm for foot in BOARD_V1.sensors[:3] for mm in (foot.x_mm, foot.y_mm)], abs=0.01)


def test_feet_sensors_and_pads_fit_beside_one_another() -> None:
    assert dimensions.PLATE_R >= FOOT_RADIUS_MM + dimensions.FOOT_R
    assert dimensions.PAD_APART > 2 * dimensions.PLATE_R
    assert dimensions.PAD_APART + 2 * dimensions.PLATE_R < dimensions.BASE_W
    assert 2 * dimensions.FOOT_R < dimensions.SENSOR_ACTIVE
    assert mechanics.clear_under_plate_mm() > 5 * loads.plate_sag_mm()


def test_inside_the_drawn_circle_no_foot_lifts() -> None:
    import numpy as np

    angle = np.linspace(0, 2 * np.pi, 360)
    r = 0.999 * dimensions.loaded_r()
    pad = RigidPad(BOARD_V1.sensors[:3])
    split = pad.split(np.full(360, 100.0), r * np.cos(angle), r * np.sin(angle))
    assert split.min() > 0.0
    assert pad.split(np.array([100.0]), np.array([0.0]), np.array([-1.1 * dimensions.loaded_r()])).min() == 0.0


@pytest.mark.parametrize("quantity", ["volts", "amperes", "watts", "newtons"])
def test_no_part_bears_more_than_its_maker_allows_at_400_newtons_on_one_pad(quantity: str) -> None:
    column = {"volts": "max_v", "amperes": "max_a", "watts": "max_w", "newtons": "max_n"}[quantity]
    burdens = loads.burdens()
    judged = 0
    for row in rows():
        for ref in row["refs"].split():
            if not row[column]:
                continue
            bears = getattr(burdens[ref], quantity)
            assert bears is not None, f"{ref} has a limit of {row[column]} and nobody computed its {quantity}"
            assert bears <= float(row[column]), f"{ref} bears {bears:.4g} {quantity}, its limit is {row[column]}"
            judged += 1
    assert judged >= 5


def test_the_table_for_people_has_a_line_for_every_part_with_a_limit() -> None:
    limited = [row["refs"].split()[0] for row in rows() if any(row[f"max_{unit}"] for unit in "vawn")]
    assert [line.split()[0] for line in loads.lines()] == limited


def test_the_sensors_are_neither_saturated_nor_overdriven() -> None:
    assert loads.foot_pa() < loads.SATURATES_PA[0]
    assert loads.sensor_a() < loads.allowed_sensor_a()


def test_the_plate_neither_breaks_nor_touches_the_base() -> None:
    assert loads.plate_stress_pa() < loads.PETG_BREAKS_PA / 3
    assert loads.plate_sag_mm() < 0.6


def test_the_pads_stay_cold_and_the_supply_suffices() -> None:
    assert loads.heat_w() < 0.05
    assert loads.supply_a() < 0.3


def test_gpio_pins_give_no_more_than_their_16_milliamperes() -> None:
    for ref in ("RS1", "RS2", "RL1"):
        assert (loads.burdens()[ref].amperes or 0.0) < 0.016
