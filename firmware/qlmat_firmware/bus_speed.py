"""How fast the bus really is: timed writes tell bit time and software time apart.

A write of a pointer crosses the bus in 20 bits, one of a pointer and a register in 38; everything else about the two is
the same, so the difference is 18 bits. On a Pi 3 or Zero an idle core clock makes 250 kHz of the 400 that were set.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from errno import ETIMEDOUT
from statistics import median

from qlmat.ports import Clock
from qlmat_firmware.conversion import LO_THRESH, marker
from qlmat_firmware.i2c import I2C

log = logging.getLogger(__name__)

ROUNDS = 25
LONGEST_S = 0.15  # four times what 100 kHz need; a read of a scan waits for the whole measurement
BITS_APART = 18
FASTEST_HZ = 1.2e6  # a "faster" bus has no bits that cost time: some other program's model of one
SLOW_HZ = 150e3
IDLE_CORE_RATIO = 0.625  # 250 of 400 MHz
REMEDY = "put 'dtparam=i2c_arm_baudrate=400000' into /boot/firmware/config.txt and restart"


@dataclass(frozen=True, slots=True)
class BusSpeed:
    """What a bus was measured to do: its clock in Hz (None if no time goes into bits) and typical transfer times.

    `write_s` is a start (38 bits), `read_s` a fetch or check (48 bits), both with the software around them.
    """

    scl_hz: float | None
    write_s: float
    read_s: float

    @property
    def shortest_bit_s(self) -> float:
        """Say what a bit takes at least, also after the Pi's core clock has woken up."""
        return 0.0 if self.scl_hz is None else IDLE_CORE_RATIO / self.scl_hz

    @property
    def slow(self) -> bool:
        """Say whether it is the 100 kHz a Pi starts with."""
        return self.scl_hz is not None and self.scl_hz < SLOW_HZ

    def tell(self) -> None:
        """Log it for people, with the remedy when it is slow."""
        speed = "unmeasurable" if self.scl_hz is None else f"{self.scl_hz / 1e3:.0f}kHz"
        log.info("bus=%s write_us=%.0f read_us=%.0f", speed, self.write_s * 1e6, self.read_s * 1e6)
        if self.slow:
            log.warning("bus=%s result='fewer scans a second than the chips can give' todo=%r", speed, REMEDY)


def measure_bus(i2c: I2C, clock: Clock, address: int) -> BusSpeed:
    """Time short writes and reads of one chip that carries its marker; its settings stay. OSError if it fails.

    Takes about 11 ms at 400 kHz and 35 ms at 100 kHz; gives up on a bus that keeps it waiting for much longer.
    """
    began_s = clock.now_s()
    answer = bytearray(2)
    register = LO_THRESH + marker(address).to_bytes(2, "big")
    shorts, longs, reads = [], [], []
    for _ in range(ROUNDS):
        shorts.append(_timed(clock, lambda: i2c.writeto(address, LO_THRESH)))
        longs.append(_timed(clock, lambda: i2c.writeto(address, register)))
        reads.append(_timed(clock, lambda: i2c.writeto_then_readfrom(address, LO_THRESH, answer)))
        if clock.now_s() - began_s > LONGEST_S:
            raise OSError(ETIMEDOUT, "the bus is far too slow to be measured")
    # The quickest of each kind was disturbed least.
    bits_s = min(longs) - min(shorts)
    scl_hz = BITS_APART / bits_s if bits_s > BITS_APART / FASTEST_HZ else None
    return BusSpeed(scl_hz, median(longs), median(reads))


def _timed(clock: Clock, transfer: Callable[[], None]) -> float:
    began_s = clock.now_s()
    transfer()
    return clock.now_s() - began_s
