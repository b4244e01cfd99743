"""Who may come in: one password, sessions that end, and guessing made slow. Time is an argument; no network in here."""

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass

SESSION_S = 14 * 24 * 3600.0  # one course
MAX_SESSIONS = 64  # the oldest goes when another is needed
TRIES, TRY_AGAIN_S = 5, 10.0  # of one address: five at once, then one in ten seconds
ALL_TRIES, ALL_AGAIN_S = 30, 2.0  # of all addresses together: a hash costs time and memory
MAX_ADDRESSES = 256


@dataclass(slots=True)
class Bucket:
    """So many tries, and one more each `again_s`."""

    most: float
    again_s: float
    left: float
    t_s: float

    def take(self, now_s: float) -> float:
        """Take one try and return 0, or return the seconds until there is one."""
        self.left = min(self.most, self.left + (now_s - self.t_s) / self.again_s)
        self.t_s = now_s
        if self.left < 1.0:
            return (1.0 - self.left) * self.again_s
        self.left -= 1.0
        return 0.0


class Door:
    """Keeps the sessions and counts the tries; `hash_text` is the password's hash, None for a door without a lock."""

    def __init__(self, hash_text: str | None = None) -> None:
        self.hash_text = hash_text
        self._sessions: OrderedDict[bytes, float] = OrderedDict()  # hash of the token: when it ends
        self._tries: OrderedDict[str, Bucket] = OrderedDict()
        self._all = Bucket(ALL_TRIES, ALL_AGAIN_S, ALL_TRIES, 0.0)

    @property
    def locked(self) -> bool:
        """A password is asked for."""
        return self.hash_text is not None

    def admits(self, token: str | None, now_s: float) -> bool:
        """Tell whether who shows this token may come in.

        >>> door = Door("a hash")
        >>> token = door.welcome(0.0)
        >>> door.admits(token, 1.0), door.admits("guess", 1.0), door.admits(token, SESSION_S + 1.0)
        (True, False, False)
        """
        if not self.locked:
            return True
        return token is not None and self._sessions.get(_key(token), float("-inf")) > now_s

    def wait_s(self, address: str, now_s: float) -> float:
        """Count one try from an address; return 0, or how many seconds it must wait before the next one counts."""
        bucket = self._tries.pop(address, None) or Bucket(TRIES, TRY_AGAIN_S, TRIES, now_s)
        self._tries[address] = bucket
        if len(self._tries) > MAX_ADDRESSES:
            self._tries.popitem(last=False)
        return bucket.take(now_s) or self._all.take(now_s)

    def welcome(self, now_s: float) -> str:
        """Begin a session and return its token, which is kept nowhere."""
        token = secrets.token_urlsafe(32)
        self._sessions[_key(token)] = now_s + SESSION_S
        if len(self._sessions) > MAX_SESSIONS:
            self._sessions.popitem(last=False)
        return token

    def farewell(self, token: str | None) -> None:
        """End a session."""
        if token is not None:
            self._sessions.pop(_key(token), None)


def _key(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
