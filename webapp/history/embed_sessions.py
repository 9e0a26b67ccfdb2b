"""What lets an embed's visitors come back, and links that take a conversation to the site itself."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Connection, Update, delete, insert, null, select, update

from webapp.errors import NotFound
from webapp.history.attaching import add_visitor
from webapp.history.database import Database
from webapp.history.models import embed_handovers, embed_sessions, embeds, messages, visitors
from webapp.history.reading import find_conversation
from webapp.history.search_texts import MARK_CHARS
from webapp.history.visitors import mark_again, move

DAY_MS = 24 * 3600 * 1000
KEPT_MS = 30 * DAY_MS  # after the last use
UNUSED_MS = DAY_MS  # of who never asked anything
LONGEST_MS = 180 * DAY_MS  # however often it is used
ROWS_AT_ONCE = 1_000
GRACE_MS = 60_000
HANDOVER_MS = 600_000
GONE = "This link was used already, or its ten minutes are over; make a new one in the chat."


class Session(NamedTuple):
    """Who comes back, and how often the refresh token was renewed."""

    id: str
    visitor_id: str
    renewals: int


class Handover(NamedTuple):
    """Whose conversation a link takes along."""

    visitor_id: str
    conversation: str


class EmbedSessionStore:
    """The sessions and hand-overs of all embeds. Safe for threads; every method may raise `HistoryUnavailable`."""

    def __init__(self, database: Database, clock_ms: Callable[[], int]) -> None:
        """Reached as `History.embed_sessions`, which shares its database and clock."""
        self._database, self._clock_ms = database, clock_ms

    def add(
        self,
        session: Session,
        embed_id: str,
        token_hash: str,
        *,
        generation: int | None = None,
        in_host: bool = False,
    ) -> bool:
        """Note a new session, which lives a day until something is asked; `in_host`: the host page keeps its token.

        False when the embed is not of that generation any more: what let the visitor in may not hold now.
        """
        now_ms = self._clock_ms()
        values = {
            "id": session.id,
            "embed_id": embed_id,
            "visitor_id": session.visitor_id,
            "token_hash": token_hash,
            "renewals": session.renewals,
            "in_host": in_host,
            "begun_at_ms": now_ms,
            "renewed_at_ms": now_ms,
            "expires_at_ms": now_ms + UNUSED_MS,
        }
        this = select(embeds.c.generation).where(embeds.c.id == embed_id)
        with self._database.writing() as connection:
            if generation is not None and (connection.scalar(this) or 0) != generation:
                return False
            connection.execute(insert(embed_sessions), values)
        return True

    def is_there(self, session_id: str) -> bool:
        """Whether a session has not ended."""
        this = select(embed_sessions.c.id).where(
            embed_sessions.c.id == session_id, embed_sessions.c.expires_at_ms > self._clock_ms()
        )
        with self._database.reading() as connection:
            return connection.scalar(this) is not None

    def end(self, session_id: str) -> None:
        """End a session: its tokens are none any more."""
        with self._database.writing() as connection:
            connection.execute(delete(embed_sessions).where(embed_sessions.c.id == session_id))

    def keep(self, session_id: str) -> None:
        """Keep the session of somebody who asked something for longer."""
        with self._database.reading() as connection:
            row = connection.execute(select(embed_sessions).where(embed_sessions.c.id == session_id)).one_or_none()
        if row is not None:
            self._keep_longer(row, self._clock_ms() + KEPT_MS)

    def find(self, embed_id: str, token_hash: str, *, in_host: bool = False) -> Session | None:
        """The session of a refresh token, or of the one that it took the place of a moment ago; it is kept longer.

        `in_host`: the host page keeps the token.
        """
        with self._database.reading() as connection:
            row = self._row(connection, embed_id, token_hash)
            if row is None:
                return None
            until_ms = self._until_ms(connection, row.visitor_id)
        self._keep_longer(row, until_ms)
        if in_host and not row.in_host:
            with self._database.writing() as connection:
                connection.execute(_set(row.id, {"in_host": True}))
        return Session(row.id, row.visitor_id, row.renewals)

    def _keep_longer(self, row: Any, until_ms: int) -> None:
        if row.expires_at_ms < until_ms - DAY_MS // 2:  # not at every page view
            with self._database.writing() as connection:
                connection.execute(_set(row.id, {"expires_at_ms": until_ms}))

    def _until_ms(self, connection: Connection, visitor_id: str) -> int:
        """How long a session is kept after now; who never asked is no visitor."""
        asked = connection.scalar(select(visitors.c.id).where(visitors.c.id == visitor_id)) is not None
        return self._clock_ms() + (KEPT_MS if asked else UNUSED_MS)

    def renew(self, embed_id: str, token_hash: str, hash_after: Callable[[Session], str]) -> Session | None:
        """The session of a refresh token, which another one takes the place of: `hash_after` gives its hash.

        Who comes with the one before, within a moment, is told the same as who came first: two tabs are one visitor.
        """
        if self.find(embed_id, token_hash) is None:  # before it is written: made-up tokens hold nobody up
            return None
        with self._database.writing() as connection:
            row = self._row(connection, embed_id, token_hash)
            if row is None:
                return None
            if not hmac.compare_digest(row.token_hash, token_hash):
                return Session(row.id, row.visitor_id, row.renewals)
            session, now_ms = Session(row.id, row.visitor_id, row.renewals + 1), self._clock_ms()
            values = {
                "token_hash": hash_after(session),
                "previous_hash": token_hash,
                "renewals": session.renewals,
                "renewed_at_ms": now_ms,
                "expires_at_ms": self._until_ms(connection, row.visitor_id),
            }
            connection.execute(_set(row.id, values))
        return session

    def _row(self, connection: Connection, embed_id: str, token_hash: str) -> Any:
        now_ms = self._clock_ms()
        this = embed_sessions.c.token_hash == token_hash
        before = embed_sessions.c.previous_hash == token_hash
        statement = select(embed_sessions).where(
            embed_sessions.c.embed_id == embed_id,
            this | (before & (embed_sessions.c.renewed_at_ms > now_ms - GRACE_MS)),
            embed_sessions.c.expires_at_ms > now_ms,
            embed_sessions.c.begun_at_ms > now_ms - LONGEST_MS,
        )
        return connection.execute(statement).one_or_none()

    # --- hand-overs ----------------------------------------------------------------------------------------------

    def add_handover(self, token_hash: str, handover: Handover) -> None:
        """Note one, in place of an earlier one of the same conversation. Raises `NotFound`."""
        now_ms = self._clock_ms()
        values = {
            "token_hash": token_hash,
            "visitor_id": handover.visitor_id,
            "conversation_id": handover.conversation,
            "expires_at_ms": now_ms + HANDOVER_MS,
        }
        with self._database.writing() as connection:
            find_conversation(connection, handover.visitor_id, handover.conversation)
            earlier = embed_handovers.c.conversation_id == handover.conversation
            connection.execute(delete(embed_handovers).where(earlier))
            connection.execute(insert(embed_handovers), values)

    def handover(self, token_hash: str) -> Handover:
        """What a link is for; it is not used by this. Raises `NotFound`."""
        with self._database.reading() as connection:
            return self._handover(connection, token_hash)

    def take_handover(self, token_hash: str, visitor_id: str) -> bool:
        """Take a step in giving the conversation to this visitor; False while one more is needed.

        Raises `NotFound`, also after the last step: a link is for one use.
        """
        with self._database.writing() as connection:
            place = self._handover(connection, token_hash).conversation
            add_visitor(connection, visitor_id, self._clock_ms())
            if not mark_again(connection, [place], visitor_id[:MARK_CHARS]):
                return False
            move(connection, [place], visitor_id)
            # What the other site's page said of itself is nowhere to be seen here, and so is not sent any more.
            told = (messages.c.conversation_id == place) & messages.c.context.is_not(null())
            connection.execute(update(messages).where(told).values(context=None))
            connection.execute(delete(embed_handovers).where(embed_handovers.c.token_hash == token_hash))
        return True

    def _handover(self, connection: Connection, token_hash: str) -> Handover:
        statement = select(embed_handovers.c.visitor_id, embed_handovers.c.conversation_id).where(
            embed_handovers.c.token_hash == token_hash, embed_handovers.c.expires_at_ms > self._clock_ms()
        )
        row = connection.execute(statement).one_or_none()
        if row is None:
            raise NotFound(GONE)
        try:
            find_conversation(connection, row.visitor_id, row.conversation_id)
        except NotFound:
            raise NotFound(GONE) from None
        return Handover(*row)

    def forget_old(self) -> bool:
        """Take a step in forgetting sessions and links whose time is over; False while one more is needed."""
        now_ms, gone = self._clock_ms(), 0
        with self._database.writing() as connection:
            for key, until in (
                (embed_sessions.c.id, embed_sessions.c.expires_at_ms),
                (embed_handovers.c.token_hash, embed_handovers.c.expires_at_ms),
            ):
                over = select(key).where(until <= now_ms).limit(ROWS_AT_ONCE)
                gone = max(gone, connection.execute(delete(key.table).where(key.in_(over))).rowcount)
        return gone < ROWS_AT_ONCE


def _set(session_id: str, values: dict[str, Any]) -> Update:
    return update(embed_sessions).where(embed_sessions.c.id == session_id).values(values)
