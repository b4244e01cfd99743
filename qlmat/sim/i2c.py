"""A virtual I2C bus at byte level: every bit costs time, and every byte reaches the register model it is meant for.

    START  address+R/W  A   byte  A   byte  A  [Sr  address+R/W  A  byte ...]  STOP
      1        8        1     8   1     8   1    1       8        1   8           1      bit times

It has the methods of `busio.I2C`, so the real drivers run over it unchanged.
"""

from errno import EIO, EREMOTEIO, ETIMEDOUT
from os import strerror
from typing import Protocol

from qlmat.sim.clock import VirtualClock
from qlmat.sim.faults import Fault, FaultPlan

GENERAL_CALL = 0x00
FIRST_ADDRESS, LAST_ADDRESS = 0x08, 0x77  # the others are reserved by the I2C specification
ADDRESS_BITS, BYTE_BITS, STOP_BITS = 10, 9, 1  # START (or repeated start) with the address byte; a byte with its A
PI_BLINKA_S = 130e-6  # software time of one transfer through Blinka on a Pi: 7171 reads/s at 1 MHz measured by others
PI_LEAN_S = 60e-6  # the same through one prepared ioctl: an estimate
PI_SLEEP_OVERSHOOT_S = 80e-6  # for `VirtualClock`: 50 us of timer slack and the way back from the kernel: an estimate
IDLE_CORE_RATIO = 0.625  # Pi 3 and Zero: 250 of 400 MHz core clock, so 250 of 400 kHz SCL, while the core idles

Message = tuple[int, bytes | int]


class Device(Protocol):
    """Something that answers on the bus. Times are the nanosecond of the last acknowledge that matters."""

    def write(self, data: bytes, t_ns: int) -> None:
        """Take the bytes of one write message; no bytes are a probe."""
        ...

    def read(self, count: int, t_ns: int) -> bytes:
        """Give `count` bytes as they stood at `t_ns`, the acknowledge of the address."""
        ...

    def general_call(self, data: bytes, t_ns: int) -> None:
        """Take the bytes of a write to address 0."""
        ...


class VirtualI2C:
    """A bus with devices. `transfers` and `bits` count what has crossed it; `faults` plans what goes wrong.

    `software_s` is what the program spends on each transfer before its first bit; `core_ratio` scales the clock rate
    (see IDLE_CORE_RATIO). Raises OSError(121) where nobody acknowledges, like Linux.

    >>> from qlmat.sim.ads1x15 import VirtualAds1x15
    >>> bus = VirtualI2C(VirtualClock(), scl_hz=400_000)
    >>> bus.attach(0x48, VirtualAds1x15())
    >>> reply = bytearray(2)
    >>> bus.writeto_then_readfrom(0x48, b"\\x01", reply)
    >>> reply.hex(), bus.bits, bus.clock.now_ns()
    ('8583', 48, 120000)
    """

    def __init__(
        self, clock: VirtualClock, scl_hz: float = 400_000, software_s: float = 0.0, core_ratio: float = 1.0
    ) -> None:
        self.clock = clock
        self.scl_hz = scl_hz * core_ratio
        self.faults = FaultPlan()
        self.transfers = 0
        self.bits = 0
        self._bit_ns = 1e9 / self.scl_hz
        self._software_ns = round(software_s * 1e9)
        self._devices: dict[int, Device] = {}
        self._locked = False

    def attach(self, address: int, device: Device) -> None:
        """Wire a device. Raises ValueError if the address is reserved or taken."""
        if not FIRST_ADDRESS <= address <= LAST_ADDRESS or address in self._devices:
            raise ValueError(f"Address {address:#x} is reserved or taken: choose a free one from 0x08 to 0x77.")
        self._devices[address] = device

    def detach(self, address: int) -> Device:
        """Unplug a device; from now on nobody acknowledges there."""
        return self._devices.pop(address)

    # --- the methods of busio.I2C ---

    def try_lock(self) -> bool:
        """Take the bus if nobody has it."""
        if self._locked:
            return False
        self._locked = True
        return True

    def unlock(self) -> None:
        """Give the bus back."""
        self._locked = False

    def deinit(self) -> None:
        """Release the bus."""
        self.unlock()

    def scan(self) -> list[int]:
        """List the addresses that acknowledge a zero-length write."""
        found = []
        for address in range(FIRST_ADDRESS, LAST_ADDRESS + 1):
            try:
                self.transfer((address, b""))
            except OSError:
                continue
            found.append(address)
        return found

    def writeto(self, address: int, buffer: bytes | bytearray, *, start: int = 0, end: int | None = None) -> None:
        """Write the bytes of `buffer` from `start` to `end`; none of them is a probe."""
        self.transfer((address, bytes(buffer[start:end])))

    def readfrom_into(self, address: int, buffer: bytearray, *, start: int = 0, end: int | None = None) -> None:
        """Fill `buffer` from `start` to `end`."""
        end = len(buffer) if end is None else end
        buffer[start:end] = self.transfer((address, end - start))

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
        """Write, then read after a repeated start, in one transfer."""
        in_end = len(in_buffer) if in_end is None else in_end
        messages: tuple[Message, Message] = (
            (address, bytes(out_buffer[out_start:out_end])),
            (address, in_end - in_start),
        )
        in_buffer[in_start:in_end] = self.transfer(*messages)

    # --- the wire ---

    def transfer(self, *messages: Message) -> bytes:
        """Run messages, (address, bytes to write) or (address, count to read), joined by repeated starts.

        Return all bytes read. This is Linux' I2C_RDWR. Raises OSError as Linux does.
        """
        self.transfers += 1
        if self._software_ns:
            self.clock.advance_ns(self._software_ns)
        wire = _Wire(self.clock, self._bit_ns)
        try:
            return b"".join([self._message(wire, address, payload) for address, payload in messages])
        finally:
            wire.pass_bits(STOP_BITS)
            self.bits += wire.bits

    def _message(self, wire: "_Wire", address: int, payload: bytes | int) -> bytes:
        wire.pass_bits(ADDRESS_BITS)
        if self.faults.armed:
            fault = self.faults.at(self.clock.now_ns(), address)
            if fault is not None:
                return self._spoilt(wire, address, payload, fault)
        return self._exchange(wire, address, payload)

    def _exchange(self, wire: "_Wire", address: int, payload: bytes | int) -> bytes:
        device = self._devices.get(address)
        if device is None:
            return self._call_everybody(wire, address, payload)
        if isinstance(payload, int):
            reply = device.read(payload, wire.pass_bits(0))
            wire.pass_bits(BYTE_BITS * payload)
            return reply
        device.write(payload, wire.pass_bits(BYTE_BITS * len(payload)))
        return b""

    def _call_everybody(self, wire: "_Wire", address: int, payload: bytes | int) -> bytes:
        if address != GENERAL_CALL or isinstance(payload, int) or not self._devices:
            raise _os_error(EREMOTEIO)
        t_ns = wire.pass_bits(BYTE_BITS * len(payload))
        for device in self._devices.values():
            device.general_call(payload, t_ns)
        return b""

    def _spoilt(self, wire: "_Wire", address: int, payload: bytes | int, fault: Fault) -> bytes:
        match fault.kind:
            case "nack":
                raise _os_error(EREMOTEIO)
            case "io_error":
                raise _os_error(EIO)
            case "timeout":
                wire.stretch(round(fault.cost_s * 1e9))
                raise _os_error(ETIMEDOUT)
            case "stretch":
                wire.stretch(round(fault.cost_s * 1e9))
            case "swapped" if fault.address is not None and fault.other is not None:
                address = fault.other if address == fault.address else fault.address
            case "config_word" if isinstance(payload, bytes) and len(payload) == 1:
                wire.pass_bits(BYTE_BITS)
                return b""
            case "stuck_low" | "stuck_high":
                return _silence(wire, payload, b"\x00" if fault.kind == "stuck_low" else b"\xff")
        return self._exchange(wire, address, payload)


class _Wire:
    """The clock line of one transfer: counts bits from its START so that rounding never adds up."""

    __slots__ = ("_bit_ns", "_clock", "_start_ns", "bits")

    def __init__(self, clock: VirtualClock, bit_ns: float) -> None:
        self._clock = clock
        self._bit_ns = bit_ns
        self._start_ns = clock.now_ns()
        self.bits = 0

    def pass_bits(self, count: int) -> int:
        """Let bits cross; return the nanosecond at which the last one is through."""
        self.bits += count
        t_ns = self._start_ns + round(self.bits * self._bit_ns)
        missing_ns = t_ns - self._clock.now_ns()
        if missing_ns > 0:
            self._clock.advance_ns(missing_ns)
        return t_ns

    def stretch(self, duration_ns: int) -> None:
        self._start_ns += duration_ns
        self.pass_bits(0)


def _silence(wire: _Wire, payload: bytes | int, level: bytes) -> bytes:
    count = payload if isinstance(payload, int) else len(payload)
    wire.pass_bits(BYTE_BITS * count)
    return level * count if isinstance(payload, int) else b""


def _os_error(number: int) -> OSError:
    return OSError(number, strerror(number))
