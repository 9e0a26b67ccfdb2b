"""`GPROChat`: the client of gprochat.com and of every server of its signed `/api/generate` protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, closing
from typing import Any, ClassVar

from webapp.messages import ChatMessage
from webapp.providers import gprochat_protocol, gprochat_requests
from webapp.providers.base import AsyncGeneratorProvider, ProviderModelMixin, StopSignal
from webapp.providers.gprochat_protocol import GENERATE_PATH, Exchange, Options
from webapp.providers.stoppable_http import StoppableCall


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
    ("parts" or "content"), `connect_timeout_s`, `silence_timeout_s`, `temperature`. An empty model is the
    default one.
    """

    url: ClassVar[str] = "https://gprochat.com"
    api_endpoint: ClassVar[str] = url + GENERATE_PATH
    secret: ClassVar[str] = ""
    working: ClassVar[bool] = True
    supports_stream: ClassVar[bool] = True
    supports_message_history: ClassVar[bool] = True
    default_model: ClassVar[str] = "gemini-1.5-pro"

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
        **kwargs: Any,
    ) -> Iterator[str]:
        """Yield the answer's text as it comes, over requests; ends quietly when `stop` is set.

        Raises `InvalidInput` for options or a history that cannot be sent, and a subclass of `UpstreamError`
        when the upstream fails, after every whole character that arrived. Closing the generator closes the
        connection.
        """
        exchange = cls._exchange(model, messages, kwargs)
        with StoppableCall(stop) as call:
            with closing(gprochat_requests.read_reply(exchange, call, _full(proxy))) as reply:
                for data in reply:
                    if text := exchange.text(data):
                        yield text
            if not call.stopped and (text := exchange.end()):
                yield text

    @classmethod
    async def create_async_generator(
        cls, model: str, messages: Sequence[ChatMessage], proxy: str | None = None, **kwargs: Any
    ) -> AsyncIterator[str]:
        """Yield the answer's text as it comes, over aiohttp; to stop it, close the generator.

        Raises what `create_completion` raises.
        """
        # The server only ever uses the other twin; aiohttp would cost each of its processes about 10 MB.
        from webapp.providers import gprochat_aiohttp

        exchange = cls._exchange(model, messages, kwargs)
        async with aclosing(gprochat_aiohttp.read_reply(exchange, _full(proxy))) as reply:
            async for data in reply:
                if text := exchange.text(data):
                    yield text
            if text := exchange.end():
                yield text

    @classmethod
    def _exchange(cls, model: str, messages: Sequence[ChatMessage], given: dict[str, Any]) -> Exchange:
        options: dict[str, Any] = {"base_url": cls.url, "secret": cls.secret}
        options.update({name: value for name, value in given.items() if value is not None})
        return Exchange(Options(**options), model or cls.default_model, messages)


def _full(proxy: str | None) -> str | None:
    """The proxy as both libraries take it; `host:port` is taken as an HTTP proxy."""
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"
