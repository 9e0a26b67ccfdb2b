"""Who an embed's page is: an access token authorises, and nothing else; the cookie only brings a visitor back.

The cookie is an embed's own. The site's cookies are never looked at here.
"""

from __future__ import annotations

import re

from flask import Response, request

from webapp.embed_profiles import Embed
from webapp.embed_sessions import EmbedAccess
from webapp.errors import NotSignedIn
from webapp.views.parts import services
from webapp.views.visitors import always_secure

COOKIE = "__Host-parley_embed"
KEEP_S = 30 * 24 * 3600
MOST_KEPT = 4
_BEARER = "Bearer "
# One cookie for all embeds on one site: `acme:token|other:token`.
_KEPT = re.compile(r"([a-z0-9-]{1,40}):([A-Za-z0-9._~=-]{1,400})")


def found(embed_id: str) -> Embed:
    """An embed that anybody may talk in. Raises `EmbedUnavailable`, whatever is the matter with it."""
    return services().embeds.open(embed_id)


def bearer() -> EmbedAccess:
    """Who this request speaks for. Raises `NotSignedIn`."""
    given = request.headers.get("Authorization", "")
    if not given.startswith(_BEARER):
        raise NotSignedIn("Send the access token of this chat, as `Authorization: Bearer …`.")
    return by_token(given.removeprefix(_BEARER).strip())


def by_token(token: str) -> EmbedAccess:
    """Whose access token this is. Raises `NotSignedIn`, also when the embed is not available any more."""
    return services().embeds.sessions.check(token)


def kept_refresh(embed_id: str) -> str | None:
    """The refresh token that this browser keeps of an embed."""
    return dict(_kept()).get(embed_id)


def keep(response: Response, embed_id: str, refresh: str) -> None:
    """Have the browser keep a refresh token for this embed on this site."""
    others = [(other, token) for other, token in _kept() if other != embed_id]
    kept = [(embed_id, refresh), *others][:MOST_KEPT]
    set_in_frame(response, COOKIE, "|".join(f"{one}:{token}" for one, token in kept), KEEP_S)


def set_in_frame(response: Response, name: str, value: str, keep_s: int) -> None:
    """Set a cookie that a browser takes in a frame of another site, and keeps for that pair of sites alone."""
    response.set_cookie(
        name, value, max_age=keep_s, path="/", secure=True, httponly=True, samesite="None", partitioned=True
    )


def is_https() -> bool:
    """Whether the browser talks to us over https, as far as we know; only then it takes the cookie."""
    return request.is_secure or always_secure()


def _kept() -> list[tuple[str, str]]:
    return _KEPT.findall(request.cookies.get(COOKIE, ""))[:MOST_KEPT]
