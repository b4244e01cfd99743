"""What the page's process is told on its command line, and nothing else: it reads no configuration of the mat."""

import argparse
from dataclasses import dataclass, field
from pathlib import Path

from qlmat.connection import BrokerSettings
from qlmat.errors import ConfigError

DEFAULT_PORT = 8000


@dataclass(frozen=True, slots=True)
class PageSettings:
    """Where to listen (`port` None: the usual one or any free one), which broker, and the first part of every topic."""

    host: str = "127.0.0.1"
    port: int | None = None
    broker: BrokerSettings = field(default_factory=BrokerSettings)
    root: str = "qlmat"


def parser() -> argparse.ArgumentParser:
    """Describe the command line of `python -m qlmat.dashboard`."""
    options = argparse.ArgumentParser(prog="python -m qlmat.dashboard", description="Serve the live page of all mats.")
    options.add_argument("--host", default="127.0.0.1", help="address to listen on (default: only this machine)")
    options.add_argument("--port", type=int, help=f"port (default: {DEFAULT_PORT}, or a free one if it is taken)")
    options.add_argument("--broker-host", default="127.0.0.1")
    options.add_argument("--broker-port", type=int, default=1883)
    options.add_argument("--broker-user", help="when the broker asks for one")
    options.add_argument("--broker-password-file", type=Path, help="a file whose first line is the password")
    options.add_argument("--broker-tls", action="store_true", help="encrypt the way to the broker")
    options.add_argument("--broker-ca-file", help="certificate authority of the broker")
    options.add_argument("--root", default="qlmat", help="first part of every topic")
    options.add_argument("--listener", type=int, help="file descriptor of a socket that listens already")
    options.add_argument("--end-with-stdin", action="store_true", help="end when standard input does")
    return options


def settings_of(asked: argparse.Namespace) -> PageSettings:
    """Check what was asked; raises `ConfigError` when a file cannot be read."""
    broker = BrokerSettings(
        asked.broker_host,
        asked.broker_port,
        asked.broker_user,
        _first_line(asked.broker_password_file),
        asked.broker_tls,
        asked.broker_ca_file,
    )
    return PageSettings(asked.host, asked.port, broker, asked.root)


def _first_line(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return (path.read_text(encoding="utf-8").splitlines() or [""])[0]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The broker's password file {path} cannot be read: check its path and rights.") from error
