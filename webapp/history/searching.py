"""Searches: the words of a query, the conversations that have them, and where in each they were found.

A conversation matches when all words stand in its title, or in one and the same message. Words between quotation marks
are one word with blanks. Texts and words are compared in their folded forms.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select

from webapp.errors import InvalidInput
from webapp.history import search_index
from webapp.history.excerpts import excerpt
from webapp.history.models import conversations, messages, search_texts
from webapp.history.search_index import contains
from webapp.history.search_texts import MARK_CHARS, on_one_line
from webapp.history.titles import storable
from webapp.messages import Conversation, Found

LONGEST_QUERY = 200
SHOWN_CHARS = 50_000  # of a longer text that has the words further on, the excerpt shows the beginning
# With so many candidates a word is common: then going through the conversations, newest first, fills a page sooner.
FEW_CANDIDATES = 3_000

_WORD = re.compile(r'"([^"]*)"|(\S+)')


def words(query: str) -> list[str]:
    """The folded words to look for; none for a query that is blank. Raises `InvalidInput` for one that is too long."""
    if len(on_one_line(query)) > LONGEST_QUERY:  # folding can make one character eighteen
        raise InvalidInput(f"query: must have at most {LONGEST_QUERY} characters.")
    found = (on_one_line(quoted or plain) for quoted, plain in _WORD.findall(storable(query)))
    return list(dict.fromkeys(word for word in found if word))


def matches(connection: Connection, visitor_id: str, wanted: Sequence[str]) -> ColumnElement[bool]:
    """Whether a conversation of this visitor has all these words."""
    has_all = and_(*map(contains, wanted))
    candidates = None
    if search_index.is_there(connection):
        candidates = search_index.candidates(connection, visitor_id[:MARK_CHARS], wanted)
    if candidates is not None:
        some = candidates.limit(FEW_CANDIDATES).subquery()
        if connection.execute(select(func.count()).select_from(some)).scalar_one() < FEW_CANDIDATES:
            found = select(search_texts.c.conversation_id).where(search_texts.c.id.in_(candidates), has_all)
            return conversations.c.id.in_(found)
    return exists().where(search_texts.c.conversation_id == conversations.c.id, has_all)


def places(connection: Connection, listed: Sequence[Conversation], wanted: Sequence[str]) -> dict[str, Found]:
    """Where each of these conversations has the words first: in a message rather than in the title."""
    # The texts of a conversation are numbered as they came.
    first = (
        select(search_texts.c.message_id)
        .where(search_texts.c.conversation_id == conversations.c.id, search_texts.c.message_id.is_not(None))
        .where(*map(contains, wanted))
        .order_by(search_texts.c.id)
        .limit(1)
        .correlate(conversations)
        .scalar_subquery()
    )
    text = func.substr(messages.c.text, 1, SHOWN_CHARS).label("text")
    statement = (
        select(conversations.c.id.label("place"), messages.c.id, text)
        .select_from(conversations)
        .join(messages, messages.c.id == first)
        .where(conversations.c.id.in_([conversation.id for conversation in listed]))
    )
    in_messages = {row.place: row for row in connection.execute(statement)}
    found: dict[str, Found] = {}
    for conversation in listed:
        row = in_messages.get(conversation.id)
        message, whole = (None, conversation.title) if row is None else (row.id, row.text)
        found[conversation.id] = Found(message=message, excerpt=excerpt(whole, wanted))
    return found
