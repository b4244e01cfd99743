"""Commands as they come from outside: untrusted bytes in, a `Command` on the loop's queue and an answer out.

Everything is checked before anything is done. Refusals carry their reason to the asker and are logged once a minute.
"""

import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from difflib import get_close_matches
from queue import SimpleQueue
from typing import Any, cast

from qlmat.core.model import SIDES, Command, CommandName, Side
from qlmat.payloads import Payload, answer_payload
from qlmat.topics import COMMANDS

log = logging.getLogger(__name__)

MAX_BYTES = 1024
MAX_WAITING = 32  # the loop takes them at once; more than this is a flood
MAX_IDENT = 64
REMEMBERED = 256  # ids of accepted commands
QUIET_S = 60.0


class RefusedError(ValueError):
    """Why a command was not taken, in words for the asker."""


class CommandDesk:
    """Takes commands, puts the good ones on `queue`, answers each.

    >>> desk = CommandDesk(SimpleQueue())
    >>> desk.take("tare", b'{"id": "a"}', retained=False)
    {'command': 'tare', 'id': 'a', 'ok': True, 'reason': None}
    """

    def __init__(self, queue: "SimpleQueue[Command]", clock_s: Callable[[], float] = time.monotonic) -> None:
        self._queue = queue
        self._clock_s = clock_s
        self._done: OrderedDict[str, None] = OrderedDict()
        self._log_again_s = -QUIET_S
        self.refused = 0

    def take(self, name: str, payload: bytes, retained: bool) -> Payload | None:
        """Take one command and return the answer; None when there is nobody to answer, as for a retained one."""
        ident: str | None = None
        try:
            if retained:
                raise RefusedError("retained: a command counts only in the moment it is given")
            _check_name(name)
            body = _body(payload)
            ident = _ident(body)
            self._accept(Command(cast(CommandName, name), _side(body)), ident)
        except RefusedError as refusal:
            self._refuse(name, str(refusal))
            return None if retained else answer_payload(name[:MAX_IDENT], ident, str(refusal))
        return answer_payload(name, ident, None)

    def _accept(self, command: Command, ident: str | None) -> None:
        if ident is not None and ident in self._done:
            return
        if self._queue.qsize() >= MAX_WAITING:
            raise RefusedError(f"{MAX_WAITING} commands are waiting already: ask more slowly")
        self._queue.put(command)
        log.info("command=%s side=%s id=%r", command.name, command.side, ident)
        if ident is not None:
            self._done[ident] = None
            if len(self._done) > REMEMBERED:
                self._done.popitem(last=False)

    def _refuse(self, name: str, reason: str) -> None:
        self.refused += 1
        now_s = self._clock_s()
        if now_s >= self._log_again_s:
            self._log_again_s = now_s + QUIET_S
            log.warning("command=%.64r discarded=%r refused_so_far=%d", name, reason, self.refused)


def _check_name(name: str) -> None:
    if name not in COMMANDS:
        near = get_close_matches(name[:MAX_IDENT], COMMANDS, n=1)
        raise RefusedError(f"no such command: {f'did you mean {near[0]!r}?' if near else 'use ' + ', '.join(COMMANDS)}")


def _body(payload: bytes) -> dict[str, Any]:
    if len(payload) > MAX_BYTES:
        raise RefusedError(f"payload of {len(payload)} bytes: at most {MAX_BYTES}")
    try:
        body = json.loads(payload) if payload.strip() else {}
    except (ValueError, RecursionError) as error:
        raise RefusedError("payload is not JSON: send a JSON object or nothing") from error
    if not isinstance(body, dict):
        raise RefusedError("payload is not a JSON object: send one, or nothing")
    unknown = [key for key in body if key not in {"side", "id"}]
    if unknown:
        raise RefusedError(f"unknown key {unknown[0][:MAX_IDENT]!r}: use side, id")
    return body


def _side(body: dict[str, Any]) -> Side | None:
    side = body.get("side")
    if side is not None and side not in SIDES:
        raise RefusedError("side: use 'left' or 'right'")
    return cast(Side | None, side)


def _ident(body: dict[str, Any]) -> str | None:
    ident = body.get("id")
    if ident is not None and (not isinstance(ident, str) or not 0 < len(ident) <= MAX_IDENT):
        raise RefusedError(f"id: use a text of 1 to {MAX_IDENT} characters")
    return ident
