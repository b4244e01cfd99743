"""Scans through the real Adafruit driver, over smbus2 messages to a chip model that is not ours."""

import numpy as np
import pytest

from qlmat.core.model import Board, Chip, Sensor
from qlmat.errors import ConfigError
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.i2c import LinuxI2C
from qlmat_firmware.simple import Ads1115Source
from tests.firmware.tiny_ads1115 import TinyAds1115, TinyClock, TinySMBus

LEFT = {0: 0.2, 1: 0.5, 2: 0.9, 3: 3.3}
RIGHT = {0: 1.2, 1: 1.5, 2: 1.9, 3: 3.29}
EXPECTED = [0.2, 0.5, 0.9, 1.2, 1.5, 1.9, 3.3, 3.29]
STEP_V = 4.096 / 32768


class Bench:
    """Board v1 with two tiny chips behind `smbus2`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, rate_hz: float = 50.0) -> None:
        self.clock = TinyClock()
        self.bus = TinySMBus(self.clock, {0x48: TinyAds1115(self.clock, LEFT), 0x49: TinyAds1115(self.clock, RIGHT)})
        monkeypatch.setattr("smbus2.SMBus", self.bus)
        self.source = Ads1115Source(BOARD_V1, LinuxI2C(1), self.clock, rate_hz)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


def test_every_channel_reads_its_own_volts(bench: Bench) -> None:
    assert bench.source.read().volts == pytest.approx(EXPECTED, abs=STEP_V)


def test_every_sample_carries_its_own_time_within_the_scan(bench: Bench) -> None:
    began_s = bench.clock.t_s
    frame = bench.source.read()
    assert frame.sample_t_s is not None
    in_order = frame.sample_t_s[[0, 1, 2, 6, 3, 4, 5, 7]]  # left chip first, its rail after its feet
    assert (np.diff(in_order) > 1 / 860).all()
    assert began_s < in_order[0] and frame.t_s == in_order[-1] < bench.clock.t_s


def test_scans_keep_the_pace_asked_for(bench: Bench) -> None:
    times_s = [bench.source.read().t_s for _ in range(50)]
    assert np.diff(times_s[1:]) == pytest.approx(0.02, abs=1e-3)


def test_no_transfer_has_two_reads_or_two_addresses(bench: Bench) -> None:
    for _ in range(3):
        bench.source.read()
    for messages in bench.bus.log:
        assert len({address for address, _, _ in messages}) == 1
        assert [is_read for _, is_read, _ in messages][:-1].count(True) == 0


@pytest.mark.parametrize("byte", [0x00, 0xFF])
def test_a_dead_bus_gives_absent_channels_within_a_quarter_of_a_second(bench: Bench, byte: int) -> None:
    bench.source.read()
    bench.bus.broken = lambda message: bytes([byte]) * message.len
    began_s = bench.clock.t_s
    assert np.isnan(bench.source.read().volts).all()
    assert bench.clock.t_s - began_s < 0.25


def test_one_silent_chip_leaves_the_other_readable(bench: Bench) -> None:
    del bench.bus.chips[0x49]
    frame = bench.source.read()
    assert frame.volts[[0, 1, 2, 6]] == pytest.approx([0.2, 0.5, 0.9, 3.3], abs=STEP_V)
    assert np.isnan(frame.volts[[3, 4, 5, 7]]).all()


def test_a_silent_chip_is_told_once_and_counted_each_time(bench: Bench) -> None:
    del bench.bus.chips[0x49]
    told = [event for _ in range(100) for event in bench.source.read().events]
    assert [(e.name, e.detail["chip"], e.detail["what"]) for e in told] == [("adc_fault", "0x49", "no_answer")]
    assert 5 <= bench.source.troubles.counts["no_answer"] <= 10  # tried again every 0.25 s of the 2 s


def test_a_chip_that_comes_back_is_read_again_without_a_restart(bench: Bench) -> None:
    chip = bench.bus.chips.pop(0x49)
    bench.source.read()
    bench.bus.chips[0x49] = chip
    frames = [bench.source.read() for _ in range(75)]
    assert frames[-1].volts == pytest.approx(EXPECTED, abs=STEP_V)
    assert [event.name for frame in frames for event in frame.events] == ["adc_ok"]


def test_a_slow_oscillator_is_waited_for(bench: Bench) -> None:
    bench.bus.chips[0x48].slow = 1 / 0.9
    assert bench.source.read().volts == pytest.approx(EXPECTED, abs=STEP_V)


def test_a_data_rate_too_slow_for_the_number_of_inputs_is_refused() -> None:
    sensors = tuple(Sensor(f"left_{i}", "left", 0.0, 0.0, 0x48, i) for i in range(3))
    board = Board(chips=(Chip(0x48),), sensors=sensors, data_rate_sps=8)
    clock = TinyClock()
    with pytest.raises(ConfigError, match="data_rate_sps = 8"):
        Ads1115Source(board, LinuxI2C.__new__(LinuxI2C), clock)
