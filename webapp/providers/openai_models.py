"""The models a chat completions server lists under `/v1/models`."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple

from webapp.providers import failures, openai_errors, over_requests
from webapp.providers.base import StopSignal
from webapp.providers.error_reply import Reply
from webapp.providers.exchange import Exchange, HttpRequest
from webapp.providers.failures import AttemptFailed
from webapp.providers.openai_chunks import any_json
from webapp.providers.openai_protocol import MODELS_PATH, Options, address

MOST_BYTES = 4 * 1024 * 1024
LONGEST_NAME = 300


class ListedModel(NamedTuple):
    """A model by its name there; `images`: whether it takes pictures, None when the server does not say."""

    id: str
    images: bool | None = None


def list_models(
    base_url: str,
    api_key: str | None = None,
    proxy: str | None = None,
    *,
    timeout_s: float,
    headers: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> list[ListedModel]:
    """The models in the server's order, within `timeout_s` seconds in all. Raises `UpstreamError`, `InvalidInput`."""
    options = Options(
        base_url=base_url,
        api_key=api_key,
        headers=headers or {},
        names=names or {},
        connect_timeout_s=timeout_s,
        silence_timeout_s=timeout_s,
    )
    exchange, stop = _ListExchange(options), StopSignal()
    alarm = threading.Timer(timeout_s, stop.set)  # a server that sends a byte now and then is never silent
    alarm.daemon = True
    alarm.start()
    try:
        for _ in over_requests.texts(exchange, proxy, stop):
            pass
    finally:
        alarm.cancel()
    if exchange.models is None:
        raise failures.silent(exchange.asked, timeout_s)
    return exchange.models


class _ListExchange(Exchange):
    """Asks for the list, once."""

    most_attempts: ClassVar[int] = 1

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._options = options
        self._body = bytearray()
        self.models: list[ListedModel] | None = None

    def build(self, now_ms: int) -> HttpRequest:
        url = address(self._options.url, MODELS_PATH)
        return HttpRequest(url, self._options.all_headers("application/json"), b"", "GET")

    def explain(self, reply: Reply, now_ms: int) -> AttemptFailed:
        return openai_errors.explain(reply, self.asked, now_ms)

    def texts(self, data: bytes) -> Iterator[str]:
        self._body += data
        if len(self._body) > MOST_BYTES:
            raise failures.unreadable(self.asked, "a list of models without end")
        return iter(())

    def end(self) -> Iterator[str]:
        if failures.is_web_page(self._content_type, bytes(self._body[:100])):
            raise failures.web_page(Reply.of(200, {}, bytes(self._body)), self.asked, 0)
        try:
            self.models = models_in(any_json(bytes(self._body)))
        except ValueError as error:
            raise failures.unreadable(self.asked, "something that is no list of models") from error
        return iter(())


def models_in(document: Any) -> list[ListedModel]:
    """The models in a reply: `data`, `models`, or a list alone. Raises `ValueError` for what is no list of models."""
    if isinstance(document, dict):
        entries = document.get("data") if isinstance(document.get("data"), list) else document.get("models")
        # llama.cpp tells what its models can do in the second of its two lists.
        more = document.get("models")
    else:
        entries, more = document, None
    if not isinstance(entries, list):
        raise ValueError("no list")
    can = {_name(entry): entry for entry in more if isinstance(entry, dict)} if isinstance(more, list) else {}
    found: dict[str, ListedModel] = {}
    for entry in entries:
        name = _name(entry)
        if name and name not in found:
            images = _takes_images(entry)
            found[name] = ListedModel(name, _takes_images(can.get(name)) if images is None else images)
    return list(found.values())


def _name(entry: Any) -> str:
    name = entry.get("id") or entry.get("name") or entry.get("model") if isinstance(entry, dict) else entry
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        return ""
    return name.removeprefix("models/")  # as Gemini lists them; it is asked without


def _takes_images(entry: Any) -> bool | None:
    """OpenRouter: `architecture.input_modalities`; Mistral: `capabilities.vision`; llama.cpp: a list of words."""
    if not isinstance(entry, dict):
        return None
    architecture, capabilities = entry.get("architecture"), entry.get("capabilities")
    told = architecture.get("input_modalities") if isinstance(architecture, dict) else None
    if not isinstance(told, list):
        told = entry.get("input_modalities")
    if isinstance(told, list):
        return "image" in told
    if isinstance(capabilities, dict):
        vision = capabilities.get("vision")
        return vision if isinstance(vision, bool) else None
    if isinstance(capabilities, list):
        return bool({"multimodal", "vision", "image"} & {word for word in capabilities if isinstance(word, str)})
    return None
