"""The client's side of the chat completions protocol that OpenAI made and many servers speak. No I/O, no clock.

Facts from OpenAI's API reference and from the documentation of Ollama, llama.cpp, vLLM, LM Studio, OpenRouter,
DeepSeek, Mistral and Gemini's compatible endpoint. The reply is a stream of server-sent events, each a JSON
object, ended by `data: [DONE]`; a server that does not stream answers with one JSON object.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from webapp.errors import InvalidInput
from webapp.messages import ChatMessage
from webapp.providers.decoding import encodable
from webapp.providers.exchange import CallOptions, is_header_value

CHAT_PATH, MODELS_PATH = "/chat/completions", "/models"
# A path that names a version (`/v1`, `/api/v1`, `/v1beta/openai`) is where the protocol's paths begin.
_VERSION = re.compile(r"/v\d+[a-z0-9]*(/|$)")


def address(base_url: str, path: str) -> str:
    """Where `path` is on the server whose address somebody gave, with or without `/v1` and `/chat/completions`."""
    parts = urlsplit(base_url)
    base = parts.path.rstrip("/")
    if base.endswith(CHAT_PATH):
        base = base.removesuffix(CHAT_PATH)
    elif not _VERSION.search(base):
        base += "/v1"
    return urlunsplit(parts._replace(path=base + path, fragment=""))


@dataclass(frozen=True, kw_only=True)
class Options(CallOptions):
    """What `CallOptions` says, and the API key. Raises `InvalidInput` for a bad value."""

    api_key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.api_key and not is_header_value(self.api_key):
            raise InvalidInput(f"{self.names.get('api_key', 'api_key')}: an API key is one line of plain letters.")

    @property
    def url(self) -> str:
        """The address questions go to."""
        return address(super().url, CHAT_PATH)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may quote."""
        return (*super().secrets, self.api_key or "")

    def all_headers(self, accept: str) -> dict[str, str]:
        """The headers of a request."""
        key = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        return self.with_own({"Accept": accept, **key})


def to_body_messages(messages: Sequence[ChatMessage]) -> list[dict[str, Any]]:
    """The request body's `messages`. Raises `InvalidInput` when the last message is not the user's.

    Neighbours of one role become one message: the templates of many local models refuse them.
    """
    sent: list[dict[str, Any]] = []
    for message in messages:
        role, text, images = message["role"], encodable(message["content"]), message.get("images", ())
        if not text and not images and role != "user":
            continue  # an answer that was stopped before its first character says nothing
        parts: list[dict[str, Any]] = [{"type": "text", "text": text}] if text or not images else []
        parts += [{"type": "image_url", "image_url": {"url": _data_url(image)}} for image in images]
        if sent and sent[-1]["role"] == role:
            sent[-1]["content"] += parts
        else:
            sent.append({"role": role, "content": parts})
    if not sent or sent[-1]["role"] != "user":
        raise InvalidInput("messages: the last message must be the user's.")
    return [{"role": message["role"], "content": _plain(message["content"])} for message in sent]


def _data_url(image: Any) -> str:
    return f"data:{image.media_type};base64,{b64encode(image.data).decode()}"


def _plain(parts: list[dict[str, Any]]) -> str | list[dict[str, Any]]:
    """Parts that are all text as one string, which every server understands."""
    if any(part["type"] != "text" for part in parts):
        return parts
    return "\n\n".join(part["text"] for part in parts)
