"""The two twins of `GPROChat` as one fixture, asked the same way, and a scripted server to ask."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.scripted_server import ScriptedServer
from webapp.errors import ChatError
from webapp.messages import ChatMessage
from webapp.providers import GPROChat

HELLO: list[ChatMessage] = [{"role": "user", "content": "Hello"}]


@dataclass
class Asked:
    """What a twin yielded and, when it failed, with what."""

    pieces: list[str]
    error: ChatError | None

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class Twin:
    """Asks one of the two twins and collects what comes; `pause_s` makes the consumer slow."""

    def __init__(self, name: str) -> None:
        self.name = name

    def ask(
        self, base_url: str, messages: list[ChatMessage] | None = None, *, pause_s: float = 0, **options: Any
    ) -> Asked:
        asked = Asked([], None)
        options = {"base_url": base_url, "secret": "s3cret", **options}
        try:
            if self.name == "requests":
                for piece in GPROChat.create_completion("", messages or HELLO, **options):
                    asked.pieces.append(piece)
                    time.sleep(pause_s)
            else:
                asyncio.run(self._ask_async(asked, messages or HELLO, pause_s, options))
        except ChatError as error:
            asked.error = error
        return asked

    async def _ask_async(
        self, asked: Asked, messages: list[ChatMessage], pause_s: float, options: dict[str, Any]
    ) -> None:
        async for piece in GPROChat.create_async_generator("", messages, **options):
            asked.pieces.append(piece)
            await asyncio.sleep(pause_s)


@pytest.fixture(params=["requests", "aiohttp"])
def twin(request: pytest.FixtureRequest) -> Twin:
    return Twin(request.param)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running
