"""`qlmat screen`: the questions before practising, asked and answered at the terminal; answers stay on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from qlmat.cli.keeping import PersonOption, StoreFolder, folder_of
from qlmat.cli.options import Config
from qlmat.errors import UsageError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from rich.console import Console

    from qlmat.core.course import Kept
    from qlmat.core.screening import Answered, Standing

BLOCKED = 1  # exit code when the answers say: not today


def screen(
    store: StoreFolder = None,
    person: PersonOption = None,
    full: Annotated[bool, typer.Option("--full", help="Ask all ten, also when one line is due.")] = False,
    unlock: Annotated[
        str | None,
        typer.Option("--unlock", metavar="QUESTION", help="A clinician allows practice in spite of a yes: bones, blood "
                     "or kidney; with --clinician."),
    ] = None,
    clinician: Annotated[
        str | None, typer.Option("--clinician", metavar="NAME", help="Who allows it; kept with today's date.")
    ] = None,
    config: Config = None,
) -> None:  # fmt: skip
    """Answer the questions before practising. Exit code 0 when a session may begin, 1 when not today."""
    if (unlock is None) != (clinician is None):
        raise UsageError("--unlock and --clinician go together: who allows what")
    from rich.console import Console

    from qlmat.cli.coaching import today
    from qlmat.memory import keep_all
    from qlmat.store.calendar import utc_now
    from qlmat.store.database import opened, transaction
    from qlmat.store.people import current_person, find_person

    console = Console()
    with opened(folder_of(store, config), create=True) as connection:
        current_person(connection)  # a first person where there is none yet
        who, day = find_person(connection, person).person, today()
        news: Sequence[Kept] = _unlocked(unlock, clinician, day)
        if not news:
            news = _asked(console, _standing(connection, who, day), day, full)
        with transaction(connection):
            keep_all(connection, who, news, utc_now())
        found = _standing(connection, who, day)
    _say(console, found)
    if not found.open:
        raise typer.Exit(BLOCKED)


def _standing(connection: sqlite3.Connection, person: str, day: int) -> Standing:
    from qlmat.core.screening import standing
    from qlmat.memory import past_of

    past = past_of(connection, person)
    return standing(past.answers, past.unlocks, day)


def _unlocked(question: str | None, clinician: str | None, day: int) -> Sequence[Kept]:
    if question is None or clinician is None:
        return []
    from qlmat.core.screening import Unlocked, why_no_unlock

    reason = why_no_unlock(question, clinician)
    if reason is not None:
        raise UsageError(f"--unlock: {reason}")
    return [Unlocked(day, question, clinician.strip())]


def _asked(console: Console, now: Standing, day: int, full: bool) -> Sequence[Answered]:
    """Ask what is due; nothing when nothing is."""
    from qlmat.core.screening import DAILY, DAILY_TEXT, INTRODUCTION, QUESTIONS, Answered

    if full or now.due == "all" or now.stopped_by:
        console.print(f"[bold]{INTRODUCTION}[/bold] Answers stay on this machine.\n")
        return [
            Answered(day, question.key, typer.confirm(f"{number:2}. {question.text}", default=None))
            for number, question in enumerate(QUESTIONS, start=1)
        ]
    if now.due == "daily":
        return [Answered(day, DAILY, typer.confirm(DAILY_TEXT, default=None))]
    return []


def _say(console: Console, found: Standing) -> None:
    if found.advice is not None:
        console.print(f"\n[bold red]{found.advice}[/bold red]" if found.urgency == "urgent" else f"\n{found.advice}")
    elif found.open:
        console.print("\nNothing stands in the way today. Stop at once if it hurts, tingles or makes you feel sick.")
    else:
        console.print("\nAll questions are due: run 'qlmat screen' again.")
