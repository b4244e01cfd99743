"""Wall time, and whether to believe it: a Pi has no clock chip and boots in the past until the network comes."""

import ctypes
from datetime import UTC, datetime
from pathlib import Path

SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")  # made by systemd-timesyncd at its first answer
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_UNSYNCHRONIZED = 5  # TIME_ERROR of adjtimex(2)


def utc_now() -> datetime:
    """Read the wall clock."""
    return datetime.now(UTC)


def clock_synced() -> bool:
    """Tell whether something has set this machine's clock: timesyncd, or any other program that tells the kernel."""
    if SYNCHRONIZED.exists():
        return True
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))  # modes = 0: only look
    except (OSError, AttributeError):
        return False
    return 0 <= int(state) < _UNSYNCHRONIZED


def machine_boot() -> str | None:
    """Give the kernel's word for this boot, during which monotonic time never starts anew; None where there is none."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return None
