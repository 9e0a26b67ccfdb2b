"""Who is asking: an anonymous visitor, known by a signed cookie that only a page or an API call sets."""

from __future__ import annotations

import secrets

from flask import Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer

from webapp.views.parts import services

COOKIE = "parley_visitor"
SECURE_COOKIE = "__Host-parley_visitor"  # a sibling subdomain cannot plant one of that name
KEEP_S = 400 * 24 * 3600  # the longest that browsers accept


def known_visitor() -> str | None:
    """The id in this request's cookie, or None when there is no cookie or its signature is wrong."""
    value = request.cookies.get(_cookie())
    if not value:
        return None
    try:
        visitor_id = _signer().loads(value)
    except BadSignature:
        return None
    return visitor_id if isinstance(visitor_id, str) else None


def visitor() -> str:
    """This request's visitor; a new one gets a cookie with the response. Not for WebSockets: a cookie is lost there."""
    visitor_id = known_visitor()
    if visitor_id is None:
        visitor_id = g.get("new_visitor") or secrets.token_urlsafe(16)
        g.new_visitor = visitor_id
    return visitor_id


def become(visitor_id: str) -> None:
    """This browser is another visitor from the response to this request on."""
    g.new_visitor = visitor_id


def forget(response: Response) -> Response:
    """This browser is nobody from this response on."""
    response.delete_cookie(_cookie(), httponly=True, samesite="Lax", secure=always_secure() or request.is_secure)
    return response


def set_cookie(response: Response) -> Response:
    """Send the cookie when this request made a visitor."""
    visitor_id = g.pop("new_visitor", None)
    if visitor_id is not None:
        response.set_cookie(
            _cookie(),
            str(_signer().dumps(visitor_id)),
            max_age=KEEP_S,
            httponly=True,
            samesite="Lax",
            secure=always_secure() or request.is_secure,
        )
    return response


def always_secure() -> bool:
    """Whether every visitor comes over https, so that cookies may be for that alone."""
    return services().settings.public_url.startswith("https:")


def _cookie() -> str:
    return SECURE_COOKIE if always_secure() else COOKIE


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="parley visitor")
