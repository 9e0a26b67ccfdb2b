"""A visitor's conversations, newest first, page by page: those of a view, or those that match a search."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Boolean, ColumnElement, Connection, literal, literal_column, select, tuple_

from webapp.errors import InvalidInput
from webapp.history import searching, tags
from webapp.history.models import conversations
from webapp.history.reading import IS_THERE
from webapp.history.rows import CONVERSATION, to_conversation
from webapp.messages import Conversation, Found

LARGEST_PAGE = 500
SEARCH_BUDGET_S = 0.3

_CURSOR = re.compile(r"([0-9]{1,15})\.([A-Za-z0-9_-]{1,64})", re.ASCII)
# Written as SQLite wants it for a partial index; PostgreSQL understands it as well.
_PINNED, _ARCHIVED = literal_column("conversations.pinned", Boolean), conversations.c.archived


class View(StrEnum):
    """Which conversations are listed: all that are not archived, the pinned ones of these, or the archived ones."""

    ALL = "all"
    PINNED = "pinned"
    ARCHIVED = "archived"


class Page(NamedTuple):
    """Some conversations, where a search found its words in each (by id), and the next page's cursor."""

    conversations: list[Conversation]
    found: dict[str, Found]
    next_cursor: str | None


def list_conversations(
    connection: Connection,
    visitor_id: str,
    *,
    cursor: str | None,
    limit: int,
    query: str | None,
    view: View,
    tag: str | None = None,
) -> Page:
    """At most `limit` conversations after `cursor` that match `query` and have the tag.

    Raises `InvalidInput` for a bad cursor or tag, a limit outside 1 to 500, or a query of more than 200 characters.
    """
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidInput(f"limit: must be between 1 and {LARGEST_PAGE}.")
    words = searching.words(query or "")
    order = tuple_(conversations.c.updated_at_ms, conversations.c.id)
    statement = select(*CONVERSATION).where(conversations.c.visitor_id == visitor_id, IS_THERE)
    statement = statement.where(*_in_view(view, searched=bool(words) or tag is not None))
    if tag is not None:
        statement = statement.where(tags.has(tag))
    if cursor is not None:
        statement = statement.where(order < tuple_(*_read_cursor(cursor)))
    if words:
        statement = statement.where(searching.matches(connection, visitor_id, words))
    # One more than asked for tells whether there is another page.
    newest_first = statement.order_by(conversations.c.updated_at_ms.desc(), conversations.c.id.desc())
    listed = [to_conversation(row) for row in connection.execute(newest_first.limit(limit + 1))]
    page, more = listed[:limit], len(listed) > limit
    found = searching.places(connection, page, words) if words else {}
    return Page(page, found, _cursor_after(page[-1]) if more else None)


def _in_view(view: View, *, searched: bool) -> Sequence[ColumnElement[bool]]:
    match view:
        case View.ARCHIVED:
            return [_ARCHIVED]
        case View.PINNED:
            return [_PINNED, ~_ARCHIVED]
        case View.ALL:  # who searches wants to find it, wherever they put it
            return [] if searched else [~_ARCHIVED]


def _cursor_after(conversation: Conversation) -> str:
    plain = f"{conversation.updated_at_ms}.{conversation.id}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[ColumnElement[int], ColumnElement[str]]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        plain = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        plain = ""
    match = _CURSOR.fullmatch(plain)
    if match is None:
        raise InvalidInput("cursor: hand back the one you were given, unchanged.")
    return literal(int(match[1])), literal(match[2])
