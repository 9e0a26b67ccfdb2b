"""Both kinds of upstream that speak HTTP, and both twins of each, asked in one way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.scripted_server import LAST_CHUNK, Step, chunk, reply_head
from webapp.errors import ChatError
from webapp.messages import ChatMessage
from webapp.providers import Facts, GPROChat, Notes, OpenAICompatible
from webapp.providers.base import AsyncGeneratorProvider

HELLO: list[ChatMessage] = [{"role": "user", "content": "Hello"}]
STREAM = reply_head("Content-Type: text/event-stream", "Transfer-Encoding: chunked")
PLAIN = reply_head("Content-Type: text/plain; charset=utf-8", "Transfer-Encoding: chunked")


def event(delta: dict[str, Any], finish_reason: str | None = None, **fields: Any) -> dict[str, Any]:
    """One object of a chat completion's stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "tricky-1",
        "choices": [choice],
        **fields,
    }


def say_plain(pieces: Sequence[str]) -> list[Step]:
    """A reply of the signed protocol."""
    return [PLAIN, *(chunk(piece.encode()) for piece in pieces), LAST_CHUNK]


def say_events(pieces: Sequence[str]) -> list[Step]:
    """A reply of an OpenAI-compatible server."""
    events = [*(event({"content": piece}) for piece in pieces), event({}, "stop")]
    lines = [*(json.dumps(value) for value in events), "[DONE]"]
    return [STREAM, *(chunk(f"data: {line}\n\n".encode()) for line in lines), LAST_CHUNK]


@dataclass(frozen=True)
class Kind:
    """One kind of upstream: its class, what signs or opens its requests, and how its server speaks."""

    provider: type[AsyncGeneratorProvider]
    key: dict[str, str]
    say: Callable[[Sequence[str]], list[Step]]


KINDS = {
    "gprochat": Kind(GPROChat, {"secret": "s3cret-of-the-tests"}, say_plain),
    "openai": Kind(OpenAICompatible, {"api_key": "k3y-of-the-tests"}, say_events),
}
TWINS = ("requests", "aiohttp")


class Heard(Notes):
    """Keeps what an upstream said beside the text."""

    def __init__(self) -> None:
        self.thoughts = ""
        self.last = Facts()

    def reasoning(self, text: str) -> None:
        self.thoughts += text

    def facts(self, facts: Facts) -> None:
        self.last = facts


@dataclass
class Asked:
    """What came: the pieces, the notes and, when it failed, the error."""

    pieces: list[str] = field(default_factory=list)
    notes: Heard = field(default_factory=Heard)
    error: ChatError | None = None

    @property
    def text(self) -> str:
        return "".join(self.pieces)


def ask(
    kind: Kind,
    twin: str,
    base_url: str,
    messages: Sequence[ChatMessage] = HELLO,
    *,
    model: str = "tricky-1",
    proxy: str | None = None,
    **options: Any,
) -> Asked:
    """Ask one twin and collect what comes."""
    asked = Asked()
    options = {"base_url": base_url, "notes": asked.notes, **kind.key, **options}

    async def ask_async() -> None:
        async for piece in kind.provider.create_async_generator(model, messages, proxy, **options):
            asked.pieces.append(piece)

    try:
        if twin == "requests":
            asked.pieces.extend(kind.provider.create_completion(model, messages, proxy, **options))
        else:
            asyncio.run(ask_async())
    except ChatError as error:
        asked.error = error
    return asked
