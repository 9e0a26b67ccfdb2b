"""How long words take from the upstream to a client: each word says when it was sent."""

from __future__ import annotations

import threading
import time
from typing import Self

from tests.faults.words import CHUNKED
from tests.parley_server import Visitor
from tests.scripted_server import LAST_CHUNK, Request, Step, chunk


def _now(_request: Request) -> bytes:
    return chunk(b"%d " % time.monotonic_ns())


def timed_words(count: int, every_s: float = 0.02) -> list[Step]:
    """A script of words that say when they were sent."""
    return [CHUNKED, *(step for _ in range(count) for step in (_now, every_s)), LAST_CHUNK]


class Watcher:
    """A visitor who asks one question and measures; `delays_ms` is complete, and sorted, after the `with` block."""

    def __init__(self, visitor: Visitor) -> None:
        self.tab = visitor.socket()
        self.delays_ms: list[float] = []
        self._answer_id = self.tab.ask("steady")["answer"]["id"]
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(30)
        self.tab.ws.close()
        self.delays_ms.sort()

    def _read(self) -> None:
        text = ""
        while (frame := self.tab.receive())["type"] != "ended":
            if frame["type"] == "delta":
                at_ns = time.monotonic_ns()
                *whole, text = (text + frame["text"]).split(" ")
                self.delays_ms += [(at_ns - int(word)) / 1e6 for word in whole]
