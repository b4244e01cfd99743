"""Drive motor, buzzer and LED low after the mat ended, however it ended: `python -I -m qlmat_firmware.outputs_low`.

A Raspberry Pi's kernel keeps the last level of a pin whose program was killed. This asks the kernel for each line as an
output that is low, then lets go. It needs nothing but Python's own library, so that it starts fast and cannot be
stopped by whatever stopped the mat. Layouts are those of linux/gpio.h, version 2 of the interface (Linux 5.10).
"""

import fcntl
import struct
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

PINS = {"motor": 18, "buzzer": 13, "led": 24}  # those of board v1; a test keeps the two equal
HEADER_LABELS = (b"pinctrl-bcm2835", b"pinctrl-bcm2711", b"pinctrl-rp1")  # Pi 0 to 3, Pi 4, Pi 5
CHIP_INFO = struct.Struct("32s 32s I")  # name, label, number of lines
LINE_REQUEST = struct.Struct("64I 32s QI20x 240x I I 20x i")  # offsets, consumer, flags, attributes, lines, buffer, fd
GET_CHIP_INFO = 0x8044B401  # _IOR(0xB4, 0x01, 68 bytes)
GET_LINE = 0xC250B407  # _IOWR(0xB4, 0x07, 592 bytes)
OUTPUT = 1 << 3  # GPIO_V2_LINE_FLAG_OUTPUT; without a value given it is driven inactive, which is low


def line_request(pin: int) -> bytearray:
    """Build the request for one line as a low output."""
    offsets = (pin, *[0] * 63)
    return bytearray(LINE_REQUEST.pack(*offsets, b"qlmat-outputs-low", OUTPUT, 0, 1, 0, 0))


def pins_of(configuration: Path | None) -> dict[str, int]:
    """Read `[board.pins]`; what cannot be read leaves the pins of board v1, since this runs when things are broken."""
    try:
        document = {} if configuration is None else tomllib.loads(configuration.read_text(encoding="utf-8"))
        said = document.get("board", {}).get("pins", {})
        return PINS | {name: int(said[name]) for name in PINS if name in said}
    except (OSError, ValueError, TypeError, AttributeError):
        return PINS


def header_chip(folder: Path) -> Path | None:
    """Find the GPIO chip of the 40-pin header: its number differs between models and kernels."""
    for path in sorted(folder.glob("gpiochip*")):
        answer = bytearray(CHIP_INFO.size)
        try:
            with path.open("rb") as chip:
                fcntl.ioctl(chip, GET_CHIP_INFO, answer)
        except OSError:
            continue
        if CHIP_INFO.unpack(answer)[1].rstrip(b"\0") in HEADER_LABELS:
            return path
    return None


def drive_low(chip: Path, pins: dict[str, int]) -> list[str]:
    """Drive each pin low; list what could not be, with the reason."""
    problems = []
    for name, pin in pins.items():
        request = line_request(pin)
        try:
            with chip.open("rb") as opened:
                fcntl.ioctl(opened, GET_LINE, request)
        except OSError as error:
            problems.append(f"{name} on pin {pin}: {error.strerror}")
    return problems


def main(arguments: Sequence[str]) -> int:
    """Drive the outputs low; 0 when all are. Arguments: the configuration, and where the GPIO chips are."""
    chip = header_chip(Path(arguments[1] if len(arguments) > 1 else "/dev"))
    if chip is None:
        sys.stderr.write("qlmat: no pins of a Raspberry Pi may be used here: nothing was switched off.\n")
        return 1
    problems = drive_low(chip, pins_of(Path(arguments[0]) if arguments else None))
    for problem in problems:
        sys.stderr.write(f"qlmat: cannot switch off {problem}: does another program use the pin?\n")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
