"""The history: what visitors asked and what was answered, for the layers above as plain objects.

Each method is one transaction that ends before the method returns. Ids are unguessable, and somebody else's
thing raises `NotFound` like a missing one. Every method may raise `HistoryUnavailable`.
NUL characters in what people write become U+FFFD here. An answer's producer has to do the same before it
counts offsets, because `next` is the UTF-8 length of the text that is stored.
Make a `History` after forking, not before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from webapp.errors import NotFound
from webapp.history import beginning, listing, migrations, preferences, reading, search_index, search_texts
from webapp.history.attaching import AttachmentStore
from webapp.history.carrying import CarriedConversations
from webapp.history.database import Database
from webapp.history.deleting import Deletions
from webapp.history.embed_sessions import EmbedSessionStore
from webapp.history.embeds import EmbedStore
from webapp.history.handoffs import HandoffStore
from webapp.history.invitations import InvitationStore
from webapp.history.listing import Page, View
from webapp.history.models import conversations, messages, visitors
from webapp.history.preferences import PreferencesChange
from webapp.history.reading import IS_RUNNING
from webapp.history.retention import Retention
from webapp.history.rows import PathMessage
from webapp.history.sharing import ShareStore
from webapp.history.site_state import SiteState
from webapp.history.tags import TagStore
from webapp.history.titles import checked_title
from webapp.history.visitors import VisitorStore
from webapp.messages import Answer, Conversation, Message, ModelOptions, Preferences, Status, Turn, Usage, Written

_SAVE = (
    update(messages)
    .where(messages.c.id == bindparam("answer_id"), IS_RUNNING)
    .values(text=bindparam("saved"), reasoning=bindparam("thought"))
)
_TOUCH_BY_ANSWER = (
    update(conversations)
    .where(
        conversations.c.id
        == select(messages.c.conversation_id).where(messages.c.id == bindparam("answer_id")).scalar_subquery()
    )
    .values(updated_at_ms=bindparam("now_ms"))
)
_SET = update(conversations).where(conversations.c.id == bindparam("conversation_id"))


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class History:
    """The conversations of all visitors in one database. Safe for threads."""

    def __init__(self, place: str | Database, *, clock_ms: Callable[[], int] = now_ms, prefix: str = "") -> None:
        """`place` is a database or its URL; `clock_ms` gives milliseconds since 1970 UTC; ids begin with `prefix`.

        Raises `ValueError` for a URL that cannot be used, `FileNotFoundError` when the file's folder is
        missing.
        """
        self._database = Database(place) if isinstance(place, str) else place
        self._clock_ms, self._prefix = clock_ms, prefix
        self.attachments = AttachmentStore(self._database, clock_ms)
        self.deletions = Deletions(self._database, clock_ms)
        self.carried = CarriedConversations(self._database, clock_ms)
        self.visitors = VisitorStore(self._database, clock_ms)
        self.handoffs = HandoffStore(self._database, clock_ms)
        self.retention = Retention(self._database)
        self.invitations = InvitationStore(self._database, clock_ms)
        self.site = SiteState(self._database)
        self.shares = ShareStore(self._database, clock_ms)
        self.tags = TagStore(self._database)
        self.embeds = EmbedStore(self._database, clock_ms)
        self.embed_sessions = EmbedSessionStore(self._database, clock_ms)

    def migrate(self) -> None:
        """Bring the tables up to date, quick when they are; several processes may do so at once."""
        migrations.migrate(self._database)
        search_index.keep(self._database)

    def finish_deleting(self) -> bool:
        """Leave no trace of what was deleted: False when it is still in the write-ahead log, which somebody reads."""
        self.retention.remove_visitors()
        return self._database.empty_log()

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def ping(self) -> None:
        """Return if the database answers; raises `HistoryUnavailable` if it does not."""
        with self._database.reading() as connection:
            connection.execute(select(visitors.c.id).limit(1))

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
        """Store a question and its empty, running answer; done before: (that turn as it stands, False).

        `conversation` None begins one; `parent` None is a root. `options` replace the conversation's, None leaves
        them. `attachments` are ids of the visitor's own uploads, `context` is what the page said about itself. Raises
        `NotFound`, also for an upload that is gone, and `InvalidInput` when the text is blank or the parent is a
        user's message.
        """
        return self._begin(
            visitor_id,
            turn_id,
            lambda connection, request: beginning.ask(
                connection,
                request,
                conversation=conversation,
                parent=parent,
                text=text,
                model=model,
                options=options,
                attachments=attachments,
                context=context,
            ),
        )

    def begin_again(self, visitor_id: str, turn_id: str, answer_id: str, *, model: str | None) -> tuple[Turn, bool]:
        """Begin another answer to the same message; `model` None takes the same again. Raises `NotFound`."""
        return self._begin(
            visitor_id,
            turn_id,
            lambda connection, request: beginning.again(connection, request, answer_id, model=model),
        )

    def begin_continue(self, visitor_id: str, turn_id: str, answer_id: str) -> tuple[Turn, bool]:
        """Begin an answer that goes on from one that was stopped, failed, interrupted, or ended by its length.

        It begins with that one's text and reasoning. Raises `NotFound`, and `Conflict` for one that is running or
        complete.
        """
        return self._begin(
            visitor_id, turn_id, lambda connection, request: beginning.go_on(connection, request, answer_id)
        )

    def _begin(
        self, visitor_id: str, turn_id: str, begin: Callable[[Connection, beginning.Request], Turn]
    ) -> tuple[Turn, bool]:
        request = beginning.Request(
            visitor_id=visitor_id, turn_id=turn_id, now_ms=self._clock_ms(), prefix=self._prefix
        )
        try:
            return self._begin_once(request, begin)
        except IntegrityError:
            # Somebody was quicker: the same turn, the same new visitor, or a deletion. Looking again tells
            # which.
            return self._begin_once(request, begin)

    def _begin_once(
        self, request: beginning.Request, begin: Callable[[Connection, beginning.Request], Turn]
    ) -> tuple[Turn, bool]:
        with self._database.writing() as connection:
            turn = beginning.find_turn(connection, request.visitor_id, request.turn_id)
            return (turn, False) if turn is not None else (begin(connection, request), True)

    def turn(self, visitor_id: str, turn_id: str) -> Turn | None:
        """This visitor's turn as it stands now; None when it was never begun."""
        with self._database.reading() as connection:
            return beginning.find_turn(connection, visitor_id, turn_id)

    def path(self, message_id: str) -> list[PathMessage]:
        """What a prompt is built from: from the root to this message, without those that hold nothing.

        Raises `NotFound`.
        """
        with self._database.reading() as connection:
            return reading.path_to(connection, message_id)

    def save_running(self, texts: Mapping[str, Written]) -> None:
        """Replace what there is of these answers in one transaction; those no longer running stay as they are."""
        if not texts:
            return
        with self._database.writing() as connection:
            # In one order everywhere, so that two processes never wait for each other.
            rows = [
                {"answer_id": answer_id, "saved": written.text, "thought": written.reasoning or None}
                for answer_id, written in sorted(texts.items())
            ]
            connection.execute(_SAVE, rows)

    def end_answer(
        self,
        answer_id: str,
        written: Written,
        status: Status,
        *,
        error: dict[str, Any] | None = None,
        usage: Usage | None = None,
    ) -> bool:
        """Store how an answer ended; False if it had ended before (that stays) or was deleted."""
        if status is Status.RUNNING:
            raise ValueError("An answer does not end as running.")
        ending = {
            "text": written.text,
            "reasoning": written.reasoning or None,
            "status": status.value,
            "error": error,
            "usage": msgspec.to_builtins(usage),
        }
        statement = update(messages).where(messages.c.id == answer_id, IS_RUNNING).values(ending)
        folded = search_texts.searchable(written.text)  # before the transaction: nobody needs to wait for it
        with self._database.writing() as connection:
            if connection.execute(statement).rowcount == 0:
                return False
            search_texts.add_message(connection, answer_id, folded)
            connection.execute(_TOUCH_BY_ANSWER, {"answer_id": answer_id, "now_ms": self._clock_ms()})
            return True

    def interrupt_running(self) -> int:
        """Make every running answer `interrupted`, keeping its text; returns how many.

        For the start of the first process: it would interrupt the answers of the others as well.
        """
        with self._database.writing() as connection:
            for row in connection.execute(select(messages.c.id, messages.c.text).where(IS_RUNNING)).all():
                search_texts.add_message(connection, row.id, search_texts.searchable(row.text))
            statement = update(messages).where(IS_RUNNING).values(status=Status.INTERRUPTED.value)
            return connection.execute(statement).rowcount

    def answer(self, visitor_id: str, answer_id: str) -> Answer:
        """One answer of this visitor's. Raises `NotFound`."""
        with self._database.reading() as connection:
            return reading.find_answer(connection, visitor_id, answer_id)

    def conversations(
        self,
        visitor_id: str,
        *,
        cursor: str | None = None,
        limit: int = 50,
        query: str | None = None,
        view: View = View.ALL,
        tag: str | None = None,
    ) -> Page:
        """This visitor's conversations in a view, newest first, and the next page's cursor (None after the last).

        The words of `query` are looked for in titles and texts, whatever the case; with the view of all also in what
        is archived, and so is a `tag`. Raises `InvalidInput` for a cursor that was not given out, a bad tag, a limit
        outside 1 to 500, or a query of more than 200 characters; `LimitReached` for a search through more than
        can be read in a moment.
        """
        database = self._database
        # Only a search reads everything; a list has to come however busy the machine is.
        with database.searching(listing.SEARCH_BUDGET_S) if query else database.reading() as connection:
            return listing.list_conversations(
                connection, visitor_id, cursor=cursor, limit=limit, query=query, view=view, tag=tag
            )

    def conversation(self, visitor_id: str, conversation_id: str) -> tuple[Conversation, list[Message | Answer]]:
        """One conversation and all its messages in the order of their creation. Raises `NotFound`."""
        with self._database.reading() as connection:
            found = reading.find_conversation(connection, visitor_id, conversation_id)
            return found, reading.messages_of(connection, conversation_id)

    def rename(self, visitor_id: str, conversation_id: str, title: str) -> Conversation:
        """Set the title, on one line and trimmed; `updated_at_ms` stays.

        Raises `NotFound`, and `InvalidInput` unless the title has 1 to 200 characters.
        """
        title = checked_title(title)
        with self._database.writing() as connection:
            found = reading.find_conversation(connection, visitor_id, conversation_id, lock=True)
            connection.execute(_SET.values(title=title), {"conversation_id": found.id})
            search_texts.add_title(connection, found.id, title)
        return msgspec.structs.replace(found, title=title)

    def place(
        self, visitor_id: str, conversation_id: str, *, pinned: bool | None = None, archived: bool | None = None
    ) -> Conversation:
        """Pin it, archive it, or take that back; None leaves it, and `updated_at_ms` stays. Raises `NotFound`."""
        with self._database.writing() as connection:
            found = reading.find_conversation(connection, visitor_id, conversation_id, lock=True)
            placed = msgspec.structs.replace(
                found,
                pinned=found.pinned if pinned is None else pinned,
                archived=found.archived if archived is None else archived,
            )
            values = {"pinned": placed.pinned, "archived": placed.archived}
            connection.execute(_SET.values(values), {"conversation_id": found.id})
        return placed

    def set_leaf(self, visitor_id: str, conversation_id: str, message_id: str) -> Conversation:
        """Remember the branch that is looked at; `updated_at_ms` stays. Raises `NotFound`."""
        with self._database.writing() as connection:
            found = reading.find_conversation(connection, visitor_id, conversation_id, lock=True)
            if reading.find_message(connection, visitor_id, message_id).conversation != found.id:
                raise NotFound("There is no such message.")
            connection.execute(_SET.values(leaf=message_id), {"conversation_id": found.id})
        return msgspec.structs.replace(found, leaf=message_id)

    def set_options(self, visitor_id: str, conversation_id: str, options: ModelOptions) -> Conversation:
        """Replace the options; `updated_at_ms` stays. Raises `NotFound`, `InvalidInput`."""
        with self._database.writing() as connection:
            found = reading.find_conversation(connection, visitor_id, conversation_id, lock=True)
            return beginning.store_options(connection, found, options)

    def preferences(self, visitor_id: str) -> Preferences:
        """What this visitor has settled for all their tabs."""
        with self._database.reading() as connection:
            return preferences.read(connection, visitor_id)

    def default_model(self, visitor_id: str) -> str | None:
        """The model this visitor has settled on; None when that is left to the site."""
        with self._database.reading() as connection:
            return preferences.default_model(connection, visitor_id)

    def change_preferences(self, visitor_id: str, change: PreferencesChange) -> Preferences:
        """Settle something else; what the change leaves unset stays. Raises `InvalidInput`."""
        change = preferences.checked(change)
        with self._database.writing() as connection:
            return preferences.change(connection, visitor_id, change, self._clock_ms())
