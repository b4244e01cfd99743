"""Wall clocks that are wrong and jump at random while sessions are kept, in many zones and years, over 2038 too."""

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from zoneinfo import ZoneInfo

from qlmat.records import Retention
from qlmat.store.database import connect
from qlmat.store.people import find_person
from qlmat.store.rows import events_of, sessions_of
from qlmat.store.sink import CLOCK_S
from tests.store.practice import sink, ticks

FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2039, 1, 1, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland", "Pacific/Apia")
BEGAN_S, LENGTH_S = 100.0, 13.0
WRONG_DAYS = 3 * 365
FOR_EVER = Retention(1e9, 1e9)  # these sessions are years apart
NEVER_SET = 0.2  # share of sessions in which no network ever comes
EDGES = (  # the seconds around which calendars do something
    datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2028, 2, 29, tzinfo=UTC), datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
)  # fmt: skip
NAMES = ["session_started", "work_started", "marked", "session_done"]


@dataclass
class Dated:
    """How many sessions were kept; with a wrong length, order of events or date; never set; not marked as such."""

    sessions: int = 0
    wrong_length: int = 0
    wrong_order: int = 0
    wrong_date: int = 0
    never_set: int = 0
    unmarked: int = 0


def campaign(number: int, folder: Path) -> Dated:
    """Keep so many sessions, each in a start of its own, each with a clock of its own that is wrong at first."""
    rng, found = random.Random(8), Dated()
    moments = sorted(_moment(rng) for _ in range(number))
    truth = []
    for true in moments:
        wrong = timedelta(days=rng.uniform(-WRONG_DAYS, WRONG_DAYS))
        set_s = inf if rng.random() < NEVER_SET else BEGAN_S + rng.uniform(0.0, CLOCK_S)
        _live(folder, true, wrong, set_s)
        truth.append((true, set_s < inf))
    with closing(connect(folder)) as store:
        _judge(store, truth, found, rng)
    return found


def _moment(rng: random.Random) -> datetime:
    if rng.random() < 0.5:
        return rng.choice(EDGES) - timedelta(seconds=rng.uniform(0.0, LENGTH_S))
    return FIRST + (LAST - FIRST) * rng.random()


def _live(folder: Path, true: datetime, wrong: timedelta, set_s: float) -> None:
    now_s = [BEGAN_S]

    def wall() -> datetime:
        return true + timedelta(seconds=now_s[0] - BEGAN_S) + (timedelta() if now_s[0] >= set_s else wrong)

    store = sink(folder, wall=wall, synced=lambda: now_s[0] >= set_s, retention=FOR_EVER)
    for tick, scan in ticks(BEGAN_S):
        now_s[0] = tick.t_s
        store.put(tick, scan)
    store.close()


def _judge(store: sqlite3.Connection, truth: list[tuple[datetime, bool]], found: Dated, rng: random.Random) -> None:
    person = find_person(store, None).person
    zone = ZoneInfo(rng.choice(ZONES))
    sessions = sessions_of(store, person, zone=zone)
    for session, (true, was_set) in zip(sessions, truth, strict=True):
        found.sessions += 1
        found.wrong_length += session.seconds != LENGTH_S
        found.never_set += not was_set
        found.unmarked += session.clock_synced != was_set
        if was_set:
            exact = abs((session.began - true).total_seconds()) < 1e-3
            found.wrong_date += not exact or session.day != true.astimezone(zone).date()
        found.wrong_order += [e.event.name for e in events_of(store, person, session.session)] != NAMES
