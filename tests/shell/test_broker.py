"""The demo's broker: where it listens, and that it is gone with its parent."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qlmat.broker import DemoBroker
from qlmat.connection import BrokerSettings, check_broker
from tests.shell.brokers import PATIENCE_S, free_port, wait_until

# A parent that starts a broker, says where, and waits to be killed.
PARENT = """
import sys
from qlmat.broker import DemoBroker
broker = DemoBroker(0)
print(broker.start().port, flush=True)
sys.stdin.read()
"""


def refuses(port: int) -> bool:
    """Tell whether nobody listens on a loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_it_listens_where_it_is_asked_to_and_ends_within_a_second() -> None:
    port = free_port()
    broker = DemoBroker(port)
    address = broker.start()
    assert address == ("127.0.0.1", port)
    assert check_broker(BrokerSettings(*address)) == "3.1.1"
    began_s = time.monotonic()
    broker.stop()
    assert time.monotonic() - began_s < 1.0
    assert refuses(port)


def test_a_port_that_is_taken_gives_way_to_a_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, DemoBroker(taken.getsockname()[1]) as address:
        assert address.port != taken.getsockname()[1]
        assert check_broker(BrokerSettings(*address)) == "3.1.1"


def test_it_listens_on_loopback_only() -> None:
    with DemoBroker(0) as address:
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        listening = [row[1] for row in rows if row[3] == "0A" and row[1].endswith(f":{address.port:04X}")]
        assert listening == [f"0100007F:{address.port:04X}"]  # 127.0.0.1, little end first; 0A is LISTEN


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_does_not_outlive_its_parent(number: signal.Signals) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    assert parent.stdin is not None
    port = int(parent.stdout.readline())
    assert not refuses(port)
    parent.send_signal(number)
    parent.wait(PATIENCE_S)
    parent.stdout.close()
    wait_until(lambda: refuses(port))
    parent.stdin.close()
