"""The two kinds of hardware behind the same mat: this machine's bus and pins, or virtual ones. Nothing else differs."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from qlmat.cli.days import Days, find_story
from qlmat.cli.options import Hardware
from qlmat.clock import MonotonicClock
from qlmat.config import Settings
from qlmat.errors import UsageError
from qlmat.ports import Clock
from qlmat.runtime import Outputs
from qlmat.sim.clock import PacedClock, VirtualClock
from qlmat.sim.load import Load, RecordedVolts
from qlmat.sim.mat import VirtualMat
from qlmat.sim.scenario import Scenario
from qlmat_firmware.i2c import LinuxI2C
from qlmat_firmware.mat import Mat, open_mat
from qlmat_firmware.pins import machine_pins, mock_pins
from qlmat_firmware.sentry import Sentry

DEFAULT_STORY = "demo"
SEED = 20261122  # fixed, so that the virtual mat is the same one every time
TRANSFER_S = 130e-6  # what a Pi's software takes for a transfer (ADC facts, C); without it the driver polls in vain


class MockPins(Protocol):
    """What `qlmat_firmware.pins.mock_pins` gives: gpiozero's mock factory, whose pins can be looked at and driven."""

    def pin(self, name: int) -> Any:
        """Find a pin by its BCM number."""
        ...


@dataclass(frozen=True, slots=True)
class Device:
    """An opened mat and the time it lives in. `interrupt` wakes its clock when that is waiting."""

    mat: Mat
    clock: Clock
    interrupt: Callable[[], None] = lambda: None

    @property
    def outputs(self) -> Outputs:
        """Motor, buzzer and LED, for the loop."""
        return Outputs(self.mat.motor, self.mat.buzzer, self.mat.led)


def open_pi(settings: Settings) -> Device:
    """Open this machine's I2C bus and pins; raises `BusError` or `PinError` saying what to do."""
    clock = MonotonicClock()
    with ExitStack() as opened:
        i2c = LinuxI2C(settings.bus.number)
        opened.callback(i2c.deinit)
        sentry = Sentry(settings.board)
        opened.callback(sentry.close)
        bus = settings.bus
        mat = open_mat(
            settings.board, i2c, clock, machine_pins(), bus.rate, bus.sampling, measure_wait=bus.measure_wait
        )
        opened.pop_all()
    return Device(sentry.over(mat), clock)


def open_virtual(settings: Settings, load: Load | RecordedVolts, clock: VirtualClock) -> Device:
    """Build a virtual mat of typical parts under `load`; its motor shakes its sensors as a real one does."""
    return _build(settings, load, clock, mock_pins())[1]


def open_story(settings: Settings, scenario: Scenario, speed: float, pins: MockPins) -> Device:
    """Build a virtual mat on which a person lives a story, day after day, at `speed` times real time."""
    days, clock = Days(scenario, settings.board), PacedClock(speed)
    virtual, device = _build(settings, days, clock, pins)
    scenario.plan_faults(virtual)
    button = pins.pin(settings.board.button_pin)
    days.press(clock, button.drive_low, button.drive_high)  # it goes to ground when pressed
    return device


def open_device(hardware: Hardware, settings: Settings, name: str | None = None, speed: float = 1.0) -> Device:
    """Open the hardware asked for. Raises `UsageError` for a story (`name`) or a `speed` on real hardware."""
    if hardware is Hardware.virtual:
        return open_story(settings, find_story(name or DEFAULT_STORY), speed, mock_pins())
    if name is not None or speed != 1.0:
        raise UsageError("--story and --speed are for --device virtual: leave them out, a person moves by themselves")
    return open_pi(settings)


def _build(
    settings: Settings, load: Load | RecordedVolts, clock: VirtualClock, pins: MockPins
) -> tuple[VirtualMat, Device]:
    rng, board, bus = np.random.default_rng(SEED), settings.board, settings.bus
    virtual = VirtualMat(board, load, clock, rng, scl_hz=bus.scl_rate, software_s=TRANSFER_S)
    mat = open_mat(board, virtual.i2c, clock, pins, bus.rate, bus.sampling, measure_wait=bus.measure_wait)
    motor = pins.pin(board.motor_pin)
    virtual.motor_running = lambda: bool(motor.state)
    return virtual, Device(mat, clock, clock.interrupt if isinstance(clock, PacedClock) else lambda: None)
