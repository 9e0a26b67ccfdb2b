"""JSON in and out of the HTTP API, through msgspec."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from flask import Response

from webapp.errors import InvalidInput
from webapp.frames import MAX_TEXT_CHARS
from webapp.views.bodies import whole_body

T = TypeVar("T")
PIECE_BYTES = 64 * 1024
# A character of a question is at most six bytes as JSON may write it; the rest of a request is small.
MOST_BYTES = 6 * MAX_TEXT_CHARS + 64 * 1024


def json_response(value: Any, status: int = 200) -> Response:
    """A response that holds `value` as JSON."""
    data = msgspec.json.encode(value)
    if len(data) <= PIECE_BYTES:
        return Response(data, status, mimetype="application/json")
    # In pieces, since the bound on a reader's patience is a bound on the time one write may take.
    pieces = (data[at : at + PIECE_BYTES] for at in range(0, len(data), PIECE_BYTES))
    return Response(pieces, status, mimetype="application/json", headers={"Content-Length": str(len(data))})


def body(kind: type[T], most_bytes: int = MOST_BYTES) -> T:
    """The request's body as a struct. Raises `InvalidInput`, naming the field that is wrong."""
    try:
        return msgspec.json.decode(whole_body(most_bytes), type=kind)
    except msgspec.DecodeError as problem:
        raise InvalidInput(f"That request cannot be read: {problem}.") from None
    except (UnicodeError, RecursionError):
        raise InvalidInput("That request cannot be read: it is not JSON text of moderate depth.") from None
