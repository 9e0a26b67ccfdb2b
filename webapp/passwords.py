"""Passwords that visitors set, as they are stored: scrypt with a salt of their own. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

LONGEST_PASSWORD = 200  # characters
# 16 MB and some 40 ms: while one is computed, nobody else of this process gets a turn.
_COST, _BLOCK, _LANES = 2**14, 8, 1
_METHOD = f"scrypt:{_COST}:{_BLOCK}:{_LANES}"


def hashed(password: str) -> str:
    """What is stored of a password."""
    salt = secrets.token_bytes(16)
    return f"{_METHOD}${_text(salt)}${_text(_key(password, salt))}"


def is_right(password: str, stored: str) -> bool:
    """Whether this is the password of which that is stored."""
    method, salt, key = stored.split("$")
    if method != _METHOD or len(password) > LONGEST_PASSWORD:
        return False
    return hmac.compare_digest(_key(password, base64.b64decode(salt)), base64.b64decode(key))


def _key(password: str, salt: bytes) -> bytes:
    # A lone half of a surrogate pair is nothing that anybody types, but JSON may carry it.
    data = password.encode(errors="replace")
    return hashlib.scrypt(data, salt=salt, n=_COST, r=_BLOCK, p=_LANES, dklen=32)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
