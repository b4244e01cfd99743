"""Virtual time: integer nanoseconds that jump when somebody sleeps and creep when bits cross the virtual bus."""

import heapq
import itertools
import time
from collections.abc import Callable

LONGEST_NAP_S = 0.05  # a paced sleep looks this often whether it was interrupted; signal handlers may interrupt it


def to_ns(t_s: float) -> int:
    """Round seconds to the first nanosecond that is not before them, as `now_s` reads it."""
    t_ns = round(t_s * 1e9)
    return t_ns if t_ns / 1e9 >= t_s else t_ns + 1


class VirtualClock:
    """Monotonic time that moves only when it is told to; `ports.Clock` and more.

    `sleep_overshoot_s` is how late a sleeper wakes, as on a real kernel (80 us on a Pi); a number, or a function that
    draws one. A sleep until a moment that has passed returns at once and overshoots nothing.

    >>> clock = VirtualClock()
    >>> clock.call_at(1.5, lambda: print("fired at", clock.now_s()))
    >>> clock.sleep_until(2.0)
    fired at 1.5
    >>> clock.now_ns()
    2000000000
    """

    def __init__(self, start_s: float = 0.0, sleep_overshoot_s: float | Callable[[], float] = 0.0) -> None:
        self._now_ns = to_ns(start_s)
        self._overshoot_s = sleep_overshoot_s
        self._calls: list[tuple[int, int, Callable[[], object]]] = []
        self._order = itertools.count()

    def now_ns(self) -> int:
        """Read virtual nanoseconds."""
        return self._now_ns

    def now_s(self) -> float:
        """Read virtual seconds."""
        return self._now_ns / 1e9

    def advance_ns(self, duration_ns: int) -> None:
        """Let time pass: bits on a bus, work of a program. Raises ValueError for a negative duration."""
        if duration_ns < 0:
            raise ValueError(f"Time cannot run backwards by {-duration_ns} ns: pass a duration of 0 or more.")
        target_ns = self._now_ns + duration_ns
        if self._calls and self._calls[0][0] <= target_ns:
            self._fire_until(target_ns)
        self._now_ns = max(self._now_ns, target_ns)

    def sleep(self, duration_s: float) -> None:
        """Sleep for a duration, like `time.sleep`."""
        self.sleep_until(self.now_s() + duration_s)

    def sleep_until(self, t_s: float) -> None:
        """Return at `t_s` (plus the overshoot) or, if it has passed, at once."""
        missing_ns = to_ns(t_s) - self._now_ns
        if missing_ns > 0:
            late_s = self._overshoot_s() if callable(self._overshoot_s) else self._overshoot_s
            self.advance_ns(missing_ns + round(late_s * 1e9))

    def call_at(self, t_s: float, call: Callable[[], object]) -> None:
        """Call `call()` when time reaches `t_s`, with the clock showing that moment.

        A moment that has passed is due at the next advance. Calls due together come in the order they were asked for.
        """
        heapq.heappush(self._calls, (to_ns(t_s), next(self._order), call))

    def _fire_until(self, target_ns: int) -> None:
        while self._calls and self._calls[0][0] <= target_ns:
            due_ns, _, call = heapq.heappop(self._calls)
            self._now_ns = max(self._now_ns, due_ns)
            call()


class PacedClock(VirtualClock):
    """A virtual clock tied to the real one: `sleep_until` also waits, so that virtual time = `speed` x real time.

    Time still moves only by sleeping and by bus bits, so a run is as repeatable as on a `VirtualClock`; a program that
    cannot keep up falls behind real time and stops waiting until it has caught up.
    """

    def __init__(
        self,
        speed: float = 1.0,
        start_s: float = 0.0,
        *,
        real_s: Callable[[], float] = time.monotonic,
        real_sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not speed > 0.0:
            raise ValueError(f"A clock cannot run at speed {speed}: pass a number above 0.")
        super().__init__(start_s)
        self.speed = speed
        self._real_s = real_s
        self._real_sleep = real_sleep
        self._start_s = start_s
        self._real_start_s = real_s()
        self._interrupted = False

    @property
    def behind_s(self) -> float:
        """Real seconds by which virtual time lags what its speed promises; negative when it is ahead."""
        return self._real_s() - self._real_start_s - (self.now_s() - self._start_s) / self.speed

    def run_at(self, speed: float) -> None:
        """Go on at another speed, from now on."""
        self._real_start_s, self._start_s, self.speed = self._real_s(), self.now_s(), speed

    def interrupt(self) -> None:
        """Let every wait, the present one included, end at once; safe from any thread and from signal handlers."""
        self._interrupted = True

    def sleep_until(self, t_s: float) -> None:
        """Return when virtual time is `t_s` and as much real time has passed as `speed` asks for."""
        super().sleep_until(t_s)
        while not self._interrupted and (ahead_s := -self.behind_s) > 0.0:
            self._real_sleep(min(ahead_s, LONGEST_NAP_S))
