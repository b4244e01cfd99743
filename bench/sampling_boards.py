"""Boards drawn at random, with the virtual parts on them that misbehave when told to: for `bench.sampling_faults`."""

from collections import deque
from math import pi, sin

import numpy as np

from qlmat.core.model import Board, Chip, Sensor
from qlmat.sim.ads1x15 import ChipTraits, VirtualAds1x15
from qlmat.sim.clock import VirtualClock
from qlmat.sim.i2c import PI_LEAN_S, Message, VirtualI2C
from qlmat_firmware.conversion import DATA_RATES_SPS, Part

UNSURE_S = 0.006  # of a sample whose chip stretched the clock: how far its time may lie; the sampler promises 5 ms
SLOW_S = 0.0012  # beyond the longest transfer at 100 kHz with its software
PREEMPTED = 0.0005  # share of transfers before which the kernel takes the processor away


class Waves:
    """Four inputs, each a slow wave of its own; some feet are unloaded, which reads as zero."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._base_v = [float(rng.choice([0.0, rng.uniform(0.05, 3.0)], p=[0.2, 0.8])) for _ in range(4)]
        self._swing_v = [0.0 if base_v == 0.0 else float(rng.uniform(0.0, 0.05)) for base_v in self._base_v]
        self._turn_hz = [float(rng.uniform(0.3, 3.0)) for _ in range(4)]

    def mean(self, pin: int, start_ns: int, end_ns: int) -> tuple[float, float]:
        """Give (volts, source ohms); the waves are slow enough to be straight within a conversion."""
        t_s = (start_ns + end_ns) / 2e9
        return self._base_v[pin] + self._swing_v[pin] * sin(2 * pi * self._turn_hz[pin] * t_s), 500.0


class DeafChip(VirtualAds1x15):
    """A chip that lets one start pass when told to: the setting is stored, no conversion begins."""

    deaf = False

    def write(self, data: bytes, t_ns: int) -> None:
        """Take a register; forget the start bit once after `deaf` was set."""
        if self.deaf and len(data) == 3 and data[0] == 1 and data[1] & 0x80:
            self.deaf = False
            data = bytes((data[0], data[1] & 0x7F, data[2]))
        super().write(data, t_ns)


class BusyMachine(VirtualI2C):
    """The bus of a machine with other work: now and then a transfer comes late by 0.1 to 3 ms."""

    def __init__(self, clock: VirtualClock, scl_hz: float, rng: np.random.Generator) -> None:
        super().__init__(clock, scl_hz, PI_LEAN_S)
        self._chance = rng
        self._slow: deque[tuple[float, float]] = deque(maxlen=50)

    def transfer(self, *messages: Message) -> bytes:
        """Run the messages, perhaps after a pause."""
        began_s = self.clock.now_s()
        if self._chance.random() < PREEMPTED:
            self.clock.advance_ns(int(self._chance.uniform(1e5, 3e6)))
        try:
            return super().transfer(*messages)
        finally:
            ended_s = self.clock.now_s()
            if ended_s - began_s > SLOW_S:
                self._slow.append((began_s, ended_s))

    def slow_around(self, t_s: float) -> bool:
        """Say whether a transfer was held up when a conversion with this middle was started."""
        return any(began_s - UNSURE_S < t_s < ended_s + 0.2 for began_s, ended_s in self._slow)


def draw_board(rng: np.random.Generator) -> Board:
    """Draw a board: one to four chips of one part, one to four inputs of each."""
    part: Part = "ads1115" if rng.random() < 0.7 else "ads1015"
    rate_sps = int(rng.choice(DATA_RATES_SPS[part]))
    chips = tuple(Chip(0x48 + number, part, None) for number in range(rng.integers(1, 5)))
    sensors = [
        Sensor(f"s{chip.address:x}_{input_}", "left", 0.0, 0.0, chip.address, input_)
        for chip in chips
        for input_ in sorted(rng.choice(4, int(rng.integers(1, 5)), replace=False).tolist())
    ]
    return Board(chips=chips, sensors=tuple(sensors), data_rate_sps=rate_sps)


def draw_traits(rng: np.random.Generator) -> ChipTraits:
    """Draw what one chip of its kind is like: oscillator, wake-up, offset."""
    return ChipTraits(
        oscillator_ratio=float(rng.choice([0.9, 1.1, rng.uniform(0.9, 1.1)])),
        wakeup_s=float(rng.choice([25e-6, 0.0, 110e-6], p=[0.8, 0.1, 0.1])),
        offset_lsb=float(rng.uniform(-3.0, 3.0)),
        noise_lsb=1.0,
        busy_in_wakeup=bool(rng.random() < 0.5),
    )
