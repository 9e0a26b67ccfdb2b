"""Hand-offs: codes that make another device the same visitor, each for one use within a moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, insert, select

from webapp.errors import NotFound
from webapp.history.attaching import add_visitor
from webapp.history.database import Database
from webapp.history.models import handoffs

VALID_S = 120
GONE = "This link was used already, or its two minutes are over; make a new one on the other device."


class Handoff(NamedTuple):
    """Whose history is handed over, and the conversation that the other device shows first."""

    visitor_id: str
    conversation: str | None


class HandoffStore:
    """The hand-offs of all visitors. Safe for threads; every method may raise `HistoryUnavailable`."""

    def __init__(self, database: Database, clock_ms: Callable[[], int]) -> None:
        """Reached as `History.handoffs`, which shares its database and clock."""
        self._database, self._clock_ms = database, clock_ms

    def add(self, token_hash: str, handoff: Handoff) -> int:
        """Note one, in place of the visitor's earlier one; returns until when it is valid (ms since 1970 UTC)."""
        now_ms = self._clock_ms()
        values = {
            "token_hash": token_hash,
            "visitor_id": handoff.visitor_id,
            "conversation_id": handoff.conversation,
            "expires_at_ms": now_ms + VALID_S * 1000,
        }
        over = (handoffs.c.visitor_id == handoff.visitor_id) | (handoffs.c.expires_at_ms <= now_ms)
        with self._database.writing() as connection:
            add_visitor(connection, handoff.visitor_id, now_ms)
            connection.execute(delete(handoffs).where(over))
            connection.execute(insert(handoffs), values)
        return now_ms + VALID_S * 1000

    def find(self, token_hash: str) -> Handoff:
        """The one with this hash, which stays. Raises `NotFound` when there is none, or it is over."""
        statement = select(handoffs.c.visitor_id, handoffs.c.conversation_id).where(self._is(token_hash))
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return _found(None if row is None else Handoff(*row))

    def take(self, token_hash: str) -> Handoff:
        """The same, once: whoever comes second is told what those are told who come too late."""
        statement = delete(handoffs).where(self._is(token_hash))
        with self._database.writing() as connection:
            row = connection.execute(statement.returning(handoffs.c.visitor_id, handoffs.c.conversation_id))
            found = row.one_or_none()
        return _found(None if found is None else Handoff(*found))

    def remove_expired(self) -> None:
        """Forget those that nobody took."""
        with self._database.writing() as connection:
            connection.execute(delete(handoffs).where(handoffs.c.expires_at_ms <= self._clock_ms()))

    def _is(self, token_hash: str) -> ColumnElement[bool]:
        return (handoffs.c.token_hash == token_hash) & (handoffs.c.expires_at_ms > self._clock_ms())


def _found(handoff: Handoff | None) -> Handoff:
    if handoff is None:
        raise NotFound(GONE)
    return handoff
