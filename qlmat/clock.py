"""Real monotonic time behind the `Clock` port."""

import time


class MonotonicClock:
    """Reads CLOCK_MONOTONIC, which no network time ever moves."""

    def now_s(self) -> float:
        """Read monotonic seconds."""
        return time.monotonic()

    def sleep_until(self, t_s: float) -> None:
        """Sleep until `t_s`; return at once if it has passed."""
        time.sleep(max(0.0, t_s - time.monotonic()))
