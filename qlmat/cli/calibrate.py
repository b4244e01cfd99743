"""`qlmat calibrate`: weights at known places turn six sensors into a pair of scales that know where the ball is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qlmat.cli.options import Config, DeviceOption, Hardware, positive
from qlmat.errors import CalibrationError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from qlmat.calibration_file import CalibratedSensor, RemainingError
    from qlmat.cli.calibrate_marks import MarkedWriter
    from qlmat.cli.calibrate_steps import Stacked
    from qlmat.config import Settings
    from qlmat.core.model import Side
    from qlmat.core.placements import Placement

SEED = 41  # fixed: the virtual helper's hands
FAST = 60.0


def calibrate(
    device: DeviceOption = Hardware.pi,
    side: Annotated[str, typer.Option("--side", metavar="left|right|both", help="Which pad.")] = "both",
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The file to write.")] = Path(
        "calibration.json"
    ),
    bottle: Annotated[
        float, typer.Option("--bottle", metavar="N", help="Newtons of one full bottle; 1.5 L of water weigh 15.05.")
    ] = 15.05,
    stand: Annotated[
        float, typer.Option("--stand", metavar="N", help="Newtons of the stand or crate that carries the bottles.")
    ] = 0.0,
    weights: Annotated[
        str | None,
        typer.Option("--weights", metavar="N,N,N", help="Instead of bottles: newtons of each stack, rising (10 a kg)."),
    ] = None,
    serial: Annotated[
        list[str] | None,
        typer.Option("--serial", metavar="NAME=NUMBER", help="Serial number of a sensor, or of the 'mat' itself."),
    ] = None,
    recording: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Fit a recording with load columns; ask nobody.")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="FILE", help="Also write what was measured, for --from.")
    ] = None,
    config: Config = None,
    speed: Annotated[
        float, typer.Option("--speed", metavar="X", help="Virtual time runs at most X times as fast as real time.")
    ] = FAST,
) -> None:
    """Calibrate a mat with full bottles: guided step by step, judged, and written whole or not at all."""
    for option, number in (("--bottle", bottle), ("--speed", speed)):
        positive(option, number)
    sides, serials, newtons = _sides(side), _serials(serial or []), _newtons(weights)
    from rich.console import Console

    from qlmat.calibration_file import CalibrationFile, write_calibration
    from qlmat.cli.calibrate_steps import bottles
    from qlmat.cli.calibrate_steps import weights as stacks
    from qlmat.config import load
    from qlmat_firmware.board import BOARD_V1

    settings, console = load(config, BOARD_V1), Console()
    _check_names(serials, settings)
    if recording:
        measured, method = _read(recording, settings, sides), f"recording {recording.name}"
    else:
        stack = stacks(newtons, stand) if newtons else bottles(bottle, stand)
        measured = _guided(console, settings, device, sides, stack, speed, keep)
        method = f"{', '.join(f'{each.force_n:g}' for each in stack)} N on {device} hardware"
    fitted = {each: _fitted(console, settings, each, placements, serials) for each, placements in measured.items()}
    content = CalibrationFile(
        made_at=datetime.now(UTC).replace(microsecond=0),
        mat=settings.mat.id,
        serial=serials.get("mat"),
        method=method,
        sensors=tuple(sensor for sensors, _ in fitted.values() for sensor in sensors),
        remaining={each: left for each, (_, left) in fitted.items()},
    )
    write_calibration(output, content)
    console.print(f"Written: {output}. To use it, put this into the configuration:\n"
                  f'[mat]\ncalibration_file = "{output.resolve()}"\n'
                  "Leave the mat empty for ten minutes: its sensors remember the weights.", markup=False)  # fmt: skip


def _fitted(
    console: Console, settings: Settings, side: Side, placements: list[Placement], serials: dict[str, str]
) -> tuple[tuple[CalibratedSensor, ...], RemainingError]:
    """Fit one pad, show it, and refuse what cannot be trusted."""
    from qlmat.calibration_file import calibrated_sensors, remaining_error
    from qlmat.cli.calibrate_screen import remains, result
    from qlmat.core.fitting import fit_pad
    from qlmat.core.fitting_checks import oddities, problems, remaining, too_far

    feet = [sensor for sensor in settings.board.sensors if sensor.side == side]
    _refuse(side, problems(feet, placements))
    fit = fit_pad(feet, placements)
    result(console, side, feet, placements, fit)
    _refuse(side, oddities(placements, fit))
    left = remaining(feet, placements)
    remains(console, side, left)
    _refuse(side, too_far(left))
    return calibrated_sensors(feet, fit, serials), remaining_error(left)


def _sides(side: str) -> list[Side]:
    known: dict[str, list[Side]] = {"left": ["left"], "right": ["right"], "both": ["left", "right"]}
    if side not in known:
        raise UsageError(f"--side {side}: write left, right or both")
    return known[side]


def _newtons(weights: str | None) -> list[float]:
    if weights is None:
        return []
    try:
        newtons = [float(each) for each in weights.split(",")]
    except ValueError as error:
        raise UsageError(f"--weights {weights}: write newtons with commas, such as 20,50,100,150") from error
    if len(newtons) < 3 or sorted(set(newtons)) != newtons or not 0.0 < newtons[0] <= newtons[-1] <= 1000.0:
        raise UsageError(f"--weights {weights}: give at least three, each more than the one before, up to 1000 N")
    return newtons


def _serials(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, number = pair.partition("=")
        if not (name and equals and number):
            raise UsageError(f"--serial {pair}: write it as left_1=0123")
        found[name] = number
    return found


def _check_names(serials: dict[str, str], settings: Settings) -> None:
    names = ["mat", *(sensor.name for sensor in settings.board.sensors)]
    for name in serials:
        if name not in names:
            raise UsageError(f"--serial {name}: there is no such part: write one of {', '.join(names)}")


def _read(path: Path, settings: Settings, sides: list[Side]) -> dict[Side, list[Placement]]:
    from qlmat.cli.calibrate_marks import read_marked

    found = {side: placements for side, placements in read_marked(path, settings.board).items() if side in sides}
    if not found:
        raise CalibrationError(f"{path}: nothing stood on the pad asked for: use --side")
    return found


def _guided(
    console: Console,
    settings: Settings,
    device: Hardware,
    sides: list[Side],
    stack: list[Stacked],
    speed: float,
    keep: Path | None,
) -> dict[Side, list[Placement]]:
    from qlmat.cli.calibrate_marks import MarkedWriter

    writer = MarkedWriter(settings.board)
    try:
        return {side: _pad(console, settings, device, side, stack, speed, writer) for side in sides}
    finally:
        if keep is not None:
            writer.write(keep)


def _pad(
    console: Console,
    settings: Settings,
    device: Hardware,
    side: Side,
    stack: list[Stacked],
    speed: float,
    writer: MarkedWriter,
) -> list[Placement]:
    """Guide through one pad; a virtual one is fresh, as a pad is that nobody touched while the other was weighed."""
    import numpy as np

    from qlmat.cli.calibrate_guide import Guide, Helper
    from qlmat.cli.calibrate_helper import Person, VirtualHelper
    from qlmat.cli.calibrate_screen import Screen
    from qlmat.cli.calibrate_steps import home_steps
    from qlmat.cli.device import open_pi, open_virtual
    from qlmat.sim.clock import PacedClock

    feet = [sensor for sensor in settings.board.sensors if sensor.side == side]
    helper: Helper = Person()
    if device is Hardware.virtual:
        helper = hands = VirtualHelper(settings.board, side, np.random.default_rng(SEED))
        # One pad after the other, two hours apart, so that stamps go on in a kept recording.
        opened = open_virtual(settings, hands, PacedClock(speed, start_s=7200.0 if side == "right" else 0.0))
    else:
        opened = open_pi(settings)
    try:
        with Screen(console, side) as screen:
            guide = Guide(
                settings.board,
                feet,
                opened.mat.source,
                helper,
                screen.show,
                lambda frame, step: writer.note(frame, step, side),
            )
            return guide.run(home_steps(feet, stack))
    finally:
        opened.mat.close()


def _refuse(side: Side, reasons: list[str]) -> None:
    if reasons:
        more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
        raise CalibrationError(f"{side} pad: {reasons[0]}{more}; nothing was written")
