"""Conversations that come in whole, from a file, and which ones there are to carry away."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from webapp.errors import InvalidInput
from webapp.history import tags
from webapp.history.attaching import add_visitor, attach
from webapp.history.beginning import new_id
from webapp.history.database import Database
from webapp.history.deleting import NEVER_RESTORED
from webapp.history.models import conversations, messages, search_texts
from webapp.history.reading import IS_THERE
from webapp.history.rows import from_conversation
from webapp.history.search_texts import MARK_CHARS, searchable
from webapp.history.titles import LONGEST_TITLE, checked_options, fitting_tags, storable, title_of
from webapp.messages import Conversation, ModelOptions, Status
from webapp.transcripts.transcript import CarriedMessage, Transcript

AT_A_TIME = 500  # rows in one statement
INDEXED_CHARS = 500_000  # in one transaction: the index of a search takes about a second for ten million
LONGEST_MODEL = 200
NO_TITLE = "Imported conversation"

_IDS = (
    select(conversations.c.id)
    .where(conversations.c.visitor_id == bindparam("visitor_id"), IS_THERE)
    .order_by(conversations.c.updated_at_ms.desc(), conversations.c.id.desc())
)
_COMING_IN = conversations.c.import_id.is_not(None) & conversations.c.deleted_at_ms.is_(None)
_SHOW = (
    update(conversations)
    .where(conversations.c.import_id == bindparam("which"), conversations.c.deleted_at_ms.is_(None))
    .values(import_id=None)
)
_GIVE_UP = update(conversations).where(_COMING_IN).values(deleted_at_ms=NEVER_RESTORED)


class CarriedConversations:
    """Takes conversations in for all visitors. Safe for threads; every method may raise `HistoryUnavailable`."""

    def __init__(self, database: Database, clock_ms: Callable[[], int]) -> None:
        """Reached as `History.carried`, which shares its database and clock."""
        self._database, self._clock_ms = database, clock_ms

    def ids(self, visitor_id: str) -> list[str]:
        """All conversations of a visitor's, those that changed last first."""
        with self._database.reading() as connection:
            return [str(id_) for id_ in connection.scalars(_IDS, {"visitor_id": visitor_id})]

    @staticmethod
    def begin() -> str:
        """The id of an import: what `store` takes in under it is hidden until `show`."""
        return secrets.token_urlsafe(16)

    def show(self, import_id: str) -> None:
        """All of an import has come in: everything of it is there from now on."""
        with self._database.writing() as connection:
            connection.execute(_SHOW, {"which": import_id})

    def give_up(self, import_id: str | None = None) -> bool:
        """Leave an import, by default every one, to `Deletions.purge`; False when nothing of it had come in.

        By default for the start of the first process: it would give up the imports of the others as well.
        """
        statement = _GIVE_UP if import_id is None else _GIVE_UP.where(conversations.c.import_id == import_id)
        with self._database.writing() as connection:
            return connection.execute(statement).rowcount > 0

    def store(
        self, visitor_id: str, transcript: Transcript, attachments: Mapping[int, str], import_id: str
    ) -> Conversation:
        """Store a conversation with all its branches under new ids; its messages stand in the transcript's order.

        It is hidden until its import is shown.
        `attachments` are uploads of the visitor's by the index of the transcript's file; files without one are left
        out. Times that are not known or yet to come become the present one. Raises `InvalidInput` for impossible
        options, `NotFound` for an upload that is gone.
        """
        now_ms = self._clock_ms()
        ids = {message.id: new_id() for message in transcript.messages}
        place = _conversation(transcript, ids, now_ms)
        rows = [_row(place.id, position, message, ids, now_ms) for position, message in enumerate(transcript.messages)]
        with self._database.writing() as connection:
            add_visitor(connection, visitor_id, now_ms)
            values = from_conversation(place, visitor_id) | {"import_id": import_id}
            connection.execute(insert(conversations), values)
            place = msgspec.structs.replace(place, tags=tags.write(connection, visitor_id, place.id, place.tags))
            for at in range(0, len(rows), AT_A_TIME):
                connection.execute(insert(messages), rows[at : at + AT_A_TIME])
            for message in transcript.messages:
                uploads = [attachments[index] for index in message.files if index in attachments]
                attach(connection, visitor_id, ids[message.id], uploads)
            _index(connection, visitor_id, place.id, [(None, place.title)])
        self._make_searchable(visitor_id, place.id, rows)
        return place

    def _make_searchable(self, visitor_id: str, conversation_id: str, rows: Sequence[dict[str, Any]]) -> None:
        """Some texts at a time, so that nobody waits long for their turn to write."""
        # An answer that another one goes on with is in that one's text.
        old = {row["continues"] for row in rows}
        waiting, chars = list[tuple[str | None, str]](), 0
        for row in rows:
            if row["id"] in old or not row["text"]:
                continue
            waiting.append((row["id"], row["text"]))
            chars += len(row["text"])
            if chars >= INDEXED_CHARS or len(waiting) >= AT_A_TIME:
                self._index_now(visitor_id, conversation_id, waiting)
                waiting, chars = [], 0
        self._index_now(visitor_id, conversation_id, waiting)

    def _index_now(self, visitor_id: str, conversation_id: str, texts: Sequence[tuple[str | None, str]]) -> None:
        time.sleep(0)  # under gevent only this lets others do anything
        with self._database.writing() as connection:
            still_there = select(conversations.c.id).where(conversations.c.id == conversation_id)
            if connection.scalar(still_there) is not None:
                _index(connection, visitor_id, conversation_id, texts)


def _index(
    connection: Connection, visitor_id: str, conversation_id: str, texts: Sequence[tuple[str | None, str]]
) -> None:
    """Make texts searchable; the one without a message's id is the title."""
    found = [
        {"conversation_id": conversation_id, "message_id": id_, "mark": visitor_id[:MARK_CHARS], "folded": folded}
        for id_, text in texts
        if (folded := searchable(text)) or id_ is None
    ]
    if found:
        connection.execute(insert(search_texts), found)


def _conversation(transcript: Transcript, ids: Mapping[str, str], now_ms: int) -> Conversation:
    created_at_ms = _known(transcript.created_at_ms, now_ms)
    return Conversation(
        id=new_id(),
        title=_title(transcript),
        created_at_ms=created_at_ms,
        updated_at_ms=max(created_at_ms, _known(transcript.updated_at_ms, now_ms)),
        leaf=ids.get(transcript.leaf or "") or ids[transcript.messages[-1].id] if transcript.messages else None,
        options=_options(transcript.options),
        pinned=transcript.pinned,
        archived=transcript.archived,
        tags=fitting_tags(transcript.tags),
    )


def _options(options: ModelOptions) -> ModelOptions:
    try:
        return checked_options(options)
    except InvalidInput as problem:
        raise InvalidInput(f"its {problem.message}") from None


def _title(transcript: Transcript) -> str:
    title = storable(" ".join(transcript.title.split()))[:LONGEST_TITLE].strip()
    if title:
        return title
    asked = next((message.text for message in transcript.messages if message.role == "user"), "")
    return title_of(storable(asked)) or NO_TITLE


def _known(when_ms: int, now_ms: int) -> int:
    return when_ms if 0 < when_ms <= now_ms else now_ms


def _row(
    conversation_id: str, position: int, message: CarriedMessage, ids: Mapping[str, str], now_ms: int
) -> dict[str, Any]:
    """A message as the table has it. What was running elsewhere is running no more."""
    usage = message.usage
    if usage is not None and usage.history_from is not None:
        usage = msgspec.structs.replace(usage, history_from=ids.get(usage.history_from))
    status = Status.INTERRUPTED if message.status is Status.RUNNING else message.status
    return {
        "id": ids[message.id],
        "conversation_id": conversation_id,
        "position": position,
        "parent": ids[message.parent] if message.parent is not None else None,
        "role": message.role,
        "text": storable(message.text),
        "created_at_ms": _known(message.created_at_ms, now_ms),
        "status": None if status is None else status.value,
        # An answer's model is never missing; one that nobody knows is asked for by no name.
        "model": None if status is None else storable(message.model)[:LONGEST_MODEL],
        "continues": ids[message.continues] if message.continues is not None else None,
        "error": None if message.error is None else dict(message.error),
        "usage": None if usage is None else msgspec.to_builtins(usage),
        "reasoning": storable(message.reasoning) or None,
    }
