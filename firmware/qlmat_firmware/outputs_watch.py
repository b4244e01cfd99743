"""Drive the outputs low when the mat ends, or hangs with one of them on: a small process beside the mat's own.

A program that is stopped, or hangs in C, cannot switch anything off itself, and while it lives its pins are its own. So
the mat tells this process, over a pipe, what it switches, and again at each scan while something is on:

    a letter      M, B or L: motor, buzzer or light is on; m, b or l: it is off
    silence       for 0.8 s while something is on: the mat hangs. It is killed, and the kernel takes its pins back
    end of file   the mat ended, however it did

In the last two cases the outputs are driven low. Bare Python for the same reason as `qlmat_firmware.outputs_low`.
"""

import os
import select
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from qlmat_firmware.outputs_low import drive_low, header_chip

STARVED_S = 0.8  # after the mat's own timer (0.65 s), which mends a hang without ending the mat; promised: 1 s
AGAIN_S = 0.01  # a dying process gives its pins back a moment after its pipe
DEAF_TO = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)  # they are for the mat; this ends when the mat has


def listen(feed: int, limit_s: float = STARVED_S) -> bool:
    """Return when nothing more is said: True if something is left on, False if the mat closed its end."""
    on: set[str] = set()
    while select.select([feed], [], [], limit_s if on else None)[0]:
        said = os.read(feed, 4096).decode("ascii")
        if not said:
            return False
        for letter in said:
            (on.add if letter.isupper() else on.discard)(letter.upper())
    return True


def main(arguments: Sequence[str]) -> int:
    """Watch the process `arguments[0]` whose pins are on a chip in folder [1]; the rest are the pins' numbers."""
    for number in DEAF_TO:
        signal.signal(number, signal.SIG_IGN)
    mat = os.pidfd_open(int(arguments[0]))
    chip = header_chip(Path(arguments[1]))
    pins = {f"output {pin}": int(pin) for pin in arguments[2:]}
    if listen(sys.stdin.fileno()):
        signal.pidfd_send_signal(mat, signal.SIGKILL)
        sys.stderr.write("qlmat: the mat hung with an output on: it was killed.\n")
    gone = False
    while chip is not None and drive_low(chip, pins) and not gone:
        gone = bool(select.select([mat], [], [], AGAIN_S)[0])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
