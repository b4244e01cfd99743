"""The daemon started as the unit starts it, a service manager listening: no broker keeps it from its work."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shell.brokers import PATIENCE_S, free_port

UNIT = Path(__file__).parents[2] / "systemd" / "qlmat.service"


@pytest.fixture
def manager(tmp_path: Path) -> socket.socket:
    """Listen as systemd does."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(str(tmp_path / "notify"))
    listener.settimeout(PATIENCE_S)
    return listener


def test_the_service_is_ready_without_a_broker_and_ends_in_peace(tmp_path: Path, manager: socket.socket) -> None:
    (tmp_path / "qlmat.toml").write_text(f'[broker]\nhost = "127.0.0.1"\nport = {free_port()}\n')
    start = re.search(r"^ExecStart=/opt/qlmat/bin/qlmat (.*)$", UNIT.read_text(), re.MULTILINE)
    assert start is not None
    said = start[1].replace("--device pi", "--device virtual").replace("/etc/qlmat", str(tmp_path))
    process = subprocess.Popen(
        [sys.executable, "-m", "qlmat.cli.main", *said.split()],
        env=os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "20000000"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with manager, process:
        assert manager.recv(4096) == b"READY=1"
        assert manager.recv(4096) == b"WATCHDOG=1"
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
