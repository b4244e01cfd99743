"""The writer: the daemon's third thread, the only one that waits for the disk.

Whatever the disk does, the session goes on: what cannot be written is kept, tried again, and told once. A file that is
damaged is set aside and a new one begun.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from qlmat.errors import StoreError
from qlmat.records import CourseRecord, Retention
from qlmat.store.boots import Boot, keep_boot
from qlmat.store.course import course_so_far
from qlmat.store.database import check_whole, connect, is_broken, mend, plain, set_aside, transaction
from qlmat.store.hopper import Batch, Hopper
from qlmat.store.people import current_person, find_person
from qlmat.store.retention import tidy
from qlmat.store.scribe import Scribe, close_left_open

log = logging.getLogger(__name__)

IDLE_S = 3600.0  # even when nothing happens, to see whether a day has passed
GATHER_S = 0.5  # so an event is on the disk within a second, when the disk is well
RETRY_MIN_S, RETRY_MAX_S = 1.0, 30.0
TIDY_S = 86_400.0
CLOSE_S = 5.0  # for what still waits; SD cards stall for seconds (ecosystem facts F.4)
Connect = Callable[[Path], sqlite3.Connection]


class Writer:
    """Empties the hopper into the file. `boot` is asked before each write; None as long as nothing has been seen."""

    def __init__(
        self,
        folder: Path,
        hopper: Hopper,
        boot: Callable[[], Boot | None],
        wall: Callable[[], datetime],
        retention: Retention,
        connect: Connect = connect,
        gather_s: float = GATHER_S,
    ) -> None:
        self._gather_s = gather_s
        self._folder, self._hopper, self._boot, self._wall = folder, hopper, boot, wall
        self._retention, self._connect = retention, connect
        self._connection: sqlite3.Connection | None = None
        self._scribe: Scribe | None = None
        self._kept: Boot | None = None
        self._tidied_s: float | None = None
        self._batch = Batch()
        self._told = ""
        self._anew = False  # a new file has just begun: no reason to wait
        self._wake, self._closed = threading.Event(), threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self.course: CourseRecord | None = None
        self.failures = 0
        self.commits = 0

    @property
    def unwritten(self) -> int:
        """How many events and the like are not on the disk yet."""
        return self._hopper.waiting + len(self._batch.records)

    def start(self) -> None:
        """Start the thread that writes."""
        self._thread.start()

    def wake(self) -> None:
        """Write what is queued without waiting for the next turn."""
        self._wake.set()

    def close(self) -> None:
        """Write what waits and end; a disk that does not answer is left alone after 5 s."""
        self._closing = True
        self._closed.set()
        self._wake.set()
        self._thread.join(CLOSE_S)
        if self.unwritten:
            log.error("store=%s result='ended with rows unwritten' rows=%d", self._folder, self.unwritten)

    # --- the thread --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        wait_s = 0.0
        while True:
            closing = self._closing
            self._hopper.pour(self._batch)
            if closing or self._batch.records or self._batch.frames or self._kept != self._boot() or self._tidy_due():
                well = self._turn() or (self._anew and self._turn())
                wait_s = 0.0 if well else min(RETRY_MAX_S, max(RETRY_MIN_S, 2 * wait_s))
            if closing:
                break
            self._rest(wait_s)
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()

    def _rest(self, retry_s: float) -> None:
        """Wait until there is something to do, or a failed disk may be tried again."""
        if retry_s:
            self._closed.wait(retry_s)
        else:
            self._wake.wait(IDLE_S)
            self._closed.wait(self._gather_s)  # what happens at one moment is written at once: SD cards wear
        self._wake.clear()

    def _turn(self) -> bool:
        """Write the batch in one transaction; on failure keep it, and return False."""
        try:
            if self._connection is None:
                self._connection = self._open()
            self._write(self._connection)
        except (sqlite3.Error, OSError) as error:  # StoreError is one of the latter
            self._fail(error)
            return False
        except Exception:
            log.exception("store=%s problem='a bug in the writer: these rows are dropped'", self._folder)
            self._batch = Batch()
            return False
        if self._told:
            log.warning("store=%s result='writes again'", self._folder)
        self._told = ""
        return True

    def _open(self) -> sqlite3.Connection:
        connection = self._connect(self._folder)
        try:
            if self._scribe is None:
                check_whole(connection)
            with transaction(connection):
                left_open = close_left_open(connection) if self._scribe is None else 0
        except BaseException:
            connection.close()
            raise
        if left_open:
            log.warning("store=%s sessions_left_open=%d result='closed at their last second'", self._folder, left_open)
        return connection

    def _write(self, connection: sqlite3.Connection) -> None:
        boot = self._boot()
        if boot is None:
            return
        self._scribe = self._scribe or Scribe(boot.boot)
        if self._batch or boot != self._kept:
            with transaction(connection):
                keep_boot(connection, boot)
                self._scribe.write(connection, self._batch)
            self.commits += 1
        self._kept = boot
        if self._scribe.written(self._batch) or self.course is None:
            self._read_course(connection)
        self._batch = Batch()
        self._tidy(connection, boot)

    def _read_course(self, connection: sqlite3.Connection) -> None:
        person = current_person(connection, begin=False)
        self.course = None if person is None else course_so_far(connection, find_person(connection, person))

    def _tidy_due(self) -> bool:
        return self._tidied_s is not None and time.monotonic() - self._tidied_s >= TIDY_S

    def _tidy(self, connection: sqlite3.Connection, boot: Boot) -> None:
        """Once a day, and only by a clock that has been set."""
        if boot.clock_synced and (self._tidied_s is None or self._tidy_due()):
            self._tidied_s = time.monotonic()
            with transaction(connection):
                chunks, sessions = tidy(connection, self._wall(), self._retention)
            if chunks or sessions:
                log.info("store=%s retention chunks=%d sessions=%d", self._folder, chunks, sessions)

    def _fail(self, error: sqlite3.Error | OSError) -> None:
        self.failures += 1
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
        self._kept, self._anew = None, False
        what = str(error) if isinstance(error, StoreError) else f"{plain(error)}: {mend(error)}"
        if is_broken(error):
            self._begin_anew(what)
        elif what != self._told:
            self._told = what
            log.error("store=%s problem=%r result='the session goes on, rows wait in memory'", self._folder, what)

    def _begin_anew(self, what: str) -> None:
        try:
            aside = set_aside(self._folder, self._wall())
        except OSError as error:
            what = f"{what}; it cannot be set aside either: {plain(error)}"
            if what != self._told:
                log.error("store=%s problem=%r", self._folder, what)
            self._told = what
            return
        if self._scribe is not None:
            self._scribe.begin_file()
        self._anew = True
        log.error("store=%s problem=%r set_aside=%s result='a new one begins'", self._folder, what, aside.name)
