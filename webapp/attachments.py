"""Files that visitors attach to their messages: taken in, handed out, and cleared away. No Flask.

The order of the two stores is what keeps them together. An upload is noted in the history first and its content kept
second; a content is unlinked only inside a writing transaction that finds no upload of it. So a crash can leave an
upload without its content, which reading it tells and a day clears away, or a content without an upload, which the
next start clears away; never a content that is gone while a message relies on it.
"""

from __future__ import annotations

import logging
import re
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from webapp.errors import ChatError, HistoryUnavailable, InvalidInput
from webapp.files import Files
from webapp.history.attaching import TextOf
from webapp.history.rows import StoredFile
from webapp.history.store import History
from webapp.limits import Limits
from webapp.media_types import PDF, media_type
from webapp.messages import Attachment
from webapp.pdf_reading import PdfReading

LONGEST_NAME = 200
KEEP_UNUSED_S = 24 * 3600  # for a message that is still being written
KEEP_UNKNOWN_S = 3600  # far longer than an upload takes
SWEEP_EVERY_S = 3600.0

# Of the characters nobody sees, those that join letters in Persian, Indic scripts and emoji. Others could make a name
# of nothing, or turn its direction: "gpj.exe" would look like "exe.jpg".
_JOINERS = frozenset("\u200c\u200d")

log = logging.getLogger(__name__)


class Attachments:
    """All visitors' files. Safe for threads."""

    def __init__(
        self,
        *,
        history: History,
        files: Files,
        limits: Limits,
        most_bytes: int,
        most_bytes_per_visitor: int,
        pdfs: PdfReading | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`most_bytes` is for one file, `most_bytes_per_visitor` for all files of one visitor."""
        self._stored, self._files, self._limits, self._clock_s = history.attachments, files, limits, clock_s
        self._most_bytes, self._most_bytes_per_visitor = most_bytes, most_bytes_per_visitor
        self._pdfs = pdfs or PdfReading()
        self._next_sweep_s = clock_s() + SWEEP_EVERY_S

    def admit(self, address: str, size_bytes: int) -> None:
        """Count an upload from a network address before its content is received.

        Raises `LimitReached`, and `InvalidInput` when the content is going to be too large.
        """
        self._limits.upload(address)
        self._check_size(size_bytes)

    def upload(
        self, visitor_id: str, name: str, data: bytes, *, gone: Callable[[], bool] = lambda: False
    ) -> Attachment:
        """Keep a file, which `admit` has counted, for a message that is yet to be asked.

        The name is only shown. Of a PDF the text is taken out now, once, unless `gone` says that nobody waits for it.
        Raises `InvalidInput` for a content that is neither picture nor text nor a PDF with text, `LimitReached`, and
        `HistoryUnavailable` when the disk is full.
        """
        self._check_size(len(data))
        kind, contents, text = media_type(data), {self._files.name_of(data): data}, None
        if kind == PDF:
            read = self._pdfs.text(visitor_id, data, gone)
            text_data = read.text.encode()
            text = TextOf(self._files.name_of(text_data), len(text_data), read.pages)
            contents[text.text_sha256] = text_data
        self._sweep_now_and_then()
        stored = self._stored.add(
            visitor_id,
            name=shown_name(name),
            media_type=kind,
            size_bytes=len(data),
            sha256=self._files.name_of(data),
            most_bytes=self._most_bytes_per_visitor,
            text=text,
        )
        try:
            for sha256, content in contents.items():
                self._files.put(sha256, content)
        except ChatError as problem:
            log.error("an upload cannot be kept: %s: %s", problem.code, problem.advice)
            self.delete(visitor_id, stored.id)
            raise
        return Attachment(id=stored.id, name=stored.name, media_type=kind, size_bytes=len(data), pages=stored.pages)

    def find(self, visitor_id: str, attachment_id: str) -> StoredFile:
        """One of this visitor's files, without its content. Raises `NotFound`."""
        return self._stored.find(visitor_id, attachment_id)

    def open(self, visitor_id: str, attachment_id: str) -> tuple[Attachment, BinaryIO]:
        """One of this visitor's files, to be closed. Raises `NotFound`, `HistoryUnavailable` if it cannot be read."""
        stored = self._stored.find(visitor_id, attachment_id)
        with _logged():
            return stored, self._files.open(stored.sha256)

    def open_text(self, visitor_id: str, attachment_id: str) -> BinaryIO:
        """What a model is sent of one of this visitor's files: of a PDF its text. Raises what `open` raises."""
        with _logged():
            return self._files.open(self._stored.find(visitor_id, attachment_id).sent[0])

    def read(self, sha256: str) -> bytes:
        """A content by its name. Raises `NotFound` when it is missing, `HistoryUnavailable` if it cannot be read."""
        with _logged():
            return self._files.read(sha256)

    def delete(self, visitor_id: str, attachment_id: str) -> None:
        """Delete a file that no message has. Raises `NotFound`, and `Conflict` when one has it."""
        self.drop(self._stored.remove(visitor_id, attachment_id).contents)

    def drop(self, sha256s: Iterable[str]) -> None:
        """Delete those of these contents that no attachment has any more."""
        try:
            self._stored.drop(sha256s, self._files.unlink)
        except HistoryUnavailable as problem:
            log.warning("files that nothing refers to stay until the next start: %s", problem.advice or problem.code)

    def sweep(self) -> None:
        """Clear away uploads that were never asked with, and what a crash left. For the start of the server."""
        self.drop(self._stored.remove_unused(KEEP_UNUSED_S * 1000))
        self._files.remove_half_written(older_than_s=KEEP_UNKNOWN_S)
        self.drop(self._files.names(older_than_s=KEEP_UNKNOWN_S))

    def _sweep_now_and_then(self) -> None:
        if self._clock_s() >= self._next_sweep_s:
            self._next_sweep_s = self._clock_s() + SWEEP_EVERY_S
            self.drop(self._stored.remove_unused(KEEP_UNUSED_S * 1000))

    def _check_size(self, size_bytes: int) -> None:
        if size_bytes > self._most_bytes:
            raise InvalidInput(
                f"The file has {size_bytes / 1_000_000:,.1f} MB; this site takes files of up to "
                f"{self._most_bytes / 1_000_000:,.0f} MB."
            )


@contextmanager
def _logged() -> Iterator[None]:
    """A content that cannot be read is the owner's business too."""
    try:
        yield
    except ChatError as problem:
        log.warning("a file cannot be read: %s: %s", problem.code, problem.advice)
        raise


def shown_name(name: str) -> str:
    """A file's name as it may be shown: one line, without folders, at most 200 characters, never empty."""
    last = "".join(map(_shown, re.split(r"[/\\]", name)[-1]))
    line = " ".join(unicodedata.normalize("NFC", last).split())
    if len(line) > LONGEST_NAME:  # what a file is often stands at the end of its name
        line = f"{line[: LONGEST_NAME - 21]}…{line[-20:]}"
    return line if line.strip("".join(_JOINERS)) else "file"


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cc", "Zl", "Zp"}:  # controls, line and paragraph separators
        return " "
    # Half a surrogate pair (Cs) cannot be sent.
    return "" if category in {"Cs", "Cf"} and character not in _JOINERS else character
