"""The page's server: bind a port, listen to the broker, serve until told to end. Its own process, one event loop."""

import asyncio
import contextlib
import os
import signal
import socket
import threading
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from qlmat.dashboard.app import build_app
from qlmat.dashboard.connections import BoundedProtocol
from qlmat.dashboard.door import Door
from qlmat.dashboard.feed import Feed
from qlmat.dashboard.room import Room
from qlmat.dashboard.settings import DEFAULT_PORT, PageSettings
from qlmat.errors import PortTakenError

MAX_HEADER_BYTES = 8192


def listen(host: str = "127.0.0.1", port: int | None = None) -> socket.socket:
    """Bind and return a listening TCP socket; with `port` None the usual port or, when it is taken, any free one.

    Raises PortTakenError when the port asked for is taken or not ours to take, or the host is not this machine.
    """
    if port is None:
        with contextlib.suppress(PortTakenError):
            return listen(host, DEFAULT_PORT)
        return listen(host, 0)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        why = os.strerror(error.errno) if error.errno else str(error)
        raise PortTakenError(
            f"The page cannot listen on {host} port {port}: {why}. Choose another port, or end the program that has it."
        ) from error
    return listener


def address(listener: socket.socket, tls: bool = False) -> str:
    """Write the page's address as a browser wants it."""
    scheme = "https" if tls else "http"
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - recognised here, never bound
    return f"{scheme}://[{shown}]:{port}/" if ":" in shown else f"{scheme}://{shown}:{port}/"


def serve(settings: PageSettings, listener: socket.socket | None = None, parent_fd: int | None = None) -> None:
    """Serve the page until SIGTERM, SIGINT or the end of `parent_fd`; a broker that is away is waited for.

    `listener`: a socket from `listen`, instead of the host and port of `settings`. `parent_fd`: a pipe whose other end
    the parent holds; it ends when the parent does, however it dies. Raises PortTakenError as `listen` does.
    """
    listener = listener or listen(settings.host, settings.port)
    asyncio.run(_serve(listener, settings, parent_fd))


async def _serve(listener: socket.socket, settings: PageSettings, parent_fd: int | None) -> None:
    loop = asyncio.get_running_loop()
    room = Room(settings.root, loop)
    feed = Feed(settings.broker, settings.root, room.deliver, room.connected)
    door = Door(settings.login_hash())
    server = _Server(_config(build_app(room, feed.command, str(settings.broker), door), settings), room)
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, server.end)
    if parent_fd is not None:
        loop.add_reader(parent_fd, server.end_with_parent, parent_fd)
    feed.start()
    try:
        await server.serve(sockets=[listener])
    finally:
        feed.close()


def _config(app: ASGIApp, settings: PageSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        ssl_certfile=settings.certificate,
        ssl_keyfile=settings.key,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        timeout_graceful_shutdown=1,
    )


class _Server(uvicorn.Server):
    """uvicorn that ends its endless streams first and leaves the signals to us."""

    def __init__(self, config: uvicorn.Config, room: Room) -> None:
        super().__init__(config)
        self._room = room

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone: uvicorn's own handler would raise them again after a clean end."""
        yield

    def end(self) -> None:
        """Finish the streams, then everything."""
        self._room.watchers.end()
        self.should_exit = True

    def end_with_parent(self, parent_fd: int) -> None:
        """End when the parent's pipe does."""
        if not os.read(parent_fd, 1024):
            asyncio.get_running_loop().remove_reader(parent_fd)
            self.end()
