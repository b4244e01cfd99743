"""Let every change to the disk fail in turn while a session is kept: `python -m bench.reliability_disk FOLDER ERROR`.

Runs under the kernel that obeys (`reliability_kernel`), which is a fault-injecting layer below SQLite: whatever the
store writes, syncs, cuts or opens to change goes through it. The session is 13 s of made-up scans by the real sink and
writer; only the pauses between retries are shorter.
"""

import ctypes
import errno
import json
import logging
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import qlmat.store.writer
from bench.reliability_kernel import environment
from qlmat.store.database import FILE
from qlmat.store.sink import StoreSink
from tests.store.practice import sink, ticks

ERRORS = ("ENOSPC", "EIO", "EROFS")
NAMES = ["session_started", "work_started", "marked", "session_done"]
RETRY_S = 0.02
PATIENCE_S = 20.0
FOR_EVER = 1 << 40


@dataclass(frozen=True, slots=True)
class Outcome:
    """One session: which change failed first, for good or not, if there was one; what was kept, if it was told."""

    change: int
    for_good: bool
    hit: bool
    whole: bool
    events: list[str]
    sessions: int
    frames: int
    told: bool
    seconds: float


class Ear(logging.Handler):
    """Hears whether anything was told."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told = False

    def emit(self, record: logging.LogRecord) -> None:
        """Note that an error was told."""
        self.told = True


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for a condition; RuntimeError if it never holds."""
    end_s = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > end_s:
            raise RuntimeError("never happened")
        time.sleep(0.0005)


def live(store: StoreSink) -> None:
    """Keep a session, letting the writer come along after each event, as it does in life."""
    for tick, scan in ticks():
        store.put(tick, scan)
        if tick.events:
            failures = store.writer.failures
            wait_until(lambda: not store.writer.unwritten or store.writer.failures > failures)  # noqa: B023 - waited for in this turn


def try_change(folder: Path, change: int, for_good: bool, error: int, kernel: ctypes.CDLL) -> Outcome:
    """Keep a session while that change fails: it alone, or all from it on until the session is over."""
    folder.mkdir()
    ear = Ear()
    logging.getLogger("qlmat.store").addHandler(ear)
    last = FOR_EVER if for_good else change
    kernel.break_disk(os.fsencode(folder), ctypes.c_long(change), ctypes.c_long(last), error)
    began_s = time.monotonic()
    store = sink(folder)
    live(store)
    hit = kernel.disk_changes() >= change
    kernel.break_disk(b"", ctypes.c_long(0), ctypes.c_long(0), 0)
    store.writer.wake()
    wait_until(lambda: not store.writer.unwritten)
    store.close()
    logging.getLogger("qlmat.store").removeHandler(ear)
    return judged(folder, change, for_good, hit, ear.told, time.monotonic() - began_s)


def judged(folder: Path, change: int, for_good: bool, hit: bool, told: bool, seconds: float) -> Outcome:
    """Look at what is on the disk."""
    with closing(sqlite3.connect(folder / FILE)) as store:
        whole = store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        events = [name for (name,) in store.execute("SELECT name FROM events ORDER BY number")]
        (sessions,) = store.execute("SELECT count(*) FROM sessions WHERE ended = 'done'").fetchone()
        (frames,) = store.execute("SELECT coalesce(sum(frames), 0) FROM chunks").fetchone()
    return Outcome(change, for_good, hit, whole, events, sessions, frames, told, seconds)


def campaign(library: Path, folder: Path, error: str, step: int = 1) -> list[Outcome]:
    """Let each `step`-th change fail in turn, in a process of its own under that kernel."""
    command = [sys.executable, "-m", "bench.reliability_disk", str(folder), error, str(step)]
    said = subprocess.run(command, env=environment(library), check=True, capture_output=True, text=True).stdout
    return [Outcome(**json.loads(line)) for line in said.splitlines()]


def main(folder: Path, error: str, step: int) -> None:
    """Print an outcome a line, until a session makes fewer changes than the next one to fail."""
    qlmat.store.writer.RETRY_MIN_S = qlmat.store.writer.RETRY_MAX_S = RETRY_S
    kernel = ctypes.CDLL(os.environ["LD_PRELOAD"])
    kernel.disk_changes.restype = ctypes.c_long
    number = getattr(errno, error)
    for for_good in (False, True):
        change = 1
        while True:
            outcome = try_change(folder / f"{error}-{for_good:d}-{change}", change, for_good, number, kernel)
            if not outcome.hit:
                break
            print(json.dumps(asdict(outcome)), flush=True)
            change += step


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
