"""Paints what `qlmat watch` knows: a picture ten times a second in a terminal, else a plain line a second."""

import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

from rich.console import Console, RenderableType
from rich.live import Live

from qlmat.cli.view import fancy
from qlmat.cli.view_picture import Look, line, picture
from qlmat.cli.watch_mats import Watch
from qlmat.dashboard.words import load_words

PAINT_S, LINE_S = 0.1, 1.0
Heard = tuple[str, bytes, bool]  # topic, payload, retained


class Screen:
    """Shows the mat of a `Watch`; `broker` is its address, for people."""

    def __init__(self, watch: Watch, broker: str, console: Console) -> None:
        self._watch, self._broker, self._console = watch, broker, console
        self._connected = False
        self._words = load_words()

    def run(self, heard: "SimpleQueue[Heard | bool]", ended: Callable[[], bool]) -> None:
        """Take what the broker's thread puts on `heard` (a message, or whether it is connected) until `ended()`."""
        if not self._console.is_terminal:
            while not ended():
                self._take_until(heard, time.monotonic() + LINE_S, ended)
                self._console.file.write(f"{self.line(time.monotonic())}\n")
                self._console.file.flush()
            return
        with Live(self.picture(time.monotonic()), console=self._console, auto_refresh=False) as live:
            while not ended():
                self._take_until(heard, time.monotonic() + PAINT_S, ended)
                live.update(self.picture(time.monotonic()), refresh=True)

    def take(self, told: Heard | bool, now_s: float) -> None:
        """Take in a message, or that the connection came or went."""
        if isinstance(told, bool):
            self._connected = told
        else:
            self._watch.take(*told, now_s)

    def picture(self, now_s: float) -> RenderableType:
        """Draw the mat in 80 columns."""
        return picture(self._watch.mat.reading, self._look(now_s))

    def line(self, now_s: float) -> str:
        """Say the mat in one plain line."""
        return f"{self._watch.shown or '-'}  {line(self._watch.mat.reading, self._look(now_s))}"

    def _look(self, now_s: float) -> Look:
        others = [name for name in self._watch.mats if name != self._watch.shown]
        foot = [f"Broker {self._broker}", *([f"also {', '.join(others)}: --id"] if others else []), "Ctrl-C ends"]
        old = self._watch.mat.old(self._connected, self._broker, now_s)
        if self._connected and self._watch.shown is None:
            old = "No mat has been heard of yet"
        title = self._watch.shown or "QL Mat"
        return Look(title, "   ".join(foot), fancy(self._console), self._words, old)

    def _take_until(self, heard: "SimpleQueue[Heard | bool]", until_s: float, ended: Callable[[], bool]) -> None:
        while (left_s := until_s - time.monotonic()) > 0.0 and not ended():
            try:
                self.take(heard.get(timeout=min(left_s, PAINT_S)), time.monotonic())
            except Empty:
                continue
