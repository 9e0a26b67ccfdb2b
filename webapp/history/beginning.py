"""Begins turns: stores what is asked and the answer that is to be written. Every function takes a connection.

Each expects to be alone in a writing transaction, with a turn id that is not taken (`find_turn`). An
`IntegrityError` means that another process was quicker: the caller rolls back and looks again.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, select, update

from webapp.errors import Conflict, InvalidInput, NotFound
from webapp.history.attaching import add_visitor, attach
from webapp.history.models import conversations, messages, turns
from webapp.history.reading import find_answer, find_conversation, find_message
from webapp.history.rows import from_conversation, from_options
from webapp.history.search_texts import add_message, add_title, searchable
from webapp.history.titles import checked_options, storable, title_of
from webapp.messages import Answer, Conversation, Message, ModelOptions, Status, Turn

_CONTINUABLE = (Status.STOPPED, Status.FAILED, Status.INTERRUPTED)
LENGTH = "length"  # the `finish_reason` of an answer that its model's greatest length ended

_TURN = select(turns.c.answer_id).where(
    turns.c.visitor_id == bindparam("visitor_id"), turns.c.id == bindparam("turn_id")
)
_LAST_POSITION = select(func.max(messages.c.position)).where(messages.c.conversation_id == bindparam("conversation_id"))
_TOUCH = (
    update(conversations)
    .where(conversations.c.id == bindparam("conversation_id"))
    .values(leaf=bindparam("new_leaf"), updated_at_ms=bindparam("now_ms"))
)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Who begins a turn, under which id of the client's, and when (milliseconds since 1970 UTC).

    The ids of what is stored begin with `prefix`.
    """

    visitor_id: str
    turn_id: str
    now_ms: int
    prefix: str = ""

    def new_id(self) -> str:
        """An unguessable id."""
        return self.prefix + new_id()


def new_id() -> str:
    """An unguessable id."""
    return secrets.token_urlsafe(16)


def find_turn(connection: Connection, visitor_id: str, turn_id: str) -> Turn | None:
    """The visitor's turn as it stands now; None when there is none."""
    answer_id = connection.scalar(_TURN, {"visitor_id": visitor_id, "turn_id": turn_id})
    if answer_id is None:
        return None
    answer = find_answer(connection, visitor_id, answer_id)
    return Turn(
        id=turn_id,
        conversation=find_conversation(connection, visitor_id, answer.conversation),
        message=_answered(connection, visitor_id, answer),
        answer=answer,
    )


def ask(
    connection: Connection,
    request: Request,
    *,
    conversation: str | None,
    parent: str | None,
    text: str,
    model: str,
    options: ModelOptions | None = None,
    attachments: Sequence[str] = (),
    context: Mapping[str, str] | None = None,
) -> Turn:
    """Store a question under `parent` and its answer; `options` become the conversation's, `context` is the model's.

    Raises `NotFound`, `InvalidInput`.
    """
    if not text.strip():
        raise InvalidInput("text: must not be empty.")
    text = storable(text)
    if conversation is None:
        if parent is not None:
            raise NotFound("There is no such message.")
        place = _new_conversation(connection, request, text, options or ModelOptions())
        position = 0
    else:
        place = find_conversation(connection, request.visitor_id, conversation, lock=True)
        if parent is not None:
            _check_parent(connection, request.visitor_id, conversation, parent)
        if options is not None:
            place = store_options(connection, place, options)
        position = _next_position(connection, conversation)
    message = Message(
        id=request.new_id(),
        conversation=place.id,
        parent=parent,
        role="user",
        text=text,
        created_at_ms=request.now_ms,
    )
    told = {storable(name): storable(value) for name, value in (context or {}).items()} or None
    connection.execute(insert(messages), {**_plain_values(message), "position": position, "context": told})
    add_message(connection, message.id, searchable(text))
    attached = attach(connection, request.visitor_id, message.id, attachments)
    message = msgspec.structs.replace(message, attachments=attached)
    return _store(connection, request, place, message, _new_answer(request, message, model), position + 1)


def again(connection: Connection, request: Request, answer_id: str, *, model: str | None) -> Turn:
    """Store another answer to the message that `answer_id` answers. Raises `NotFound`."""
    old = find_answer(connection, request.visitor_id, answer_id)
    place = find_conversation(connection, request.visitor_id, old.conversation, lock=True)
    message = _answered(connection, request.visitor_id, old)
    answer = _new_answer(request, message, model or old.model)
    return _store(connection, request, place, message, answer, _next_position(connection, place.id))


def go_on(connection: Connection, request: Request, answer_id: str) -> Turn:
    """Store an answer that begins as `answer_id` is now, beside it. Raises `NotFound`, `Conflict`."""
    old = find_answer(connection, request.visitor_id, answer_id)
    ended_by_length = old.usage is not None and old.usage.finish_reason == LENGTH
    if old.status not in _CONTINUABLE and not (old.status is Status.DONE and ended_by_length):
        raise Conflict(f"This answer cannot be continued: it is {old.status.value}.")
    place = find_conversation(connection, request.visitor_id, old.conversation, lock=True)
    message = _answered(connection, request.visitor_id, old)
    answer = msgspec.structs.replace(
        _new_answer(request, message, old.model),
        text=old.text,
        next=old.next,
        reasoning=old.reasoning,
        reasoning_next=old.reasoning_next,
        continues=old.id,
    )
    return _store(connection, request, place, message, answer, _next_position(connection, place.id))


def store_options(connection: Connection, place: Conversation, options: ModelOptions) -> Conversation:
    """Give a conversation other options. Raises `InvalidInput`."""
    options = checked_options(options)
    connection.execute(
        update(conversations).where(conversations.c.id == place.id).values(options=from_options(options))
    )
    return msgspec.structs.replace(place, options=options)


def _store(
    connection: Connection,
    request: Request,
    place: Conversation,
    message: Message,
    answer: Answer,
    position: int,
) -> Turn:
    values = _plain_values(answer) | {
        "position": position,
        "status": answer.status.value,
        "model": answer.model,
        "continues": answer.continues,
        "reasoning": answer.reasoning or None,
    }
    connection.execute(insert(messages), values)
    turn = {"visitor_id": request.visitor_id, "id": request.turn_id, "answer_id": answer.id}
    connection.execute(insert(turns), turn)
    connection.execute(_TOUCH, {"conversation_id": place.id, "new_leaf": answer.id, "now_ms": request.now_ms})
    touched = msgspec.structs.replace(place, leaf=answer.id, updated_at_ms=request.now_ms)
    return Turn(id=request.turn_id, conversation=touched, message=message, answer=answer)


def _new_conversation(connection: Connection, request: Request, text: str, options: ModelOptions) -> Conversation:
    add_visitor(connection, request.visitor_id, request.now_ms)
    options = checked_options(options)
    place = Conversation(
        id=request.new_id(),
        title=title_of(text),
        created_at_ms=request.now_ms,
        updated_at_ms=request.now_ms,
        options=options,
    )
    connection.execute(insert(conversations), from_conversation(place, request.visitor_id))
    add_title(connection, place.id, place.title)
    return place


def _check_parent(connection: Connection, visitor_id: str, conversation: str, parent: str) -> None:
    found = find_message(connection, visitor_id, parent)
    if found.conversation != conversation:
        raise NotFound("There is no such message.")
    if found.role == "user":
        raise InvalidInput("parent: must be an answer; a question cannot follow another question.")


def _answered(connection: Connection, visitor_id: str, answer: Answer) -> Message:
    if answer.parent is None:
        raise NotFound("There is no message that this answers.")
    return find_message(connection, visitor_id, answer.parent)


def _next_position(connection: Connection, conversation_id: str) -> int:
    last = connection.scalar(_LAST_POSITION, {"conversation_id": conversation_id})
    return 0 if last is None else last + 1


def _new_answer(request: Request, message: Message, model: str) -> Answer:
    return Answer(
        id=request.new_id(),
        conversation=message.conversation,
        parent=message.id,
        role="assistant",
        text="",
        created_at_ms=request.now_ms,
        status=Status.RUNNING,
        next=0,
        model=model,
    )


def _plain_values(message: Message) -> dict[str, object]:
    return {
        "id": message.id,
        "conversation_id": message.conversation,
        "parent": message.parent,
        "role": message.role,
        "text": message.text,
        "created_at_ms": message.created_at_ms,
    }
