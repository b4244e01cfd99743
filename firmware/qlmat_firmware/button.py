"""The stop button: to ground, with the Pi's own pull-up."""

from collections.abc import Callable

from gpiozero import Button
from gpiozero.pins import Factory

BOUNCE_S = 0.02  # tact switches settle within 10 ms


class StopButton:
    """Calls back when pressed, from gpiozero's own thread."""

    def __init__(self, pin: int, pin_factory: Factory) -> None:
        self._button = Button(pin, pull_up=True, bounce_time=BOUNCE_S, pin_factory=pin_factory)

    @property
    def pressed(self) -> bool:
        """Say whether it is down now."""
        return bool(self._button.is_pressed)

    def on_press(self, call: Callable[[], object]) -> None:
        """Call `call()` at each press from now on; it must return at once."""
        self._button.when_pressed = call

    def close(self) -> None:
        """Release the pin."""
        self._button.close()
