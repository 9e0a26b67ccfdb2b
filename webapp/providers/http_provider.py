"""A provider whose upstream speaks HTTP: both twins, over whatever exchange its class makes. I/O is below."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from typing import Any

from webapp.messages import ChatMessage
from webapp.providers import over_requests
from webapp.providers.base import AsyncGeneratorProvider, Notes, ProviderModelMixin, StopSignal
from webapp.providers.exchange import Exchange


class HttpProvider(AsyncGeneratorProvider, ProviderModelMixin):
    """A class says what its questions and replies look like in `exchange`; how they travel is the same for all."""

    @classmethod
    @abstractmethod
    def exchange(
        cls, model: str, messages: Sequence[ChatMessage], notes: Notes | None, options: dict[str, Any]
    ) -> Exchange:
        """One question. Raises `InvalidInput` for options or a history that cannot be sent."""

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
        yield from over_requests.texts(cls.exchange(model, messages, notes, _given(kwargs)), proxy, stop)

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

        exchange = cls.exchange(model, messages, notes, _given(kwargs))
        async with aclosing(over_aiohttp.texts(exchange, proxy)) as texts:
            async for text in texts:
                yield text


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """An option that is None is one that was not given."""
    return {name: value for name, value in options.items() if value is not None}
