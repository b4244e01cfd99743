"""Whose practice is kept: an opaque id, a name that stays on this machine, and guests of whom nothing is kept."""

import secrets
import sqlite3
from datetime import UTC, datetime

from qlmat.core.course import GUEST
from qlmat.errors import StoreError
from qlmat.records import Person
from qlmat.store.database import insert


def people(connection: sqlite3.Connection) -> list[Person]:
    """List everybody, in the order in which they came."""
    rows = connection.execute("SELECT person, name, since_s FROM people ORDER BY rowid").fetchall()
    return [Person(person, name, datetime.fromtimestamp(since_s, UTC)) for person, name, since_s in rows]


def add_person(connection: sqlite3.Connection, name: str | None, now: datetime) -> Person:
    """Add somebody under a new opaque id. Raises StoreError when the name is taken."""
    if name is not None and any(name in (each.name, each.person) for each in people(connection)):
        raise StoreError(f"{name!r} is there already: choose another name")
    if name == GUEST:
        raise StoreError("a guest is nobody in particular and needs no adding")
    person = Person(secrets.token_hex(4), name, now)
    insert(connection, "people", (person.person, name, now.timestamp()))
    return person


def find_person(connection: sqlite3.Connection, word: str | None) -> Person:
    """Find somebody by id or name; None means the one who uses the mat now, or the only one.

    Raises StoreError, naming who there is.
    """
    everybody = people(connection)
    word = word or current_person(connection, begin=False) or (everybody[0].person if len(everybody) == 1 else None)
    for person in everybody:
        if word is not None and word in (person.person, person.name):
            return person
    known = ", ".join(each.name or each.person for each in everybody) or "nobody yet"
    asked = "say who with --person" if word is None else f"{word!r} is not known here"
    raise StoreError(f"{asked}: known are {known}; 'qlmat people' lists them")


def current_person(connection: sqlite3.Connection, begin: bool = True) -> str | None:
    """Give the id of who uses the mat now, None for a guest; with `begin`, a first person where there is none yet."""
    row = connection.execute("SELECT value FROM settings WHERE name = 'person'").fetchone()
    if row is not None and row[0] == GUEST:
        return None
    known = row is not None and connection.execute("SELECT 1 FROM people WHERE person = ?", row).fetchone()
    if row is not None and known:
        return str(row[0])
    if row is not None or not begin:  # whoever it was has been deleted: nobody is taken for somebody else
        return None
    first = next(iter(people(connection)), None) or add_person(connection, None, datetime.now(UTC))
    use_person(connection, first.person)
    return first.person


def guest_answers(connection: sqlite3.Connection, day: int | None) -> None:
    """Note that the guest of `day` said no to every question; nothing else is kept of one. None takes it back."""
    connection.execute("DELETE FROM settings WHERE name = 'guest_answered'")
    if day is not None:
        insert(connection, "settings", ("guest_answered", str(day)))


def guest_answered(connection: sqlite3.Connection) -> int | None:
    """Give the day of `guest_answers`."""
    row = connection.execute("SELECT value FROM settings WHERE name = 'guest_answered'").fetchone()
    return None if row is None else int(row[0])


def use_person(connection: sqlite3.Connection, person: str) -> None:
    """Say whose practice it is from the next session on: an id, or `GUEST`, who has answered nothing yet."""
    guest_answers(connection, None)
    insert(connection, "settings", ("person", person), "OR REPLACE")
    insert(connection, "settings", ("chosen", secrets.token_hex(4)), "OR REPLACE")


def chosen(connection: sqlite3.Connection) -> str | None:
    """Give a word that is another one after each `use_person`: two guests are not the same."""
    row = connection.execute("SELECT value FROM settings WHERE name = 'chosen'").fetchone()
    return None if row is None else str(row[0])
