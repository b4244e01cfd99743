"""Certificates as logins, as `systemd/mosquitto/qlmat-certificates.conf` has them, in a real Mosquitto."""

import signal
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from qlmat.cli.broker_option import find_broker
from qlmat.cli.daemon import broker_settings
from qlmat.cli.dashboard import broker_arguments
from qlmat.dashboard.settings import parser, settings_of
from qlmat.errors import BrokerError, ConfigError
from qlmat.mqtt import BrokerSettings, MqttSink, check_broker
from tests.cli.processes import running
from tests.shell.authority import make_papers
from tests.shell.brokers import Mosquitto, wait_until
from tests.shell.shipped import rights, rules
from tests.shell.ticks import frame, happening


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an authority, a broker's certificate, those of two mats, and one of somebody else's authority."""
    folder = tmp_path_factory.mktemp("papers")
    make_papers(folder, "m1", "m2")
    return folder


@pytest.fixture
def clinic(brokers: Callable[..., Mosquitto], papers: Path, tmp_path: Path) -> Mosquitto:
    """Run a broker that wants a certificate from everybody."""
    return brokers(listener=rules("qlmat-certificates.conf", papers=papers) + rights(tmp_path), anonymous=False)


def shown(papers: Path, name: str, port: int, authority: str = "ca.crt") -> BrokerSettings:
    """Say how a mat that shows the certificate `name` connects."""
    files = {"ca_file": str(papers / authority)}
    if name:
        files |= {"cert_file": str(papers / f"{name}.crt"), "key_file": str(papers / f"{name}.key")}
    return BrokerSettings("localhost", port, tls=True, **files)


def test_a_certificate_is_a_login(clinic: Mosquitto, papers: Path) -> None:
    assert check_broker(shown(papers, "m1", clinic.port)) == "5"


@pytest.mark.parametrize("name", ["", "foreign/m1"])
def test_without_a_certificate_of_our_authority_nobody_comes_in(clinic: Mosquitto, papers: Path, name: str) -> None:
    with pytest.raises(BrokerError):
        check_broker(shown(papers, name, clinic.port))


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # paho leaves the socket to the collector
def test_a_broker_with_a_certificate_of_somebody_else_is_not_trusted(clinic: Mosquitto, papers: Path) -> None:
    with pytest.raises(BrokerError, match=r"(?i)certificate"):
        check_broker(shown(papers, "m1", clinic.port, authority="foreign/ca.crt"))


def test_a_mat_with_a_certificate_has_the_rights_of_its_name(
    clinic: Mosquitto, papers: Path, closing: ExitStack, commands: Any
) -> None:
    sinks = [MqttSink(shown(papers, "m1", clinic.port), mat_id, commands) for mat_id in ("m1", "m2")]
    for sink in sinks:
        closing.callback(sink.close)
    for sink in sinks:
        wait_until(lambda sink=sink: sink.protocol is not None)
        sink.put(happening(0.0), frame())
    wait_until(lambda: sinks[1].refused > 0)
    assert sinks[0].refused == 0


def configured(papers: Path, folder: Path, port: int) -> Path:
    """Write a configuration that shows the certificate of m1."""
    files = {"ca_file": "ca.crt", "cert_file": "m1.crt", "key_file": "m1.key"}
    lines = "".join(f'{key} = "{papers / name}"\n' for key, name in files.items())
    config = folder / "qlmat.toml"
    config.write_text(f'[broker]\nhost = "localhost"\nport = {port}\ntls = true\n{lines}')
    return config


def test_a_watcher_comes_in_with_the_certificate_of_the_configuration(
    clinic: Mosquitto, papers: Path, tmp_path: Path
) -> None:
    config = configured(papers, tmp_path, clinic.port)
    with running("watch", "--config", str(config), "--id", "m1", cwd=tmp_path) as program:
        program.wait_for("The mat is silent")  # connected
        assert program.end(signal.SIGTERM) == 0


def test_the_page_is_told_all_that_the_configuration_says_of_the_broker(papers: Path, tmp_path: Path) -> None:
    config = configured(papers, tmp_path, 8883)
    told = settings_of(parser().parse_args(broker_arguments(None, config))).broker
    assert told == broker_settings(find_broker("--broker", None, config))
    assert told.cert_file == str(papers / "m1.crt")


@pytest.mark.parametrize("broken", ["cert_file", "key_file"])
def test_a_certificate_that_cannot_be_used_is_told_by_its_key(papers: Path, broken: str) -> None:
    files = {"cert_file": str(papers / "m1.crt"), "key_file": str(papers / "m1.key")} | {broken: "/nowhere.pem"}
    with pytest.raises(ConfigError, match=r"broker.cert_file: cannot use .* without a passphrase"):
        check_broker(BrokerSettings("localhost", 1, tls=True, ca_file=str(papers / "ca.crt"), **files))
