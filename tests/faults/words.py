"""What the upstream of these tests says: words that depend on the question, so that a mix-up cannot stay hidden."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from tests.scripted_server import LAST_CHUNK, Request, Step, chunk, reply_head

CHUNKED = reply_head("Transfer-Encoding: chunked", "Content-Type: text/plain; charset=utf-8")
ODD_LETTERS = ("e\u0301", "\u044f", "\u6f22\u5b57", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\n")


def question_of(request: Request) -> str:
    """The text of the last message that the upstream was sent."""
    return str(request.json()["messages"][-1]["parts"][0]["text"])


def word(question: str, number: int) -> str:
    """One word of the answer to a question; every third has letters of several bytes."""
    mark = hashlib.sha256(question.encode()).hexdigest()[:4]
    return f"{number}.{mark}{ODD_LETTERS[number % 5] if number % 3 == 0 else ''} "


def words(question: str, count: int) -> str:
    """The first `count` words of the answer to a question."""
    return "".join(word(question, number) for number in range(count))


def speak(count: int, every_s: float = 0.02) -> list[Step]:
    """A script: `count` words, one every `every_s` seconds, and a proper end."""
    script: list[Step] = [CHUNKED]
    for number in range(count):
        script += [_say(number), every_s]
    return [*script, LAST_CHUNK]


def _say(number: int) -> Callable[[Request], bytes]:
    return lambda request: chunk(word(question_of(request), number).encode())
