"""`qlmat demo`: all on this machine: virtual mat and person, broker, page, terminal. Nothing to install or wire."""

import os
import sys
from typing import Annotated

import typer

from qlmat.cli.keeping import StoreFolder, open_sink
from qlmat.cli.options import Config, Seconds, Speed, Story, positive


def demo(
    seconds: Seconds = None,
    speed: Speed = 1.0,
    story: Story = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the page in a browser.")] = False,
    port: Annotated[int | None, typer.Option("--port", help="Of the page; without it 8000, or a free one.")] = None,
    broker_port: Annotated[
        int | None, typer.Option("--broker-port", help="Of the broker; without it 1883, or a free one.")
    ] = None,
    store: StoreFolder = None,
    config: Config = None,
) -> None:
    """Show a whole practice on a virtual mat, day after day, until Ctrl-C or for --seconds of real time."""
    positive("--seconds", seconds)
    positive("--speed", speed)
    from contextlib import ExitStack
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from qlmat.cli.daemon import Ending, run_mat
    from qlmat.cli.days import find_story
    from qlmat.cli.device import DEFAULT_STORY, open_story
    from qlmat.cli.log import log_to_stderr
    from qlmat.cli.services import start_broker
    from qlmat.cli.view import TerminalView
    from qlmat.config import load
    from qlmat.dashboard.process import start_process
    from qlmat.mqtt import BrokerSettings
    from qlmat.payloads import plan_payload
    from qlmat.ports import Sink
    from qlmat_firmware.board import BOARD_V1
    from qlmat_firmware.pins import mock_pins

    settings = load(config, BOARD_V1)
    scenario = find_story(story or DEFAULT_STORY)
    log_to_stderr(quiet=True)
    with ExitStack() as closing:
        ending = closing.enter_context(Ending())
        broker = closing.enter_context(start_broker(broker_port))
        folder = store or Path(closing.enter_context(TemporaryDirectory(prefix="qlmat-")))
        page = start_process(broker.host, broker.port, port=port)
        closing.callback(page.close)
        typer.echo(f"Page     {page.url}")
        typer.echo(f"Broker   mqtt://{broker.host}:{broker.port}, topics qlmat/{settings.mat.id}/#")
        typer.echo("Virtual mat, a new day after each session. Ctrl-C ends it.")
        if not no_browser and _has_display():
            _open(page.url)
        device = open_story(settings, scenario, speed, mock_pins())
        foot = f"Page {page.url}   Broker {broker.host}:{broker.port}   Ctrl-C ends"
        view = TerminalView(plan_payload(settings.plan), settings.mat.name, foot)
        sinks: list[Sink] = [view, open_sink(folder, settings, virtual=True)]
        at = BrokerSettings(broker.host, broker.port)
        stats = run_mat(settings, device, at, ending, sinks, real_s=seconds, folder=folder / "mqtt")
    typer.echo(f"Ended after {stats.frames} scans. Motor, buzzer and light are off.")


def _has_display() -> bool:
    """Tell whether a window can open; without one a browser might take over the terminal."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open(url: str) -> None:
    import webbrowser

    webbrowser.open(url)
