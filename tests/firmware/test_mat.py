"""The whole board opened at once, over the emulated bus."""

import pytest

from qlmat.sim.ads1x15 import VirtualAds1x15
from qlmat.sim.analog import FixedVolts
from qlmat.sim.clock import VirtualClock
from qlmat.sim.i2c import VirtualI2C
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.mat import Sampling, open_mat
from qlmat_firmware.pins import mock_pins


def virtual_bus(clock: VirtualClock) -> VirtualI2C:
    bus = VirtualI2C(clock, scl_hz=400_000)
    bus.attach(0x48, VirtualAds1x15(analog=FixedVolts(0.2, 0.5, 0.9, 3.3)))
    bus.attach(0x49, VirtualAds1x15(analog=FixedVolts(1.2, 1.5, 1.9, 3.29)))
    return bus


@pytest.mark.parametrize("sampling", ["simple", "pipelined"])
def test_a_mat_on_the_emulated_bus_reads_its_feet_and_rails(sampling: Sampling) -> None:
    clock = VirtualClock()
    mat = open_mat(BOARD_V1, virtual_bus(clock), clock, mock_pins(), 50.0, sampling)
    frame = mat.source.read()
    assert frame is not None
    assert frame.volts == pytest.approx([0.2, 0.5, 0.9, 1.2, 1.5, 1.9, 3.3, 3.29], abs=2e-4)
    mat.close()


def test_the_wait_is_measured_when_the_configuration_asks_for_it() -> None:
    rates_hz = {}
    for measure_wait in (False, True):
        clock = VirtualClock()
        mat = open_mat(BOARD_V1, virtual_bus(clock), clock, mock_pins(), 200.0, measure_wait=measure_wait)
        frames = [mat.source.read() for _ in range(140)][40:]
        rates_hz[measure_wait] = 99 / (frames[-1].t_s - frames[0].t_s)  # type: ignore[union-attr]  # it always gives one
        mat.close()
    assert rates_hz[True] > 1.05 * rates_hz[False]


def test_closing_the_mat_leaves_every_output_off() -> None:
    clock, pins = VirtualClock(), mock_pins()
    mat = open_mat(BOARD_V1, virtual_bus(clock), clock, pins, 50.0)
    for output in (mat.motor, mat.buzzer, mat.led):
        output.set(True)
    mat.close()
    assert [pins.pin(pin).states[-1].state for pin in (18, 13, 24)] == [0, 0, 0]


def test_a_mat_that_cannot_be_opened_releases_its_pins() -> None:
    clock, pins = VirtualClock(), mock_pins()
    slow = type(BOARD_V1)(chips=BOARD_V1.chips, sensors=BOARD_V1.sensors, data_rate_sps=8)
    with pytest.raises(ValueError, match="data_rate_sps"):
        open_mat(slow, virtual_bus(clock), clock, pins, 50.0, "simple")
    open_mat(BOARD_V1, virtual_bus(clock), clock, pins, 50.0).close()
