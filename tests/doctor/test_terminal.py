"""The doctor's questions, put to a person at a terminal."""

from dataclasses import replace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from qlmat.cli.doctor_mat import Bench, examine, virtual_bench
from qlmat.cli.doctor_person import Terminal
from tests.doctor.benches import settings, told


class AtTheTerminal(Terminal):
    """Answers on the keyboard; the emulated person leans and presses when the terminal says so."""

    def __init__(self, emulated: Any) -> None:
        self._emulated = emulated

    def begin_press(self, seconds: float) -> None:
        """Wait for Enter, then lean."""
        super().begin_press(seconds)
        self._emulated.begin_press(seconds)

    def begin_button(self, seconds: float) -> None:
        """Press when told to."""
        super().begin_button(seconds)
        self._emulated.begin_button(seconds)


def bench() -> Bench:
    """Build the emulated mat with a keyboard beside it."""
    made = virtual_bench(settings())
    return replace(made, person=AtTheTerminal(made.person))


def test_the_answers_typed_become_findings_of_that_output() -> None:
    with CliRunner().isolation(input="\ny\nn\ny\n") as (printed, *_):
        wrong = told(examine(settings(), bench()))
        said = printed.getvalue().decode()
    assert list(wrong) == ["buzzer"]
    assert "did not notice the buzzer" in wrong["buzzer"].said
    asked = ("Lean on every edge", "feel the motor", "hear the buzzer", "see the light", "Press the button")
    assert sorted(asked, key=said.index) == list(asked)


def test_an_answer_that_is_neither_yes_nor_no_is_asked_again() -> None:
    with CliRunner().isolation(input="\nperhaps\ny\ny\ny\n") as (printed, *_):
        assert told(examine(settings(), bench())) == {}
        assert printed.getvalue().count(b"feel the motor") == 2


def test_a_person_who_walks_away_leaves_every_output_off_and_released() -> None:
    left = bench()
    with CliRunner().isolation(input="\ny\n"), pytest.raises(typer.Abort):
        examine(settings(), left)
    pins = settings().board
    assert not any(left.pins.pin(number).state for number in (pins.motor_pin, pins.buzzer_pin, pins.led_pin))
