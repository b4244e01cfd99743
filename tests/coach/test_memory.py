"""What the coach remembers, in a real store: written, read back, and of a guest not at all."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from qlmat.coach import Coach
from qlmat.core.calibration import nominal_calibration
from qlmat.core.course import GUEST, Choices, Kept, Marked, Past, Reading
from qlmat.core.model import Command, Frame
from qlmat.core.pipeline import Pipeline
from qlmat.core.plan import Plan
from qlmat.core.screening import QUESTIONS, Answered, Unlocked
from qlmat.memory import StoreMemory, keep_all, past_of, past_of_now
from qlmat.store.database import opened
from qlmat.store.people import current_person, guest_answered, guest_answers, use_person
from qlmat.store.sink import StoreSink
from tests.coach.test_coach import BOARD, FRAME_S

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 22).toordinal()
ANSWERS = tuple(Answered(DAY, question.key, question.key == "blood") for question in QUESTIONS)
NEWS: tuple[Kept, ...] = (
    *ANSWERS,
    Unlocked(DAY, "blood", "A. Smith"),
    Reading(DAY, "left", "wall", "soft", 55.0, 50.0, 60.0, 3),
    Choices("wall", "soft", "right", None, (0.0, 20.0), "as agreed"),
)


class Mat:
    """A coached mat of one foot a pad that keeps its sessions."""

    def __init__(self, folder: Path) -> None:
        self.sink = StoreSink(folder, PLAN, wall=lambda: NOON, synced=lambda: True, gather_s=0.0)
        self.memory = StoreMemory(self.sink, Past(), lambda: NOON, UTC)
        pipeline = Pipeline(BOARD, nominal_calibration(BOARD), PLAN)
        self.coach = Coach(pipeline, PLAN, self.memory, lambda: DAY, screened=False)
        self.frames = 0

    def lie(self, seconds: float, left_n: float = 0.0, *commands: Command) -> None:
        for k in range(round(seconds / FRAME_S)):
            volts = left_n * 3.3 / (left_n * 1.5 + 16.96)
            frame = Frame(self.frames * FRAME_S, np.array([volts, 0.0, 3.3]))
            self.sink.put(self.coach.push(frame, commands if k == 0 else ()), frame)
            self.frames += 1


PLAN = Plan(settle_s=3.0)


def recalled(folder: Path) -> Past:
    with opened(folder) as connection:
        person = current_person(connection)
        assert person is not None
        return past_of(connection, person, UTC)


def test_what_is_kept_is_what_is_read(tmp_path: Path) -> None:
    mat = Mat(tmp_path)
    mat.lie(0.2)
    mat.memory.keep(NEWS)
    mat.sink.close()
    past = recalled(tmp_path)
    assert (past.answers, past.unlocks, past.readings, past.choices) == (ANSWERS, (NEWS[10],), (NEWS[11],), NEWS[12])


def test_of_a_guest_nothing_is_kept(tmp_path: Path) -> None:
    with opened(tmp_path, create=True) as connection:
        first = current_person(connection)
        use_person(connection, GUEST)
    mat = Mat(tmp_path)
    mat.lie(0.2)
    mat.memory.keep(NEWS)
    mat.lie(8.0, 90.0)
    mat.sink.close()
    with opened(tmp_path) as connection:
        assert first is not None
        assert past_of(connection, first, UTC) == Past(person=first)
        counts = [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES]
    assert counts == [0] * len(TABLES)


TABLES = ("answers", "unlocks", "comforts", "choices", "sessions", "events", "spots")


def test_two_presses_leave_one_session_with_its_mark(tmp_path: Path) -> None:
    mat = Mat(tmp_path)
    mat.lie(1.0)
    mat.lie(10.0, 90.0)
    mat.lie(0.5, 90.0, Command("press"))
    mat.lie(5.0, 90.0, Command("press"))
    mat.lie(2.0, 90.0, Command("stop"))
    mat.sink.close()
    past = recalled(tmp_path)
    assert len(past.sessions) == 1
    assert past.marks == (Marked(DAY, "left", "floor", pytest.approx(0.0), pytest.approx(0.0)),)  # type: ignore[arg-type]  # approx
    with opened(tmp_path) as connection:
        ended_s, reason = connection.execute("SELECT ended_t_s, reason FROM sessions").fetchone()
    assert (ended_s, reason) == (pytest.approx(16.5, abs=0.2), "asked to stop")


def test_one_press_ends_the_session_where_it_was_pressed(tmp_path: Path) -> None:
    mat = Mat(tmp_path)
    mat.lie(1.0)
    mat.lie(10.0, 90.0)
    mat.lie(5.0, 90.0, Command("press"))
    mat.sink.close()
    with opened(tmp_path) as connection:
        ended_s, reason = connection.execute("SELECT ended_t_s, reason FROM sessions").fetchone()
    assert (ended_s, reason) == (pytest.approx(11.0, abs=0.2), "the button was pressed")


def test_what_another_program_keeps_is_known_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `qlmat screen` or `qlmat people use` beside the running mat; no poll waits in the test."""
    monkeypatch.setattr("qlmat.memory.ASK_S", 0.0)
    mat = Mat(tmp_path)
    mat.lie(0.2)
    assert mat.coach.past.answers == ()
    with opened(tmp_path, create=True) as connection:
        keep_all(connection, current_person(connection), ANSWERS, NOON)
    patience(lambda: mat.lie(1.1) or mat.coach.past.answers == ANSWERS)
    assert (mat.memory.knows("anybody"), mat.memory.knows(mat.coach.past.person or ""), mat.memory.knows(GUEST)) == (
        False, True, True
    )  # fmt: skip
    with opened(tmp_path) as connection:
        use_person(connection, GUEST)
    patience(lambda: mat.lie(1.1) or mat.coach.past == Past(person=GUEST))
    mat.sink.close()


def test_what_a_guest_tells_is_not_forgotten_when_another_program_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qlmat.memory.ASK_S", 0.0)
    with opened(tmp_path, create=True) as connection:
        use_person(connection, GUEST)
        guest_answers(connection, DAY)
        assert all(not each.yes for each in past_of_now(connection, DAY, UTC).answers)
    mat = Mat(tmp_path)
    mat.lie(0.2)
    mat.coach.wishes["screening"]({"yes": ["leg"]})
    patience(lambda: mat.lie(1.1) or said_of_guests(tmp_path) is None)  # a "no" of the terminal no longer counts
    mat.lie(3.0)
    assert [each.question for each in mat.coach.past.answers if each.yes] == ["leg"]
    assert mat.coach.plan().barred is not None
    with opened(tmp_path) as connection:
        use_person(connection, GUEST)  # another one, who has said nothing yet
    patience(lambda: mat.lie(1.1) or mat.coach.past.answers == ())
    mat.sink.close()


def said_of_guests(folder: Path) -> int | None:
    with opened(folder) as connection:
        return guest_answered(connection)


def patience(so: Callable[[], object]) -> None:
    """Wait for the writer's thread, for ten seconds at most."""
    until_s = time.monotonic() + 10.0
    while not so():
        assert time.monotonic() < until_s


def test_a_stranger_becomes_a_guest(tmp_path: Path) -> None:
    mat = Mat(tmp_path)
    mat.lie(0.2)
    mat.memory.use("nobody-known")
    mat.sink.close()
    with opened(tmp_path) as connection:
        assert current_person(connection, begin=False) is None
