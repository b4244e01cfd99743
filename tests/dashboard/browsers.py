"""What a browser does, without one: one stream of server-sent events, plain requests."""

import http.client
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

PATIENCE_S = 20.0  # for a loaded machine; every wait ends as soon as its condition holds


class EventStream:
    """An open page: reads server-sent events one by one."""

    def __init__(self, url: str, headers: dict[str, str] | None = None, mat: str | None = None) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_S)
        self._connection.request(
            "GET",
            "/events" + (f"?mat={mat}" if mat else ""),
            headers={"Accept": "text/event-stream", **(headers or {})},
        )
        self.answer = self._connection.getresponse()

    def next(self) -> tuple[str, Any]:
        """Return the next event: its kind and its data; raise EOFError when the stream has ended."""
        kind = ""
        while line := self.answer.readline():
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                return kind, json.loads(value)
        raise EOFError

    def expect(self, wanted: str, condition: Callable[[Any], bool] = lambda data: True, within: int = 200) -> Any:
        """Return the data of the first event of a kind for which the condition holds; others are passed over."""
        seen = []
        for _ in range(within):
            kind, data = self.next()
            seen.append(kind)
            if kind == wanted and condition(data):
                return data
        raise AssertionError(f"{wanted} never came; seen: {seen}")

    def expect_broker(self) -> None:
        """Return once the server is connected to the broker."""
        if not self.expect("hello")["broker"]:
            self.expect("broker", lambda data: data["connected"])

    def close(self) -> None:
        """End the stream."""
        self.answer.close()
        self._connection.close()


def ask(
    url: str, path: str, method: str = "GET", headers: dict[str, str] | None = None, host: str | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Make one request and return status, headers with small names, and body."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_S)
    try:
        connection.putrequest(method, path, skip_host=host is not None, skip_accept_encoding=True)
        if host is not None:
            connection.putheader("Host", host)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def send(url: str, path: str, body: object, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    """Post JSON and return status, headers with small names, and body."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_S)
    try:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()
