"""Where pins come from: gpiozero's factory for this machine, or one of pins that only remember their states."""

import os
import tempfile
import warnings

from gpiozero import BadPinFactory, Device, PinFactoryFallback
from gpiozero.pins import Factory
from gpiozero.pins.mock import MockFactory, MockPWMPin

from qlmat.errors import PinError


def mock_pins() -> MockFactory:
    """Make pins that need no hardware: `pin(n).states` records them, `pin(n).drive_low()` presses a button."""
    return MockFactory(pin_class=MockPWMPin)


def machine_pins() -> Factory:
    """Return gpiozero's own pin factory; GPIOZERO_PIN_FACTORY chooses another. Raise PinError where there is none."""
    # lgpio leaves its notification pipes in the working directory, which a service may not write to.
    os.environ.setdefault("LG_WD", tempfile.gettempdir())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PinFactoryFallback)
        try:
            Device.ensure_pin_factory()
        except (BadPinFactory, ImportError, OSError) as error:
            raise PinError(
                f"The GPIO pins cannot be reached ({error}): run 'sudo apt install python3-lgpio' on a Pi; "
                "elsewhere use '--device virtual' or set GPIOZERO_PIN_FACTORY=mock."
            ) from error
    return Device.pin_factory
