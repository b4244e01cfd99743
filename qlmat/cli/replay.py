"""`qlmat replay`: push a recording through the pipeline, directly or through the emulated converter and its driver."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qlmat.cli.options import Config, positive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qlmat.config import Settings
    from qlmat.core.model import Event, Tick
    from qlmat.recording import Recording

EVERY_S = 0.2  # 5 Hz: twice the fastest movement there is, several times over


def replay(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            show_default=False,
            help="CSV: t_s (seconds) and one column per sensor, <sensor>_n newtons, <sensor>_v volts or <sensor>_code "
            "ADC counts; sensors of board v1: left_1 left_2 left_3 right_1 right_2 right_3.",
        ),
    ],
    through_adc: Annotated[
        bool, typer.Option("--through-adc", help="Go through the FSR model, the emulated chips and the real driver.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line on standard output, nothing else.")
    ] = False,
    every: Annotated[
        float, typer.Option("--every", metavar="S", help="Seconds of the recording between two JSON lines.")
    ] = EVERY_S,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot",
            metavar="FILE",
            help="Draw force, centre of pressure, movement, cadence and events on one time axis: .png, .svg or .pdf.",
        ),
    ] = None,
    config: Config = None,
) -> None:
    """Replay a recording as if it happened now."""
    positive("--every", every)
    from qlmat.cli import through_adc as adc
    from qlmat.cli.plotting import Plot
    from qlmat.config import load
    from qlmat.recording import read
    from qlmat_firmware.board import BOARD_V1

    settings = load(config, BOARD_V1)
    recording = read(file, settings.board)
    picture = None if plot is None else Plot(plot, recording, settings)
    ticks = adc.ticks(recording, settings) if through_adc else _ticks(recording, settings)
    notes = [*recording.notes, *(adc.notes(recording) if through_adc else [])]
    for note in notes:
        typer.echo(f"{file}: {note}", err=True)
    ticks = ticks if picture is None else picture.through(ticks)
    if as_json:
        _print_lines(ticks, every)
    else:
        from qlmat.cli.summary import show

        show(recording, ticks)
    if picture is not None:
        picture.draw(notes)


def _ticks(recording: Recording, settings: Settings) -> Iterator[Tick]:
    """Push the rows straight into the pipeline."""
    from qlmat.core.pipeline import Pipeline
    from qlmat.recording import RecordingSource

    pipeline = Pipeline(settings.board, settings.calibration, settings.plan)
    if recording.quantity == "n":
        return (pipeline.push_forces(forces) for forces in recording.forces())
    return (pipeline.push(frame) for frame in iter(RecordingSource(recording).read, None))


def _print_lines(ticks: Iterator[Tick], every_s: float) -> None:
    """Print one line each `every_s` of recording time, the first and the last tick always."""
    import json

    for tick, events in sampled(ticks, every_s):
        print(json.dumps(_line(tick, events), allow_nan=False, ensure_ascii=False))


def sampled(ticks: Iterator[Tick], every_s: float) -> Iterator[tuple[Tick, list[Event]]]:
    """Thin out ticks to one each `every_s`, the first and the last included, with all events since the one before."""
    pending: list[Event] = []
    waiting: Tick | None = None
    due_s = float("-inf")
    for tick in ticks:
        pending += tick.events
        waiting = tick
        if tick.t_s >= due_s - 1e-6:
            yield tick, pending
            # On the grid of the first tick, so that irregular stamps do not slow the lines down.
            start_s = tick.t_s if due_s == float("-inf") else due_s
            due_s = start_s + every_s * (int((tick.t_s - start_s + 1e-6) / every_s) + 1)
            pending, waiting = [], None
    if waiting is not None:
        yield waiting, pending


def _line(tick: Tick, events: list[Event]) -> dict[str, object]:
    """Say a tick with exactly the keys of issue 2: the live payload without what is left to do."""
    from qlmat.payloads import live_payload

    payload = live_payload(tick, events)
    payload["session"].pop("remaining_s", None)
    return payload
