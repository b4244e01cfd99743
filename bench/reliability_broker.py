"""A mat whose broker is absent, dies, refuses, hangs, is slow, changes its password or is away for a day.

A real Mosquitto behind a line that can fail (`reliability_proxy`), the mat's real sink with its queue on disk, and a
consumer with a lasting session who counts by the events' own numbers. The mat's loop turns 50 times a second; how late
its turns end is measured, in peace and under the fault.
"""

import json
import resource
import signal
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from statistics import quantiles
from typing import Any

from bench.reliability_proxy import Mode, Proxy
from qlmat.connection import BrokerSettings
from qlmat.keeper import Keeper
from qlmat.mqtt import MqttSink
from qlmat.outbox import Outbox
from qlmat.ring import Ring
from qlmat.vitals import stamp
from tests.shell.brokers import Mosquitto, Watcher, wait_until
from tests.shell.ticks import frame, happening, touched

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # fixed: the mat's wall clock is ours
TURN_S, EVENT_EVERY = 0.02, 10  # so five events a second: a session has two
PEACE_S, FAULT_S = 1.0, 4.0
LINE: dict[str, Mode] = {"refuses": "refuse", "half_open": "half_open", "acks_lost": "deaf", "slow": "slow"}
FAULTS = ("absent_at_start", "dies", "restarts", *LINE, "full_queue", "changed_password")
PATIENCE_S = 60.0
AWAY_STEP_S, DAY_EVENTS = 0.1, 4_000  # ten sessions of some 400 events


@dataclass
class Seen:
    """What a consumer has, and what the loop felt. Numbers as they came first; `true_times` of those that had one."""

    fault: str
    put: int = 0
    numbers: list[int] = field(default_factory=list)
    repeated: int = 0
    false_times: int = 0
    lost_counted: int = 0
    late_before_ms: float = 0.0
    late_under_ms: float = 0.0
    recovered_s: float = 0.0
    grown_mb: float = 0.0
    queued_mb: float = 0.0

    @property
    def in_order(self) -> bool:
        """Tell whether numbers only rise and every one that was not counted as lost is there."""
        wanted = self.put - self.lost_counted
        return len(self.numbers) == wanted and self.numbers == sorted(self.numbers)


class Bench:
    """A broker, a line, a mat and a consumer."""

    def __init__(self, folder: Path, closing: ExitStack, fault: str) -> None:
        self.seen, self.folder = Seen(fault), folder
        self._wall, self._t_s = BEGAN, 0.0
        self._times: dict[int, str] = {}
        self.password = "first"
        login = {"listener": _passwords(folder, self.password), "anonymous": False}
        self.broker = Mosquitto(folder, remembers=True, **login)
        self.broker.start()
        closing.callback(self.broker.stop)
        self.consumer = Watcher(self.broker.port, topic="qlmat/m1/event", name="outside", user="outside")
        closing.callback(self.consumer.close)
        self.line = closing.enter_context(Proxy(self.broker.port))
        self.mat: MqttSink | None = None

    def start_mat(self, **options: Any) -> None:
        """Start a mat, or start it again, with what an earlier one left."""
        at = BrokerSettings("127.0.0.1", self.line.port, "m1", self.password)
        keeper = Keeper(Ring(self.folder / "queue"))
        self.mat = MqttSink(at, "m1", SimpleQueue(), keeper=keeper, wall=lambda: self._wall, **options)

    def run(self, seconds: float) -> float:
        """Turn the loop for so long; return how late 99 of 100 turns ended at most, ms."""
        due_s, late_s = time.monotonic(), []
        for turn in range(round(seconds / TURN_S)):
            due_s += TURN_S
            time.sleep(max(0.0, due_s - time.monotonic()))
            self.turn(turn % EVENT_EVERY == 0)
            late_s.append(time.monotonic() - due_s)
        return 1000 * quantiles(late_s, n=100)[-1]

    def turn(self, happens: bool, step_s: float = TURN_S) -> None:
        """Turn the loop once."""
        assert self.mat is not None
        self._t_s += step_s
        self._wall = BEGAN + timedelta(seconds=self._t_s)
        if happens:
            self.seen.put += 1
            self._times[self.seen.put] = stamp(self._wall)
        self.mat.put(happening(self._t_s) if happens else touched(self._t_s), frame(self._t_s))

    def hear(self, until: int) -> None:
        """Take in what the consumer gets, up to an event's number."""
        while until not in self.seen.numbers:
            try:
                said = json.loads(self.consumer.expect(lambda message: True, PATIENCE_S).payload)
            except AssertionError:
                raise AssertionError(f"event {until} never came, {len(self.seen.numbers)} others did") from None
            number = int(said["n"])
            if number in self.seen.numbers:
                self.seen.repeated += 1
                continue
            self.seen.numbers.append(number)
            self.seen.false_times += said["time"] != self._times[number]


def try_fault(fault: str, folder: Path, fault_s: float = FAULT_S) -> Seen:
    """Turn the loop in peace, under the fault and in peace again; hear what the consumer has in the end."""
    with ExitStack() as closing:
        bench = Bench(folder, closing, fault)
        if fault == "absent_at_start":
            bench.broker.stop()
            bench.start_mat()
        else:
            bench.start_mat(**({"outbox": Outbox(events=10)} if fault == "full_queue" else {}))
            wait_until(lambda: bench.mat is not None and bench.mat.protocol is not None)
            bench.seen.late_before_ms = bench.run(PEACE_S)
            bench.hear(bench.seen.put)
        _begin(bench, fault)
        bench.seen.late_under_ms = bench.run(fault_s)
        _end(bench, fault)
        healed_s = time.monotonic()
        bench.hear(bench.seen.put)
        bench.seen.recovered_s = time.monotonic() - healed_s
        bench.run(PEACE_S)
        assert bench.mat is not None
        bench.seen.lost_counted = bench.mat.outbox.events_lost
        bench.hear(bench.seen.put)
        bench.mat.close()
        return bench.seen


def _begin(bench: Bench, fault: str) -> None:
    if fault == "dies":
        bench.broker.stop(signal.SIGKILL)
    elif fault == "restarts":
        bench.broker.stop()
        bench.broker.start()
    elif fault == "full_queue":
        bench.line.be("refuse")
    elif fault == "changed_password":
        bench.broker.stop()
        _passwords(bench.folder, "second")
        bench.broker.start()
    elif fault in LINE:
        bench.line.be(LINE[fault])


def _end(bench: Bench, fault: str) -> None:
    if fault in ("absent_at_start", "dies"):
        bench.broker.start()
    elif fault == "changed_password":  # a person writes it into the configuration and starts the mat again
        assert bench.mat is not None
        bench.mat.close()
        bench.password = "second"
        bench.start_mat()
    bench.line.be("pass")


def away(folder: Path, hours: float = 24.0, events: int = DAY_EVENTS, step_s: float = AWAY_STEP_S) -> Seen:
    """Keep the broker away for so long of the mat's own time; measure what its memory and its queue grew by."""
    with ExitStack() as closing:
        bench = Bench(folder, closing, "a_day_away")
        bench.line.be("refuse")
        bench.start_mat()
        bench.run(PEACE_S)
        before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        turns = round(hours * 3600 / step_s)
        for turn in range(turns):
            bench.turn(turn % (turns // events) == 0, step_s)
        bench.seen.grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / 1024
        bench.seen.queued_mb = sum(path.stat().st_size for path in (folder / "queue").iterdir()) / 1e6
        bench.line.be("pass")
        assert bench.mat is not None
        bench.seen.lost_counted = bench.mat.outbox.events_lost
        healed_s = time.monotonic()
        bench.hear(bench.seen.put)
        bench.seen.recovered_s = time.monotonic() - healed_s
        bench.mat.close()
        return bench.seen


def _passwords(folder: Path, of_mat: str) -> str:
    """Write a password file, `outside` having its own name; return the line of the configuration."""
    path = folder / "passwords"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    for user, word in (("outside", "outside"), ("m1", of_mat)):
        command = ["mosquitto_passwd", "-b", str(path), user, word]
        subprocess.run(command, check=True, capture_output=True)
    return f"password_file {path}\n"
