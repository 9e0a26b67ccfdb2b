"""`OpenAICompatible`: the client of every server that speaks OpenAI's chat completions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from webapp.messages import ChatMessage
from webapp.providers.base import Notes
from webapp.providers.exchange import Exchange
from webapp.providers.http_provider import HttpProvider
from webapp.providers.openai_exchange import ChatExchange
from webapp.providers.openai_protocol import Options


class OpenAICompatible(HttpProvider):
    """Streams an answer from OpenAI, Gemini's compatible endpoint, Ollama, llama.cpp, vLLM, LM Studio, OpenRouter, …

    Both twins take the keywords of `openai_protocol.Options`: `base_url` (with or without `/v1`), `api_key`,
    `headers`, `temperature`, `top_p`, `max_tokens`, `connect_timeout_s`, `silence_timeout_s`, `names`. The text
    is yielded; reasoning, the model really used, tokens and why the answer ended go to `notes`.
    """

    url: ClassVar[str] = "https://api.openai.com/v1"

    @classmethod
    def exchange(
        cls, model: str, messages: Sequence[ChatMessage], notes: Notes | None, options: dict[str, Any]
    ) -> Exchange:
        """One question. Raises `InvalidInput` for options or a history that cannot be sent."""
        return ChatExchange(Options(**{"base_url": cls.url, **options}), model or cls.default_model, messages, notes)
