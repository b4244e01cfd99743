"""What `qlmat doctor` sees of bus, chips and pins: it tries each thing and says what happened; others judge.

Every transfer may fail and is then counted, never raised; every wait has an end; every output that was switched on is
off again when a function returns or raises.
"""

import importlib
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Literal, Protocol

import numpy as np

from qlmat.core.model import Board, Chip, FloatArray
from qlmat.doctor_machine import Access, PinLibrary
from qlmat.doctor_mat import BusSeen, ChipSeen, InputSeen, ScansSeen
from qlmat.ports import Clock, FrameSource
from qlmat_firmware.bus_speed import measure_bus
from qlmat_firmware.conversion import (
    CONFIG,
    CONVERSION,
    LO_THRESH,
    LO_THRESH_RESET,
    READY,
    config_word,
    part_rate_sps,
    slowest_conversion_s,
    volts,
)
from qlmat_firmware.i2c import I2C
from qlmat_firmware.trouble import kind_of

ROUNDS = 100  # transfers: an error in a hundred is one in two seconds of a session
TIMED_SPS = 64  # slow enough that asking every 0.2 ms tells the chip's clock to 2 %
MOST_SPS = 3300
APART_V = 0.02
TELLING_CODES = 4  # so many different readings without a low bit are a 12-bit part's


def see_pin_library() -> PinLibrary:
    """Import lgpio and say what came: pip's stand-in 0.0.0.2 is an empty module of the same name."""
    try:
        module = importlib.import_module("lgpio")
    except ImportError:
        return "missing"
    return "good" if hasattr(module, "gpiochip_open") else "empty"


def see_pins_access(folder: Path = Path("/dev")) -> Access:
    """Say whether this user may open a GPIO chip."""
    chips = sorted(folder.glob("gpiochip*"))
    if not chips:
        return "missing"
    return "open" if any(os.access(chip, os.R_OK | os.W_OK) for chip in chips) else "forbidden"


@dataclass(slots=True)
class CountingI2C:
    """A bus whose failures are counted by kind instead of raised, and whose longest transfer is remembered."""

    i2c: I2C
    clock: Clock
    transfers: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    longest_s: float = 0.0

    def write(self, address: int, register: bytes, word: int) -> bool:
        """Write a register; False when it failed."""
        return self._tried(lambda: self.i2c.writeto(address, register + word.to_bytes(2, "big")))

    def read(self, address: int, register: bytes) -> int | None:
        """Read a register, None when it failed."""
        answer = bytearray(2)
        done = self._tried(lambda: self.i2c.writeto_then_readfrom(address, register, answer))
        return int.from_bytes(answer, "big") if done else None

    def _tried(self, transfer: Callable[[], None]) -> bool:
        self.transfers += 1
        began_s = self.clock.now_s()
        try:
            transfer()
        except OSError as error:
            self.errors[kind_of(error)] += 1
            return False
        finally:
            self.longest_s = max(self.longest_s, self.clock.now_s() - began_s)
        return True


def see_bus(name: str, i2c: I2C, clock: Clock, board: Board, others: Sequence[str] = ()) -> BusSeen:
    """Scan the bus and measure its speed with the first chip of the board that answers."""
    addresses = i2c.scan()
    present = [chip.address for chip in board.chips if chip.address in addresses]
    scl_hz = None
    counting = CountingI2C(i2c, clock)
    if present:
        for _ in range(ROUNDS):
            counting.read(present[0], CONFIG)
        try:
            scl_hz = measure_bus(i2c, clock, present[0]).scl_hz
            counting.write(present[0], LO_THRESH, LO_THRESH_RESET)
        except OSError as error:
            counting.errors[kind_of(error)] += 1
    return BusSeen(name, tuple(addresses), scl_hz, counting.longest_s, tuple(others))


def see_chip(i2c: I2C, clock: Clock, chip: Chip, board: Board, kernel_driver: str | None = None) -> ChipSeen:
    """Try one chip: transfers, its clock, whether it keeps settings, whether its inputs stay apart."""
    if kernel_driver is not None:
        return ChipSeen(chip.address, chip.part, False, kernel_driver=kernel_driver)
    bus = CountingI2C(i2c, clock)
    if all(bus.read(chip.address, CONFIG) is None for _ in range(3)):
        return ChipSeen(chip.address, chip.part, False, bus.transfers, dict(bus.errors))
    for _ in range(ROUNDS):
        bus.read(chip.address, CONFIG)
    rate_sps = part_rate_sps(chip.part, TIMED_SPS)
    finished_s = _time_conversion(bus, clock, chip, rate_sps)
    inputs = sorted({channel.input for channel in board.channels if channel.chip == chip.address})
    told_apart, codes = _alternate(bus, clock, chip, inputs)
    return ChipSeen(
        chip.address,
        chip.part,
        True,
        bus.transfers,
        dict(bus.errors),
        finished_s,
        1.0 / rate_sps,
        _keeps(bus, chip, rate_sps, inputs),
        told_apart,
        _sixteen_bits(codes),
    )


def _time_conversion(bus: CountingI2C, clock: Clock, chip: Chip, rate_sps: int) -> float | None:
    """Give the seconds from start to finished, halfway between the last "busy" and the first "idle" answer."""
    if not bus.write(chip.address, CONFIG, config_word(chip.part, 0, rate_sps)):
        return None
    began_s = busy_s = clock.now_s()
    while clock.now_s() - began_s < 2.0 * slowest_conversion_s(rate_sps):
        answer = bus.read(chip.address, CONFIG)
        if answer is not None and answer & READY:
            return (busy_s + clock.now_s()) / 2 - began_s if busy_s > began_s else None
        busy_s = clock.now_s()
    return None


def _keeps(bus: CountingI2C, chip: Chip, rate_sps: int, inputs: Sequence[int]) -> bool:
    """Say whether each written configuration is read back once idle; failed transfers are counted elsewhere."""
    for input_ in inputs:
        word = config_word(chip.part, input_, rate_sps)
        bus.write(chip.address, CONFIG, word)
        answer = bus.read(chip.address, CONFIG)
        if answer is not None and answer | READY != word:
            return False
        bus.clock.sleep_until(bus.clock.now_s() + slowest_conversion_s(rate_sps))
    return True


def _alternate(bus: CountingI2C, clock: Clock, chip: Chip, inputs: Sequence[int]) -> tuple[bool, list[int]]:
    """Read first, last, first, last input: each must give its own volts both times. Also give all codes read."""
    rate_sps = part_rate_sps(chip.part, MOST_SPS)
    order = [inputs[0], inputs[-1]] * 3 + list(inputs) if inputs else []
    codes = [code for input_ in order if (code := _single_shot(bus, clock, chip, input_, rate_sps)) is not None]
    if len(codes) != len(order) or len(inputs) < 2:
        return True, codes
    settings = {config_word(chip.part, input_, rate_sps) for input_ in inputs}
    told = any(code & 0xFFFF | READY in settings for code in codes)  # the chip answered with its settings instead
    return not told and not _crossed(codes[:6:2], codes[1:6:2]), codes


def _crossed(first: Sequence[int], last: Sequence[int]) -> bool:
    """Say whether a reading of one input is nearer to the other input's usual volts than to its own."""
    own, other = median(first), median(last)
    if abs(volts(int(own - other))) < APART_V:
        return False
    return any(abs(code - own) > abs(code - other) for code in first) or any(
        abs(code - other) > abs(code - own) for code in last
    )


def _single_shot(bus: CountingI2C, clock: Clock, chip: Chip, input_: int, rate_sps: int) -> int | None:
    if not bus.write(chip.address, CONFIG, config_word(chip.part, input_, rate_sps)):
        return None
    clock.sleep_until(clock.now_s() + slowest_conversion_s(rate_sps) + 1e-4)
    code = bus.read(chip.address, CONVERSION)
    return None if code is None else code - 0x10000 * (code >> 15)


def _sixteen_bits(codes: Sequence[int]) -> bool | None:
    different = set(codes) - {0}
    if any(code & 0xF for code in different):
        return True
    return False if len(different) >= TELLING_CODES else None


def see_inputs(source: FrameSource, board: Board, scans: int) -> ScansSeen:
    """Read `scans` scans as the mat does; give each input's volts and what the source noticed on the way."""
    frames = [frame for frame in (source.read() for _ in range(scans)) if frame is not None]
    measured = np.stack([frame.volts for frame in frames])
    spent_s = frames[-1].t_s - frames[0].t_s
    troubles = {
        f"{event.detail.get('chip')}: {event.detail.get('what')}": str(event.detail.get("check"))
        for frame in frames
        for event in frame.events
        if event.name == "adc_fault"
    }
    inputs = tuple(_input(channel.name, measured[:, index]) for index, channel in enumerate(board.channels))
    return ScansSeen(inputs, (len(frames) - 1) / spent_s if spent_s > 0 else 0.0, troubles)


def _input(name: str, volts_read: FloatArray) -> InputSeen:
    there = volts_read[~np.isnan(volts_read)]
    if there.size < volts_read.size / 2:
        return InputSeen(name, np.nan, np.nan, np.nan)
    return InputSeen(name, float(there.mean()), float(there.std()), float(there.max()))


class Switch(Protocol):
    """An output that can say whether it is on: `outputs.Motor`, `Buzzer`, `Led`."""

    @property
    def on(self) -> bool:
        """Say whether it is on now."""
        ...

    def set(self, on: bool) -> None:
        """Switch the output on or off."""
        ...


def pulse(output: Switch, clock: Clock, on_s: float, pulses: Literal[1, 2, 3] = 2) -> bool:
    """Switch an output on and off a few times; say whether it is off at the end. Off whatever happens."""
    try:
        for _ in range(pulses):
            output.set(True)
            clock.sleep_until(clock.now_s() + on_s)
            output.set(False)
            clock.sleep_until(clock.now_s() + on_s)
    finally:
        output.set(False)
    return not output.on
