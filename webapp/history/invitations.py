"""The owner's invitations as they are kept: how often each may be used, how often it was, and how much was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
from sqlalchemy import bindparam, delete, insert, or_, select, update

from webapp.errors import LimitReached, NotFound, NotSignedIn
from webapp.history.database import Database
from webapp.history.models import invitations

_COLUMNS = (
    invitations.c.id,
    invitations.c.label,
    invitations.c.created_at_ms,
    invitations.c.expires_at_ms,
    invitations.c.most_uses,
    invitations.c.uses,
    invitations.c.most_questions,
    invitations.c.questions,
    invitations.c.revoked_at_ms,
)
_ALL = select(*_COLUMNS).order_by(invitations.c.created_at_ms.desc(), invitations.c.id)
# Looked up by the token's hash: how long that takes tells nothing about the token.
_BY_TOKEN = select(*_COLUMNS).where(invitations.c.token_hash == bindparam("hashed"))
_STANDS = invitations.c.revoked_at_ms.is_(None)
_THIS = invitations.c.id == bindparam("which")
_USE = (
    update(invitations)
    .where(
        _THIS,
        _STANDS,
        or_(invitations.c.expires_at_ms.is_(None), invitations.c.expires_at_ms > bindparam("now_ms")),
        or_(invitations.c.most_uses.is_(None), invitations.c.uses < invitations.c.most_uses),
    )
    .values(uses=invitations.c.uses + 1)
)
_TAKE_QUESTION = (
    update(invitations)
    .where(
        _THIS,
        _STANDS,
        or_(invitations.c.most_questions.is_(None), invitations.c.questions < invitations.c.most_questions),
    )
    .values(questions=invitations.c.questions + 1)
)
_GIVE_BACK_QUESTION = (
    update(invitations).where(_THIS, invitations.c.questions > 0).values(questions=invitations.c.questions - 1)
)
_REVOKE = update(invitations).where(_THIS, _STANDS).values(revoked_at_ms=bindparam("now_ms"))
_REMOVE = delete(invitations).where(_THIS)


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """One invitation. What is None has no bound; times are milliseconds since 1970 UTC."""

    id: str
    label: str
    created_at_ms: int
    expires_at_ms: int | None
    most_uses: int | None
    uses: int
    most_questions: int | None
    questions: int
    revoked_at_ms: int | None

    def state(self, now_ms: int) -> str:
        """Whether somebody can still come in by it: `open`, `revoked`, `expired` or `used_up`."""
        if self.revoked_at_ms is not None:
            return "revoked"
        if self.expires_at_ms is not None and self.expires_at_ms <= now_ms:
            return "expired"
        return "used_up" if self.most_uses is not None and self.uses >= self.most_uses else "open"


class InvitationStore:
    """All invitations of the site. Safe for threads; every method may raise `HistoryUnavailable`."""

    def __init__(self, database: Database, clock_ms: Callable[[], int]) -> None:
        """Reached as `History.invitations`, which shares its database and clock."""
        self._database, self._clock_ms = database, clock_ms

    def add(
        self,
        invitation_id: str,
        token_hash: str,
        *,
        label: str,
        valid_ms: int | None,
        most_uses: int | None,
        most_questions: int | None,
    ) -> None:
        """Keep a new one. `valid_ms` is how long people can come in by it from now on, None for ever."""
        now_ms = self._clock_ms()
        values = {
            "id": invitation_id,
            "token_hash": token_hash,
            "label": label,
            "created_at_ms": now_ms,
            "expires_at_ms": None if valid_ms is None else now_ms + valid_ms,
            "most_uses": most_uses,
            "most_questions": most_questions,
        }
        with self._database.writing() as connection:
            connection.execute(insert(invitations), values)

    def all(self) -> list[tuple[Invitation, str]]:
        """All of them, newest first, each with its state."""
        now_ms = self._clock_ms()
        with self._database.reading() as connection:
            found = [Invitation(**row) for row in connection.execute(_ALL).mappings()]
        return [(invitation, invitation.state(now_ms)) for invitation in found]

    def find(self, token_hash: str) -> tuple[Invitation, str]:
        """The invitation of a token, and its state. Raises `NotFound`."""
        with self._database.reading() as connection:
            row = connection.execute(_BY_TOKEN, {"hashed": token_hash}).mappings().one_or_none()
        if row is None:
            raise NotFound("There is no such invitation.")
        found = Invitation(**row)
        return found, found.state(self._clock_ms())

    def standing(self, invitation_ids: Iterable[str]) -> frozenset[str]:
        """Those of these by which people may be in now: the ones that exist and were not revoked."""
        wanted = tuple(invitation_ids)
        if not wanted:
            return frozenset()
        with self._database.reading() as connection:
            return frozenset(connection.scalars(select(invitations.c.id).where(invitations.c.id.in_(wanted), _STANDS)))

    def use(self, invitation_id: str) -> None:
        """Count one who comes in. Raises `NotFound` when nobody can any more."""
        with self._database.writing() as connection:
            if connection.execute(_USE, {"which": invitation_id, "now_ms": self._clock_ms()}).rowcount == 0:
                raise NotFound("There is no such invitation.")

    def take_question(self, invitation_id: str) -> None:
        """Count one question of somebody who came in by it.

        Raises `LimitReached` when none is left, `NotSignedIn` when it was taken back meanwhile.
        """
        this = {"which": invitation_id}
        with self._database.writing() as connection:
            if connection.execute(_TAKE_QUESTION, this).rowcount > 0:
                return
            if connection.scalar(select(invitations.c.id).where(_THIS, _STANDS), this) is None:
                raise NotSignedIn("Your invitation was taken back, so nothing more can be asked by it.")
            raise LimitReached(
                "All questions of your invitation are used up. Whoever invited you can give you a new link."
            )

    def give_back_question(self, invitation_id: str) -> None:
        """Uncount a question that was not asked after all."""
        with self._database.writing() as connection:
            connection.execute(_GIVE_BACK_QUESTION, {"which": invitation_id})

    def revoke(self, invitation_id: str) -> None:
        """From now on nobody comes in by it, and those who did are out; nothing happens when it is so already."""
        with self._database.writing() as connection:
            connection.execute(_REVOKE, {"which": invitation_id, "now_ms": self._clock_ms()})

    def remove(self, invitation_id: str) -> None:
        """Forget it. Those who came in by it are out."""
        with self._database.writing() as connection:
            connection.execute(_REMOVE, {"which": invitation_id})
