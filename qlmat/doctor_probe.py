"""What this computer says of itself, gathered for `qlmat.doctor_machine`. `root` is `/` except in tests."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from qlmat.core.model import Board
from qlmat.doctor_machine import Access, Machine, Moment, PinLibrary, Software, Storage

ROOT = Path("/")
LIBRARIES = (
    "adafruit-circuitpython-ads1x15",
    "gpiozero",
    "numpy",
    "paho-mqtt",
    "pydantic",
    "rich",
    "smbus2",
    "starlette",
    "typer",
    "uvicorn",
)
BOOT_CONFIGS = ("boot/firmware/config.txt", "boot/config.txt")
UNITS = ("etc/systemd/system/qlmat.service", "usr/lib/systemd/system/qlmat.service", "lib/systemd/system/qlmat.service")
KEEPERS = ("pinctrl_bcm2835", "pinctrl_rp1")  # kernel modules of the pins, Pi 0 to 4 and Pi 5
CGROUPS = ("", "systemd", "unified")  # version 2, and where version 1 keeps what systemd needs
THROTTLED = "sys/devices/platform/soc/soc:firmware/get_throttled"
ASK_S = 5.0


def versions(names: Sequence[str] = LIBRARIES) -> dict[str, str | None]:
    """Look up the installed version of each library, None where there is none."""
    found: dict[str, str | None] = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def see_software(pin_library: PinLibrary, environment: Mapping[str, str]) -> Software:
    """Gather versions; `pin_library` comes from whoever may import it."""
    folder = environment.get("LG_WD") or tempfile.gettempdir()
    return Software(sys.version_info[:3], versions(), pin_library, folder, os.access(folder, os.W_OK | os.X_OK))


def pi_model(root: Path = ROOT) -> str | None:
    """Read the model of Raspberry Pi, None on anything else."""
    said = _text(root / "proc/device-tree/model")
    return said.rstrip("\0\n") if said is not None and "Raspberry Pi" in said else None


def see_machine(board: Board, gpio: Access, root: Path = ROOT) -> Machine:
    """Gather what a Pi tells of its settings, power and heat."""
    heat = _text(root / "sys/class/thermal/thermal_zone0/temp")
    return Machine(
        model=pi_model(root),
        boot_config=next((text for name in BOOT_CONFIGS if (text := _text(root / name)) is not None), None),
        output_pins=(board.motor_pin, board.buzzer_pin, board.led_pin),
        keeps_outputs=_keeps_outputs(root),
        stop_helper=_stop_helper(root),
        gpio=gpio,
        throttled=_throttled(root),
        temperature_c=None if heat is None else int(heat) / 1000.0,
    )


def _keeps_outputs(root: Path) -> bool | None:
    said = (_text(root / "sys/module" / name / "parameters/persist_gpio_outputs") for name in KEEPERS)
    return next((text.strip() == "Y" for text in said if text is not None), None)


def _stop_helper(root: Path) -> bool | None:
    unit = next((text for name in UNITS if (text := _text(root / name)) is not None), None)
    return None if unit is None else any(line.startswith("ExecStopPost=") for line in unit.splitlines())


def _throttled(root: Path) -> int | None:
    said = _text(root / THROTTLED)
    if said is None and (tool := shutil.which("vcgencmd")) is not None:
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            asked = subprocess.run(  # noqa: S603 - the firmware's own tool, fixed words
                [tool, "get_throttled"], capture_output=True, text=True, timeout=ASK_S, check=True
            )
            said = asked.stdout.partition("=")[2]
    with contextlib.suppress(ValueError):
        return None if said is None else int(said, 16)
    return None


def service_runs(root: Path = ROOT) -> bool:
    """Say whether the mat's service has processes now; it then owns bus and pins."""
    lists = (_text(root / "sys/fs/cgroup" / tree / "system.slice/qlmat.service/cgroup.procs") for tree in CGROUPS)
    return any((text or "").strip() for text in lists)


def kernel_driver(bus: int, address: int, root: Path = ROOT) -> str | None:
    """Name the kernel's own driver that holds a chip, None when there is none."""
    link = root / f"sys/bus/i2c/devices/{bus}-{address:04x}/driver"
    return link.resolve().name if link.exists() else None


def others_on(device: str, root: Path = ROOT) -> tuple[str, ...]:
    """Name the other programs that have `device` open, as far as we may look."""
    names = set()
    for folder in (root / "proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if folder.name != str(os.getpid()) and any(
                str(fd.readlink()) == device for fd in (folder / "fd").iterdir()
            ):
                names.add(f"{(_text(folder / 'comm') or '?').strip()} ({folder.name})")
    return tuple(sorted(names))


def see_moment(root: Path = ROOT) -> Moment:
    """Read the wall clock and who set it."""
    systemd = (root / "run/systemd/timesync").exists()
    synchronized = (root / "run/systemd/timesync/synchronized").exists() if systemd else None
    return Moment(datetime.now(UTC).astimezone(), synchronized, (root / "dev/rtc0").exists())


def see_storage(folder: str) -> Storage:
    """Look at the disk under `folder` and at each SQLite database in it; nothing is written."""
    place = Path(folder)
    existing = next(path for path in (place, *place.parents) if path.exists())
    found = sorted([*place.glob("*.db"), *place.glob("*.sqlite3")]) if place.is_dir() else []
    writable = os.access(existing, os.W_OK) or not place.exists()
    return Storage(
        str(existing),
        shutil.disk_usage(existing).free,
        writable and not os.statvfs(existing).f_flag & os.ST_RDONLY,
        {str(path): _quick_check(path) for path in found},
    )


def _quick_check(path: Path) -> str:
    # Without a journal nobody is writing; then SQLite must make no file of ours, root's, beside the mat's.
    journal = path.with_name(path.name + "-wal")
    mode = "mode=ro" if journal.exists() and journal.stat().st_size else "immutable=1"
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True)) as database:
            return str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
