"""The server's side of the signed `/api/generate` protocol: is a request one of ours? No I/O, no clock.

Answers with the status codes and texts of the originals (`babaohuang/GeminiProChat`, `anse-app/chatgpt-demo`)
and adds codes, so that a client can tell a wrong secret from a wrong clock. Unlike them it checks freshness
and refuses a signature it has seen; both only after the signature proved right, so that a stranger learns
nothing.
"""

from __future__ import annotations

import hmac
import json
import threading
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from webapp.errors import ChatError, InvalidInput
from webapp.media_types import media_type
from webapp.messages import ChatMessage, Image, ModelOptions
from webapp.providers.decoding import encodable
from webapp.providers.gprochat_protocol import sign

FRESH_MS = 5 * 60_000
MAX_BODY_BYTES = 16 * 1024 * 1024
MAX_MESSAGES = 20_000
# How many values a body may hold, roughly: millions of empty ones fit in it, and reading them would take a second.
MAX_VALUES = 1_000_000
MAX_MODEL_CHARACTERS = 200
# About 15 MB; a site that is asked more often than 160 times a second for ten minutes needs another way.
MAX_SEEN = 100_000
HISTORY_MESSAGE = "Invalid message history: The last message must be from user role."
IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_ROLES: dict[str, dict[str, Any]] = {
    "parts": {"user": "user", "model": "assistant"},
    "content": {"user": "user", "assistant": "assistant", "system": "system"},
}


class GatewayRefused(ChatError):
    """A request the gateway does not accept; `status` and `message` are the originals', `code` is ours."""

    def __init__(self, status: int, code: str, message: str, *, retry_after: float | None = None) -> None:
        """`code`: invalid_input, invalid_history, wrong_password, wrong_signature, stale, replayed, or busy."""
        super().__init__(message, retry_after=retry_after)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """An accepted request. `model` is empty, and what is missing in `options` None, when the client did not say."""

    messages: list[ChatMessage]
    model: str
    options: ModelOptions


class SeenSignatures:
    """The signatures accepted lately; thread-safe. One process's: several processes each accept a replay once."""

    def __init__(self, keep_ms: int, limit: int) -> None:
        """Remembers each for `keep_ms`, and at most `limit` of them."""
        self._keep_ms, self._limit = keep_ms, limit
        self._until_ms: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, signature: str, now_ms: int) -> bool:
        """Whether it is new. Raises `GatewayRefused` (429) when full: forgetting one would let it be replayed."""
        with self._lock:
            while self._until_ms:
                oldest = next(iter(self._until_ms))
                if self._until_ms[oldest] > now_ms:
                    break
                del self._until_ms[oldest]
            if signature in self._until_ms:
                return False
            if len(self._until_ms) >= self._limit:
                wait_s = (self._until_ms[oldest] - now_ms) / 1000
                raise GatewayRefused(429, "busy", "Too many requests.", retry_after=wait_s)
            self._until_ms[signature] = now_ms + self._keep_ms
            return True


class Gateway:
    """Decides about requests to `/api/generate` and `/api/auth`; one per process, thread-safe."""

    def __init__(
        self,
        secret: str,
        passwords: Sequence[str],
        clock_ms: Callable[[], int],
        *,
        fresh_ms: int = FRESH_MS,
        max_seen: int = MAX_SEEN,
    ) -> None:
        """No `passwords`: none is asked for. `clock_ms` gives milliseconds since 1970."""
        self._secret, self._clock_ms, self._fresh_ms = secret, clock_ms, fresh_ms
        self._passwords = [_comparable(password) for password in passwords]
        # A request may be signed up to `fresh_ms` ahead, and is fresh until as long after that.
        self._seen = SeenSignatures(2 * fresh_ms + 1, max_seen)

    def accept(self, body: bytes) -> GenerateRequest:
        """The request in `body`, read as JSON whatever its content type; raises `GatewayRefused`."""
        fields = _json_object(body)
        messages, text = _messages(fields.get("messages"))
        time_ms = fields.get("time")
        if not isinstance(time_ms, int) or isinstance(time_ms, bool):
            raise _invalid("time: must be milliseconds since 1970, as a whole number.")
        request = GenerateRequest(messages, _model(fields.get("model")), _options(fields))
        if not self._password_fits(fields.get("pass")):
            raise GatewayRefused(401, "wrong_password", "Invalid password.")
        self._check_signature(fields.get("sign"), time_ms, text)
        return request

    def check_auth(self, password: object) -> dict[str, int]:
        """The body `/api/auth` answers with: `{"code": 0}` when the password is right or none is needed, else -1."""
        return {"code": 0 if self._password_fits(password) else -1}

    def _password_fits(self, given: object) -> bool:
        if not self._passwords:
            return True
        candidate = _comparable(given if isinstance(given, str) else "")
        # Compared with every password, so that the time does not tell which one came close.
        return isinstance(given, str) and sum(hmac.compare_digest(candidate, right) for right in self._passwords) > 0

    def _check_signature(self, given: object, time_ms: int, text: str) -> None:
        right = sign(time_ms, text, self._secret)
        if not isinstance(given, str) or not hmac.compare_digest(_comparable(given), right.encode()):
            raise GatewayRefused(401, "wrong_signature", "Invalid signature.")
        now_ms = self._clock_ms()
        if abs(now_ms - time_ms) > self._fresh_ms:
            raise GatewayRefused(401, "stale", "Invalid signature.")
        if not self._seen.add(right, now_ms):
            raise GatewayRefused(401, "replayed", "Invalid signature.")


def _comparable(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _invalid(message: str) -> GatewayRefused:
    return GatewayRefused(400, "invalid_input", message)


def _json_object(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_BODY_BYTES:
        raise GatewayRefused(413, "invalid_input", f"The request is longer than {MAX_BODY_BYTES} bytes.")
    # In texts these are rare, in base64 they do not occur.
    if body.count(b",") + body.count(b"{") + body.count(b"[") > MAX_VALUES:
        raise GatewayRefused(413, "invalid_input", "The request holds too many values.")
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _invalid("The body must be JSON.") from error
    if not isinstance(fields, dict):
        raise _invalid("The body must be a JSON object.")
    return fields


def _messages(given: object) -> tuple[list[ChatMessage], str]:
    """The messages, and the last one's text as it was signed."""
    if isinstance(given, list) and len(given) > MAX_MESSAGES:
        raise _invalid(f"messages: at most {MAX_MESSAGES}.")
    if not isinstance(given, list) or not given or not all(isinstance(message, dict) for message in given):
        raise GatewayRefused(400, "invalid_history", HISTORY_MESSAGE)
    dialect = "parts" if "parts" in given[0] else "content"
    messages = [_message(message, dialect) for message in given]
    if messages[-1]["role"] != "user":
        raise GatewayRefused(400, "invalid_history", HISTORY_MESSAGE)
    return messages, messages[-1]["content"]


def _message(given: dict[str, Any], dialect: str) -> ChatMessage:
    role = given.get("role")
    if not isinstance(role, str) or role not in _ROLES[dialect]:
        raise _invalid(f"messages: role must be one of {', '.join(_ROLES[dialect])}.")
    message: ChatMessage = {"role": _ROLES[dialect][role], "content": ""}
    content, images = _parts(given.get("parts")) if dialect == "parts" else (given.get("content"), [])
    if not isinstance(content, str):
        raise _invalid(f"messages: {dialect} is missing or no text.")
    message["content"] = encodable(content)
    if images:
        message["images"] = images
    return message


def _parts(parts: object) -> tuple[str | None, list[Image]]:
    """The texts of all parts joined, and the pictures; no text when there is something else."""
    texts: list[str] = []
    images: list[Image] = []
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, dict) and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif isinstance(part, dict) and isinstance(part.get("inlineData"), dict):
            images.append(_image(part["inlineData"]))
        else:
            return None, []
    return ("".join(texts) if texts or images else None), images


def _image(given: dict[str, Any]) -> Image:
    declared, data = given.get("mimeType"), given.get("data")
    if not isinstance(declared, str) or declared not in IMAGE_TYPES:
        raise _invalid(f"messages: a picture's mimeType must be one of {', '.join(sorted(IMAGE_TYPES))}.")
    try:
        decoded = b64decode(data, validate=True) if isinstance(data, str) else b""
    except ValueError:
        decoded = b""
    if not decoded:
        raise _invalid("messages: a picture's data must be base64.")
    try:
        found = media_type(decoded)
    except InvalidInput as error:
        raise _invalid(f"messages: {error.message}") from error
    if found != declared:
        raise _invalid(f"messages: a picture's mimeType is {declared}, and its data are {found}.")
    return Image(declared, decoded)


def _model(given: object) -> str:
    if given is None:
        return ""
    if not isinstance(given, str) or len(given) > MAX_MODEL_CHARACTERS:
        raise _invalid("model: must be a name.")
    return encodable(given)


def _options(fields: dict[str, Any]) -> ModelOptions:
    given = {name: fields.get(name) for name in ("temperature", "top_p", "max_tokens") if fields.get(name) is not None}
    try:
        return msgspec.convert(given, ModelOptions)
    except msgspec.ValidationError as error:
        raise _invalid(
            "temperature (0 to 2), top_p (above 0, to 1) and max_tokens (from 1) must be numbers."
        ) from error
