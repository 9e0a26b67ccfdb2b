"""Turns rows of the tables into the plain objects of `webapp.messages`, and two that only the server sees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Row, func, select

from webapp.history.models import attachments, conversation_tags, conversations, messages
from webapp.messages import Answer, Attachment, Conversation, Message, ModelOptions, Status, Usage

TableRow = Row[*tuple[Any, ...]]

# No tag has a comma in it.
_TAGS = (
    select(func.aggregate_strings(conversation_tags.c.tag, ","))
    .where(conversation_tags.c.conversation_id == conversations.c.id)
    .correlate(conversations)
    .scalar_subquery()
)
CONVERSATION = (
    conversations.c.id,
    conversations.c.title,
    conversations.c.created_at_ms,
    conversations.c.updated_at_ms,
    conversations.c.leaf,
    conversations.c.options,
    conversations.c.pinned,
    conversations.c.archived,
    _TAGS.label("tags"),
)
# A message's context is for the model alone, so it is not even read with the rest.
MESSAGE = tuple(column for column in messages.c if column.name not in ("position", "context"))
ATTACHMENT = (
    attachments.c.id,
    attachments.c.name,
    attachments.c.media_type,
    attachments.c.size_bytes,
    attachments.c.sha256,
    attachments.c.pages,
    attachments.c.text_sha256,
    attachments.c.text_bytes,
)


class StoredFile(Attachment, frozen=True, kw_only=True):
    """An attachment together with the name its content is kept under: the SHA-256, in hexadecimal.

    The text of a PDF is a content of its own.
    """

    sha256: str
    text_sha256: str | None = None
    text_bytes: int | None = None

    @property
    def contents(self) -> tuple[str, ...]:
        """The names of all that is kept of it."""
        return (self.sha256,) if self.text_sha256 is None else (self.sha256, self.text_sha256)

    @property
    def sent(self) -> tuple[str, int]:
        """What a model is sent of it: the name of the content, and its size in bytes."""
        if self.text_sha256 is None or self.text_bytes is None:
            return self.sha256, self.size_bytes
        return self.text_sha256, self.text_bytes


class PathMessage(msgspec.Struct, frozen=True):
    """One message on the way from the root to a question, as a prompt is built from it.

    `context` is what the page it was asked on said about itself.
    """

    id: str
    role: str
    text: str
    attachments: tuple[StoredFile, ...] = ()
    context: dict[str, str] | None = None


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
        tags=in_order(row.tags.split(",")) if row.tags else (),
    )


def from_conversation(conversation: Conversation, visitor_id: str) -> dict[str, Any]:
    """What the columns of its table hold for it; its tags are in a table of their own."""
    values = msgspec.structs.asdict(conversation)
    del values["tags"]
    return values | {"visitor_id": visitor_id, "options": from_options(conversation.options)}


def in_order(tags: Iterable[str]) -> tuple[str, ...]:
    """The tags of a conversation by the alphabet."""
    return tuple(sorted(tags, key=str.casefold))


def to_options(stored: Any) -> ModelOptions:
    """The options in the column of that name; None stands for no options."""
    return ModelOptions() if stored is None else msgspec.convert(stored, ModelOptions)


def from_options(options: ModelOptions) -> dict[str, Any] | None:
    """What the column `options` holds for these."""
    return msgspec.to_builtins(options) or None


def to_attachment(row: TableRow) -> Attachment:
    """What people may see of the attachment in a row of the columns `ATTACHMENT`."""
    return Attachment(id=row.id, name=row.name, media_type=row.media_type, size_bytes=row.size_bytes, pages=row.pages)


def to_stored_file(row: TableRow) -> StoredFile:
    """The attachment in a row of the columns `ATTACHMENT`, with its content's name."""
    return StoredFile(**{column.name: getattr(row, column.name) for column in ATTACHMENT})


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
