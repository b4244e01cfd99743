"""The mat's scans at the pace of its chips: several conversions at once, each result proven, nobody waited for twice.

bus    [start A][start B]............[check A][fetch A][start A][check B][fetch B][start B].....
chip A          <------ converting ------>            <------ converting ------>
chip B                   <------ converting ------>                    <------ converting ---
"""

from math import inf

import numpy as np

from qlmat.core.model import Board, Chip, Frame
from qlmat.ports import Clock
from qlmat_firmware.bus_speed import BusSpeed
from qlmat_firmware.chip_sampler import ChipSampler
from qlmat_firmware.conversion import fastest_conversion_s, part_rate_sps
from qlmat_firmware.converter import Converter
from qlmat_firmware.i2c import I2C
from qlmat_firmware.passes import Passes, Shared
from qlmat_firmware.sample import Sample
from qlmat_firmware.tempo import Chips, Tempo
from qlmat_firmware.timer_slack import cut_timer_slack
from qlmat_firmware.trouble import Troubles
from qlmat_firmware.waiting import expected_wait_s, longest_wait_s

LONGEST_READ_S = 0.24  # `ports.FrameSource.read` promises 0.25
DEFAULT_RATE_HZ = 70.0  # docs/sampling.md gives the reasons
JUST_LATER_S = 1e-6


class PipelinedSource:
    """Scans of a board of one to four chips, `rate_hz` a second, None for as many as possible. `ports.FrameSource`.

    `calibrate` measures at the start how long each chip really takes, which gives 9 % more scans flat out. Nothing is
    asked of the bus before the first `read`. All transfers run in the thread that reads.
    """

    def __init__(
        self,
        board: Board,
        i2c: I2C,
        clock: Clock,
        rate_hz: float | None = DEFAULT_RATE_HZ,
        *,
        calibrate: bool = False,
    ) -> None:
        used = [chip for chip in board.chips if any(channel.chip == chip.address for channel in board.channels)]
        rates_sps = [part_rate_sps(chip.part, board.data_rate_sps) for chip in used]
        self._board = board
        self._clock = clock
        self._shared = Shared(
            i2c=i2c,
            clock=clock,
            passes=Passes(0.0 if rate_hz is None else 1.0 / rate_hz),
            chips=Chips(
                inputs=[sum(channel.chip == chip.address for channel in board.channels) for chip in used],
                wait_s=max(expected_wait_s(rate) if calibrate else longest_wait_s(rate) for rate in rates_sps),
                shortest_s=min(fastest_conversion_s(rate) for rate in rates_sps),
            ),
            rate_hz=rate_hz,
            calibrate=calibrate,
        )
        self._chips = tuple(self._sampler(number, chip) for number, chip in enumerate(used))
        for one in self._chips:
            one.chip.others = tuple(other.chip for other in self._chips if other is not one)
        self._last_t_s = -inf
        self._slack_cut = False

    def _sampler(self, number: int, chip: Chip) -> ChipSampler:
        mine = [(index, channel) for index, channel in enumerate(self._board.channels) if channel.chip == chip.address]
        return ChipSampler(
            Converter(self._shared.i2c, self._clock, chip, number, self._board.data_rate_sps),
            [channel.input for _, channel in mine],
            [index for index, _ in mine],
            self._shared,
            self._may_start,
        )

    @property
    def troubles(self) -> Troubles:
        """What went wrong so far."""
        return self._shared.troubles

    @property
    def bus(self) -> BusSpeed | None:
        """How fast the bus was measured to be; None before the first chip has answered."""
        return self._shared.bus

    @property
    def tempo(self) -> Tempo:
        """How the chips are sampled, decided when the bus has been measured."""
        return self._shared.tempo

    def read(self) -> Frame:
        """Wait for the next scan and return it, with what cannot be trusted as NaN; after 0.24 s with nothing."""
        if not self._slack_cut:
            self._slack_cut = True
            cut_timer_slack()
        deadline_s = self._clock.now_s() + LONGEST_READ_S
        if not self._take_bus(deadline_s):
            return self._nothing()
        try:
            return self._next_frame(deadline_s)
        finally:
            self._shared.i2c.unlock()

    def close(self) -> None:
        """Let go of the bus; the chips power down by themselves after their last conversion."""
        self._shared.i2c.deinit()

    def _take_bus(self, deadline_s: float) -> bool:
        while not self._shared.i2c.try_lock():
            if self._clock.now_s() > deadline_s:
                return False
            self._clock.sleep_until(self._clock.now_s() + 0.001)
        return True

    def _next_frame(self, deadline_s: float) -> Frame:
        while True:
            number = self._finished_pass()
            if number is not None:
                return self._frame(number)
            chip = min(self._chips, key=_turn)
            if self._used_the_gap(chip.wake_s):
                continue
            if chip.wake_s >= deadline_s or self._clock.now_s() >= deadline_s:
                self._clock.sleep_until(deadline_s)
                return self._nothing()
            self._clock.sleep_until(chip.wake_s)
            self._step(chip)

    def _used_the_gap(self, until_s: float) -> bool:
        """Confirm a chip's finished passes if the bus is free for long enough."""
        bus = self._shared.bus
        if bus is None or until_s - self._clock.now_s() < bus.read_s:
            return False
        waiting = next((chip for chip in self._chips if chip.unconfirmed), None)
        if waiting is None:
            return False
        waiting.confirm()
        return True

    def _step(self, chip: ChipSampler) -> None:
        before = (chip.pass_number, chip.ending, chip.down)
        chip.step()
        if before != (chip.pass_number, chip.ending, chip.down):
            self._wake_waiting()

    def _wake_waiting(self) -> None:
        for chip in self._chips:
            if chip.wake_s == inf:
                chip.wake_s = self._clock.now_s()

    def _may_start(self, number: int) -> bool:
        """Say whether every chip at work has come to the end of the pass before, so that scans stay together."""
        return all(chip.down or chip.pass_number + chip.ending >= number for chip in self._chips)

    def _finished_pass(self) -> int | None:
        """Find the oldest finished pass that no chip at work still owes its part of."""
        finished = [number for chip in self._chips for number in chip.harvest.done]
        if not finished:
            return None
        number = min(finished)
        ready = not any(chip.owes(number) for chip in self._chips)
        return number if ready else None

    def _frame(self, number: int) -> Frame:
        samples = [sample for chip in self._chips for sample in chip.harvest.done.pop(number, ())]
        self._wake_waiting()
        if not samples:
            return self._nothing()
        return self._filled(samples)

    def _filled(self, samples: list[Sample]) -> Frame:
        measured = np.full(len(self._board.channels), np.nan)
        sample_t_s = measured.copy()
        for sample in samples:
            measured[sample.channel] = sample.volts
            sample_t_s[sample.channel] = sample.t_s
        self._last_t_s = max(*(sample.t_s for sample in samples), self._last_t_s + JUST_LATER_S)
        measured.flags.writeable = sample_t_s.flags.writeable = False
        return Frame(self._last_t_s, measured, sample_t_s, self.troubles.take())

    def _nothing(self) -> Frame:
        """Make a frame without samples; the scan under way may still end before now."""
        under_way_s = 0.0 if all(chip.down for chip in self._chips) else LONGEST_READ_S
        self._last_t_s = max(self._clock.now_s() - under_way_s, self._last_t_s + JUST_LATER_S)
        return Frame(self._last_t_s, np.full(len(self._board.channels), np.nan), events=self.troubles.take())


def _turn(chip: ChipSampler) -> tuple[bool, float]:
    return not chip.waker.undisturbed, chip.wake_s
