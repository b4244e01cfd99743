"""The stage on which stories are played: virtual bytes, the real Adafruit driver, the control loop and gpiozero's pins.

Everything below the session is what runs on a Pi, but for the silicon, the wires and the clock. Time is virtual: a
story of a minute takes some seconds, and no test sleeps. What a coach knows stands in the story's `plan.coach`:
`today`'s sessions, `days` practised before, who the person is, what they answered, what is told to it when; when the
loop stood still (`frozen`), when the current was cut (`dark`), each as two times.
"""

from dataclasses import dataclass, field, replace
from functools import partial
from queue import SimpleQueue
from typing import Any

import numpy as np

from qlmat.coach import Coach
from qlmat.core.calibration import nominal_calibration
from qlmat.core.course import Practised
from qlmat.core.model import Command, Event, Frame, Tick
from qlmat.core.pipeline import Pipeline
from qlmat.core.plan import Plan
from qlmat.ports import FrameSource
from qlmat.runtime import Outputs, Pushes, Runtime
from qlmat.sim.clock import VirtualClock
from qlmat.sim.mat import VirtualMat
from qlmat.sim.scenario import Scenario
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.mat import open_mat
from qlmat_firmware.pins import mock_pins
from tests.scenarios.book import TODAY, Book, past_of

RATE_HZ = 50.0
FRAME_S = 1 / RATE_HZ
TRANSFER_S = 130e-6  # what a Pi's software takes for a transfer (ADC facts, C)
SILICON_SEED = 20  # fixed: the same parts under every story; the person's seed stands in the story


@dataclass(slots=True)
class Witness:
    """Writes down what left the core, and when the motor's pin went up and down."""

    motor_pin: object = None
    ticks: list[Tick] = field(default_factory=list)
    motor_s: list[float] = field(default_factory=list)  # up, down, up, ...
    book: Book = field(default_factory=Book)
    coach: Coach | None = None

    @property
    def events(self) -> list[Event]:
        """All events in their order."""
        return [event for tick in self.ticks for event in tick.events]

    @property
    def cues(self) -> list[tuple[float, str]]:
        """When which cue began, but for the tick of the pace."""
        names = [None, *(tick.cue for tick in self.ticks)]
        return [
            (tick.t_s, tick.cue)
            for tick, last in zip(self.ticks, names, strict=False)
            if tick.cue not in (None, last, "pace")
        ]

    def put(self, tick: Tick, frame: Frame) -> None:
        """Take one tick; the loop has set the pins by now."""
        self.ticks.append(tick)
        if bool(self.motor_pin.state) != bool(len(self.motor_s) % 2):  # type: ignore[attr-defined]  # gpiozero has no types
            self.motor_s.append(tick.t_s)

    def close(self) -> None:
        """Nothing to close."""


class Frozen:
    """A source whose loop stands still from one time to another: what was read meanwhile never came."""

    def __init__(self, source: FrameSource, begin_s: float, end_s: float) -> None:
        self._source, self._begin_s, self._end_s = source, begin_s, end_s

    def read(self) -> Frame | None:
        """Give the next scan that comes."""
        frame = self._source.read()
        while frame is not None and self._begin_s <= frame.t_s < self._end_s:
            frame = self._source.read()
        return frame

    def close(self) -> None:
        """Let go of the source."""
        self._source.close()


def play(scenario: Scenario, coached: bool = False) -> Witness:
    """Live the whole story on a mat of usual parts; the button gives `press`, as in `qlmat run`."""
    settings = dict(scenario.story.plan)
    knows: dict[str, Any] | None = settings.pop("coach", {} if coached else None)
    witness, clock, plan = Witness(), VirtualClock(), Plan(**settings)
    if knows is None:
        _run(scenario, clock, witness, plan, None, scenario.end_s)
        return witness
    witness.book.people.update(first=past_of(knows), second=past_of(knows.get("second", {})))
    dark = knows.get("dark")
    if dark is not None:
        _run(scenario, clock, witness, plan, knows, dark[0])
        _closed(witness)
        clock.sleep_until(dark[1])
    _run(scenario, clock, witness, plan, knows, scenario.end_s)
    return witness


def _closed(witness: Witness) -> None:
    """Close the session the power cut short, as the store does at the next start: with what was worked until then."""
    practice = witness.ticks[-1].practice
    left_s, right_s = (practice.worked_s if practice.side == side else 0.0 for side in ("left", "right"))
    past = witness.book.people["first"]
    witness.book.people["first"] = replace(past, sessions=(*past.sessions, Practised(TODAY, left_s, right_s)))


def _run(
    scenario: Scenario, clock: VirtualClock, witness: Witness, plan: Plan, knows: dict[str, Any] | None, until_s: float
) -> None:
    """Switch the mat on and let it run; then the current is gone."""
    pins = mock_pins()
    virtual = VirtualMat(
        BOARD_V1, scenario.load(BOARD_V1), clock, np.random.default_rng(SILICON_SEED), software_s=TRANSFER_S
    )
    scenario.plan_faults(virtual)
    mat = open_mat(BOARD_V1, virtual.i2c, clock, pins, RATE_HZ)
    motor, button = pins.pin(BOARD_V1.motor_pin), pins.pin(BOARD_V1.button_pin)
    witness.motor_pin = motor
    virtual.motor_running = lambda: bool(motor.state)
    commands: SimpleQueue[Command] = SimpleQueue()
    mat.button.on_press(partial(commands.put, Command("press")))
    begins_s = clock.now_s()
    for press in scenario.presses:
        if press.t_s >= begins_s:
            clock.call_at(press.t_s, button.drive_low)  # to ground when pressed
            clock.call_at(press.t_s + press.seconds, button.drive_high)
    core: Pushes = Pipeline(BOARD_V1, nominal_calibration(BOARD_V1), plan)
    if knows is not None:
        witness.book.fresh = witness.book.people[witness.book.person]
        core = witness.coach = Coach(core, plan, witness.book, lambda: TODAY)
        _tell(knows, clock, witness.coach, commands, begins_s)
    frozen = None if knows is None else knows.get("frozen")
    source = mat.source if frozen is None else Frozen(mat.source, *frozen)
    outputs = Outputs(mat.motor, mat.buzzer, mat.led)
    try:
        Runtime(source, core, outputs, [witness], clock, commands).run(until_s)
    finally:
        mat.close()


def _tell(
    knows: dict[str, Any], clock: VirtualClock, coach: Coach, commands: SimpleQueue[Command], begins_s: float
) -> None:
    """Have everything said at its time, as the network would: wishes to the coach, commands to the loop."""
    for said in knows.get("told", []):
        if said["at_seconds"] < begins_s:
            continue
        if said["name"] in coach.wishes:
            clock.call_at(said["at_seconds"], partial(coach.wishes[said["name"]], said["values"]))
        else:
            clock.call_at(said["at_seconds"], partial(commands.put, Command(said["name"], said.get("side"))))
