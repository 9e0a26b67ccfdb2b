"""What visitors carry away and bring in: conversations as files. No Flask."""

from __future__ import annotations

import io
import logging
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import NamedTuple

import msgspec

from webapp import frames
from webapp.announcements import Announcements
from webapp.attachments import Attachments
from webapp.conversations import Conversations
from webapp.errors import ChatError, Conflict, HistoryUnavailable, InvalidInput, LimitReached, NotFound
from webapp.history.store import History
from webapp.messages import Answer, Attachment, Conversation, Message, Status
from webapp.purge import Purge
from webapp.transcripts import as_html, as_json, as_markdown, importing
from webapp.transcripts.transcript import (
    INDEX_FORMAT,
    MOST_MESSAGES,
    VERSION,
    CarriedFile,
    CarriedMessage,
    Transcript,
    Unreadable,
)
from webapp.transcripts.wording import file_name

ANNOUNCED = 50  # of an import, the newest: a page of the list
LONGEST_WAIT_S = 30.0
MOST_TOLD = 50  # of what could not be read

log = logging.getLogger(__name__)


class Format(StrEnum):
    """As what a conversation is carried away; the value is its file's extension."""

    JSON = "json"
    HTML = "html"
    MARKDOWN = "md"


_WRITERS: dict[Format, tuple[str, Callable[[Transcript], Iterator[bytes]]]] = {
    Format.JSON: ("application/json", as_json.pieces),
    Format.HTML: ("text/html; charset=utf-8", as_html.pieces),
    Format.MARKDOWN: ("text/markdown; charset=utf-8", as_markdown.pieces),
}


class Download(NamedTuple):
    """A file to be handed out: its name, its media type, and its content piece by piece."""

    name: str
    media_type: str
    pieces: Iterator[bytes]


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an import. `skipped` counts the conversations of which `problems` tells the first ones."""

    conversations: list[Conversation]
    skipped: int = 0
    problems: list[Unreadable] = []
    files_left_out: int = 0


class Arrival:
    """What is coming in for a visitor, from the first byte on."""

    def __init__(self, visitor_id: str, import_id: str) -> None:
        self.visitor_id, self.import_id = visitor_id, import_id
        self.cancelled = False
        self._lock = threading.Lock()

    @contextmanager
    def step(self) -> Iterator[None]:
        """While something of it is stored or shown. Raises `Conflict` when it was cancelled."""
        with self._lock:
            if self.cancelled:
                raise Conflict(
                    "Your history was deleted or joined to another one while this was coming in, so nothing of it was "
                    "kept. Bring it in again if you still want it."
                )
            yield

    def cancel(self) -> None:
        """Nothing more of it is stored or shown from the return on."""
        self.cancelled = True
        with self._lock:
            pass


class Carrying:
    """Carries away and brings in for all visitors. Safe for threads."""

    def __init__(
        self,
        *,
        history: History,
        conversations: Conversations,
        attachments: Attachments,
        announcements: Announcements,
        purge: Purge,
        most_bytes: int,
    ) -> None:
        """`most_bytes` is how long a file that is brought in may be."""
        self._history, self._conversations, self._attachments = history, conversations, attachments
        self._announcements, self._purge, self._most_bytes = announcements, purge, most_bytes
        # One at a time: each takes several times as much memory as its file is long.
        self._importing = threading.Lock()
        self._arrivals: set[Arrival] = set()

    def export(self, visitor_id: str, conversation_id: str, form: Format) -> Download:
        """One conversation as a file. Raises `NotFound`."""
        transcript = self._transcript(visitor_id, conversation_id)
        media_type, pieces = _WRITERS[form]
        return Download(file_name(transcript.title, form), media_type, _with_turns(pieces(transcript)))

    def export_all(self, visitor_id: str, form: Format) -> Download:
        """All conversations in a zip file, one file each, those that changed last first, with a list of them."""
        ids = self._history.carried.ids(visitor_id)
        return Download("conversations.zip", "application/zip", self._zip(visitor_id, ids, form))

    def check_size(self, size_bytes: int) -> None:
        """Raises `InvalidInput` for a file that is longer than may be brought in."""
        if size_bytes > self._most_bytes:
            raise InvalidInput(
                f"The file has {size_bytes / 1_000_000:,.1f} MB; this site imports files of up to "
                f"{self._most_bytes / 1_000_000:,.0f} MB."
            )

    @contextmanager
    def arriving(self, visitor_id: str) -> Iterator[Arrival]:
        """While something comes in for a visitor; what came of it is given up when not all of it does."""
        arrival = Arrival(visitor_id, self._history.carried.begin())
        self._arrivals.add(arrival)
        try:
            yield arrival
        except BaseException:
            self._give_up(arrival.import_id)
            raise
        finally:
            self._arrivals.discard(arrival)

    def bring_in(self, arrival: Arrival, data: bytes) -> Imported:
        """Store the conversations of a file, all or, when the file turns out to be wrong, none.

        Those that cannot be read are left out and told. Raises `InvalidInput` when there is none that can be, and
        `Conflict` when the arrival was cancelled.
        """
        self.check_size(len(data))
        if not self._importing.acquire(timeout=LONGEST_WAIT_S):
            raise LimitReached("Others are importing right now; try again in a minute.", retry_after=60)
        try:
            return self._bring_in(arrival, data)
        finally:
            self._importing.release()

    def take_in(self, visitor_id: str, transcript: Transcript) -> Conversation:
        """Store one conversation that did not come in a file.

        Raises `InvalidInput` for more than is taken in, `Conflict` when it was cancelled meanwhile.
        """
        if len(transcript.messages) > MOST_MESSAGES:
            raise InvalidInput(f"This conversation has more than {MOST_MESSAGES:,} messages.")
        carried = self._history.carried
        with self.arriving(visitor_id) as arrival, arrival.step():
            uploads = self._uploads(visitor_id, transcript.files)
            stored = carried.store(visitor_id, transcript, uploads, arrival.import_id)
            carried.show(arrival.import_id)
        self._announce(visitor_id, [stored])
        return stored

    def cancel(self, visitor_id: str) -> None:
        """Nothing more comes in of what is coming in for a visitor now; whoever brings it in is told."""
        for arrival in tuple(self._arrivals):
            if arrival.visitor_id == visitor_id:
                arrival.cancel()

    def _bring_in(self, arrival: Arrival, data: bytes) -> Imported:
        carried, visitor_id, stored = self._history.carried, arrival.visitor_id, list[Conversation]()
        problems: list[Unreadable] = []
        left_out = 0
        for found in importing.conversations(data, self._most_bytes):
            if isinstance(found, Unreadable):
                problems.append(found)
                continue
            with arrival.step():
                uploads = self._uploads(visitor_id, found.files)
                left_out += len(found.files) - len(uploads)
                try:
                    stored.append(carried.store(visitor_id, found, uploads, arrival.import_id))
                except InvalidInput as problem:
                    problems.append(Unreadable(found.title, problem.message[:1].upper() + problem.message[1:]))
            time.sleep(0)  # under gevent only this lets others do anything
        with arrival.step():
            carried.show(arrival.import_id)
        if not stored and problems:
            raise InvalidInput(f"No conversation in this file can be read. {problems[0].problem}")
        self._announce(visitor_id, stored)
        return Imported(
            conversations=stored, skipped=len(problems), problems=problems[:MOST_TOLD], files_left_out=left_out
        )

    def _give_up(self, import_id: str) -> None:
        """Nobody has seen anything of it. When that cannot be stored now, the next start clears it away."""
        try:
            if self._history.carried.give_up(import_id):
                self._purge.start()
        except HistoryUnavailable as problem:
            log.error("what came of an import stays in the database until the next start: %s", problem.message)

    def _uploads(self, visitor_id: str, files: Sequence[CarriedFile]) -> dict[int, str]:
        """Uploads of the visitor's for those of these files that this site takes, by their indexes."""
        uploads: dict[int, str] = {}
        for index, file in enumerate(files):
            content = file.read()
            if content is None:
                continue
            try:
                uploads[index] = self._attachments.upload(visitor_id, file.name, content).id
            except (InvalidInput, LimitReached) as problem:
                log.info("a file of an imported conversation is left out: %s", problem.code)
        return uploads

    def _announce(self, visitor_id: str, stored: Sequence[Conversation]) -> None:
        newest = sorted(stored, key=lambda conversation: conversation.updated_at_ms)[-ANNOUNCED:]
        for conversation in newest:
            self._announcements.publish(
                visitor_id,
                frames.Changed(
                    what="created",
                    conversation=conversation.id,
                    title=conversation.title,
                    updated_at_ms=conversation.updated_at_ms,
                    pinned=conversation.pinned,
                    archived=conversation.archived,
                    tags=conversation.tags,
                ),
            )

    def _transcript(self, visitor_id: str, conversation_id: str) -> Transcript:
        conversation, messages = self._conversations.read(visitor_id, conversation_id)
        attached = {file.id: file for message in messages for file in message.attachments}
        indexes = {id_: index for index, id_ in enumerate(attached)}
        return Transcript(
            title=conversation.title,
            created_at_ms=conversation.created_at_ms,
            updated_at_ms=conversation.updated_at_ms,
            messages=tuple(_carried(message, indexes) for message in messages),
            leaf=conversation.leaf,
            options=conversation.options,
            pinned=conversation.pinned,
            archived=conversation.archived,
            tags=conversation.tags,
            files=tuple(self._file(visitor_id, file) for file in attached.values()),
        )

    def _file(self, visitor_id: str, file: Attachment) -> CarriedFile:
        def read() -> bytes | None:
            try:
                with self._attachments.open(visitor_id, file.id)[1] as content:
                    return content.read()
            except ChatError:  # the owner has been told; the rest of the conversation is worth having
                return None

        return CarriedFile(name=file.name, media_type=file.media_type, read=read)

    def _zip(self, visitor_id: str, ids: Sequence[str], form: Format) -> Iterator[bytes]:
        sink, pieces, index = _Sink(), _WRITERS[form][1], list[dict[str, str | int]]()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, conversation_id in enumerate(ids, 1):
                try:
                    transcript = self._transcript(visitor_id, conversation_id)
                except NotFound:  # deleted meanwhile
                    continue
                name = f"{number:05} {file_name(transcript.title, form)}"
                index.append({"file": name, "title": transcript.title, "updated_at_ms": transcript.updated_at_ms})
                with archive.open(_entry(name, transcript.updated_at_ms), "w") as file:
                    for piece in _with_turns(pieces(transcript)):
                        file.write(piece)
                        yield from sink.taken()
            listing = {"format": INDEX_FORMAT, "version": VERSION, "conversations": index}
            archive.writestr("index.json", msgspec.json.format(msgspec.json.encode(listing)))
        yield from sink.taken()


class _Sink(io.RawIOBase):
    """Where a zip file is written to, to be handed on at once: nothing but a few pieces is kept."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._pieces.append(piece)
        return len(piece)

    def taken(self) -> Iterator[bytes]:
        """What was written since the last call."""
        pieces, self._pieces = self._pieces, []
        if pieces:
            yield b"".join(pieces)


def _entry(name: str, when_ms: int) -> zipfile.ZipInfo:
    when = datetime.fromtimestamp(when_ms / 1000, UTC)
    # A zip file knows no earlier and no later dates.
    entry = zipfile.ZipInfo(name, (min(max(when.year, 1980), 2107), *when.timetuple()[1:6]))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def _with_turns(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, with a turn for everybody else after each: making them is work, and sending them need not wait."""
    for piece in pieces:
        yield piece
        time.sleep(0)


def _carried(message: Message | Answer, indexes: dict[str, int]) -> CarriedMessage:
    carried = partial(
        CarriedMessage,
        id=message.id,
        parent=message.parent,
        role=message.role,
        text=message.text,
        created_at_ms=message.created_at_ms,
        files=tuple(indexes[file.id] for file in message.attachments),
    )
    if not isinstance(message, Answer):
        return carried()
    return carried(
        status=Status.INTERRUPTED if message.status is Status.RUNNING else message.status,
        model=message.model,
        reasoning=message.reasoning,
        continues=message.continues,
        error=message.error,
        usage=message.usage,
    )
