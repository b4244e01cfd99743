"""Who coaches a mat: a coach that asks and remembers on real hardware, one that does neither for a virtual person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from qlmat.coach import Coach, Pushes
from qlmat.config import Settings
from qlmat.core.course import Past
from qlmat.core.plan import Plan
from qlmat.errors import StoreError
from qlmat.memory import StoreMemory, past_of_now
from qlmat.remembering import Memory, Oblivion
from qlmat.store.calendar import clock_synced, utc_now
from qlmat.store.database import opened
from qlmat.store.sink import StoreSink


@dataclass(frozen=True, slots=True)
class Coaching:
    """What a coach needs besides the pipeline and the plan."""

    memory: Memory
    today: Callable[[], int]
    screened: bool
    limited: bool

    def coach(self, pipeline: Pushes, plan: Plan) -> Coach:
        """Put the coach around the pipeline."""
        return Coach(pipeline, plan, self.memory, self.today, self.screened, self.limited)


def today() -> int:
    """Give the day where the machine stands, as an ordinal."""
    return date.today().toordinal()


def today_after(past: Past, said: Callable[[], int] = today, synced: Callable[[], bool] = clock_synced) -> int:
    """Give the day; until the clock has been set, none before the last one remembered, as a Pi boots in the past."""
    days = [each.day for each in past.sessions] + [each.day for each in past.answers]
    return said() if synced() else max([said(), *days])


def no_coaching() -> Coaching:
    """Ask nothing, count no days, forget everything at the end: for a virtual person."""
    return Coaching(Oblivion(), today, screened=False, limited=False)


def real_coaching(sink: StoreSink, settings: Settings, folder: Path) -> Coaching:
    """Count the sessions of a day, remember in the store, and mind the answers to the questions."""
    past = _past(folder)
    return Coaching(StoreMemory(sink, past, utc_now), lambda: today_after(past), settings.screening, limited=True)


def _past(folder: Path) -> Past:
    """Read what is remembered; nothing when it cannot be read, which the store tells by itself."""
    try:
        with opened(folder, create=True) as connection:
            return past_of_now(connection, today())
    except StoreError:
        return Past()
