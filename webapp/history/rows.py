"""Turns rows of the tables into the plain objects of `webapp.messages`, and two that only the server sees."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Row

from webapp.history.models import attachments, conversations, messages
from webapp.messages import Answer, Attachment, Conversation, Message, ModelOptions, Status, Usage

TableRow = Row[*tuple[Any, ...]]

CONVERSATION = (
    conversations.c.id,
    conversations.c.title,
    conversations.c.created_at_ms,
    conversations.c.updated_at_ms,
    conversations.c.leaf,
    conversations.c.options,
    conversations.c.pinned,
    conversations.c.archived,
)
MESSAGE = tuple(column for column in messages.c if column.name != "position")
ATTACHMENT = (
    attachments.c.id,
    attachments.c.name,
    attachments.c.media_type,
    attachments.c.size_bytes,
    attachments.c.sha256,
)


class StoredFile(Attachment, frozen=True, kw_only=True):
    """An attachment together with the name its content is kept under: the SHA-256, in hexadecimal."""

    sha256: str


class PathMessage(msgspec.Struct, frozen=True):
    """One message on the way from the root to a question, as a prompt is built from it."""

    id: str
    role: str
    text: str
    attachments: tuple[StoredFile, ...] = ()


def to_conversation(row: TableRow) -> Conversation:
    """The conversation in a row of the columns `CONVERSATION`."""
    return Conversation(
        id=row.id,
        title=row.title,
        created_at_ms=row.created_at_ms,
        updated_at_ms=row.updated_at_ms,
        leaf=row.leaf,
        options=to_options(row.options),
        pinned=row.pinned,
        archived=row.archived,
    )


def to_options(stored: Any) -> ModelOptions:
    """The options in the column of that name; None stands for no options."""
    return ModelOptions() if stored is None else msgspec.convert(stored, ModelOptions)


def from_options(options: ModelOptions) -> dict[str, Any] | None:
    """What the column `options` holds for these."""
    return msgspec.to_builtins(options) or None


def to_attachment(row: TableRow) -> Attachment:
    """What people may see of the attachment in a row of the columns `ATTACHMENT`."""
    return Attachment(id=row.id, name=row.name, media_type=row.media_type, size_bytes=row.size_bytes)


def to_stored_file(row: TableRow) -> StoredFile:
    """The attachment in a row of the columns `ATTACHMENT`, with its content's name."""
    return StoredFile(id=row.id, name=row.name, media_type=row.media_type, size_bytes=row.size_bytes, sha256=row.sha256)


def to_message(row: TableRow, attached: tuple[Attachment, ...] = ()) -> Message | Answer:
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
        attachments=attached,
    )


def to_answer(row: TableRow) -> Answer:
    """The answer in a row of the columns `MESSAGE`; `next` is the UTF-8 length of its text."""
    reasoning = row.reasoning or ""
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
        reasoning=reasoning,
        reasoning_next=len(reasoning.encode()),
        continues=row.continues,
        error=row.error,
        usage=None if row.usage is None else msgspec.convert(row.usage, Usage),
    )
