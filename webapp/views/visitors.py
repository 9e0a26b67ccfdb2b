"""Who is asking: an anonymous visitor, known by a signed cookie that only a page or an API call sets."""

from __future__ import annotations

import secrets
import time

from flask import Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer

from webapp.views.parts import services

COOKIE = "parley_visitor"
SECURE_COOKIE = "__Host-parley_visitor"  # a sibling subdomain cannot plant one of that name
KEEP_S = 400 * 24 * 3600  # the longest that browsers accept


def known_visitor() -> str | None:
    """The id in this request's cookie, or None when there is no cookie or its signature is wrong."""
    known = _read()
    return None if known is None else known[0]


def _read() -> tuple[str, int] | None:
    """Who the cookie names, and since when it does (days since 1970 UTC); 0 for one of an older version."""
    try:
        match _signer().loads(request.cookies.get(_cookie()) or ""):
            case [str(visitor_id), int(day)]:
                return visitor_id, day
            case str(visitor_id):
                return visitor_id, 0
    except BadSignature:
        pass
    return None


def visitor() -> str:
    """This request's visitor; a new one gets a cookie with the response. Not for WebSockets: a cookie is lost there."""
    visitor_id = known_visitor()
    if visitor_id is None:
        visitor_id = g.get("new_visitor") or secrets.token_urlsafe(16)
        g.new_visitor = visitor_id
    return visitor_id


def page_visitor() -> str:
    """The same for a page, upon which the browser keeps the cookie for its whole time again, told so once a day.

    Not more often: a page that was on its way while the visitor became another would put the old cookie back.
    """
    known = _read()
    if known is not None and known[1] != today():
        become(known[0])
    return visitor()


def today() -> int:
    """Days since 1970 UTC."""
    return int(time.time() // (24 * 3600))


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
            str(_signer().dumps([visitor_id, today()])),
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
