"""What sampling costs the processor: our software and smbus2, without the kernel and without the emulator behind it.

The same `LinuxI2C` and smbus2 messages as on a Pi; only the call into the kernel is replaced, and its time taken out.
"""

import time
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from adafruit_ads1x15 import ADS1115, AnalogIn

from qlmat.sim.ads1x15 import ChipTraits, VirtualAds1x15
from qlmat.sim.analog import FixedVolts
from qlmat.sim.clock import VirtualClock
from qlmat.sim.i2c import PI_BLINKA_S, PI_LEAN_S, VirtualI2C
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.i2c import LinuxI2C
from qlmat_firmware.sampler import DEFAULT_RATE_HZ, PipelinedSource

RUNS, SCANS, SETTLING_SCANS = 7, 300, 50
CHANNELS = len(BOARD_V1.channels)
READ_FLAG = 0x0001


class Kernel:
    """Stands for `smbus2.SMBus`: runs its messages on the emulated bus and knows how long that took here."""

    def __init__(self, software_s: float) -> None:
        self.clock = VirtualClock(sleep_overshoot_s=10e-6)
        self.bus = VirtualI2C(self.clock, 400e3, software_s)
        for number in range(2):
            chip = VirtualAds1x15(analog=FixedVolts(0.5 + 0.1 * number, 1.1, 1.7, 3.28), traits=ChipTraits())
            self.bus.attach(0x48 + number, chip)
        self.inside_ns = 0

    def __call__(self, bus_number: int) -> "Kernel":
        """Stand in for the class that opens a bus."""
        return self

    def i2c_rdwr(self, *messages: Any) -> None:
        """Run one transfer, as the ioctl does."""
        began_ns = time.process_time_ns()
        wanted = [(m.addr, m.len if m.flags & READ_FLAG else bytes(m)) for m in messages]
        answer = self.bus.transfer(*wanted)
        for index in range(len(answer)):
            messages[-1].buf[index] = answer[index : index + 1]
        self.inside_ns += time.process_time_ns() - began_ns

    def close(self) -> None:
        """There is no file to close."""


def _cost(kernel: Kernel, name: str, read_scan: Callable[[], object]) -> dict[str, Any]:
    """Measure several runs; the cheapest one was disturbed least by whatever else this machine does."""
    for _ in range(SETTLING_SCANS):
        read_scan()
    transfers, began_s = kernel.bus.transfers, kernel.clock.now_s()
    own_ns = min(_run_ns(kernel, read_scan) for _ in range(RUNS))
    scans_per_s = RUNS * SCANS / (kernel.clock.now_s() - began_s)
    samples = SCANS * CHANNELS
    return {
        "sampling": name,
        "scans_per_s": round(scans_per_s, 1),
        "transfers_per_sample": round((kernel.bus.transfers - transfers) / (RUNS * samples), 2),
        "cpu_us_per_sample": round(own_ns / samples / 1e3, 1),
        "core_share": round(own_ns / samples / 1e9 * scans_per_s * CHANNELS, 4),
    }


def _run_ns(kernel: Kernel, read_scan: Callable[[], object]) -> int:
    inside_ns, began_ns = kernel.inside_ns, time.process_time_ns()
    for _ in range(SCANS):
        read_scan()
    return time.process_time_ns() - began_ns - (kernel.inside_ns - inside_ns)


def measure_cost() -> list[dict[str, Any]]:
    """Measure board v1 on a 400 kHz bus: the Adafruit loop, ours flat out, ours at the default rate."""
    rows = []
    kernel = Kernel(PI_BLINKA_S)
    with patch("smbus2.SMBus", kernel):
        i2c = LinuxI2C()
        drivers = [ADS1115(i2c, gain=1, data_rate=860, address=0x48 + number) for number in range(2)]
        inputs = [AnalogIn(driver, input_) for driver in drivers for input_ in range(4)]
        rows.append(_cost(kernel, "Adafruit loop", lambda: [one.value for one in inputs]))
    for name, rate_hz in (("ours, flat out", None), (f"ours, {DEFAULT_RATE_HZ:g} scans/s", DEFAULT_RATE_HZ)):
        kernel = Kernel(PI_LEAN_S)
        with patch("smbus2.SMBus", kernel):
            source = PipelinedSource(BOARD_V1, LinuxI2C(), kernel.clock, rate_hz)
            rows.append(_cost(kernel, name, source.read))
    return rows
