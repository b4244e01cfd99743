"""What comes from the network: commands to the mat, messages to the page, and requests, byte by byte, to its server."""

import asyncio
import json
import logging
import zlib
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any

import numpy as np
import uvicorn
from argon2 import PasswordHasher
from uvicorn.server import ServerState

from fuzz.target import Target
from qlmat.coach import Coach
from qlmat.commands import CommandDesk
from qlmat.core.calibration import nominal_calibration
from qlmat.core.model import Frame
from qlmat.core.pipeline import Pipeline
from qlmat.core.plan import Plan
from qlmat.dashboard.app import build_app
from qlmat.dashboard.connections import BoundedProtocol
from qlmat.dashboard.door import Door
from qlmat.dashboard.mats import MAX_MATS, Mats
from qlmat.dashboard.room import Room
from qlmat.dashboard.watchers import message
from qlmat.inbox import Requests
from qlmat.payloads import Payload, encode
from qlmat.remembering import Oblivion
from qlmat.runtime import Outputs, Runtime
from qlmat.sim.clock import VirtualClock
from qlmat.steering import Steering
from qlmat.telling import allows
from qlmat_firmware.board import BOARD_V1

CANARY = "canary-of-m1"  # what only a page that has logged in may see
PARTS = 8  # of one input: commands or messages that follow one another


class _Off:
    def set(self, on: bool) -> None: ...

    def close(self) -> None: ...


class _Scans:
    """A quiet mat; before each scan somebody asks for something."""

    def __init__(self, clock: VirtualClock, asked: Iterator[None], scans: int) -> None:
        self._clock, self._asked, self._left = clock, asked, scans
        self._volts = np.zeros(len(BOARD_V1.channels))
        self._volts[len(BOARD_V1.sensors) :] = BOARD_V1.supply_v

    def read(self) -> Frame | None:
        next(self._asked, None)
        self._left -= 1
        self._clock.sleep(0.014)
        return Frame(self._clock.now_s(), self._volts) if self._left >= 0 else None

    def close(self) -> None: ...


def commands() -> Target:
    """Ask the mat for anything, through the desk, the inbox, the control loop and the coach; `!` marks retained ones.

    An input holds commands between zero bytes, each `name payload`; the name stands in a topic, so it is text.
    """
    curves = nominal_calibration(BOARD_V1)

    def run(data: bytes) -> None:
        queue: Requests = SimpleQueue()
        clock = VirtualClock()
        steering = Steering(Plan())
        coach = Coach(Pipeline(BOARD_V1, curves, Plan()), Plan(), Oblivion(), lambda: 738_000)
        desk = CommandDesk(queue, {"live": lambda values: None, **coach.wishes}, clock_s=clock.now_s)
        answers: list[Payload] = []
        parts = data.split(b"\0")[:PARTS]
        source = _Scans(clock, _ask(desk, parts, answers), len(parts) + 2)
        outputs = Outputs(_Off(), _Off(), _Off())
        Runtime(source, coach, outputs, (), clock, queue, steering).run()
        lively = sum(not part.startswith(b"!") for part in parts)
        assert len(answers) <= lively, "answered twice"
        for answer in answers:
            assert len(encode(answer)) < 2048, "an answer longer than what was asked"

    return run


def _ask(desk: CommandDesk, parts: list[bytes], answers: list[Payload]) -> Iterator[None]:
    for part in parts:
        name, _, payload = part.removeprefix(b"!").partition(b" ")
        text = name.decode(errors="replace")
        allows("qlmat/mat/", text)
        desk.take(text, payload, part.startswith(b"!"), answers.append)
        yield


def messages() -> Target:
    """Tell the page anything: `topic payload` between zero bytes, `!` before what is retained."""

    def run(data: bytes) -> None:
        mats = Mats()
        for number, part in enumerate(data.split(b"\0")[:PARTS]):
            topic, _, payload = part.removeprefix(b"!").partition(b" ")
            told = mats.take(topic.decode(errors="replace"), payload, float(number), part.startswith(b"!"))
            if told is not None:
                assert b"\n\n" not in message(told.kind, told.data)[:-2], "two messages in one"
        assert len(mats) <= MAX_MATS
        json.dumps(mats.snapshot(99.0), allow_nan=False)

    return run


# --- requests ---------------------------------------------------------------------------------------------------------


class _Wire(asyncio.Transport):
    """The browser's end of a connection that exists in memory alone."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 40_000), "sockname": ("127.0.0.1", 8000)})
        self.said = b""
        self.closing = False

    def write(self, data: Any) -> None:
        self.said += bytes(data)

    def close(self) -> None:
        self.closing = True

    abort = close

    def is_closing(self) -> bool:
        return self.closing

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...


class _Errors(logging.Handler):
    """Remembers what the server would have logged as its own fault."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(record)


class _Server:
    """The page's server in this process: its own protocol, guard, door and routes, with no network under them."""

    def __init__(self, door: Door) -> None:
        self.loop = asyncio.new_event_loop()
        self.errors = _Errors()
        self.room = Room("qlmat", self.loop)
        app = build_app(self.room, lambda *said: True, "127.0.0.1:1883", door)
        config = uvicorn.Config(app, http=BoundedProtocol, ws="none", lifespan="off", access_log=False,
                                log_config=None, server_header=False, proxy_headers=False,
                                h11_max_incomplete_event_size=8192)  # fmt: skip
        config.load()
        logging.getLogger("uvicorn.error").handlers = [self.errors]
        logging.getLogger("uvicorn.error").propagate = False
        logging.getLogger("asyncio").handlers = [self.errors]
        self._config = config
        status = b'{"state": "online", "sw": "' + CANARY.encode() + b'"}'
        assert self.room.mats.take("qlmat/m1/status", status, 0.0) is not None

    def ask(self, data: bytes) -> bytes:
        """Receive bytes in two pieces, and give what was answered."""
        return self.loop.run_until_complete(self._ask(data))

    async def _ask(self, data: bytes) -> bytes:
        self.errors.seen.clear()
        state = ServerState()
        protocol = BoundedProtocol(self._config, state, {}, self.loop)
        wire = _Wire()
        protocol.connection_made(wire)
        cut = zlib.crc32(data) % (len(data) + 1)
        for piece in (data[:cut], data[cut:]):
            if piece and not wire.closing:
                protocol.data_received(piece)
            for _ in range(6):
                await asyncio.sleep(0)
        protocol.connection_lost(None)
        if state.tasks:
            _, late = await asyncio.wait(list(state.tasks), timeout=5.0)
            assert not late, "a request that outlives its connection"
        assert len(self.room.watchers) == 0, "a watcher that outlives its connection"
        assert not self.errors.seen, self.errors.seen[0].getMessage() + str(self.errors.seen[0].exc_info)
        return wire.said


def http() -> Target:
    """Send any bytes to a page behind a locked door, and to one that is open."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("a long password")
    locked, unlocked = _Server(Door(cheap)), _Server(Door())

    def run(data: bytes) -> None:
        said = locked.ask(data)
        assert not said or said.startswith(b"HTTP/1.1 "), "no answer of HTTP"
        assert CANARY.encode() not in said, "the locked page told of a mat"
        said = unlocked.ask(data)
        assert b"HTTP/1.1 500 " not in said

    return run
