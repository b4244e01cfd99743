"""What stands on the disk and in the log: closed to others, gone when deleted, and no word of health in the log."""

import logging
import os
import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue

import pytest

from qlmat.cli.copies import tidy
from qlmat.coach import Coach
from qlmat.commands import CommandDesk
from qlmat.config import parse
from qlmat.core.calibration import nominal_calibration
from qlmat.core.pipeline import Pipeline
from qlmat.core.plan import Plan
from qlmat.errors import StoreError
from qlmat.memory import StoreMemory, past_of
from qlmat.ring import Ring
from qlmat.store.backup import backup
from qlmat.store.database import held, opened
from qlmat.store.people import add_person, use_person
from qlmat.store.rows import sessions_of
from qlmat_firmware.board import BOARD_V1
from tests.cli.processes import qlmat
from tests.store.practice import live, sink, ticks

WORD = "Sonnenblume"  # stands nowhere by chance
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SAID = {"name": "event", "said": f'{{"name": "too_hard", "detail": "{WORD}"}}', "events": 7, "sessions": 2}


@pytest.fixture
def open_handed() -> Iterator[None]:
    """Make new files readable by everybody unless a program says otherwise, as most machines do."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    """List what others than the owner may read, write or enter."""
    every = [folder, *folder.rglob("*")]
    return [f"{path.name} {stat.S_IMODE(path.stat().st_mode):o}" for path in every if path.stat().st_mode & 0o077]


def test_whatever_the_mat_keeps_is_closed_to_others(tmp_path: Path, open_handed: None) -> None:
    folder = tmp_path / "store"
    live(folder)
    ring = Ring(folder / "mqtt")
    ring.append(SAID)
    ring.close()
    with opened(folder) as store:
        backup(store, folder / "qlmat.db.backup-1")
        assert len(list(folder.iterdir())) > 3  # with the journals, which are there while it is open
        assert open_to_others(folder) == []
    assert open_to_others(folder) == []


def test_what_the_command_keeps_and_exports_is_closed_to_others(tmp_path: Path, open_handed: None) -> None:
    (tmp_path / "qlmat.toml").write_text('[broker]\nhost = "127.0.0.1"\nport = 9\n')
    run = ("run", "--device", "virtual", "--patient", "--config", "qlmat.toml", "--store", "kept", "--seconds", "4")
    assert qlmat(*run, cwd=tmp_path).returncode == 0
    assert list((tmp_path / "kept" / "mqtt").glob("*.ring"))
    assert open_to_others(tmp_path / "kept") == []
    assert qlmat("export", "-o", "out", "--store", "kept", cwd=tmp_path).returncode == 0
    assert open_to_others(tmp_path / "out") == []


# --- deleted means gone -----------------------------------------------------------------------------------------------


def test_forgetting_somebody_erases_the_events_kept_for_the_broker(tmp_path: Path) -> None:
    person = _with_events(tmp_path / "kept")
    assert _traces(tmp_path / "kept")  # else this test could not fail
    assert "forgotten" in qlmat("forget", person, "--yes", "--store", "kept", cwd=tmp_path).stdout
    assert _traces(tmp_path / "kept") == []
    ring = Ring(tmp_path / "kept" / "mqtt")
    assert (ring.unsent, ring.number, ring.last["events"]) == ([], 3, 7)  # what comes later is still numbered on
    ring.close()


def test_under_a_running_mat_they_are_erased_at_its_next_start_and_the_person_is_told(tmp_path: Path) -> None:
    person = _with_events(tmp_path / "kept")
    with held(tmp_path / "kept") as free:
        assert free
        told = qlmat("forget", person, "--yes", "--store", "kept", cwd=tmp_path).stdout
    assert "erased when the mat is next started" in told
    assert _traces(tmp_path / "kept")
    Ring(tmp_path / "kept" / "mqtt").close()
    assert _traces(tmp_path / "kept") == []


def test_forgetting_names_the_copies_that_still_hold_what_they_held(tmp_path: Path) -> None:
    person = _with_events(tmp_path / "kept")
    with opened(tmp_path / "kept") as store:
        backup(store, tmp_path / "kept" / "qlmat.db.backup-1")
    told = qlmat("forget", person, "--yes", "--store", "kept", cwd=tmp_path).stdout
    assert "Still holds what it held: kept/qlmat.db.backup-1" in told


def test_what_is_too_old_is_deleted_also_when_no_mat_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, settings = tmp_path / "kept", tmp_path / "qlmat.toml"
    live(folder)  # on a day of March 2026
    settings.write_text('[store]\nkeep_raw = "1 d"\nkeep_sessions = "100 years"\n')
    monkeypatch.setattr("qlmat.store.calendar.clock_synced", lambda: True)
    tidy(folder, settings)
    assert "0 sessions" in capsys.readouterr().out
    with opened(folder) as store:
        rows = [store.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("chunks", "sessions")]
    assert rows == [0, 1]


def test_by_a_clock_that_was_never_set_nothing_is_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live(tmp_path / "kept")
    monkeypatch.setattr("qlmat.store.calendar.clock_synced", lambda: False)
    with pytest.raises(StoreError, match="clock has not been set"):
        tidy(tmp_path / "kept", None)


def _with_events(folder: Path) -> str:
    with opened(folder, create=True) as store:
        person = add_person(store, f"Anna {WORD}", NOW).person
        use_person(store, person)
    live(folder)
    ring = Ring(folder / "mqtt")
    ring.append(SAID)
    ring.append(SAID)
    ring.close()
    return person


def _traces(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and WORD.encode() in path.read_bytes()]


# --- the log ----------------------------------------------------------------------------------------------------------


def test_the_log_says_nothing_of_who_practised_how_and_with_what_answers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "store"
    person = _with_events(folder)
    with caplog.at_level(logging.DEBUG):
        with opened(folder) as store:
            past = past_of(store, person)
        mat = sink(folder)
        coach = _coached(StoreMemory(mat, past, lambda: NOW))
        answers: list[object] = []
        desk = CommandDesk(SimpleQueue(), coach.wishes, now=lambda: NOW)
        for name, body in _told():
            desk.take(name, body.encode(), False, answers.append)
        for tick, scan in ticks():
            mat.put(tick, scan)
        mat.close()
    assert len(answers) == len(_told())
    with opened(folder) as store:
        assert len(sessions_of(store, person)) == 2  # it was really written
    assert "command=note" in caplog.text  # it was really logged
    assert _of_health(caplog.text) == []


def test_a_line_with_health_in_it_would_be_found() -> None:
    assert _of_health("command=note text='Sonnenblume'")
    assert _of_health("event=too_hard force=93.1 N")
    assert _of_health("question='leg' yes=True")
    assert _of_health("session=12 cadence=11.5 cpm")
    assert _of_health("command=note id='a' result=done") == []


def _of_health(text: str) -> list[str]:
    """Find names, notes, answers, forces, paces and events in the lines of a log."""
    measured = r"\d (N|newtons|cpm|Hz|mm)\b|force|cadence|too_hard|ball_|side_done|worked|question=|yes=|clinician"
    return [line for line in text.splitlines() if re.search(f"{WORD}|{measured}", line)]


def _coached(memory: StoreMemory) -> Coach:
    settings = parse("", BOARD_V1, "defaults")
    pipeline = Pipeline(settings.board, nominal_calibration(settings.board), Plan())
    return Coach(pipeline, settings.plan, memory, lambda: NOW.date().toordinal())


def _told() -> list[tuple[str, str]]:
    return [
        ("note", f'{{"text": "{WORD}", "side": "left"}}'),
        ("screening", '{"yes": ["leg"]}'),
        ("unlock", f'{{"question": "leg", "clinician": "Dr {WORD}"}}'),
        ("position", f'{{"position": "floor", "ball": "{WORD}"}}'),
        ("sides", f'{{"extra_left_s": 30, "text": "{WORD}"}}'),
        ("note", f'{{"text": 5, "side": "{WORD}"}}'),
    ]
