"""What is refused before anything is looked at: foreign host names (DNS rebinding), foreign origins, forms.

Every answer carries the security headers; everything but the login needs a session when the door is locked.
"""

import ipaddress
import socket
import time
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qlmat.dashboard.door import Door

COMMAND_HEADER = "x-qlmat"  # a page of another site cannot send it without our leave, and a form never can
SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}

OPEN = ("/", "/health", "/api/login", "/static/")  # asked for before the login; what they say depends on it


class Guard:
    """Refuse foreign host names and whoever has no session; put the security headers on every answer."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app, self._door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_guarded(event: Message) -> None:
            if event["type"] == "http.response.start":
                MutableHeaders(scope=event).update(SECURITY_HEADERS)
            await send(event)

        await (self._refused(scope) or self._app)(scope, receive, send_guarded)

    def _refused(self, scope: Scope) -> ASGIApp | None:
        if scope["type"] != "http":
            return None
        if not own_host(Headers(scope=scope).get("host", "")):
            return refusal(HTTPStatus.MISDIRECTED_REQUEST, "Open this page by its number, localhost or its own name.")
        path = scope["path"]
        is_open = any(path == way or (way.endswith("/") and way != "/" and path.startswith(way)) for way in OPEN)
        if not is_open and not admitted(self._door, HTTPConnection(scope)):
            return refusal(HTTPStatus.UNAUTHORIZED, "Log in on the page first.")
        return None


def admitted(door: Door, request: HTTPConnection) -> bool:
    """Tell whether a request shows the token of a session, or needs none."""
    return door.admits(token_of(request), time.monotonic())


def token_of(request: HTTPConnection) -> str | None:
    """Find the session's token among the cookies."""
    return request.cookies.get(cookie_name(request))


def cookie_name(request: HTTPConnection) -> str:
    """Name the cookie: over TLS with the prefix that binds it to this host and to TLS."""
    return "__Host-qlmat" if request.url.scheme == "https" else "qlmat"


def own_host(host: str) -> bool:
    """Tell whether a Host header names this machine: a number, localhost, or its own name, also with .local.

    >>> [own_host(host) for host in ("127.0.0.1:8000", "[::1]:8000", "localhost", "evil.example:8000", "")]
    [True, True, True, False, False]
    """
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    name = name.removeprefix("[").removesuffix("]").lower()
    own = socket.gethostname().lower()
    if name in ("localhost", own, f"{own}.local"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def foreign(headers: Headers) -> Response | None:
    """Refuse a command that was not sent by our own page or by a person's own script."""
    origin = headers.get("origin")
    if headers.get(COMMAND_HEADER) != "1":
        return refusal(HTTPStatus.FORBIDDEN, f"A command needs the header {COMMAND_HEADER}: 1.")
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return refusal(HTTPStatus.FORBIDDEN, "A command must come from this page.")
    if origin is not None and origin.partition("://")[2] != headers.get("host"):
        return refusal(HTTPStatus.FORBIDDEN, "A command must come from this page.")
    return None


def refusal(status: HTTPStatus, why: str, headers: dict[str, str] | None = None) -> Response:
    """Say no, and why, in one line."""
    return JSONResponse({"error": why}, status, headers)
