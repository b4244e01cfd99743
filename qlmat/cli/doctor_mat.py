"""The doctor's bench: bus, pins and mat opened on this machine or on the emulator, then tried one after the other."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from qlmat import doctor_mat as judge
from qlmat.cli.device import SEED, TRANSFER_S
from qlmat.cli.doctor_person import Person
from qlmat.clock import MonotonicClock
from qlmat.config import Settings
from qlmat.core.model import Board, FloatArray
from qlmat.doctor import Finding, failed, good
from qlmat.doctor_mat import OutputSeen
from qlmat.doctor_probe import kernel_driver, others_on
from qlmat.ports import Clock
from qlmat.sim.clock import VirtualClock
from qlmat.sim.mat import VirtualMat
from qlmat_firmware.checks import Switch, pulse, see_bus, see_chip, see_inputs
from qlmat_firmware.converter import reset_all
from qlmat_firmware.i2c import I2C, LinuxI2C
from qlmat_firmware.mat import Mat, open_mat
from qlmat_firmware.pins import machine_pins, mock_pins

REST_S, PRESS_S, BUTTON_S, PULSE_S, LOOK_S = 1.0, 12.0, 8.0, 0.3, 0.02
LEAN_N, LEAN_S = 30.0, 1.0


@dataclass(frozen=True, slots=True)
class Bench:
    """What the doctor works on. `other_programs` and `driver_of` know who else is at bus and chips."""

    name: str
    i2c: I2C
    clock: Clock
    pins: Any  # gpiozero's Factory, which has no types
    person: Person
    other_programs: tuple[str, ...] = ()
    driver_of: Callable[[int], str | None] = lambda address: None


def real_bench(settings: Settings, person: Person) -> Bench:
    """Open this machine's bus and find its pins; raises `BusError` or `PinError` saying what to do."""
    number = settings.bus.number
    i2c = LinuxI2C(number)
    try:
        pins = machine_pins()
    except BaseException:
        i2c.deinit()
        raise
    device = f"/dev/i2c-{number}"
    return Bench(
        device, i2c, MonotonicClock(), pins, person, others_on(device), lambda address: kernel_driver(number, address)
    )


def virtual_bench(settings: Settings) -> Bench:
    """Build an emulated mat of typical parts with somebody beside it who does what the doctor asks."""
    clock, pins, lean = VirtualClock(), mock_pins(), Leaning(settings.board)
    rng = np.random.default_rng(SEED)
    virtual = VirtualMat(settings.board, lean, clock, rng, scl_hz=settings.bus.scl_rate, software_s=TRANSFER_S)
    motor = pins.pin(settings.board.motor_pin)
    virtual.motor_running = lambda: bool(motor.state)
    return Bench("emulated bus", virtual.i2c, clock, pins, Emulated(settings.board, clock, pins, lean))


class Leaning:
    """A `Load`: an empty mat until somebody leans on one foot after the other."""

    def __init__(self, board: Board) -> None:
        self._count = len(board.sensors)
        self.since_s = float("inf")

    def newtons(self, t_s: FloatArray) -> FloatArray:
        """Give (n, sensors) in N at the instants (n,)."""
        newtons = np.zeros((len(t_s), self._count))
        foot = np.floor((t_s - self.since_s) / LEAN_S) if np.isfinite(self.since_s) else np.full(len(t_s), -1.0)
        for index in range(self._count):
            newtons[foot == index, index] = LEAN_N
        return newtons


class Emulated:
    """A person beside the emulated mat: notices what its pins did, leans and presses when asked."""

    there = True

    def __init__(self, board: Board, clock: VirtualClock, pins: Any, lean: Leaning) -> None:
        self._board, self._clock, self._pins, self._lean = board, clock, pins, lean

    def noticed(self, output: str) -> bool | None:
        """Say whether the output's pin was on for a moment."""
        pin = self._pins.pin(getattr(self._board, f"{output}_pin"))
        return any(moment.state for moment in pin.states)

    def begin_press(self, seconds: float) -> None:
        """Lean on each foot in turn."""
        self._lean.since_s = self._clock.now_s() + LEAN_S

    def begin_button(self, seconds: float) -> None:
        """Press the button soon."""
        button = self._pins.pin(self._board.button_pin)
        self._clock.call_at(self._clock.now_s() + seconds / 4, button.drive_low)
        self._clock.call_at(self._clock.now_s() + seconds / 2, button.drive_high)


def examine(settings: Settings, bench: Bench, *, reset: bool = False) -> list[Finding]:
    """Try bus, chips (after a `reset`), sensors, outputs and button; all is off and released afterwards."""
    board, found = settings.board, [_reset(bench)] if reset else []
    bus = see_bus(bench.name, bench.i2c, bench.clock, board, bench.other_programs)
    chips = [see_chip(bench.i2c, bench.clock, chip, board, bench.driver_of(chip.address)) for chip in board.chips]
    found += [*judge.bus_findings(bus, board), *judge.chip_findings(chips)]
    with ExitStack() as closing:
        mat = open_mat(board, bench.i2c, bench.clock, bench.pins, settings.bus.rate, settings.bus.sampling)
        closing.callback(mat.close)
        if any(chip.answered for chip in chips):
            found += _sensors(settings, bench, mat)
        found += _outputs(bench, mat)
    return found


def _reset(bench: Bench) -> Finding:
    try:
        reset_all(bench.i2c)
    except OSError:
        return failed("Bus", "reset", "nobody took the general call", "check the wires SDA, SCL, 3.3 V and ground")
    return good("Bus", "reset", "every ADS1x15 on the bus has forgotten its settings")


def _sensors(settings: Settings, bench: Bench, mat: Mat) -> list[Finding]:
    board, rate_hz = settings.board, settings.bus.rate
    at_rest = see_inputs(mat.source, board, max(10, round(REST_S * rate_hz)))
    found = judge.rest_findings(at_rest, board, rate_hz)
    if bench.person.there:
        bench.person.begin_press(PRESS_S)
        pressed = see_inputs(mat.source, board, round(PRESS_S * rate_hz))
        found += judge.press_findings(at_rest, pressed, board)
    return found


def _outputs(bench: Bench, mat: Mat) -> list[Finding]:
    names = {"motor": mat.motor, "buzzer": mat.buzzer, "led": mat.led}
    outputs = {name: cast(Switch, output) for name, output in names.items()}  # the ones `open_mat` makes can say so
    seen = []
    for name, output in outputs.items():
        look = OutputSeen(name, False, None, not output.on)
        if bench.person.there:
            off_after = pulse(output, bench.clock, PULSE_S)
            look = replace(look, pulsed=True, off_after=off_after, noticed=bench.person.noticed(name))
        seen.append(look)
    return [*judge.output_findings(seen), *judge.button_findings(mat.button.pressed, _button(bench, mat))]


def _button(bench: Bench, mat: Mat) -> bool | None:
    if not bench.person.there or mat.button.pressed:
        return None
    bench.person.begin_button(BUTTON_S)
    end_s = bench.clock.now_s() + BUTTON_S
    while bench.clock.now_s() < end_s:
        if mat.button.pressed:
            return True
        bench.clock.sleep_until(bench.clock.now_s() + LOOK_S)
    return False
