"""The gateway: the signed protocol, served. Any client of the protocol can use Parley as its server."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from flask import Blueprint, Response, request

from webapp.providers import Guide
from webapp.providers.gprochat_gateway import GenerateRequest
from webapp.views.json import json_response
from webapp.views.parts import bound_writes, services

blueprint = Blueprint("generate", __name__)


@blueprint.post("/api/generate")
def generate() -> Response:
    """Check a signed request and stream the guide's answer as plain text. 400 and 401 as the originals say."""
    bound_writes()
    accepted = services().gateway.accept(request.get_data())
    return Response(
        _answer(accepted), mimetype="text/plain", headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    )


@blueprint.post("/api/auth")
def auth() -> Response:
    """`{"code": 0}` when the password is right, `{"code": -1}` when it is wrong."""
    try:
        given = msgspec.json.decode(request.get_data(), type=dict[str, object]).get("pass")
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        given = None
    return json_response(services().gateway.check_auth(given if isinstance(given, str) else None))


def _answer(accepted: GenerateRequest) -> Iterator[bytes]:
    for text in Guide.create_completion(accepted.model or Guide.default_model, accepted.messages):
        yield text.encode()
