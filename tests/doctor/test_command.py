"""`qlmat doctor` and `qlmat version --verbose` as a person runs them."""

import io
import json
from pathlib import Path

from rich.console import Console

from qlmat.cli.doctor_mat import examine, virtual_bench
from qlmat.cli.doctor_screen import screen
from qlmat.doctor import failed
from tests.cli.processes import qlmat
from tests.doctor.benches import settings

ABOUT = {"qlmat": "0", "mat": "mat", "model": None, "hardware": "emulated"}


def test_the_self_test_passes_on_any_machine_and_prints_one_object(tmp_path: Path) -> None:
    ended = qlmat("doctor", "--self-test", "--json", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    report = json.loads(ended.stdout)
    areas = {finding["area"] for finding in report["findings"]}
    assert {"Software", "Bus", "Chips", "Sensors", "Outputs", "Broker", "Clock", "Storage"} <= areas
    assert report["counts"]["failed"] == 0
    assert ended.stderr == ""


def test_a_machine_without_the_bus_fails_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("[bus]\nnumber = 31\n")
    ended = qlmat("doctor", "--no-broker", "--config", "c.toml", cwd=tmp_path)
    assert ended.returncode == 1
    assert "/dev/i2c-31 cannot be opened" in ended.stdout


def test_findings_fit_80_columns_and_24_lines_when_all_is_well() -> None:
    console = Console(width=80, file=io.StringIO(), color_system=None)
    console.print(screen(examine(settings(), virtual_bench(settings())), ABOUT))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]  # the StringIO above
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 24


def test_what_is_wrong_is_told_in_words_not_in_colour_alone() -> None:
    console = Console(width=80, file=io.StringIO(), color_system=None)
    console.print(screen([failed("Chips", "answer", "0x48 does not answer", "check its wires")], ABOUT))
    said = console.file.getvalue()  # type: ignore[attr-defined]  # the StringIO above
    assert "NO 0x48 does not answer" in said
    assert "-> check its wires" in said


def test_version_verbose_tells_what_a_report_needs(tmp_path: Path) -> None:
    said = qlmat("version", "--verbose", cwd=tmp_path).stdout
    for word in ("qlmat ", "system", "kernel", "board", "lgpio", "gpiozero", "paho-mqtt", "sqlite"):
        assert word in said
