"""One upstream: a provider class together with the options it is called with and the models it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from webapp.errors import ChatError
from webapp.messages import ChatMessage, ModelOptions
from webapp.model_lists import ModelList
from webapp.providers import GPROChat, Guide, OpenAICompatible
from webapp.providers.base import AsyncGeneratorProvider, Notes, StopSignal
from webapp.providers.openai_models import list_models
from webapp.upstream_settings import UpstreamSettings

LIST_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Upstream:
    """One remote service the site may ask.

    `found`: nobody declared it, it runs on this machine. `embedded`: it is our own gateway, answered by the guide.
    """

    name: str
    provider: type[AsyncGeneratorProvider]
    models: ModelList
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    proxy: str | None = field(default=None, repr=False)
    found: bool = False
    embedded: bool = False

    @property
    def title(self) -> str:
        """Its name and where it is, for its owner, without anything secret."""
        host = "" if self.embedded else urlsplit(self.options.get("base_url", "")).netloc.rpartition("@")[2]
        where = f"{self.name} at {host}" if host else f"{self.name} (built in)"
        return where + (" (found on this machine)" if self.found else "")

    def complete(
        self,
        model: str,
        messages: Sequence[ChatMessage],
        options: ModelOptions,
        stop: StopSignal,
        notes: Notes,
        via: str = "",
    ) -> Iterator[str]:
        """The answer's text as it comes; see `AsyncGeneratorProvider.create_completion`.

        `options.system` is left to whoever made the messages. `via` is sent as the header `Via`.
        """
        chosen = {"temperature": options.temperature, "top_p": options.top_p, "max_tokens": options.max_tokens}
        given = {**self.options, **{name: value for name, value in chosen.items() if value is not None}}
        if via:
            given["headers"] = {**self.options.get("headers", {}), "Via": via}
        return self.provider.create_completion(model, messages, self.proxy, stop=stop, notes=notes, **given)

    def problem(self) -> ChatError | None:
        """Ask the first model one short question, for real: what goes wrong, None when it answers."""
        stop = StopSignal()
        question = ChatMessage(role="user", content="Say hello.")
        try:
            model = next(iter(self.models.names), "")
            for _ in self.complete(model, [question], ModelOptions(max_tokens=16), stop, _StopAtOnce(stop)):
                stop.set()
        except ChatError as problem:
            return problem
        return None


class _StopAtOnce(Notes):
    def __init__(self, stop: StopSignal) -> None:
        self._stop = stop

    def reasoning(self, text: str) -> None:
        self._stop.set()


def guide(name: str) -> Upstream:
    """The guide, asked without a detour."""
    return Upstream(name, Guide, ModelList([Guide.default_model]))


def embedded_guide(own_address: str, secret: str, password: str | None) -> Upstream:
    """The guide behind our own gateway, so that with nothing configured a question goes the whole way."""
    options = {"base_url": own_address, "secret": secret, "password": password}
    return Upstream("guide", GPROChat, ModelList([Guide.default_model]), options, embedded=True)


def signed(entry: UpstreamSettings, silence_s: float) -> Upstream:
    """A server of the signed protocol."""
    options = {
        "base_url": entry.base_url,
        "secret": entry.secret,
        "password": entry.password or None,
        "dialect": entry.dialect,
        "headers": entry.headers,
        "silence_timeout_s": silence_s,
        "names": entry.names,
    }
    models = ModelList(entry.models or [GPROChat.default_model], images=bool(entry.images))
    return Upstream(entry.name, GPROChat, models, options, entry.proxy or None)


def openai_compatible(
    entry: UpstreamSettings, silence_s: float, *, found: bool = False, list_timeout_s: float = LIST_TIMEOUT_S
) -> Upstream:
    """A server of the OpenAI protocol; `found` on this machine, it is there only while it answers."""
    options = {
        "base_url": entry.base_url,
        "api_key": entry.api_key or None,
        "headers": entry.headers,
        "silence_timeout_s": silence_s,
        "names": entry.names,
    }
    proxy = entry.proxy or None
    ask = partial(
        list_models,
        entry.base_url,
        entry.api_key or None,
        proxy,
        timeout_s=list_timeout_s,
        headers=entry.headers,
        names=entry.names,
    )
    all_said = entry.models and entry.images is not None
    models = ModelList(
        entry.models, None if all_said else ask, images=entry.images, images_when_unknown=True, forgets=found
    )
    return Upstream(entry.name, OpenAICompatible, models, options, proxy, found)


def declared(entry: UpstreamSettings, silence_s: float) -> Upstream:
    """What the owner declared; `silence_s` is how long it may be silent."""
    if entry.kind == "guide":
        return guide(entry.name)
    return signed(entry, silence_s) if entry.kind == "gprochat" else openai_compatible(entry, silence_s)
