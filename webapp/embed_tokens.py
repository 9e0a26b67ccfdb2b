"""The signed values of embeds: access tokens, page tickets, refresh tokens, secrets of profiles. No I/O, no clock.

An access token says who somebody is for a quarter of an hour. A page ticket says that its holder has loaded the page.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any, NamedTuple

from itsdangerous import BadSignature, URLSafeSerializer

ACCESS_S = 15 * 60
TICKET_S = 10 * 60
LONGEST = 400
TOKEN_BYTES = 24


class Claim(NamedTuple):
    """What an access token says."""

    embed_id: str
    visitor_id: str
    generation: int
    session_id: str
    until_s: int


def hash_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


class EmbedTokens:
    """Makes and reads them with one secret. With another secret all that were given are none any more."""

    def __init__(self, secret_key: str) -> None:
        """`secret_key` is the site's own."""
        self._secret_key = secret_key.encode()
        self._access = URLSafeSerializer(secret_key, salt="parley embed access", signer_kwargs=_SIGNER)
        self._tickets = URLSafeSerializer(secret_key, salt="parley embed page", signer_kwargs=_SIGNER)

    def access(self, claim: Claim) -> str:
        """An access token that says so, until then."""
        return str(self._access.dumps(claim))

    def claim(self, token: str, now_s: float) -> Claim | None:
        """What an access token says; None when it is none of ours, or over."""
        match _read(self._access, token):
            case [str(embed), str(visitor), int(generation), str(session), int(until_s)] if until_s > now_s:
                return Claim(embed, visitor, generation, session, until_s)
        return None

    def ticket(self, embed_id: str, generation: int, now_s: float) -> str:
        """A page ticket that is good for `TICKET_S`; no two are the same."""
        return str(self._tickets.dumps([embed_id, generation, int(now_s) + TICKET_S, secrets.token_urlsafe(9)]))

    def is_ticket(self, ticket: str, embed_id: str, generation: int, now_s: float) -> bool:
        """Whether this is one of that embed and generation, and still good."""
        match _read(self._tickets, ticket):
            case [str(its_embed), int(its_generation), int(until_s), _]:
                return (its_embed, its_generation) == (embed_id, generation) and until_s > now_s
        return False

    def refresh(self, session_id: str, number: int) -> str:
        """A session's refresh token after so many renewals: made from them, so that it can be said again."""
        return f"{session_id}.{number}.{self._derived(f'embed refresh {session_id} {number}')}"

    def session_of(self, refresh: str) -> str | None:
        """The session whose refresh token this is or once was; None for what is none of ours."""
        session_id, _, number = refresh.rpartition(".")[0].rpartition(".")
        if not (number.isascii() and number.isdecimal() and len(number) < 10):
            return None
        ours = self.refresh(session_id, int(number))
        same = hmac.compare_digest(ours.encode(errors="replace"), refresh.encode(errors="replace"))
        return session_id if same else None

    def secret(self, embed_id: str, salt: str) -> str:
        """The secret by which an embed's site says who somebody is: made with a salt, which is all that is stored."""
        return self._derived(f"embed identify {embed_id} {salt}")

    def identified(self, embed_id: str, subject: str) -> str:
        """The last part of the visitor's id of somebody whom the embed's site knows by `subject`."""
        return self._derived(f"embed subject {embed_id} {subject}")

    def _derived(self, what: str) -> str:
        digest = hmac.digest(self._secret_key, f"parley {what}".encode(errors="replace"), "sha256")
        return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).decode()


_SIGNER: dict[str, Any] = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}


def _read(serializer: URLSafeSerializer, token: str) -> Any:
    if len(token) > LONGEST:  # none of ours is
        return None
    try:
        return serializer.loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
