"""The text of one PDF, page by page: a program of its own, which `pdf_reading.py` runs. Imports nothing of ours.

The PDF comes on stdin. On stdout goes one JSON object: `text` and `pages`, or a `problem`: "protected", "no_text",
"broken", "too_many_pages", "too_long", "too_large" or "no_library". A PDF can make its reader compute and grow without
end, so the system ends this process beyond fixed bounds, and it can write no file and start no other process.
"""

from __future__ import annotations

import io
import json
import os
import re
import signal
import sys
from contextlib import suppress

MOST_SECONDS = 20  # of the processor, and by the clock
MOST_BYTES = 768_000_000  # of memory
MOST_PAGES = 2_000
MOST_CHARS = 1_000_000

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SPACE_AT_END = re.compile(r"[^\S\n]+$", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{3,}")
_NO_TEXT = "(no text)"


class Unreadable(Exception):
    """Why there is no text: one of the words of `problem`."""


def bound() -> None:
    """Bound this process, as far as the system knows such bounds."""
    os.nice(5)  # answers that are being written go first
    signal.alarm(MOST_SECONDS + 5)  # should the server be gone, and nobody there to end this
    try:
        import resource
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_AS, MOST_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # this system has no such bound, or a lower one already
            resource.setrlimit(what, (most, most))


def text_of(data: bytes) -> tuple[str, int]:
    """The text of all pages, each under its number, and how many there are. Raises `Unreadable`."""
    try:
        from pypdf import PdfReader, errors  # within the bounds already
    except ImportError:
        raise Unreadable("no_library") from None

    # What its parts raise over files that nobody foresaw.
    faults = (errors.PyPdfError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
    try:
        reader = PdfReader(io.BytesIO(data))
        count = len(reader.pages)
    except (errors.FileNotDecryptedError, errors.DependencyError):
        raise Unreadable("protected") from None
    except faults:
        raise Unreadable("broken") from None
    if count > MOST_PAGES:
        raise Unreadable("too_many_pages")
    parts, chars, found, broken = list[str](), 0, False, False
    for number in range(count):
        try:
            text = cleaned(reader.pages[number].extract_text())
        except faults:
            text, broken = "(cannot be read)", True
        else:
            found, text = found or bool(text), text or _NO_TEXT
        parts.append(f"[page {number + 1}]\n{text}\n")
        chars += len(parts[-1])
        if chars > MOST_CHARS:
            raise Unreadable("too_long")
    if not found:
        raise Unreadable("broken" if broken or not count else "no_text")
    return "\n".join(parts), count


def cleaned(text: str) -> str:
    """A page's text without what cannot be shown or sent, and without empty stretches."""
    sendable = text.encode(errors="replace").decode().replace("\r\n", "\n")
    return _BLANK_LINES.sub("\n\n", _SPACE_AT_END.sub("", _CONTROL.sub("", sendable))).strip("\n")


def main() -> None:
    """Read the PDF and say what is in it."""
    bound()
    try:
        text, pages = text_of(sys.stdin.buffer.read())
    except Unreadable as problem:
        said: dict[str, object] = {"problem": str(problem)}
    except MemoryError:
        said = {"problem": "too_large"}
    else:
        said = {"text": text, "pages": pages}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
