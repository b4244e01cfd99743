"""Each known pitfall of the ADC, its bus and its pins, planted in the emulator, is found and named."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest

from qlmat.cli.doctor_mat import Bench, examine, virtual_bench
from qlmat.core.model import Chip
from qlmat.doctor import Finding, worst
from qlmat.doctor_mat import (
    BusSeen,
    ChipSeen,
    InputSeen,
    OutputSeen,
    ScansSeen,
    bus_findings,
    button_findings,
    chip_findings,
    output_findings,
    press_findings,
    rest_findings,
)
from qlmat.sim.ads1x15 import VirtualAds1x15
from qlmat.sim.clock import VirtualClock
from qlmat.sim.faults import Fault
from qlmat.sim.i2c import IDLE_CORE_RATIO, VirtualI2C
from qlmat.sim.mat import VirtualMat
from qlmat.sim.sensor_faults import SensorFault
from qlmat_firmware.board import BOARD_V1
from tests.doctor.benches import Meddler, bench, settings, slow_chip, told

Spoil = Callable[[VirtualMat], object]


def resets(made: Bench) -> int:
    bus = cast(VirtualI2C, made.i2c)
    return sum(cast(VirtualAds1x15, bus.detach(chip.address)).resets for chip in BOARD_V1.chips)


@pytest.mark.parametrize("asked", [False, True])
def test_the_chips_are_reset_only_on_demand(asked: bool) -> None:
    made = bench()
    found = examine(settings(), made, reset=asked)
    assert [finding.said for finding in found if finding.name == "reset"] == [
        "every ADS1x15 on the bus has forgotten its settings"
    ] * asked
    assert {finding.verdict for finding in found} <= {"good", "skipped"}
    assert resets(made) == 2 * asked


def test_a_reset_that_nobody_takes_is_told() -> None:
    made = bench(lambda mat: [mat.i2c.detach(chip.address) for chip in BOARD_V1.chips])
    found = told(examine(settings(), made, reset=True))
    assert "SDA" in found["reset"].todo


def findings(made: Bench, text: str = "") -> dict[str, Finding]:
    """Let the doctor look; what is wrong, by name."""
    return told(examine(settings(text), made))


def test_a_sound_mat_with_a_helping_person_has_nothing_to_improve_and_nothing_untried() -> None:
    found = examine(settings(), virtual_bench(settings()))
    assert worst(found) == "good", told(found)
    assert {
        "speed",
        "addresses",
        "answer",
        "rail",
        "at_rest",
        "rate",
        "pressed",
        "motor",
        "buzzer",
        "led",
        "button",
    } == {finding.name for finding in found}


def test_a_sound_mat_with_nobody_beside_it_switches_nothing_on() -> None:
    made = bench()
    found = examine(settings(), made)
    assert worst(found) == "skipped"
    for pin in (BOARD_V1.motor_pin, BOARD_V1.buzzer_pin, BOARD_V1.led_pin):
        assert not any(moment.state for moment in made.pins.pin(pin).states)


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("answer", lambda mat: mat.i2c.detach(0x48)),
        ("answer", lambda mat: mat.i2c.faults.add(Fault("nack", 0.0, address=0x48))),
        ("errors", lambda mat: mat.i2c.faults.add(Fault("io_error", 0.1, 0.102))),
        ("errors", lambda mat: mat.i2c.faults.add(Fault("timeout", 0.1, 0.102, cost_s=0.01))),
        ("unfinished", lambda mat: mat.i2c.faults.add(Fault("stuck_low", 0.0, address=0x48))),
        ("unfinished", lambda mat: mat.i2c.faults.add(Fault("stuck_high", 0.0, address=0x48))),
        ("inputs", lambda mat: mat.i2c.faults.add(Fault("config_word", 0.0, address=0x49))),
        ("left_2", lambda mat: mat.inject(SensorFault("short", 0.0, sensor="left_2"))),
        ("right_3", lambda mat: mat.inject(SensorFault("intermittent", 0.0, sensor="right_3"))),
        ("rail", lambda mat: mat.inject(SensorFault("rail_sag", 0.0, volts=0.4))),
    ],
)
def test_a_planted_fault_is_found_and_named(name: str, spoil: Spoil) -> None:
    wrong = findings(bench(spoil))
    assert name in wrong, wrong
    assert wrong[name].todo


@pytest.mark.parametrize(("ratio", "verdict"), [(0.9, None), (1.1, None), (0.8, "warning"), (1.25, "warning")])
def test_a_chip_whose_clock_is_beyond_its_data_sheet_is_found(ratio: float, verdict: str | None) -> None:
    wrong = findings(bench(traits=slow_chip(ratio)))
    assert (wrong["clock"].verdict if "clock" in wrong else None) == verdict


@pytest.mark.parametrize(
    ("scl_hz", "core_ratio", "wrong"), [(100e3, 1.0, True), (400e3, IDLE_CORE_RATIO, True), (400e3, 1.0, False)]
)
def test_a_bus_slower_than_it_was_set_is_found(scl_hz: float, core_ratio: float, wrong: bool) -> None:
    assert ("speed" in findings(bench(scl_hz=scl_hz, core_ratio=core_ratio))) == wrong


def test_another_program_on_the_same_chip_is_found() -> None:
    made = bench()
    meddled = replace(made, i2c=Meddler(cast(VirtualI2C, made.i2c)))
    assert findings(meddled)["settings"].verdict == "failed"


def test_a_board_slower_than_its_scan_rate_is_found() -> None:
    wrong = findings(bench(software_s=2e-3))
    assert wrong["rate"].verdict == "warning"


def test_a_twelve_bit_chip_sold_as_a_sixteen_bit_one_is_found() -> None:
    small = replace(BOARD_V1, chips=(Chip(0x48, "ads1015"), Chip(0x49)))
    made = bench(lambda mat: mat.inject(SensorFault("drifting", 0.0, sensor="left_1")), small)
    assert "part" in findings(made)


def test_a_second_chip_that_the_board_does_not_know_is_told() -> None:
    alone = replace(BOARD_V1, chips=BOARD_V1.chips[:1], sensors=BOARD_V1.sensors[:3])
    assert told(bus_findings(BusSeen("bus", (0x48, 0x49), 400e3, 0.0), alone))["addresses"].verdict == "warning"


def test_a_kernel_driver_on_the_chip_is_found_and_the_chip_left_alone() -> None:
    made = replace(bench(), driver_of=lambda address: "ads1015" if address == 0x48 else None)
    assert "kernel's ads1015" in findings(made)["kernel_driver"].said


def test_other_programs_on_the_bus_and_a_stuck_transfer_are_told() -> None:
    wrong = told(bus_findings(BusSeen("bus", (0x48, 0x49), 400e3, 0.9, ("octoprint (77)",)), BOARD_V1))
    assert "octoprint" in wrong["shared"].said
    assert "900 ms" in wrong["stuck"].said


def test_a_bus_faster_than_the_chips_allow_fails() -> None:
    assert told(bus_findings(BusSeen("bus", (0x48, 0x49), 1e6, 0.0), BOARD_V1))["speed"].verdict == "failed"


def test_a_chip_that_never_answered_is_one_finding_not_five() -> None:
    assert len(chip_findings([ChipSeen(0x48, "ads1115", False)])) == 1


def test_an_open_lead_shows_when_every_foot_was_pressed() -> None:
    rest = [InputSeen(sensor.name, 0.1, 0.0, 0.11) for sensor in BOARD_V1.sensors]
    pressed = [InputSeen(each.name, 0.4, 0.0, 1.2 if each.name != "left_3" else 0.1) for each in rest]
    lifted = [replace(each, highest_v=1.2) for each in pressed]
    at_rest = ScansSeen(rest, 50.0)
    assert "left_3" in told(press_findings(at_rest, ScansSeen(pressed, 50.0), BOARD_V1))["pressed"].said
    assert not told(press_findings(at_rest, ScansSeen(lifted, 50.0), BOARD_V1))


def test_a_pad_that_is_not_empty_is_told_and_a_floating_ground_fails() -> None:
    volts = {"left_1": 1.0, "left_2": -0.1}
    inputs = [
        InputSeen(c.name, volts.get(c.name, 3.3 if "rail" in c.name else 0.1), 0.0, 0.2) for c in BOARD_V1.channels
    ]
    wrong = told(rest_findings(ScansSeen(inputs, 50.0), BOARD_V1, 50.0))
    assert (wrong["left_1"].verdict, wrong["left_2"].verdict) == ("warning", "failed")


def test_an_output_that_stays_on_or_is_not_noticed_fails() -> None:
    stuck, silent = OutputSeen("motor", True, True, False), OutputSeen("buzzer", True, False, True)
    assert set(told(output_findings([stuck, silent]))) == {"motor", "buzzer"}


@pytest.mark.parametrize(
    ("at_rest", "asked", "verdict"), [(True, None, "failed"), (False, False, "failed"), (False, True, "good")]
)
def test_a_button_is_judged_by_rest_and_press(at_rest: bool, asked: bool | None, verdict: str) -> None:
    assert worst(button_findings(at_rest, asked)) == verdict


def test_a_button_that_is_down_all_the_time_is_found_on_the_pins() -> None:
    made = bench()
    cast(VirtualClock, made.clock).call_at(1.3, made.pins.pin(BOARD_V1.button_pin).drive_low)
    assert findings(made)["button"].verdict == "failed"
