"""What the self-test of an embed asks for through the proxy: a page that says what reached this server."""

from __future__ import annotations

from flask import Blueprint, Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from webapp.embed_self_test import PROBE_COOKIE, SECURE_PROBE_COOKIE
from webapp.errors import NotFound
from webapp.views import embed_access
from webapp.views.json import json_response
from webapp.views.parts import services

blueprint = Blueprint("embed_probe", __name__)
VALID_S = 60
MARK = "parley"


def path(*, secure: bool) -> str:
    """The page's path for a test that begins now; `secure`: visitors come over https, as far as we know."""
    return f"/embed/self-test/{_signer().dumps(secure)}"


@blueprint.get("/embed/self-test/<token>")
def probe(token: str) -> Response:
    """Whether the request came over https and brought the cookie back; gives the cookie."""
    try:
        secure = _signer().loads(token, max_age=VALID_S)
    except BadSignature:
        raise NotFound("This test is over.") from None
    name = SECURE_PROBE_COOKIE if secure else PROBE_COOKIE
    response = json_response({"secure": request.is_secure, "cookie": request.cookies.get(name) == MARK})
    if secure:  # as the visitors' own: a proxy that changes one changes the other
        embed_access.set_in_frame(response, name, MARK, VALID_S)
    else:
        response.set_cookie(name, MARK, max_age=VALID_S, httponly=True, path="/")
    return response


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(services().secret_key, salt="embed self-test")
