"""`qlmat config`: check a configuration, or write one to start from."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Check a configuration, or write one to start from.", no_args_is_help=True)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A configuration in TOML.", show_default=False)],
) -> None:
    """Check a configuration and say what it sets; nothing is changed."""
    from qlmat.config import load
    from qlmat_firmware.board import BOARD_V1

    settings = load(file, BOARD_V1)
    board, bus = settings.board, settings.bus
    print(
        f"{file}: good. Mat '{settings.mat.id}', broker {settings.broker.host}:{settings.broker.port}, "
        f"{len(board.chips)} chips, {len(board.sensors)} sensors, {bus.rate:g} scans/s {bus.sampling}."
    )


@app.command()
def sample() -> None:
    """Write a commented configuration with every default to standard output."""
    from qlmat.config import sample as sample_of
    from qlmat_firmware.board import BOARD_V1

    print(sample_of(BOARD_V1), end="")
