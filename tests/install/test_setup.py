"""`setup.sh` run for real on a copy of /etc and a Pi's /boot, each bound over the real one for that command alone."""

import shutil
import subprocess
from pathlib import Path

import pytest

from qlmat.config import load
from qlmat.doctor_machine import WANTED_LINES, active_lines
from qlmat_firmware.board import BOARD_V1

ROOT = Path(__file__).parents[2]
BOOT = ROOT / "firmware" / "boot"
BOUND = ("etc", "boot", "var/lib")
OTHERS = "[all]\ndtparam=audio=on\n[pi4]\narm_boost=1\n"
ETC = ("passwd", "group", "shadow", "gshadow", "os-release", "hostname", "login.defs", "ssl", "systemd")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Make /etc and /boot of a machine of its own; skip where they cannot be bound."""
    tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    if tried.returncode != 0:
        pytest.skip("needs root, to bind a copy of /etc over the real one for one command")
    (tmp_path / "etc").mkdir()
    for name in ETC:
        source = Path("/etc") / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / "etc" / name, symlinks=True)
        elif source.exists():
            shutil.copy(source, tmp_path / "etc" / name)
    (tmp_path / "etc/mosquitto/conf.d").mkdir(parents=True)
    (tmp_path / "boot/firmware").mkdir(parents=True)
    (tmp_path / "var/lib").mkdir(parents=True)
    (tmp_path / "boot/firmware/config.txt").write_text(OTHERS)
    return tmp_path


def setup(machine: Path, *options: str) -> str:
    """Run setup.sh on the machine; what it said."""
    hide = "for at in /run/systemd /run/udev; do [ ! -d $at ] || mount -t tmpfs none $at; done"  # no service is touched
    binds = " && ".join(f"mount --bind {machine}/{name} /{name}" for name in BOUND)
    script = f"{hide} && {binds} && exec bash {BOOT}/setup.sh {' '.join(options)}"
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def tree(machine: Path) -> dict[str, bytes]:
    """Give every file and link of the machine, except the groups, which stay."""
    return {
        str(path.relative_to(machine)): path.read_bytes() if not path.is_symlink() else bytes(path.readlink())
        for path in sorted(machine.rglob("*"))
        if (path.is_symlink() or path.is_file()) and path.name.rstrip("-") not in ("group", "gshadow", ".pwd.lock")
    }


def test_it_says_what_it_would_do_and_does_nothing(machine: Path) -> None:
    before = tree(machine)
    said = setup(machine, "--dry-run", "--lan")
    assert "would write: /boot/firmware/config.txt" in said
    assert "would write: /etc/qlmat/qlmat.toml" in said
    assert tree(machine) == before


def test_a_second_run_changes_nothing(machine: Path) -> None:
    setup(machine, "--lan")
    first = tree(machine)
    setup(machine, "--lan")
    assert tree(machine) == first


def test_undoing_all_of_it_leaves_the_machine_as_it_was(machine: Path) -> None:
    before = tree(machine)
    setup(machine, "--lan", "--mat-id", "room-2")
    setup(machine, "--undo", "--purge")
    assert tree(machine) == before


def test_undoing_keeps_passwords_unless_told_otherwise(machine: Path) -> None:
    setup(machine)
    secret = (machine / "etc/qlmat/mat.password").read_text()
    setup(machine, "--undo")
    setup(machine)
    assert (machine / "etc/qlmat/mat.password").read_text() == secret


def test_the_pi_boots_with_bus_and_outputs_as_the_doctor_wants_them(machine: Path) -> None:
    setup(machine)
    config = (machine / "boot/firmware/config.txt").read_text()
    assert config.startswith(OTHERS)
    lines = active_lines(config)
    pins = f"gpio={BOARD_V1.motor_pin},{BOARD_V1.buzzer_pin},{BOARD_V1.led_pin}=op,dl"
    assert {*WANTED_LINES, pins, f"gpio={BOARD_V1.button_pin}=ip,pu"} <= set(lines)


def test_the_configuration_it_writes_is_read_by_the_mat_and_its_secrets_by_root_alone(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup(machine, "--mat-id", "room-2")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(machine / "etc/qlmat"))  # as systemd hands it to the service
    settings = load(machine / "etc/qlmat/qlmat.toml", BOARD_V1)
    assert (settings.mat.id, settings.broker.username) == ("room-2", "room-2")
    assert settings.broker.password() == (machine / "etc/qlmat/mat.password").read_text().strip()
    for secret in [*machine.glob("etc/qlmat/*.password"), *machine.glob("etc/qlmat/tls/*.key")]:
        assert secret.stat().st_mode & 0o077 == 0, secret


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_the_certificate_is_signed_by_the_authority_and_good_for_two_years(machine: Path) -> None:
    setup(machine)
    tls = machine / "etc/qlmat/tls"
    command = ["openssl", "verify", "-CAfile", str(tls / "ca.crt"), str(tls / "server.crt")]
    assert "OK" in subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(shutil.which("mosquitto_passwd") is None, reason="needs mosquitto")
def test_no_password_is_an_argument_of_a_program_where_everybody_sees_it(
    machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "arguments"
    for name in ("mosquitto_passwd", "openssl", "install", "grep", "cat"):
        real, spy = shutil.which(name), tmp_path / "spies" / name
        spy.parent.mkdir(exist_ok=True)
        spy.write_text(f'#!/bin/sh\nprintf "%s\\n" "$0 $*" >>{seen}\nexec {real} "$@"\n')
        spy.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "spies"), prepend=":")
    setup(machine)
    secrets = [path.read_text().strip() for path in machine.glob("etc/qlmat/*.password")]
    assert len(secrets) >= 5
    logins = (machine / "etc/mosquitto/qlmat.passwd").read_text()
    assert "mosquitto_passwd" in seen.read_text()
    assert not [secret for secret in secrets if secret in seen.read_text() or secret in logins]
    assert not list(machine.glob("etc/mosquitto/qlmat.passwd.*"))


@pytest.mark.skipif(shutil.which("mosquitto_passwd") is None, reason="needs mosquitto")
def test_logins_that_others_added_stay(machine: Path) -> None:
    setup(machine)
    passwords = machine / "etc/mosquitto/qlmat.passwd"
    passwords.write_text(passwords.read_text() + "room-7:$7$somebody\n")
    setup(machine)
    assert "room-7:" in passwords.read_text()
