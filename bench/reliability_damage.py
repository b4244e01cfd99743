"""A store whose pages are damaged one after the other, or that another program holds, and recordings cut anywhere."""

import logging
import random
import sqlite3
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import qlmat.store.writer
from bench.reliability_disk import NAMES, Ear, live, wait_until
from qlmat.core.model import Frame
from qlmat.errors import RecordingError
from qlmat.recorder import RecordingWriter
from qlmat.recording import read
from qlmat.store.database import FILE
from qlmat_firmware.board import BOARD_V1
from tests.store.practice import sink

PAGE = 4096
RETRY_S = 0.02
MICROVOLT_V = 1e-6  # a number that lost digits beyond its twelfth is taken as it is


@dataclass(frozen=True, slots=True)
class Damage:
    """One damaged page: whether the new session was kept whole, the old file set aside, and either told."""

    page: int
    kept: bool
    set_aside: bool
    told: bool


def damage_pages(folder: Path, step: int = 1) -> list[Damage]:
    """Damage each page in turn of a store that holds three sessions, then keep another one."""
    qlmat.store.writer.RETRY_MIN_S = RETRY_S
    model = folder / "model"
    for _ in range(3):
        _keep_session(model)
    content = (model / FILE).read_bytes()
    return [_with_damage(folder / str(page), content, page) for page in range(0, len(content) // PAGE, step)]


def _with_damage(folder: Path, content: bytes, page: int) -> Damage:
    folder.mkdir()
    noise = random.Random(page).randbytes(PAGE)
    (folder / FILE).write_bytes(content[: page * PAGE] + noise + content[(page + 1) * PAGE :])
    told = _keep_session(folder)
    aside = any(".broken-" in each.name for each in folder.iterdir())
    with closing(sqlite3.connect(folder / FILE)) as store:
        last = (
            "SELECT name FROM events WHERE boot = (SELECT boot FROM boots ORDER BY number DESC LIMIT 1) ORDER BY number"
        )
        kept = [name for (name,) in store.execute(last)]
    return Damage(page, kept == NAMES, aside, told)


def _keep_session(folder: Path) -> bool:
    """Keep a session; tell whether anything was told."""
    ear = Ear()
    logging.getLogger("qlmat.store").addHandler(ear)
    store = sink(folder)
    live(store)
    wait_until(lambda: not store.writer.unwritten)
    store.close()
    logging.getLogger("qlmat.store").removeHandler(ear)
    return ear.told


def hold_store(seconds: float, folder: Path) -> tuple[list[str], float]:
    """Hold the store as another program that writes does; return the events kept, and how late the last one was, s."""
    _keep_session(folder)
    with closing(sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(seconds, lambda: other.execute("ROLLBACK"))
        release.start()
        store = sink(folder)
        live(store)
        release.join()
        freed_s = time.monotonic()
        wait_until(lambda: not store.writer.unwritten)
        late_s = time.monotonic() - freed_s
        store.close()
        return [
            name
            for (name,) in other.execute(
                "SELECT name FROM events JOIN boots USING (boot) ORDER BY boots.number, events.number"
            )
        ], late_s


def tear_recordings(cuts: int) -> tuple[int, int, int]:
    """Cut a recording at so many places; return how often it was read as it had been, refused in words, and neither."""
    rng = np.random.default_rng(8)  # fixed
    with tempfile.TemporaryDirectory() as name:
        whole, torn = Path(name) / "whole.csv", Path(name) / "torn.csv"
        writer = RecordingWriter(whole, BOARD_V1)
        for index in range(200):
            writer.write(Frame(index / 20, rng.uniform(0.1, 3.0, len(BOARD_V1.channels))))
        writer.close()
        content, rows = whole.read_bytes(), read(whole, BOARD_V1).values
        found = [0, 0, 0]
        for cut in rng.integers(0, len(content), cuts).tolist():
            torn.write_bytes(content[:cut])
            try:
                values = read(torn, BOARD_V1).values
            except RecordingError:
                found[1] += 1
            else:
                found[0 if np.allclose(values, rows[: len(values)], rtol=0.0, atol=MICROVOLT_V) else 2] += 1
    return found[0], found[1], found[2]
