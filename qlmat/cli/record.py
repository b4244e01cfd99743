"""`qlmat record`: a guided session whose raw frames go into a file that `qlmat replay` turns into the same events."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qlmat.cli.options import Config, Hardware, Seconds, Speed, Story, positive
from qlmat.errors import RecordingError

if TYPE_CHECKING:
    from qlmat.cli.daemon import Ending
    from qlmat.config import Settings
    from qlmat.core.model import Frame, Tick
    from qlmat.recorder import RecordingWriter


class Recorder:
    """A `Sink` that writes each frame and prints each event; when the file cannot be written, the run ends."""

    def __init__(self, writer: RecordingWriter, ending: Ending) -> None:
        self._writer, self._ending = writer, ending

    def put(self, tick: Tick, frame: Frame) -> None:
        """Write the frame and print the events that came of it."""
        try:
            self._writer.write(frame)
        except RecordingError:
            self._ending.end()  # `close` raises it again
        for event in tick.events:
            typer.echo(f"{event.t_s:9.3f} s  {event.name}  {event.side or ''}".rstrip())

    def close(self) -> None:
        """Put the file in its place."""
        self._writer.close()


def record(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", show_default=False, help="The CSV file to write.")
    ],
    seconds: Seconds = None,
    device: Annotated[
        Hardware | None,
        typer.Option("--device", help="pi or virtual hardware; without it, pi where there is an I2C bus."),
    ] = None,
    config: Config = None,
    story: Story = None,
    speed: Speed = 1.0,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
) -> None:
    """Record volts of all inputs and rails, guided as by 'qlmat run' but without MQTT; the stop button ends it."""
    positive("--seconds", seconds)
    positive("--speed", speed)
    from qlmat.cli.daemon import Ending, run_mat
    from qlmat.cli.device import open_device
    from qlmat.cli.log import log_to_stderr
    from qlmat.config import load
    from qlmat.recorder import RecordingWriter
    from qlmat_firmware.board import BOARD_V1

    settings = load(config, BOARD_V1)
    device = device or _found(settings)
    writer = RecordingWriter(output, settings.board, force)
    try:
        opened = open_device(device, settings, story, speed)
        log_to_stderr(quiet=True)
        until_s = None if seconds is None else opened.clock.now_s() + seconds
        with Ending() as ending:
            run_mat(settings, opened, None, ending, [Recorder(writer, ending)], until_s, button_ends=True)
    finally:
        writer.discard()  # only what was not put in its place
    if not writer.frames:
        raise RecordingError(f"{output}: not written, because no scan was made: record for longer")
    typer.echo(f"{output}: {writer.frames} frames")


def _found(settings: Settings) -> Hardware:
    """Find out whether this machine has the mat's bus, and say so."""
    bus = Path(f"/dev/i2c-{settings.bus.number}")
    device, so = (Hardware.pi, "exists") if bus.exists() else (Hardware.virtual, "does not exist")
    typer.echo(f"record: --device {device}, because {bus} {so}", err=True)
    return device
