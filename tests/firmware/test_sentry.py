"""The process that outlives every hang of the mat: what it hears, what it does, and that it needs nothing to run."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.outputs import Motor
from qlmat_firmware.outputs_watch import listen
from qlmat_firmware.pins import mock_pins
from qlmat_firmware.sentry import Sentry, Watched

PATIENCE_S = 30.0


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe: the end to read, the end to write."""
    ends = os.pipe()
    yield ends
    for end in ends:
        with suppress(OSError):
            os.close(end)


def test_silence_with_an_output_on_is_a_hang(pipe: tuple[int, int]) -> None:
    os.write(pipe[1], b"M")
    assert listen(pipe[0], 0.01)


@pytest.mark.parametrize("said", [b"", b"Mm", b"MBbm", b"MMMm"])
def test_silence_with_everything_off_is_peace_until_the_mat_ends(pipe: tuple[int, int], said: bytes) -> None:
    os.write(pipe[1], said)
    os.close(pipe[1])
    assert not listen(pipe[0], 0.01)


def test_one_output_that_is_still_on_is_enough(pipe: tuple[int, int]) -> None:
    os.write(pipe[1], b"MBm")
    assert listen(pipe[0], 0.01)


def test_it_loads_nothing_that_could_be_broken() -> None:
    code = "import sys; import qlmat_firmware.outputs_watch; print(*sorted({n.split('.')[0] for n in sys.modules}))"
    said = subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True).stdout
    assert not {"numpy", "gpiozero", "pydantic", "qlmat"} & set(said.split())


class Heard(Sentry):
    """A sentry that only listens."""

    def __init__(self, pins: MockFactory) -> None:
        self.said: list[tuple[str, bool]] = []
        self._pins = pins

    def say(self, letter: str) -> None:
        """Note the letter and the motor's state at that moment."""
        self.said.append((letter, bool(self._pins.pin(BOARD_V1.motor_pin).state)))


def test_it_is_told_before_an_output_is_on_at_each_scan_while_it_is_and_after_it_is_off() -> None:
    pins = mock_pins()
    sentry = Heard(pins)
    motor = Watched(Motor(BOARD_V1.motor_pin, pins), sentry, "m")
    for on in (False, True, True, False, False):
        motor.set(on)
    motor.close()
    assert sentry.said == [("M", False), ("M", True), ("m", False)]


def test_a_sentry_that_is_killed_is_replaced(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    sentry = Sentry(BOARD_V1, tmp_path)
    first = sentry._process
    assert first is not None
    first.send_signal(signal.SIGKILL)
    end_s = time.monotonic() + PATIENCE_S
    while sentry._process is first:  # the kernel may take a moment to close its end of the pipe
        assert time.monotonic() < end_s, "never noticed"
        sentry.say("m")
    assert "another one watches" in caplog.text
    second = sentry._process
    assert second is not None
    assert second.poll() is None
    sentry.close()
    assert second.poll() == 0


def test_signals_that_are_meant_for_the_mat_do_not_end_it(tmp_path: Path) -> None:
    watch = [sys.executable, "-I", "-c", "import qlmat_firmware.outputs_watch as w, sys; print(w.main(sys.argv[1:]))"]
    process = subprocess.Popen(
        [*watch, str(os.getpid()), str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdin is not None
        end_s = time.monotonic() + PATIENCE_S
        while not _ignores(process.pid, signal.SIGTERM):
            assert time.monotonic() < end_s, "never deaf to SIGTERM"
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=PATIENCE_S)
    assert out == "0\n"


def _ignores(process: int, number: signal.Signals) -> bool:
    status = Path(f"/proc/{process}/status").read_text()
    mask = int(next(line for line in status.splitlines() if line.startswith("SigIgn")).split()[1], 16)
    return bool(mask >> (number - 1) & 1)
