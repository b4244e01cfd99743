"""What a page may ask about one mat: send it a command, and see how a session ran."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from qlmat.dashboard.bodies import BodyError, read_object
from qlmat.dashboard.guard import foreign, refusal
from qlmat.dashboard.room import Room
from qlmat.wishes import WISHES, RefusedError

Publish = Callable[[str, str, bytes], bool]
MAX_IDENT = 64
MAX_DIGITS = 9  # of a session, as in its topic


def mat_routes(room: Room, publish: Publish) -> list[Route]:
    """Give the routes. `publish(mat, command, payload)` sends; the mat's answer comes over the stream."""

    async def command(request: Request) -> Response:
        refused = foreign(request.headers)
        if refused is not None:
            return refused
        try:
            body = await read_object(request)
        except BodyError as error:
            return refusal(HTTPStatus.BAD_REQUEST, str(error))
        return _command(room, publish, request.path_params["mat"], request.path_params["name"], body)

    async def session(request: Request) -> Response:
        number = request.path_params["n"]
        known = number.isascii() and number.isdecimal() and len(number) <= MAX_DIGITS
        found = room.mats.view(request.path_params["mat"], int(number)) if known else None
        if found is None:
            return refusal(HTTPStatus.NOT_FOUND, "This page has not seen how that session ran.")
        return JSONResponse(found, headers={"cache-control": "no-store"})

    return [
        Route("/api/mats/{mat}/cmd/{name}", command, methods=["POST"]),
        Route("/api/mats/{mat}/sessions/{n}", session),
    ]


def _command(room: Room, publish: Publish, mat: str, name: str, body: dict[str, Any]) -> Response:
    """Send a command as `qlmat.wishes` has it; an `id` in the body comes back in the mat's answer."""
    if name not in WISHES:
        return refusal(HTTPStatus.NOT_FOUND, f"There is no such command: use one of {', '.join(WISHES)}.")
    if mat not in room.mats:
        return refusal(HTTPStatus.NOT_FOUND, "No such mat has been heard of.")
    ident = body.pop("id", None)
    if ident is not None and not (isinstance(ident, str) and 0 < len(ident) <= MAX_IDENT):
        return refusal(HTTPStatus.BAD_REQUEST, f"id: use a text of 1 to {MAX_IDENT} characters.")
    try:
        WISHES[name].check(body)
    except RefusedError as error:
        return refusal(HTTPStatus.BAD_REQUEST, f"{error}.")
    whole = body if ident is None else body | {"id": ident}
    if not publish(mat, name, json.dumps(whole, ensure_ascii=False).encode() if whole else b""):
        return refusal(HTTPStatus.SERVICE_UNAVAILABLE, "The broker cannot be reached: the command was not sent.")
    return JSONResponse({"sent": name}, HTTPStatus.ACCEPTED)
