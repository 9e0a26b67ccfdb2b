"""Turns rows of the tables into the plain objects of `webapp.messages`."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Row

from webapp.history.models import conversations, messages
from webapp.messages import Answer, Conversation, Message, Status, Usage

TableRow = Row[*tuple[Any, ...]]

CONVERSATION = (
    conversations.c.id,
    conversations.c.title,
    conversations.c.created_at_ms,
    conversations.c.updated_at_ms,
    conversations.c.leaf,
)
MESSAGE = tuple(column for column in messages.c if column.name != "position")


def to_conversation(row: TableRow) -> Conversation:
    """The conversation in a row of the columns `CONVERSATION`."""
    return Conversation(
        id=row.id,
        title=row.title,
        created_at_ms=row.created_at_ms,
        updated_at_ms=row.updated_at_ms,
        leaf=row.leaf,
    )


def to_message(row: TableRow) -> Message | Answer:
    """The message, or the answer if it has a status, in a row of the columns `MESSAGE`."""
    if row.status is not None:
        return to_answer(row)
    return Message(
        id=row.id,
        conversation=row.conversation_id,
        parent=row.parent,
        role=row.role,
        text=row.text,
        created_at_ms=row.created_at_ms,
    )


def to_answer(row: TableRow) -> Answer:
    """The answer in a row of the columns `MESSAGE`; `next` is the UTF-8 length of its text."""
    return Answer(
        id=row.id,
        conversation=row.conversation_id,
        parent=row.parent,
        role=row.role,
        text=row.text,
        created_at_ms=row.created_at_ms,
        status=Status(row.status),
        next=len(row.text.encode()),
        model=row.model,
        continues=row.continues,
        error=row.error,
        usage=None if row.usage is None else msgspec.convert(row.usage, Usage),
    )
