"""`qlmat watch`: any mat on a broker in a terminal of 80 columns. An outside client that only listens."""

import time
from queue import SimpleQueue
from typing import Annotated

import typer

from qlmat.cli.options import Config, Seconds, positive


def watch(
    host: Annotated[
        str | None, typer.Option("--host", metavar="HOST[:PORT]", help="The broker, instead of the configuration's.")
    ] = None,
    mat_id: Annotated[str | None, typer.Option("--id", metavar="ID", help="Which mat; without it the first.")] = None,
    seconds: Seconds = None,
    config: Config = None,
) -> None:
    """Show a mat that runs anywhere, live, until Ctrl-C. What is no longer true turns grey and says how old it is."""
    positive("--seconds", seconds)
    from rich.console import Console

    from qlmat.cli.broker_option import find_broker
    from qlmat.cli.daemon import Ending, broker_settings
    from qlmat.cli.watch_mats import Watch
    from qlmat.cli.watch_screen import Screen
    from qlmat.dashboard.feed import Feed

    broker = broker_settings(find_broker("--host", host, config))
    heard: SimpleQueue[tuple[str, bytes, bool] | bool] = SimpleQueue()
    feed = Feed(broker, "qlmat", lambda *message: heard.put(message), heard.put)
    screen = Screen(Watch(mat_id), str(broker), Console())
    end_s = time.monotonic() + seconds if seconds is not None else float("inf")
    with Ending() as ending:
        feed.start()
        try:
            screen.run(heard, lambda: ending.asked or time.monotonic() >= end_s)
        finally:
            feed.close()
