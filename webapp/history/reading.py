"""Finds one visitor's things by id, and the way through a conversation's tree.

Every function takes a connection. Somebody else's thing is not found, in the same words as a missing one.
"""

from __future__ import annotations

from typing import cast

from sqlalchemy import Connection, bindparam, literal, literal_column, select

from webapp.errors import NotFound
from webapp.history.models import conversations, messages
from webapp.history.rows import CONVERSATION, MESSAGE, to_answer, to_conversation, to_message
from webapp.messages import Answer, ChatMessage, Conversation, Message, Status

# Written into the statement rather than passed along, or SQLite could not use the partial index.
IS_RUNNING = messages.c.status == literal_column(f"'{Status.RUNNING.value}'")

_CONVERSATION = select(*CONVERSATION).where(
    conversations.c.id == bindparam("conversation_id"), conversations.c.visitor_id == bindparam("visitor_id")
)
# SQLite has no row locks and leaves this out; its writers come one at a time anyway.
_CONVERSATION_LOCKED = _CONVERSATION.with_for_update()
_MESSAGE = (
    select(*MESSAGE)
    .join(conversations, conversations.c.id == messages.c.conversation_id)
    .where(messages.c.id == bindparam("message_id"), conversations.c.visitor_id == bindparam("visitor_id"))
)
_MESSAGES = (
    select(*MESSAGE).where(messages.c.conversation_id == bindparam("conversation_id")).order_by(messages.c.position)
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
    select(messages.c.role, messages.c.text).join(_steps, messages.c.id == _steps.c.id).order_by(_steps.c.depth.desc())
)


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
    return to_message(row)


def find_answer(connection: Connection, visitor_id: str, answer_id: str) -> Answer:
    """The visitor's answer. Raises `NotFound`, also for a message that is no answer."""
    row = connection.execute(_MESSAGE, {"message_id": answer_id, "visitor_id": visitor_id}).one_or_none()
    if row is None or row.status is None:
        raise NotFound("There is no such answer.")
    return to_answer(row)


def messages_of(connection: Connection, conversation_id: str) -> list[Message | Answer]:
    """All messages of a conversation, whoever's it is, in the order of their creation."""
    return [to_message(row) for row in connection.execute(_MESSAGES, {"conversation_id": conversation_id})]


def path_to(connection: Connection, message_id: str) -> list[ChatMessage]:
    """From the root to this message, whoever's it is, without empty texts. Raises `NotFound`."""
    rows = connection.execute(_PATH, {"message_id": message_id}).all()
    if not rows:
        raise NotFound("There is no such message.")
    return [cast(ChatMessage, {"role": row.role, "content": row.text}) for row in rows if row.text]
