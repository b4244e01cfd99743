"""`qlmat dashboard`: the live page of every mat on a broker, in a process of its own."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from qlmat.cli.broker_option import find_broker
from qlmat.cli.options import Config


def dashboard(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; 0.0.0.0 for everybody who can reach this machine.")
    ] = "127.0.0.1",
    port: Annotated[int | None, typer.Option("--port", help="Without it 8000, or a free one.")] = None,
    broker: Annotated[
        str | None, typer.Option("--broker", metavar="HOST[:PORT]", help="Instead of the configuration's.")
    ] = None,
    config: Config = None,
) -> None:
    """Serve the live page of all mats on a broker until Ctrl-C. A broker that is away is waited for."""
    arguments = ["--host", host, *_given("--port", port), *broker_arguments(broker, config)]
    # We become the page: what was imported for the command line and the configuration is gone from its memory.
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "qlmat.dashboard", *arguments])  # noqa: S606 - our own program


def broker_arguments(broker: str | None, config: Path | None) -> list[str]:
    """Spell the broker for the page's process; the password stays in its file. Raises `UsageError`, `ConfigError`."""
    told = find_broker("--broker", broker, config)
    return [
        *("--broker-host", told.host, "--broker-port", str(told.port)),
        *_given("--broker-user", told.username),
        *_given("--broker-password-file", told.password_file),
        *_given("--broker-ca-file", told.ca_file),
        *(["--broker-tls"] if told.tls else []),
    ]


def _given(option: str, value: object) -> list[str]:
    return [] if value is None else [option, str(value)]
