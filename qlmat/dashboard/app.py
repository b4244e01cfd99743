"""What the page's server answers: the page, one stream of events, commands by POST, and its own health."""

from collections.abc import AsyncIterator
from http import HTTPStatus

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from qlmat.dashboard.assets import Asset, load_assets
from qlmat.dashboard.door import Door
from qlmat.dashboard.guard import Guard, admitted, refusal, token_of
from qlmat.dashboard.login import login_routes
from qlmat.dashboard.mat_routes import Publish, mat_routes
from qlmat.dashboard.metrics import metrics
from qlmat.dashboard.room import Room
from qlmat.dashboard.watchers import Watcher, message


def build_app(room: Room, publish: Publish, broker: str, door: Door) -> ASGIApp:
    """Put the routes together. `publish(mat, command, payload)` sends; `broker` is its address, for people."""
    assets = load_assets()

    async def page(request: Request) -> Response:
        return _asset(request, assets["index.html" if admitted(door, request) else "login.html"])

    async def static(request: Request) -> Response:
        asset = assets.get(request.path_params["name"])
        return refusal(HTTPStatus.NOT_FOUND, "There is no such file.") if asset is None else _asset(request, asset)

    async def events(request: Request) -> Response:
        if room.watchers.full:
            return refusal(HTTPStatus.SERVICE_UNAVAILABLE, "Too many pages are open: close one.")
        watcher = room.watchers.add(token_of(request), request.query_params.get("mat"))
        return StreamingResponse(
            _stream(room, watcher, door.locked), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    async def health(request: Request) -> Response:
        more = {"broker": broker, "login": door.locked, **room.health()} if admitted(door, request) else {}
        return JSONResponse({"ok": True, **more}, headers={"cache-control": "no-store"})

    async def measures(request: Request) -> Response:
        return Response(metrics(room), media_type=CONTENT_TYPE_LATEST, headers={"cache-control": "no-store"})

    routes = [
        Route("/metrics", measures),
        Route("/", page),
        Route("/static/{name}", static),
        Route("/events", events),
        Route("/health", health),
        *mat_routes(room, publish),
        *login_routes(door, room),
    ]
    return Guard(Starlette(routes=routes), door)


def _asset(request: Request, asset: Asset) -> Response:
    headers = {"etag": asset.tag, "cache-control": "no-cache", "vary": "accept-encoding, cookie"}
    if request.headers.get("if-none-match") == asset.tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.compressed, media_type=asset.media_type, headers=headers | {"content-encoding": "gzip"})
    return Response(asset.body, media_type=asset.media_type, headers=headers)


async def _stream(room: Room, watcher: Watcher, locked: bool) -> AsyncIterator[bytes]:
    try:
        yield message("hello", {**room.hello(), "login": locked})
        async for chunk in watcher.stream():
            yield chunk
    finally:
        room.watchers.remove(watcher)
