"""The tokens of shares, and the passes that let a reader come back. No I/O.

A token follows from its share's id and the server's secret: its visitor can be shown it again, while the database holds
its hash alone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from itsdangerous import BadSignature, URLSafeSerializer

TOKEN_BYTES = 24


def hash_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def is_token_of(token: str, stored_hash: str) -> bool:
    """Whether this is the token of which that is stored."""
    return hmac.compare_digest(hash_of(token), stored_hash)


class ShareTokens:
    """Makes tokens and passes with one secret."""

    def __init__(self, secret_key: str) -> None:
        """With another secret there are other tokens, and passes that were given are none any more."""
        self._secret_key = secret_key.encode()
        self._passes = URLSafeSerializer(secret_key, salt="parley share view")
        self._knocks = URLSafeSerializer(secret_key, salt="parley share door")

    def token(self, share_id: str) -> str:
        """The token of the share that has this id."""
        signed = hmac.digest(self._secret_key, b"parley share " + share_id.encode(), "sha256")
        return base64.urlsafe_b64encode(signed[:TOKEN_BYTES]).decode()

    def pass_for(self, share_id: str, password_hash: str | None, until_ms: int) -> str:
        """A pass for a share, as long as it has this password and until this time."""
        return str(self._passes.dumps([share_id, _generation(password_hash), until_ms]))

    def is_pass(self, view: str | None, share_id: str, password_hash: str | None, now_ms: int) -> bool:
        """Whether this is such a pass and still good."""
        try:
            its_share, generation, until_ms = self._passes.loads(view or "")
        except (BadSignature, ValueError, TypeError):
            return False
        given, right = f"{its_share} {generation}", f"{share_id} {_generation(password_hash)}"
        return hmac.compare_digest(given.encode(), right.encode()) and bool(until_ms > now_ms)

    def knock(self, token_hash: str) -> str:
        """Names one showing of the door before the share whose token has this hash."""
        return str(self._knocks.dumps([token_hash, secrets.token_urlsafe(16)]))

    def is_knock(self, knock: str | None, token_hash: str) -> bool:
        """Whether this is one of that share's door."""
        try:
            its_hash, _ = self._knocks.loads(knock or "")
        except (BadSignature, ValueError, TypeError):
            return False
        return hmac.compare_digest(str(its_hash).encode(), token_hash.encode())


def _generation(password_hash: str | None) -> str:
    """Which of a share's passwords it is."""
    return hashlib.sha256((password_hash or "").encode()).hexdigest()[:16]
