"""What goes by itself when its time is over: old conversations, and visitors of whom nothing is left."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import ColumnElement, delete, exists, null, select, update

from webapp.history import embed_visitors
from webapp.history.database import Database
from webapp.history.deleting import NEVER_RESTORED, Deleted
from webapp.history.models import attachments, conversations, embed_sessions, messages, visitors
from webapp.history.reading import IS_RUNNING, IS_THERE

AT_A_TIME = 200
ERASED = 0
"""As the time since which there is a visitor: nothing of theirs is to stay, not even that they were here."""

_HAS_NOTHING = (
    ~exists().where(conversations.c.visitor_id == visitors.c.id)
    & ~exists().where(attachments.c.visitor_id == visitors.c.id)
    & visitors.c.recovery_hash.is_(None)
    & visitors.c.default_model.is_(None)
    & visitors.c.snippets.is_(null())
)


class Retention:
    """Clears away for all visitors. Safe for threads; every method may raise `HistoryUnavailable`."""

    def __init__(self, database: Database) -> None:
        """Reached as `History.retention`, which shares its database."""
        self._database = database

    def hide_older(self, before_ms: int) -> dict[str, Deleted]:
        """Delete some of the conversations whose last message came before that, by visitor; nothing when all went.

        Nobody can bring them back: `Deletions.purge` takes them at once.
        """
        return self._hide(conversations.c.updated_at_ms < before_ms)

    def hide_forsaken(self, before_ms: int) -> dict[str, Deleted]:
        """The same for those of embeds' visitors who cannot come back: no session is left, and no site names them."""
        visitor_id = conversations.c.visitor_id
        forsaken = (
            embed_visitors.of_any(visitor_id)
            & embed_visitors.nobody_names(visitor_id)
            & ~exists().where(embed_sessions.c.visitor_id == visitor_id)
        )
        return self._hide(forsaken & (conversations.c.updated_at_ms < before_ms))

    def _hide(self, which: ColumnElement[bool]) -> dict[str, Deleted]:
        old = select(conversations.c.id, conversations.c.visitor_id).where(which, IS_THERE)
        hidden: defaultdict[str, Deleted] = defaultdict(lambda: Deleted([], []))
        with self._database.writing() as connection:
            for row in connection.execute(old.limit(AT_A_TIME)).all():
                place = conversations.c.id == row.id
                connection.execute(update(conversations).where(place).values(deleted_at_ms=NEVER_RESTORED))
                running = select(messages.c.id).where(IS_RUNNING, messages.c.conversation_id == row.id)
                hidden[row.visitor_id].conversations.append(row.id)
                hidden[row.visitor_id].running.extend(connection.scalars(running))
        return dict(hidden)

    def remove_visitors(self, before_ms: int = ERASED + 1) -> int:
        """Forget the visitors of before that who have nothing here, by default the erased ones; returns how many."""
        gone = delete(visitors).where(visitors.c.created_at_ms < before_ms, _HAS_NOTHING)
        with self._database.writing() as connection:
            return connection.execute(gone).rowcount
