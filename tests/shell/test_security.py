"""The broker's rights and passwords of `systemd/mosquitto`, executed in a real Mosquitto."""

import json
import logging
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from qlmat.connection import V5
from qlmat.errors import BrokerError
from qlmat.homeassistant import left_behind
from qlmat.mqtt import BrokerSettings, MqttSink, Telling, check_broker
from qlmat.topics import TOPICS
from tests.cli.processes import qlmat, running
from tests.dashboard.browsers import ask
from tests.shell.brokers import PATIENCE_S, Mosquitto, Watcher, wait_until
from tests.shell.shipped import logins, rules
from tests.shell.ticks import frame, happening, touched

LOGINS = ("m1", "m2", "page", "homeassistant", "viewer", "admin")
SECRET = "hunter2-nobody-must-see-this"
LOGIN = {"username": "m1", "password": "m1"}
NOT_AUTHORIZED = 135  # MQTT 5 reason code
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run a broker with our configuration and rights, and logins whose password is their name; its port."""
    folder = tmp_path_factory.mktemp("guarded")
    known = logins(folder, {name: name for name in LOGINS} | {"m9": SECRET})
    with ExitStack() as closing:
        broker = Mosquitto(folder, known + rules("qlmat.conf"), anonymous=False)
        closing.callback(broker.stop)
        broker.start()
        yield broker.port


@pytest.fixture
def may_write(guarded: int) -> Callable[[str, str], bool]:
    """Publish at QoS 1 as somebody; tell whether the broker took it."""

    def write(user: str, topic: str) -> bool:
        client = Client(CallbackAPIVersion.VERSION2, protocol=V5)
        client.username_pw_set(user, user)
        codes: list[int] = []
        client.on_publish = lambda client, userdata, mid, code, properties: codes.append(code.value)
        client.on_connect = lambda client, *rest: client.publish(topic, b"{}", qos=1)
        client.connect("127.0.0.1", guarded)
        while not codes:
            assert client.loop(timeout=PATIENCE_S) == 0
        client.disconnect()
        assert codes[0] in (0, 16, NOT_AUTHORIZED)  # 16: nobody listens
        return codes[0] != NOT_AUTHORIZED

    return write


@pytest.mark.parametrize(
    ("user", "topic", "may"),
    [
        *[("m1", f"qlmat/m1/{topic.name.replace('<', '').replace('>', '')}", True) for topic in TOPICS],
        *[("m1", f"qlmat/m2/{topic.name.replace('<', '').replace('>', '')}", False) for topic in TOPICS],
        ("m1", "homeassistant/device/qlmat_m1/config", True),
        ("m1", "homeassistant/device/qlmat_m2/config", False),
        ("m1", "homeassistant/status", False),
        ("m1", "anything", False),
        *[("viewer", f"qlmat/m1/{name}", False) for name in ("cmd/start", "cmd/stop", "state", "status", "resp/x")],
        ("page", "qlmat/m1/cmd/stop", True),
        ("page", "qlmat/m1/cmd/screening", True),
        ("page", "qlmat/m1/state", False),
        ("page", "homeassistant/device/qlmat_m1/config", False),
        ("homeassistant", "qlmat/m1/cmd/stop", True),
        ("homeassistant", "qlmat/m1/cmd/screening", False),
        ("homeassistant", "qlmat/m1/cmd/unlock", False),
        ("homeassistant", "qlmat/m1/state", False),
        ("homeassistant", "homeassistant/status", True),
        ("admin", "qlmat/old/status", True),
        ("admin", "homeassistant/device/qlmat_old/config", True),
    ],
)
def test_everybody_may_write_what_is_theirs_and_nothing_else(
    may_write: Callable[[str, str], bool], user: str, topic: str, may: bool
) -> None:
    assert may_write(user, topic) is may


@pytest.mark.parametrize("user", ["viewer", "homeassistant", "page", "m2"])
def test_nobody_but_the_mat_reads_its_commands_and_another_mat_reads_nothing(
    guarded: int, watch: Open, mat: Open, user: str
) -> None:
    sees: Watcher = watch(guarded, user=user)
    asks: Watcher = watch(guarded, user="page")
    sink: MqttSink = mat(guarded, **LOGIN)
    wait_until(lambda: sink.protocol is not None)
    asks.say("qlmat/m1/cmd/screening", b'{"yes": ["leg"]}')
    assert json.loads(asks.on("qlmat/m1/resp/screening"))["ok"] is False  # this mat has no store; it has heard it
    sink.put(happening(0.0), frame())
    sink.close()
    if user == "m2":
        sees.say("qlmat/m2/ping")
        sees.on("qlmat/m2/ping")
    else:
        assert json.loads(sees.on("qlmat/m1/event"))["name"] == "ball_lost"
    assert not [m.topic for m in sees.heard if "/cmd/" in m.topic or (user == "m2" and "/m1/" in m.topic)]


def test_nobody_comes_in_without_a_name_or_with_a_wrong_password(guarded: int) -> None:
    for username, password in ((None, None), ("m1", "wrong"), ("nobody", "m1")):
        with pytest.raises(BrokerError, match="refuses us"):
            check_broker(BrokerSettings(port=guarded, username=username, password=password))
    assert check_broker(BrokerSettings(port=guarded, username="m1", password="m1")) == "5"


def test_a_mat_is_answered_commanded_and_announced_within_its_rights(guarded: int, watch: Open, mat: Open) -> None:
    house: Watcher = watch(guarded, user="homeassistant")
    sink: MqttSink = mat(guarded, **LOGIN, telling=Telling(discovery=True))
    assert json.loads(house.on("homeassistant/device/qlmat_m1/config"))["cmps"]
    sink.put(touched(0.0), frame())
    assert json.loads(house.on("qlmat/m1/state"))["on_mat"] is True
    house.say("qlmat/m1/cmd/rate", b'{"live_hz": 5}', answer_to="qlmat/m1/resp/rate/7", correlation=b"7")
    assert json.loads(house.on("qlmat/m1/resp/rate/7"))["ok"] is True
    assert sink.refused == 0


def test_what_a_mat_that_is_no_more_has_left_is_taken_back_by_the_admin_and_by_nobody_else(
    guarded: int, tmp_path: Path, watch: Open
) -> None:
    admin: Watcher = watch(guarded, user="admin")
    for topic in left_behind("old"):
        admin.say(topic, b"{}", retain=True)

    def take_back(user: str) -> "subprocess.CompletedProcess[str]":
        (tmp_path / user).write_text(f"{user}\n")
        login = ("--user", user, "--password-file", str(tmp_path / user), "--host", f"127.0.0.1:{guarded}")
        return qlmat("topics", "--take-back", "old", *login, cwd=tmp_path)

    refused = take_back("m1")
    assert refused.returncode == 1
    assert "use the login 'admin'" in refused.stderr
    assert take_back("admin").stdout.startswith("Nothing of 'old' is retained any more")
    late: Watcher = watch(guarded, user="admin")
    late.say("qlmat/old/ping")
    late.on("qlmat/old/ping")
    assert not [m.topic for m in late.heard if m.retain and m.topic in left_behind("old")]


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_a_password_is_in_no_error_no_log_and_no_representation(
    guarded: int, mat: Open, caplog: pytest.LogCaptureFixture
) -> None:
    settings = BrokerSettings(port=guarded, username="m1", password=SECRET)
    with caplog.at_level(logging.DEBUG):
        with pytest.raises(BrokerError) as refusal:
            check_broker(settings)
        sink: MqttSink = mat(guarded, username="m1", password=SECRET)
        wait_until(lambda: "refuses us" in caplog.text)
        sink.close()
    assert SECRET not in f"{refusal.value}{refusal.getrepr()}{settings!r}{settings}{caplog.text}{vars(sink)}"


def commands_of_all() -> str:
    """Read what a process list shows of every process of this machine."""
    said = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            said.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return "\n".join(said)


@pytest.mark.parametrize(("username", "heard"), [("m9", "state=connected"), ("m1", "refuses us")])
def test_a_password_is_in_no_process_list_no_page_and_no_output_of_mat_and_page(
    guarded: int, tmp_path: Path, username: str, heard: str
) -> None:
    secret, config = tmp_path / "secret", tmp_path / "qlmat.toml"
    secret.write_text(f"{SECRET}\n")
    secret.chmod(0o600)
    login = f'host = "127.0.0.1"\nport = {guarded}\nusername = "{username}"\npassword_file = "{secret}"\n'
    config.write_text(f'[mat]\nid = "m9"\n[broker]\n{login}')
    with (
        running("run", "--device", "virtual", "--patient", "--config", str(config), cwd=tmp_path) as mat,
        running("dashboard", "--port", "0", "--config", str(config), cwd=tmp_path) as page,
    ):
        mat.wait_for(heard)
        url = page.wait_for("Page").split()[1]
        told = [ask(url, path)[2].decode() for path in ("/", "/health", "/metrics", "/static/main.js")]
        listed = commands_of_all()
        mat.end(signal.SIGTERM)
        page.end(signal.SIGTERM)
    assert str(config) in listed
    assert SECRET not in "\n".join([listed, *told, *mat.seen, *page.seen])


def test_no_name_and_no_answer_about_health_is_in_a_topic_or_a_retained_message() -> None:
    keys = {key.path for topic in TOPICS if topic.retained for key in topic.keys}
    assert not {"person", "name", "yes", "question", "clinician", "note", "text"} & keys
    assert not [topic.name for topic in TOPICS if "person" in topic.name]
