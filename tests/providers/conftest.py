"""Every provider that speaks HTTP, each dialect, both twins, as one fixture, asked the same way; and a server to ask.

`client` is all of them, `twin` the two twins of `GPROChat`, `chat` the two of `OpenAICompatible`.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.scripted_server import LAST_CHUNK, ScriptedServer, chunk, reply_head
from webapp.errors import ChatError
from webapp.messages import ChatMessage
from webapp.providers import Facts, GPROChat, Notes, OpenAICompatible

NAMES = {name: f"THE_{name.upper()}" for name in ("base_url", "secret", "password", "api_key", "proxy")}
HELLO: list[ChatMessage] = [{"role": "user", "content": "Hello"}]
SECRET, KEY = "s3cret", "sk-very-private"


@dataclass
class Told(Notes):
    """The notes of one answer."""

    thoughts: list[str] = field(default_factory=list)
    all_facts: list[Facts] = field(default_factory=list)

    def reasoning(self, text: str) -> None:
        assert text
        self.thoughts.append(text)

    def facts(self, facts: Facts) -> None:
        self.all_facts.append(facts)


@dataclass
class Asked:
    """What a twin yielded and, when it failed, with what."""

    pieces: list[str]
    error: ChatError | None
    told: Told = field(default_factory=Told)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def reasoning(self) -> str:
        return "".join(self.told.thoughts)

    @property
    def facts(self) -> Facts:
        return self.told.all_facts[-1] if self.told.all_facts else Facts()


class Twin:
    """Asks one twin of one provider and collects what comes; `pause_s` makes the consumer slow."""

    kind = "gprochat"
    provider: type[GPROChat] | type[OpenAICompatible] = GPROChat
    path = "/api/generate"
    head = reply_head("Content-Type: text/plain", "Transfer-Encoding: chunked")

    def __init__(self, name: str, dialect: str = "parts") -> None:
        self.name = name
        self.own: dict[str, Any] = {"secret": SECRET, "dialect": dialect}

    def piece(self, text: str | bytes) -> bytes:
        """What the server sends for a piece of text."""
        return text.encode() if isinstance(text, str) else text

    ending = b""

    def script(self, *texts: str) -> list[bytes]:
        """A whole answer, a chunk for each text."""
        ending = chunk(self.ending) if self.ending else b""
        return [self.head, *(chunk(self.piece(text)) for text in texts), ending + LAST_CHUNK]

    def sent_text(self, body: Any) -> str:
        """The last message's text in a request's body."""
        last = body["messages"][-1]
        return "".join(part["text"] for part in last["parts"]) if "parts" in last else last["content"]

    def ask(
        self,
        base_url: str,
        messages: list[ChatMessage] | None = None,
        *,
        pause_s: float = 0,
        most: float = math.inf,
        into: list[str] | None = None,
        **options: Any,
    ) -> Asked:
        """Ask, and collect the pieces (`into` something), `most` of them at the utmost; `pause_s` after each."""
        asked = Asked([] if into is None else into, None)
        options = {"base_url": base_url, "notes": asked.told, "names": NAMES, **self.own, **options}
        try:
            if self.name == "requests":
                answer = self.provider.create_completion("", messages or HELLO, **options)
                for count, piece in enumerate(answer, 1):
                    asked.pieces.append(piece)
                    time.sleep(pause_s)
                    if count >= most:
                        break
            else:
                asyncio.run(self._ask_async(asked, messages or HELLO, pause_s, most, options))
        except ChatError as error:
            asked.error = error
        return asked

    async def _ask_async(
        self, asked: Asked, messages: list[ChatMessage], pause_s: float, most: float, options: dict[str, Any]
    ) -> None:
        count = 0
        async with aclosing(self.provider.create_async_generator("", messages, **options)) as answer:
            async for piece in answer:
                asked.pieces.append(piece)
                await asyncio.sleep(pause_s)
                count += 1
                if count >= most:
                    return

    def first(self, base_url: str) -> str:
        """Take the first text, then leave."""
        if self.name == "requests":
            answer = self.provider.create_completion("", HELLO, base_url=base_url, **self.own)
            return next(iter(answer))  # the generator is closed as it is forgotten

        async def take() -> str:
            async with aclosing(
                self.provider.create_async_generator("", HELLO, base_url=base_url, **self.own)
            ) as answer:
                async for text in answer:
                    return text
            return ""

        return asyncio.run(take())


class Chat(Twin):
    """The twins of `OpenAICompatible`."""

    kind = "openai"
    provider = OpenAICompatible
    path = "/v1/chat/completions"
    head = reply_head("Content-Type: text/event-stream", "Transfer-Encoding: chunked")

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.own = {"api_key": KEY}

    def piece(self, text: str | bytes) -> bytes:
        if isinstance(text, bytes):  # bytes that need not be text, inside a string
            return b'data: {"choices":[{"index":0,"delta":{"content":"%b"},"finish_reason":null}]}\n\n' % text
        return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})

    ending = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'

    def sent_text(self, body: Any) -> str:
        content = body["messages"][-1]["content"]
        assert isinstance(content, str)
        return content


def event(document: Any) -> bytes:
    """One server-sent event."""
    return b"data: " + json.dumps(document, ensure_ascii=False).encode() + b"\n\n"


CLIENTS = {
    "gprochat-parts-requests": Twin("requests"),
    "gprochat-parts-aiohttp": Twin("aiohttp"),
    "gprochat-content-requests": Twin("requests", "content"),
    "gprochat-content-aiohttp": Twin("aiohttp", "content"),
    "openai-requests": Chat("requests"),
    "openai-aiohttp": Chat("aiohttp"),
}


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> Twin:
    return CLIENTS[request.param]


@pytest.fixture(params=["requests", "aiohttp"])
def twin(request: pytest.FixtureRequest) -> Twin:
    return Twin(request.param)


@pytest.fixture(params=["requests", "aiohttp"])
def chat(request: pytest.FixtureRequest) -> Chat:
    return Chat(request.param)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running
