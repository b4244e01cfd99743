"""`qlmat sessions` and `qlmat people`: what is kept, and of whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from qlmat.cli.keeping import PersonOption, StoreFolder, folder_of
from qlmat.cli.options import Config

if TYPE_CHECKING:
    from rich.table import Table

    from qlmat.records import SessionRecord, SideSummary

people_app = typer.Typer(help="Whose practice is kept. An id stands in every row; a name stays on this machine.")


def sessions(
    person: PersonOption = None,
    store: StoreFolder = None,
    config: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a session, one a line.")] = False,
) -> None:
    """List the sessions that are kept of one person."""
    from qlmat.store.database import opened
    from qlmat.store.people import find_person
    from qlmat.store.rows import sessions_of

    with opened(folder_of(store, config)) as database:
        who = find_person(database, person)
        records = sessions_of(database, who.person, running=True)
    if as_json:
        import json

        for record in records:
            print(json.dumps(_plain(record), ensure_ascii=False))
        return
    from rich.console import Console

    console = Console()
    console.print(_table(who.name or who.person, records) if records else "No session is kept yet.")


def _table(title: str, records: list[SessionRecord]) -> Table:
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table("no", "began", "ended", title=title, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0))
    for side in ("left", "right"):  # on one line in 80 columns
        table.add_column(f"{side}: s, N, in zone", justify="right", no_wrap=True)
    table.add_column("1/min", justify="right")
    for record in records:
        began = record.began.astimezone().strftime("%Y-%m-%d %H:%M") + ("" if record.clock_synced else " ?")
        table.add_row(
            str(record.session), began, record.ended or "runs", _side(record.of("left")), _side(record.of("right")),
            _cadence(record),
        )  # fmt: skip
    if not all(record.clock_synced for record in records):
        table.caption = "?: the clock had not been set, so this time is a guess; the order is right"
    return table


def _side(side: SideSummary | None) -> str:
    if side is None or side.force_n is None:
        return "-"
    lay_s = side.below_s + side.inside_s + side.above_s
    share = f" {100 * side.inside_s / lay_s:4.0f} %" if lay_s else ""
    return f"{side.worked_s:.0f} {side.force_n:4.0f}{share}"


def _cadence(record: SessionRecord) -> str:
    paces_cpm = [60 * side.cadence_hz for side in record.sides if side.cadence_hz is not None]
    return f"{sum(paces_cpm) / len(paces_cpm):.1f}" if paces_cpm else "-"


def _plain(record: SessionRecord) -> dict[str, Any]:
    """Say a session as JSON; the units are in the keys."""
    from dataclasses import asdict

    plain = asdict(record)
    plain["aims"] = [aim._asdict() for aim in record.aims]
    return plain | {"began": record.began.isoformat(timespec="seconds"), "day": record.day.isoformat()}


# --- people ------------------------------------------------------------------------------------------------------


@people_app.callback(invoke_without_command=True)
def list_people(context: typer.Context, store: StoreFolder = None, config: Config = None) -> None:
    """List who is known; the one who uses the mat now is marked."""
    if context.invoked_subcommand is not None:
        return
    from qlmat.store.database import opened
    from qlmat.store.people import current_person, people

    with opened(folder_of(store, config)) as database:
        now = current_person(database, begin=False)
        for each in people(database):
            typer.echo(f"{'*' if each.person == now else ' '} {each.person}  {each.name or ''}".rstrip())
        if now is None:
            typer.echo("* guest: nothing is kept")


@people_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="As you call them; it never leaves this machine by itself.")],
    store: StoreFolder = None,
    config: Config = None,
) -> None:
    """Add somebody and let them use the mat from the next session on."""
    from qlmat.store.calendar import utc_now
    from qlmat.store.database import opened, transaction
    from qlmat.store.people import add_person, use_person

    with opened(folder_of(store, config), create=True) as database, transaction(database):
        person = add_person(database, name, utc_now())
        use_person(database, person.person)
    typer.echo(f"{person.person}  {name} uses the mat from the next session on.")


@people_app.command("use")
def use(
    person: Annotated[str, typer.Argument(metavar="ID|NAME|guest", help="Who; of a guest nothing is kept.")],
    store: StoreFolder = None,
    config: Config = None,
) -> None:
    """Say whose practice it is from the next session on."""
    from qlmat.core.course import GUEST
    from qlmat.store.database import opened, transaction
    from qlmat.store.people import find_person, use_person

    with opened(folder_of(store, config), create=True) as database, transaction(database):
        use_person(database, GUEST if person == GUEST else find_person(database, person).person)
    asked = "The questions come first: on the page, or with 'qlmat screen'."
    typer.echo(f"A guest uses the mat: nothing is kept. {asked}" if person == GUEST else f"{person} uses the mat.")
