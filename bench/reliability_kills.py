"""Kill the real process while its motor runs, in every way a program can end or hang, and look at the pins afterwards.

Each try is a life of `bench.reliability_life`. The fault comes while the motor is on; from then on the record of the
pins, which belongs to nobody who may die, says when each of them was low for good and which process had done it. Then
the helper of the service's `ExecStopPost=` is run as systemd runs it, whatever happened before.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.reliability_kernel import environment
from bench.reliability_life import CHIP
from qlmat_firmware.board import BOARD_V1

OUTPUTS = (BOARD_V1.motor_pin, BOARD_V1.buzzer_pin, BOARD_V1.led_pin)
INSIDE = ("exception", "hung_thread", "hung_in_c", "hung_bus", "stopped_clock", "out_of_memory")
OUTSIDE = ("sigterm", "sigkill", "sigstop", "sigkill_all")
WAYS = (*INSIDE, *OUTSIDE)
BEGINS_S, ENDS_S = 60.0, 10.0  # patience with a loaded machine; longer than anything promised
LOOK_S = 0.001
PULSE_S = 0.05  # shorter than the shortest pulse, so that the blow falls within it


@dataclass(frozen=True, slots=True)
class Death:
    """One try: when all outputs were low for good, s after the fault, None if they were not; who did it; the helper.

    `helper_low`: it drove every output low; `helper_s`: how long it took. `code`: the mat's exit code, None if it hung.
    `in_pulse`: an output was on when it struck.
    """

    way: str
    off_s: float | None
    by: str
    helper_low: bool
    helper_s: float
    code: int | None
    in_pulse: bool


class Pins:
    """The record of the pins: lines of time, pin or "fault", level, process."""

    def __init__(self, chip: Path) -> None:
        self.chip = chip

    def lines(self) -> list[tuple[float, str, float, int]]:
        """Read all that is whole."""
        text = self.chip.read_text().rpartition("\n")[0]
        rows = (line.split() for line in text.splitlines())
        return [(float(at_s), what, float(level), int(process)) for at_s, what, level, process in rows]

    def levels(self) -> dict[str, tuple[float, float, int]]:
        """Give (level, since, by which process) of each pin now."""
        now: dict[str, tuple[float, float, int]] = {}
        for at_s, what, level, process in self.lines():
            if what not in now or now[what][0] != level:
                now[what] = level, at_s, process
        return now

    def on(self, *pins: int) -> bool:
        """Tell whether any of these is on."""
        now = self.levels()
        return any(now[str(pin)][0] > 0.0 for pin in pins if str(pin) in now)

    def began(self) -> bool:
        """Tell whether the motor has run."""
        return any(what == str(BOARD_V1.motor_pin) and level > 0.0 for _, what, level, _ in self.lines())

    def fault_s(self) -> float | None:
        """Say when the fault came, None if it has not."""
        return next((at_s for at_s, what, _, _ in self.lines() if what == "fault"), None)


def wait_until(holds: Callable[[], bool], patience_s: float) -> bool:
    """Return whether a condition came to hold in time."""
    end_s = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > end_s:
            return False
        time.sleep(LOOK_S)
    return True


def kill(way: str, library: Path, rng: random.Random) -> Death:
    """Live until the motor runs, end it in one way, and tell what became of the outputs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pins = Pins(folder / CHIP)
        pins.chip.touch()
        inside = way if way in INSIDE else "none"
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.reliability_life", str(folder), inside],
            env=environment(library), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            begun = wait_until(pins.began, BEGINS_S)
            assert begun, "the motor never ran: nothing to be seen here"
            fault_s, in_pulse = _strike(way, process, pins, rng)
            # When all is killed at once, only the helper is left.
            off = wait_until(lambda: not pins.on(*OUTPUTS), 0.0 if way == "sigkill_all" else ENDS_S)
            code = _ended(process, way)
        finally:
            _end(process)
        assert wait_until(lambda: _all_gone(process.pid), ENDS_S), "the sentry outlived its mat"
        helper, helper_low, helper_s = _help(library, folder, pins)
        last_s, by = max((since_s, who) for _, since_s, who in (pins.levels()[str(pin)] for pin in OUTPUTS))
        names = {process.pid: "the mat", helper: "the helper"}
        low = not pins.on(*OUTPUTS) and (off or way == "sigkill_all")
        if by == helper:  # systemd starts it at once; what this program needed until then is no part of it
            fault_s = last_s - helper_s
        off_s = max(0.0, last_s - fault_s) if low else None
        return Death(way, off_s, names.get(by, "the sentry"), helper_low, helper_s, code, in_pulse)


def _strike(way: str, process: "subprocess.Popen[bytes]", pins: Pins, rng: random.Random) -> tuple[float, bool]:
    """Do what this way is; return when, and whether an output was on then."""
    if way in INSIDE:
        assert wait_until(lambda: pins.fault_s() is not None, BEGINS_S)
        return pins.fault_s() or 0.0, True
    time.sleep(rng.uniform(0.0, PULSE_S))
    on, now_s = pins.on(*OUTPUTS), time.monotonic()
    if way == "sigkill_all":
        os.killpg(process.pid, signal.SIGKILL)  # the sentry too, as systemd ends a service
    else:
        process.send_signal({"sigterm": signal.SIGTERM, "sigkill": signal.SIGKILL, "sigstop": signal.SIGSTOP}[way])
    return now_s, on


def _ended(process: "subprocess.Popen[bytes]", way: str) -> int | None:
    """Wait for a process that should have ended; None for one that hangs with everything off, as systemd finds it."""
    try:
        return process.wait(0.0 if way in ("hung_thread", "stopped_clock") else ENDS_S)
    except subprocess.TimeoutExpired:
        return None


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


def _all_gone(group: int) -> bool:
    """Tell whether the sentry has ended too: systemd runs its helper only then."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def _help(library: Path, folder: Path, pins: Pins) -> tuple[int, bool, float]:
    """Run the stop helper; return its process, whether it drove every output low, and its time."""
    began_s = time.monotonic()
    command = [sys.executable, "-I", "-m", "qlmat_firmware.outputs_low", "/nonexistent", str(folder)]
    helper = subprocess.Popen(command, env=environment(library), stderr=subprocess.DEVNULL)
    code = helper.wait(BEGINS_S)
    driven = {what for _, what, level, who in pins.lines() if who == helper.pid and level == 0.0}
    low = code == 0 and driven == {str(pin) for pin in OUTPUTS} and not pins.on(*OUTPUTS)
    return helper.pid, low, time.monotonic() - began_s


def campaign(kills: int, library: Path, at_once: int = 1) -> list[Death]:
    """Kill so many times, each way as often as the others."""
    with ThreadPoolExecutor(at_once) as workers:
        ways = [WAYS[number % len(WAYS)] for number in range(kills)]
        return list(workers.map(lambda each: kill(each[1], library, random.Random(each[0])), enumerate(ways)))
