"""The owner's session: who is signed in at `/admin`, until ADMIN_PASSWORD or the site's secret changes."""

from __future__ import annotations

import hashlib
import hmac

from flask import session

from webapp.views.parts import services

SIGNED_IN = "owner"


def sign_in_key(secret_key: str) -> str:
    """The key inside the owner's sign-in link: made from the site's secret, so it changes with it."""
    return hmac.new(secret_key.encode(), b"parley owner's sign-in link", hashlib.sha256).hexdigest()


def is_right_password(given: str) -> bool:
    """Whether this is ADMIN_PASSWORD; nothing is when it is not set."""
    expected = services().settings.admin_password
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()) and bool(expected)


def is_right_key(given: str) -> bool:
    """Whether this is the key of the sign-in link."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), sign_in_key(services().secret_key).encode())


def is_signed_in() -> bool:
    """Whether the owner asks."""
    mark = session.get(SIGNED_IN)
    return isinstance(mark, str) and hmac.compare_digest(mark.encode(), _mark().encode())


def sign_in() -> None:
    """From the response on, this browser is the owner's."""
    session[SIGNED_IN] = _mark()


def sign_out() -> None:
    """From the response on, it is not any more."""
    session.pop(SIGNED_IN, None)


def _mark() -> str:
    """What the session holds: with another password it would be another one."""
    parts = services()
    return hmac.new(
        parts.secret_key.encode(), b"parley owner's session " + parts.settings.admin_password.encode(), hashlib.sha256
    ).hexdigest()
