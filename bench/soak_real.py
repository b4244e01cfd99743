"""The command `qlmat run` in real time, on the emulated mat with a broker, looked at from outside once a minute."""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.shell.brokers import MOSQUITTO, Mosquitto

EVERY_S = 60.0
MEMORY_RATIO = 1.03
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def real(seconds: float, every_s: float = EVERY_S) -> dict[str, Any]:
    """Run the mat for so long; return a row a minute and what grows."""
    with ExitStack() as closing:
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="qlmat-soak-")))
        options = ["--no-broker"]
        if MOSQUITTO is not None:
            broker = Mosquitto(folder)
            broker.start()
            closing.callback(broker.stop)
            (folder / "qlmat.toml").write_text(f'[broker]\nhost = "127.0.0.1"\nport = {broker.port}\n')
            options = ["--config", str(folder / "qlmat.toml")]
        command = [sys.executable, "-m", "qlmat.cli.main", "run", "--device", "virtual", "--store",
                   str(folder / "store"), "--seconds", f"{seconds:g}", *options]  # fmt: skip
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        rows = _watch(process.pid, process, seconds, every_s)
        said, _ = process.communicate(timeout=60)
    return {"rows": rows, "said": said.strip().splitlines()[-1:], "code": process.returncode, "grows": grown(rows)}


def _watch(pid: int, process: "subprocess.Popen[str]", seconds: float, every_s: float) -> list[dict[str, Any]]:
    began_s, rows = time.monotonic(), list[dict[str, Any]]()
    before = (began_s, 0.0, 0, 0)
    while time.monotonic() - began_s < seconds - 2.0:
        next_s = began_s + every_s * (len(rows) + 1)
        try:
            process.wait(max(0.1, min(next_s, began_s + seconds - 2.0) - time.monotonic()))
            break
        except subprocess.TimeoutExpired:
            now = _look(pid)
        row = {"at_s": round(time.monotonic() - began_s, 1), **_since(before, now), **now["state"]}
        before = now["totals"]
        rows.append(row)
    return rows


def _look(pid: int) -> dict[str, Any]:
    folder = Path(f"/proc/{pid}")
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    cpu_s = (int(fields[11]) + int(fields[12])) / TICKS
    switches = [0, 0]
    tasks = list((folder / "task").iterdir())
    for task in tasks:
        for line in (task / "status").read_text().splitlines():
            for number, name in enumerate(("voluntary_ctxt_switches", "nonvoluntary_ctxt_switches")):
                if line.startswith(f"{name}:"):
                    switches[number] += int(line.split()[1])
    state = {
        "memory_mb": round(int((folder / "statm").read_text().split()[1]) * PAGE / 1e6, 1),
        "files": len(list((folder / "fd").iterdir())),
        "threads": len(tasks),
        "children": len((folder / "task" / str(pid) / "children").read_text().split()),
    }
    return {"totals": (time.monotonic(), cpu_s, *switches), "state": state}


def _since(before: tuple[float, float, int, int], now: dict[str, Any]) -> dict[str, Any]:
    passed_s, cpu_s, waits, cuts = (after - was for after, was in zip(now["totals"], before, strict=True))
    return {
        "cpu_percent": round(100.0 * cpu_s / passed_s, 1),
        "waits_a_s": round(waits / passed_s, 1),
        "preempted_a_s": round(cuts / passed_s, 1),
    }


def grown(rows: list[dict[str, Any]]) -> list[str]:
    """Compare the last look with the first one, and the memory of the last third of the time with the third before.

    The first sessions that are stored bring code and arrays into memory, so ten minutes at least say something.
    """
    if len(rows) < 2:
        return []
    first, last = rows[0], rows[-1]
    found = [
        f"{key}: {first[key]}, then {last[key]}" for key in ("files", "threads", "children") if last[key] > first[key]
    ]
    third = len(rows) // 3
    before, after = (
        max((row["memory_mb"] for row in part), default=0.0) for part in (rows[third:-third], rows[-third:])
    )
    if third and after > MEMORY_RATIO * before:
        found.append(f"memory: {before} MB, then {after} MB")
    return found


def real_table(found: dict[str, Any]) -> str:
    """Write the rows for a terminal of 80 columns."""
    lines = [f"{'at':>7}{'processor':>11}{'memory':>11}{'files':>7}{'threads':>9}{'waits':>11}{'preempted':>12}"]
    lines += [
        f"{row['at_s']:5.0f} s{row['cpu_percent']:9.1f} %{row['memory_mb']:8.1f} MB{row['files']:7}{row['threads']:9}"
        f"{row['waits_a_s']:8.1f} /s{row['preempted_a_s']:9.1f} /s"
        for row in found["rows"]
    ]
    return "\n".join([*lines, *found["said"], *(found["grows"] or ["Nothing grows."])])
