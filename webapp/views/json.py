"""JSON in and out of the HTTP API, through msgspec."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from flask import Response, request

from webapp.errors import InvalidInput

T = TypeVar("T")


def json_response(value: Any, status: int = 200) -> Response:
    """A response that holds `value` as JSON."""
    return Response(msgspec.json.encode(value), status, mimetype="application/json")


def body(kind: type[T]) -> T:
    """The request's body as a struct. Raises `InvalidInput`, naming the field that is wrong."""
    try:
        return msgspec.json.decode(request.get_data(), type=kind)
    except msgspec.DecodeError as problem:
        raise InvalidInput(f"That request cannot be read: {problem}.") from None
    except (UnicodeError, RecursionError):
        raise InvalidInput("That request cannot be read: it is not JSON text of moderate depth.") from None
