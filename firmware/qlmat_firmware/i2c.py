"""The Pi's I2C bus as an object with the `busio.I2C` methods, over /dev/i2c-N: no Blinka, no `board`, no other set-up.

    the Adafruit driver, the sampler  ->  LinuxI2C  ->  smbus2 (ioctl I2C_RDWR)  ->  /dev/i2c-1

A transfer holds at most one read, as its last message, and one address: the BCM2835 controller (Pi 0 to 4) refuses more
than one read, the DesignWare one (Pi 5) more than one address.
"""

import contextlib
import errno
import fcntl
from typing import Protocol

import smbus2

from qlmat.errors import BusError

FIRST_ADDRESS, LAST_ADDRESS = 0x08, 0x77  # the rest is reserved by the I2C standard
ADAPTER_TIMEOUT_10_MS = 5  # the kernel's own default is 1 s: one stuck transfer would hold up four frames
MESSAGES_KEPT = 256  # building one takes longer than sending it
IOCTL_TIMEOUT = 0x0702  # I2C_TIMEOUT of linux/i2c-dev.h, in units of 10 ms

Message = tuple[int, bytes | int]


class I2C(Protocol):
    """What the sampler and the Adafruit driver ask of a bus: the `busio.I2C` methods in use.

    Transfers raise OSError when nobody answers (121), the bus fails (5) or is stuck (110).
    """

    def try_lock(self) -> bool:
        """Take the bus if nobody has it."""
        ...

    def unlock(self) -> None:
        """Give the bus back."""
        ...

    def scan(self) -> list[int]:
        """List the addresses that answer."""
        ...

    def writeto(self, address: int, buffer: bytes | bytearray, *, start: int = 0, end: int | None = None) -> None:
        """Write `buffer[start:end]`; an empty one only asks whether somebody answers."""
        ...

    def readfrom_into(self, address: int, buffer: bytearray, *, start: int = 0, end: int | None = None) -> None:
        """Fill `buffer[start:end]`."""
        ...

    def writeto_then_readfrom(
        self,
        address: int,
        out_buffer: bytes | bytearray,
        in_buffer: bytearray,
        *,
        out_start: int = 0,
        out_end: int | None = None,
        in_start: int = 0,
        in_end: int | None = None,
    ) -> None:
        """Write, then read after a repeated start."""
        ...

    def deinit(self) -> None:
        """Let go of the bus."""
        ...


class LinuxI2C:
    """One I2C bus of the machine we run on. Raises BusError when it is missing or forbidden.

    Transfers raise OSError as the kernel gives it; whoever knows what was asked translates it.
    """

    def __init__(self, bus_number: int = 1) -> None:
        try:
            self._bus = smbus2.SMBus(bus_number)
        except OSError as error:
            raise _cannot_open(f"/dev/i2c-{bus_number}", error) from error
        self._locked = False
        self._messages: dict[tuple[int, bytes | int], smbus2.i2c_msg] = {}
        self._shorten_timeout()

    def _shorten_timeout(self) -> None:
        """Ask the controller to give up a stuck transfer after 50 ms; one that cannot keeps its own time."""
        descriptor = getattr(self._bus, "fd", None)
        if isinstance(descriptor, int):
            with contextlib.suppress(OSError):
                fcntl.ioctl(descriptor, IOCTL_TIMEOUT, ADAPTER_TIMEOUT_10_MS)

    def try_lock(self) -> bool:
        """Take the bus if nobody has it. All transfers run in one thread, so a plain flag is enough."""
        if self._locked:
            return False
        self._locked = True
        return True

    def unlock(self) -> None:
        """Give the bus back."""
        self._locked = False

    def scan(self) -> list[int]:
        """List the addresses that answer a read of one byte."""
        return [address for address in range(FIRST_ADDRESS, LAST_ADDRESS + 1) if self._answers(address)]

    def _answers(self, address: int) -> bool:
        try:
            self._bus.i2c_rdwr(smbus2.i2c_msg.read(address, 1))
        except OSError:
            return False
        return True

    def writeto(self, address: int, buffer: bytes | bytearray, *, start: int = 0, end: int | None = None) -> None:
        """Write `buffer[start:end]` in one transfer. An empty write asks whether somebody answers.

        Controllers without zero-length messages (Pi 5) refuse it with OSError, and the Adafruit driver then asks by
        reading a byte.
        """
        self.transfer((address, bytes(buffer[start:end])))

    def readfrom_into(self, address: int, buffer: bytearray, *, start: int = 0, end: int | None = None) -> None:
        """Fill `buffer[start:end]` from the register the chip's pointer is at."""
        stop = len(buffer) if end is None else end
        buffer[start:stop] = self.transfer((address, stop - start))

    def writeto_then_readfrom(
        self,
        address: int,
        out_buffer: bytes | bytearray,
        in_buffer: bytearray,
        *,
        out_start: int = 0,
        out_end: int | None = None,
        in_start: int = 0,
        in_end: int | None = None,
    ) -> None:
        """Write, then read after a repeated start, in one transfer of two messages."""
        stop = len(in_buffer) if in_end is None else in_end
        out = bytes(out_buffer[out_start:out_end])
        in_buffer[in_start:stop] = self.transfer((address, out), (address, stop - in_start))

    def transfer(self, *messages: Message) -> bytes:
        """Run (address, bytes to write) and (address, count to read) messages, joined by repeated starts.

        Return what was read. Give one address only, and at most one read, as the last message.
        """
        sent = [self._message(address, payload) for address, payload in messages]
        self._bus.i2c_rdwr(*sent)
        return bytes(sent[-1]) if isinstance(messages[-1][1], int) else b""

    def _message(self, address: int, payload: bytes | int) -> smbus2.i2c_msg:
        """Build a message, or find the one built before: the sampler sends the same few dozen over and over."""
        message = self._messages.get((address, payload))
        if message is None:
            if len(self._messages) >= MESSAGES_KEPT:
                self._messages.clear()
            if isinstance(payload, int):
                message = smbus2.i2c_msg.read(address, payload)
            else:
                message = smbus2.i2c_msg.write(address, payload)
            self._messages[address, payload] = message
        return message

    def deinit(self) -> None:
        """Close the device; a second time does nothing."""
        self._bus.close()


def _cannot_open(path: str, error: OSError) -> BusError:
    if isinstance(error, FileNotFoundError):
        todo = "it does not exist: enable I2C with 'sudo raspi-config nonint do_i2c 0', then restart."
    elif error.errno in (errno.EACCES, errno.EPERM):
        todo = "it is forbidden: run 'sudo usermod -aG i2c $USER', then log in again."
    else:
        todo = f"{error.strerror or error}: is it an I2C bus? 'ls /dev/i2c-*' lists them."
    return BusError(f"I2C bus {path} cannot be opened: {todo}")
