"""The live picture in a terminal: a sink that never waits, and one thread that paints at most ten times a second.

When standard output is no terminal it writes a plain line a second instead, and a line for each event.
"""

import os
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.live import Live

from qlmat.cli.view_picture import Look, clock, line, picture
from qlmat.cli.view_reading import Reading
from qlmat.core.model import Event, Frame, Tick
from qlmat.dashboard.words import event_words, load_words
from qlmat.payloads import live_payload

PAINT_S, LINE_S = 0.1, 1.0
END_S = 0.5
EVENTS_WAITING = 200


class TerminalView:
    """Shows one mat in this process. `put` only keeps the newest tick; the painting thread does everything else.

    `aims`: the mat's plan as `qlmat.payloads.plan_payload` gives it, None if it is not known. `title` and `foot` frame
    the picture. A tick that waits longer than a tenth of a second is replaced by the next; events are not lost.
    """

    def __init__(
        self,
        aims: Mapping[str, Any] | None = None,
        title: str = "QL Mat",
        foot: str = "Ctrl-C ends",
        console: Console | None = None,
    ) -> None:
        """Begin to paint on `console`, standard output by default."""
        self._console = console or Console()
        self._reading = Reading(aims)
        self._look = Look(title, foot, fancy(self._console), load_words())
        self._tick: Tick | None = None
        self._events: deque[Event] = deque(maxlen=EVENTS_WAITING)
        self._ending = threading.Event()
        paint = self._paint if self._console.is_terminal else self._print
        self._thread = threading.Thread(target=paint, name="view", daemon=True)
        self._thread.start()

    def put(self, tick: Tick, frame: Frame) -> None:
        """Keep one tick; never waits, however slow the terminal is."""
        self._events.extend(tick.events)
        self._tick = tick

    def close(self) -> None:
        """Paint what came last and give the terminal back; half a second at most."""
        self._ending.set()
        self._thread.join(END_S)

    # --- the thread ---------------------------------------------------------------------------------------------------

    def _paint(self) -> None:
        with Live(picture(self._reading, self._look), console=self._console, auto_refresh=False) as live:
            while not self._ending.wait(PAINT_S):
                self._repaint(live)
            self._repaint(live)

    def _repaint(self, live: Live) -> None:
        if self._see() is not None:
            live.update(picture(self._reading, self._look), refresh=True)

    def _print(self) -> None:
        while not self._ending.wait(LINE_S):
            self._say()
        self._say()

    def _say(self) -> None:
        seen = self._see()
        if seen is None:
            return
        for event in seen["events"]:
            if event["name"] not in self._look.words["unlisted"]:
                self._write(f"{clock(event['t_s'])}  * {event_words(self._look.words, event)}")
        self._write(line(self._reading, self._look))

    def _write(self, text: str) -> None:
        self._console.file.write(f"{text}\n")
        self._console.file.flush()

    def _see(self) -> Mapping[str, Any] | None:
        """Take the newest tick and the events since the last one; None when there is nothing new."""
        tick, self._tick = self._tick, None
        if tick is None:
            return None
        events = [self._events.popleft() for _ in range(len(self._events))]
        live = live_payload(tick, events)
        self._reading.see(live)
        return live


def fancy(console: Console) -> bool:
    """Tell whether a console shows UTF-8 with Braille; the Linux console's font has no Braille."""
    return console.encoding.lower().startswith("utf") and os.environ.get("TERM") != "linux"
