"""What the person feels, hears and sees: motor, buzzer and LED on GPIO pins. Each implements `ports.Actuator`.

A Raspberry Pi's kernel keeps the last level of a pin that is released, so every `close` switches off first.
"""

import logging

from gpiozero import DigitalOutputDevice, PWMOutputDevice
from gpiozero.exc import PinPWMUnsupported
from gpiozero.pins import Factory

log = logging.getLogger(__name__)

BUZZER_HZ = 700  # older ears hear 500 to 1000 Hz best, not the 2 to 4 kHz of a piezo's resonance (domain facts, D.1)
SQUARE = 0.5  # duty of the loudest tone


class Motor:
    """The vibration motor on its transistor."""

    def __init__(self, pin: int, pin_factory: Factory) -> None:
        self._output = DigitalOutputDevice(pin, initial_value=False, pin_factory=pin_factory)

    @property
    def on(self) -> bool:
        """Say whether it runs now."""
        return bool(self._output.value)

    def set(self, on: bool) -> None:
        """Switch the output on or off."""
        _switch(self._output, float(on))

    def close(self) -> None:
        """Switch it off and release the pin."""
        _release(self._output)


class Led(Motor):
    """The light: a pin like the motor's."""


class Buzzer:
    """The piezo buzzer: a tone of 700 Hz, or a steady level where the pins cannot make a tone."""

    def __init__(self, pin: int, pin_factory: Factory) -> None:
        self._loud = SQUARE
        try:
            self._output = PWMOutputDevice(pin, frequency=BUZZER_HZ, initial_value=0, pin_factory=pin_factory)
        except PinPWMUnsupported:
            log.info("buzzer=steady reason='these pins make no tone' factory=%s", type(pin_factory).__name__)
            self._output = DigitalOutputDevice(pin, initial_value=False, pin_factory=pin_factory)
            self._loud = 1.0

    @property
    def on(self) -> bool:
        """Say whether it sounds now."""
        return bool(self._output.value)

    def set(self, on: bool) -> None:
        """Switch the output on or off."""
        _switch(self._output, self._loud if on else 0.0)

    def close(self) -> None:
        """Switch it off and release the pin."""
        _release(self._output)


def _switch(output: DigitalOutputDevice, value: float) -> None:
    if output.value != value:
        output.value = value


def _release(output: DigitalOutputDevice) -> None:
    if not output.closed:
        output.off()
        output.close()
