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
    login: Annotated[
        bool | None,
        typer.Option("--login/--no-login", help="Ask for the password; the default, unless only this machine can ask."),
    ] = None,
    login_file: Annotated[
        Path | None, typer.Option("--login-file", metavar="FILE", help="Where the password's hash is kept.")
    ] = None,
    set_password: Annotated[
        bool, typer.Option("--set-password", help="Ask for a new password, keep its hash, and end.")
    ] = False,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help="PEM: serve https, so that nobody listens in.")
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", metavar="FILE", help="PEM of the certificate's key.")] = None,
    config: Config = None,
) -> None:
    """Serve the live page of all mats on a broker until Ctrl-C. A broker that is away is waited for."""
    if set_password:
        _set_password(login_file)
        return
    arguments = ["--host", host, *_given("--port", port), *broker_arguments(broker, config)]
    arguments += [] if login is None else ["--login" if login else "--no-login"]
    arguments += _given("--login-file", login_file) + _given("--certificate", certificate) + _given("--key", key)
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
        *_given("--broker-certificate", told.cert_file),
        *_given("--broker-key", told.key_file),
        *(["--broker-tls"] if told.tls else []),
    ]


def _set_password(login_file: Path | None) -> None:
    """Ask twice at a terminal, else take the first line of standard input; never on the command line."""
    from qlmat.dashboard.passwords import usual_file, write_hash

    if sys.stdin.isatty():
        password = str(typer.prompt("New password", hide_input=True, confirmation_prompt=True))
    else:
        password = sys.stdin.readline().rstrip("\n")
    path = login_file or usual_file()
    write_hash(path, password)
    typer.echo(f"The password's hash is in {path}. A page that runs already keeps the old one until it is restarted.")


def _given(option: str, value: object) -> list[str]:
    return [] if value is None else [option, str(value)]
