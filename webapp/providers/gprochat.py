"""`GPROChat`: the client of gprochat.com and of every server of its signed `/api/generate` protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from typing import Any, ClassVar

from webapp.messages import ChatMessage
from webapp.providers import gprochat_protocol, over_requests
from webapp.providers.base import AsyncGeneratorProvider, Notes, ProviderModelMixin, StopSignal
from webapp.providers.gprochat_protocol import GENERATE_PATH, Dialect, GenerateExchange, Options


class GPROChat(AsyncGeneratorProvider, ProviderModelMixin):
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
    def create_completion(
        cls,
        model: str,
        messages: Sequence[ChatMessage],
        proxy: str | None = None,
        *,
        stop: StopSignal | None = None,
        notes: Notes | None = None,
        **kwargs: Any,
    ) -> Iterator[str]:
        """Yield the answer's text as it comes, over requests; ends quietly when `stop` is set.

        Raises `InvalidInput` for options or a history that cannot be sent, and a subclass of `UpstreamError`
        when the upstream fails, after every whole character that arrived. Closing the generator closes the
        connection. The protocol says nothing beside the text, so `notes` stay empty.
        """
        yield from over_requests.texts(cls._exchange(model, messages, kwargs), proxy, stop)

    @classmethod
    async def create_async_generator(
        cls,
        model: str,
        messages: Sequence[ChatMessage],
        proxy: str | None = None,
        *,
        notes: Notes | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[str]:
        """Yield the answer's text as it comes, over aiohttp; to stop it, close the generator.

        Raises what `create_completion` raises.
        """
        # The server only ever uses the other twin; aiohttp would cost each of its processes about 10 MB.
        from webapp.providers import over_aiohttp

        async with aclosing(over_aiohttp.texts(cls._exchange(model, messages, kwargs), proxy)) as texts:
            async for text in texts:
                yield text

    @classmethod
    def _exchange(cls, model: str, messages: Sequence[ChatMessage], given: dict[str, Any]) -> GenerateExchange:
        options: dict[str, Any] = {"base_url": cls.url, "secret": cls.secret}
        options.update({name: value for name, value in given.items() if value is not None})
        return GenerateExchange(Options(**options), model or cls.default_model, messages, cls._known_dialects)
