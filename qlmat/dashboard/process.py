"""Start the page in a process of its own, and end it with ours."""

import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from qlmat.dashboard.server import address, listen
from qlmat.errors import QlmatError

START_S = 15.0  # a Pi Zero on a slow card takes 5
END_S = 2.0


@dataclass(frozen=True, slots=True)
class PageProcess:
    """A page that answers at `url`. `close` ends it; it also ends when this process does, however that dies."""

    url: str
    process: subprocess.Popen[bytes]

    def close(self) -> None:
        """End the page and wait for it; killed if it does not go."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.terminate()
        try:
            self.process.wait(timeout=END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_process(
    broker_host: str = "127.0.0.1",
    broker_port: int = 1883,
    host: str = "127.0.0.1",
    port: int | None = None,
    root: str = "qlmat",
    options: Sequence[str] = (),
) -> PageProcess:
    """Start the page's server beside us and return once it answers.

    With `port` None it takes the usual one or, when that is taken, any free one. `options`: more of what
    `python -m qlmat.dashboard` takes. Raises PortTakenError when the port asked for is taken, QlmatError with the
    server's last words when it does not come up.
    """
    told = ["--host", host, "--broker-host", broker_host, "--broker-port", str(broker_port), "--root", root, *options]
    with tempfile.TemporaryFile() as log, listen(host, port) as listener:
        page = PageProcess(address(listener), _spawn(listener, log, told))
        listener.close()  # ours: if the child dies, a waiting request fails at once instead of hanging
        try:
            with urllib.request.urlopen(f"{page.url}health", timeout=START_S):  # noqa: S310 - http, our own address
                return page
        except OSError as error:
            page.close()
            raise QlmatError(f"The page did not start: {_last_words(log)}") from error


def _spawn(listener: socket.socket, log: IO[bytes], told: list[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "qlmat.dashboard", "--listener", str(listener.fileno()), "--end-with-stdin"]
    return subprocess.Popen(  # noqa: S603 - our own module, no shell
        [*command, *told], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log, pass_fds=[listener.fileno()]
    )


def _last_words(log: IO[bytes]) -> str:
    log.seek(0)
    lines = [line for line in log.read().decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing. Run 'python -m qlmat.dashboard' to see why."
