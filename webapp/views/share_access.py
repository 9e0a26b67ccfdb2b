"""How readers come to a shared conversation: by a token, by a pass, by the password; wrong ones are counted."""

from __future__ import annotations

import hashlib

from flask import request

from webapp.errors import NotFound, SharePassword
from webapp.sharing import Opened
from webapp.views.parts import services

TOKENS, PASSWORDS = "share", "share password"


def opened(token: str, *, password: str | None = None, view: str | None = None, count: bool = False) -> Opened:
    """What this request's reader may read. `view` is a pass; `count` counts one view.

    Raises `NotFound` where there is nothing (more) to read, `DoorClosed` when the door has to be passed first,
    and `LimitReached` after too many wrong tokens from the reader's address, or wrong passwords for this share.
    """
    parts, address = services(), request.remote_addr or ""
    parts.limits.may_guess(TOKENS, address)
    # Not the token itself: what is counted stays in memory for a while.
    guesser = f"{address} {hashlib.sha256(token.encode(errors='replace')).hexdigest()}"
    if password is not None:
        parts.limits.may_guess(PASSWORDS, guesser)
    try:
        return parts.sharing.open(token, password=password, view=view, count=count)
    except NotFound:
        parts.limits.guessed_wrong(TOKENS, address)
        raise
    except SharePassword:
        if password is not None:
            parts.limits.guessed_wrong(PASSWORDS, guesser)
        raise
