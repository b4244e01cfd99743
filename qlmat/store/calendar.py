"""Wall time, and whether to believe it: a Pi has no clock chip and boots in the past until the network comes."""

from datetime import UTC, datetime

from qlmat.vitals import clock_state


def utc_now() -> datetime:
    """Read the wall clock."""
    return datetime.now(UTC)


def clock_synced() -> bool:
    """Tell whether something has set this machine's clock: timesyncd, or any other program that tells the kernel."""
    return clock_state() == "synced"
