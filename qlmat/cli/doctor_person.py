"""Who answers when the doctor asks: a person at the terminal, or nobody."""

from typing import Protocol

import typer


class Person(Protocol):
    """Somebody beside the mat. Every answer may be None: nobody was asked."""

    @property
    def there(self) -> bool:
        """Say whether anybody is there, so that outputs may be switched on."""
        ...

    def noticed(self, output: str) -> bool | None:
        """Answer whether the output was felt, heard or seen."""
        ...

    def begin_press(self, seconds: float) -> None:
        """Ask to lean on every edge of both pads for so long, from now on."""
        ...

    def begin_button(self, seconds: float) -> None:
        """Ask to press the button within so long, from now on."""
        ...


class Nobody:
    """Answers nothing, so that nothing is switched on."""

    there = False

    def noticed(self, output: str) -> bool | None:
        """Not asked."""
        return None

    def begin_press(self, seconds: float) -> None:
        """Ask nobody."""

    def begin_button(self, seconds: float) -> None:
        """Ask nobody."""


NOBODY = Nobody()
SENSES = {"motor": "Did you feel the motor?", "buzzer": "Did you hear the buzzer?", "led": "Did you see the light?"}


class Terminal:
    """A person at the terminal."""

    there = True

    def noticed(self, output: str) -> bool | None:
        """Ask and wait."""
        return typer.confirm(SENSES[output], default=None)

    def begin_press(self, seconds: float) -> None:
        """Wait until the person is ready."""
        typer.prompt(
            f"Lean on every edge of both pads for {seconds:.0f} s. Enter starts", default="", show_default=False
        )

    def begin_button(self, seconds: float) -> None:
        """Say what to do."""
        typer.echo(f"Press the button now ({seconds:.0f} s).")
