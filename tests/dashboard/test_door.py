"""Who may come in: the lock as values, as a file, and as a real server asked by real requests."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from qlmat.dashboard.door import MAX_ADDRESSES, MAX_SESSIONS, SESSION_S, TRIES, TRY_AGAIN_S, Door
from qlmat.dashboard.passwords import HASHER, matches, read_hash, write_hash
from qlmat.dashboard.process import PageProcess, start_process
from qlmat.dashboard.settings import PageSettings
from qlmat.errors import ConfigError, UsageError
from tests.cli.processes import qlmat, running
from tests.dashboard.browsers import EventStream, ask, send

PASSWORD = "three small words"
PRESS = {"X-QLMat": "1"}
AWAY = 1  # a port nobody listens on


# --- sessions and tries -----------------------------------------------------------------------------------------------


def test_a_door_without_a_lock_admits_everybody() -> None:
    assert Door(None).admits(None, 0.0)


def test_a_session_ends_after_its_time_and_at_farewell() -> None:
    door = Door("hash")
    first, second = door.welcome(0.0), door.welcome(10.0)
    assert door.admits(first, SESSION_S - 1.0) and not door.admits(first, SESSION_S)

    door.farewell(second)

    assert not door.admits(second, 11.0)


def test_the_oldest_session_makes_room() -> None:
    door = Door("hash")
    tokens = [door.welcome(0.0) for _ in range(MAX_SESSIONS + 1)]

    assert [door.admits(token, 1.0) for token in (tokens[0], tokens[1], tokens[-1])] == [False, True, True]


def test_guessing_is_slow_and_another_address_is_not_held_up() -> None:
    door = Door("hash")
    waits = [door.wait_s("10.0.0.1", 0.0) for _ in range(TRIES + 1)]

    assert waits == [0.0] * TRIES + [TRY_AGAIN_S]
    assert door.wait_s("10.0.0.2", 0.0) == 0.0
    assert door.wait_s("10.0.0.1", TRY_AGAIN_S) == 0.0


def test_many_addresses_together_are_slow_too_and_are_not_remembered_without_end() -> None:
    door = Door("hash")
    waits = [door.wait_s(f"10.0.{n // 250}.{n % 250}", 0.0) for n in range(2 * MAX_ADDRESSES)]

    assert 0 < waits.count(0.0) < 50
    assert len(door._tries) == MAX_ADDRESSES


# --- the file ---------------------------------------------------------------------------------------------------------


def test_the_file_holds_an_argon2id_hash_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "page.hash"
    write_hash(path, PASSWORD)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_hash(path).startswith("$argon2id$") and PASSWORD not in path.read_text()
    assert matches(read_hash(path), PASSWORD) and not matches(read_hash(path), PASSWORD + " ")
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("password", ["", "short", "x" * 257])
def test_a_password_too_short_or_too_long_is_refused_and_nothing_is_written(tmp_path: Path, password: str) -> None:
    with pytest.raises(UsageError):
        write_hash(tmp_path / "page.hash", password)
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_others_can_reach_does_not_start_without_a_password(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--set-password"):
        PageSettings(host="0.0.0.0", login_file=tmp_path / "none").login_hash()  # noqa: S104 - never bound here
    assert PageSettings(host="127.0.0.1", login_file=tmp_path / "none").login_hash() is None


def test_a_file_that_holds_no_hash_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.hash"
    path.write_text("three small words\n")

    with pytest.raises(ConfigError, match="--set-password"):
        read_hash(path)


def test_the_command_sets_a_password_and_says_nothing_of_it(tmp_path: Path) -> None:
    path = tmp_path / "page.hash"
    with running("dashboard", "--host", "0.0.0.0", "--login-file", str(path), cwd=tmp_path) as refused:  # noqa: S104 - never bound
        refused.wait_for("--set-password")
        assert refused.process.wait(30) == 2

    done = qlmat("dashboard", "--set-password", "--login-file", str(path), cwd=tmp_path, stdin=PASSWORD + "\n")

    assert (done.returncode, done.stderr) == (0, "")
    assert matches(read_hash(path), PASSWORD) and PASSWORD not in done.stdout


# --- the server -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageProcess]:
    """Serve a page that asks for a password."""
    path = tmp_path_factory.mktemp("door") / "page.hash"
    path.write_text(HASHER.hash(PASSWORD))
    page = start_process(broker_port=AWAY, port=0, options=["--login", "--login-file", str(path)])
    yield page
    page.close()


def _log_in(page: PageProcess, password: str = PASSWORD) -> tuple[int, dict[str, str], bytes]:
    return send(page.url, "/api/login", {"password": password}, PRESS)


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/events", "GET", 401),
        ("/api/mats/m1/cmd/stop", "POST", 401),
        ("/nowhere", "GET", 401),
        ("/metrics", "GET", 401),
    ],
)
@pytest.mark.parametrize("cookie", [{}, {"Cookie": "qlmat=guess"}, {"Cookie": "qlmat="}, {"Cookie": "\x7f;;;=;qlmat"}])
def test_without_a_session_nothing_is_told_and_nothing_is_done(
    locked: PageProcess, path: str, method: str, status: int, cookie: dict[str, str]
) -> None:
    assert ask(locked.url, path, method, PRESS | cookie)[0] == status


def test_without_a_session_the_page_is_the_door_and_health_says_only_that_it_lives(locked: PageProcess) -> None:
    assert b'id="password"' in ask(locked.url, "/")[2]
    assert json.loads(ask(locked.url, "/health")[2]) == {"ok": True}


def test_the_password_opens_the_page_until_the_session_is_ended(locked: PageProcess) -> None:
    status, headers, _ = _log_in(locked)
    assert status == 200
    flags = {part.strip().lower() for part in headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= flags and "secure" not in flags, "this is plain http"
    session = {"Cookie": headers["set-cookie"].split(";")[0]}

    assert b'id="password"' not in ask(locked.url, "/", headers=session)[2]
    assert json.loads(ask(locked.url, "/health", headers=session)[2])["login"] is True
    stream = EventStream(locked.url, session)
    assert stream.expect("hello")["login"] is True

    assert ask(locked.url, "/api/logout", "POST", PRESS | session)[0] == 200

    with pytest.raises(EOFError):
        stream.expect("never")
    stream.close()
    assert b'id="password"' in ask(locked.url, "/", headers=session)[2]


@pytest.mark.parametrize(
    "headers", [{}, {**PRESS, "Origin": "https://evil.example"}, {**PRESS, "Sec-Fetch-Site": "cross-site"}]
)
def test_another_site_cannot_log_anybody_in(locked: PageProcess, headers: dict[str, str]) -> None:
    assert send(locked.url, "/api/login", {"password": PASSWORD}, headers)[0] == 403


@pytest.mark.parametrize("body", [{}, {"password": 7}, {"password": None}, [], "word", {"password": "x" * 5000}])
def test_a_login_that_makes_no_sense_is_refused(locked: PageProcess, body: object) -> None:
    assert send(locked.url, "/api/login", body, PRESS)[0] == 400


def test_wrong_passwords_are_refused_and_soon_held_up(tmp_path: Path) -> None:
    path = tmp_path / "page.hash"
    path.write_text(HASHER.hash(PASSWORD))
    page = start_process(broker_port=AWAY, port=0, options=["--login", "--login-file", str(path)])
    try:
        answers = [_log_in(page, "wrong password") for _ in range(TRIES + 1)]

        assert [status for status, _, _ in answers] == [401] * TRIES + [429]
        assert int(answers[-1][1]["retry-after"]) > 0
        assert _log_in(page)[0] == 429, "the right one is held up too, else guessing would not be slow"
    finally:
        page.close()
