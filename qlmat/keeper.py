"""The thread that writes the ring: neither the control loop nor the network ever waits for a memory card.

`keep` and `confirm` only append to a queue. Every record is with the kernel a moment later, so that it survives a kill,
and on the disk within a second, so that it survives a power cut.
"""

import logging
import time
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread

from qlmat.errors import StoreError
from qlmat.ring import Record, Ring

log = logging.getLogger(__name__)

SYNC_S = 1.0
CLOSE_S = 0.5


class Keeper:
    """Keeps records in a ring. Their numbers are given here, at once; `unsent` is what an earlier run left."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self.last = ring.last
        self.unsent = ring.unsent
        self._number = ring.number
        self._open: set[int] = {
            int(record["k"]) for record in ring.unsent
        }  # not confirmed yet; used in the thread alone
        self._highest = 0
        self._queue: SimpleQueue[Record | int | None] = SimpleQueue()
        self._failing = False
        self._thread = Thread(target=self._run, name="ring", daemon=True)
        self._thread.start()

    def keep(self, record: Record) -> int:
        """Keep a record and return its number. Never blocks."""
        self._number += 1
        self._queue.put(record)
        return self._number

    def confirm(self, number: int) -> None:
        """Note that the broker has this one. Never blocks."""
        self._queue.put(number)

    def close(self) -> None:
        """Write what waits and end, within half a second."""
        self._queue.put(None)
        self._thread.join(CLOSE_S)

    # --- the thread ---------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        dirty_s: float | None = None
        while True:
            with suppress(Empty):
                item = self._queue.get(timeout=None if dirty_s is None else max(0.0, dirty_s - time.monotonic()))
                if item is None:
                    break
                self._do(item)
                dirty_s = time.monotonic() + SYNC_S if dirty_s is None else dirty_s
            if dirty_s is not None and time.monotonic() >= dirty_s:
                self._ring.sync()
                dirty_s = None
        self._ring.close()

    def _do(self, item: Record | int) -> None:
        if isinstance(item, int):
            self._open.discard(item)
            self._highest = max(self._highest, item)
            # Only what lies below everything unconfirmed may be forgotten.
            self._ring.confirm(min(self._open) - 1 if self._open else self._highest)
            return
        try:
            self._open.add(self._ring.append(item))
            self._failing = False
        except StoreError as error:
            if not self._failing:
                log.error("ring=failing problem=%r result='events are kept in memory only'", str(error))
            self._failing = True
