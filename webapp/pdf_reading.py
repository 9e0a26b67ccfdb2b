"""Takes the text out of PDFs, in processes that may fail: never in the server's own, which everybody waits for."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from webapp.errors import InvalidInput, LimitReached
from webapp.pdf_text import MOST_CHARS, MOST_PAGES, MOST_SECONDS

AT_ONCE = 2
LONGEST_WAIT_S = 8.0  # together with the reading less than the page waits for a silent upload
LOOK_EVERY_S = 0.25
# So long may one visitor's PDFs be read in each so many seconds: a cheap file can be expensive to read.
MOST_S_PER_VISITOR, WINDOW_S = 120.0, 600.0

PROGRAM = Path(__file__).with_name("pdf_text.py")
_PART = "attach the part that matters."
_SENTENCES = {
    "protected": "This PDF is protected, so its text cannot be read here; print it to a new PDF and attach that.",
    "no_text": "This PDF holds no text (it may be scanned); attach the pages as pictures.",
    "broken": "This PDF is damaged and cannot be read; save it anew, or copy the text out of it.",
    "too_many_pages": f"This PDF has more than {MOST_PAGES:,} pages; {_PART}",
    "too_long": f"This PDF has more than {MOST_CHARS:,} characters of text; {_PART}",
    "too_large": f"This PDF needs too much memory to be read; {_PART}",
    "late": f"This PDF takes too long to read; {_PART}",
}

log = logging.getLogger(__name__)


class PdfText(NamedTuple):
    """What a PDF says: each page's text under a line such as `[page 3]`."""

    text: str
    pages: int


class _Said(msgspec.Struct):
    text: str = ""
    pages: int = 0
    problem: str = ""


class PdfReading:
    """Reads a few PDFs at a time. Safe for threads."""

    def __init__(self, *, most_s: float = MOST_SECONDS, clock_s: Callable[[], float] = time.monotonic) -> None:
        """`most_s`: so long may one take."""
        self._most_s, self._clock_s = most_s, clock_s
        self._slots = threading.BoundedSemaphore(AT_ONCE)
        self._spent: dict[str, tuple[float, float]] = {}  # by visitor: when it is forgotten, and how many seconds
        self._lock = threading.Lock()

    def text(self, visitor_id: str, data: bytes, gone: Callable[[], bool] = lambda: False) -> PdfText:
        """The text of a PDF; the reading ends early when `gone` says that nobody waits for it.

        Raises `InvalidInput` for a PDF that has none or is too much, and `LimitReached`.
        """
        self._check_spent(visitor_id)
        if not self._slots.acquire(timeout=LONGEST_WAIT_S):
            raise LimitReached("Others' PDFs are being read right now; try again in a moment.", retry_after=20)
        begun_s = self._clock_s()
        try:
            return self._read(data, gone)
        except OSError as problem:
            log.error("A PDF cannot be read: no process can be started: %s.", problem.strerror)
            raise LimitReached("This site cannot read PDFs right now; try again in a minute.", retry_after=60) from None
        finally:
            self._slots.release()
            self._count(visitor_id, self._clock_s() - begun_s)

    def _read(self, data: bytes, gone: Callable[[], bool]) -> PdfText:
        # Nothing of the server's environment: it may hold passwords. And not from the program's folder (-P), whose
        # modules have names of libraries.
        command = [sys.executable, "-P", str(PROGRAM)]
        late, over = threading.Event(), threading.Event()
        pipe, deadline_s = subprocess.PIPE, time.monotonic() + self._most_s
        with subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env={}, cwd="/", start_new_session=True
        ) as process:

            def watch() -> None:
                while not over.wait(LOOK_EVERY_S):
                    if gone() or time.monotonic() > deadline_s:
                        late.set()
                        process.kill()
                        return

            threading.Thread(target=watch, daemon=True).start()
            try:
                output = process.communicate(data)[0]
            finally:
                over.set()
                process.kill()
        # A signal ends it when it is late, and also beyond its time of the processor.
        return _understood(output, late=late.is_set() or process.returncode < 0)

    def _check_spent(self, visitor_id: str) -> None:
        with self._lock:
            now_s = self._clock_s()
            self._spent = {who: spent for who, spent in self._spent.items() if spent[0] > now_s}
            until_s, seconds = self._spent.get(visitor_id, (now_s, 0.0))
        if seconds >= MOST_S_PER_VISITOR:
            minutes = int((until_s - now_s) / 60) + 1
            raise LimitReached(
                f"Your PDFs took this site long to read; the next one can be read in {minutes} minutes.",
                retry_after=until_s - now_s,
            )

    def _count(self, visitor_id: str, seconds: float) -> None:
        with self._lock:
            until_s, before = self._spent.get(visitor_id, (self._clock_s() + WINDOW_S, 0.0))
            self._spent[visitor_id] = until_s, before + seconds


def _understood(output: bytes, *, late: bool) -> PdfText:
    """What the program said; one that was ended, or that failed over something unforeseen, said nothing."""
    try:
        said = msgspec.json.decode(output, type=_Said)
    except msgspec.DecodeError:
        said = _Said(problem="late" if late else "broken")
    if said.problem == "no_library":
        log.error("PDFs cannot be read: the library pypdf is not installed.")
        raise InvalidInput("This site cannot read PDFs; copy the text out of it, or tell the owner of this site.")
    if said.problem:
        raise InvalidInput(_SENTENCES.get(said.problem, _SENTENCES["broken"]))
    return PdfText(said.text, said.pages)
