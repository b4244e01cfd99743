"""How the machine itself is: temperature, clock, trouble. Read from the kernel's files; None where it has none."""

import ctypes
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_UNSYNCHRONIZED = 5  # TIME_ERROR of adjtimex(2)
HOT_C = 80.0  # a Pi slows itself down from here on
SYSTEM = Path("/")
RUNNING = version("qlmat")  # read once: the one on disk may be replaced while this one runs


def temperature_c(root: Path = SYSTEM) -> float | None:
    """Read the processor's temperature in °C."""
    with suppress(OSError, ValueError):
        return int((root / "sys/class/thermal/thermal_zone0/temp").read_text()) / 1000.0
    return None


def kernel_synced() -> bool:
    """Tell whether some program has told the kernel that its clock is right."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))  # modes = 0: only look
    except (OSError, AttributeError):
        return False
    return 0 <= int(state) < _UNSYNCHRONIZED


def machine_boot(root: Path = SYSTEM) -> str | None:
    """Give the kernel's word for this boot, during which monotonic time never starts anew; None where there is none."""
    with suppress(OSError):
        return (root / "proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return None


def clock_state(root: Path = SYSTEM, kernel: Callable[[], bool] = kernel_synced) -> str:
    """Tell whether wall time has been set from the network since the machine started: a Pi has no clock chip.

    "unknown" where neither timesyncd nor the kernel can tell.
    """
    timesync = root / "run/systemd/timesync"
    with suppress(OSError):
        if (timesync / "synchronized").exists() or kernel():
            return "synced"
        return "unsynced" if timesync.exists() else "unknown"
    return "unknown"


def stamp(now: datetime | None = None) -> str:
    """Spell a time, now by default: UTC, ISO 8601, milliseconds."""
    return (now or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def corrected(said: Mapping[str, Any], ended: datetime) -> dict[str, Any]:
    """Move the times of a message stamped before the clock was set, so that it tells of what ended at `ended`.

    >>> corrected({"time": "1970-01-01T00:01:00.000Z", "clock": "unsynced"}, datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    {'time': '2026-11-22T09:30:00.000Z', 'clock': 'synced'}
    """
    stamped = {key: datetime.fromisoformat(said[key]) for key in ("time", "began", "ended") if key in said}
    behind: timedelta = ended - max(stamped.values())
    return {**said, **{key: stamp(when + behind) for key, when in stamped.items()}, "clock": "synced"}


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
