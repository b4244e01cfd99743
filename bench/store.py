"""What keeping a session costs: bytes written to the disk, time in the control loop, size on the disk.

    python -m bench.store [--minutes 60]

An hour of eight inputs at 70 scans a second with 1 count of noise, in sessions of four minutes, kept by the real sink
and writer on the disk under the temporary folder. Bytes are those of /proc/self/io. Beside it, the same hour as in the
ecosystem facts G.1: one SQLite row a scan, committed each second.
"""

import argparse
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from qlmat.core.model import NO_CONTACT, Contact, Contacts, Event, Frame, Movement, Practice, State, Tick
from qlmat.core.plan import Plan
from qlmat.store.sink import StoreSink

RATE_HZ, SESSION_S = 70.0, 240.0
COUNT_V = 4.096 / 32768


def hour(minutes: float) -> Iterator[tuple[Tick, Frame]]:
    """Give ticks and frames of one session after another, the ball rocking at 12 a minute."""
    rng = np.random.default_rng(5)  # fixed
    t_s = np.arange(0.0, 60.0 * minutes, 1.0 / RATE_HZ)
    swing = np.sin(2 * np.pi * 0.2 * t_s)[:, None] * np.linspace(200, 2000, 8)
    counts = np.rint(9000 + swing + rng.normal(0.0, 1.0, (len(t_s), 8)))
    middles_s = t_s[:, None] - rng.uniform(0.001, 0.005, (len(t_s), 8))
    for index, at_s in enumerate(t_s.tolist()):
        into_s = at_s % SESSION_S
        first, last = into_s < 1 / RATE_HZ, into_s >= SESSION_S - 1 / RATE_HZ
        name = "session_started" if first else "session_done" if last else None
        if name is None and index % 700 == 350:
            name = "too_hard"
        events = (Event(at_s, name, "left", {"force_n": 120.0}),) if name else ()
        pad = Contact(90.0 + 20.0 * float(swing[index, 0]) / 200, (4.0, -3.0), True)
        state: State = "done" if last else "working"
        practice = Practice(state, "left", into_s, 0.0)
        tick = Tick(at_s, Contacts(at_s, pad, NO_CONTACT), Movement("left", "rock", 0.2), practice, events, None)
        yield tick, Frame(at_s, counts[index] * COUNT_V, middles_s[index])


def ours(folder: Path, minutes: float) -> list[float]:
    """Keep the hour with the real sink; return the microseconds of each `put`."""
    now = datetime(2026, 11, 2, tzinfo=UTC)
    sink = StoreSink(folder, Plan(), wall=lambda: now, synced=lambda: True, gather_s=0.0)
    costs_us = []
    for tick, frame in hour(minutes):
        began_ns = time.perf_counter_ns()
        sink.put(tick, frame)
        costs_us.append((time.perf_counter_ns() - began_ns) / 1000)
        while len(sink.hopper._frames) > 5:  # the hour passes faster than life: let the writer keep up, as it would
            time.sleep(0.001)
    sink.close()
    assert not sink.hopper.batches_dropped
    print(f"{'commits of the real writer':44} {sink.writer.commits}")
    return costs_us


def rows(folder: Path, minutes: float) -> list[float]:
    """Keep the hour as one row a scan, committed each second."""
    store = sqlite3.connect(folder / "rows.db", isolation_level=None)
    store.execute("PRAGMA journal_mode = WAL")
    store.execute("PRAGMA synchronous = NORMAL")
    store.execute("CREATE TABLE scans (t_s REAL, a INT, b INT, c INT, d INT, e INT, f INT, g INT, h INT)")
    store.execute("BEGIN")
    for index, (tick, frame) in enumerate(hour(minutes)):
        counts = np.rint(frame.volts / COUNT_V).astype(int).tolist()
        store.execute("INSERT INTO scans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (tick.t_s, *counts))
        if index % round(RATE_HZ) == 0:
            store.execute("COMMIT")
            store.execute("BEGIN")
    store.execute("COMMIT")
    store.close()
    return []


def measure(name: str, keep: Callable[[Path, float], list[float]], minutes: float) -> None:
    """Run one way of keeping and print what it cost."""
    with tempfile.TemporaryDirectory() as folder:
        before, cpu_s = _written(), _cpu_s()
        costs_us = keep(Path(folder), minutes)
        written, cpu_s = _written() - before, _cpu_s() - cpu_s
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
    print(f"{name + ': written, MB':44} {written / 1e6:.2f}\n{name + ': on the disk, MB':44} {size / 1e6:.2f}")
    print(f"{name + ': processor time with the making, s':44} {cpu_s:.1f}")
    if costs_us:
        middle, most = np.percentile(costs_us, [50, 99.9])
        print(f"{name + ': put, median and 99.9 %, us':44} {middle:.1f} {most:.1f}")


def _written() -> int:
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("write_bytes")))


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    minutes = parser.parse_args().minutes
    print(f"{minutes:g} min of 8 inputs at {RATE_HZ:g} scans a second, {60 * minutes * RATE_HZ:.0f} scans")
    measure("chunks of 9 s, merged to 60 s", ours, minutes)
    measure("a row a scan, committed each second", rows, minutes)


if __name__ == "__main__":
    main()
