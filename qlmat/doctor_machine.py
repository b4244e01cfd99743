"""Findings about the computer: libraries, boot settings, power, heat, clock, disk. Values in, findings out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from qlmat.doctor import Finding, failed, good, skipped, warning

Access = Literal["open", "forbidden", "missing"]
PinLibrary = Literal["good", "missing", "empty"]

FREE_ENOUGH_BYTES, FREE_LEAST_BYTES = 200 * 2**20, 20 * 2**20  # a session of raw data is 1 MB an hour (facts, G.1)
HOT_C = 80.0  # a Pi slows itself down from 80 to 85 degrees on
BUILT = datetime(2026, 11, 1).astimezone()  # no clock that is right shows an earlier day
THROTTLED_NOW = {0: "the supply is too weak", 1: "the clock is held down", 2: "it is slowed down", 3: "it is hot"}
POWER = "use the Pi's own power supply and a short cable; a phone charger drops below 4.63 V"
CONFIG_TXT = "/boot/firmware/config.txt"
WANTED_LINES = {  # of the boot configuration: what it is for
    "dtparam=i2c_arm=on": "the I2C bus",
    "dtparam=i2c_arm_baudrate=400000": "400 kHz on it",
}
BOOT_TODO = "run 'sudo firmware/boot/install.sh' of QL Mat, or add the line to {}, then restart"


@dataclass(frozen=True, slots=True)
class Software:
    """Versions by name, None where a library is missing; `pin_library`: what importing lgpio gave."""

    python: tuple[int, int, int]
    libraries: Mapping[str, str | None]
    pin_library: PinLibrary
    pipe_folder: str
    pipe_folder_open: bool


@dataclass(frozen=True, slots=True)
class Machine:
    """What the computer says of itself; `model` is None when it is no Raspberry Pi, other Nones: it does not say."""

    model: str | None
    boot_config: str | None
    output_pins: tuple[int, ...]
    keeps_outputs: bool | None
    stop_helper: bool | None
    gpio: Access
    throttled: int | None
    temperature_c: float | None


@dataclass(frozen=True, slots=True)
class Moment:
    """The wall clock and where it comes from."""

    wall: datetime
    synchronized: bool | None
    clock_chip: bool


@dataclass(frozen=True, slots=True)
class Storage:
    """The folder sessions are kept in; `databases`: each with what SQLite's quick_check said."""

    folder: str
    free_bytes: int
    writable: bool
    databases: Mapping[str, str]


def software_findings(seen: Software, on_pi: bool) -> list[Finding]:
    """Judge Python, the libraries and the pin library."""
    version = ".".join(map(str, seen.python))
    python = good("Software", "python", f"Python {version}")
    if not (3, 11) <= seen.python[:2] <= (3, 13):
        python = failed("Software", "python", f"Python {version}", "install Python 3.11, 3.12 or 3.13")
    return [python, *_library_findings(seen.libraries), _pin_library(seen, on_pi), _pipes(seen, on_pi)]


def _library_findings(libraries: Mapping[str, str | None]) -> list[Finding]:
    missing = [name for name, version in libraries.items() if version is None]
    found = []
    if missing:
        todo = "install QL Mat again: 'pip install qlmat' in its environment"
        found.append(failed("Software", "libraries", f"missing: {', '.join(missing)}", todo))
    driver = libraries.get("adafruit-circuitpython-ads1x15")
    if driver is not None and _numbers(driver) < (3, 0, 5):
        todo = "pip install 'adafruit-circuitpython-ads1x15>=3.0.5': older ones start stray conversions"
        found.append(failed("Software", "adc_driver", f"ADS1x15 driver {driver}", todo, version=driver))
    elif driver is not None:
        said = f"ADS1x15 driver {driver} (its faulty continuous mode is not used)"
        found.append(good("Software", "adc_driver", said, version=driver))
    pins = libraries.get("gpiozero")
    if pins is not None and _numbers(pins) < (2, 0):
        todo = "Debian's own gpiozero is too old for Pi 5: pip install 'gpiozero>=2.0.1' in QL Mat's environment"
        found.append(failed("Software", "gpiozero", f"gpiozero {pins}", todo, version=pins))
    return found


def _pin_library(seen: Software, on_pi: bool) -> Finding:
    todo = "sudo apt install python3-lgpio; the environment must be made with --system-site-packages"
    if seen.pin_library == "good":
        return good("Software", "lgpio", "lgpio drives the pins")
    if seen.pin_library == "empty":
        empty = "pip uninstall lgpio, then " + todo
        return failed("Software", "lgpio", "lgpio is pip's empty stand-in 0.0.0.2", empty)
    if not on_pi:
        return skipped("Software", "lgpio", "no lgpio, and no Pi that would need it")
    return failed("Software", "lgpio", "lgpio is missing: motor, buzzer and button cannot work", todo)


def _pipes(seen: Software, on_pi: bool) -> Finding:
    """Judge the folder in which lgpio makes its pipe; without one gpiozero dies in a service."""
    if seen.pipe_folder_open:
        return good("Software", "lgpio_pipes", f"lgpio may write to {seen.pipe_folder}")
    if not on_pi:
        return skipped("Software", "lgpio_pipes", f"lgpio could not write to {seen.pipe_folder}")
    todo = "set LG_WD to a folder that may be written to, as systemd/qlmat.service does"
    return failed("Software", "lgpio_pipes", f"lgpio cannot make its pipe in {seen.pipe_folder}", todo)


def machine_findings(seen: Machine) -> list[Finding]:
    """Judge the Pi: boot settings, pins after a crash, power, heat."""
    if seen.model is None:
        return [skipped("Machine", "model", "this is no Raspberry Pi: 'qlmat doctor --self-test' tries the program")]
    found = [good("Machine", "model", seen.model), *_boot(seen), *_outputs_after_a_crash(seen), _gpio(seen)]
    return [*found, *_power(seen.throttled), *_heat(seen.temperature_c)]


def _boot(seen: Machine) -> list[Finding]:
    if seen.boot_config is None:
        return [skipped("Machine", "boot_config", f"no {CONFIG_TXT} to read")]
    lines = active_lines(seen.boot_config)
    low = f"gpio={','.join(map(str, seen.output_pins))}=op,dl"
    wanted = WANTED_LINES | {low: "outputs low from the first second"}
    missing = {line: why for line, why in wanted.items() if line not in lines}
    if not missing:
        return [good("Machine", "boot_config", "boot settings: I2C at 400 kHz, outputs low")]
    return [
        warning("Machine", "boot_config", f"boot settings lack '{line}' ({why})", BOOT_TODO.format(CONFIG_TXT))
        for line, why in missing.items()
    ]


def active_lines(config: str) -> list[str]:
    """List the settings of a config.txt that hold on every Pi: no comments, nothing from sections for other models.

    >>> active_lines("dtparam=i2c_arm=on\\n[pi3]\\ngpu_mem=16\\n[all]\\n# gpio=1=op\\n gpio = 18=op,dl")
    ['dtparam=i2c_arm=on', 'gpio=18=op,dl']
    """
    found, everywhere = [], True
    for raw in config.splitlines():
        line = raw.split("#", 1)[0].strip()
        if line.startswith("["):
            everywhere = line == "[all]"
        elif line and everywhere:
            found.append("=".join(part.strip() for part in line.split("=")))
    return found


def _outputs_after_a_crash(seen: Machine) -> list[Finding]:
    """Judge what happens to a pin whose program was killed: Pi kernels keep its last level."""
    if seen.stop_helper:
        return [good("Machine", "stop_helper", "a killed mat has its outputs switched off by the service")]
    if seen.stop_helper is None:
        return [skipped("Machine", "stop_helper", "the service is not installed: a killed mat may leave a pin on")]
    todo = "install the units again: qlmat.service lacks ExecStopPost, so a killed mat could go on sounding"
    kept = "and this kernel keeps pins as they are" if seen.keeps_outputs else "and pins may stay as they are"
    return [failed("Machine", "stop_helper", f"nothing switches outputs off after a crash, {kept}", todo)]


def _gpio(seen: Machine) -> Finding:
    if seen.gpio == "open":
        return good("Machine", "gpio", "pins may be used")
    if seen.gpio == "missing":
        return failed("Machine", "gpio", "there is no /dev/gpiochip*", "use a kernel of Raspberry Pi OS or Debian")
    todo = "run 'sudo usermod -aG gpio $USER', then log in again"
    return failed("Machine", "gpio", "this user may not use the pins", todo)


def _power(throttled: int | None) -> list[Finding]:
    if throttled is None:
        return [skipped("Machine", "power", "this system does not tell about its power")]
    now = [words for bit, words in THROTTLED_NOW.items() if throttled >> bit & 1]
    since = [words for bit, words in THROTTLED_NOW.items() if throttled >> (bit + 16) & 1]
    if now:
        return [failed("Machine", "power", f"now {', '.join(now)}", POWER, throttled=throttled)]
    if since:
        return [warning("Machine", "power", f"since it started: {', '.join(since)}", POWER, throttled=throttled)]
    return [good("Machine", "power", "power is steady", throttled=throttled)]


def _heat(temperature_c: float | None) -> list[Finding]:
    if temperature_c is None:
        return []
    said = f"{temperature_c:.0f} °C"
    if temperature_c >= HOT_C:
        return [warning("Machine", "heat", said, "give the Pi air or a heat sink", temperature_c=temperature_c)]
    return [good("Machine", "heat", said, temperature_c=temperature_c)]


def clock_findings(seen: Moment) -> list[Finding]:
    """Judge the wall clock. Durations do not depend on it, dates do."""
    shown = seen.wall.strftime("%Y-%m-%d %H:%M %Z").strip()
    chip = "with a clock chip" if seen.clock_chip else "without a clock chip"
    if seen.wall < BUILT:
        todo = "connect the Pi to the network once, or 'sudo date -s ...'; dates of sessions are wrong until then"
        return [warning("Clock", "wall", f"the clock shows {shown}, which is past", todo, synchronized=False)]
    if seen.synchronized is False:
        todo = "wait for the network ('timedatectl'): durations are right all the same, dates may not be"
        return [warning("Clock", "wall", f"{shown}, not yet set by the network, {chip}", todo, synchronized=False)]
    set_by = "set by the network" if seen.synchronized else "the system does not say who set it"
    return [good("Clock", "wall", f"{shown}, {set_by}, {chip}", synchronized=seen.synchronized)]


def storage_findings(seen: Storage) -> list[Finding]:
    """Judge disk and databases."""
    free = f"{seen.free_bytes / 2**20:.0f} MB free at {seen.folder}"
    todo = "free some space: 'sudo apt clean', 'sudo journalctl --vacuum-size=50M'"
    if seen.free_bytes < FREE_LEAST_BYTES:
        found = [failed("Storage", "disk", free, todo, free_bytes=seen.free_bytes)]
    elif seen.free_bytes < FREE_ENOUGH_BYTES:
        found = [warning("Storage", "disk", free, todo, free_bytes=seen.free_bytes)]
    else:
        found = [good("Storage", "disk", free, free_bytes=seen.free_bytes)]
    if not seen.writable:
        mend = "if the card has become read-only it is dying: copy it to a new one; else check the folder's owner"
        found.append(failed("Storage", "writable", f"{seen.folder} cannot be written to", mend))
    return found + [_database(path, answer) for path, answer in seen.databases.items()]


def _database(path: str, answer: str) -> Finding:
    if answer == "ok":
        return good("Storage", "database", f"{path} is sound")
    todo = "stop the mat, keep a copy of the file, and put back the last backup"
    return failed("Storage", "database", f"{path}: {answer}", todo)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3] if part.isdigit())
