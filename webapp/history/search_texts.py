"""What a search reads: titles, questions and ended answers in a folded form, kept in step with the originals.

Every function takes a connection and works within its transaction. What is deleted goes by itself, with its message or
its conversation. A running answer is added when it ends; the one it goes on with is then in it and is taken out.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, exists, func, insert, select

from webapp.history.database import fold
from webapp.history.models import conversations, messages, search_texts

MOST_CHARS = 200_000  # of one text: what comes after is not searched, or one text could hold up everybody
MARK_CHARS = 3  # of the visitor's id: see `search_index.py`
END = "\n\n"  # of each text, so that its last characters, too, begin a trigram; no word has it

_THERE = exists().where(search_texts.c.message_id == bindparam("which"))
_ADD = insert(search_texts).from_select(
    ["conversation_id", "message_id", "mark", "folded"],
    select(
        messages.c.conversation_id,
        messages.c.id,
        func.substr(conversations.c.visitor_id, 1, MARK_CHARS),
        bindparam("text"),
    )
    .join(conversations, conversations.c.id == messages.c.conversation_id)
    .where(messages.c.id == bindparam("which"), ~_THERE),
)
_CONTINUED = select(messages.c.continues).where(messages.c.id == bindparam("which"))
_REMOVE_CONTINUED = delete(search_texts).where(search_texts.c.message_id == _CONTINUED.scalar_subquery())
_REMOVE_TITLE = delete(search_texts).where(
    search_texts.c.conversation_id == bindparam("place"), search_texts.c.message_id.is_(None)
)
_ADD_TITLE = insert(search_texts).from_select(
    ["conversation_id", "mark", "folded"],
    select(conversations.c.id, func.substr(conversations.c.visitor_id, 1, MARK_CHARS), bindparam("text")).where(
        conversations.c.id == bindparam("place")
    ),
)


def searchable(text: str) -> str:
    """The form in which a text is kept for the search."""
    return on_one_line(text[:MOST_CHARS])[:MOST_CHARS] + END


def on_one_line(text: str) -> str:
    """The form in which texts and words are compared: folded, on one line."""
    return " ".join(fold(text).split())


def add_title(connection: Connection, conversation_id: str, title: str) -> None:
    """A conversation has this title from now on."""
    connection.execute(_REMOVE_TITLE, {"place": conversation_id})
    connection.execute(_ADD_TITLE, {"place": conversation_id, "text": searchable(title)})


def add_message(connection: Connection, message_id: str, folded: str) -> None:
    """A question was stored, or an answer ended, with this `searchable` text."""
    if folded != END:
        connection.execute(_ADD, {"which": message_id, "text": folded})
    connection.execute(_REMOVE_CONTINUED, {"which": message_id})
