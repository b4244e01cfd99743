"""`qlmat strengthen`: what follows the course; the mat times or counts what may rest on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from qlmat.cli.course import begin_hint, strengthen_list
from qlmat.cli.keeping import PersonOption, StoreFolder, of_this_mat
from qlmat.cli.options import Config, DeviceOption, Hardware, positive
from qlmat.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import Console

    from qlmat.cli.device import Device
    from qlmat.config import Settings
    from qlmat.core.model import Side
    from qlmat.core.strengthening import Effort, Exercise

WORDS = {
    "began": "   You are on it.",
    "lifted": "   Lifted.",
    "back": "   {lifts}",
    "too_heavy": "   Too heavy for the pad: only an arm or a knee on it.",
}


def strengthen(
    exercise: Annotated[str | None, typer.Argument(help="Which one; without it, the list.", show_default=False)] = None,
    side: Annotated[str, typer.Option("--side", metavar="left|right", help="Which pad the arm is on.")] = "left",
    days: Annotated[
        int | None,
        typer.Option("--days", min=0, help="Of this exercise so far: 5 s more every 2 days; without it as kept."),
    ] = None,
    device: DeviceOption = Hardware.pi,
    store: StoreFolder = None,
    person: PersonOption = None,
    config: Config = None,
    speed: Annotated[
        float, typer.Option("--speed", metavar="X", help="Virtual time runs at most X times as fast as real time.")
    ] = 60.0,
) -> None:
    """List the exercises, or time or count one: the motor says when it is enough, and the result is kept.

    The mat's service must not run meanwhile: 'sudo systemctl stop qlmat'.
    """
    positive("--speed", speed)
    if exercise is None:
        strengthen_list()
        begin_hint()
        return
    from rich.console import Console

    from qlmat.config import load
    from qlmat.core.strengthening import hold_aim_s
    from qlmat_firmware.board import BOARD_V1

    chosen, pad = _chosen(exercise), _pad(side)
    settings, console = load(of_this_mat(config) if device is Hardware.pi else config, BOARD_V1), Console()
    console.print(f"[bold]{chosen.title}[/bold]. {chosen.how}")
    folder = store if store is not None or device is Hardware.virtual else settings.store.path
    aim_s = hold_aim_s(_days(folder, person, exercise) if days is None else days)
    if chosen.measured == "timed":
        console.print(f"{aim_s:.0f} s, {chosen.dose.removesuffix(' 10 s a side')}.")
    opened = _open(settings, device, chosen, pad, aim_s, speed)
    try:
        effort = _follow(console, settings, opened, chosen, pad, aim_s)
    finally:
        opened.mat.close()
    timed = chosen.measured == "timed"
    if folder is not None and effort.held_s > 0.0:
        _keep(folder, person, exercise, pad, effort.held_s if timed else None, None if timed else effort.lifts)


def _chosen(exercise: str) -> Exercise:
    from qlmat.core.strengthening import EXERCISES

    if exercise not in EXERCISES:
        raise UsageError(f"{exercise}: there is no such exercise: write one of {', '.join(EXERCISES)}")
    chosen = EXERCISES[exercise]
    if chosen.measured is None:
        raise UsageError(f"{exercise}: the mat cannot measure it: {chosen.why_not}")
    return chosen


def _pad(side: str) -> Side:
    if side not in ("left", "right"):
        raise UsageError(f"--side {side}: write left or right")
    return "right" if side == "right" else "left"


def _days(folder: Path | None, person: str | None, exercise: str) -> int:
    """Count the days before today on which this exercise was done; 0 where nothing is kept."""
    if folder is None:
        return 0
    from qlmat.cli.coaching import today
    from qlmat.store.database import opened
    from qlmat.store.people import current_person, find_person
    from qlmat.store.rows import efforts_of

    with opened(folder, create=True) as connection:
        if person is None and current_person(connection) is None:
            return 0
        done = efforts_of(connection, find_person(connection, person).person)
    days = {each.at.astimezone().date().toordinal() for each in done if each.exercise == exercise}
    return len(days - {today()})


def _keep(folder: Path, person: str | None, exercise: str, side: Side, held_s: float | None, lifts: int | None) -> None:
    """Keep what was done; nothing of a guest."""
    from qlmat.records import Effort
    from qlmat.store.calendar import utc_now
    from qlmat.store.database import opened
    from qlmat.store.people import current_person, find_person
    from qlmat.store.rows import keep_effort

    with opened(folder, create=True) as connection:
        if person is not None or current_person(connection) is not None:
            who = find_person(connection, person).person
            keep_effort(connection, who, Effort(utc_now(), exercise, side, held_s, lifts))


def _follow(
    console: Console, settings: Settings, opened: Device, exercise: Exercise, side: Side, aim_s: float
) -> Effort:
    """Watch the pad until the person lets go."""
    from qlmat.core.strengthening import Effort, exert

    effort, enough_s = Effort(), None
    for t_s, force_n in _forces(settings, opened, side):
        effort, said = exert(effort, t_s, force_n)
        if said in WORDS:
            console.print(WORDS[said].format(lifts=effort.lifts))
        if exercise.measured == "timed" and enough_s is None and effort.held_s >= aim_s:
            enough_s = t_s
            console.print(f"   {aim_s:.0f} s: enough.")
        opened.outputs.motor.set(enough_s is not None and t_s - enough_s < 0.6)
        # A plank is over when the arm has left; a count only when it does not come back.
        if said == "let_go" or (said == "lifted" and exercise.measured == "timed"):
            break
    result = f"Held for {effort.held_s:.1f} s." if exercise.measured == "timed" else f"{effort.lifts} times."
    console.print(f"[bold]{result}[/bold]")
    return effort


def _forces(settings: Settings, opened: Device, side: Side) -> Iterator[tuple[float, float | None]]:
    from qlmat.core.calibration import Calibrator
    from qlmat.core.contact import ContactDetector

    calibrator, detector = Calibrator(settings.board, settings.calibration), ContactDetector(settings.board)
    while (frame := opened.mat.source.read()) is not None:
        contacts = detector.step(calibrator.forces(frame))
        yield contacts.t_s, contacts.of(side).force_n


def _open(settings: Settings, device: Hardware, exercise: Exercise, side: Side, aim_s: float, speed: float) -> Device:
    """Open the mat, or a virtual one whose person does a little more than asked."""
    from qlmat.cli.device import open_pi, open_virtual

    if device is Hardware.pi:
        return open_pi(settings)
    from qlmat.sim.clock import PacedClock
    from qlmat.sim.scenario import parse_scenario

    place = f'[[step]]\ndo = "place"\nside = "{side}"\nnewtons = 140\nseconds = 1\n'
    off = '[[step]]\ndo = "lift_off"\n[[step]]\ndo = "wait"\nseconds = 2\n'
    rest = '[[step]]\ndo = "settle"\nseconds = {}\n'
    once = place + rest.format(aim_s + 1.0) + off
    lifts = (place + rest.format(2) + off) * 7
    text = '[[step]]\ndo = "wait"\nseconds = 2\n' + (once if exercise.measured == "timed" else lifts)
    end = '[[step]]\ndo = "wait"\nseconds = 60\n'
    return open_virtual(settings, parse_scenario(text + end, "virtual").load(settings.board), PacedClock(speed))
