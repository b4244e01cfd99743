"""What listens, to whom, and what a stranger on the wire gets to see; sockets are counted as the kernel has them."""

import http.client
import json
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from qlmat.connection import BrokerSettings, check_broker
from qlmat.dashboard.passwords import HASHER
from qlmat.errors import BrokerError
from tests.cli.processes import PATIENCE_S, running
from tests.shell.authority import make_papers
from tests.shell.brokers import Mosquitto, free_port
from tests.shell.shipped import logins, rules

PASSWORD = "three quiet words"
LISTENS, LOOPBACK = "0A", ("0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F")
PROC = Path("/proc")


def family(pid: int) -> list[int]:
    """List a process and all its children."""
    found = [pid]
    for task in (PROC / str(pid) / "task").iterdir():
        for child in (task / "children").read_text().split():
            found += family(int(child))
    return found


def listening(pid: int) -> list[str]:
    """List the addresses, as the kernel writes them, on which a process or its children accept connections."""
    inodes = set()
    for each in family(pid):
        for descriptor in (PROC / str(each) / "fd").iterdir():
            try:
                inodes.add(os.readlink(descriptor))  # noqa: PTH115 - "socket:[123]" is no path
            except FileNotFoundError:
                continue  # closed meanwhile
    rows = [line.split() for name in ("tcp", "tcp6") for line in (PROC / "net" / name).read_text().splitlines()[1:]]
    return [row[1].partition(":")[0] for row in rows if row[3] == LISTENS and f"socket:[{row[9]}]" in inodes]


def test_broker_page_and_mat_of_the_demo_listen_to_this_machine_only(tmp_path: Path) -> None:
    with running("demo", "--no-browser", cwd=tmp_path) as demo:
        demo.wait_for("http://127.0.0.1")
        found = listening(demo.process.pid)
    assert len(found) >= 2  # the broker and the page: else this test could not fail
    assert set(found) <= set(LOOPBACK)


def test_the_mat_itself_listens_to_nobody(tmp_path: Path) -> None:
    (tmp_path / "qlmat.toml").write_text(f'[broker]\nhost = "127.0.0.1"\nport = {free_port()}\n')
    with running("run", "--device", "virtual", "--patient", "--config", "qlmat.toml", cwd=tmp_path) as mat:
        mat.wait_for("runs on virtual hardware")
        assert listening(mat.process.pid) == []


# --- a page that the house can reach: the recipe of the installation, with an authority of this test ------------------


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an authority and a certificate of this machine, and another authority that nobody knows."""
    folder = tmp_path_factory.mktemp("papers")
    make_papers(folder)
    (folder / "page.hash").write_text(HASHER.hash(PASSWORD))
    return folder


@contextmanager
def served(papers: Path) -> Iterator[int]:
    """Serve the page as `setup.sh --lan` has it served, but to this machine; its port."""
    port = free_port()
    options = ["--port", str(port), "--login", "--login-file", str(papers / "page.hash"),
               "--certificate", str(papers / "server.crt"), "--key", str(papers / "server.key")]  # fmt: skip
    with running("dashboard", *options, cwd=papers) as page:
        page.wait_for("https://")
        _wait_until_open(port)
        yield port


@pytest.fixture(scope="module")
def house(papers: Path) -> Iterator[int]:
    """Serve one page for those who do not guess."""
    with served(papers) as port:
        yield port


def test_the_page_is_encrypted_and_known_by_its_authority(house: int, papers: Path) -> None:
    trust = ssl.create_default_context(cafile=str(papers / "ca.crt"))
    assert _ask(house, trust, "GET", "/health")[0] == 200
    plain = socket.create_connection(("127.0.0.1", house), PATIENCE_S)
    with trust.wrap_socket(plain, server_hostname="localhost") as secure:
        assert secure.version() in ("TLSv1.2", "TLSv1.3")


def test_who_knows_another_authority_does_not_trust_it(house: int, papers: Path) -> None:
    stranger = ssl.create_default_context(cafile=str(papers / "foreign" / "ca.crt"))
    with pytest.raises(ssl.SSLCertVerificationError):
        _ask(house, stranger, "GET", "/health")


def test_an_old_protocol_and_a_plain_request_are_not_answered(house: int, papers: Path) -> None:
    old = ssl.create_default_context(cafile=str(papers / "ca.crt"))
    old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        _ask(house, old, "GET", "/health")
    with socket.create_connection(("127.0.0.1", house), PATIENCE_S) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200" not in plain.recv(4096)


def test_the_session_cookie_is_bound_to_this_host_and_to_tls(house: int, papers: Path) -> None:
    trust = ssl.create_default_context(cafile=str(papers / "ca.crt"))
    assert _ask(house, trust, "GET", "/events")[0] == 401
    status, headers, _ = _ask(house, trust, "POST", "/api/login", {"password": PASSWORD})
    assert status == 200
    cookie = headers["set-cookie"]
    assert cookie.startswith("__Host-qlmat=")
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"))
    session = cookie.partition(";")[0]
    assert _ask(house, trust, "GET", "/metrics", cookie=session)[0] == 200


def test_whoever_guesses_is_held_up(papers: Path) -> None:
    trust = ssl.create_default_context(cafile=str(papers / "ca.crt"))
    with served(papers) as port:
        guesses = [*(f"guess {number}" for number in range(7)), PASSWORD]
        answers = [_ask(port, trust, "POST", "/api/login", {"password": guess}) for guess in guesses]
    assert [status for status, _, _ in answers].count(401) == 5
    status, headers, _ = answers[-1]
    assert status == 429  # although it was the right one: else a guesser would still learn it
    assert int(headers["retry-after"]) > 0


# --- the broker that the house can reach ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def broker(papers: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run a Mosquitto with the listener and the rules that `setup.sh --lan` installs; its port."""
    folder = tmp_path_factory.mktemp("broker")
    known = logins(folder, {"viewer": PASSWORD})
    mosquitto = Mosquitto(folder, rules("qlmat-tls.conf", "qlmat.conf", papers=papers) + known, anonymous=False)
    mosquitto.start()
    yield mosquitto.port
    mosquitto.stop()


def test_the_broker_is_encrypted_and_asks_everybody_for_a_password(broker: int, papers: Path) -> None:
    known = BrokerSettings(port=broker, tls=True, ca_file=str(papers / "ca.crt"), username="viewer", password=PASSWORD)
    assert check_broker(known) == "5"
    for username, password in ((None, None), ("viewer", "wrong")):
        with pytest.raises(BrokerError, match="refuses us"):
            check_broker(replace(known, username=username, password=password))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # paho leaves a refused socket to Python
def test_who_knows_another_authority_or_none_of_encryption_is_not_served(broker: int, papers: Path) -> None:
    known = BrokerSettings(port=broker, tls=True, ca_file=str(papers / "ca.crt"), username="viewer", password=PASSWORD)
    with pytest.raises(BrokerError):
        check_broker(replace(known, ca_file=str(papers / "foreign" / "ca.crt")))
    with socket.create_connection(("127.0.0.1", broker), PATIENCE_S) as plain:
        plain.sendall(b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00")
        with suppress(ConnectionResetError):
            assert not plain.recv(4).startswith(b"\x20")  # no word of MQTT comes back


def _ask(
    port: int, trust: ssl.SSLContext, method: str, path: str, body: object = None, cookie: str = ""
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPSConnection("localhost", port, timeout=PATIENCE_S, context=trust)
    try:
        headers = {"X-QLMat": "1", "Cookie": cookie} if cookie else {"X-QLMat": "1"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        said = b"" if answer.getheader("content-type", "").startswith("text/event") else answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, said
    finally:
        connection.close()


def _wait_until_open(port: int) -> None:
    for _ in range(10_000):
        try:
            socket.create_connection(("127.0.0.1", port), PATIENCE_S).close()
        except ConnectionRefusedError:
            os.sched_yield()
        else:
            return
    pytest.fail("the page does not listen")
