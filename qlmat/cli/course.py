"""`qlmat course`: which day of the two weeks it is, what was done, and what comes after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from qlmat.cli.keeping import PersonOption, StoreFolder, folder_of
from qlmat.cli.options import Config

if TYPE_CHECKING:
    from rich.console import Console

    from qlmat.core.course import CourseDay, Past
    from qlmat.records import Effort, SessionRecord

TODAY = {
    "first": "None today yet.",
    "second": "One today: enough.",
    "third": "Two today: the next one is tomorrow.",
}


def course(
    store: StoreFolder = None,
    person: PersonOption = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="Write something down first.")] = None,
    config: Config = None,
) -> None:
    """Say where the course stands: day, missed days, minutes, comfortable pressure, notes, and what follows."""
    from rich.console import Console

    from qlmat.cli.coaching import today
    from qlmat.core.course import course_day, verdict
    from qlmat.memory import past_of
    from qlmat.records import Note
    from qlmat.store.calendar import utc_now
    from qlmat.store.database import opened
    from qlmat.store.people import find_person
    from qlmat.store.rows import efforts_of, keep_note, notes_of, sessions_of

    console = Console()
    with opened(folder_of(store, config)) as connection:
        who = find_person(connection, person)
        if note is not None and note.strip():
            keep_note(connection, who.person, Note(utc_now(), note.strip()))
        notes = notes_of(connection, who.person)
        past, sessions = past_of(connection, who.person), sessions_of(connection, who.person)
        efforts = efforts_of(connection, who.person)
    found = course_day((each.day for each in past.sessions if each.counts), today())
    console.print(_day(found))
    console.print(TODAY[verdict(past.sessions, today())])
    _sides(console, past, sessions)
    for each in notes[-3:]:
        console.print(f"{each.at.astimezone():%d %b}  {each.text}", markup=False, highlight=False)
    if efforts:
        console.print(f"Strengthening, last: {_effort(efforts[-1])}")


def _day(found: CourseDay) -> str:
    if found.over:
        return f"[bold]The course of {found.of} days is complete.[/bold] Next: 'qlmat strengthen'."
    missed = f", {len(found.missed)} missed" if found.missed else ""
    return f"[bold]Day {found.number} of {found.of}[/bold]{missed}."


def _sides(console: Console, past: Past, sessions: list[SessionRecord]) -> None:
    from rich.table import Table

    from qlmat.core.model import SIDES

    table = Table("", "left", "right")
    done = {side: [each.of(side) for each in sessions] for side in SIDES}
    worked = {side: sum(each.worked_s for each in found if each) for side, found in done.items()}
    inside = {side: sum(each.inside_s for each in found if each) for side, found in done.items()}
    table.add_row("counted", *(f"{worked[side] / 60.0:.1f} min" for side in SIDES))
    table.add_row("in the zone", *(f"{inside[side] / 60.0:.1f} min" for side in SIDES))
    table.add_row("comfortable", *(_comfort(past, side) for side in SIDES))
    table.add_row("spots marked", *(str(sum(mark.side == side for mark in past.marks)) for side in SIDES))
    console.print(table)
    if past.choices.note:
        console.print(past.choices.note, markup=False)


def _effort(done: Effort) -> str:
    from qlmat.core.strengthening import EXERCISES

    title = EXERCISES[done.exercise].title if done.exercise in EXERCISES else done.exercise
    result = f"{done.lifts} times" if done.held_s is None else f"held for {done.held_s:.0f} s"
    return f"{title}, {done.side}, {result}, on {done.at.astimezone():%d %b}."


def _comfort(past: Past, side: str) -> str:
    """Say the latest comfortable force here with its range, and a change only when it can be told."""
    from qlmat.core.course import change_ratio, readings_of

    readings = readings_of(past.readings, side, past.choices.position, past.choices.ball)
    if not readings:
        return "not measured"
    last, change = readings[-1], change_ratio([each.force_n for each in readings])
    told = "" if change is None else f", {'more' if change > 0 else 'less'} than at first by {abs(change):.0%}"
    return f"about {last.force_n:.0f} N ({last.low_n:.0f} to {last.high_n:.0f}){told}"


def strengthen_list() -> None:
    """Print what follows the course."""
    from rich.console import Console
    from rich.padding import Padding

    from qlmat.core.strengthening import CARE, EXERCISES

    console = Console()
    for name, exercise in EXERCISES.items():
        measured = {"timed": "the mat times it", "counted": "the mat counts it"}
        said = measured[exercise.measured] if exercise.measured else f"the mat only describes it: {exercise.why_not}"
        console.print(f"[bold]{exercise.title}[/bold]  [cyan]{name}[/cyan]" if exercise.measured else
                      f"[bold]{exercise.title}[/bold]")  # fmt: skip
        console.print(Padding(f"{exercise.how}\nBegin with {exercise.dose}; {said}.", (0, 0, 1, 3)))
    console.print(CARE)


def begin_hint() -> None:
    """Say how to begin one."""
    typer.echo("Begin one with 'qlmat strengthen NAME', such as wall_side_plank.")
