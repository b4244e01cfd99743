"""What the page's process is told on its command line, and nothing else: it reads no configuration of the mat."""

import argparse
import ipaddress
import ssl
from dataclasses import dataclass, field
from pathlib import Path

from qlmat.connection import BrokerSettings
from qlmat.dashboard.passwords import read_hash, usual_file
from qlmat.errors import ConfigError

DEFAULT_PORT = 8000


@dataclass(frozen=True, slots=True)
class PageSettings:
    """Where to listen (`port` None: the usual one or any free one), which broker, and the first part of every topic."""

    host: str = "127.0.0.1"
    port: int | None = None
    broker: BrokerSettings = field(default_factory=BrokerSettings)
    root: str = "qlmat"
    login: bool | None = None  # None: asked for unless only this machine can reach the page
    login_file: Path | None = None  # None: the usual one
    certificate: Path | None = None
    key: Path | None = None

    def login_hash(self) -> str | None:
        """Read the hash of the password, None when none is asked for; raises `ConfigError` when there is none."""
        if self.login is False or (self.login is None and is_loopback(self.host)):
            return None
        return read_hash(self.login_file or usual_file())


def is_loopback(host: str) -> bool:
    """Tell whether an address to listen on can be reached from this machine only.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
    options.add_argument("--broker-certificate", help="our own, for a broker that asks for one")
    options.add_argument("--broker-key", help="the key of that certificate")
    options.add_argument("--login", action=argparse.BooleanOptionalAction, help="ask for the password")
    options.add_argument("--login-file", type=Path, help="where the password's hash is kept")
    options.add_argument("--certificate", type=Path, help="PEM file: serve https")
    options.add_argument("--key", type=Path, help="PEM file of the certificate's key")
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
        asked.broker_certificate,
        asked.broker_key,
    )
    if asked.certificate is not None:
        _check_certificate(asked.certificate, asked.key)
    return PageSettings(
        asked.host, asked.port, broker, asked.root, asked.login, asked.login_file, asked.certificate, asked.key
    )


def _check_certificate(certificate: Path, key: Path | None) -> None:
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"--certificate {certificate}: cannot be used ({error}): give PEM files.") from error


def _first_line(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return (path.read_text(encoding="utf-8").splitlines() or [""])[0]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The broker's password file {path} cannot be read: check its path and rights.") from error
