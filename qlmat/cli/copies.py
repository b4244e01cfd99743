"""`qlmat export`, `forget`, `tidy`, `backup`, `restore`: what is kept belongs to the person it is about."""

from pathlib import Path
from typing import Annotated

import typer

from qlmat.cli.keeping import PersonOption, StoreFolder, folder_of, of_this_mat
from qlmat.cli.options import Config


def export(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", show_default=False, help="A new folder for the files.")
    ],
    person: PersonOption = None,
    store: StoreFolder = None,
    config: Config = None,
) -> None:
    """Write everything that is kept of one person: sheets (CSV, units in the header) and person.json."""
    from qlmat.config import load
    from qlmat.store.database import opened
    from qlmat.store.export import export as write
    from qlmat.store.people import find_person
    from qlmat_firmware.board import BOARD_V1

    board = load(of_this_mat(config), BOARD_V1).board
    with opened(folder_of(store, config)) as database:
        files = write(database, find_person(database, person), board, output)
    for file in files:
        typer.echo(file)


def forget(
    person: Annotated[str, typer.Argument(metavar="ID|NAME", help="Whom to forget.")],
    store: StoreFolder = None,
    config: Config = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete everything that is kept of one person, for good: nothing of it is left in the file."""
    from qlmat.store.database import opened
    from qlmat.store.forget import copies
    from qlmat.store.forget import forget as delete
    from qlmat.store.people import find_person
    from qlmat.store.rows import sessions_of

    folder = folder_of(store, config)
    with opened(folder) as database:
        who = find_person(database, person)
        count = len(sessions_of(database, who.person, running=True))
        if not yes:
            typer.confirm(f"Delete {who.name or who.person} for good, sessions: {count}?", abort=True)
        delete(database, who.person)
    typer.echo(f"{who.name or who.person} is forgotten; sessions deleted: {count}.")
    _erase_events(folder)
    for path in copies(folder):
        typer.echo(f"Still holds what it held: {path}")
    typer.echo("Backups and exports elsewhere are yours to delete.")


def _erase_events(folder: Path) -> None:
    """Erase the events kept for the broker, of which nobody knows whose they are; a running mat has them open."""
    from qlmat.ring import ERASE, Ring
    from qlmat.store.database import held

    kept = folder / "mqtt"
    if not kept.is_dir():
        return
    (kept / ERASE).touch()
    with held(folder) as free:
        if free:
            Ring(kept).close()
        else:
            typer.echo("Events kept for the broker are erased when the mat is next started: start it again.")


def tidy(store: StoreFolder = None, config: Config = None) -> None:
    """Delete what is older than the configuration keeps, as a running mat does by itself once a day."""
    from qlmat.config import load
    from qlmat.errors import StoreError
    from qlmat.store.calendar import clock_synced, utc_now
    from qlmat.store.database import opened, transaction
    from qlmat.store.retention import tidy as delete
    from qlmat_firmware.board import BOARD_V1

    settings = load(of_this_mat(config), BOARD_V1)
    if not clock_synced():
        raise StoreError("nothing is deleted: this machine's clock has not been set, so it cannot tell what is old")
    folder = settings.store.path if store is None else store
    with opened(folder) as database, transaction(database):
        chunks, sessions = delete(database, utc_now(), settings.store.retention)
    typer.echo(f"{folder}: deleted as too old: {chunks} pieces of raw readings, {sessions} sessions")


def backup(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", show_default=False, help="A new file, for you only.")
    ],
    store: StoreFolder = None,
    config: Config = None,
) -> None:
    """Copy the whole store into one file; a running mat goes on."""
    from qlmat.store.backup import backup as write
    from qlmat.store.backup import check
    from qlmat.store.database import opened

    with opened(folder_of(store, config)) as database:
        write(database, output)
    people, sessions = check(output)
    typer.echo(f"{output}: people {people}, sessions {sessions}, checked")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="What 'qlmat backup' wrote.")],
    store: StoreFolder = None,
    config: Config = None,
) -> None:
    """Put a backup in the place of the store, after looking through it; the old store is kept beside it."""
    from qlmat.store.backup import check
    from qlmat.store.backup import restore as bring_back
    from qlmat.store.calendar import utc_now

    folder = folder_of(store, config)
    people, sessions = check(file)
    old = bring_back(folder, file, utc_now())
    typer.echo(f"{folder}: restored, people {people}, sessions {sessions}")
    if old is not None:
        typer.echo(f"The store as it was is kept in {old}")
