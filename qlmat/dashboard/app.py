"""What the page's server answers: the page, one stream of events, commands by POST, and its own health.

Everything a browser may do from another site is refused: a foreign host name (DNS rebinding), a foreign origin, a form.
"""

import ipaddress
import socket
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qlmat.core.requests import COMMANDS
from qlmat.dashboard.assets import Asset, load_assets
from qlmat.dashboard.room import Room
from qlmat.dashboard.watchers import Watcher, message

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

Answer = Callable[[Request], Any]


def build_app(room: Room, publish: Callable[[str, str], bool], broker: str) -> ASGIApp:
    """Put the routes together. `publish(mat, command)` sends; `broker` is its address, for people."""
    assets = load_assets()

    async def page(request: Request) -> Response:
        return _asset(request, assets["index.html"])

    async def static(request: Request) -> Response:
        asset = assets.get(request.path_params["name"])
        return _refusal(HTTPStatus.NOT_FOUND, "There is no such file.") if asset is None else _asset(request, asset)

    async def events(_: Request) -> Response:
        if room.watchers.full:
            return _refusal(HTTPStatus.SERVICE_UNAVAILABLE, "Too many pages are open: close one.")
        watcher = room.watchers.add()
        return StreamingResponse(
            _stream(room, watcher), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    async def command(request: Request) -> Response:
        refusal = _foreign(request.headers)
        return refusal or _command(room, publish, request.path_params["mat"], request.path_params["name"])

    async def health(_: Request) -> Response:
        return JSONResponse({"ok": True, "broker": broker, **room.health()}, headers={"cache-control": "no-store"})

    routes = [
        Route("/", page),
        Route("/static/{name}", static),
        Route("/events", events),
        Route("/health", health),
        Route("/api/mats/{mat}/cmd/{name}", command, methods=["POST"]),
    ]
    return Guard(Starlette(routes=routes))


class Guard:
    """Refuse foreign host names and put the security headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_guarded(event: Message) -> None:
            if event["type"] == "http.response.start":
                MutableHeaders(scope=event).update(SECURITY_HEADERS)
            await send(event)

        app = self._app
        if scope["type"] == "http" and not own_host(Headers(scope=scope).get("host", "")):
            app = _refusal(HTTPStatus.MISDIRECTED_REQUEST, "Open this page by its number, localhost or its own name.")
        await app(scope, receive, send_guarded)


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


def _foreign(headers: Headers) -> Response | None:
    """Refuse a command that was not sent by our own page or by a person's own script."""
    origin = headers.get("origin")
    if headers.get(COMMAND_HEADER) != "1":
        return _refusal(HTTPStatus.FORBIDDEN, f"A command needs the header {COMMAND_HEADER}: 1.")
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return _refusal(HTTPStatus.FORBIDDEN, "A command must come from this page.")
    if origin is not None and origin.partition("://")[2] != headers.get("host"):
        return _refusal(HTTPStatus.FORBIDDEN, "A command must come from this page.")
    return None


def _command(room: Room, publish: Callable[[str, str], bool], mat: str, name: str) -> Response:
    if name not in COMMANDS:
        return _refusal(HTTPStatus.NOT_FOUND, f"There is no such command: use one of {', '.join(COMMANDS)}.")
    if mat not in room.mats:
        return _refusal(HTTPStatus.NOT_FOUND, "No such mat has been heard of.")
    if not publish(mat, name):
        return _refusal(HTTPStatus.SERVICE_UNAVAILABLE, "The broker cannot be reached: the command was not sent.")
    return JSONResponse({"sent": name}, HTTPStatus.ACCEPTED)


def _asset(request: Request, asset: Asset) -> Response:
    headers = {"etag": asset.tag, "cache-control": "no-cache", "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == asset.tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.compressed, media_type=asset.media_type, headers=headers | {"content-encoding": "gzip"})
    return Response(asset.body, media_type=asset.media_type, headers=headers)


def _refusal(status: HTTPStatus, why: str) -> Response:
    return JSONResponse({"error": why}, status)


async def _stream(room: Room, watcher: Watcher) -> AsyncIterator[bytes]:
    try:
        yield message("hello", room.hello())
        async for chunk in watcher.stream():
            yield chunk
    finally:
        room.watchers.remove(watcher)
