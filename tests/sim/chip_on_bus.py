"""A chip on an ideal 400 kHz bus, spoken to in raw register words."""

from dataclasses import dataclass

import numpy as np

from qlmat.sim.ads1x15 import ChipTraits, VirtualAds1x15
from qlmat.sim.analog import Analog, FixedVolts
from qlmat.sim.clock import VirtualClock
from qlmat.sim.i2c import VirtualI2C
from qlmat.sim.registers import Part

VOLTS = (0.5, 1.0, 1.5, 2.0)


@dataclass(frozen=True)
class Bench:
    clock: VirtualClock
    bus: VirtualI2C
    chip: VirtualAds1x15

    def write(self, register: int, word: int) -> int:
        """Write a register; return the nanosecond of its last acknowledge, one STOP bit ago."""
        self.bus.writeto(0x48, bytes([register, word >> 8, word & 0xFF]))
        return self.clock.now_ns() - 2500

    def point(self, register: int) -> None:
        self.bus.writeto(0x48, bytes([register]))

    def read(self, register: int) -> int:
        reply = bytearray(2)
        self.bus.writeto_then_readfrom(0x48, bytes([register]), reply)
        return int.from_bytes(reply, "big")

    def bare_read(self) -> int:
        reply = bytearray(2)
        self.bus.readfrom_into(0x48, reply)
        return int.from_bytes(reply, "big")

    def until_ns(self, t_ns: int) -> None:
        self.clock.advance_ns(t_ns - self.clock.now_ns())

    def convert(self, config: int) -> int:
        """Start a single conversion, wait long enough for any rate, return the result."""
        self.write(1, config)
        self.clock.sleep(0.2)
        return self.read(0)


def bench(
    part: Part = "ads1115",
    analog: Analog | None = None,
    traits: ChipTraits | None = None,
    rng: np.random.Generator | None = None,
) -> Bench:
    clock = VirtualClock()
    bus = VirtualI2C(clock, scl_hz=400_000)
    chip = VirtualAds1x15(part, FixedVolts(*VOLTS) if analog is None else analog, traits, rng)
    bus.attach(0x48, chip)
    return Bench(clock, bus, chip)
