"""Where the broker is, for commands that only listen: an option of the command line, else the configuration."""

from ipaddress import IPv6Address
from pathlib import Path
from typing import TYPE_CHECKING

from qlmat.errors import UsageError

if TYPE_CHECKING:  # else `qlmat --help` would wait for it
    from qlmat.config import BrokerSection


def find_broker(option: str, broker: str | None, config: Path | None) -> "BrokerSection":
    """Read `HOST[:PORT]` over the broker of the configuration; raises `UsageError` or `ConfigError` with one line."""
    from qlmat.config import load
    from qlmat_firmware.board import BOARD_V1

    told = load(config, BOARD_V1).broker
    if broker is None:
        return told
    host, port = split_address(option, broker, told.port)
    return told.model_copy(update={"host": host, "port": port})


def split_address(option: str, address: str, usual_port: int) -> tuple[str, int]:
    """Split an address into host and port; raises `UsageError`.

    >>> split_address("--broker", "mat.local:1884", 1883), split_address("--broker", "mqtt://[::1]", 1883)
    (('mat.local', 1884), ('::1', 1883))
    """
    bare = address.removeprefix("mqtt://").rstrip("/")
    if bare.startswith("["):
        host, _, rest = bare[1:].partition("]")
        port = rest.removeprefix(":")
    elif bare.count(":") > 1:  # an IPv6 number without brackets has no port
        host, port = bare, ""
    else:
        host, _, port = bare.partition(":")
    misspelt = ":" in host and not _is_ipv6(host)
    if not host or misspelt or (port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)):
        raise UsageError(f"{option} {address}: write HOST or HOST:PORT, for instance 192.168.1.20:1883")
    return host, int(port or usual_port)


def _is_ipv6(host: str) -> bool:
    try:
        IPv6Address(host.partition("%")[0])
    except ValueError:
        return False
    return True
