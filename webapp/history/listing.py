"""A visitor's conversations, newest first, page by page, all of them or those that match a search."""

from __future__ import annotations

import base64
import binascii
import re

from sqlalchemy import Boolean, ColumnElement, Connection, exists, func, literal, or_, select, tuple_

from webapp.errors import InvalidInput
from webapp.history.database import fold
from webapp.history.models import conversations, messages
from webapp.history.rows import CONVERSATION, to_conversation
from webapp.history.titles import storable
from webapp.messages import Conversation

LARGEST_PAGE = 500
LONGEST_QUERY = 200
SEARCH_BUDGET_S = 0.3

_CURSOR = re.compile(r"([0-9]{1,15})\.([A-Za-z0-9_-]{1,64})", re.ASCII)


def list_conversations(
    connection: Connection, visitor_id: str, *, cursor: str | None, limit: int, query: str | None
) -> tuple[list[Conversation], str | None]:
    """At most `limit` conversations after `cursor` that match `query`, and the cursor of the next page.

    Raises `InvalidInput` for a bad cursor, a limit outside 1 to 500, or a query of more than 200 characters.
    """
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidInput(f"limit: must be between 1 and {LARGEST_PAGE}.")
    order = tuple_(conversations.c.updated_at_ms, conversations.c.id)
    statement = select(*CONVERSATION).where(conversations.c.visitor_id == visitor_id)
    if cursor is not None:
        statement = statement.where(order < tuple_(*_read_cursor(cursor)))
    if query is not None and query.strip():
        statement = statement.where(_matches(query.strip()))
    # One more than asked for tells whether there is another page.
    newest_first = statement.order_by(conversations.c.updated_at_ms.desc(), conversations.c.id.desc())
    found = [to_conversation(row) for row in connection.execute(newest_first.limit(limit + 1))]
    if len(found) <= limit:
        return found, None
    return found[:limit], _cursor_after(found[limit - 1])


def _matches(query: str) -> ColumnElement[bool]:
    folded = fold(storable(query))
    if len(folded) > LONGEST_QUERY:  # after folding, which can make one character eighteen
        raise InvalidInput(f"query: must have at most {LONGEST_QUERY} characters.")
    in_title = func.holds(conversations.c.title, folded, type_=Boolean)
    in_text = func.holds(messages.c.text, folded, type_=Boolean)
    return or_(in_title, exists().where(messages.c.conversation_id == conversations.c.id, in_text))


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
