"""The client's side of the signed `/api/generate` protocol: signature, history, request. No I/O, no clock.

The facts come from the open servers that speak it (`babaohuang/GeminiProChat`, `anse-app/chatgpt-demo`); the
golden cases are in `tests/vectors/signing.json`. What a refusal means is told in `gprochat_errors`.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_args

from webapp.errors import InvalidInput, WrongSignature
from webapp.messages import ChatMessage, Image
from webapp.providers import failures, gprochat_errors
from webapp.providers.decoding import TextDecoder, encodable
from webapp.providers.error_reply import Reply
from webapp.providers.exchange import CallOptions, Exchange, HttpRequest
from webapp.providers.failures import AttemptFailed

Dialect = Literal["auto", "parts", "content"]

GENERATE_PATH = "/api/generate"


def sign(timestamp_ms: int, text: str, secret: str) -> str:
    """Lower-case hex SHA-256 of `"{timestamp_ms}:{text}:{secret}"` in UTF-8."""
    return hashlib.sha256(f"{timestamp_ms}:{encodable(text)}:{secret}".encode()).hexdigest()


class _Said(NamedTuple):
    role: str
    text: str
    images: tuple[Image, ...]


def to_body_messages(messages: Sequence[ChatMessage], dialect: Dialect) -> list[dict[str, Any]]:
    """The request body's `messages`. Raises `InvalidInput` when the last message is not the user's.

    Parts dialect: no `system` role, never two neighbours of one role, the first message is the user's; pictures
    are Gemini's `inlineData` parts. The content dialect has no place for pictures (`InvalidInput`).
    """
    said = [
        _Said(message["role"], encodable(message["content"]), tuple(message.get("images", ()))) for message in messages
    ]
    # An answer that was stopped before its first character says nothing, and Gemini refuses an empty part.
    said = [one for one in said if one.text or one.role == "user"]
    if not said or said[-1].role != "user":
        raise InvalidInput("messages: the last message must be the user's.")
    if dialect == "parts":
        return [
            {"role": "model" if one.role == "assistant" else "user", "parts": _parts(one)} for one in _alternating(said)
        ]
    if any(one.images for one in said):
        raise InvalidInput("messages: the content dialect takes no pictures.")
    return [{"role": one.role, "content": one.text} for one in said]


def _parts(said: _Said) -> list[dict[str, Any]]:
    text = [{"text": said.text}] if said.text or not said.images else []
    pictures = [
        {"inlineData": {"mimeType": image.media_type, "data": b64encode(image.data).decode()}} for image in said.images
    ]
    return [*text, *pictures]


def _alternating(said: Sequence[_Said]) -> list[_Said]:
    """User and assistant in turns, the user first; system messages go in front of the first question."""
    system = [one.text for one in said if one.role == "system"]
    turns: list[list[_Said]] = []
    for one in said:
        if one.role == "system" or (one.role == "assistant" and not turns):
            continue
        if turns and turns[-1][-1].role == one.role:
            turns[-1].append(one)
        else:
            turns.append([one])
    joined = [_joined(turn) for turn in turns]
    return [joined[0]._replace(text=_paragraphs([*system, joined[0].text])), *joined[1:]]


def _joined(turn: Sequence[_Said]) -> _Said:
    images = tuple(image for one in turn for image in one.images)
    return _Said(turn[0].role, _paragraphs([one.text for one in turn]), images)


def _paragraphs(texts: Sequence[str]) -> str:
    return "\n\n".join(texts)


def signed_text(body_messages: Sequence[Mapping[str, Any]]) -> str:
    """The text a signature covers: the last message's `content`, or the join of the texts of its parts."""
    last = body_messages[-1]
    if "parts" in last:
        return "".join(part.get("text", "") for part in last["parts"])
    return str(last["content"])


@dataclass(frozen=True, kw_only=True)
class Options(CallOptions):
    """What `CallOptions` says, and how this protocol signs in. Raises `InvalidInput` for a bad value.

    The dialect `auto` is found out by asking; see `GenerateExchange`.
    """

    secret: str = field(default="", repr=False)
    password: str | None = field(default=None, repr=False)
    dialect: Dialect = "auto"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.dialect not in get_args(Dialect):
            raise InvalidInput(f"dialect: {self.dialect!r} is neither 'auto' nor 'parts' nor 'content'.")

    @property
    def url(self) -> str:
        """The address requests go to; a base URL that already ends in the path is taken as it is."""
        base = super().url.rstrip("/")
        return base if base.endswith(GENERATE_PATH) else base + GENERATE_PATH

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may quote."""
        return (*super().secrets, self.secret, self.password or "")


def sign_request(options: Options, model: str, body_messages: list[dict[str, Any]], timestamp_ms: int) -> HttpRequest:
    """The request for one attempt, signed for `timestamp_ms` (milliseconds since 1970)."""
    fields: dict[str, Any] = {
        "messages": body_messages,
        "time": timestamp_ms,
        "pass": options.password or None,
        "sign": sign(timestamp_ms, signed_text(body_messages), options.secret),
        "model": model,
        **options.sampling(),
    }
    headers = options.with_own({"Accept": "text/plain, */*;q=0.5"})
    return HttpRequest(options.url, headers, json.dumps(fields, ensure_ascii=False).encode())


class GenerateExchange(Exchange):
    """One signed question and its reply, a stream of plain text.

    With the dialect `auto` the first attempt is in parts. A chatgpt-demo server finds no text in them and so takes the
    signature for a wrong one; then the question is asked once more in the other dialect. What a server answered to is
    kept in `known_dialects`, by address.
    """

    def __init__(
        self, options: Options, model: str, messages: Sequence[ChatMessage], known_dialects: dict[str, Dialect]
    ) -> None:
        """Raises `InvalidInput` when the history cannot be sent."""
        super().__init__(options)
        self._options, self._model, self._messages = options, model, messages
        self._known_dialects = known_dialects
        self._may_switch = options.dialect == "auto"
        known = known_dialects.get(options.url, "parts")
        self._dialect: Dialect = known if options.dialect == "auto" else options.dialect
        self._body_messages = to_body_messages(messages, self._dialect)
        self._decoder = TextDecoder()

    def build(self, now_ms: int) -> HttpRequest:
        """The next attempt, signed afresh."""
        return sign_request(self._options, self._model, self._body_messages, now_ms)

    def is_answer(self, status: int, headers: Mapping[str, str]) -> bool:
        """See `Exchange`; an answer proves the dialect right."""
        answered = super().is_answer(status, headers)
        if answered:
            self._known_dialects[self._options.url] = self._dialect
            self._messages, self._body_messages = (), []  # with pictures they are large, and an answer may take long
        return answered

    def explain(self, reply: Reply, now_ms: int) -> AttemptFailed:
        """What the protocol's own errors mean."""
        failed = gprochat_errors.explain(reply, self.asked, now_ms, has_password=bool(self._options.password))
        pictures = any(message.get("images") for message in self._messages)
        if self._may_switch and isinstance(failed.error, WrongSignature) and not pictures:
            self._may_switch, self._dialect = False, "parts" if self._dialect == "content" else "content"
            self._body_messages = to_body_messages(self._messages, self._dialect)
            return AttemptFailed(failed.error, 0.0)
        return failed

    def texts(self, data: bytes) -> Iterator[str]:
        """The text in `data`. Raises `UpstreamRefused` when a web page came in the answer's place."""
        if not self.begun:
            self.begun = True
            if failures.is_web_page(self._content_type, data):
                raise failures.web_page(Reply.of(200, {}, data), self.asked, 0)
        if text := self._decoder.feed(data):
            yield text

    def end(self) -> Iterator[str]:
        """What the last bytes stand for. Raises `EmptyReply` when nothing came at all."""
        if not self.begun:
            raise failures.empty(self.asked)
        if text := self._decoder.flush():
            yield text
