"""The configured upstream: a provider class together with the options it is called with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from webapp.errors import InvalidInput
from webapp.messages import ChatMessage
from webapp.providers.base import AsyncGeneratorProvider, StopSignal


@dataclass(frozen=True)
class Upstream:
    """One remote service the site may ask. `models[0]` is the default one."""

    name: str
    provider: type[AsyncGeneratorProvider]
    models: Sequence[str]
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    proxy: str | None = None

    def model(self, wanted: str | None) -> str:
        """The model to use. Raises `InvalidInput` for one that is not on offer."""
        if wanted is None:
            return self.models[0]
        if wanted not in self.models:
            raise InvalidInput(f"model: {wanted!r} is not on offer here; choose one of {', '.join(self.models)}.")
        return wanted

    def complete(self, model: str, messages: Sequence[ChatMessage], stop: StopSignal) -> Iterator[str]:
        """The answer's text as it comes; see `AsyncGeneratorProvider.create_completion`."""
        return self.provider.create_completion(model, messages, self.proxy, stop=stop, **self.options)
