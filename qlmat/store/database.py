"""Opening the store's file: rights, journal, migrations, and setting a broken file aside."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from qlmat.errors import StoreError
from qlmat.store.schema import migrate

FILE = "qlmat.db"
LOCK = "qlmat.lock"
BUSY_S = 2.0  # how long to wait for another program's write; the queue holds meanwhile
BROKEN = ("malformed", "not a database", "disk image", "corrupt")  # what SQLite says of a file that is no longer one


def connect(folder: Path) -> sqlite3.Connection:
    """Open the store in `folder`, made if it is not there: folder 0700, file 0600, all migrations taken.

    Raises OSError, sqlite3.Error or StoreError; nothing is half made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / FILE
    # SQLite gives its journals the rights of the file itself, so the file must have them before SQLite sees it.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    path.chmod(0o600)
    if os.geteuid() == 0:  # `sudo qlmat screen` before the service has ever run: the file must be the service's
        owner = folder.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # a commit is on the disk: a power cut takes back nothing
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def opened(folder: Path, create: bool = False) -> Iterator[sqlite3.Connection]:
    """Open the store for a command and close it again; raises StoreError, in words, for whatever goes wrong."""
    if not create and not (folder / FILE).exists():
        raise StoreError(
            f"{folder}: nothing is stored here yet: run the mat first, or name another folder with --store"
        )
    try:
        connection = connect(folder)
        try:
            yield connection
        finally:
            connection.close()
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{folder / FILE}: {plain(error)}: {mend(error)}") from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do everything inside or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.rollback()
        raise
    connection.commit()


def insert(connection: sqlite3.Connection, table: str, values: Sequence[object], instead: str = "") -> None:
    """Put one row into `table`, every column in its order; `instead` is what SQLite does with one there already."""
    marks = ", ".join("?" * len(values))
    connection.execute(f"INSERT {instead} INTO {table} VALUES ({marks})", tuple(values))  # noqa: S608 - our own words


def is_broken(error: BaseException) -> bool:
    """Tell whether SQLite found that the file itself is damaged, not only out of reach or full."""
    return isinstance(error, sqlite3.DatabaseError) and any(words in str(error) for words in BROKEN)


def check_whole(connection: sqlite3.Connection) -> None:
    """Look through the file, which takes seconds for a large one on a memory card; raises sqlite3.Error if damaged.

    Damage that shows in the middle of a session would leave its beginning in the file that is set aside.
    """
    (problem,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if problem != "ok":
        raise sqlite3.DatabaseError(f"database disk image is malformed ({problem})")


def set_aside(folder: Path, now: datetime) -> Path:
    """Rename the file and its journals so that a new one can begin; return where the old one is."""
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    aside = folder / f"{FILE}.broken-{stamp}"
    for suffix in ("-wal", "-shm", ""):  # the file last: until it has gone, the journals still belong to it
        path = folder / f"{FILE}{suffix}"
        if path.exists():
            path.rename(folder / f"{aside.name}{suffix}")
    return aside


@contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Hold the store for one mat or one restore; gives False when another program holds it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def plain(error: BaseException) -> str:
    """Say an error of the system or of SQLite in lower case, as part of a sentence."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:1].lower() + text[1:]


def mend(error: BaseException) -> str:
    """Propose what to do about it."""
    text = plain(error)
    for words, advice in (
        ("full", "free some space"),
        ("no space", "free some space"),
        ("readonly", "make the file system and the folder writable"),
        ("read-only", "make the file system and the folder writable"),
        ("locked", "another program is writing: try again"),
        ("permission", "the service's own store needs sudo; else check the owner of the folder"),
        ("unable to open", "check the owner and the rights of the folder"),
    ):
        if words in text:
            return advice
    return "run 'qlmat doctor'; 'qlmat restore' brings a backup back" if is_broken(error) else "run 'qlmat doctor'"
