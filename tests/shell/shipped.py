"""The broker's rules as they are installed, with the logins and places of a test."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.shell.brokers import MOSQUITTO

INSTALLED = Path(__file__).parents[2] / "systemd" / "mosquitto"
OURS = ("listener", "allow_anonymous", "set_tcp_nodelay", "password_file", "acl_file")


def rules(*names: str, papers: Path | None = None) -> str:
    """Read configurations as they are shipped, but for ports and places of a real machine; certificates of `papers`."""
    lines = [line for name in names for line in (INSTALLED / name).read_text().splitlines()]
    kept = "\n".join(line for line in lines if not line.startswith(("#", *OURS))) + "\n"
    return kept.replace("/etc/mosquitto/qlmat-tls", str(papers))


def rights(folder: Path) -> str:
    """Put the rights of each login into a folder; the line that names them."""
    acl = folder / "acl"
    shutil.copy(INSTALLED / "qlmat.acl", acl)
    acl.chmod(0o600)
    return f"acl_file {acl}\n"


def logins(folder: Path, passwords: Mapping[str, str]) -> str:
    """Put hashed passwords and rights into a folder; the lines that name them. Skips the test without Mosquitto."""
    if MOSQUITTO is None or shutil.which("mosquitto_passwd") is None:
        pytest.skip("mosquitto is not installed: sudo apt install mosquitto")
    file = folder / "passwd"
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}:{password}\n" for name, password in passwords.items()))
    subprocess.run(["mosquitto_passwd", "-U", str(file)], check=True)
    return f"password_file {file}\n{rights(folder)}"
