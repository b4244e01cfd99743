"""The body of a request, bounded in length; how long it may take is bounded by the connection."""

import json
from typing import Any

from starlette.requests import ClientDisconnect, Request

MAX_BODY_BYTES = 2048


class BodyError(ValueError):
    """The body is too long, or not the JSON object that was asked for."""


async def read_object(request: Request) -> dict[str, Any]:
    """Read a small JSON object; an empty body is an empty object. Raises BodyError before a long one was taken in."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise BodyError(f"The body is longer than {MAX_BODY_BYTES} bytes.")
    except ClientDisconnect as error:
        raise BodyError("The body did not come whole.") from error
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise BodyError("The body is not JSON.") from error
    if not isinstance(found, dict):
        raise BodyError("The body is not a JSON object.")
    return found
