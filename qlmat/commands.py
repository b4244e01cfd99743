"""Commands as they come from outside: untrusted bytes in, a wish on the loop's queue and an answer out.

Everything is checked before anything is done. The answer is what came of it, so it comes after the loop's next scan.
Refusals carry their reason to the asker and are logged once a minute.
"""

import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, Literal, cast

from qlmat.core.model import Command, CommandName
from qlmat.core.requests import COMMANDS
from qlmat.inbox import Asked, Change, Requests, Weigh
from qlmat.payloads import Payload, answer_payload
from qlmat.wishes import COACH, WISHES, RefusedError, Values

log = logging.getLogger(__name__)

MAX_BYTES = 1024
MAX_WAITING = 32  # the loop takes one in a scan; more than this is a flood
MAX_STOPS = 64  # a stop finds room in any flood of other commands
MAX_A_SECOND = 20  # of those that need no turn of the loop: each is logged, and most are kept on a memory card
MAX_IDENT = 64
TAUGHT = frozenset(wish.name for wish in COACH)
REMEMBERED = 256  # ids of accepted commands
QUIET_S = 60.0
FRESH_S = 10.0  # between `at` and now, either way

Reply = Callable[[Payload], None]


class CommandDesk:
    """Takes commands, puts the good ones on `queue`, answers each through the `reply` that came with it.

    `local` are the wishes that need no loop; they raise RefusedError. `now` tells UTC, None while it is not known.

    >>> from queue import SimpleQueue
    >>> queue, answers = SimpleQueue(), []
    >>> CommandDesk(queue).take("tare", b'{"id": "a"}', False, answers.append)
    >>> queue.get().answer("a session is running")
    >>> answers
    [{'command': 'tare', 'id': 'a', 'ok': False, 'reason': 'a session is running'}]
    """

    def __init__(
        self,
        queue: Requests,
        local: Mapping[str, Callable[[Values], None]] | None = None,
        now: Callable[[], datetime | None] = lambda: datetime.now(UTC),
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue = queue
        self._local = local or {}
        self._now = now
        self._clock_s = clock_s
        self._done: OrderedDict[str, Payload | list[Reply]] = OrderedDict()  # its answer, or who waits for it
        self._log_again_s = -QUIET_S
        self._second = (0, 0)  # and how many were done in it
        self._waiting = 0
        self.refused = 0

    def take(self, name: str, payload: bytes, retained: bool, reply: Reply) -> None:
        """Take one command. It is answered now or by the loop; not at all when retained, for nobody waits."""
        ident: str | None = None
        try:
            if retained:
                raise RefusedError("retained: a command counts only in the moment it is given")
            _check_name(name)
            body = _body(payload)
            ident = _ident(body)
            self._check_moment(name, body.pop("at", None))
            self._accept(name, WISHES[name].check(body), ident, reply)
        except RefusedError as refusal:
            self._refuse(name, str(refusal))
            if not retained:
                reply(answer_payload(name[:MAX_IDENT], ident, str(refusal)))

    def _accept(self, name: str, values: Values, ident: str | None, reply: Reply) -> None:
        before = self._done.get(ident) if ident is not None else None
        if isinstance(before, list):
            if len(before) >= MAX_WAITING:
                raise RefusedError("this id waits already: ask more slowly")
            before.append(reply)
        elif before is not None:
            reply(before)
        elif name in TAUGHT and name not in self._local:
            raise RefusedError("this mat remembers nobody: it runs without a store")
        elif name in self._local:
            self._check_pace()
            self._local[name](values)
            self._answer(name, ident, [reply], None)
        else:
            self._hand_on(name, values, ident, reply)

    def _check_pace(self) -> None:
        second = int(self._clock_s())
        self._second = (second, self._second[1] + 1 if self._second[0] == second else 1)
        if self._second[1] > MAX_A_SECOND:
            raise RefusedError(f"more than {MAX_A_SECOND} a second: ask more slowly")

    def _hand_on(self, name: str, values: Values, ident: str | None, reply: Reply) -> None:
        if self._waiting >= (MAX_STOPS if name == "stop" else MAX_WAITING):
            raise RefusedError(f"{self._waiting} commands are waiting already: ask more slowly")
        wish = _wish(name, values)
        replies = [reply]
        if ident is not None:
            self._done[ident] = replies
            if len(self._done) > REMEMBERED:
                self._done.popitem(last=False)

        def answer(reason: str | None) -> None:
            self._waiting -= 1
            self._answer(name, ident, replies, reason)

        self._waiting += 1
        self._queue.put(Asked(wish, answer, self._clock_s()))

    def _answer(self, name: str, ident: str | None, replies: list[Reply], reason: str | None) -> None:
        answer = answer_payload(name, ident, reason)
        if reason is None:
            log.info("command=%s id=%r result=done", name, ident)
            if ident is not None:
                self._done[ident] = answer
        else:
            self._refuse(name, reason)
            if ident is not None:
                self._done.pop(ident, None)  # it was not done, so it may be asked for again
        for reply in replies:
            reply(answer)

    def _check_moment(self, name: str, at: object) -> None:
        """Refuse what was asked too long ago, or will be. A stop is never too old."""
        if at is None or name == "stop":
            return
        now = self._now()
        if now is None:
            raise RefusedError("at: the mat's clock is not set yet, so it cannot tell: leave it out")
        late_s = (now - _moment(at)).total_seconds()
        if abs(late_s) > FRESH_S:
            raise RefusedError(f"expired: 'at' is {abs(late_s):.0f} s {'ago' if late_s > 0 else 'in the future'}")

    def _refuse(self, name: str, reason: str) -> None:
        self.refused += 1
        now_s = self._clock_s()
        if now_s >= self._log_again_s:
            self._log_again_s = now_s + QUIET_S
            log.warning("command=%.64r discarded=%r refused_so_far=%d", name, reason, self.refused)


def _wish(name: str, values: Values) -> Any:
    if name in COMMANDS:
        return Command(cast(CommandName, name), values.get("side"))
    if name == "calibrate":
        return _calibration(values)
    return Change(values) if name == "plan" else name


def _calibration(values: Values) -> Command | Weigh | Literal["zero"]:
    """Turn one of `qlmat.wishes.CALIBRATIONS` into what the loop knows."""
    side = values.get("side")
    if values["what"] == "comfort":
        return Command("comfort", side)
    if values["what"] == "zero":
        return "zero"
    if "force_n" not in values:
        raise RefusedError("force_n: say what the weight weighs; a full bottle of 1.5 L is 15 N")
    return Weigh(values["force_n"], side)


def _check_name(name: str) -> None:
    if name not in WISHES:
        near = get_close_matches(name[:MAX_IDENT], WISHES, n=1)
        raise RefusedError(f"no such command: {f'did you mean {near[0]!r}?' if near else 'use ' + ', '.join(WISHES)}")


def _body(payload: bytes) -> dict[str, Any]:
    if len(payload) > MAX_BYTES:
        raise RefusedError(f"payload of {len(payload)} bytes: at most {MAX_BYTES}")
    try:
        body = json.loads(payload) if payload.strip() else {}
    except (ValueError, RecursionError) as error:
        raise RefusedError("payload is not JSON: send a JSON object or nothing") from error
    if not isinstance(body, dict):
        raise RefusedError("payload is not a JSON object: send one, or nothing")
    return body


def _ident(body: dict[str, Any]) -> str | None:
    ident = body.pop("id", None)
    if ident is not None and (not isinstance(ident, str) or not 0 < len(ident) <= MAX_IDENT):
        raise RefusedError(f"id: use a text of 1 to {MAX_IDENT} characters")
    return ident


def _moment(at: object) -> datetime:
    try:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise RefusedError("at: use the time you ask, as 2026-11-22T09:30:00Z")
    return moment
