"""`qlmat comfort`: find the comfortable pressure of each side by three slow loads, guided in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from qlmat.cli.keeping import StoreFolder, of_this_mat, open_sink
from qlmat.cli.options import Config, DeviceOption, Hardware, positive
from qlmat.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from qlmat.cli.comfort_guide import ComfortGuide
    from qlmat.config import Settings
    from qlmat.core.model import Side
    from qlmat.inbox import Requests

FAST = 60.0


def comfort(
    device: DeviceOption = Hardware.pi,
    side: Annotated[str, typer.Option("--side", metavar="left|right|both", help="Which side.")] = "both",
    store: StoreFolder = None,
    config: Config = None,
    speed: Annotated[
        float, typer.Option("--speed", metavar="X", help="Virtual time runs at most X times as fast as real time.")
    ] = FAST,
) -> None:
    """Lean in slowly three times a side; press the button, or Enter, at "firm, 4 out of 10". The median is kept.

    While the mat's service runs, use the page or the MQTT command `comfort` instead.
    """
    positive("--speed", speed)
    sides: dict[str, tuple[Side, ...]] = {"left": ("left",), "right": ("right",), "both": ("left", "right")}
    if side not in sides:
        raise UsageError(f"--side {side}: write left, right or both")
    from queue import SimpleQueue

    from rich.console import Console

    from qlmat.cli.comfort_guide import ComfortGuide
    from qlmat.config import load
    from qlmat_firmware.board import BOARD_V1

    settings = load(of_this_mat(config) if device is Hardware.pi else config, BOARD_V1)
    commands: Requests = SimpleQueue()
    guide = ComfortGuide(Console(), sides[side], commands)
    folder = store if store is not None or device is Hardware.virtual else settings.store.path
    _run(settings, device, folder, commands, guide, speed)
    if not guide.complete:
        raise typer.Exit(1)


def _run(
    settings: Settings, device: Hardware, folder: Path | None, commands: Requests, guide: ComfortGuide, speed: float
) -> None:
    from qlmat.cli.coaching import Coaching, no_coaching, real_coaching
    from qlmat.cli.comfort_guide import LeaningPerson, listen_for_enter
    from qlmat.cli.daemon import Ending, run_mat
    from qlmat.cli.device import open_pi, open_virtual
    from qlmat.sim.clock import PacedClock

    virtual = device is Hardware.virtual
    if virtual:
        clock = PacedClock(speed)
        person = LeaningPerson(settings.board, clock, commands)
        guide.told = person.told
        opened = open_virtual(settings, person, clock)
    else:
        opened = open_pi(settings)
        listen_for_enter(commands)
    sink = None if folder is None else open_sink(folder, settings, virtual)
    coaching: Coaching = no_coaching()
    if sink is not None and folder is not None:
        coaching = real_coaching(sink, settings, folder)
        if virtual:
            coaching = Coaching(coaching.memory, coaching.today, screened=False, limited=False)
    with Ending() as ending:
        guide.end = ending.end
        run_mat(settings, opened, None, ending, [guide, *([sink] if sink else [])], coaching=coaching, asked=commands)
