"""Who an embed's visitor is: page tickets, sessions that come back, access tokens, the word of a site. No Flask.

Cookies and refresh tokens restore; an access token alone authorises, and it is good for a quarter of an hour.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from webapp.embed_jwt import subject_of
from webapp.embed_profiles import IDENTIFIED, VISITOR, Embed
from webapp.embed_register import EmbedRegister
from webapp.embed_tokens import ACCESS_S, Claim, EmbedTokens, hash_of
from webapp.errors import EmbedUnavailable, LimitReached, NotSignedIn
from webapp.history.beginning import new_id
from webapp.history.embed_sessions import EmbedSessionStore, Session
from webapp.limits import Limits

LEAST_VISITORS_PER_HOUR = 1_000  # of one embed: nobody reaches it by asking
OVER = "This chat has to begin again; reload it."


class EmbedSession(msgspec.Struct, frozen=True, kw_only=True):
    """What an embed's visitor is given; the id is for the server alone."""

    access: str
    refresh: str
    expires_in_s: int
    visitor_id: str


class EmbedAccess(NamedTuple):
    """What an access token stands for: the embed as it was when it was looked at, whose it is, and until when."""

    embed: Embed
    visitor_id: str
    session_id: str
    until_s: int


class EmbedSessions:
    """The sessions of all embeds. Thread-safe; every method may raise `HistoryUnavailable`."""

    def __init__(
        self,
        register: EmbedRegister,
        store: EmbedSessionStore,
        limits: Limits,
        secret_key: str,
        *,
        clock_s: Callable[[], float] = time.time,
    ) -> None:
        """`secret_key` signs; `clock_s` gives seconds since 1970 UTC."""
        self._register, self._store, self._limits, self._clock_s = register, store, limits, clock_s
        self._tokens = EmbedTokens(secret_key)

    def ticket(self, embed: Embed) -> str:
        """What an embed's page is given, so that its visitor can begin."""
        return self._tokens.ticket(embed.id, embed.generation, self._clock_s())

    def begin(
        self, embed_id: str, ticket: str, refresh: str | None, address: str, *, in_host: bool = False
    ) -> EmbedSession:
        """Begin, or come back by a refresh token, which needs no fresh ticket and is another one afterwards.

        `in_host`: the host page keeps the token, where the profile lets it. There it stays, or other tabs of the host
        page, which hear nothing of another one, would lose their visitor. Raises `EmbedUnavailable`, `NotSignedIn`
        for a ticket or a refresh token that is none, `LimitReached`.
        """
        embed = self._register.open(embed_id)
        if refresh is not None:
            self._limits.embed_renewed(embed_id, address)
            return self._given(embed, self._back(embed, refresh, in_host=in_host))
        if not self._tokens.is_ticket(ticket, embed_id, embed.generation, self._clock_s()):
            raise NotSignedIn(OVER)
        try:
            self._limits.embed_ticket(hash_of(ticket))
        except LimitReached:
            raise NotSignedIn(OVER) from None  # the page that is loaded anew has another
        return self._new(embed, address, in_host=in_host)

    def restore(self, embed: Embed, refresh: str) -> EmbedSession | None:
        """The session of a refresh token, which stays; None when it is none of this embed's, or over."""
        session = self._store.find(embed.id, hash_of(refresh))
        return None if session is None else self._given(embed, session)

    def identify(self, access: EmbedAccess, jwt: str | None, address: str, *, in_host: bool = False) -> EmbedSession:
        """The session of whom the embed's site says this is; without its word, of somebody new, and this one ends.

        Raises `NotSignedIn`, saying what is wrong with the token, and `LimitReached`.
        """
        embed = self.standing(access)
        if jwt is None:
            self._store.end(access.session_id)  # first: whatever comes of the new one, who logs out is out
            return self._new(embed, address, in_host=in_host)
        self._limits.embed_identified(embed.id, address)
        subject = subject_of(jwt, self.secret(embed.id), embed.id, self._clock_s())
        own = IDENTIFIED + self._tokens.identified(embed.id, subject)
        return self._start(embed, own, in_host=in_host)

    def check(self, token: str) -> EmbedAccess:
        """Whose access token this is. Raises `NotSignedIn`, also while the embed is paused."""
        claim = self._tokens.claim(token, self._clock_s())
        if claim is None:
            raise NotSignedIn(OVER)
        embed = self._current(claim.embed_id, claim.generation, claim.session_id)
        return EmbedAccess(embed, claim.visitor_id, claim.session_id, claim.until_s)

    def standing(self, access: EmbedAccess) -> Embed:
        """The embed as it is now. Raises `NotSignedIn` when the access holds no more, or its time is over."""
        if access.until_s <= self._clock_s():
            raise NotSignedIn(OVER)
        return self._current(access.embed.id, access.embed.generation, access.session_id)

    def asked(self, access: EmbedAccess) -> None:
        """Keep the session of somebody who asked something."""
        self._store.keep(access.session_id)

    def secret(self, embed_id: str) -> str:
        """By what an embed's site signs who somebody is. Raises `NotFound`."""
        return self._tokens.secret(embed_id, self._register.salt(embed_id))

    def _current(self, embed_id: str, generation: int, session_id: str) -> Embed:
        try:
            embed = self._register.open(embed_id)
        except EmbedUnavailable:
            raise NotSignedIn(OVER) from None
        if embed.generation != generation or not self._store.is_there(session_id):
            raise NotSignedIn(OVER)
        return embed

    def _back(self, embed: Embed, refresh: str, *, in_host: bool) -> Session | None:
        if in_host and embed.host_storage:
            return self._store.find(embed.id, hash_of(refresh), in_host=True)
        session = self._store.renew(embed.id, hash_of(refresh), lambda later: hash_of(self._refresh(later)))
        used = None if session is not None else self._tokens.session_of(refresh)
        if used is not None and self._store.is_there(used):  # two have it, and who is the right one nobody knows
            self._store.end(used)
        return session

    def _new(self, embed: Embed, address: str, *, in_host: bool) -> EmbedSession:
        self._limits.embed_visitor(embed.id, address, embed.per_address_hour)
        self._limits.embed_visitors(embed.id, max(LEAST_VISITORS_PER_HOUR, embed.per_day))
        own = new_id()
        while own.lower().startswith(IDENTIFIED):  # however ids are compared, nobody is taken for one who is named
            own = new_id()
        return self._start(embed, own, in_host=in_host)

    def _start(self, embed: Embed, own: str, *, in_host: bool) -> EmbedSession:
        """A new session of the embed's visitor whose id ends so."""
        session = Session(secrets.token_urlsafe(16), f"{VISITOR}{embed.id}.{own}", 0)
        token_hash, kept = hash_of(self._refresh(session)), in_host and embed.host_storage
        if not self._store.add(session, embed.id, token_hash, generation=embed.generation, in_host=kept):
            raise NotSignedIn(OVER)
        return self._given(embed, session)

    def _given(self, embed: Embed, session: Session | None) -> EmbedSession:
        if session is None:
            raise NotSignedIn(OVER)
        until_s = int(self._clock_s()) + ACCESS_S
        return EmbedSession(
            access=self._tokens.access(Claim(embed.id, session.visitor_id, embed.generation, session.id, until_s)),
            refresh=self._refresh(session),
            expires_in_s=ACCESS_S,
            visitor_id=session.visitor_id,
        )

    def _refresh(self, session: Session) -> str:
        return self._tokens.refresh(session.id, session.renewals)
