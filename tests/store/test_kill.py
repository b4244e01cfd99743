"""A mat that is killed in the middle of writing leaves a store that is whole, with every event that was confirmed."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from qlmat.store.database import FILE, connect
from tests.store.practice import live

LIVES = """
import sys, threading
from pathlib import Path
from tests.store.practice import sink, ticks
store, began_s, pause = sink(Path(sys.argv[1])), 0.0, threading.Event()
while True:
    for tick, scan in ticks(began_s):
        store.put(tick, scan)
        if tick.events and tick.events[0].name == "work_started":
            while store.writer.unwritten:
                pause.wait(0.001)
            print(store._numbered, flush=True)  # these are confirmed
    began_s += 100.0
"""
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("lines", [1, 3, 10])  # how much is confirmed before the kill: any moment will do
def test_after_a_kill_the_store_is_whole_and_holds_every_confirmed_event_once(tmp_path: Path, lines: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LIVES, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        confirmed = [int(process.stdout.readline()) for _ in range(lines)][-1]
        process.kill()
    store = connect(tmp_path)
    assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    numbers = [number for (number,) in store.execute("SELECT number FROM events ORDER BY number")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= confirmed
    store.close()
    live(tmp_path)
    after = sqlite3.connect(tmp_path / FILE)
    assert after.execute("SELECT count(*) FROM sessions WHERE ended IS NULL").fetchone() == (0,)
    after.close()
