"""Deletes: conversations, which can be brought back for a moment, and messages with all that follow them.

A deleted conversation is hidden at once and goes in earnest when nobody can bring it back any more, some messages at a
time, so that nobody waits long for their turn to write. Deleted messages go the same way: they are moved into a hidden
conversation of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, select, update

from webapp.errors import NotFound
from webapp.history.attaching import AT_A_TIME, remove_unattached
from webapp.history.beginning import new_id
from webapp.history.database import Database
from webapp.history.models import conversations, message_attachments, messages, search_texts, turns
from webapp.history.reading import IS_RUNNING, IS_THERE, find_conversation, find_message
from webapp.history.rows import CONVERSATION, TableRow, to_conversation
from webapp.history.sharing import cut_branches
from webapp.messages import Conversation
from webapp.shared import Node

UNDO_S = 60  # for so long a deleted conversation can be brought back
NEVER_RESTORED = 0  # as the time of a deletion: it is due at once, also by a clock that is set back
# A step takes some 0.15 s: the index of a search forgets a text as slowly as it takes one in.
MESSAGES_A_STEP = 200
CHARS_A_STEP = 500_000

_SET_LEAF = update(conversations).where(conversations.c.id == bindparam("place")).values(leaf=bindparam("new_leaf"))
_TREE = (
    select(messages.c.id, messages.c.parent, messages.c.continues, messages.c.status)
    .where(messages.c.conversation_id == bindparam("place"))
    .order_by(messages.c.position)
)
_LAST_MESSAGES = (
    select(messages.c.id, func.coalesce(func.length(search_texts.c.folded), 0).label("chars"))
    .outerjoin(search_texts, search_texts.c.message_id == messages.c.id)
    .where(messages.c.conversation_id == bindparam("place"))
    .order_by(messages.c.position.desc())
)
_NEXT_DUE = select(func.min(conversations.c.deleted_at_ms)).where(conversations.c.deleted_at_ms.is_not(None))
_MARK = update(conversations).where(conversations.c.id == bindparam("place")).values(deleted_at_ms=NEVER_RESTORED)


class Deleted(NamedTuple):
    """What is gone, and what is left to do: to stop these running answers."""

    conversations: list[str]
    running: list[str]


class Pruned(NamedTuple):
    """The conversation without these messages, and what is left to do: `running` as above, and to purge."""

    conversation: Conversation
    message_ids: list[str]
    running: list[str]


class Deletions:
    """Deletes for all visitors. Safe for threads; every method may raise `HistoryUnavailable`."""

    def __init__(self, database: Database, clock_ms: Callable[[], int]) -> None:
        """Reached as `History.deletions`, which shares its database and clock."""
        self._database, self._clock_ms = database, clock_ms

    def hide(self, visitor_id: str, conversation_ids: Iterable[str]) -> Deleted:
        """Delete those of these conversations that are there, for now in a way that `restore` undoes."""
        wanted = list(dict.fromkeys(conversation_ids))
        hidden: list[str] = []
        running: list[str] = []
        with self._database.writing() as connection:
            for some in _in_pieces(wanted):
                which = _of(visitor_id, some) & IS_THERE
                found = list(connection.scalars(select(conversations.c.id).where(which)))
                connection.execute(update(conversations).where(which).values(deleted_at_ms=self._clock_ms()))
                ids = select(messages.c.id).where(IS_RUNNING, messages.c.conversation_id.in_(found))
                running += connection.scalars(ids)
                hidden += found
        return Deleted([id_ for id_ in wanted if id_ in set(hidden)], running)

    def restore(self, visitor_id: str, conversation_ids: Iterable[str]) -> list[Conversation]:
        """Bring back those of these that were deleted within `UNDO_S`, newest first. Raises `NotFound` for none."""
        restored: list[Conversation] = []
        with self._database.writing() as connection:
            for some in _in_pieces(list(dict.fromkeys(conversation_ids))):
                which = _of(visitor_id, some) & (conversations.c.deleted_at_ms > self._latest_ms())
                found = [to_conversation(row) for row in connection.execute(select(*CONVERSATION).where(which))]
                ids = [conversation.id for conversation in found]
                connection.execute(update(conversations).where(conversations.c.id.in_(ids)).values(deleted_at_ms=None))
                restored += found
        if not restored:
            raise NotFound("There is nothing to bring back: it was deleted too long ago, or never.")
        return sorted(restored, key=lambda found: (found.updated_at_ms, found.id), reverse=True)

    def prune(self, visitor_id: str, message_id: str) -> Pruned:
        """Delete a message and all that follow it. Raises `NotFound`.

        An answer goes together with those that go on with it, and with those it goes on with, unless something that
        stays goes on with them too, or follows them. The shown branch ends where the newest of what is left beside
        it ends. They are out of sight at once, and `purge` does the rest.
        """
        with self._database.writing() as connection:
            message = find_message(connection, visitor_id, message_id)
            place = find_conversation(connection, visitor_id, message.conversation, lock=True)
            tree = connection.execute(_TREE, {"place": place.id}).all()
            doomed = _doomed(tree, message_id)
            leaf = place.leaf
            if leaf is None or leaf in doomed:
                leaf = _newest_beside(tree, message.parent, doomed)
            connection.execute(_SET_LEAF, {"place": place.id, "new_leaf": leaf})
            gone = [row for row in tree if row.id in doomed]
            nodes = [Node(row.id, row.parent, row.continues, row.status is not None) for row in tree]
            cut_branches(connection, place.id, nodes, doomed)
            self._move_out(connection, visitor_id, gone)
        running = [row.id for row in gone if row.status == "running"]
        return Pruned(msgspec.structs.replace(place, leaf=leaf), [row.id for row in gone], running)

    def _move_out(self, connection: Connection, visitor_id: str, gone: Sequence[TableRow]) -> None:
        """Into a conversation that nobody sees and that is due to be purged: a step at a time, as all others are."""
        now_ms, place = self._clock_ms(), new_id()
        values = {"id": place, "visitor_id": visitor_id, "title": "", "deleted_at_ms": NEVER_RESTORED}
        connection.execute(insert(conversations), values | {"created_at_ms": now_ms, "updated_at_ms": now_ms})
        ids = {row.id for row in gone}
        roots = [row.id for row in gone if row.parent not in ids]
        for some in _in_pieces(roots):
            connection.execute(update(messages).where(messages.c.id.in_(some)).values(parent=None))
        for some in _in_pieces([row.id for row in gone]):
            connection.execute(update(messages).where(messages.c.id.in_(some)).values(conversation_id=place))
            moved = update(search_texts).where(search_texts.c.message_id.in_(some))
            connection.execute(moved.values(conversation_id=place))
            connection.execute(delete(turns).where(turns.c.answer_id.in_(some)))  # whoever asks again begins anew

    def purge(self, older_than_s: float = UNDO_S) -> list[str] | None:
        """Take the next step in deleting what was hidden longer ago than that for good; returns contents to drop.

        None when nothing is due. Each step is one short transaction.
        """
        with self._database.writing() as connection:
            latest_ms = self._clock_ms() - round(older_than_s * 1000)
            due = select(conversations.c.id).where(conversations.c.deleted_at_ms <= latest_ms)
            place = connection.scalar(due.order_by(conversations.c.deleted_at_ms).limit(1))
            if place is None:
                return None
            ids, all_of_them = _next_step(connection, place)
            contents = _delete_messages(connection, ids)
            if all_of_them:
                connection.execute(delete(conversations).where(conversations.c.id == place))
            else:  # half of it must not come back
                connection.execute(_MARK, {"place": place})
            return contents

    def next_due_s(self) -> float | None:
        """In how many seconds `purge` will have something to do; None when nothing waits for it."""
        with self._database.reading() as connection:
            first_ms = connection.scalar(_NEXT_DUE)
        return None if first_ms is None else max(0.0, (first_ms - self._latest_ms()) / 1000)

    def _latest_ms(self) -> int:
        """What was deleted then, or before, cannot be brought back."""
        return self._clock_ms() - UNDO_S * 1000


def _of(visitor_id: str, conversation_ids: Sequence[str]) -> ColumnElement[bool]:
    return (conversations.c.visitor_id == visitor_id) & conversations.c.id.in_(conversation_ids)


def _in_pieces(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[at : at + AT_A_TIME] for at in range(0, len(ids), AT_A_TIME))


def _next_step(connection: Connection, place: str) -> tuple[list[str], bool]:
    """The last messages of a conversation, as many as one step deletes, and whether that is all of them."""
    ids: list[str] = []
    chars = 0
    # One by one: the length of a text costs reading it.
    with connection.execute(_LAST_MESSAGES.limit(MESSAGES_A_STEP), {"place": place}) as found:
        for row in found:
            chars += row.chars
            if ids and chars > CHARS_A_STEP:
                return ids, False
            ids.append(row.id)
    return ids, len(ids) < MESSAGES_A_STEP


def _delete_messages(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Delete messages, none of which has a child that is not before it; returns contents nobody refers to."""
    contents: list[str] = []
    for some in _in_pieces(ids):
        attached = select(message_attachments.c.attachment_id).where(message_attachments.c.message_id.in_(some))
        attachment_ids = list(connection.scalars(attached.distinct()))
        connection.execute(delete(messages).where(messages.c.id.in_(some)))
        contents += remove_unattached(connection, attachment_ids)
    return contents


def _doomed(tree: Sequence[TableRow], message_id: str) -> set[str]:
    """What goes with a message: all below it, and the answers that the reader sees as one with it."""
    continues = {row.id: row.continues for row in tree if row.continues is not None}
    family = {message_id}
    for row in tree:  # in their order, in which an answer stands before the ones that go on with it
        if continues.get(row.id) in family:
            family.add(row.id)
    doomed = _subtree(tree, family)
    # An earlier answer stays for what stays and goes on with it, or follows it.
    needed_by: dict[str, set[str]] = {}
    for row in tree:
        for id_ in {row.parent, row.continues} - {None}:
            needed_by.setdefault(id_, set()).add(row.id)
    earlier = continues.get(message_id)
    while earlier is not None and earlier not in doomed and needed_by.get(earlier, set()) <= doomed:
        doomed.add(earlier)
        earlier = continues.get(earlier)
    return doomed


def _subtree(tree: Sequence[TableRow], roots: set[str]) -> set[str]:
    """These and all messages below them."""
    below = set(roots)
    for row in tree:  # in their order, in which a parent stands before its children
        if row.parent in below:
            below.add(row.id)
    return below


def _newest_beside(tree: Sequence[TableRow], parent: str | None, doomed: set[str]) -> str | None:
    """The newest message that stays below `parent`, or `parent` itself."""
    left = [row for row in tree if row.id not in doomed]
    if parent is None:
        return left[-1].id if left else None
    below = {parent}
    newest = parent
    for row in left:
        if row.parent in below:
            below.add(row.id)
            newest = row.id
    return newest
