"""What the history knows of uploaded files: whose they are, and which messages they belong to.

The contents are kept elsewhere, once for all uploads of the same bytes, under their SHA-256.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, exists, func, insert, or_, select

from webapp.errors import Conflict, LimitReached, NotFound
from webapp.history.database import Database
from webapp.history.models import attachments, conversations, message_attachments, messages, visitors
from webapp.history.rows import ATTACHMENT, StoredFile, TableRow, to_attachment, to_stored_file
from webapp.messages import Attachment

AT_A_TIME = 500  # ids in one statement

_VISITOR = select(visitors.c.id).where(visitors.c.id == bindparam("visitor_id"))
_IS_ATTACHED = exists().where(message_attachments.c.attachment_id == attachments.c.id)
# A file of a deleted conversation is not there any more, unless another one has it too. Those of an import that is
# going on are: its messages may share one.
_IN_A_CONVERSATION = (
    exists()
    .where(message_attachments.c.attachment_id == attachments.c.id)
    .where(messages.c.id == message_attachments.c.message_id)
    .where(conversations.c.id == messages.c.conversation_id, conversations.c.deleted_at_ms.is_(None))
)
_IS_THERE = or_(~_IS_ATTACHED, _IN_A_CONVERSATION)
_BYTES = attachments.c.size_bytes + func.coalesce(attachments.c.text_bytes, 0)
_USED_BYTES = select(func.coalesce(func.sum(_BYTES), 0)).where(
    attachments.c.visitor_id == bindparam("visitor_id"), _IS_THERE
)
_OF_VISITOR = select(*ATTACHMENT).where(
    attachments.c.id == bindparam("attachment_id"),
    attachments.c.visitor_id == bindparam("visitor_id"),
    _IS_THERE,
)


class TextOf(NamedTuple):
    """The text of a PDF, which is kept as a content of its own, and the number of its pages."""

    text_sha256: str
    text_bytes: int
    pages: int


class AttachmentStore:
    """The attachments of all visitors. Safe for threads; every method may raise `HistoryUnavailable`."""

    def __init__(self, database: Database, clock_ms: Callable[[], int]) -> None:
        """Reached as `History.attachments`, which shares its database and clock."""
        self._database, self._clock_ms = database, clock_ms

    def add(
        self,
        visitor_id: str,
        *,
        name: str,
        media_type: str,
        size_bytes: int,
        sha256: str,
        most_bytes: int,
        text: TextOf | None = None,
    ) -> StoredFile:
        """Note an upload that no message has yet, of a PDF with its `text`.

        Raises `LimitReached` when all of the visitor's would exceed `most_bytes`. Do it before the content is kept:
        from then on `drop` leaves that content alone.
        """
        stored = StoredFile(
            id=secrets.token_urlsafe(16),
            name=name,
            media_type=media_type,
            size_bytes=size_bytes,
            sha256=sha256,
            **({} if text is None else text._asdict()),
        )
        all_bytes = size_bytes + (stored.text_bytes or 0)
        now_ms = self._clock_ms()
        with self._database.writing() as connection:
            add_visitor(connection, visitor_id, now_ms)
            if connection.execute(_USED_BYTES, {"visitor_id": visitor_id}).scalar_one() + all_bytes > most_bytes:
                raise LimitReached(
                    f"Your files would take more than the {most_bytes // 1_000_000:,} MB that this site keeps for "
                    "each visitor; delete a conversation that has files, then try again."
                )
            values = {column.name: getattr(stored, column.name) for column in ATTACHMENT}
            connection.execute(insert(attachments), {**values, "visitor_id": visitor_id, "created_at_ms": now_ms})
        return stored

    def find(self, visitor_id: str, attachment_id: str) -> StoredFile:
        """One of this visitor's attachments. Raises `NotFound`."""
        with self._database.reading() as connection:
            return to_stored_file(_row(connection, visitor_id, attachment_id))

    def remove(self, visitor_id: str, attachment_id: str) -> StoredFile:
        """Forget an upload that no message has; its content may be dropped now. Raises `NotFound`, `Conflict`."""
        with self._database.writing() as connection:
            found = to_stored_file(_row(connection, visitor_id, attachment_id))
            statement = delete(attachments).where(attachments.c.id == attachment_id, ~_IS_ATTACHED)
            if connection.execute(statement).rowcount == 0:
                raise Conflict("This file belongs to a message; it is deleted together with its conversation.")
        return found

    def remove_unused(self, older_than_ms: int) -> list[str]:
        """Forget uploads of more than `older_than_ms` ago that no message has; their contents may be dropped now."""
        with self._database.writing() as connection:
            old = select(attachments.c.id).where(
                attachments.c.created_at_ms < self._clock_ms() - older_than_ms, ~_IS_ATTACHED
            )
            return remove_unattached(connection, connection.scalars(old).all())

    def drop(self, sha256s: Iterable[str], unlink: Callable[[str], None]) -> int:
        """Call `unlink` for each of these contents that no attachment has; returns for how many.

        Nothing can be uploaded meanwhile, so a content is never unlinked under an upload that relies on it.
        """
        wanted, dropped = list(dict.fromkeys(sha256s)), 0
        for at in range(0, len(wanted), AT_A_TIME):
            some = wanted[at : at + AT_A_TIME]
            with self._database.writing() as connection:
                kept: set[str] = set()
                for column in (attachments.c.sha256, attachments.c.text_sha256):
                    kept.update(connection.scalars(select(column).where(column.in_(some))))
                for sha256 in some:
                    if sha256 not in kept:
                        unlink(sha256)
                        dropped += 1
        return dropped


def add_visitor(connection: Connection, visitor_id: str, now_ms: int) -> None:
    """Store the visitor, unless it is known."""
    if connection.scalar(_VISITOR, {"visitor_id": visitor_id}) is None:
        connection.execute(insert(visitors), {"id": visitor_id, "created_at_ms": now_ms})


def attach(
    connection: Connection, visitor_id: str, message_id: str, attachment_ids: Sequence[str]
) -> tuple[Attachment, ...]:
    """Give a message these uploads of the visitor's, in this order, each once. Raises `NotFound`."""
    ids = list(dict.fromkeys(attachment_ids))
    if not ids:
        return ()
    attached = tuple(to_attachment(_row(connection, visitor_id, id_)) for id_ in ids)
    links = [{"message_id": message_id, "position": at, "attachment_id": id_} for at, id_ in enumerate(ids)]
    connection.execute(insert(message_attachments), links)
    return attached


def remove_unattached(connection: Connection, attachment_ids: Sequence[str]) -> list[str]:
    """Forget those of these attachments that no message has; returns the names of their contents."""
    contents: list[str] = []
    for at in range(0, len(attachment_ids), AT_A_TIME):
        which = attachments.c.id.in_(attachment_ids[at : at + AT_A_TIME]) & ~_IS_ATTACHED
        for row in connection.execute(select(attachments.c.sha256, attachments.c.text_sha256).where(which)):
            contents += [name for name in row if name is not None]
        connection.execute(delete(attachments).where(which))
    return contents


def _row(connection: Connection, visitor_id: str, attachment_id: str) -> TableRow:
    row = connection.execute(_OF_VISITOR, {"attachment_id": attachment_id, "visitor_id": visitor_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such file; attach it again.")
    return row
