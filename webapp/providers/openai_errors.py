"""What an error of a chat completions server means, one sentence each. No I/O.

The shapes: OpenAI, llama.cpp, OpenRouter and Ollama `{"error": {"message", "type", "code", "param"}}`; Gemini the
same inside a list, with `status`; Ollama's own `{"error": "text"}`; vLLM `{"object": "error", "message", "code"}`;
Mistral `{"detail": "text"}` or, with 422, a list of `{"loc", "msg"}`, or `{"message"}`.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from webapp.errors import (
    ConversationRefused,
    EmptyReply,
    NoCredit,
    UpstreamError,
    UpstreamRefused,
    WrongKey,
)
from webapp.providers import failures
from webapp.providers.error_reply import Reply, word
from webapp.providers.failures import ASK_AGAIN, ASK_THE_OWNER, Asked, AttemptFailed
from webapp.providers.openai_chunks import any_json

# More of an error's text, of each of its codes, and of a list of complaints is not looked at.
MOST_TEXT, MOST_CODE, MOST_COMPLAINTS = 16_384, 200, 20
LOCKED_OUT = f"The model's server does not let this site in. {ASK_THE_OWNER}"


class Said(NamedTuple):
    """What an error says: all its codes, types and names in small letters, and its text for people."""

    codes: str
    text: str
    status: int | None = None

    def has(self, words: re.Pattern[str]) -> bool:
        """Whether codes or text speak of it."""
        return bool(words.search(self.codes) or words.search(self.text.lower()))


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives))


_KEY = _words("invalid_api_key", "api_key_invalid", "api key not valid", "incorrect api key", "no auth credentials")
_CREDIT = _words(
    "insufficient_quota", "insufficient.{0,10}(balance|credit|funds)", "credit balance", "more credits",
    "payment required",
)  # fmt: skip
_TOO_LONG = _words(
    "context_length_exceeded", "exceed_context_size", "context (length|window|size)", "context_window",
    "(prompt|input|request|conversation) (is|are|was) too (long|large)", "input token count",
    "too many (input )?tokens",
    "reduce the length", "string_above_max_length", "maximum (context|input|prompt|token)",
)  # fmt: skip
_FILTER = _words(
    "content_?filter", "content_policy", "responsibleai", "moderation", "flagged", "safety", "prohibited_content",
    "usage polic", "content management policy",
)  # fmt: skip
_NO_PICTURES = _words(
    r"(image|vision|multi-?modal|picture)s?\b.{0,60}\b(not|n't|unsupported|only)\b",
    r"\b(not|n't|no)\b.{0,60}\b(image|vision|multi-?modal|mmproj)", "mmproj", "image_url",
)  # fmt: skip
_NO_MODEL = _words(
    "model_not_found", "model_not_exist", "invalid_model", "not_a_valid_model", "not a valid model", "invalid model",
    "model .{0,200}(not found|not exist|n't exist|not loaded|not available|decommissioned|deprecated|unknown)",
    "(no|unknown|unsupported) model", "no endpoints found", "models?/.{0,200} (is )?not found", "no models loaded",
)  # fmt: skip
_BUSY = _words("overloaded", "rate_limit", "rate limit", "resource_exhausted", "capacity", "too many requests")


def explain(reply: Reply, asked: Asked, now_ms: int) -> AttemptFailed:
    """The error an error reply stands for."""
    said = read(reply.body)
    retry_after_s = reply.retry_after_s(now_ms)
    if retry_after_s is None:
        retry_after_s = _retry_delay_s(reply.body)
    known = _known(reply.status, said, asked)
    if known is not None:
        return AttemptFailed(known)
    if reply.status == 429:
        return AttemptFailed(failures.busy(asked, retry_after_s), retry_after_s)
    if reply.status in (503, 529) and said.has(_BUSY):
        return failures.perhaps_again(failures.busy(asked, retry_after_s, reply.status), reply, now_ms)
    return failures.failed(reply, asked, said.text, now_ms)


def _retry_delay_s(body: bytes) -> float | None:
    """Gemini says in the body how long to wait."""
    found = re.search(rb'"retryDelay"\s*:\s*"(\d{1,6}(?:\.\d{1,9})?)s"', body)
    return float(found[1]) if found else None


def in_stream(document: Any, asked: Asked) -> UpstreamError:
    """The error for one that came in the place of a chunk; text that came before it stays."""
    said = _of(document)
    status = said.status or 200
    known = _known(status, said, asked)
    if known is not None:
        return known
    if status in (429, 503, 529) or said.has(_BUSY):
        return failures.busy(asked, None, status)
    message = f"The model's server failed while it answered. {ASK_AGAIN}"
    whole = message + failures.in_its_words(asked, said.text)
    advice = f"{asked.host} sent an error in the middle of its reply."
    return UpstreamRefused(whole, advice=advice, unquoted=message)


def nothing_said(finish_reason: str | None, asked: Asked) -> UpstreamError:
    """The error for a reply that ended in order and holds neither text nor reasoning."""
    if finish_reason == "content_filter":
        return _filtered(asked, "")
    if finish_reason in ("tool_calls", "function_call"):
        message = f"The model asked for a tool, and this site has none. Put the question another way. {ASK_AGAIN}"
        return ConversationRefused(message, advice=f"{asked.host} answered with a tool call.")
    if finish_reason == "length":
        message = (
            "The model reached its greatest length before it wrote anything; allow it more tokens, "
            "or begin a new conversation."
        )
        return EmptyReply(message, advice=f"{asked.host} sent an empty answer that ended for its length.")
    return failures.empty(asked)


def _known(status: int, said: Said, asked: Asked) -> UpstreamError | None:
    """The errors that are told apart by what they say; None for any other."""
    if status == 402 or said.has(_CREDIT):
        message = f"The account behind this model has no credit left. {ASK_THE_OWNER}"
        return NoCredit(message, advice=f"{asked.host} says that the account of {asked.name('api_key')} has no credit.")
    if status in (200, 400, 403, 422) and said.has(_FILTER):
        return _filtered(asked, "" if status == 403 else said.text)
    if status in (401, 403) or said.has(_KEY):
        advice = f"{asked.host} does not accept the key ({status}); set {asked.name('api_key')} to a valid one."
        return WrongKey(LOCKED_OUT, advice=advice)
    if status == 413 or (status != 429 and said.has(_TOO_LONG)):
        return failures.too_long(asked, status)
    if status in (400, 404, 422, 500, 501) and said.has(_NO_PICTURES):
        message = "This model takes no pictures; choose another model, or leave the picture out."
        return ConversationRefused(message, advice=f"{asked.host} does not take pictures for this model ({status}).")
    if status in (200, 400, 404, 422) and said.has(_NO_MODEL):
        return failures.model_missing(asked, status)
    if status in (400, 422):
        return failures.conversation_refused(asked, status, said.text)
    return None


def _filtered(asked: Asked, said: str) -> ConversationRefused:
    message = "The model's server does not answer this because of its rules on content; put the question another way."
    advice = f"{asked.host} refused a conversation by its content filter."
    return ConversationRefused(message + failures.in_its_words(asked, said), advice=advice, unquoted=message)


def read(body: bytes) -> Said:
    """What an error body says; one that is no JSON is its own text."""
    try:
        return _of(any_json(body))
    except ValueError:
        return Said("", body.decode("utf-8", "replace")[:MOST_TEXT])


def _of(document: Any) -> Said:
    if isinstance(document, list):
        return _of(document[0]) if document else Said("", "")
    if not isinstance(document, dict):
        return Said("", word(document, MOST_TEXT))
    error = document.get("error") or _in_choice(document) or document
    if not isinstance(error, dict):
        return Said("", word(error, MOST_TEXT))
    codes = [word(error.get(name), MOST_CODE) for name in ("code", "type", "status", "param")]
    inner = error.get("metadata")
    raw = inner.get("raw") if isinstance(inner, dict) else None  # OpenRouter: what the server behind it said
    text = _text(error.get("message") or error.get("detail") or error.get("msg"))
    if isinstance(raw, str) and raw:
        text = f"{text} ({raw})" if text else raw
    status = next((n for n in map(_status, codes) if n is not None), None)
    return Said(" ".join(code.lower() for code in codes if code), text[:MOST_TEXT], status)


def _in_choice(document: dict[str, Any]) -> Any:
    choices = document.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first.get("error") if isinstance(first, dict) else None


def _text(given: Any) -> str:
    """A message that is a text, a list of complaints about fields, or something else."""
    if isinstance(given, dict):
        given = given.get("detail") or given.get("message")
    if isinstance(given, list):
        return "; ".join(_complaint(entry) for entry in given[:MOST_COMPLAINTS] if isinstance(entry, dict))
    return given if isinstance(given, str) else ""


def _complaint(entry: dict[str, Any]) -> str:
    where = entry.get("loc")
    path = ".".join(word(step, MOST_CODE) for step in where[:MOST_COMPLAINTS]) + ": " if isinstance(where, list) else ""
    return path + word(entry.get("msg"), MOST_TEXT)


def _status(code: str) -> int | None:
    return int(code) if re.fullmatch("[45][0-9][0-9]", code) else None
