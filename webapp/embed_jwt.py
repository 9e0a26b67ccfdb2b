"""Reads the tokens by which an embed's site says who somebody is: JWTs signed with HS256, nothing else. No I/O.

The algorithm is ours, never the token's to choose; the signature is compared before anything inside is read.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any

import msgspec

from webapp.errors import NotSignedIn

LONGEST = 4_096
LONGEST_VALIDITY_S = 3_600
LEEWAY_S = 60  # for clocks that are not quite right
LONGEST_SUBJECT = 255


def subject_of(token: str, secret: str, audience: str, now_s: float) -> str:
    """Whom a token names (`sub`). Raises `NotSignedIn`, telling the site's developer what is wrong."""
    parts = token.split(".")
    if len(token) > LONGEST or len(parts) != 3:
        raise NotSignedIn("jwt: must be three parts with dots between.")
    header, claims, signature = parts
    head = _decoded(header)
    if head.get("alg") != "HS256":
        raise NotSignedIn("jwt: must be signed with HS256.")
    if "crit" in head:  # what it says has to be understood, and we understand none of it
        raise NotSignedIn("jwt: its header may have no crit.")
    right = hmac.digest(secret.encode(), f"{header}.{claims}".encode(errors="replace"), "sha256")
    if not hmac.compare_digest(_bytes(signature), right):
        raise NotSignedIn("jwt: its signature is not right; sign it with this embed's secret.")
    return _subject(_decoded(claims), audience, now_s)


def _subject(claims: dict[str, Any], audience: str, now_s: float) -> str:
    """Whom these claims name. Raises `NotSignedIn`."""
    heard = claims.get("aud")
    if heard != audience and not (isinstance(heard, list) and audience in heard):
        raise NotSignedIn(f"jwt: its aud must be {audience!r}.")
    until_s = _time(claims, "exp")
    if until_s is None or until_s <= now_s - LEEWAY_S:
        raise NotSignedIn("jwt: it needs an exp that lies ahead.")
    if until_s > now_s + LONGEST_VALIDITY_S + LEEWAY_S:
        raise NotSignedIn("jwt: its exp may be an hour ahead at most.")
    for name in ("nbf", "iat"):
        since_s = _time(claims, name)
        if since_s is not None and since_s > now_s + LEEWAY_S:
            raise NotSignedIn(f"jwt: its {name} lies ahead; is the clock right?")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 1 <= len(subject) <= LONGEST_SUBJECT or "\0" in subject:
        raise NotSignedIn(f"jwt: it needs a sub, a text of 1 to {LONGEST_SUBJECT} characters.")
    return subject


def _time(claims: dict[str, Any], name: str) -> float | None:
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotSignedIn(f"jwt: its {name} must be a number of seconds.")
    return value


def _decoded(part: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(_bytes(part), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise NotSignedIn("jwt: it cannot be read.") from None


def _bytes(part: str) -> bytes:
    try:
        return base64.b64decode(part.encode("ascii") + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeError, ValueError):
        raise NotSignedIn("jwt: it cannot be read.") from None
