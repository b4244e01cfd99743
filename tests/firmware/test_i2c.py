"""The bus of a Pi: what goes to the kernel, and what a person reads when there is no bus."""

from typing import Any

import pytest

from qlmat.core.model import Board, Chip, Sensor
from qlmat.errors import BusError
from qlmat_firmware.i2c import LinuxI2C
from qlmat_firmware.sampler import PipelinedSource
from tests.firmware.tiny_ads1115 import TinyAds1115, TinyClock, TinySMBus


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> TinySMBus:
    clock = TinyClock()
    tiny = TinySMBus(clock, {0x48: TinyAds1115(clock, {}), 0x49: TinyAds1115(clock, {})})
    monkeypatch.setattr("smbus2.SMBus", tiny)
    return tiny


def test_a_register_read_is_one_transfer_of_a_write_and_a_read(bus: TinySMBus) -> None:
    answer = bytearray(2)
    LinuxI2C(1).writeto_then_readfrom(0x48, b"\x01", answer)
    assert (bytes(answer), bus.log) == (b"\x85\x83", [[(0x48, False, 1), (0x48, True, 2)]])


def test_a_write_takes_the_span_that_is_asked_for(bus: TinySMBus) -> None:
    LinuxI2C().writeto(0x48, b"\xff\x02\x12\x34\xff", start=1, end=4)
    assert bus.chips[0x48].registers[2] == 0x1234


def test_a_read_fills_only_the_span_that_is_asked_for(bus: TinySMBus) -> None:
    i2c = LinuxI2C()
    i2c.writeto(0x48, b"\x03")
    answer = bytearray(b"....")
    i2c.readfrom_into(0x48, answer, start=1, end=3)
    assert bytes(answer) == b".\x7f\xff."


def test_a_transfer_joins_writes_and_one_read(bus: TinySMBus) -> None:
    assert LinuxI2C().transfer((0x48, b"\x02\xa5\x5a"), (0x48, b"\x02"), (0x48, 2)) == b"\xa5\x5a"
    assert len(bus.log) == 1


def test_the_scan_finds_the_chips_that_answer(bus: TinySMBus) -> None:
    assert LinuxI2C().scan() == [0x48, 0x49]


def test_the_errors_of_a_transfer_reach_the_caller_as_the_kernel_gave_them(bus: TinySMBus) -> None:
    with pytest.raises(OSError, match="Remote I/O error") as caught:
        LinuxI2C().writeto(0x4A, b"\x00")
    assert caught.value.errno == 121


def test_the_lock_is_given_once() -> None:
    i2c = LinuxI2C.__new__(LinuxI2C)
    i2c.unlock()
    assert (i2c.try_lock(), i2c.try_lock()) == (True, False)


def test_closing_closes_the_device(bus: TinySMBus) -> None:
    LinuxI2C(3).deinit()
    assert (bus.opened, bus.closed) == ([3], True)


@pytest.mark.parametrize(
    ("error", "todo"),
    [
        (FileNotFoundError(2, "No such file"), "sudo raspi-config nonint do_i2c 0"),
        (PermissionError(13, "Permission denied"), "sudo usermod -aG i2c"),
        (OSError(25, "Inappropriate ioctl for device"), "Inappropriate ioctl"),
    ],
)
def test_a_bus_that_cannot_be_opened_says_where_and_what_to_do(
    error: OSError, todo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(bus_number: int) -> None:
        raise error

    monkeypatch.setattr("smbus2.SMBus", refuse)
    with pytest.raises(BusError, match=todo) as caught:
        LinuxI2C(1)
    assert "/dev/i2c-1" in str(caught.value)


# --- the real smbus2, down to the ioctl ---


class Device:
    """What the kernel does behind /dev/i2c-1: one TinyAds1115 at 0x48, reached by ioctl."""

    def __init__(self) -> None:
        self.bus = TinySMBus(clock := TinyClock(), {0x48: TinyAds1115(clock, {0: 0.5, 1: 1.0, 2: 1.5, 3: 3.3})})
        self.clock = clock
        self.timeouts_10_ms: list[int] = []

    def ioctl(self, descriptor: int, request: int, argument: Any = 0) -> int:
        if request == 0x0705:  # I2C_FUNCS
            argument.value = 1
        elif request == 0x0702:  # I2C_TIMEOUT
            self.timeouts_10_ms.append(argument)
        else:
            assert request == 0x0707  # I2C_RDWR
            self.bus.i2c_rdwr(*(argument.msgs[index] for index in range(argument.nmsgs)))
        return 0


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    device = Device()
    monkeypatch.setattr("smbus2.smbus2.os.open", lambda path, flags: {"/dev/i2c-1": 99}[path])
    monkeypatch.setattr("smbus2.smbus2.os.close", lambda descriptor: None)
    monkeypatch.setattr("smbus2.smbus2.ioctl", device.ioctl)
    monkeypatch.setattr("fcntl.ioctl", device.ioctl)
    return device


def test_the_real_smbus2_carries_a_sampled_board(device: Device) -> None:
    sensors = tuple(Sensor(f"left_{n}", "left", 0.0, 0.0, 0x48, n) for n in range(3))
    source = PipelinedSource(Board(chips=(Chip(0x48),), sensors=sensors), LinuxI2C(1), device.clock)
    for frame in [source.read() for _ in range(10)]:
        assert frame.volts == pytest.approx([0.5, 1.0, 1.5, 3.3], abs=2e-4)
    source.close()


def test_the_kernel_is_told_to_give_up_a_stuck_transfer_after_50_ms(device: Device) -> None:
    LinuxI2C(1)
    assert device.timeouts_10_ms == [5]
