"""The emulator computes what SPICE computes from the netlists, and the netlists keep their parts alive.

These tests need ngspice and fail without it: an emulator that nobody compared is a guess.
"""

import csv
from pathlib import Path

import numpy as np
import pytest

from bench.analogue import divider, floating_gate_v, motor
from bench.analogue_spice import FOLDER, netlist, simulate, without
from qlmat.sim.ads1x15 import ChipTraits, VirtualAds1x15
from qlmat.sim.analog import FixedVolts
from qlmat.sim.load import RecordedLoad
from qlmat.sim.sensor_faults import SensorFaults
from qlmat.sim.signal import IDEAL, BoardSignal, Imperfections
from qlmat_firmware.board import BOARD_V1

BOM = Path(__file__).parents[2] / "hardware" / "bom.csv"
FILTER_ONLY = Imperfections(
    parts=False, preload_n=0.0, rail_sigma_v=0.0, rail_motor_v=0.0, mains_v=0.0, motor_ratio=0.0
)
FEET = len(BOARD_V1.sensors)


def emulated(t_s: list[float], newtons: list[float], how: Imperfections) -> BoardSignal:
    names = tuple(sensor.name for sensor in BOARD_V1.sensors)
    load = RecordedLoad(t_s, np.tile(np.array(newtons)[:, None], (1, FEET)))
    return BoardSignal(BOARD_V1, load, SensorFaults(names, (), None), how)


def test_the_emulated_divider_is_that_of_spice_from_1_to_400_newtons() -> None:
    spice = simulate(without(netlist("divider"), "RIN"), "dc Vforce 1 400 1", "v(sense)")
    signal = emulated([0.0, 399.0], [1.0, 400.0], IDEAL)
    ours = np.array([signal.mean(0, float(t), float(t))[0] for t in range(400)])
    assert np.abs(ours / spice[:, 1] - 1.0).max() < 0.005


def test_the_emulated_converter_draws_from_its_source_what_spice_says() -> None:
    bare = simulate(without(netlist("divider"), "RIN"), "dc Vforce 5 200 195", "v(sense)")
    loaded = simulate(netlist("divider"), "dc Vforce 5 200 195", "v(sense)")
    for (force_n, open_v), (_, read_v) in zip(bare, loaded, strict=True):
        source_ohm = 1.0 / (1.0 / 1000.0 + 1.0 / (16_960.0 / force_n + 500.0))
        chip = VirtualAds1x15("ads1115", FixedVolts(float(open_v), source_ohm=source_ohm), ChipTraits(), None)
        assert converted_v(chip) == pytest.approx(read_v, rel=0.005)
        assert read_v < open_v


def converted_v(chip: VirtualAds1x15) -> float:
    """Convert input 0 once at +-4.096 V and 860 SPS."""
    chip.write(bytes([1, 0xC3, 0xE3]), 0)
    chip.write(bytes([0]), 5_000_000)
    high, low = chip.read(2, 5_000_000)
    return int.from_bytes(bytes([high, low]), "big", signed=True) * 4.096 / 32768


def test_the_emulated_filter_follows_a_step_as_spice_does() -> None:
    step = netlist("divider").replace("Vforce force 0 30", "Vforce force 0 PWL(0 20 0.1 20 0.1001 100 1 100)")
    spice = simulate(without(step, "RIN"), "tran 0.1m 0.3", "v(sense)")
    signal = emulated([0.0, 0.0999, 0.1, 1.0], [20.0, 20.0, 100.0, 100.0], FILTER_ONLY)
    for t_s in (0.05, 0.12, 0.14, 0.2):
        # The grid of 4 ms sees the step up to one point late.
        near = [np.interp(t_s - late_s, spice[:, 0], spice[:, 1]) for late_s in (0.0, 0.004)]
        ours = signal.mean(0, t_s, t_s)[0]
        assert 0.995 * min(near) <= ours <= 1.005 * max(near)


def test_no_current_through_a_sensor_exceeds_what_its_loaded_area_may_carry() -> None:
    at_full_a = divider()[-1, 2]
    part = next(row for row in parts() if "FSR_left_1" in row["refs"])
    assert at_full_a < float(part["max_a"])


def test_the_motors_turn_off_stays_far_below_what_its_transistor_stands() -> None:
    limit_v = float(next(row for row in parts() if "Q1" in row["refs"].split())["max_v"])
    assert motor()[:, 1].max() < limit_v / 3
    assert motor(diode=False)[:, 1].max() > limit_v


def test_a_floating_pin_leaves_the_motor_off() -> None:
    assert floating_gate_v() < 0.4


def test_the_buzzers_piezo_charges_and_discharges_in_every_half_period() -> None:
    volts = simulate(netlist("buzzer"), "tran 1u 5m", "v(low)")
    settled = volts[volts[:, 0] > 1e-3, 1]
    assert settled.min() < 0.1
    assert settled.max() > 4.9


@pytest.mark.parametrize(
    ("deck", "element", "ref"),
    [
        ("divider", "RM", "RM_left_1"),
        ("divider", "CF", "CF_left_1"),
        ("filter", "RM", "RM_left_1"),
        ("filter", "CF", "CF_left_1"),
        ("motor", "RV1", "RV1"),
        ("motor", "RS1", "RS1"),
        ("motor", "RG1", "RG1"),
        ("buzzer", "RD1", "RD1"),
        ("buzzer", "RG2", "RG2"),
    ],
)
def test_the_netlists_have_the_values_of_the_bill_of_materials(deck: str, element: str, ref: str) -> None:
    line = next(line for line in (FOLDER / f"{deck}.cir").read_text().splitlines() if line.split()[:1] == [element])
    value = next(row["value"] for row in parts() if ref in row["refs"].split())
    assert spoken(line.split()[-1]) == spoken(value.split()[0])


def spoken(value: str) -> float:
    """Read 1k, 10u, 220R or 27."""
    units = {"k": 1e3, "u": 1e-6, "n": 1e-9, "R": 1.0}
    return float(value[:-1]) * units[value[-1]] if value[-1] in units else float(value)


def parts() -> list[dict[str, str]]:
    with BOM.open(newline="") as file:
        return list(csv.DictReader(file))
