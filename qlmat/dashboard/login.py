"""Coming in and going out: the password by POST from our own page, the session as a cookie no script can read."""

import asyncio
import math
import time
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from qlmat.dashboard.bodies import BodyError, read_object
from qlmat.dashboard.door import SESSION_S, Door
from qlmat.dashboard.guard import cookie_name, foreign, refusal, token_of
from qlmat.dashboard.passwords import matches
from qlmat.dashboard.room import Room


def login_routes(door: Door, room: Room) -> list[Route]:
    """Give the routes; a session that ends takes its open streams with it."""
    one_at_a_time = asyncio.Lock()  # a hash takes 19 MiB

    async def login(request: Request) -> Response:
        refused = foreign(request.headers)
        if refused is not None:
            return refused
        try:
            password = (await read_object(request)).get("password")
        except BodyError as error:
            return refusal(HTTPStatus.BAD_REQUEST, str(error))
        if not isinstance(password, str):
            return refusal(HTTPStatus.BAD_REQUEST, "A password is needed.")
        wait_s = door.wait_s(request.client.host if request.client else "", time.monotonic())
        if wait_s > 0.0:
            whole_s = math.ceil(wait_s)
            return refusal(
                HTTPStatus.TOO_MANY_REQUESTS, f"Too many tries: wait {whole_s} s.", {"retry-after": str(whole_s)}
            )
        async with one_at_a_time:
            if not await asyncio.to_thread(_matches, door, password):
                return refusal(HTTPStatus.UNAUTHORIZED, "That is not the password.")
        return _welcome(request, door.welcome(time.monotonic()))

    async def logout(request: Request) -> Response:
        refused = foreign(request.headers)
        if refused is not None:
            return refused
        door.farewell(token_of(request))
        room.watchers.end_of(token_of(request))
        answer = JSONResponse({"ok": True})
        answer.delete_cookie(cookie_name(request), path="/", secure=_secure(request), httponly=True, samesite="strict")
        return answer

    return [Route("/api/login", login, methods=["POST"]), Route("/api/logout", logout, methods=["POST"])]


def _matches(door: Door, password: str) -> bool:
    return door.hash_text is None or matches(door.hash_text, password)


def _welcome(request: Request, token: str) -> Response:
    answer = JSONResponse({"ok": True}, headers={"cache-control": "no-store"})
    answer.set_cookie(
        cookie_name(request),
        token,
        max_age=int(SESSION_S),
        path="/",
        secure=_secure(request),
        httponly=True,
        samesite="strict",
    )
    return answer


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"
