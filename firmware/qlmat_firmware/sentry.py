"""The mat's end of the pipe to `qlmat_firmware.outputs_watch`, the process that outlives every hang of this one."""

import logging
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from qlmat.core.model import Board
from qlmat.ports import Actuator
from qlmat_firmware.mat import Mat

log = logging.getLogger(__name__)

CHIPS = Path("/dev")
END_S = 2.0  # Python's own start and end on the slowest Pi


class Sentry:
    """Runs the watching process. Says nothing while all is off, so that it costs nothing then.

    One that ended is replaced; when none can be had the mat goes on under its other guards.
    """

    def __init__(self, board: Board, chips: Path = CHIPS) -> None:
        pins = (board.motor_pin, board.buzzer_pin, board.led_pin)
        watch = "-I", "-m", "qlmat_firmware.outputs_watch", str(os.getpid()), str(chips)
        self._command = [sys.executable, *watch, *map(str, pins)]
        self._process = self._start()

    def over(self, mat: Mat) -> Mat:
        """Give the same mat with its outputs watched; closing it ends the watch."""
        motor, buzzer, led = Watched(mat.motor, self, "m"), Watched(mat.buzzer, self, "b"), Watched(mat.led, self, "l")
        return replace(mat, motor=motor, buzzer=buzzer, led=led, close_last=self.close)

    def say(self, letter: str) -> None:
        """Tell the process. Never blocks."""
        if self._process is None:
            return
        try:
            _write(self._process, letter)
        except BrokenPipeError:
            log.error("sentry=ended code=%s result='another one watches'", self._process.poll())
            self._end()
            self._process = self._start()
            if self._process is not None:
                _write(self._process, letter)

    def close(self) -> None:
        """Let the process drive everything low once more, and end it."""
        self._end()

    def _start(self) -> "subprocess.Popen[bytes] | None":
        try:
            process = subprocess.Popen(self._command, stdin=subprocess.PIPE, bufsize=0)  # noqa: S603 - our own module
        except OSError as error:
            log.error("sentry=none problem=%r result='a hang in C lasts until systemd ends it'", str(error))
            return None
        assert process.stdin is not None  # noqa: S101 - asked for
        os.set_blocking(process.stdin.fileno(), False)
        return process

    def _end(self) -> None:
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            log.error("sentry=slow result='left to end by itself'")


class Watched:
    """An `Actuator` that tells a sentry what it does: before it is on, after it is off."""

    def __init__(self, output: Actuator, sentry: Sentry, letter: str) -> None:
        self._output, self._sentry, self._letter, self._on = output, sentry, letter, False

    def set(self, on: bool) -> None:
        """Switch the output; the sentry knows before it goes on and after it went off."""
        if on:
            self._on = True
            self._sentry.say(self._letter.upper())
        self._output.set(on)
        if self._on and not on:
            self._on = False
            self._sentry.say(self._letter)

    def close(self) -> None:
        """Switch it off and release it."""
        self._output.close()


def _write(process: "subprocess.Popen[bytes]", letter: str) -> None:
    assert process.stdin is not None  # noqa: S101 - asked for
    with suppress(BlockingIOError):  # it is held up, and has enough to read
        os.write(process.stdin.fileno(), letter.encode("ascii"))
