"""Guide a person through their slow loads: what the mat tells, in words; and a virtual person who does as told."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from threading import Thread

import numpy as np
from rich.console import Console

from qlmat.core.model import SIDES, Board, Command, Event, FloatArray, Frame, Side, Tick
from qlmat.inbox import Requests
from qlmat.sim.clock import VirtualClock
from qlmat.sim.pad import RigidPad

FIRM_N: dict[Side, float] = {"left": 84.0, "right": 92.0}  # what the virtual person calls firm
SPREAD_N, LEAN_S, BETWEEN_S = 6.0, 5.0, 1.0
WORDS = {
    "comfort_started": "{side} side. Take all weight off the ball.",
    "lean_in": 'Lean in slowly. At "firm, 4 out of 10" press the button, or Enter. ({n:.0f} of 3)',
    "load_counted": "   {force_n:.0f} N. Let go.",
    "load_refused": "   Not counted: {reason}.",
    "over_cap": "   Too much: lift off.",
    "comfort_found": "[bold]{side} side: about {force_n:.0f} N is comfortable[/bold] ({low_n:.0f} to {high_n:.0f} N in "
    "{loads:.0f} loads).",
    "comfort_ended": "{side} side: ended, {reason}.",
    "command_refused": "The mat refused: {reason}.",
}


class ComfortGuide:
    """A `Sink` that says what happens and asks for one side after the other."""

    def __init__(self, console: Console, sides: Sequence[Side], commands: Requests) -> None:
        self._console, self._commands = console, commands
        self._due = list(sides)
        self._found: list[Side] = []
        self._wanted = len(sides)
        self.end: Callable[[], None] = lambda: None
        self.told: Callable[[Event], None] = lambda event: None
        self._asked = False

    @property
    def complete(self) -> bool:
        """Tell whether every side has its comfortable pressure."""
        return len(self._found) == self._wanted

    def put(self, tick: Tick, frame: Frame) -> None:
        """Take one tick."""
        if not self._asked and tick.practice.state in ("waiting", "done", "stopped"):
            self._next()
        for event in tick.events:
            if event.name in WORDS:
                side = (event.side or "").capitalize()
                self._console.print(WORDS[event.name].format(side=side, **event.detail))
            self.told(event)
            if event.name == "comfort_found" and event.side is not None:
                self._found.append(event.side)
            if event.name in ("comfort_found", "comfort_ended"):
                self._asked = False
                if not self._due or event.name == "comfort_ended":
                    self.end()
            if event.name == "command_refused" and event.detail.get("command") == "comfort":
                self.end()

    def close(self) -> None:
        """Nothing to close."""

    def _next(self) -> None:
        if self._due:
            self._asked = True
            self._commands.put(Command("comfort", self._due.pop(0)))


def listen_for_enter(commands: Requests) -> None:
    """Take each Enter as a press of the button, for as long as the program runs."""

    def listen() -> None:
        for _ in sys.stdin:
            commands.put(Command("press"))

    Thread(target=listen, name="enter", daemon=True).start()


class LeaningPerson:
    """A `Load`: a person who leans in when told to and presses when it is firm."""

    def __init__(self, board: Board, clock: VirtualClock, commands: Requests) -> None:
        self._clock, self._commands = clock, commands
        self._rng = np.random.default_rng(4)  # fixed: the same hesitations each time
        self._columns = {side: [k for k, s in enumerate(board.sensors) if s.side == side] for side in SIDES}
        self._pads = {side: RigidPad([board.sensors[k] for k in ks]) for side, ks in self._columns.items() if ks}
        self._count = len(board.sensors)
        self._knots: dict[Side, tuple[list[float], list[float]]] = {side: ([0.0], [0.0]) for side in SIDES}

    def told(self, event: Event) -> None:
        """Do what is asked."""
        if event.name != "lean_in" or event.side is None:
            return
        times, forces = self._knots[event.side]
        begin_s = max(event.t_s + BETWEEN_S, times[-1])  # the virtual mat computes half a second ahead
        firm_n = FIRM_N[event.side] + self._rng.normal(0.0, SPREAD_N)
        firm_s = begin_s + LEAN_S
        for at_s, force_n in ((begin_s, 0.0), (firm_s, firm_n), (firm_s + 1.5, firm_n), (firm_s + 2.0, 0.0)):
            times.append(at_s)
            forces.append(force_n)
        self._clock.call_at(firm_s + 1.0, partial(self._commands.put, Command("press")))

    def newtons(self, t_s: FloatArray) -> FloatArray:
        """Give (n, sensors) in N at (n,) seconds."""
        newtons = np.zeros((len(t_s), self._count))
        for side, pad in self._pads.items():
            force_n = np.interp(t_s, *self._knots[side])
            newtons[:, self._columns[side]] = pad.split(force_n, np.zeros_like(t_s), np.zeros_like(t_s))
        return newtons
