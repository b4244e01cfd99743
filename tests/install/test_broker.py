"""The broker's configuration that the installation writes, in a real Mosquitto: who may do what."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from qlmat.connection import BrokerSettings
from qlmat.doctor import worst
from qlmat.doctor_ask import see_broker
from qlmat.doctor_broker import broker_findings
from tests.shell.brokers import PATIENCE_S, Mosquitto
from tests.shell.shipped import INSTALLED, logins, rules

LOGINS = ("mat", "page", "homeassistant", "viewer")
Publishes = Callable[[str, str], bool]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run a broker with the installed rights and logins whose password is their name; its port."""
    folder = tmp_path_factory.mktemp("broker")
    known = logins(folder, {name: name for name in LOGINS})
    with ExitStack() as closing:
        running = Mosquitto(folder, known + rules("qlmat.conf"), anonymous=False)
        closing.callback(running.stop)
        running.start()
        yield running.port


@pytest.fixture
def publishes(port: int) -> Publishes:
    """Publish at QoS 1 as somebody; whether the broker took it."""

    def publish(name: str, topic: str) -> bool:
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        client.username_pw_set(name, name)
        codes: list[bool] = []
        client.on_publish = lambda client, userdata, mid, code, properties: codes.append(code.is_failure)
        client.on_connect = lambda client, *rest: client.publish(topic, b"{}", qos=1)
        client.connect("127.0.0.1", port)
        while not codes:
            assert client.loop(timeout=PATIENCE_S) == 0
        client.disconnect()
        return not codes[0]

    return publish


def test_the_doctor_finds_the_installed_broker_sound(port: int) -> None:
    seen = see_broker(BrokerSettings(port=port, username="mat", password="mat"), "mat")
    findings = broker_findings(seen)
    assert worst(findings) == "good", findings


@pytest.mark.parametrize(
    ("who", "topic", "may"),
    [
        ("mat", "qlmat/mat/state", True),
        ("mat", "qlmat/other/state", False),
        ("mat", "qlmat/other/cmd/start", False),
        ("mat", "homeassistant/device/qlmat_mat/config", True),
        ("mat", "homeassistant/device/qlmat_other/config", False),
        ("page", "qlmat/mat/cmd/stop", True),
        ("page", "qlmat/mat/state", False),
        ("homeassistant", "qlmat/mat/cmd/stop", True),
        ("homeassistant", "homeassistant/status", True),
        ("viewer", "qlmat/mat/cmd/stop", False),
        ("viewer", "qlmat/mat/state", False),
    ],
)
def test_everybody_may_write_what_is_theirs_and_nothing_else(
    publishes: Publishes, who: str, topic: str, may: bool
) -> None:
    assert publishes(who, topic) == may


def test_the_broker_listens_to_this_machine_only_until_it_is_told_to() -> None:
    listeners = [line for line in (INSTALLED / "qlmat.conf").read_text().splitlines() if line.startswith("listener")]
    assert listeners == ["listener 1883 127.0.0.1"]
    house = (INSTALLED / "qlmat-tls.conf").read_text()
    assert "certfile" in house
    assert "keyfile" in house
