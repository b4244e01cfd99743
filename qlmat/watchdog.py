"""What keeps the outputs from staying on when the control loop stalls, without a thread of its own.

Three rings, each for what the one inside it cannot mend:

1. `StallGuard`: a kernel timer (SIGALRM) that each turn of the loop winds up again. When it runs out, its handler
   switches the outputs off in the main thread: in the middle of a Python loop that never ends, of a sleep, of a lock.
2. `qlmat_firmware.sentry`: another process, which kills a mat that hangs where no Python runs and drives its pins low.
3. `SystemdSink`: the service manager's watchdog, fed only while samples arrive. It ends and restarts what hangs with
   nothing on; the unit's `ExecStopPost=` then drives the pins low once more.

Why a timer and not bounded pulses in a thread: three threads are enough, a thread needs the interpreter lock which the
stall may hold, and gpiozero's background pulses do not end when their process hangs. The timer counts real seconds, so
runs in virtual time leave the guard out. Both are sinks because, like any sink, they want every tick.
"""

import os
import signal
import socket
import time
from collections.abc import Callable
from math import inf
from types import FrameType, TracebackType
from typing import Self

import numpy as np

from qlmat.core.model import Frame, Tick

LIMIT_S = 0.65  # well within the promised second, and longer than two reads of a dead bus (0.25 s each)


class StallGuard:
    """Calls `off` in the main thread each time no later tick came for `limit_s` real seconds. Main thread only.

    A tick that is no later than the one before does not count: a clock that stands still ends no pulse either.
    Use as a context manager and as a sink: `with StallGuard(outputs.off) as guard: Runtime(..., sinks=[guard]).run()`.
    """

    def __init__(self, off: Callable[[], None], limit_s: float = LIMIT_S) -> None:
        self.off = off
        self._limit_s = limit_s
        self._t_s = -inf
        self.expired = 0

    def __enter__(self) -> Self:
        """Take over SIGALRM and wind the timer up."""
        self._timer_before = signal.getitimer(signal.ITIMER_REAL)
        self._before = signal.signal(signal.SIGALRM, self._expire)
        self._wind()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the timer and give it and SIGALRM back to who had them."""
        self.close()
        signal.signal(signal.SIGALRM, self._before)
        signal.setitimer(signal.ITIMER_REAL, *self._timer_before)

    def put(self, tick: Tick, frame: Frame) -> None:
        """Wind the timer up again: the loop turned, and time went on."""
        if tick.t_s > self._t_s:
            self._t_s = tick.t_s
            self._wind()

    def close(self) -> None:
        """Stop the timer."""
        signal.setitimer(signal.ITIMER_REAL, 0.0)

    def _wind(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, self._limit_s, self._limit_s)

    def _expire(self, number: int, frame: FrameType | None) -> None:
        self.expired += 1
        self.off()


class SystemdSink:
    """Tells systemd READY at the first tick and feeds its watchdog, but only while samples arrive.

    Does nothing when the program was not started by a unit of Type=notify. The broker plays no part in it.
    """

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._address = os.environ.get("NOTIFY_SOCKET", "")
        self._period_s = int(os.environ.get("WATCHDOG_USEC", "0")) / 3e6  # a third of the limit
        self._fed_s: float | None = None

    def put(self, tick: Tick, frame: Frame) -> None:
        """Feed the watchdog when the scan holds at least one sample."""
        if not self._address or np.isnan(frame.volts).all():
            return
        if self._fed_s is None:
            self._send("READY=1")
        now_s = self._clock_s()
        if self._fed_s is None or (self._period_s and now_s - self._fed_s >= self._period_s):
            self._fed_s = now_s
            self._send("WATCHDOG=1")

    def close(self) -> None:
        """Say that the service is stopping."""
        if self._address:
            self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        # A leading @ stands for the NUL byte of the abstract namespace (sd_notify(3)).
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) as sender:
            sender.connect(address)
            sender.send(message.encode())
