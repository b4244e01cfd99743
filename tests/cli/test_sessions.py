"""`qlmat sessions`, `people`, `export`, `forget`, `backup`, `restore`: what is kept can be seen, taken and deleted."""

import json
from pathlib import Path

import pytest

from qlmat.config import load, parse
from qlmat.errors import ConfigError
from qlmat.records import DAY_S
from qlmat_firmware.board import BOARD_V1
from tests.cli.processes import qlmat
from tests.store.practice import live


def test_a_virtual_session_is_kept_where_it_is_asked_to_be(tmp_path: Path) -> None:
    done = qlmat("run", "--device", "virtual", "--no-broker", "--store", "kept", "--seconds", "4", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    listed = qlmat("sessions", "--json", "--store", "kept", cwd=tmp_path)
    (session,) = [json.loads(line) for line in listed.stdout.splitlines()]
    assert (session["ended"], session["reason"]) == ("interrupted", "the mat was switched off")


def test_what_is_kept_can_be_listed_copied_and_deleted_for_good(tmp_path: Path) -> None:
    live(tmp_path / "kept")
    kept = ("--store", "kept")
    assert "12 90 100 %" in " ".join(qlmat("sessions", *kept, cwd=tmp_path).stdout.split())
    person = qlmat("people", *kept, cwd=tmp_path).stdout.split()[1]
    assert "people 1, sessions 1" in qlmat("backup", "-o", "copy", *kept, cwd=tmp_path).stdout
    assert qlmat("export", "-o", "out", *kept, cwd=tmp_path).returncode == 0
    assert (tmp_path / "out" / "person.json").exists()
    assert "sessions deleted: 1" in qlmat("forget", person, "--yes", *kept, cwd=tmp_path).stdout
    assert "known are nobody yet" in qlmat("sessions", *kept, cwd=tmp_path).stderr
    assert "restored, people 1" in qlmat("restore", "copy", *kept, cwd=tmp_path).stdout
    assert person in qlmat("people", *kept, cwd=tmp_path).stdout


def test_a_person_is_added_and_a_guest_takes_over(tmp_path: Path) -> None:
    assert "Anna uses the mat" in qlmat("people", "add", "Anna", "--store", "kept", cwd=tmp_path).stdout
    assert "nothing is kept" in qlmat("people", "use", "guest", "--store", "kept", cwd=tmp_path).stdout
    assert "* guest" in qlmat("people", "--store", "kept", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sessions",), "nothing is stored here yet"),
        (("export", "-o", "out"), "nothing is stored here yet"),
        (("restore", "nowhere"), "there is no such file"),
    ],
)
def test_a_command_on_a_store_that_is_not_there_says_so_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = qlmat(*arguments, "--store", "kept", cwd=tmp_path)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "kept").exists()


def test_how_long_things_are_kept_is_set_with_units() -> None:
    text = '[store]\nfolder = "here"\nkeep_raw = "36 h"\nkeep_sessions = "2 years"\n'
    store = parse(text, BOARD_V1, "test").store
    assert (store.path, store.retention.raw_s, store.retention.sessions_s) == (Path("here"), 1.5 * DAY_S, 730.5 * DAY_S)
    with pytest.raises(ConfigError, match="7 has no unit"):
        parse("[store]\nkeep_raw = 7\n", BOARD_V1, "test")


def test_the_service_keeps_sessions_in_the_state_directory_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/qlmat")
    assert load(None, BOARD_V1).store.path == Path("/var/lib/qlmat")
    monkeypatch.delenv("STATE_DIRECTORY")
    monkeypatch.setenv("XDG_STATE_HOME", "/home/somebody/state")
    assert load(None, BOARD_V1).store.path == Path("/home/somebody/state/qlmat")
