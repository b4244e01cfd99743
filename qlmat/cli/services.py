"""What the demo starts beside the mat."""

from collections.abc import Iterator
from contextlib import contextmanager

from qlmat.broker import PORT, Address, DemoBroker
from qlmat.errors import PortTakenError


@contextmanager
def start_broker(port: int | None) -> Iterator[Address]:
    """Run the embedded broker on `port`, or on 1883 or any free port if None. Raises `PortTakenError`."""
    with DemoBroker(PORT if port is None else port) as address:
        if port not in (None, address.port):
            raise PortTakenError(
                f"The broker cannot listen on {address.host} port {port}: it is taken. "
                "Choose another --broker-port, or leave it out to get a free one."
            )
        yield address
