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
    from qlmat.core.course import GUEST
    from qlmat.store.database import opened
    from qlmat.store.people import current_person, find_person

    console, day = Console(), today()
    with opened(folder_of(store, config), create=True) as connection:
        now = current_person(connection)  # a first person where there is none yet
        if now is None and person in (None, GUEST):
            found = _of_guest(console, connection, day)
        else:
            who = find_person(connection, person).person
            found = _of_person(console, connection, who, day, full, _unlocked(unlock, clinician, day))
    _say(console, found)
    if not found.open:
        raise typer.Exit(BLOCKED)


def _of_person(
    console: Console, connection: sqlite3.Connection, who: str, day: int, full: bool, news: Sequence[Kept]
) -> Standing:
    from qlmat.core.screening import standing
    from qlmat.memory import keep_all, past_of
    from qlmat.store.calendar import utc_now
    from qlmat.store.database import transaction

    past = past_of(connection, who)
    news = news or _asked(console, standing(past.answers, past.unlocks, day), day, full)
    with transaction(connection):
        keep_all(connection, who, news, utc_now())
    past = past_of(connection, who)
    return standing(past.answers, past.unlocks, day)


def _of_guest(console: Console, connection: sqlite3.Connection, day: int) -> Standing:
    """Ask a guest; of the answers only the day is kept, and only when all are no."""
    from qlmat.core.screening import Standing, standing
    from qlmat.store.people import guest_answers

    found = standing(_asked(console, Standing("all"), day, full=True), [], day)
    guest_answers(connection, day if found.open else None)
    return found


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
