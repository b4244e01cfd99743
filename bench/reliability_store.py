"""Kill -9 at random moments of sessions that are being kept, and look at what is left after the next start.

An event counts as confirmed when another program, this one, has read it from the database before the kill. The same
store takes all lives, so that what an earlier one left must survive all later ones too.
"""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from math import isnan
from pathlib import Path

from bench.reliability_kernel import environment
from bench.reliability_store_life import NOW
from qlmat.ring import Ring
from qlmat.store.chunks import unpack
from qlmat.store.database import FILE

SHORTEST_S, LONGEST_S = 0.2, 8.0  # a life from its start: opening, a session of 30 s, its end, the next
LOOK_S = 0.02
LAST_LIFE_S = "4"
SYNCED = "synced"
PATIENCE_S = 60.0
QUIET = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
SESSIONS = """SELECT session, ended, reason, ended_t_s - began_t_s,
  (SELECT max(second) + 1 FROM seconds WHERE session = s.session),
  (SELECT count(*) FROM sides WHERE session = s.session),
  (SELECT count(*) FROM seconds WHERE session = s.session AND state = 'working') FROM sessions s"""
NEWEST = "SELECT boot, (SELECT max(number) FROM events WHERE boot = b.boot) FROM boots b ORDER BY b.number DESC LIMIT 1"


@dataclass
class Found:
    """What a campaign found. `missing_s`: raw frames of the mat's own time that a kill in a session cost."""

    kills: int = 0
    broken: list[str] = field(default_factory=list)
    confirmed: dict[str, int] = field(default_factory=dict)  # by start: the highest number read before its kill
    confirmed_lost: int = 0
    twice_or_gaps: int = 0
    missing_s: list[float] = field(default_factory=list)
    dishonest: list[str] = field(default_factory=list)
    interrupted: int = 0
    sessions: int = 0
    queued_lost: int = 0


def campaign(
    kills: int, folder: Path, seed: int = 8, library: Path | None = None, after_events: int | None = None
) -> Found:
    """Kill so many times, then let the mat live and end in peace, and look once more at everything.

    With the `library` of `reliability_kernel` each kill is a power cut: what had not been synced to the disk is gone.
    A kill comes at a random moment or, with `after_events`, once so many events of that life have been read.
    """
    rng, found, queued = random.Random(seed), Found(), 0
    for _ in range(kills):
        seconds = rng.uniform(SHORTEST_S, LONGEST_S) if after_events is None else PATIENCE_S
        _live_and_die(folder, seconds, found, library, after_events)
        if library is not None:
            _cut_power(folder)
        _judge_kill(folder, found)
        if library is None:  # the last second of the queue may go with the power: its numbers show it
            queued = _judge_queue(folder / "mqtt", queued, found)
    last = [sys.executable, "-m", "bench.reliability_store_life", str(folder), LAST_LIFE_S]
    subprocess.run(last, check=True, capture_output=True)
    _judge_all(folder, found)
    return found


def _live_and_die(
    folder: Path, seconds: float, found: Found, library: Path | None, after_events: int | None = None
) -> None:
    command = [sys.executable, "-m", "bench.reliability_store_life", str(folder)]
    surroundings = QUIET
    if library is not None:
        (folder / SYNCED).mkdir(exist_ok=True)
        surroundings = environment(library) | {"DISK_FOLDER": str(folder), "DISK_SYNCED": str(folder / SYNCED)}
    process = subprocess.Popen(command, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end_s, before = time.monotonic() + seconds, set(found.confirmed)
    with process:
        while time.monotonic() < end_s:
            if after_events is not None and any(
                number >= after_events for boot, number in found.confirmed.items() if boot not in before
            ):
                break
            assert process.poll() is None, "the mat ended by itself"
            with suppress(sqlite3.OperationalError), closing(_open(folder)) as store:  # not there yet, or held
                found.confirmed |= {boot: number for boot, number in store.execute(NEWEST) if number is not None}
            time.sleep(LOOK_S)
        process.send_signal(signal.SIGKILL)
    found.kills += 1


def _cut_power(folder: Path) -> None:
    """Put in the place of the database what had been synced of it."""
    for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
        (folder / name).unlink(missing_ok=True)
        if (folder / SYNCED / name).exists():
            shutil.copy(folder / SYNCED / name, folder / name)


def start_s(folder: Path) -> float:
    """Start a mat on a store and kill it at its first scan; return how long that took, s."""
    now = folder / "now"
    now.unlink(missing_ok=True)
    began_s = time.monotonic()
    command = [sys.executable, "-m", "bench.reliability_store_life", str(folder)]
    with subprocess.Popen(command, env=QUIET, stderr=subprocess.DEVNULL) as process:
        while not (now.exists() and now.read_bytes()[-1:] == b"!"):
            assert process.poll() is None, "the mat ended by itself"
            time.sleep(LOOK_S / 4)
        took_s = time.monotonic() - began_s
        process.kill()
    return took_s


def _open(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)


def _judge_kill(folder: Path, found: Found) -> None:
    """Look at what the kill left, before any program has opened it to write."""
    if not (folder / FILE).exists() or not (folder / "now").exists():
        return
    last_s, began_s, boot, _ = NOW.unpack((folder / "now").read_bytes())
    with closing(_open(folder)) as store:
        try:
            problem = store.execute("PRAGMA integrity_check").fetchone()[0]
            missing = store.execute("PRAGMA foreign_key_check").fetchone()
        except sqlite3.DatabaseError as error:
            problem, missing = str(error), None
        if problem != "ok" or missing is not None:
            found.broken.append(problem)
            return
        if not isnan(last_s):
            kept_s = _last_frame_s(store, boot.decode(), began_s)
            found.missing_s.append(last_s - kept_s)


def _last_frame_s(store: sqlite3.Connection, boot: str, began_s: float) -> float:
    """Find the stamp of the newest raw frame of the session that began then; its beginning if there is none."""
    query = (
        "SELECT content FROM chunks JOIN sessions USING (session) WHERE boot = ? AND began_t_s = ? "
        "ORDER BY first_t_s DESC LIMIT 1"
    )
    row = store.execute(query, (boot, began_s)).fetchone()
    return began_s if row is None else unpack(row[0])[-1].t_s


def _judge_queue(folder: Path, before: int, found: Found) -> int:
    """Look at the events that wait for the broker: without a gap, and never fewer than before."""
    if not folder.exists():
        return before
    ring = Ring(folder)
    numbers = [int(record["k"]) for record in ring.unsent]
    ring.close()
    found.queued_lost += len(set(range(1, max([before, *numbers], default=0) + 1)) - set(numbers))
    found.twice_or_gaps += len(numbers) - len(set(numbers))
    return max([before, *numbers], default=0)


def _judge_all(folder: Path, found: Found) -> None:
    """Look at everything once the mat has started again and ended in peace."""
    with closing(_open(folder)) as store:
        problem = store.execute("PRAGMA integrity_check").fetchone()[0]
        found.broken += [] if problem == "ok" else [problem]
        numbers: dict[str, list[int]] = {}
        for boot, number in store.execute("SELECT boot, number FROM events ORDER BY boot, number"):
            numbers.setdefault(boot, []).append(number)
        for boot, confirmed in found.confirmed.items():
            found.confirmed_lost += len(set(range(1, confirmed + 1)) - set(numbers.get(boot, ())))
        found.twice_or_gaps += sum(each != list(range(1, len(each) + 1)) for each in numbers.values())
        for session, ended, reason, lasted_s, seconds, sides, worked in store.execute(SESSIONS):
            found.sessions += 1
            found.interrupted += ended == "interrupted"
            known = seconds or 0
            # An interrupted session ends with the last second that was kept: nothing is guessed beyond it.
            honest = ended is not None and (ended != "interrupted" or abs(lasted_s - known) < 1e-6 or lasted_s < known)
            if not honest or bool(sides) != bool(worked):
                found.dishonest.append(f"session {session}: {ended} ({reason}) after {lasted_s} s of {known}")
