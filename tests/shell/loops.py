"""A control loop to try: scans one each 10 ms, a core that follows a script, and a probe on the real outputs."""

from collections.abc import Callable, Sequence
from queue import SimpleQueue

from gpiozero.pins.mock import MockFactory

from qlmat.core.cues import LENGTH_S
from qlmat.core.model import Command, Frame, Practice, State, Tick
from qlmat.core.plan import Plan
from qlmat.ports import Sink
from qlmat.runtime import Outputs, Runtime
from qlmat.sim.clock import VirtualClock
from qlmat_firmware.board import BOARD_V1
from tests.shell.ticks import frame, tick

PERIOD_S = 0.01


class Scans:
    """A source of `count` scans, one each 10 ms; `at` calls something before the scan of that number is returned."""

    def __init__(self, clock: VirtualClock, count: int, at: dict[int, Callable[[], object]] | None = None) -> None:
        self._clock = clock
        self._count = count
        self._at = {} if at is None else at
        self._read = 0

    def read(self) -> Frame | None:
        """Return the next scan."""
        if self._read == self._count:
            return None
        self._clock.sleep_until(self._read * PERIOD_S)
        scan = frame(self._clock.now_s())
        self._at.get(self._read, lambda: None)()
        self._read += 1
        return scan

    def close(self) -> None:
        """Hold nothing."""


class Script:
    """A pipeline that asks for a cue, or breaks, at given times, and remembers its commands."""

    def __init__(self, cues: dict[float, str], state: State = "working", error_s: float = 1e9) -> None:
        self._cues = cues
        self._state = state
        self._error_s = error_s
        self.commands: list[tuple[Command, ...]] = []
        self.followed: list[Plan] = []

    def push(self, scan: Frame, commands: Sequence[Command] = ()) -> Tick:
        """Say what the script says for this time; a cue is named as long as it lasts, as the core does."""
        if scan.t_s >= self._error_s:
            raise ValueError("a bug in the core")
        self.commands.append(tuple(commands))
        playing = [cue for t_s, cue in self._cues.items() if t_s <= scan.t_s < t_s + LENGTH_S[cue]]
        practice = Practice(self._state, "left", 0.0, 0.0)
        return tick(scan.t_s, cue=playing[-1] if playing else None, practice=practice)

    def follow(self, plan: Plan) -> None:
        """Note the plan."""
        self.followed.append(plan)


class Probe:
    """A sink that writes down what each output does at each tick."""

    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs
        self.seen: list[tuple[float, bool, bool, bool]] = []

    def put(self, one: Tick, scan: Frame) -> None:
        """Look at the outputs."""
        parts = (self._outputs.motor, self._outputs.buzzer, self._outputs.led)
        self.seen.append((one.t_s, *(part.on for part in parts)))

    def close(self) -> None:
        """Hold nothing."""

    def motor(self) -> list[tuple[float, bool]]:
        """List when the motor changed."""
        changes: list[tuple[float, bool]] = []
        for t_s, on, _, _ in self.seen:
            if on != (changes[-1][1] if changes else False):
                changes.append((round(t_s, 6), on))
        return changes


class Broken:
    """A sink on a full disk."""

    def __init__(self) -> None:
        self.asked = 0

    def put(self, one: Tick, scan: Frame) -> None:
        """Fail, as writing does there."""
        self.asked += 1
        raise OSError("no space left on device")

    def close(self) -> None:
        """Hold nothing."""


def build(source: Scans, script: Script, outputs: Outputs, clock: VirtualClock, *sinks: Sink) -> tuple[Runtime, Probe]:
    """Put a loop together with a probe on its outputs."""
    probe = Probe(outputs)
    return Runtime(source, script, outputs, [*sinks, probe], clock, SimpleQueue()), probe


def levels(pins: MockFactory) -> list[float]:
    """Read all three pins."""
    return [float(pins.pin(n).state) for n in (BOARD_V1.motor_pin, BOARD_V1.buzzer_pin, BOARD_V1.led_pin)]
