"""How readers come to a shared conversation: by a token, by a pass, by the password; wrong ones are counted."""

from __future__ import annotations

import hashlib

from flask import request

from webapp.errors import NotFound, SharePassword
from webapp.sharing import Opened
from webapp.views.parts import services

TOKENS, PASSWORDS, ANY_PASSWORD = "share", "share password", "any share password"


def opened(
    token: str,
    *,
    password: str | None = None,
    view: str | None = None,
    count: bool = False,
    knock: str | None = None,
) -> Opened:
    """What this request's reader may read. `view` is a pass; `count` counts one view, of one `knock` only once.

    Raises `NotFound` where there is nothing (more) to read, `DoorClosed` when the door has to be passed first,
    and `LimitReached` after too many wrong tokens from the reader's address, or too many passwords: wrong ones for
    this share, or any at all, since each takes a while to compare. Right tokens are let in whatever was guessed.
    """
    parts, address = services(), request.remote_addr or ""
    # Not the token itself: what is counted stays in memory for a while.
    guesser = f"{address} {hashlib.sha256(token.encode(errors='replace')).hexdigest()}"
    if password is not None:
        parts.limits.may_guess(PASSWORDS, guesser)
        parts.limits.may_guess(ANY_PASSWORD, address)
        parts.limits.guessed_wrong(ANY_PASSWORD, address)
    try:
        return parts.sharing.open(token, password=password, view=view, count=count, knock=knock)
    except NotFound:
        parts.limits.may_guess(TOKENS, address)
        parts.limits.guessed_wrong(TOKENS, address)
        raise
    except SharePassword:
        if password is not None:
            parts.limits.guessed_wrong(PASSWORDS, guesser)
        raise
