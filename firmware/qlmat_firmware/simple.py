"""The mat's scans through the Adafruit driver, one input after the other: simple, slow, and never stuck.

The driver polls a chip for as long as it says "still converting", which a dead bus says for ever; so the driver gets
the bus behind a deadline. A chip that fails gives NaN, costs at most one deadline a frame, and is tried again later.
"""

from typing import Any

import numpy as np
from adafruit_ads1x15 import ADS1015, ADS1115, AnalogIn

from qlmat.core.model import Board, Chip, FloatArray, Frame
from qlmat.errors import ConfigError
from qlmat.ports import Clock
from qlmat_firmware.conversion import CONFIG, config_word, part_rate_sps, slowest_conversion_s, volts
from qlmat_firmware.i2c import I2C
from qlmat_firmware.trouble import GarbledError, Troubles, kind_of

PATIENCE_S = 0.02  # beyond the slowest conversion: some 100 transfers at 100 kHz, where one sample needs 5
RETRY_S = 0.25
LONGEST_READ_S = 0.25  # `ports.FrameSource.read`
DRIVERS = {"ads1115": ADS1115, "ads1015": ADS1015}


class DeadlineI2C:
    """The bus as the driver sees it: the same methods, but TimeoutError (an OSError) once `deadline_s` has passed."""

    def __init__(self, i2c: I2C, clock: Clock) -> None:
        self._i2c = i2c
        self._clock = clock
        self.deadline_s = float("inf")

    def _check(self) -> None:
        if self._clock.now_s() > self.deadline_s:
            raise TimeoutError("the ADC did not finish in time")

    def try_lock(self) -> bool:
        """Take the bus if nobody has it."""
        self._check()
        return self._i2c.try_lock()

    def unlock(self) -> None:
        """Give the bus back."""
        self._i2c.unlock()

    def writeto(self, address: int, buffer: bytes, **span: Any) -> None:
        """Write, unless it is too late."""
        self._check()
        self._i2c.writeto(address, buffer, **span)

    def readfrom_into(self, address: int, buffer: bytearray, **span: Any) -> None:
        """Read, unless it is too late."""
        self._check()
        self._i2c.readfrom_into(address, buffer, **span)

    def writeto_then_readfrom(self, address: int, out_buffer: bytes, in_buffer: bytearray, **span: Any) -> None:
        """Write and read, unless it is too late."""
        self._check()
        self._i2c.writeto_then_readfrom(address, out_buffer, in_buffer, **span)


class Ads1115Source:
    """Scans of a board, `rate_hz` a second or as many as the chips give. Implements `ports.FrameSource`.

    Raises ConfigError when a scan at the board's data rate takes longer than a read may.
    """

    def __init__(self, board: Board, i2c: I2C, clock: Clock, rate_hz: float = 50.0) -> None:
        self._check_speed(board)
        self._board = board
        self._i2c = i2c
        self._bus = DeadlineI2C(i2c, clock)
        self._clock = clock
        self._period_s = 1.0 / rate_hz
        self._next_t_s = clock.now_s()
        self._drivers: dict[int, Any] = {}
        self._retry_t_s = {chip.address: self._next_t_s for chip in board.chips}
        self.troubles = Troubles()

    @staticmethod
    def _check_speed(board: Board) -> None:
        parts = {chip.address: chip.part for chip in board.chips}
        scan_s = sum(
            slowest_conversion_s(part_rate_sps(parts[channel.chip], board.data_rate_sps)) for channel in board.channels
        )
        if scan_s > LONGEST_READ_S:
            raise ConfigError(
                f"board.data_rate_sps = {board.data_rate_sps}: a scan of {len(board.channels)} inputs one by one takes "
                f"{scan_s:.2f} s, more than {LONGEST_READ_S} s: choose a higher rate."
            )

    def read(self) -> Frame:
        """Wait for the next scan and return it, the inputs of chips that fail as NaN."""
        self._clock.sleep_until(self._next_t_s)
        self._next_t_s = max(self._next_t_s + self._period_s, self._clock.now_s())
        measured = np.full(len(self._board.channels), np.nan)
        sample_t_s = np.full(len(self._board.channels), np.nan)
        for chip in self._board.chips:
            self._read_chip(chip, measured, sample_t_s)
        events = self.troubles.take()
        if np.isnan(sample_t_s).all():
            return Frame(self._clock.now_s(), measured, events=events)
        return Frame(float(np.nanmax(sample_t_s)), measured, sample_t_s, events)

    def close(self) -> None:
        """Let go of the bus; the chips power down by themselves after each conversion."""
        self._i2c.deinit()

    def _read_chip(self, chip: Chip, measured: FloatArray, sample_t_s: FloatArray) -> None:
        if self._clock.now_s() < self._retry_t_s[chip.address]:
            return
        mine = [index for index, channel in enumerate(self._board.channels) if channel.chip == chip.address]
        try:
            for index in mine:
                measured[index], sample_t_s[index] = self._sample(chip, self._board.channels[index].input)
            if mine:
                self._confirm(chip, self._board.channels[mine[-1]].input)
        except (OSError, ValueError) as error:  # the driver says ValueError when nobody is at the address
            measured[mine] = sample_t_s[mine] = np.nan
            self._drivers.pop(chip.address, None)
            self._retry_t_s[chip.address] = self._clock.now_s() + RETRY_S
            self.troubles.note(self._clock.now_s(), f"{chip.address:#x}", kind_of(error))
        else:
            self.troubles.calm(self._clock.now_s(), f"{chip.address:#x}")

    def _sample(self, chip: Chip, input_: int) -> tuple[float, float]:
        """Give volts and the middle of the conversion, to 0.1 ms: it fills most of the time the driver takes."""
        rate_sps = part_rate_sps(chip.part, self._board.data_rate_sps)
        self._bus.deadline_s = self._clock.now_s() + slowest_conversion_s(rate_sps) + PATIENCE_S
        driver = self._drivers.get(chip.address)
        if driver is None:
            driver = DRIVERS[chip.part](self._bus, gain=1, data_rate=rate_sps, address=chip.address)
            self._drivers[chip.address] = driver
        began_s = self._clock.now_s()
        code = AnalogIn(driver, input_).value
        return volts(code), (began_s + self._clock.now_s()) / 2

    def _confirm(self, chip: Chip, last_input: int) -> None:
        """Read the configuration back: a bus stuck at all ones looks to the driver like finished conversions."""
        answer = bytearray(2)
        self._bus.writeto_then_readfrom(chip.address, CONFIG, answer)
        rate_sps = part_rate_sps(chip.part, self._board.data_rate_sps)
        if int.from_bytes(answer, "big") != config_word(chip.part, last_input, rate_sps):
            raise GarbledError
