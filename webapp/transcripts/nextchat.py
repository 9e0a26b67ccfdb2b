"""NextChat's backup: the stores of its page, of which one holds the `sessions` with their messages in a row. No I/O.

A message's `date` is written as its author's language does, so times are as good as that can be read; a session's
`lastUpdate` is in milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from webapp.messages import Status
from webapp.transcripts import foreign, reading
from webapp.transcripts.foreign import Node
from webapp.transcripts.transcript import CarriedFile, Transcript

STORE = "chat-next-web-store"


def is_it(value: Any) -> bool:
    """Whether this is a backup of its."""
    return bool(reading.obj(value, STORE))


def sessions(value: Any) -> list[Any]:
    """The conversations in a backup."""
    store = reading.obj(value, STORE)
    return reading.array(store, "sessions") or reading.array(reading.obj(store, "state"), "sessions")


def read(value: Any) -> Transcript | None:
    """One session; None when it has no messages."""
    session, files = reading.obj(value), list[CarriedFile]()
    mask = reading.obj(session, "mask")
    settings = reading.obj(mask, "modelConfig")
    system = [
        foreign.parts(message.get("content"), [], [])
        for message in map(reading.obj, reading.array(mask, "context"))
        if message.get("role") == "system"
    ]
    about = foreign.About(
        title=reading.text(session, "topic"),
        updated_at_ms=reading.time_ms(session, "lastUpdate"),
        options=foreign.options(settings, "\n\n".join(system)),
        files=files,
    )
    return foreign.transcript(_nodes(session, reading.text(settings, "model"), files), about)


def _nodes(session: dict[str, Any], default_model: str, files: list[CarriedFile]) -> Iterator[Node]:
    above: str | None = None
    for number, given in enumerate(reading.array(session, "messages")):
        message = reading.obj(given)
        made = Node(
            id=str(number),
            parent=above,
            role=reading.text(message, "role"),
            created_at_ms=reading.time_ms(message, "date"),
            model=reading.text(message, "model") or default_model,
        )
        made.text = foreign.parts(message.get("content"), files, made.files)
        made.shown = made.role in foreign.ROLES and bool(made.text.strip() or made.files)
        if message.get("isError") is True:
            made.status = Status.FAILED
        elif message.get("streaming") is True:
            made.status = Status.INTERRUPTED
        yield made
        above = str(number)
