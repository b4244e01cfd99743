"""Motor, buzzer, LED and button on gpiozero pins."""

from collections.abc import Iterator
from typing import Any

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from qlmat.errors import PinError
from qlmat_firmware.button import StopButton
from qlmat_firmware.outputs import BUZZER_HZ, Buzzer, Led, Motor
from qlmat_firmware.pins import machine_pins, mock_pins


@pytest.fixture
def no_factory() -> Iterator[None]:
    before, Device.pin_factory = Device.pin_factory, None
    yield
    Device.pin_factory = before


def states(factory: Any, pin: int) -> list[float]:
    return [state.state for state in factory.pin(pin).states]


@pytest.mark.parametrize("kind", [Motor, Led])
def test_an_output_drives_its_pin(kind: type[Motor]) -> None:
    factory = mock_pins()
    output = kind(18, factory)
    for on in (True, True, False):
        output.set(on)
    assert states(factory, 18) == [0, 1, 0]


def test_the_buzzer_sounds_a_square_tone_that_older_ears_hear() -> None:
    factory = mock_pins()
    buzzer = Buzzer(13, factory)
    buzzer.set(True)
    assert (factory.pin(13).frequency, factory.pin(13).state) == (BUZZER_HZ, 0.5)
    assert 500 <= BUZZER_HZ <= 1000


def test_pins_without_tones_give_a_steady_buzzer() -> None:
    factory = MockFactory()  # what GPIOZERO_PIN_FACTORY=mock gives
    buzzer = Buzzer(13, factory)
    buzzer.set(True)
    assert buzzer.on
    buzzer.close()
    assert states(factory, 13) == [0, 1, 0]


@pytest.mark.parametrize("kind", [Motor, Buzzer, Led])
def test_closing_switches_off_before_the_pin_is_released(kind: Any) -> None:
    factory = mock_pins()
    output = kind(18, factory)
    output.set(True)
    at_release = []
    pin = factory.pin(18)
    release, pin.close = pin.close, lambda: (at_release.append(pin.state), release())
    output.close()
    output.close()
    assert at_release == [0]


def test_the_button_calls_back_once_a_press() -> None:
    factory = mock_pins()
    button = StopButton(17, factory)
    presses: list[str] = []
    button.on_press(lambda: presses.append("stop"))
    factory.pin(17).drive_low()
    assert button.pressed
    factory.pin(17).drive_high()
    assert presses == ["stop"]
    button.close()


def test_the_machine_has_the_pins_that_gpiozero_is_told_to_use(
    no_factory: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    assert isinstance(machine_pins(), MockFactory)


def test_a_machine_without_pins_says_what_to_install(no_factory: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "nonesuch")
    with pytest.raises(PinError, match="apt install python3-lgpio"):
        machine_pins()
