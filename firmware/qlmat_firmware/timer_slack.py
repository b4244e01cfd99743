"""Ask the kernel to wake this thread on time: by default it may be 50 us late to save power."""

import ctypes
import logging
import sys

log = logging.getLogger(__name__)

PR_SET_TIMERSLACK = 29  # linux/prctl.h
SHORTEST_NS = 1


def cut_timer_slack() -> bool:
    """Set the slack of the calling thread's timers to 1 ns. Needs no rights; False where the kernel has no such thing.

    At 860 conversions a second, 50 us are 4 % of the time between two samples.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        done = bool(ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, SHORTEST_NS, 0, 0, 0) == 0)
    except (OSError, AttributeError):
        done = False
    log.debug("timer_slack_cut=%s", done)
    return done
