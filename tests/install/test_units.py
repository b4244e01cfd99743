"""The units are what systemd itself calls clean and closed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).parents[2] / "systemd"
ANALYZE = shutil.which("systemd-analyze")
pytestmark = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed: sudo apt install systemd")


def analyze(*arguments: str) -> str:
    """Run systemd-analyze and return all it says."""
    command = [str(ANALYZE), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout


@pytest.mark.parametrize(
    ("unit", "most"), [("qlmat.service", 1.4), ("qlmat-dashboard.service", 1.2), ("qlmat-backup.service", 1.2)]
)
def test_exposure_stays_at_what_is_promised(unit: str, most: float) -> None:
    said = analyze("security", "--offline=true", "--no-pager", str(SYSTEMD / unit))
    score = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
    assert score is not None, said
    assert float(score[1]) <= most


@pytest.mark.parametrize("unit", ["qlmat.service", "qlmat-dashboard.service", "qlmat-backup.service"])
def test_systemd_finds_nothing_to_complain_about(unit: str, tmp_path: Path) -> None:
    # Only the program is not installed here: another one takes its place, so that nothing has to be overheard.
    text = (
        (SYSTEMD / unit)
        .read_text()
        .replace("/opt/qlmat/bin/qlmat", "/bin/true")
        .replace("/opt/qlmat/bin/python", "/bin/true")
    )
    (tmp_path / unit).write_text(text)
    command = [str(ANALYZE), "verify", "--man=no", str(tmp_path / unit)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert [line for line in ended.stderr.splitlines() if unit in line] == []
    assert ended.returncode == 0


def test_the_daemon_is_watched_by_its_samples_and_never_waits_for_the_broker() -> None:
    text = (SYSTEMD / "qlmat.service").read_text()
    assert "Type=notify" in text
    assert re.search(r"^WatchdogSec=\d+$", text, re.MULTILINE)
    assert re.search(r"^ExecStopPost=.*outputs_low", text, re.MULTILINE)
    assert not re.search(r"^(Requires|BindsTo|PartOf)=", text, re.MULTILINE)


def test_every_day_what_is_too_old_goes_before_the_copy_is_taken() -> None:
    service = (SYSTEMD / "qlmat-backup.service").read_text()
    assert re.search(r"^ExecStartPre=-/opt/qlmat/bin/qlmat tidy .*--config", service, re.MULTILINE)
    assert service.index("qlmat tidy") < service.index("qlmat backup")
    assert re.search(r"^OnCalendar=daily$", (SYSTEMD / "qlmat-backup.timer").read_text(), re.MULTILINE)
