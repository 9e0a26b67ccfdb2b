"""`GPROChat`: the client of gprochat.com and of every server of its signed `/api/generate` protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from webapp.messages import ChatMessage
from webapp.providers import gprochat_protocol
from webapp.providers.base import Notes
from webapp.providers.exchange import Exchange
from webapp.providers.gprochat_protocol import GENERATE_PATH, Dialect, GenerateExchange, Options
from webapp.providers.http_provider import HttpProvider


class GPROChat(HttpProvider):
    """Streams an answer from a server of the signed protocol. Stream one in a program of your own:

        import asyncio
        from webapp.providers import GPROChat

        async def main():
            messages = [{"role": "user", "content": "Hello!"}]
            async for text in GPROChat.create_async_generator("", messages, base_url=URL, secret=SECRET):
                print(text, end="", flush=True)

        asyncio.run(main())

    Both twins take the keywords of `gprochat_protocol.Options`: `base_url`, `secret`, `password`, `dialect`
    ("auto", "parts" or "content"), `connect_timeout_s`, `silence_timeout_s`, `temperature`, `top_p`, `max_tokens`,
    `headers`, `names`. An empty model is the default one.
    """

    url: ClassVar[str] = "https://gprochat.com"
    api_endpoint: ClassVar[str] = url + GENERATE_PATH
    secret: ClassVar[str] = ""
    working: ClassVar[bool] = True
    supports_stream: ClassVar[bool] = True
    supports_message_history: ClassVar[bool] = True
    default_model: ClassVar[str] = "gemini-1.5-pro"
    _known_dialects: ClassVar[dict[str, Dialect]] = {}

    @staticmethod
    def generate_signature(timestamp: int, message: str, secret: str | None = None) -> str:
        """The signature of `message` at `timestamp` (milliseconds), by `secret` or the class's own."""
        return gprochat_protocol.sign(timestamp, message, GPROChat.secret if secret is None else secret)

    @classmethod
    def exchange(
        cls, model: str, messages: Sequence[ChatMessage], notes: Notes | None, options: dict[str, Any]
    ) -> Exchange:
        """One signed question. The protocol says nothing beside the text, so `notes` stay empty."""
        own = Options(**{"base_url": cls.url, "secret": cls.secret, **options})
        return GenerateExchange(own, model or cls.default_model, messages, cls._known_dialects)
