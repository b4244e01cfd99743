"""The store as a sink of the control loop: it numbers, sums up and queues; the disk is another thread's."""

import secrets
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from qlmat.core.model import SIDES, Event, Frame, Side, Tick
from qlmat.core.orders import PRESSED, TWICE_S
from qlmat.core.plan import Plan
from qlmat.core.positions import Position
from qlmat.errors import StoreError
from qlmat.records import KEPT, Aim, CourseRecord, Ending, Retention
from qlmat.store.boots import Boot
from qlmat.store.calendar import clock_synced, utc_now
from qlmat.store.database import connect, held
from qlmat.store.hopper import Asked, Begun, Ended, Happened, Hopper
from qlmat.store.tally import SecondTally
from qlmat.store.writer import GATHER_S, Connect, Writer

# Of raw frames in a row: with gathering and writing, a kill or a power cut costs the last 10 s at most.
CHUNK_S = 9.0
CLOCK_S = 10.0  # between two looks at whether the clock has been set
_ENDINGS: dict[str, Ending] = {"session_done": "done", "session_stopped": "stopped"}


class StoreSink:
    """Keeps every event, a row a second of each session, and its raw frames.

    `machine_boot` is the kernel's boot when ticks carry its monotonic time, None in virtual time. Raises StoreError
    when another mat already writes here; a disk that fails is told in the log and never stops a session.
    """

    def __init__(
        self,
        folder: Path,
        plan: Plan,
        machine_boot: str | None = None,
        retention: Retention = KEPT,
        wall: Callable[[], datetime] = utc_now,
        synced: Callable[[], bool] = clock_synced,
        connect: Connect = connect,
        gather_s: float = GATHER_S,
    ) -> None:
        self._holding = ExitStack()
        if not self._hold(folder):
            raise StoreError(f"{folder}: another mat keeps its sessions here: end it, or name another folder")
        self.boot = secrets.token_hex(4)
        self.hopper = Hopper()
        self._machine_boot, self._wall, self._synced = machine_boot, wall, synced
        self._plan = plan
        self._position: Position = "floor"
        self._ball: str | None = None
        self._numbered = 0
        self._first_t_s: float | None = None
        self._zero: tuple[float, bool] = (0.0, False)  # wall time at t_s = 0, and whether the clock was set then
        self._t_s = self._look_s = 0.0
        self._session: int | None = None
        self._tally: SecondTally | None = None
        self._stopped: tuple[float, Ending, str | None] | None = None
        self._frames: list[Frame] = []
        self.writer = Writer(folder, self.hopper, self._started, wall, retention, connect, gather_s)
        self.writer.start()

    @property
    def course(self) -> CourseRecord | None:
        """The present person's course as of the last session; None for a guest or before it has been read."""
        return self.writer.course

    def practise(self, plan: Plan, position: Position, ball: str | None) -> None:
        """Say what the next session will be about."""
        self._plan, self._position, self._ball = plan, position, ball

    def ask(self, job: Callable[[Any], object]) -> None:
        """Have `job(connection)` done in the writer's thread; like an event it waits until the disk takes it."""
        self.hopper.record(Asked(job))
        self.writer.wake()

    def put(self, tick: Tick, frame: Frame) -> None:
        """Take one tick and its frame. Appends; never waits."""
        self._read_clock(tick.t_s)
        gathered = False
        for event in tick.events:
            if event.name == "session_started":
                self._begin(event)
            self._keep(event, tick)
            if event.name == "went_on":  # the press that stopped it was the first of two
                self._stopped = None
            if event.name in _ENDINGS and self._tally is not None:
                self._gather(tick, frame)
                gathered = True
                reason = event.detail.get("reason")
                self._stopped = event.t_s, _ENDINGS[event.name], reason if isinstance(reason, str) else None
                if self._stopped[1] == "done" or reason != PRESSED:
                    self._end_stopped()
        if self._stopped is not None and tick.t_s - self._stopped[0] > TWICE_S:
            self._end_stopped()
        if self._tally is not None and self._stopped is None and not gathered:
            self._gather(tick, frame)

    def close(self) -> None:
        """Close a session that runs, write what waits, let go of the folder; within 5 s even when the disk hangs."""
        self._end_stopped()
        if self._tally is not None:
            self._end(self._t_s, "interrupted", "the mat was switched off")
        self.writer.close()
        self._holding.close()

    # --- in the control loop ------------------------------------------------------------------------------------------

    def _read_clock(self, t_s: float) -> None:
        """Note which wall time monotonic zero was; again once the clock has been set."""
        self._t_s = t_s
        if self._first_t_s is None or (not self._zero[1] and t_s >= self._look_s):
            self._look_s = t_s + CLOCK_S
            synced = self._synced()
            if self._first_t_s is None or synced:
                self._zero = self._wall().timestamp() - t_s, synced
            self._first_t_s = t_s if self._first_t_s is None else self._first_t_s
            self.writer.wake()

    def _begin(self, event: Event) -> None:
        self._end_stopped()
        if self._tally is not None:
            self._end(event.t_s, "interrupted", "another session began")
        self._session = self._numbered + 1
        self._tally = SecondTally(self._plan, event.t_s)
        aims = tuple(_aim(self._plan, side) for side in SIDES)
        self.hopper.record(Begun(self._session, event.t_s, aims, self._position, self._ball))

    def _keep(self, event: Event, tick: Tick) -> None:
        self._numbered += 1
        force_n = None if event.side is None else tick.contacts.of(event.side).force_n
        self.hopper.record(Happened(self._numbered, event, self._session, force_n))
        self.writer.wake()

    def _gather(self, tick: Tick, frame: Frame) -> None:
        if self._tally is None or self._session is None:
            return
        second = self._tally.step(tick)
        if second is not None:
            self.hopper.second(self._session, second)
        if not self._frames or frame.t_s > self._frames[-1].t_s:  # a frame that was dropped is dropped here too
            self._frames.append(frame)
        if self._frames[-1].t_s - self._frames[0].t_s >= CHUNK_S:
            self._send_frames()

    def _send_frames(self) -> None:
        if self._frames and self._session is not None:
            self.hopper.frames(self._session, self._frames)
            self._frames = []
            self.writer.wake()

    def _end_stopped(self) -> None:
        """End a session that was stopped and did not go on."""
        if self._stopped is not None:
            self._end(*self._stopped)
        self._stopped = None

    def _end(self, t_s: float, ended: Ending, reason: str | None) -> None:
        if self._tally is None or self._session is None:
            return
        second = self._tally.take()
        if second is not None:
            self.hopper.second(self._session, second)
        self._send_frames()
        self.hopper.record(Ended(self._session, t_s, ended, reason))
        self._session = self._tally = None
        self.writer.wake()

    # --- elsewhere ----------------------------------------------------------------------------------------------------

    def _hold(self, folder: Path) -> bool:
        try:
            return self._holding.enter_context(held(folder))
        except OSError:
            return True  # a folder that cannot be written: the writer says so, and the mat goes on

    def _started(self) -> Boot | None:
        """Say, in the writer's thread, which start this is."""
        if self._first_t_s is None:
            return None
        offset_s, synced = self._zero
        return Boot(self.boot, self._machine_boot, self._first_t_s, offset_s, synced)


def _aim(plan: Plan, side: Side) -> Aim:
    plan = plan.of(side)
    return Aim(side, *plan.zone_n, plan.too_hard_n, plan.comfortable_n, plan.target_hz, plan.side_s)
