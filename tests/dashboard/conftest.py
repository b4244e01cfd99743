"""A real broker and a real page server for the tests of this folder."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from qlmat.dashboard.process import PageProcess, start_process
from tests.dashboard.browsers import EventStream
from tests.shell.brokers import MOSQUITTO, Mosquitto, Watcher


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    """Close, last first, whatever a test opened."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """Run one Mosquitto for the tests of a module."""
    if MOSQUITTO is None:
        pytest.skip("mosquitto is not installed: sudo apt install mosquitto")
    mosquitto = Mosquitto(Path(tmp_path_factory.mktemp("broker")))
    mosquitto.start()
    yield mosquitto
    mosquitto.stop()


@pytest.fixture(scope="module")
def page(broker: Mosquitto) -> Iterator[PageProcess]:
    """Serve one page for the tests of a module, on a free port."""
    process = start_process("127.0.0.1", broker.port, port=0)
    yield process
    process.close()


@pytest.fixture
def outsider(broker: Mosquitto, closing: ExitStack) -> Watcher:
    """An outside MQTT client."""
    client = Watcher(broker.port)
    closing.callback(client.close)
    return client


@pytest.fixture
def browse(closing: ExitStack) -> Callable[[str], EventStream]:
    """Open event streams."""

    def open_stream(url: str) -> EventStream:
        stream = EventStream(url)
        closing.callback(stream.close)
        return stream

    return open_stream
