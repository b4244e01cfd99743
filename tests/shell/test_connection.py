"""Being let in: the check, passwords and TLS, on a real Mosquitto."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qlmat.connection import BrokerSettings, check_broker
from qlmat.errors import BrokerError, ConfigError
from tests.shell.brokers import Mosquitto, free_port
from tests.shell.ticks import frame, happening

Open = Callable[..., Any]


def test_the_check_says_what_the_broker_speaks(mosquitto: Mosquitto, amqtt: int) -> None:
    assert check_broker(BrokerSettings(port=mosquitto.port)) == "5"
    assert check_broker(BrokerSettings(port=amqtt)) == "3.1.1"


def test_the_check_says_in_one_line_that_nobody_is_there() -> None:
    with pytest.raises(
        BrokerError, match=r"^MQTT broker 127.0.0.1:1 cannot be reached \(Connection refused\): start it"
    ):
        check_broker(BrokerSettings(port=1))


def test_a_wrong_password_is_told_without_the_password(tmp_path: Path, brokers: Open) -> None:
    passwords = tmp_path / "passwd"
    passwords.touch(mode=0o600)
    command = ["mosquitto_passwd", "-b", str(passwords), "m1", "opensesame"]
    subprocess.run(command, check=True, capture_output=True)
    port = brokers(listener=f"password_file {passwords}\n", anonymous=False).port
    assert check_broker(BrokerSettings(port=port, username="m1", password="opensesame")) == "5"
    wrong = BrokerSettings(port=port, username="m1", password="open-barley")
    with pytest.raises(BrokerError, match=r"refuses us .* check broker.username and broker.password_file") as refused:
        check_broker(wrong)
    assert "barley" not in str(refused.value) + repr(wrong)


# paho leaves the socket of a failed handshake to the garbage collector, which says so.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command to make a certificate")
def test_tls_is_spoken_and_an_unknown_authority_refused(tmp_path: Path, brokers: Open, watch: Open, mat: Open) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "ca.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True)
    plain = free_port()
    port = brokers(listener=f"certfile {certificate}\nkeyfile {key}\nlistener {plain} 127.0.0.1\n").port
    assert check_broker(BrokerSettings(port=port, tls=True, ca_file=str(certificate))) == "5"
    watcher = watch(plain)
    mat(port, tls=True, ca_file=str(certificate)).put(happening(0.0), frame())
    assert json.loads(watcher.on("qlmat/m1/event"))["n"] == 1
    with pytest.raises(BrokerError, match="certificate verify failed"):
        check_broker(BrokerSettings(port=port, tls=True))
    with pytest.raises(ConfigError, match=r"broker\.ca_file"):
        check_broker(BrokerSettings(port=port, tls=True, ca_file=str(tmp_path / "missing.pem")))
