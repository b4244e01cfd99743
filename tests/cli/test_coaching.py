"""The coach at the terminal: questions, comfortable pressure, cues, course, strengthening."""

from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from qlmat.cli.coaching import today
from qlmat.cli.main import app
from qlmat.core.screening import ADVICE, QUESTIONS, Urgency
from qlmat.memory import past_of_now
from qlmat.records import Effort
from qlmat.store.calendar import utc_now
from qlmat.store.database import opened
from qlmat.store.people import current_person
from qlmat.store.rows import keep_effort

ALL_NO = "n\n" * len(QUESTIONS)


def qlmat(*words: str, typed: str = "") -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, list(words), input=typed)


def plain(result: Result) -> str:
    """Give what was printed as one line."""
    return " ".join(result.output.split())


def test_ten_noes_open_the_mat_and_nothing_more_is_asked_that_day(tmp_path: Path) -> None:
    first = qlmat("screen", "--store", str(tmp_path), typed=ALL_NO)
    assert (first.exit_code, "Nothing stands in the way" in plain(first)) == (0, True)
    again = qlmat("screen", "--store", str(tmp_path))
    assert (again.exit_code, "1." in again.output) == (0, False)


@pytest.mark.parametrize(("key", "urgency"), [("leg", "ask"), ("saddle", "urgent")])
def test_a_yes_says_what_to_do_and_exits_with_1(tmp_path: Path, key: str, urgency: Urgency) -> None:
    typed = "".join("y\n" if question.key == key else "n\n" for question in QUESTIONS)
    result = qlmat("screen", "--store", str(tmp_path), typed=typed)
    assert result.exit_code == 1
    assert ADVICE[urgency] in plain(result)


def test_a_clinician_opens_what_may_be_opened(tmp_path: Path) -> None:
    typed = "".join("y\n" if question.key == "blood" else "n\n" for question in QUESTIONS)
    assert qlmat("screen", "--store", str(tmp_path), typed=typed).exit_code == 1
    opened = qlmat("screen", "--store", str(tmp_path), "--unlock", "blood", "--clinician", "A. Smith")
    assert opened.exit_code == 0
    refused = qlmat("screen", "--store", str(tmp_path), "--unlock", "leg", "--clinician", "A. Smith")
    assert "cannot be unlocked" in str(refused.exception)


def test_a_comfortable_pressure_is_found_and_the_course_shows_it(tmp_path: Path) -> None:
    found = qlmat("comfort", "--device", "virtual", "--side", "left", "--store", str(tmp_path), "--speed", "600")
    assert (found.exit_code, "N is comfortable" in plain(found)) == (0, True)
    shown = plain(qlmat("course", "--store", str(tmp_path)))
    assert "Day 1 of 14" in shown
    assert "about 75 N" in shown
    assert "not measured" in shown  # the right side


def test_every_cue_is_played_and_the_test_tells_what_was_confused() -> None:
    result = qlmat("cues", "--device", "virtual", "--speed", "500", "--test", "2", "--seed", "1", typed="1\n99\n5\n")
    assert result.exit_code == 0
    assert all(cue in result.output for cue in ("on_the_spot", "too_hard", "switch_sides", "done", "pace"))
    assert "of 2 right" in plain(result)


def test_a_plank_is_timed_and_what_a_pad_cannot_bear_is_only_described() -> None:
    held = qlmat("strengthen", "wall_side_plank", "--device", "virtual", "--speed", "600")
    assert (held.exit_code, "enough" in held.output) == (0, True)
    refused = qlmat("strengthen", "hip_hike", "--device", "virtual")
    assert "cannot measure it" in str(refused.exception)
    assert "only describes" in plain(qlmat("strengthen"))


def test_what_was_held_is_kept_and_after_two_days_it_is_five_seconds_more(tmp_path: Path) -> None:
    held = ("strengthen", "wall_side_plank", "--device", "virtual", "--speed", "600", "--store", str(tmp_path))
    assert "10 s: enough" in plain(qlmat(*held))
    assert "held for 1" in plain(qlmat("course", "--store", str(tmp_path)))
    assert "10 s: enough" in plain(qlmat(*held))  # the same day counts once, and not yet
    with opened(tmp_path) as store:
        who = current_person(store) or ""
        for days_ago in (1, 2):
            keep_effort(store, who, Effort(utc_now() - timedelta(days=days_ago), "wall_side_plank", "left", 11.0, None))
    assert "15 s: enough" in plain(qlmat(*held))


def test_a_guest_answers_too_and_only_the_day_of_their_noes_is_noted(tmp_path: Path) -> None:
    folder = ("--store", str(tmp_path))
    assert "nothing is kept" in plain(qlmat("people", "use", "guest", *folder))
    assert qlmat("screen", *folder, typed=ALL_NO).exit_code == 0
    with opened(tmp_path) as store:
        assert past_of_now(store, today()).answers != ()
        assert store.execute("SELECT count(*) FROM answers").fetchone() == (0,)
    assert qlmat("screen", *folder, typed="y\n" + ALL_NO).exit_code == 1
    with opened(tmp_path) as store:
        assert past_of_now(store, today()).answers == ()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("cues", "--only", "jubilation"), "no such cue"),
        (("comfort", "--side", "middle"), "left, right or both"),
        (("strengthen", "headstand"), "no such exercise"),
        (("screen", "--unlock", "blood"), "go together"),
    ],
)
def test_what_cannot_be_meant_is_refused(words: tuple[str, ...], said: str) -> None:
    assert said in str(qlmat(*words).exception)


def test_without_a_configuration_named_the_answers_go_where_the_service_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "qlmat.toml"
    installed.write_text(f'[store]\nfolder = "{tmp_path / "kept"}"\n')
    monkeypatch.setattr("qlmat.cli.keeping.INSTALLED", installed)
    assert qlmat("screen", typed=ALL_NO).exit_code == 0
    assert (tmp_path / "kept" / "qlmat.db").exists()


def test_a_note_is_written_down_and_shown(tmp_path: Path) -> None:
    qlmat("screen", "--store", str(tmp_path), typed=ALL_NO)
    assert "easier today" in plain(qlmat("course", "--note", "easier today", "--store", str(tmp_path)))
    assert "easier today" in plain(qlmat("course", "--store", str(tmp_path)))
