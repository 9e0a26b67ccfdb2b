"""The client's side of the signed `/api/generate` protocol: signature, history, request. No I/O, no clock.

The facts come from the open servers that speak it (`babaohuang/GeminiProChat`, `anse-app/chatgpt-demo`); the
golden cases are in `tests/vectors/signing.json`. What a refusal means is told in `gprochat_errors`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from webapp.errors import EmptyReply, InvalidInput
from webapp.messages import ChatMessage
from webapp.providers import gprochat_errors
from webapp.providers.decoding import TextDecoder
from webapp.providers.gprochat_errors import AttemptFailed

Dialect = Literal["parts", "content"]

GENERATE_PATH = "/api/generate"
MAX_ATTEMPTS = 3
# A visitor waits behind every retry, so an upstream that asks for longer is reported instead.
MAX_RETRY_DELAY_S = 10.0


def sign(timestamp_ms: int, text: str, secret: str) -> str:
    """Lower-case hex SHA-256 of `"{timestamp_ms}:{text}:{secret}"` in UTF-8."""
    return hashlib.sha256(f"{timestamp_ms}:{encodable(text)}:{secret}".encode()).hexdigest()


def encodable(text: str) -> str:
    """`text` with lone surrogates replaced by U+FFFD, as a browser does before it signs and sends."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def to_body_messages(messages: Sequence[ChatMessage], dialect: Dialect) -> list[dict[str, Any]]:
    """The request body's `messages`. Raises `InvalidInput` when the last message is not the user's.

    Parts dialect: no `system` role, never two neighbours of one role, the first message is the user's.
    """
    # An answer that was stopped before its first character says nothing, and Gemini refuses an empty part.
    said = [(message["role"], encodable(message["content"])) for message in messages]
    said = [(role, content) for role, content in said if content or role == "user"]
    if not said or said[-1][0] != "user":
        raise InvalidInput("messages: the last message must be the user's.")
    if dialect == "content":
        return [{"role": role, "content": content} for role, content in said]
    return [
        {"role": "model" if role == "assistant" else "user", "parts": [{"text": text}]}
        for role, text in _alternating(said)
    ]


def _alternating(said: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """User and assistant in turns, the user first; system messages go in front of the first question."""
    system = [content for role, content in said if role == "system"]
    turns: list[tuple[str, list[str]]] = []
    for role, content in said:
        if role == "system" or (role == "assistant" and not turns):
            continue
        if turns and turns[-1][0] == role:
            turns[-1][1].append(content)
        else:
            turns.append((role, [*system, content] if not turns else [content]))
    return [(role, "\n\n".join(contents)) for role, contents in turns]


def signed_text(body_messages: Sequence[Mapping[str, Any]]) -> str:
    """The text a signature covers: the last message's `content`, or the join of all its parts."""
    last = body_messages[-1]
    if "parts" in last:
        return "".join(part["text"] for part in last["parts"])
    return str(last["content"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Where the upstream is and how it is asked, times in seconds. Raises `InvalidInput` for a bad value."""

    base_url: str
    secret: str = ""
    password: str | None = None
    dialect: Dialect = "parts"
    connect_timeout_s: float = 5.0
    silence_timeout_s: float = 60.0
    temperature: float | None = None

    def __post_init__(self) -> None:
        if self.dialect not in ("parts", "content"):
            raise InvalidInput(f"dialect: {self.dialect!r} is neither 'parts' nor 'content'.")
        if not _is_web_address(self.base_url):
            raise InvalidInput("base_url: the upstream's address must look like https://host or http://host:port.")
        for name in ("connect_timeout_s", "silence_timeout_s"):
            if not getattr(self, name) > 0:
                raise InvalidInput(f"{name}: must be more than 0 seconds.")

    @property
    def url(self) -> str:
        """The address requests go to; a base URL that already ends in the path is taken as it is."""
        base = self.base_url.rstrip("/")
        return base if base.endswith(GENERATE_PATH) else base + GENERATE_PATH


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """One attempt, ready to be sent with POST."""

    url: str
    headers: dict[str, str]
    body: bytes


def sign_request(options: Options, model: str, body_messages: list[dict[str, Any]], timestamp_ms: int) -> SignedRequest:
    """The request for one attempt, signed for `timestamp_ms` (milliseconds since 1970)."""
    fields: dict[str, Any] = {
        "messages": body_messages,
        "time": timestamp_ms,
        "pass": options.password or None,
        "sign": sign(timestamp_ms, signed_text(body_messages), options.secret),
        "model": model,
    }
    if options.dialect == "content" and options.temperature is not None:
        fields["temperature"] = options.temperature
    headers = {
        "User-Agent": "Parley/0.1",
        "Accept": "text/plain, */*;q=0.5",
        # A compressing proxy holds words back until its window is full. What is compressed all the same is
        # decoded.
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
    }
    return SignedRequest(options.url, headers, json.dumps(fields, ensure_ascii=False).encode())


class Exchange:
    """One question, from its first attempt to the end of its reply: all that the two twins share.

    A twin sends `request`, asks `is_answer`, and feeds the body to `text` until `end`; what goes wrong before
    the first byte it hands to `retry_delay_s`.
    """

    def __init__(self, options: Options, model: str, messages: Sequence[ChatMessage]) -> None:
        """Raises `InvalidInput` when the history cannot be sent."""
        self.options = options
        self._model = model
        self._body_messages = to_body_messages(messages, options.dialect)
        self._attempt = 0
        self._decoder = TextDecoder()
        self._content_type = ""
        self._begun = False

    def request(self, now_ms: int) -> SignedRequest:
        """The next attempt, signed afresh."""
        self._attempt += 1
        return sign_request(self.options, self._model, self._body_messages, now_ms)

    def is_answer(self, status: int, headers: Mapping[str, str]) -> bool:
        """Whether the body is the answer; when not, its first bytes belong to `refusal`."""
        self._content_type = headers.get("Content-Type", "")
        return 200 <= status < 300

    def refusal(self, status: int, headers: Mapping[str, str], body: bytes, now_ms: int) -> AttemptFailed:
        """What an error reply means; `body` may be cut, `now_ms` is compared with the upstream's `Date`."""
        return gprochat_errors.refusal(gprochat_errors.Reply(status, headers, body), self.options, now_ms)

    def retry_delay_s(self, failed: AttemptFailed) -> float:
        """Seconds to wait before the next attempt; raises the failure's error when there shall be none."""
        delay_s = failed.again_after_s
        if delay_s is None or delay_s > MAX_RETRY_DELAY_S or self._attempt >= MAX_ATTEMPTS:
            raise failed.error from failed.__cause__
        return delay_s * self._attempt if failed.backs_off else delay_s

    def text(self, data: bytes) -> str:
        """The text in `data`. Raises `UpstreamRefused` when a web page came in the answer's place."""
        if not self._begun and data:
            self._begun = True
            if gprochat_errors.is_web_page(self._content_type, data):
                raise gprochat_errors.web_page(200, data, self.options)
        return self._decoder.feed(data)

    def end(self) -> str:
        """The last text of a whole reply. Raises `EmptyReply` when nothing came at all.

        Not called for a reply that was cut: the first bytes of a character are dropped there, because the
        answer can be continued and U+FFFD would stay in its middle for good.
        """
        if not self._begun:
            raise EmptyReply(f"{gprochat_errors.host(self.options.url)} sent an empty answer; ask again.")
        return self._decoder.flush()
