"""The sampler over smbus2 messages to a chip model that is not ours: noise-free, no bus bits, no wake-up time."""

from typing import Any

import numpy as np
import pytest

from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.converter import Converter
from qlmat_firmware.i2c import LinuxI2C
from qlmat_firmware.sampler import PipelinedSource
from tests.firmware.tiny_ads1115 import TinyAds1115, TinyClock, TinySMBus

LEFT = {0: 0.0, 1: 0.0, 2: 0.9, 3: 3.3}  # two unloaded feet that read exactly zero, one after the other
RIGHT = {0: 1.2, 1: 1.2, 2: 1.9, 3: 3.29}  # two equal ones
EXPECTED = [0.0, 0.0, 0.9, 1.2, 1.2, 1.9, 3.3, 3.29]
STEP_V = 4.096 / 32768


class NeverBusy(TinyAds1115):
    """A model that reports OS = 1 at any time."""

    def read(self, count: int) -> bytes:
        answer = super().read(count)
        return bytes([answer[0] | 0x80, *answer[1:]]) if self.pointer == 1 and count == 2 else answer


class Forgetful(TinyAds1115):
    """A model without threshold registers."""

    def write(self, data: bytes) -> None:
        super().write(data if len(data) < 3 or data[0] < 2 else data[:1])


class OneByOne(TinySMBus):
    """A stand-in for smbus2 that knows a write, a read, and a write before a read, and nothing longer."""

    refusal: type[Exception] = OSError

    def i2c_rdwr(self, *messages: Any) -> None:
        if len(messages) > 2:
            raise self.refusal("two messages at most")
        super().i2c_rdwr(*messages)


class Late(TinyAds1115):
    """A model that reports OS = 1 a tenth of a period after the result is there."""

    def read(self, count: int) -> bytes:
        self._settle()
        done_s = getattr(self, "done_s", -1.0)
        if self.ready_s is not None:
            self.done_s = self.ready_s + 0.1 / 860
        answer = super().read(count)
        late = self.pointer == 1 and count == 2 and self.ready_s is None and self.clock.t_s < done_s
        return bytes([answer[0] & 0x7F, *answer[1:]]) if late else answer


class Bench:
    """Board v1 with two foreign chips behind `smbus2`."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        model: type[TinyAds1115],
        rate_hz: float | None,
        stand_in: type[TinySMBus] = TinySMBus,
    ) -> None:
        self.clock = TinyClock()
        self.bus = stand_in(self.clock, {0x48: model(self.clock, LEFT), 0x49: model(self.clock, RIGHT)})
        monkeypatch.setattr("smbus2.SMBus", self.bus)
        self.source = PipelinedSource(BOARD_V1, LinuxI2C(1), self.clock, rate_hz)


@pytest.mark.parametrize("rate_hz", [50.0, None])
@pytest.mark.parametrize("model", [TinyAds1115, NeverBusy, Forgetful, Late])
def test_a_foreign_model_is_read_right_and_completely(
    monkeypatch: pytest.MonkeyPatch, model: type[TinyAds1115], rate_hz: float | None
) -> None:
    bench = Bench(monkeypatch, model, rate_hz)
    for frame in [bench.source.read() for _ in range(40)]:
        assert frame.volts == pytest.approx(EXPECTED, abs=STEP_V)
        assert frame.events == ()


@pytest.mark.parametrize("rate_hz", [50.0, None])
def test_no_transfer_has_two_reads_or_two_addresses(monkeypatch: pytest.MonkeyPatch, rate_hz: float | None) -> None:
    bench = Bench(monkeypatch, TinyAds1115, rate_hz)
    for _ in range(20):
        bench.source.read()
    for messages in bench.bus.log:
        assert len({address for address, _, _ in messages}) == 1
        assert not any(is_read for _, is_read, _ in messages[:-1])


@pytest.mark.parametrize("refusal", [OSError, ValueError, TypeError, NotImplementedError])
def test_a_bus_that_joins_no_three_messages_is_sampled_with_two(
    monkeypatch: pytest.MonkeyPatch, refusal: type[Exception]
) -> None:
    monkeypatch.setattr(OneByOne, "refusal", refusal)
    bench = Bench(monkeypatch, TinyAds1115, None, OneByOne)
    chip = Converter(LinuxI2C(1), bench.clock, BOARD_V1.chips[0], 0, 860)
    assert not chip.can_join()
    assert bench.source.read().volts == pytest.approx(EXPECTED, abs=STEP_V)


@pytest.mark.parametrize("byte", [0x00, 0xFF])
def test_a_dead_bus_gives_absent_frames_and_comes_back(monkeypatch: pytest.MonkeyPatch, byte: int) -> None:
    bench = Bench(monkeypatch, TinyAds1115, 50.0)
    for _ in range(5):
        bench.source.read()
    bench.bus.broken = lambda message: bytes([byte]) * message.len
    for _ in range(5):
        began_s = bench.clock.t_s
        assert np.isnan(bench.source.read().volts).all()
        assert bench.clock.t_s - began_s <= 0.25
    bench.bus.broken = None
    frames = [bench.source.read() for _ in range(30)]
    assert frames[-1].volts == pytest.approx(EXPECTED, abs=STEP_V)


def test_a_chip_that_stays_busy_for_ever_is_told_and_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, TinyAds1115, 50.0)
    for _ in range(5):
        bench.source.read()
    bench.bus.chips[0x49].slow = 1e9
    frames = [bench.source.read() for _ in range(50)]
    assert [event.detail["what"] for frame in frames for event in frame.events] == ["slow_clock"]
    assert not any(np.isnan(frame.volts[[0, 1, 2, 6]]).any() for frame in frames)
