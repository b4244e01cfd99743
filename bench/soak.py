"""Thirty days of use in one process: does anything grow? And ten minutes in real time, with what they cost.

    python -m bench.soak [--days 30] [--json]      two people, every story of tests/scenarios, faults at random
    python -m bench.soak --real 600 [--json]       the command itself, once a minute: processor, memory, files, threads

A virtual day: the mat is switched on for each session. The first person has one of her course, the second lives one or
two of the stories; then a copy of the store is taken as the service takes it. All is real but silicon, wires and clock:
bus bytes, sampler, pipeline, coach, control loop, pins, store and ring on a real file system, MQTT to a real Mosquitto
where there is one. The broker is away every third day and goes in mid-session on others; each session suffers faults
of the bus and of a sensor, drawn anew.
"""

import argparse
import gc
import json
import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np

from bench.fortnight import story_of
from bench.soak_real import real, real_table
from bench.soak_verdict import Day, table, verdict
from qlmat.cli.coaching import Coaching
from qlmat.cli.daemon import Ending, run_mat
from qlmat.cli.device import TRANSFER_S, Device
from qlmat.config import parse
from qlmat.connection import BrokerSettings
from qlmat.core.course import Past
from qlmat.memory import StoreMemory, past_of
from qlmat.sim.clock import VirtualClock
from qlmat.sim.faults import Fault, FaultKind
from qlmat.sim.mat import VirtualMat
from qlmat.sim.scenario import Scenario, load_scenario, stories, story
from qlmat.sim.sensor_faults import SensorFault, SensorFaultKind
from qlmat.store.backup import backup
from qlmat.store.database import FILE, opened
from qlmat.store.people import add_person, find_person, use_person
from qlmat.store.sink import StoreSink
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.mat import open_mat
from qlmat_firmware.pins import mock_pins
from tests.shell.brokers import MOSQUITTO, Mosquitto, free_port

FIRST = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
PEOPLE = ("Anna", "Ben")
SEED = 30  # fixed: the same thirty days in every run
RATE = "50 Hz"
KEPT_DAYS = (7, 14)  # raw readings, sessions: short enough that thirty days reach both
FAULTS_A_SESSION = 3
BUS_KINDS = tuple(kind for kind in get_args(FaultKind) if kind != "swapped")
SENSOR_KINDS: tuple[SensorFaultKind, ...] = ("open", "stuck", "intermittent")
SCENARIOS = Path(__file__).parents[1] / "tests" / "scenarios"


@dataclass(slots=True)
class Counted:
    """What was lived in all the days."""

    sessions: int = 0
    scans: int = 0
    late: int = 0
    stalls: int = 0
    bus_faults: int = 0
    sensor_faults: int = 0
    broker_days: int = 0
    stories: set[str] = field(default_factory=set)


class Soak:
    """One folder, two people, many days."""

    def __init__(
        self, folder: Path, days: int, tales: list[Scenario], broker: Mosquitto | None, course: bool = True
    ) -> None:
        self._days, self._tales, self._broker, self._course = days, tales, broker, course
        self._store = folder / "store"
        self._port = broker.port if broker is not None else free_port()
        self.counted = Counted()
        with opened(self._store, create=True) as database:
            self._people = [add_person(database, name, FIRST).person for name in PEOPLE]

    def day(self, number: int) -> Day:
        """Live one day; return what the process and the disk look like at its end."""
        rng = np.random.default_rng([SEED, number])
        began_s = time.monotonic()
        away = self._broker is None or number % 3 == 2
        if self._broker is not None and not away:
            self._broker.start()
            self.counted.broker_days += 1
        first, second = self._people
        at = FIRST + timedelta(days=number)
        if self._course:
            self._session(first, Scenario(story_of(number, rng), ""), at, rng)
        for turn, tale in enumerate(self._tales[number :: self._days], start=1):
            self._session(second, tale, at + timedelta(hours=turn), rng, dies=not away and number % 3 == 1)
        if self._broker is not None and not away:
            self._broker.stop()
        self._copy()
        gc.collect()
        return Day(number + 1, *_process(), *_disk(self._store), round(time.monotonic() - began_s, 1))

    def _session(self, person: str, tale: Scenario, at: datetime, rng: np.random.Generator, dies: bool = False) -> None:
        with opened(self._store) as database:
            use_person(database, person)
        clock, pins = VirtualClock(), mock_pins()
        load = tale.load(BOARD_V1)
        virtual = VirtualMat(BOARD_V1, load, clock, rng, scl_hz=400_000.0, software_s=TRANSFER_S)
        tale.plan_faults(virtual)
        self._spoil(virtual, tale.end_s, rng)
        settings = parse(_configuration(tale), BOARD_V1, "soak")
        mat = open_mat(BOARD_V1, virtual.i2c, clock, pins, settings.bus.rate)
        motor, button = pins.pin(BOARD_V1.motor_pin), pins.pin(BOARD_V1.button_pin)
        virtual.motor_running = lambda: bool(motor.state)
        for press in tale.presses:
            clock.call_at(press.t_s, button.drive_low)
            clock.call_at(press.t_s + press.seconds, button.drive_high)
        if dies and self._broker is not None:
            clock.call_at(tale.end_s / 2, self._broker.stop)
        sink = StoreSink(self._store, settings.plan, None, settings.store.retention,
                         wall=lambda: at + timedelta(seconds=clock.now_s()), synced=lambda: True)  # fmt: skip
        with Ending() as ending:
            stats = run_mat(settings, Device(mat, clock), BrokerSettings(port=self._port), ending, [sink],
                            until_s=tale.end_s + 35.0, folder=self._store / "mqtt",
                            coaching=self._coaching(sink, at))  # fmt: skip
        self._count(tale, virtual, stats.frames, stats.late, stats.stalls)

    def _coaching(self, sink: StoreSink, at: datetime) -> Coaching:
        with opened(self._store) as database:
            past: Past = past_of(database, find_person(database, None).person)
        return Coaching(StoreMemory(sink, past, lambda: at), at.date().toordinal, screened=False, limited=False)

    def _spoil(self, virtual: VirtualMat, end_s: float, rng: np.random.Generator) -> None:
        """Plan faults of the bus and of one sensor, each over within seconds."""
        for _ in range(FAULTS_A_SESSION):
            kind = cast(FaultKind, str(rng.choice(BUS_KINDS)))
            start_s = float(rng.uniform(1.0, end_s))
            where = int(rng.choice([0x48, 0x49])) if rng.random() < 0.7 else None
            virtual.i2c.faults.add(Fault(kind, start_s, start_s + float(rng.uniform(0.01, 3.0)), where, cost_s=0.05))
        virtual.brown_out(0x48, float(rng.uniform(1.0, end_s)))
        start_s, sensor = float(rng.uniform(1.0, end_s)), str(rng.choice([each.name for each in BOARD_V1.sensors]))
        kind_of_sensor = cast(SensorFaultKind, str(rng.choice(SENSOR_KINDS)))
        virtual.inject(SensorFault(kind_of_sensor, start_s, start_s + 3.0, sensor=sensor))
        self.counted.sensor_faults += 1

    def _copy(self) -> None:
        """Do what qlmat-backup.service does: a new copy, the last one kept beside it."""
        new, one, two = (self._store / f"{FILE}.backup-{name}" for name in ("new", "1", "2"))
        with opened(self._store) as database:
            backup(database, new)
        if one.exists():
            one.replace(two)
        new.replace(one)

    def _count(self, tale: Scenario, virtual: VirtualMat, scans: int, late: int, stalls: int) -> None:
        self.counted.sessions += 1
        self.counted.scans += scans
        self.counted.late += late
        self.counted.stalls += stalls
        self.counted.bus_faults += sum(virtual.i2c.faults.counts.values())
        self.counted.stories.update({tale.where} if tale.where else ())


def _configuration(tale: Scenario) -> str:
    side_s = float(tale.story.plan.get("side_s", 60.0)) if isinstance(tale.story.plan, dict) else 60.0
    raw_d, sessions_d = KEPT_DAYS
    return (f'[practice]\nscreening = false\nside_time = "{side_s:g} s"\n[bus]\nrate = "{RATE}"\n'
            f'[store]\nkeep_raw = "{raw_d} d"\nkeep_sessions = "{sessions_d} d"\n')  # fmt: skip


def _process() -> tuple[float, int, int, int]:
    """Give this process's memory in MB, open files, threads, and live Python objects in thousands."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    files = len(os.listdir("/proc/self/fd")) - 1  # noqa: PTH208 - the one that looks is open too
    objects = round(len(gc.get_objects()) / 1000)
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1), files, threading.active_count(), objects


def _disk(store: Path) -> tuple[float, float]:
    """Give the store with its copies, and the ring of events for the broker, in MB."""
    sizes = {path: path.stat().st_size for path in store.rglob("*") if path.is_file()}
    ring = sum(size for path, size in sizes.items() if path.parent.name == "mqtt")
    return round((sum(sizes.values()) - ring) / 1e6, 2), round(ring / 1e6, 3)


def every_story() -> list[Scenario]:
    """Read all stories of the tests and of the package."""
    paths = sorted([*SCENARIOS.glob("*.toml"), *SCENARIOS.glob("coached/*.toml")])
    return [*(load_scenario(path) for path in paths), *(story(name) for name in stories())]


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="qlmat-soak-") as name:
        yield Path(name)


def soak(
    days: int, tales: list[Scenario], told: Callable[[Day], None] = lambda day: None, course: bool = True
) -> dict[str, Any]:
    """Live so many days, the first person's `course` too; return their figures and the verdict."""
    logging.disable(logging.CRITICAL)
    with ExitStack() as closing:
        closing.callback(logging.disable, logging.NOTSET)
        folder = closing.enter_context(_folder())
        broker = None if MOSQUITTO is None else Mosquitto(folder)
        if broker is not None:
            closing.callback(broker.stop)
        whole = Soak(folder, days, tales, broker, course)
        lived = []
        for number in range(days):
            lived.append(whole.day(number))
            told(lived[-1])
    counted = asdict(whole.counted) | {"stories": len(whole.counted.stories)}
    return {"days": [asdict(day) for day in lived], "counted": counted, "grows": verdict(lived)}


def main() -> int:
    """Print the figures; 1 when something grows."""
    options = argparse.ArgumentParser(prog="python -m bench.soak", description=(__doc__ or "").splitlines()[0])
    options.add_argument("--days", type=int, default=30)
    options.add_argument("--real", type=float, metavar="SECONDS", help="run the command in real time instead")
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    if asked.real is not None:
        found = real(asked.real)
        print(json.dumps(found, indent=1) if asked.json else real_table(found))
        return int(bool(found["grows"]))
    tell = (lambda day: None) if asked.json else (lambda day: print(table([day], head=day.day == 1), flush=True))
    found = soak(asked.days, every_story(), tell)
    if asked.json:
        print(json.dumps(found, indent=1))
    else:
        print(", ".join(f"{key} {value}" for key, value in found["counted"].items()))
        print("\n".join(found["grows"]) or "Nothing grows.")
    return int(bool(found["grows"]))


if __name__ == "__main__":
    raise SystemExit(main())
