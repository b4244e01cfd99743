"""A whole mat in a process of its own, to be killed: `python -m bench.reliability_life FOLDER FAULT`.

The daemon's own `run_mat` with its guards, on the virtual mat, at the speed of life: a person presses too hard, and the
motor says so. Only the pins differ: their levels are lines of FOLDER/gpiochip0, so that they outlive this process, as
those of a Raspberry Pi do. FAULT happens here while the motor runs; "none" waits for what others do to it.
"""

import ctypes
import fcntl
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPWMPin

from bench.stories import TOO_HARD
from qlmat.cli.daemon import Ending, run_mat
from qlmat.cli.device import Device, open_story
from qlmat.config import load
from qlmat.core.model import Frame
from qlmat.ports import FrameSource
from qlmat.sim.clock import PacedClock
from qlmat.sim.scenario import parse_scenario
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.sentry import Sentry

CHIP = "gpiochip0"


class KeptPin(MockPWMPin):
    """A pin whose level is a line of a file, and which nobody else may drive while it is an output."""

    chip: Path

    def _change_state(self, value: float) -> bool:
        changed: bool = super()._change_state(value)
        if changed and self.function == "output":
            note(self.chip, self.info.name.removeprefix("GPIO"), float(value))
        return changed

    def _set_function(self, value: str) -> None:
        super()._set_function(value)
        if value == "output":
            self._held = os.open(f"{self.chip}.line{self.info.name.removeprefix('GPIO')}", os.O_RDWR | os.O_CREAT)
            fcntl.flock(self._held, fcntl.LOCK_EX)
        elif hasattr(self, "_held"):
            os.close(self._held)
            del self._held


def note(chip: Path, what: str, level: float) -> None:
    """Add a line: monotonic time, pin or "fault", level, process."""
    line = f"{time.monotonic():.9f} {what} {level:g} {os.getpid()}\n"
    descriptor = os.open(chip, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, line.encode())
    os.close(descriptor)


@dataclass
class Faulty:
    """The mat's source, to which something happens once while the motor runs."""

    source: FrameSource
    running: Callable[[], bool]
    fault: Callable[[], object]
    chip: Path
    done: bool = False

    def read(self) -> Frame | None:
        """Give the next scan, unless this is the moment."""
        if not self.done and self.running():
            self.done = True
            note(self.chip, "fault", 0.0)
            self.fault()
        return self.source.read()

    def close(self) -> None:
        """Leave the bus."""
        self.source.close()


def faults(device: Device) -> dict[str, Callable[[], object]]:
    """Name what can go wrong inside; the hangs in C come from the preloaded kernel."""
    kernel = ctypes.PyDLL(os.environ["LD_PRELOAD"])
    return {
        "none": lambda: None,
        "exception": _fail,
        "hung_thread": _spin,
        "hung_in_c": kernel.spin,  # holds Python's lock: no handler, no thread runs
        "hung_bus": ctypes.CDLL(os.environ["LD_PRELOAD"]).wait_for_ever,  # as a transfer that the kernel never ends
        "stopped_clock": lambda: _stop(device.clock),
        "out_of_memory": _fill,
    }


def _fail() -> None:
    raise RuntimeError("a bug")


def _spin() -> None:
    while True:
        pass


def _stop(clock: Any) -> None:
    clock.advance_ns = lambda duration_ns: time.sleep(duration_ns / 1e9)


def _fill() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 20, resource.RLIM_INFINITY))  # from here on nothing can be had
    bytearray(1 << 28)


def live(folder: Path, fault: str) -> None:
    """Live until something ends it."""
    chip = folder / CHIP
    pins = MockFactory(pin_class=type("PinOfThisChip", (KeptPin,), {"chip": chip}))
    settings = load(None, BOARD_V1)
    device = open_story(settings, parse_scenario(TOO_HARD, "bench"), 1.0, pins)
    assert isinstance(device.clock, PacedClock)
    motor = pins.pin(settings.board.motor_pin)
    mat = Sentry(settings.board, folder).over(device.mat)
    source = Faulty(mat.source, lambda: bool(motor.state), faults(device)[fault], chip)
    if fault == "none":
        source.done = True
    with Ending() as ending:
        run_mat(settings, replace(device, mat=replace(mat, source=source)), None, ending, until_s=60.0)


if __name__ == "__main__":
    live(Path(sys.argv[1]), sys.argv[2])
