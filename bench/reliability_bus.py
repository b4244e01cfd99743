"""Each fault of the bus and of a foot under the whole program, in the middle of a side: what is told, and what goes on.

The daemon's `run_mat` with the real sampler on the virtual bus, pipeline, coach, outputs and store; one person rocks,
and the fault is there for six seconds. Time is virtual, so the seconds are the mat's own and the same in every run.
"""

import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bench.stories import rocks
from qlmat.cli.daemon import Ending, run_mat
from qlmat.cli.device import open_story
from qlmat.config import load
from qlmat.core.model import Event, Frame, Tick
from qlmat.core.moves import ACTIVE
from qlmat.sim.scenario import parse_scenario
from qlmat.store.database import FILE
from qlmat.store.sink import StoreSink
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.pins import mock_pins

BEGINS_S, ENDS_S, LAST_S = 30.0, 36.0, 44.0
FLAT_OUT = 1000.0
STORY = rocks(settle_s=20, rock_s=50)  # on the left pad, while something breaks for a while
WHILE = "[[fault]]\nat_seconds = 30\nseconds = 6\n"
BOTH, LEFT, FOOT = "", "chip = 0x48\n", 'sensor = "left_1"\n'
FAULTS: dict[str, str] = {
    "nothing": "",
    "bus: no answer": 'kind = "nack"\n' + LEFT,
    "bus: no answer from both chips": 'kind = "nack"\n' + BOTH,
    "bus: I/O error": 'kind = "io_error"\n' + LEFT,
    "bus: timeout": 'kind = "timeout"\ncost_seconds = 0.05\n' + LEFT,
    "bus: stuck low": 'kind = "stuck_low"\n' + BOTH,
    "bus: stuck high": 'kind = "stuck_high"\n' + BOTH,
    "bus: lost pointer": 'kind = "config_word"\n' + LEFT,
    "bus: chips change places": 'kind = "swapped"\nother_chip = 0x49\n' + LEFT,
    "bus: clock held for 100 ms": 'kind = "stretch"\ncost_seconds = 0.1\n' + LEFT,
    "chip: brown-out": 'kind = "brown_out"\n' + LEFT,
    "foot: lead open": 'kind = "open"\n' + FOOT,
    "foot: short": 'kind = "short"\n' + FOOT,
    "foot: stuck": 'kind = "stuck"\n' + FOOT,
    "foot: loose lead": 'kind = "intermittent"\n' + FOOT,
    "foot: nothing on it": 'kind = "foot_lifted"\n' + FOOT,
    "rail: sags by 0.3 V": 'kind = "rail_sag"\nvolts = 0.3\n',
}


@dataclass
class Course:
    """What was told, stored and done in the life with one fault; a sink of the loop that lives it."""

    fault: str
    stamps_s: list[float] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    frames: int = 0
    stored: int = 0

    def put(self, tick: Tick, frame: Frame) -> None:
        """Take a tick, as a sink."""
        self.frames += 1
        self.stamps_s.append(tick.t_s)
        self.states.append(tick.practice.state)
        self.events += tick.events

    def close(self) -> None:
        """There is nothing to let go of."""

    @property
    def told_s(self) -> float | None:
        """How long after the fault its first event came, s."""
        return next((e.t_s - BEGINS_S for e in self.events if BEGINS_S <= e.t_s < ENDS_S + 3.0), None)

    @property
    def told(self) -> str:
        """What was told from the fault on until it was over."""
        return ", ".join(dict.fromkeys(e.name for e in self.events if BEGINS_S <= e.t_s < ENDS_S))

    @property
    def paused_s(self) -> float | None:
        """How long after the fault the session paused, s; None if it never did."""
        at = zip(self.stamps_s, self.states, strict=True)
        return next((t_s - BEGINS_S for t_s, state in at if state == "paused" and t_s >= BEGINS_S), None)

    @property
    def back_s(self) -> float | None:
        """How long after the fault the session worked for good, s: 0 if it never stopped, None if it did not."""
        if self.states[-1] != "working":
            return None
        at = zip(self.stamps_s, self.states, strict=True)
        return max(0.0, max((t_s for t_s, state in at if state != "working"), default=0.0) - ENDS_S)

    @property
    def longest_gap_s(self) -> float:
        """The longest the loop did not turn, s."""
        return max(b - a for a, b in zip(self.stamps_s, self.stamps_s[1:], strict=False))

    @property
    def survived(self) -> bool:
        """Tell whether the same session went on and everything of it was stored."""
        begun = sum(event.name == "session_started" for event in self.events)
        return begun == 1 and self.states[-1] in ACTIVE and self.stored == len(self.events)


def run(fault: str) -> Course:
    """Live through one fault."""
    course, pins, settings = Course(fault), mock_pins(), load(None, BOARD_V1)
    text = STORY + (WHILE + FAULTS[fault] if FAULTS[fault] else "")
    device = open_story(settings, parse_scenario(text, fault), FLAT_OUT, pins)
    with tempfile.TemporaryDirectory() as name, Ending() as ending:
        run_mat(settings, device, None, ending, [StoreSink(Path(name), settings.plan), course], until_s=LAST_S)
        with closing(sqlite3.connect(Path(name) / FILE)) as store:
            (course.stored,) = store.execute("SELECT count(*) FROM events").fetchone()
    return course


def campaign(faults: tuple[str, ...] = tuple(FAULTS)) -> list[Course]:
    """Live through each of them."""
    return [run(fault) for fault in faults]
