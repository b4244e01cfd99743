"""What the commands on stored sessions share: where the store is, and whose sessions they are about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from qlmat.config import Settings
    from qlmat.store.sink import StoreSink

StoreFolder = Annotated[
    Path | None,
    typer.Option("--store", metavar="DIR", help="Folder of the store; without it the one of the configuration."),
]
PersonOption = Annotated[
    str | None,
    typer.Option("--person", metavar="ID|NAME", help="Whose; without it, who uses the mat now or the only one."),
]


INSTALLED = Path("/etc/qlmat/qlmat.toml")  # of the service: firmware/boot/setup.sh


def of_this_mat(config: Path | None) -> Path | None:
    """Give the configuration of the mat on this machine: the one named, else the service's where there is one.

    Without it somebody's answers would lie where the service never looks.
    """
    return INSTALLED if config is None and INSTALLED.is_file() else config


def folder_of(store: Path | None, config: Path | None) -> Path:
    """Say where sessions are kept. Raises `ConfigError`."""
    if store is not None:
        return store
    from qlmat.config import load
    from qlmat_firmware.board import BOARD_V1

    return load(of_this_mat(config), BOARD_V1).store.path


def open_sink(folder: Path, settings: Settings, virtual: bool) -> StoreSink:
    """Begin to keep sessions in `folder`; raises `StoreError` when another mat does. Virtual time is nobody else's."""
    from qlmat.store.sink import StoreSink
    from qlmat.vitals import machine_boot

    boot = None if virtual else machine_boot()
    return StoreSink(folder, settings.plan, boot, settings.store.retention)
