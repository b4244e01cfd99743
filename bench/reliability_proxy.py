"""A line between a mat and its broker that can be cut, jammed, slowed or made one-way: a small Toxiproxy on loopback.

It runs in a thread of its own; `be(mode)` changes it at once, also for connections that are open.

    pass       carries everything
    refuse     nobody listens: connections are reset, open ones too
    half_open  both sides stay connected and nothing is carried, as when a Wi-Fi router loses its power
    deaf       the broker hears the mat, the mat hears nothing: what it sent is taken and never confirmed
    slow       200 bytes at a time, 50 ms apart: 4 kB a second
"""

import asyncio
import socket
import threading
from queue import SimpleQueue
from typing import Literal, Self

Mode = Literal["pass", "refuse", "half_open", "deaf", "slow"]
SLOW_BYTES, SLOW_S = 200, 0.05


class Proxy:
    """Carries connections from its own `port` to another one; a context manager."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._mode: Mode = "pass"
        self._open: set[asyncio.StreamWriter] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._begun: SimpleQueue[asyncio.AbstractEventLoop] = SimpleQueue()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        self._loop = self._begun.get()
        return self

    def __exit__(self, *raised: object) -> None:
        """Cut everything."""
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    def be(self, mode: Mode) -> None:
        """Change what the line does."""
        asyncio.run_coroutine_threadsafe(self._change(mode), self._loop).result()

    async def _serve(self) -> None:
        self._ended = asyncio.Event()
        async with await asyncio.start_server(self._carry, sock=self._listener):
            self._begun.put(asyncio.get_running_loop())
            await self._ended.wait()
            for writer in self._open:
                writer.transport.abort()

    async def _change(self, mode: Mode) -> None:
        # What was swallowed cannot be given back: a line that heals is a new connection, as in life.
        if mode == "refuse" or (mode == "pass" and self._mode in ("half_open", "deaf")):
            for writer in self._open:
                writer.transport.abort()
        self._mode = mode

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._mode == "refuse":
            writer.transport.abort()
            return
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, there_writer}
        self._open |= both
        try:
            await asyncio.gather(self._pump(reader, there_writer, True), self._pump(there_reader, writer, False))
        finally:
            self._open -= both
            for each in both:
                each.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, from_mat: bool) -> None:
        try:
            while data := await reader.read(SLOW_BYTES if self._mode == "slow" else 65_536):
                if self._mode == "half_open" or (self._mode == "deaf" and not from_mat):
                    continue
                if self._mode == "slow":
                    await asyncio.sleep(SLOW_S)
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.transport.abort()
