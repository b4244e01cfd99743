"""How the machine itself is: temperature, clock, trouble. Read from the kernel's files; None where it has none."""

from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HOT_C = 80.0  # a Pi slows itself down from here on
SYSTEM = Path("/")
RUNNING = version("qlmat")  # read once: the one on disk may be replaced while this one runs


def temperature_c(root: Path = SYSTEM) -> float | None:
    """Read the processor's temperature in °C."""
    with suppress(OSError, ValueError):
        return int((root / "sys/class/thermal/thermal_zone0/temp").read_text()) / 1000.0
    return None


def clock_state(root: Path = SYSTEM) -> str:
    """Tell whether wall time has been set from the network since the machine started: a Pi has no clock chip."""
    timesync = root / "run/systemd/timesync"
    with suppress(OSError):
        if (timesync / "synchronized").exists():
            return "synced"
        return "unsynced" if timesync.exists() else "unknown"
    return "unknown"


def stamp(now: datetime | None = None) -> str:
    """Spell a time, now by default: UTC, ISO 8601, milliseconds."""
    return (now or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def installed_version() -> str | None:
    """Read the version on disk, which may be newer than the one that runs; None while it is being replaced."""
    with suppress(PackageNotFoundError, OSError):
        return version("qlmat")
    return None


def trouble(faults: int, rate_hz: float, hot_c: float | None, lost: int) -> str | None:
    """Say in words what is wrong now, None when nothing is. `faults`, `lost`: inputs failing and events lost."""
    found = []
    if rate_hz < 5.0:  # ten scans of a cycle of 2 s: less shows no movement
        found.append("hardly any samples arrive: check the cable to the mat")
    elif faults:
        found.append(f"{faults} inputs failed: run 'qlmat doctor'")
    if hot_c is not None and hot_c >= HOT_C:
        found.append(f"the processor is at {hot_c:.0f} °C: give it air")
    if lost:
        found.append(f"{lost} events were lost: the broker was away for long")
    return "; ".join(found) or None
