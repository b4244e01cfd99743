"""A small ADS1115 and the `smbus2.SMBus` in front of it, written from the datasheet without looking at qlmat.sim."""

from collections.abc import Callable, Mapping
from typing import Any

READ_FLAG = 0x0001  # I2C_M_RD
RATES = (8, 16, 32, 64, 128, 250, 475, 860)
RANGES_V = (6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256)
TRANSFER_S = 0.0002


class TinyClock:
    """Time that moves when somebody sleeps or a transfer takes place."""

    def __init__(self) -> None:
        self.t_s = 100.0

    def now_s(self) -> float:
        return self.t_s

    def sleep_until(self, t_s: float) -> None:
        self.t_s = max(self.t_s, t_s)


class TinyAds1115:
    """Registers, a pointer, and one conversion that takes 1/DR (times `slow`)."""

    def __init__(self, clock: TinyClock, volts: Mapping[int, float], slow: float = 1.0) -> None:
        self.clock = clock
        self.volts = dict(volts)
        self.slow = slow
        self.registers = {0: 0, 1: 0x8583, 2: 0x8000, 3: 0x7FFF}
        self.pointer = 0
        self.ready_s: float | None = None
        self.running = 0

    def _settle(self) -> None:
        if self.ready_s is not None and self.clock.t_s >= self.ready_s:
            mux = self.running >> 12 & 7
            code = round(self.volts.get(mux - 4, 0.0) / RANGES_V[self.running >> 9 & 7] * 32768)
            self.registers[0] = max(-32768, min(32767, code)) & 0xFFFF
            self.ready_s = None

    def write(self, data: bytes) -> None:
        self._settle()
        if not data:
            return
        self.pointer = data[0] & 3
        if len(data) == 3 and self.pointer:
            word = data[1] << 8 | data[2]
            self.registers[self.pointer] = word
            if self.pointer == 1 and word & 0x8000 and self.ready_s is None:
                self.running = word
                self.ready_s = self.clock.t_s + self.slow / RATES[word >> 5 & 7]

    def read(self, count: int) -> bytes:
        self._settle()
        word = self.registers[self.pointer]
        if self.pointer == 1:
            word = word & 0x7FFF | (0x8000 if self.ready_s is None else 0)
        return word.to_bytes(2, "big")[:count].ljust(count, b"\xff")


class TinySMBus:
    """Stands for `smbus2.SMBus`: takes `i2c_msg`s. `broken`, when set, answers in place of the chips."""

    def __init__(self, clock: TinyClock, chips: Mapping[int, TinyAds1115]) -> None:
        self.clock = clock
        self.chips = dict(chips)
        self.broken: Callable[[Any], bytes] | None = None
        self.log: list[list[tuple[int, bool, int]]] = []
        self.opened: list[int] = []
        self.closed = False

    def __call__(self, bus_number: int) -> "TinySMBus":
        self.opened.append(bus_number)
        return self

    def i2c_rdwr(self, *messages: Any) -> None:
        self.clock.t_s += TRANSFER_S
        self.log.append([(m.addr, bool(m.flags & READ_FLAG), m.len) for m in messages])
        for message in messages:
            if message.len == 0:
                raise OSError(95, "Operation not supported")  # DesignWare refuses zero-length messages
            if message.addr not in self.chips:
                raise OSError(121, "Remote I/O error")
            chip = self.chips[message.addr]
            if message.flags & READ_FLAG:
                answer = self.broken(message) if self.broken else chip.read(message.len)
                for index, byte in enumerate(answer):
                    message.buf[index] = bytes([byte])
            elif not self.broken:
                chip.write(bytes(message))

    def close(self) -> None:
        self.closed = True
