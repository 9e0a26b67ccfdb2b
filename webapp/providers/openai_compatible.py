"""`OpenAICompatible`: the client of every server that speaks OpenAI's chat completions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from typing import Any, ClassVar

from webapp.messages import ChatMessage
from webapp.providers import over_requests
from webapp.providers.base import AsyncGeneratorProvider, Notes, ProviderModelMixin, StopSignal
from webapp.providers.openai_exchange import ChatExchange
from webapp.providers.openai_protocol import Options


class OpenAICompatible(AsyncGeneratorProvider, ProviderModelMixin):
    """Streams an answer from OpenAI, Gemini's compatible endpoint, Ollama, llama.cpp, vLLM, LM Studio, OpenRouter, …

    Both twins take the keywords of `openai_protocol.Options`: `base_url` (with or without `/v1`), `api_key`,
    `headers`, `temperature`, `top_p`, `max_tokens`, `connect_timeout_s`, `silence_timeout_s`, `names`. The text
    is yielded; reasoning, the model really used, tokens and why the answer ended go to `notes`.
    """

    url: ClassVar[str] = "https://api.openai.com/v1"

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
        connection.
        """
        yield from over_requests.texts(cls._exchange(model, messages, notes, kwargs), proxy, stop)

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

        async with aclosing(over_aiohttp.texts(cls._exchange(model, messages, notes, kwargs), proxy)) as texts:
            async for text in texts:
                yield text

    @classmethod
    def _exchange(
        cls, model: str, messages: Sequence[ChatMessage], notes: Notes | None, given: dict[str, Any]
    ) -> ChatExchange:
        options: dict[str, Any] = {"base_url": cls.url}
        options.update({name: value for name, value in given.items() if value is not None})
        return ChatExchange(Options(**options), model or cls.default_model, messages, notes)
