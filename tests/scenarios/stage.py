"""The stage on which stories are played: virtual bytes, the real Adafruit driver, the control loop and gpiozero's pins.

Everything below the session is what runs on a Pi, but for the silicon, the wires and the clock. Time is virtual: a
story of a minute takes some seconds, and no test sleeps.
"""

from dataclasses import dataclass, field
from functools import partial
from queue import SimpleQueue

import numpy as np

from qlmat.core.calibration import nominal_calibration
from qlmat.core.model import Command, Event, Frame, Tick
from qlmat.core.pipeline import Pipeline
from qlmat.core.session import Plan
from qlmat.runtime import Outputs, Runtime
from qlmat.sim.clock import VirtualClock
from qlmat.sim.mat import VirtualMat
from qlmat.sim.scenario import Scenario
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.mat import open_mat
from qlmat_firmware.pins import mock_pins

RATE_HZ = 50.0
FRAME_S = 1 / RATE_HZ
TRANSFER_S = 130e-6  # what a Pi's software takes for a transfer (ADC facts, C)
SILICON_SEED = 20  # fixed: the same parts under every story; the person's seed stands in the story


@dataclass(slots=True)
class Witness:
    """Writes down what left the core, and when the motor's pin went up and down."""

    motor_pin: object
    ticks: list[Tick] = field(default_factory=list)
    motor_s: list[float] = field(default_factory=list)  # up, down, up, ...

    @property
    def events(self) -> list[Event]:
        """All events in their order."""
        return [event for tick in self.ticks for event in tick.events]

    @property
    def cues(self) -> list[tuple[float, str]]:
        """When which cue began."""
        names = [None, *(tick.cue for tick in self.ticks)]
        return [
            (tick.t_s, tick.cue) for tick, last in zip(self.ticks, names, strict=False) if tick.cue not in (None, last)
        ]

    def put(self, tick: Tick, frame: Frame) -> None:
        """Take one tick; the loop has set the pins by now."""
        self.ticks.append(tick)
        if bool(self.motor_pin.state) != bool(len(self.motor_s) % 2):  # type: ignore[attr-defined]  # gpiozero has no types
            self.motor_s.append(tick.t_s)

    def close(self) -> None:
        """Nothing to close."""


def play(scenario: Scenario) -> Witness:
    """Live the whole story on a mat of usual parts; the button gives `press`, as in `qlmat run`."""
    clock, pins = VirtualClock(), mock_pins()
    virtual = VirtualMat(
        BOARD_V1, scenario.load(BOARD_V1), clock, np.random.default_rng(SILICON_SEED), software_s=TRANSFER_S
    )
    scenario.plan_faults(virtual)
    mat = open_mat(BOARD_V1, virtual.i2c, clock, pins, RATE_HZ)
    motor, button = pins.pin(BOARD_V1.motor_pin), pins.pin(BOARD_V1.button_pin)
    virtual.motor_running = lambda: bool(motor.state)
    commands: SimpleQueue[Command] = SimpleQueue()
    mat.button.on_press(partial(commands.put, Command("press")))
    for press in scenario.presses:
        clock.call_at(press.t_s, button.drive_low)  # to ground when pressed
        clock.call_at(press.t_s + press.seconds, button.drive_high)
    witness = Witness(motor)
    pipeline = Pipeline(BOARD_V1, nominal_calibration(BOARD_V1), Plan(**scenario.story.plan))
    outputs = Outputs(mat.motor, mat.buzzer, mat.led)
    try:
        Runtime(mat.source, pipeline, outputs, [witness], clock, commands).run(scenario.end_s)
    finally:
        mat.close()
    return witness
