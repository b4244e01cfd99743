"""The mat as one thing: scans in, motor, buzzer, LED and button out. Opened alike on a Pi and on virtual hardware."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal

from gpiozero.pins import Factory

from qlmat.core.model import Board
from qlmat.ports import Actuator, Clock, FrameSource
from qlmat_firmware.button import StopButton
from qlmat_firmware.i2c import I2C
from qlmat_firmware.outputs import Buzzer, Led, Motor
from qlmat_firmware.sampler import PipelinedSource
from qlmat_firmware.simple import Ads1115Source

Sampling = Literal["simple", "pipelined"]


@dataclass(frozen=True, slots=True)
class Mat:
    """What `open_mat` opened; `close` puts all of it into a safe state, then calls `close_last()`."""

    source: FrameSource
    motor: Actuator
    buzzer: Actuator
    led: Actuator
    button: StopButton
    close_last: Callable[[], None] = lambda: None

    def close(self) -> None:
        """Switch the outputs off, then release pins and bus; each is tried even if one before it fails."""
        with ExitStack() as closing:
            closing.callback(self.close_last)
            for part in (self.source, self.button, self.led, self.buzzer, self.motor):
                closing.callback(part.close)


def open_mat(
    board: Board,
    i2c: I2C,
    clock: Clock,
    pin_factory: Factory,
    rate_hz: float,
    sampling: Sampling = "pipelined",
    *,
    measure_wait: bool = False,
) -> Mat:
    """Open the board's chips on `i2c` and its pins from `pin_factory`; whatever fails leaves no output on.

    Raises ConfigError for a board that cannot be sampled so. A chip that does not answer is no error here: its inputs
    are absent until it does. `sampling`: all chips at once with every result proven, or one input after the other
    through the Adafruit driver. `measure_wait`: find out at the start how long each chip really takes, where the rate
    asks for it.
    """
    with ExitStack() as opened:
        motor = Motor(board.motor_pin, pin_factory)
        opened.callback(motor.close)
        buzzer = Buzzer(board.buzzer_pin, pin_factory)
        opened.callback(buzzer.close)
        led = Led(board.led_pin, pin_factory)
        opened.callback(led.close)
        button = StopButton(board.button_pin, pin_factory)
        opened.callback(button.close)
        source: FrameSource
        if sampling == "simple":
            source = Ads1115Source(board, i2c, clock, rate_hz)
        else:
            source = PipelinedSource(board, i2c, clock, rate_hz, calibrate=measure_wait)
        opened.pop_all()
    return Mat(source, motor, buzzer, led, button)
