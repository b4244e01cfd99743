"""What the doctor makes of Python, libraries, boot settings, power, clock and disk; what it reads from a file tree."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from qlmat.doctor import Finding, exit_code, failed, report, warning, worst
from qlmat.doctor_machine import (
    Machine,
    Moment,
    Software,
    Storage,
    clock_findings,
    machine_findings,
    software_findings,
    storage_findings,
)
from qlmat.doctor_probe import kernel_driver, others_on, see_machine, see_moment, see_storage, service_runs
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.checks import see_pins_access
from tests.doctor.benches import told

SOFTWARE = Software((3, 11, 2), {"adafruit-circuitpython-ads1x15": "3.0.5", "gpiozero": "2.0.1"}, "good", "/run", True)
LINES = "dtparam=i2c_arm=on\ndtparam=i2c_arm_baudrate=400000\n[pi5]\nfoo=1\n[all]\ngpio=18,13,24=op,dl\n"
PI = Machine("Raspberry Pi Zero 2 W", LINES, (18, 13, 24), True, True, "open", 0, 48.0)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_a_sound_pi_has_nothing_to_improve() -> None:
    assert worst([*software_findings(SOFTWARE, True), *machine_findings(PI)]) == "good"


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("python", {"python": (3, 9, 2)}, "3.9.2"),
        ("libraries", {"libraries": {"paho-mqtt": None}}, "paho-mqtt"),
        ("adc_driver", {"libraries": {"adafruit-circuitpython-ads1x15": "2.4.4"}}, "2.4.4"),
        ("gpiozero", {"libraries": {"gpiozero": "1.6.2"}}, "1.6.2"),
        ("lgpio", {"pin_library": "missing"}, "missing"),
        ("lgpio", {"pin_library": "empty"}, "0.0.0.2"),
        ("lgpio_pipes", {"pipe_folder_open": False}, "/run"),
    ],
)
def test_software_that_would_fail_on_a_pi_is_named(name: str, change: dict[str, Any], said: str) -> None:
    wrong = told(software_findings(replace(SOFTWARE, **change), True))
    assert wrong[name].verdict == "failed"
    assert said in wrong[name].said


def test_a_laptop_needs_no_pin_library() -> None:
    assert exit_code(software_findings(replace(SOFTWARE, pin_library="missing", pipe_folder_open=False), False)) == 0


@pytest.mark.parametrize(
    ("name", "change", "verdict"),
    [
        ("boot_config", {"boot_config": LINES.replace("gpio=18,13,24=op,dl", "")}, "warning"),
        ("boot_config", {"boot_config": LINES.replace("dtparam", "# dtparam")}, "warning"),
        ("boot_config", {"boot_config": LINES.replace("[all]", "")}, "warning"),
        ("stop_helper", {"stop_helper": False}, "failed"),
        ("gpio", {"gpio": "forbidden"}, "failed"),
        ("gpio", {"gpio": "missing"}, "failed"),
        ("power", {"throttled": 0x50005}, "failed"),
        ("power", {"throttled": 0x50000}, "warning"),
        ("heat", {"temperature_c": 82.0}, "warning"),
    ],
)
def test_a_pi_that_is_not_set_up_is_told_what_to_do(name: str, change: dict[str, Any], verdict: str) -> None:
    wrong = told(machine_findings(replace(PI, **change)))
    assert wrong[name].verdict == verdict


def test_a_machine_that_is_no_pi_is_not_judged_as_one() -> None:
    assert worst(machine_findings(replace(PI, model=None, gpio="missing"))) == "skipped"


@pytest.mark.parametrize(
    ("moment", "verdict"),
    [
        (Moment(NOW, True, False), "good"),
        (Moment(NOW, None, True), "good"),
        (Moment(NOW, False, False), "warning"),
        (Moment(NOW.replace(year=2019), True, False), "warning"),
    ],
)
def test_a_clock_that_may_be_wrong_is_told(moment: Moment, verdict: str) -> None:
    assert worst(clock_findings(moment)) == verdict


@pytest.mark.parametrize(
    ("storage", "name", "verdict"),
    [
        (Storage("/s", 2**30, True, {"a.db": "ok"}), None, "good"),
        (Storage("/s", 100 * 2**20, True, {}), "disk", "warning"),
        (Storage("/s", 2**20, True, {}), "disk", "failed"),
        (Storage("/s", 2**30, False, {}), "writable", "failed"),
        (Storage("/s", 2**30, True, {"a.db": "row 3 missing"}), "database", "failed"),
    ],
)
def test_a_disk_that_cannot_keep_sessions_is_told(storage: Storage, name: str | None, verdict: str) -> None:
    found = storage_findings(storage)
    assert worst(found) == verdict
    assert name is None or name in told(found)


# --- what is read from a file tree -------------------------------------------------------------------------------


def _write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_pi_is_read_from_its_files(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
            "boot/firmware/config.txt": LINES,
            "sys/module/pinctrl_bcm2835/parameters/persist_gpio_outputs": "Y\n",
            "sys/devices/platform/soc/soc:firmware/get_throttled": "50000\n",
            "sys/class/thermal/thermal_zone0/temp": "51540\n",
            "etc/systemd/system/qlmat.service": "[Service]\nExecStopPost=/x\n",
        },
    )
    seen = see_machine(BOARD_V1, "open", tmp_path)
    assert seen == Machine("Raspberry Pi 4 Model B Rev 1.4", LINES, (18, 13, 24), True, True, "open", 0x50000, 51.54)


def test_a_running_service_is_seen_by_its_processes(tmp_path: Path) -> None:
    assert not service_runs(tmp_path)
    _write(tmp_path, {"sys/fs/cgroup/system.slice/qlmat.service/cgroup.procs": "712\n"})
    assert service_runs(tmp_path)


def test_a_kernel_driver_is_seen_by_its_link(tmp_path: Path) -> None:
    chip, driver = tmp_path / "sys/bus/i2c/devices/1-0048", tmp_path / "sys/bus/i2c/drivers/ads1015"
    chip.mkdir(parents=True)
    driver.mkdir(parents=True)
    assert kernel_driver(1, 0x48, tmp_path) is None
    (chip / "driver").symlink_to(driver)
    assert kernel_driver(1, 0x48, tmp_path) == "ads1015"


def test_another_program_is_seen_by_its_open_file(tmp_path: Path) -> None:
    _write(tmp_path, {"proc/77/comm": "octoprint\n"})
    (tmp_path / "proc/77/fd").mkdir()
    (tmp_path / "proc/77/fd/5").symlink_to("/dev/i2c-1")
    assert others_on("/dev/i2c-1", tmp_path) == ("octoprint (77)",)
    assert others_on("/dev/i2c-3", tmp_path) == ()


def test_the_clock_is_set_by_the_network_when_systemd_says_so(tmp_path: Path) -> None:
    assert see_moment(tmp_path).synchronized is None
    _write(tmp_path, {"run/systemd/timesync/synchronized": ""})
    assert see_moment(tmp_path).synchronized is True


def test_a_broken_database_is_found_and_a_sound_one_is_not(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "sound.db") as database:
        database.execute("create table t (x)")
    database.close()
    (tmp_path / "torn.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    answers = see_storage(str(tmp_path)).databases
    assert answers[str(tmp_path / "sound.db")] == "ok"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sound.db", "torn.db"]
    assert answers[str(tmp_path / "torn.db")] != "ok"


def test_pins_that_are_not_there_are_missing(tmp_path: Path) -> None:
    assert see_pins_access(tmp_path) == "missing"
    (tmp_path / "gpiochip0").touch()
    assert see_pins_access(tmp_path) == "open"


# --- the report --------------------------------------------------------------------------------------------------


def test_only_what_failed_gives_exit_code_1() -> None:
    tight, broken = warning("Bus", "x", "slow", "do"), failed("Bus", "y", "gone", "do")
    assert (exit_code([tight]), exit_code([tight, broken]), exit_code([])) == (0, 1, 0)


def test_a_finding_says_what_to_do_exactly_when_something_is_wrong() -> None:
    with pytest.raises(ValueError, match="say what to do"):
        Finding("Bus", "x", "failed", "gone")
    with pytest.raises(ValueError, match="say what to do"):
        Finding("Bus", "x", "good", "there", "do")


def test_the_report_for_programs_names_every_verdict() -> None:
    made = report([warning("Bus", "x", "slow", "do", scl_hz=1)], {"qlmat": "0"})
    assert made["counts"] == {"good": 0, "skipped": 0, "warning": 1, "failed": 0}
    assert made["findings"][0]["seen"] == {"scl_hz": 1}
