"""Long histories, made in seconds: written into a server's database as its own code would write them."""

from __future__ import annotations

import http.cookies
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from itsdangerous import URLSafeSerializer
from playwright.sync_api import BrowserContext

from tests.bench.answers import Writer
from tests.parley_server import ParleyServer, Visitor
from webapp.history.store import History
from webapp.messages import Status, Usage, Written
from webapp.services import DATABASE

DAY_MS = 24 * 3600 * 1000


@contextmanager
def history(data_dir: Path, clock: list[int]) -> Iterator[History]:
    """A server's history; `clock[0]` is the time it sees, in milliseconds since 1970 UTC."""
    kept = History(f"sqlite:///{data_dir / DATABASE}", clock_ms=lambda: clock[0])
    try:
        kept.migrate()
        yield kept
    finally:
        kept.close()


def visitor_id(visitor: Visitor) -> str:
    """What the history knows a visitor by."""
    (value,) = (morsel.value for morsel in http.cookies.SimpleCookie(visitor.cookie).values())
    known, found = URLSafeSerializer("").loads_unsafe(value)
    visitor_id, _ = found  # and the day the browser was last told to keep it
    assert isinstance(visitor_id, str), known
    return visitor_id


def enter(context: BrowserContext, visitor: Visitor) -> None:
    """Make a browser this visitor's."""
    for name, morsel in http.cookies.SimpleCookie(visitor.cookie).items():
        context.add_cookies([{"name": name, "value": morsel.value, "url": visitor.server.url}])


def one_conversation(server: ParleyServer, visitor: Visitor, messages: int, now_ms: int) -> str:
    """One of so many messages, every kind of Markdown in its answers; returns its id."""
    writer, clock, owner = Writer(), [now_ms - messages * 1000], visitor_id(visitor)
    conversation: str | None = None
    parent: str | None = None
    with history(server.data_dir, clock) as kept:
        for number in range(messages // 2):
            clock[0] += 2000
            turn, _ = kept.begin_turn(
                owner,
                str(uuid.UUID(int=number)),
                conversation=conversation,
                parent=parent,
                text=f"Question {number}: {writer.words(4, 30)}?",
                model="",
            )
            text = writer.section(number) + (f"The needle is number {number}.\n" if number % 100 == 50 else "")
            kept.end_answer(turn.answer.id, Written(text), Status.DONE, usage=Usage(duration_ms=2000))
            conversation, parent = turn.conversation.id, turn.answer.id
    assert conversation is not None
    return conversation


def many_conversations(server: ParleyServer, visitor: Visitor, count: int, now_ms: int) -> None:
    """So many short ones, a few a day; every hundredth holds a rare word."""
    writer, clock, owner = Writer(), [0], visitor_id(visitor)
    with history(server.data_dir, clock) as kept:
        for number in range(count):
            clock[0] = now_ms - (count - number) * DAY_MS // 8
            text = f"{writer.words(3, 9)} {number}"
            turn, _ = kept.begin_turn(
                owner, str(uuid.UUID(int=1 << 64 | number)), conversation=None, parent=None, text=text, model=""
            )
            answer = writer.paragraph(3) + (" A pangolin." if number % 100 == 0 else "")
            kept.end_answer(turn.answer.id, Written(answer), Status.DONE, usage=Usage(duration_ms=900))
