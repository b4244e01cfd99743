"""The stall guard in real time and in a process of its own, and the service manager's watchdog."""

import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from math import nan

import numpy as np
import pytest

from qlmat.core.model import Frame
from qlmat.watchdog import SystemdSink
from tests.shell.ticks import frame, tick

# A source that hangs in mid-cue, each in its own way, until the motor is off; then the loop goes on. A process of its
# own, because pytest-timeout wants the same signal. LIMIT_S makes a hang that nobody ends fail by itself.
STALL = """
import sys, time
from queue import SimpleQueue
import numpy as np
from qlmat.clock import MonotonicClock
from qlmat.core.model import Contact, Contacts, Frame, Movement, Practice, Tick
from qlmat.runtime import Outputs, Runtime
from qlmat.watchdog import StallGuard
from qlmat_firmware.outputs import Buzzer, Led, Motor
from qlmat_firmware.pins import mock_pins

LIMIT_S = 20.0
pins = mock_pins()
outputs = Outputs(Motor(18, pins), Buzzer(13, pins), Led(24, pins))
felt = []

def looping(end_s):
    while outputs.motor.on and time.monotonic() < end_s:
        pass

def sleeping(end_s):
    while outputs.motor.on and time.monotonic() < end_s:
        time.sleep(0.1)

class Source:
    reads = 0
    def read(self):
        self.reads += 1
        if self.reads == 3:
            felt.append(outputs.motor.on)
            began_s = time.monotonic()
            globals()[sys.argv[1]](began_s + LIMIT_S)
            felt.append(outputs.motor.on)
            print("off_after_s", time.monotonic() - began_s)
        return Frame(time.monotonic(), np.ones(8)) if self.reads < 6 else None

class Pipeline:
    def push(self, frame, commands=()):
        nothing = Contact(0.0, None, False)
        contacts = Contacts(frame.t_s, nothing, nothing)
        return Tick(frame.t_s, contacts, Movement(), Practice("working", "left", 0.0, 0.0), (), "ease_off")

with StallGuard(outputs.off, limit_s=0.3) as guard:
    Runtime(Source(), Pipeline(), outputs, [guard], MonotonicClock(), SimpleQueue()).run()
print("felt", *felt)
print("expired", guard.expired)
"""


@pytest.mark.parametrize("way", ["looping", "sleeping"])
def test_a_loop_that_hangs_in_mid_cue_leaves_the_motor_off(way: str) -> None:
    run = subprocess.run([sys.executable, "-c", STALL, way], capture_output=True, text=True, timeout=60, check=True)
    said = dict(line.split(maxsplit=1) for line in run.stdout.splitlines())
    assert said["felt"] == "True False"
    assert said["expired"] == "1"
    assert 0.25 < float(said["off_after_s"]) < 10.0  # the guard's 0.3 s, and what a loaded machine adds


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The service manager's end of the notification socket."""
    name = f"qlmat-test-{uuid.uuid4().hex}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0" + name)
        listener.settimeout(10.0)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name)
        monkeypatch.setenv("WATCHDOG_USEC", "3000000")
        yield listener


def heard(manager: socket.socket) -> list[bytes]:
    """Read what has arrived."""
    manager.setblocking(False)
    lines: list[bytes] = []
    while True:
        try:
            lines.append(manager.recv(100))
        except BlockingIOError:
            return lines


def test_systemd_hears_ready_at_the_first_sample_and_then_a_beat_each_third_of_its_limit(
    manager: socket.socket,
) -> None:
    now_s = [0.0]
    sink = SystemdSink(clock_s=lambda: now_s[0])
    for scan in range(31):  # 3 s at 10 Hz
        now_s[0] = scan / 10
        sink.put(tick(), frame())
    sink.close()
    assert heard(manager) == [b"READY=1", *[b"WATCHDOG=1"] * 4, b"STOPPING=1"]


def test_systemd_hears_nothing_while_no_input_is_read(manager: socket.socket) -> None:
    now_s = [0.0]
    sink = SystemdSink(clock_s=lambda: now_s[0])
    for scan in range(100):
        now_s[0] = scan / 10
        sink.put(tick(), Frame(scan / 10, np.full(8, nan)))
    assert heard(manager) == []


def test_without_a_service_manager_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    sink = SystemdSink()
    sink.put(tick(), frame())
    sink.close()
