"""What a bus may answer: any bytes, any error, at any time; and real chips whose answers are spoilt now and then."""

import errno
import math
from os import strerror

import numpy as np

from fuzz.target import Target
from qlmat.core.calibration import nominal_calibration
from qlmat.core.model import Frame
from qlmat.core.pipeline import Pipeline
from qlmat.core.plan import Plan
from qlmat.ports import FrameSource
from qlmat.sim.clock import VirtualClock
from qlmat.sim.i2c import Message, VirtualI2C
from qlmat.sim.load import RecordedVolts
from qlmat.sim.mat import VirtualMat
from qlmat.sim.signal import IDEAL
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.sampler import PipelinedSource
from qlmat_firmware.simple import Ads1115Source

SCANS = 6
# `ports.FrameSource.read`, and the eight transfers of a step begun in its last moment, when each takes the 50 ms after
# which the kernel gives up and yet succeeds, as no bus does; under the 0.8 s of the stall guard all the same.
LONGEST_READ_S = 0.25 + 8 * 0.05
TRANSFERS = 20_000  # in SCANS reads; more than this hangs on the bus
ERRORS = (errno.EREMOTEIO, errno.EIO, errno.ETIMEDOUT, errno.EAGAIN, errno.ENXIO, errno.EBUSY, errno.EINVAL)
TIMES_NS = (0, 1_000, 100_000, 2_000_000, 50_000_000)


class Whims:
    """A script of what goes wrong: two bytes for each transfer, then nothing any more."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, count: int) -> bytes:
        """Give the next bytes, zeros behind the end."""
        found = self._data[self._at : self._at + count]
        self._at += count
        return found + bytes(count - len(found))


class WhimsicalBus(VirtualI2C):
    """A bus that answers what the script says; with `honest` it asks its chips first, and then spoils the answer."""

    def __init__(self, clock: VirtualClock, data: bytes, honest: VirtualI2C | None) -> None:
        super().__init__(clock)
        self._whims, self._honest = Whims(data), honest

    def transfer(self, *messages: Message) -> bytes:
        """Answer, or raise."""
        self.transfers += 1
        assert self.transfers < TRANSFERS, "the sampler hangs on the bus"
        kind, more = self._whims.take(2)
        self.clock.advance_ns(70_000 + TIMES_NS[more % len(TIMES_NS)] * (kind % 8 == 7))
        if kind % 8 == 1:
            code = ERRORS[more % len(ERRORS)]
            raise OSError(code, strerror(code))
        count = sum(payload for _, payload in messages if isinstance(payload, int))
        if self._honest is None:
            return self._whims.take(count)
        answer = self._honest.transfer(*messages)
        if kind % 8 in (2, 3) and answer:
            answer = bytes(byte ^ whim for byte, whim in zip(answer, self._whims.take(len(answer)), strict=True))
        return answer


def anything() -> Target:
    """Sample a bus on which nothing is as it should be."""

    def run(data: bytes) -> None:
        clock = VirtualClock()
        bus = WhimsicalBus(clock, data[1:], None)
        _sample(_source(data, bus, clock), clock)

    return run


def spoilt() -> Target:
    """Sample real chips whose answers are delayed, spoilt or lost."""

    def run(data: bytes) -> None:
        clock = VirtualClock()
        volts = np.tile(np.linspace(0.1, 3.0, len(BOARD_V1.sensors)), (2, 1))
        mat = VirtualMat(BOARD_V1, RecordedVolts(np.array([0.0, 100.0]), volts), clock, imperfections=IDEAL)
        _sample(_source(data, WhimsicalBus(clock, data[1:], mat.i2c), clock), clock)

    return run


def _source(data: bytes, bus: VirtualI2C, clock: VirtualClock) -> FrameSource:
    if data[:1] >= b"\xc0":
        return Ads1115Source(BOARD_V1, bus, clock)
    return PipelinedSource(BOARD_V1, bus, clock, 70.0, calibrate=data[:1] >= b"\x80")


def _sample(source: FrameSource, clock: VirtualClock) -> None:
    mat = Pipeline(BOARD_V1, nominal_calibration(BOARD_V1), Plan())
    last_s = -math.inf
    for _ in range(SCANS):
        began_s = clock.now_s()
        frame = source.read()
        assert isinstance(frame, Frame)
        assert clock.now_s() - began_s <= LONGEST_READ_S, f"a read took {clock.now_s() - began_s:.3f} s"
        assert frame.t_s >= last_s, "time ran backwards"  # the virtual clock may stand still between two reads
        assert np.all(np.isnan(frame.volts) | (np.abs(frame.volts) <= 4.096)), "a voltage the chip cannot give"
        last_s = frame.t_s
        mat.push(frame)
