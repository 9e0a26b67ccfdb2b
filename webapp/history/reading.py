"""Finds one visitor's things by id, and the way through a conversation's tree.

Every function takes a connection. Somebody else's thing is not found, in the same words as a missing one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, bindparam, literal, literal_column, select

from webapp.errors import NotFound
from webapp.history.models import attachments, conversations, message_attachments, messages
from webapp.history.rows import (
    ATTACHMENT,
    CONVERSATION,
    MESSAGE,
    PathMessage,
    TableRow,
    to_answer,
    to_attachment,
    to_conversation,
    to_message,
    to_stored_file,
)
from webapp.messages import Answer, Conversation, Message, Status

T = TypeVar("T")

# Written into the statement rather than passed along, or SQLite could not use the partial index.
IS_RUNNING = messages.c.status == literal_column(f"'{Status.RUNNING.value}'")
# A conversation that was deleted is not there any more, though it can still be brought back; one that is being
# imported is not there yet.
IS_THERE = conversations.c.deleted_at_ms.is_(None) & conversations.c.import_id.is_(None)

_CONVERSATION = select(*CONVERSATION).where(
    conversations.c.id == bindparam("conversation_id"), conversations.c.visitor_id == bindparam("visitor_id"), IS_THERE
)
# SQLite has no row locks and leaves this out; its writers come one at a time anyway.
_CONVERSATION_LOCKED = _CONVERSATION.with_for_update()
_MESSAGE = (
    select(*MESSAGE)
    .join(conversations, conversations.c.id == messages.c.conversation_id)
    .where(messages.c.id == bindparam("message_id"), conversations.c.visitor_id == bindparam("visitor_id"), IS_THERE)
)
_MESSAGES = (
    select(*MESSAGE).where(messages.c.conversation_id == bindparam("conversation_id")).order_by(messages.c.position)
)

_ATTACHED = (
    select(message_attachments.c.message_id, *ATTACHMENT)
    .join(attachments, attachments.c.id == message_attachments.c.attachment_id)
    .order_by(message_attachments.c.position)
)
_ATTACHED_TO = _ATTACHED.where(message_attachments.c.message_id == bindparam("message_id"))
_ATTACHED_IN = _ATTACHED.join(messages, messages.c.id == message_attachments.c.message_id).where(
    messages.c.conversation_id == bindparam("conversation_id")
)

# The ids first and the texts afterwards: a recursion that carries the texts copies each of them.
_steps = (
    select(messages.c.id, messages.c.parent, literal(0).label("depth"))
    .where(messages.c.id == bindparam("message_id"))
    .cte("steps", recursive=True)
)
_steps = _steps.union_all(
    select(messages.c.id, messages.c.parent, _steps.c.depth + 1).join(_steps, messages.c.id == _steps.c.parent)
)
_PATH = (
    select(messages.c.id, messages.c.role, messages.c.text, messages.c.context)
    .join(_steps, messages.c.id == _steps.c.id)
    .order_by(_steps.c.depth.desc())
)
_ATTACHED_ON_PATH = _ATTACHED.join(_steps, message_attachments.c.message_id == _steps.c.id)


def find_conversation(
    connection: Connection, visitor_id: str, conversation_id: str, *, lock: bool = False
) -> Conversation:
    """The visitor's conversation, with `lock` kept from other writers until the transaction ends.

    Raises `NotFound`.
    """
    row = connection.execute(
        _CONVERSATION_LOCKED if lock else _CONVERSATION,
        {"conversation_id": conversation_id, "visitor_id": visitor_id},
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such conversation.")
    return to_conversation(row)


def find_message(connection: Connection, visitor_id: str, message_id: str) -> Message | Answer:
    """The visitor's message or answer. Raises `NotFound`."""
    row = connection.execute(_MESSAGE, {"message_id": message_id, "visitor_id": visitor_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such message.")
    attached = _attached(connection, _ATTACHED_TO, {"message_id": message_id}, to_attachment)
    return to_message(row, attached.get(message_id, ()))


def find_answer(connection: Connection, visitor_id: str, answer_id: str) -> Answer:
    """The visitor's answer. Raises `NotFound`, also for a message that is no answer."""
    row = connection.execute(_MESSAGE, {"message_id": answer_id, "visitor_id": visitor_id}).one_or_none()
    if row is None or row.status is None:
        raise NotFound("There is no such answer.")
    return to_answer(row)


def messages_of(connection: Connection, conversation_id: str) -> list[Message | Answer]:
    """All messages of a conversation, whoever's it is, in the order of their creation."""
    which = {"conversation_id": conversation_id}
    attached = _attached(connection, _ATTACHED_IN, which, to_attachment)
    return [to_message(row, attached.get(row.id, ())) for row in connection.execute(_MESSAGES, which)]


def path_to(connection: Connection, message_id: str) -> list[PathMessage]:
    """From the root to this message, whoever's it is, without messages that hold nothing. Raises `NotFound`."""
    which = {"message_id": message_id}
    rows = connection.execute(_PATH, which).all()
    if not rows:
        raise NotFound("There is no such message.")
    attached = _attached(connection, _ATTACHED_ON_PATH, which, to_stored_file)
    steps = (PathMessage(row.id, row.role, row.text, attached.get(row.id, ()), row.context) for row in rows)
    return [step for step in steps if step.text or step.attachments]


def _attached(
    connection: Connection, statement: Select[*tuple[Any, ...]], which: dict[str, str], read: Callable[[TableRow], T]
) -> dict[str, tuple[T, ...]]:
    """What is attached to each message, by the message's id."""
    found: defaultdict[str, tuple[T, ...]] = defaultdict(tuple)
    for row in connection.execute(statement, which):
        found[row.message_id] += (read(row),)
    return found
