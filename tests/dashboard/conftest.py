"""A real broker and a real page server for the tests of this folder."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qlmat.dashboard.process import PageProcess, start_process
from tests.dashboard.browsers import EventStream
from tests.shell.brokers import MOSQUITTO, Mosquitto, Watcher

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_NUMBERS = count(1)


@dataclass(frozen=True)
class Here:
    """One page about one mat, which no other test has: its address and the mat's name."""

    url: str
    mat: str


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


@pytest.fixture
def here(page: PageProcess) -> Here:
    """Give a page about a mat of its own: the server has heard of it in no test before."""
    stream = EventStream(page.url)
    stream.expect_broker()  # what is said before that is not heard
    stream.close()
    mat = f"t{next(_NUMBERS)}"
    return Here(f"{page.url}?mat={mat}", mat)


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Run one Chromium for the tests of a module: its loop must not be there for those of another."""
    from playwright.sync_api import sync_playwright

    from tests.dashboard.chromium import launch

    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()
