"""LibreChat's export of a conversation: a list of `messages` with their parents' ids, or a tree by `children`. No I/O.

A text is in `text` or, of newer messages, in the parts of `content`. Times are dates in ISO 8601.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from webapp.messages import Status
from webapp.transcripts import foreign, reading
from webapp.transcripts.foreign import Node
from webapp.transcripts.transcript import CarriedFile, Transcript


def is_it(value: Any) -> bool:
    """Whether this is one of its conversations."""
    given = reading.obj(value)
    return "conversationId" in given and any(isinstance(given.get(key), list) for key in ("messages", "messagesTree"))


def read(value: Any) -> Transcript | None:
    """One conversation; None when it has no messages."""
    files: list[CarriedFile] = []
    nodes = (_node(message, parent, files) for message, parent in _flat(value))
    settings = reading.obj(value, "options")
    about = foreign.About(
        title=reading.text(value, "title"),
        created_at_ms=reading.time_ms(value, "createdAt"),
        updated_at_ms=reading.time_ms(value, "updatedAt"),
        options=foreign.options(settings, reading.text(settings, "promptPrefix", "system")),
        tags=reading.texts(value, "tags") or reading.texts(settings, "tags"),
        files=files,
    )
    return foreign.transcript(nodes, about)


def _flat(value: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str | None]]:
    """The messages with their parents' ids, from the top of the tree down."""
    waiting: list[tuple[Any, str | None]] = []
    for given in (reading.array(value, "messagesTree") or reading.array(value, "messages"))[::-1]:
        waiting.append((given, None))
    while waiting:
        given, above = waiting.pop()
        message = reading.obj(given)
        id_ = reading.name(message, "messageId", "id", "_id")
        if id_ is None:
            continue
        yield message, above if above is not None else reading.name(message, "parentMessageId")
        waiting += [(child, id_) for child in reading.array(message, "children")[::-1]]


def _node(message: dict[str, Any], parent: str | None, files: list[CarriedFile]) -> Node:
    mine = message.get("isCreatedByUser") is True or message.get("sender") == "User"
    made = Node(
        id=reading.name(message, "messageId", "id", "_id") or "",
        parent=parent,
        role="user" if mine else "assistant",
        created_at_ms=reading.time_ms(message, "createdAt"),
        model=reading.text(message, "model", "sender"),
    )
    content = reading.array(message, "content")
    spoken = [part for part in content if reading.obj(part).get("type") != "think"]
    made.text = foreign.parts([_part(part) for part in spoken], files, made.files) or reading.text(message, "text")
    made.reasoning = "\n\n".join(_value(part, "think") for part in content if reading.obj(part).get("type") == "think")
    made.shown = bool(made.text.strip() or made.files)
    if message.get("error") is True:
        made.status = Status.FAILED
    elif message.get("unfinished") is True:
        made.status = Status.STOPPED
    return made


def _part(part: Any) -> dict[str, Any]:
    given = reading.obj(part)
    kind = reading.text(given, "type")
    if kind in {"text", "error"}:
        return {"text": _value(given, "text") or _value(given, "error")}
    return given if kind == "image_url" else {}


def _value(part: Any, key: str) -> str:
    """A part's text, which is under the key itself or one step below it."""
    return reading.text(reading.obj(part), key) or reading.text(reading.obj(part, key), "value")
