"""Run the real command line in processes of its own."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

PATIENCE_S = 60.0  # for a loaded machine; every wait ends as soon as its condition holds
QLMAT = [sys.executable, "-m", "qlmat.cli.main"]


def environment(**changes: str) -> dict[str, str]:
    """Give our environment without a display and without colours, so that output is the same everywhere."""
    kept = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QLMAT_DEBUG")}
    return kept | {"NO_COLOR": "1", "COLUMNS": "200", "TERM": "dumb"} | changes


def qlmat(*arguments: str, cwd: Path, stdin: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [*QLMAT, *arguments],
        cwd=cwd,
        env=environment(**changes),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


class Running:
    """A command that runs until it is told to end."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: SimpleQueue[str] = SimpleQueue()
        self.seen: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, words: str) -> str:
        """Return the first line that holds `words`."""
        while True:
            line = self._lines.get(timeout=PATIENCE_S)
            self.seen.append(line)
            if words in line:
                return line

    def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code; the rest of the output is in `seen`."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        while not self._lines.empty():
            self.seen.append(self._lines.get())
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)


@contextmanager
def running(*arguments: str, cwd: Path) -> Iterator[Running]:
    """Start a command; killed when the test is over, if it still runs."""
    process = subprocess.Popen(
        [*QLMAT, *arguments],
        cwd=cwd,
        env=environment(PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            yield Running(process)
        finally:
            process.kill()


@contextmanager
def taken_port() -> Iterator[int]:
    """Listen on a loopback port, so that nobody else can."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def closed_port() -> int:
    """Find a loopback port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Tell whether somebody takes connections on a loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
