"""An MQTT broker for demonstrations: amqtt in a process of its own, on 127.0.0.1 only, open to anybody on this machine.

It speaks MQTT 3.1.1 and keeps nothing. A mat that stays wants Mosquitto. The process holds the other end of a pipe to
its parent and ends when that pipe does, so that it never outlives the demo, however the demo ends.
"""

import asyncio
import logging
import os
import signal
import socket
import stat
import subprocess
import sys
from contextlib import suppress
from select import select
from types import TracebackType
from typing import Any, NamedTuple

from qlmat.errors import BrokerError

HOST, PORT = "127.0.0.1", 1883
START_S = 20.0  # 0.2 s on a PC; a busy Pi Zero takes long to import amqtt
STOP_S = 0.8


class Address(NamedTuple):
    """Where a broker listens."""

    host: str
    port: int


class DemoBroker:
    """The broker's process, seen from its parent: `with DemoBroker() as address: ...`."""

    def __init__(self, port: int = PORT) -> None:
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Address:
        """Start it and return its address once it takes connections: the port asked for, or a free one if taken.

        Raise BrokerError when it does not come up.
        """
        command = [sys.executable, "-m", "qlmat.broker", str(self._port)]
        # Its own session: Ctrl-C in the terminal is for the demo, which still has its farewell to publish.
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, one number
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        assert self._process.stdout is not None  # noqa: S101 - asked for above; for the type checker
        ready, _, _ = select([self._process.stdout], [], [], START_S)
        line = self._process.stdout.readline().strip() if ready else b""
        if not line.isdigit():
            self.stop()
            raise BrokerError(f"The demo's broker did not start: try 'python -m qlmat.broker {self._port}' to see why.")
        return Address(HOST, int(line))

    def stop(self) -> None:
        """End it within a second."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process = None

    def __enter__(self) -> Address:
        """Start it."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()


# --- inside the process ---------------------------------------------------------------------------------------------


def free_port(wanted: int) -> int:
    """Return `wanted` when nobody listens on it, else a port that is free now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind((HOST, wanted))
            return int(probe.getsockname()[1])
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


async def _serve(wanted: int) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    loop.add_signal_handler(signal.SIGINT, ended.set)
    if stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        loop.add_reader(sys.stdin.fileno(), ended.set)  # the parent never writes: readable means that it is gone
    port = await _listen(wanted)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await ended.wait()
    os._exit(0)  # nothing is kept, so there is nothing to shut down in order


async def _listen(wanted: int) -> int:
    """Serve on `wanted` or another port and return it. Somebody may take a port between the look and the listening."""
    from amqtt.broker import Broker  # noqa: PLC0415 - the parent needs only the address, not these imports
    from amqtt.errors import BrokerError as AmqttBrokerError  # noqa: PLC0415 - as above

    for attempt in (wanted, 0, 0):
        port = free_port(attempt)
        with suppress(AmqttBrokerError):
            await Broker(_config(port)).start()
            return port
    raise SystemExit(f"no free port on {HOST}")


def _config(port: int) -> dict[str, Any]:
    return {
        "listeners": {"default": {"type": "tcp", "bind": f"{HOST}:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }


def main() -> None:
    """Serve until the parent goes or a signal comes: `python -m qlmat.broker [PORT]`."""
    logging.disable(logging.CRITICAL)  # amqtt reports each client that tries MQTT 5 first, as ours does
    asyncio.run(_serve(int(sys.argv[1]) if len(sys.argv) > 1 else PORT))


if __name__ == "__main__":
    main()
