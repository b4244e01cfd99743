"""Options that several commands take, worded once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from qlmat.errors import UsageError


class Hardware(StrEnum):
    """Which hardware to use."""

    virtual = "virtual"
    pi = "pi"


Config = Annotated[
    Path | None, typer.Option("--config", "-c", metavar="FILE", help="Configuration; 'qlmat config sample' writes one.")
]
DeviceOption = Annotated[
    Hardware, typer.Option("--device", help="pi: this machine's I2C bus and pins; virtual: emulated mat and person.")
]
Seconds = Annotated[
    float | None, typer.Option("--seconds", metavar="N", help="End by itself after so long; without it, run for ever.")
]
Story = Annotated[
    str | None,
    typer.Option("--story", metavar="NAME|FILE", help="What the virtual person does: a built-in story or a TOML file."),
]

Speed = Annotated[float, typer.Option("--speed", metavar="X", help="Virtual time runs X times as fast as real time.")]


def positive(option: str, number: float | None) -> None:
    """Refuse a number that must be more than 0; raises `UsageError`."""
    if number is not None and not 0.0 < number < float("inf"):
        raise UsageError(f"{option} {number:g}: it must be more than 0")
