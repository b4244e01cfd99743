"""What the doctor finds out about a real broker: who is let in, and which topics are open."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from qlmat.broker import DemoBroker
from qlmat.connection import BrokerSettings
from qlmat.doctor_ask import see_broker
from qlmat.doctor_broker import BrokerSeen, broker_findings
from tests.doctor.benches import told
from tests.shell.brokers import MOSQUITTO, Mosquitto, free_port

PASSWORD = "open sesame"
Open = Callable[[str], int]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Open]:
    """Run a real broker with one login and the ACL given; its port."""
    if MOSQUITTO is None or shutil.which("mosquitto_passwd") is None:
        pytest.skip("mosquitto is not installed: sudo apt install mosquitto")
    with ExitStack() as closing:

        def start(acl: str) -> int:
            passwords, topics = tmp_path / "passwd", tmp_path / "acl"
            passwords.touch(mode=0o600)
            command = ["mosquitto_passwd", "-b", str(passwords), "mat", PASSWORD]
            subprocess.run(command, check=True, capture_output=True)
            topics.write_text(acl)
            topics.chmod(0o600)
            listener = f"password_file {passwords}\nacl_file {topics}\n"
            running = Mosquitto(tmp_path, listener=listener, anonymous=False)
            closing.callback(running.stop)
            running.start()
            return running.port

        yield start


def ask(port: int, password: str | None = PASSWORD) -> BrokerSeen:
    """Ask as the mat's own login."""
    return see_broker(BrokerSettings(port=port, username="mat", password=password), "mat")


def test_a_broker_with_logins_and_topics_of_ones_own_is_sound(broker: Open) -> None:
    seen = ask(broker("pattern readwrite qlmat/%u/#\n"))
    assert (seen.problem, seen.anonymous, seen.wrong_password, seen.foreign) == (None, False, False, False)
    assert seen.round_trip_s is not None
    assert not told(broker_findings(seen))


def test_open_topics_of_other_mats_are_told(broker: Open) -> None:
    assert "foreign_topics" in told(broker_findings(ask(broker("user mat\ntopic readwrite #\n"))))


def test_a_login_that_may_not_use_its_own_topics_fails_though_the_broker_grants_the_subscription(broker: Open) -> None:
    assert told(broker_findings(ask(broker("user mat\ntopic read nothing\n"))))["round_trip"].verdict == "failed"


def test_a_wrong_password_is_told_without_it(broker: Open) -> None:
    seen = ask(broker("user mat\ntopic readwrite #\n"), "open barley")
    assert "refuses us" in str(seen.problem)
    assert "barley" not in str(broker_findings(seen))


def test_no_broker_is_told_and_fails() -> None:
    assert told(broker_findings(ask(free_port())))["connection"].verdict == "failed"


def test_the_demo_broker_is_open_to_this_machine_and_that_is_told() -> None:
    with DemoBroker(0) as address:
        seen = see_broker(BrokerSettings(address.host, address.port), "mat")
    assert told(broker_findings(seen)).keys() == {"anonymous"}


@pytest.mark.parametrize(
    ("seen", "name", "verdict"),
    [
        (BrokerSeen("b", None, "5", 0.01, loopback=False), "anonymous", "failed"),
        (BrokerSeen("b", None, "5", 0.01, True, False, True), "password", "failed"),
        (BrokerSeen("b", None, "5", 0.9, True, False, False), "round_trip", "warning"),
        (BrokerSeen("b", None, "5", 0.01, True, False, False, False, loopback=False), "tls", "warning"),
    ],
)
def test_a_broker_that_lets_strangers_in_or_lags_is_told(seen: BrokerSeen, name: str, verdict: str) -> None:
    assert told(broker_findings(seen))[name].verdict == verdict
