"""Tags: a visitor's own words for conversations, by which they are found. The first spelling of each stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, select

from webapp.errors import InvalidInput
from webapp.history.database import Database, fold
from webapp.history.models import conversation_tags, conversations
from webapp.history.reading import IS_THERE, find_conversation
from webapp.history.rows import CONVERSATION, in_order, to_conversation
from webapp.history.titles import MOST_TAGS, checked_tag
from webapp.messages import Conversation, TagCount

AT_A_TIME = 500  # conversations in one statement


class TagStore:
    """The tags of all visitors. Safe for threads; every method may raise `HistoryUnavailable`."""

    def __init__(self, database: Database) -> None:
        """Reached as `History.tags`, which shares its database."""
        self._database = database

    def of(self, visitor_id: str) -> list[TagCount]:
        """All tags of a visitor's, those of most conversations first."""
        size = func.count().label("size")
        statement = (
            select(func.min(conversation_tags.c.tag).label("tag"), size)
            .join(conversations, conversations.c.id == conversation_tags.c.conversation_id)
            .where(conversations.c.visitor_id == visitor_id, IS_THERE)
            .group_by(conversation_tags.c.folded)
            .order_by(size.desc(), conversation_tags.c.folded)
        )
        with self._database.reading() as connection:
            return [TagCount(row.tag, row.size) for row in connection.execute(statement)]

    def set(self, visitor_id: str, conversation_id: str, tags: Iterable[str]) -> Conversation:
        """Give a conversation these tags and no others; `updated_at_ms` stays. Raises `NotFound`, `InvalidInput`."""
        wanted = [checked_tag(tag) for tag in tags]
        with self._database.writing() as connection:
            found = find_conversation(connection, visitor_id, conversation_id, lock=True)
            return msgspec.structs.replace(found, tags=write(connection, visitor_id, found.id, wanted))

    def change(
        self, visitor_id: str, conversation_ids: Sequence[str], *, add: Iterable[str], remove: Iterable[str]
    ) -> list[Conversation]:
        """Add and remove tags of those of these that are there, all or none of them; returns them as they are then.

        Raises `InvalidInput`, also when one of them would have too many.
        """
        added = [checked_tag(tag) for tag in add]
        removed = {fold(checked_tag(tag)) for tag in remove}
        changed: list[Conversation] = []
        with self._database.writing() as connection:
            for at in range(0, len(conversation_ids), AT_A_TIME):
                some = conversations.c.id.in_(conversation_ids[at : at + AT_A_TIME])
                statement = select(*CONVERSATION).where(conversations.c.visitor_id == visitor_id, IS_THERE, some)
                for row in connection.execute(statement.order_by(conversations.c.id).with_for_update()).all():
                    place = to_conversation(row)
                    wanted = [tag for tag in (*place.tags, *added) if fold(tag) not in removed]
                    tags = write(connection, visitor_id, place.id, wanted)
                    changed.append(msgspec.structs.replace(place, tags=tags))
        return changed


def has(tag: str) -> ColumnElement[bool]:
    """Whether a conversation has this tag. Raises `InvalidInput`."""
    folded = conversation_tags.c.folded == fold(checked_tag(tag))
    return exists().where(conversation_tags.c.conversation_id == conversations.c.id, folded)


def write(connection: Connection, visitor_id: str, conversation_id: str, tags: Sequence[str]) -> tuple[str, ...]:
    """Replace the tags of a conversation by checked ones, in the spelling that the visitor has; returns them.

    Raises `InvalidInput` for too many.
    """
    by_folded: dict[str, str] = {}
    for tag in tags:
        by_folded.setdefault(fold(tag), tag)
    if len(by_folded) > MOST_TAGS:
        raise InvalidInput(f"tags: a conversation has at most {MOST_TAGS}.")
    by_folded |= _spelled(connection, visitor_id, by_folded)
    connection.execute(delete(conversation_tags).where(conversation_tags.c.conversation_id == conversation_id))
    if by_folded:
        rows = [{"conversation_id": conversation_id, "folded": key, "tag": tag} for key, tag in by_folded.items()]
        connection.execute(insert(conversation_tags), rows)
    return in_order(by_folded.values())


def _spelled(connection: Connection, visitor_id: str, folded: Iterable[str]) -> dict[str, str]:
    """As the visitor has written them already."""
    statement = (
        select(conversation_tags.c.folded, func.min(conversation_tags.c.tag).label("tag"))
        .join(conversations, conversations.c.id == conversation_tags.c.conversation_id)
        .where(conversations.c.visitor_id == visitor_id, conversation_tags.c.folded.in_(list(folded)))
        .group_by(conversation_tags.c.folded)
    )
    return {row.folded: row.tag for row in connection.execute(statement)}
