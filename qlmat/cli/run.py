"""`qlmat run`: the mat itself, on this machine's bus and pins or on virtual ones, for ever or for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from qlmat.cli.keeping import StoreFolder, open_sink
from qlmat.cli.options import Config, DeviceOption, Hardware, Seconds, Story, positive

if TYPE_CHECKING:
    from qlmat.connection import BrokerSettings


def run(
    device: DeviceOption = Hardware.pi,
    config: Config = None,
    story: Story = None,
    seconds: Seconds = None,
    store: StoreFolder = None,
    no_broker: Annotated[bool, typer.Option("--no-broker", help="Run without MQTT.")] = False,
    patient: Annotated[
        bool, typer.Option("--patient", help="Begin even while the broker is away, as a service must.")
    ] = False,
) -> None:
    """Run the mat until Ctrl-C or SIGTERM: read, guide, publish. Every output is off at the end."""
    positive("--seconds", seconds)
    from qlmat.cli.coaching import real_coaching
    from qlmat.cli.daemon import Ending, broker_settings, run_mat
    from qlmat.cli.device import open_device
    from qlmat.cli.log import log_to_stderr
    from qlmat.config import load
    from qlmat_firmware.board import BOARD_V1

    settings = load(config, BOARD_V1)
    broker = None if no_broker else broker_settings(settings.broker)
    reached = _reached(broker, patient)
    opened = open_device(device, settings, story)
    log_to_stderr()
    # A virtual person's sessions do not belong among a real one's, unless somebody says where to keep them.
    folder = settings.store.path if store is None and device is Hardware.pi else store
    kept = [] if folder is None else [open_sink(folder, settings, device is Hardware.virtual)]
    with Ending() as ending:
        typer.echo(
            f"Mat '{settings.mat.id}' runs on {device} hardware"
            + (f", broker {broker} ({reached})" if broker else ", without a broker")
            + ". Ctrl-C ends it."
        )
        until_s = None if seconds is None else opened.clock.now_s() + seconds
        waiting = None if folder is None else folder / "mqtt"
        coaching = real_coaching(kept[0], settings, folder) if folder is not None and device is Hardware.pi else None
        stats = run_mat(settings, opened, broker, ending, kept, until_s, folder=waiting, coaching=coaching)
    typer.echo(f"Ended: {stats.frames} scans, {stats.late} late, {stats.stalls} stalls; outputs are off.")


def _reached(broker: BrokerSettings | None, patient: bool) -> str:
    """Say how the broker is reached; raises `BrokerError` when it is not and nobody said that they can wait."""
    from qlmat.errors import BrokerError
    from qlmat.mqtt import check_broker

    if broker is None:
        return ""
    try:
        return f"MQTT {check_broker(broker)}"
    except BrokerError as error:
        if not patient:
            raise
        return f"not yet: {error}"
