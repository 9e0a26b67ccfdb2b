"""The gateway: the signed protocol, served. Any client of the protocol can use Parley as its server."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from flask import Blueprint, Response, request

from webapp.providers import Guide
from webapp.providers.gprochat_gateway import MAX_BODY_BYTES, GatewayRefused, GenerateRequest
from webapp.views.json import json_response
from webapp.views.parts import services

blueprint = Blueprint("generate", __name__)
MAX_AUTH_BYTES = 4096
GUESSES = frozenset({"wrong_password"})  # the refusals that somebody may be trying to get past


class _Password(msgspec.Struct):
    given: object = msgspec.field(name="pass", default=None)


@blueprint.post("/api/generate")
def generate() -> Response:
    """Check a signed request and stream the guide's answer as plain text. 400 and 401 as the originals say."""
    limits, address = services().limits, request.remote_addr or ""
    request.max_content_length = MAX_BODY_BYTES
    try:
        accepted = services().gateway.accept(request.get_data())
    except GatewayRefused as refused:
        # Only for who is refused: our own chat comes from loopback too, and nobody's guesses may lock it out.
        limits.may_guess("gateway", address)
        if refused.code in GUESSES:
            limits.guessed_wrong("gateway", address)
        raise
    return Response(
        _answer(accepted), mimetype="text/plain", headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    )


@blueprint.post("/api/auth")
def auth() -> Response:
    """`{"code": 0}` when the password is right, `{"code": -1}` when it is wrong."""
    limits, address = services().limits, request.remote_addr or ""
    limits.may_guess("gateway", address)
    request.max_content_length = MAX_AUTH_BYTES
    try:
        given = msgspec.json.decode(request.get_data(), type=_Password).given
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        given = None
    verdict = services().gateway.check_auth(given)
    if verdict["code"] != 0:
        limits.guessed_wrong("gateway", address)
    return json_response(verdict)


def _answer(accepted: GenerateRequest) -> Iterator[bytes]:
    for text in Guide.create_completion(accepted.model or Guide.default_model, accepted.messages):
        yield text.encode()
