"""Private conversations: kept in memory alone, beside those in the database, and told apart by their ids.

The same code keeps both. Every call goes to the one or the other by the id in it, so whoever uses the history need not
know which kind a conversation is of. Files and the search are for those in the database only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from webapp.errors import InvalidInput, LimitReached
from webapp.history import beginning, store
from webapp.history.database import Database, MemoryDatabase
from webapp.history.deleting import Deleted, Deletions, Pruned
from webapp.history.listing import LARGEST_PAGE
from webapp.history.models import conversations, messages, metadata
from webapp.history.rows import PathMessage
from webapp.history.store import History
from webapp.messages import Answer, Conversation, Message, ModelOptions, Status, Turn, Usage, Written

PREFIX = "private-"
MOST = 5  # of one visitor
MOST_CHARS = 10_000_000  # of one visitor, in all of them
MOST_BYTES = 200_000_000  # of all visitors
KEPT_S = 24 * 3600  # after the last message

# Nothing is searched here, so no second copy of each text is kept.
_NO_SEARCH = "CREATE TRIGGER no_search BEFORE INSERT ON search_texts BEGIN SELECT RAISE(IGNORE); END"


def is_private(id_: str | None) -> bool:
    """Whether a conversation, message or answer of this id is one that is never written to disk."""
    return id_ is not None and id_.startswith(PREFIX)


class PrivateHistory(History):
    """The private conversations of all visitors, in memory."""

    def __init__(self, *, clock_ms: Callable[[], int] = store.now_ms) -> None:
        """As for `History`."""
        self._memory = MemoryDatabase()
        super().__init__(self._memory, clock_ms=clock_ms, prefix=PREFIX)

    def migrate(self) -> None:
        """Make the tables."""
        with self._memory.writing() as connection:
            metadata.create_all(connection)
            connection.exec_driver_sql(_NO_SEARCH)

    def end(self, visitor_id: str, conversation_ids: Iterable[str]) -> Deleted:
        """Delete those of them that are there, at once and for good."""
        gone = self.deletions.hide(visitor_id, conversation_ids)
        self.clear()
        return gone

    def of(self, visitor_id: str) -> list[Conversation]:
        """A visitor's private conversations, those that changed last first."""
        return self.conversations(visitor_id, limit=LARGEST_PAGE).conversations

    def end_older(self, older_than_s: float = KEPT_S) -> dict[str, Deleted]:
        """Delete those whose last message came longer ago than that; by visitor."""
        gone: dict[str, Deleted] = {}
        before_ms = self._clock_ms() - round(older_than_s * 1000)
        while some := self.retention.hide_older(before_ms):
            for visitor_id, deleted in some.items():
                known = gone.setdefault(visitor_id, Deleted([], []))
                known.conversations.extend(deleted.conversations)
                known.running.extend(deleted.running)
            self.clear()
        return gone

    def clear(self) -> None:
        """Nothing that was deleted stays."""
        while self.deletions.purge(older_than_s=0) is not None:
            pass
        self.retention.remove_visitors(self._clock_ms() + 1)

    def begin_turn(
        self,
        visitor_id: str,
        turn_id: str,
        *,
        conversation: str | None,
        parent: str | None,
        text: str,
        model: str,
        options: ModelOptions | None = None,
        attachments: Sequence[str] = (),
        context: Mapping[str, str] | None = None,
    ) -> tuple[Turn, bool]:
        """As `History.begin_turn`. Raises `InvalidInput` for files, `LimitReached` for one conversation too many."""
        if attachments:
            raise InvalidInput("attachments: files are kept on disk, so a private conversation takes none.")
        if conversation is None and len(self.of(visitor_id)) >= MOST:
            raise LimitReached(f"You have {MOST} private conversations, the most there may be; end one of them.")
        return super().begin_turn(
            visitor_id,
            turn_id,
            conversation=conversation,
            parent=parent,
            text=text,
            model=model,
            options=options,
            context=context,
        )

    def _begin(
        self, visitor_id: str, turn_id: str, begin: Callable[[Connection, beginning.Request], Turn]
    ) -> tuple[Turn, bool]:
        self._check_room(visitor_id)
        return super()._begin(visitor_id, turn_id, begin)

    def _check_room(self, visitor_id: str) -> None:
        chars = (
            select(func.sum(func.length(messages.c.text) + func.length(func.coalesce(messages.c.reasoning, ""))))
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(conversations.c.visitor_id == visitor_id)
        )
        with self._memory.reading() as connection:
            used = connection.scalar(chars) or 0
        if used > MOST_CHARS:
            raise LimitReached("Your private conversations have become too long for the server's memory; end one.")
        if self._memory.used_bytes() > MOST_BYTES:
            raise LimitReached("The server has no memory left for private conversations; try again later.")


class Histories(History):
    """All conversations: those in the database, and the private ones."""

    def __init__(self, place: str | Database, *, clock_ms: Callable[[], int] = store.now_ms) -> None:
        """As for `History`."""
        super().__init__(place, clock_ms=clock_ms)
        self.private = PrivateHistory(clock_ms=clock_ms)
        self.deletions = _AllDeletions(self._database, clock_ms, self.private)

    def migrate(self) -> None:
        """See `History`."""
        super().migrate()
        self.private.migrate()

    def close(self) -> None:
        """See `History`; the private conversations end."""
        super().close()
        self.private.close()

    def begin_turn(
        self,
        visitor_id: str,
        turn_id: str,
        *,
        conversation: str | None,
        parent: str | None,
        text: str,
        model: str,
        options: ModelOptions | None = None,
        attachments: Sequence[str] = (),
        context: Mapping[str, str] | None = None,
        private: bool = False,
    ) -> tuple[Turn, bool]:
        """As `History.begin_turn`; `private` begins a conversation in memory. Raises as `PrivateHistory.begin_turn`."""
        if private and conversation is not None and not is_private(conversation):
            raise InvalidInput("private: a conversation is private from its beginning, or not at all.")
        begin = self.private.begin_turn if private or is_private(conversation) else super().begin_turn
        return begin(
            visitor_id,
            turn_id,
            conversation=conversation,
            parent=parent,
            text=text,
            model=model,
            options=options,
            attachments=attachments,
            context=context,
        )

    def begin_again(self, visitor_id: str, turn_id: str, answer_id: str, *, model: str | None) -> tuple[Turn, bool]:
        """See `History`."""
        begin = self.private.begin_again if is_private(answer_id) else super().begin_again
        return begin(visitor_id, turn_id, answer_id, model=model)

    def begin_continue(self, visitor_id: str, turn_id: str, answer_id: str) -> tuple[Turn, bool]:
        """See `History`."""
        begin = self.private.begin_continue if is_private(answer_id) else super().begin_continue
        return begin(visitor_id, turn_id, answer_id)

    def turn(self, visitor_id: str, turn_id: str) -> Turn | None:
        """See `History`."""
        return self.private.turn(visitor_id, turn_id) or super().turn(visitor_id, turn_id)

    def path(self, message_id: str) -> list[PathMessage]:
        """See `History`."""
        return self.private.path(message_id) if is_private(message_id) else super().path(message_id)

    def save_running(self, texts: Mapping[str, Written]) -> None:
        """See `History`. Private ones are left out: a crash leaves nothing of them anyway."""
        super().save_running({id_: written for id_, written in texts.items() if not is_private(id_)})

    def end_answer(
        self,
        answer_id: str,
        written: Written,
        status: Status,
        *,
        error: dict[str, Any] | None = None,
        usage: Usage | None = None,
    ) -> bool:
        """See `History`."""
        end = self.private.end_answer if is_private(answer_id) else super().end_answer
        return end(answer_id, written, status, error=error, usage=usage)

    def answer(self, visitor_id: str, answer_id: str) -> Answer:
        """See `History`."""
        find = self.private.answer if is_private(answer_id) else super().answer
        return find(visitor_id, answer_id)

    def conversation(self, visitor_id: str, conversation_id: str) -> tuple[Conversation, list[Message | Answer]]:
        """See `History`."""
        find = self.private.conversation if is_private(conversation_id) else super().conversation
        return find(visitor_id, conversation_id)

    def rename(self, visitor_id: str, conversation_id: str, title: str) -> Conversation:
        """See `History`."""
        rename = self.private.rename if is_private(conversation_id) else super().rename
        return rename(visitor_id, conversation_id, title)

    def place(
        self, visitor_id: str, conversation_id: str, *, pinned: bool | None = None, archived: bool | None = None
    ) -> Conversation:
        """See `History`. Raises `InvalidInput` for a private one, which stands in no list."""
        if is_private(conversation_id):
            self.private.conversation(visitor_id, conversation_id)
            raise InvalidInput("pinned, archived: a private conversation stands in no list.")
        return super().place(visitor_id, conversation_id, pinned=pinned, archived=archived)

    def set_leaf(self, visitor_id: str, conversation_id: str, message_id: str) -> Conversation:
        """See `History`."""
        set_leaf = self.private.set_leaf if is_private(conversation_id) else super().set_leaf
        return set_leaf(visitor_id, conversation_id, message_id)

    def set_options(self, visitor_id: str, conversation_id: str, options: ModelOptions) -> Conversation:
        """See `History`."""
        set_options = self.private.set_options if is_private(conversation_id) else super().set_options
        return set_options(visitor_id, conversation_id, options)


class _AllDeletions(Deletions):
    """Deletes in both; what is private goes at once and does not come back."""

    def __init__(self, database: Database, clock_ms: Callable[[], int], private: PrivateHistory) -> None:
        super().__init__(database, clock_ms)
        self._private = private

    def hide(self, visitor_id: str, conversation_ids: Iterable[str]) -> Deleted:
        """See `Deletions`."""
        wanted = list(conversation_ids)
        kept = [id_ for id_ in wanted if not is_private(id_)]
        hidden = super().hide(visitor_id, kept) if kept else Deleted([], [])
        if len(kept) == len(wanted):
            return hidden
        gone = self._private.end(visitor_id, filter(is_private, wanted))
        return Deleted(hidden.conversations + gone.conversations, hidden.running + gone.running)

    def prune(self, visitor_id: str, message_id: str) -> Pruned:
        """See `Deletions`."""
        if not is_private(message_id):
            return super().prune(visitor_id, message_id)
        pruned = self._private.deletions.prune(visitor_id, message_id)
        self._private.clear()
        return pruned
