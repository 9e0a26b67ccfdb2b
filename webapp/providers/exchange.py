"""One question to an HTTP upstream and its reply, without I/O: what `over_requests` and `over_aiohttp` drive.

A twin sends `request`, asks `is_answer`, and feeds the body to `texts` until `complete` or the body's end, then
takes `end`. What goes wrong before the first byte it hands to `retry_delay_s`.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar
from urllib.parse import unquote, urlsplit, urlunsplit

from webapp.errors import InvalidInput, UpstreamError
from webapp.providers import failures
from webapp.providers.error_reply import Reply
from webapp.providers.failures import Asked, AttemptFailed

# A visitor waits behind every retry, so an upstream that asks for longer is reported instead.
MAX_RETRY_DELAY_S = 10.0
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_TELLS_WHO_WE_ARE = re.compile(r"auth|key|token|secret|cookie|pass", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One attempt, ready to be sent."""

    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    method: str = "POST"


@dataclass(frozen=True, kw_only=True)
class CallOptions:
    """Where an upstream is and how it is asked, times in seconds. Raises `InvalidInput` for a bad value.

    `headers` are sent besides, and instead of, our own. `names` is what the caller's settings are called
    (`{"base_url": "GPROCHAT_URL"}`), for errors to name them.
    """

    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    names: Mapping[str, str] = field(default_factory=dict)
    connect_timeout_s: float = 5.0
    silence_timeout_s: float = 60.0
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None

    def __post_init__(self) -> None:
        if not is_web_address(self.base_url):
            raise InvalidInput("base_url: the upstream's address must look like https://host or http://host:port.")
        for name in ("connect_timeout_s", "silence_timeout_s"):
            if not getattr(self, name) > 0:
                raise InvalidInput(f"{name}: must be more than 0 seconds.")
        for name in ("temperature", "top_p", "max_tokens"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int | float) and math.isfinite(value)):
                raise InvalidInput(f"{name}: must be a number.")
        for name, value in self.headers.items():
            if not _HEADER_NAME.fullmatch(name) or not is_header_value(value):
                raise InvalidInput(f"headers: {name!r} is not a header that can be sent.")

    @property
    def url(self) -> str:
        """The address requests go to, without user name and password."""
        parts = urlsplit(self.base_url)
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may quote."""
        told = [value for name, value in self.headers.items() if _TELLS_WHO_WE_ARE.search(name)]
        words = [value.rpartition(" ")[2] for value in told]
        return (*told, *words, *_login_secrets(self.base_url))

    @property
    def asked(self) -> Asked:
        """Whom we ask, for errors."""
        return Asked(self.url, self.names, self.secrets)

    def sampling(self) -> dict[str, float]:
        """The fields that shape the answer, those that were given."""
        fields = {"temperature": self.temperature, "top_p": self.top_p, "max_tokens": self.max_tokens}
        return {name: value for name, value in fields.items() if value is not None}

    def with_own(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Our own headers and the caller's, whose win; names are the same in any case."""
        theirs = {name.lower() for name in self.headers}
        ours = {"User-Agent": "Parley/0.1", "Content-Type": "application/json"}
        # A compressing proxy holds words back until its window is full. What is compressed all the same is
        # decoded.
        ours |= {"Accept-Encoding": "identity", **_basic_login(self.base_url), **headers}
        return {name: value for name, value in ours.items() if name.lower() not in theirs} | dict(self.headers)


def _basic_login(url: str) -> dict[str, str]:
    """User name and password of an address as the header that both libraries would make of them, each in its way."""
    login = _login(url)
    return {"Authorization": "Basic " + b64encode(login.encode()).decode()} if login else {}


def _login(url: str) -> str:
    """`user:password` of an address; empty when it has neither."""
    parts = urlsplit(url)
    if parts.username is None and parts.password is None:
        return ""
    return f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"


def _login_secrets(url: str) -> tuple[str, ...]:
    """The password of an address in every form in which it is sent or written."""
    password, login = urlsplit(url).password, _login(url)
    # Both libraries sign in at a proxy in Latin-1; padding is often left out.
    sent = [b64encode(login.encode(code, "replace")).decode() for code in ("utf-8", "latin-1")] if login else []
    return (password or "", unquote(password or ""), *sent, *(one.rstrip("=") for one in sent))


def is_web_address(url: str) -> bool:
    """Whether `url` is an http(s) address with a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def is_header_value(value: str) -> bool:
    """Whether `value` fits on a header's one line."""
    return value.isascii() and value.isprintable() and value == value.strip()


def proxy_address(proxy: str | None) -> str | None:
    """The proxy as both libraries take it; `host:port` is taken as an HTTP proxy."""
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


class Exchange(ABC):
    """One question, from its first attempt to the end of its reply: all that the two twins share."""

    most_attempts: ClassVar[int] = 3

    def __init__(self, options: CallOptions) -> None:
        self.asked = options.asked
        self.connect_timeout_s = options.connect_timeout_s
        self.silence_timeout_s = options.silence_timeout_s
        self.begun = False  # whether any of the answer has come
        self.complete = False  # the protocol itself said the end: there is nothing more to read
        self._attempt = 0
        self._content_type = ""

    def through(self, proxy: str | None) -> str | None:
        """The proxy's address as both libraries take it; from now on no error quotes how we sign in there."""
        if (address := proxy_address(proxy)) and "@" in address:
            self.asked = replace(self.asked, secrets=(*self.asked.secrets, *_login_secrets(address)))
        return address

    def request(self, now_ms: int) -> HttpRequest:
        """The next attempt, made afresh for `now_ms` (milliseconds since 1970)."""
        self._attempt += 1
        return self.build(now_ms)

    @abstractmethod
    def build(self, now_ms: int) -> HttpRequest:
        """The request of one attempt."""

    def is_answer(self, status: int, headers: Mapping[str, str]) -> bool:
        """Whether the body is the answer; when not, its first bytes belong to `refusal`."""
        self._content_type = headers.get("Content-Type", "")
        return 200 <= status < 300

    def refusal(self, status: int, headers: Mapping[str, str], body: bytes, now_ms: int) -> AttemptFailed:
        """What an error reply means; `body` may be cut, `now_ms` is compared with the upstream's `Date`."""
        reply = Reply.of(status, headers, body)
        return failures.in_between(reply, self.asked, now_ms) or self.explain(reply, now_ms)

    @abstractmethod
    def explain(self, reply: Reply, now_ms: int) -> AttemptFailed:
        """What an error reply of the upstream itself means."""

    def retry_delay_s(self, failed: AttemptFailed) -> float:
        """Seconds to wait before the next attempt; raises the failure's error when there shall be none."""
        delay_s = failed.again_after_s
        if delay_s is None or delay_s > MAX_RETRY_DELAY_S or self._attempt >= self.most_attempts:
            raise failed.error from failed.__cause__
        return delay_s * self._attempt if failed.backs_off else delay_s

    @abstractmethod
    def texts(self, data: bytes) -> Iterable[str]:
        """The text in `data`, all of it before an error is raised; never an empty string."""

    @abstractmethod
    def end(self) -> Iterable[str]:
        """The last text of a whole reply. Raises an `UpstreamError` when it was none.

        Not called for a reply that was cut: the first bytes of a character are dropped there, because the
        answer can be continued and U+FFFD would stay in its middle for good.
        """

    def held(self) -> Iterable[str]:
        """Text that came and was held back, to be taken when the reply breaks off."""
        return ()

    def broken_off(self, *, silent: bool = False) -> UpstreamError | None:
        """What it means that the reply was cut or fell `silent`; None when the answer was whole all the same."""
        if silent:
            return failures.silent(self.asked, self.silence_timeout_s)
        return failures.cut(self.asked, begun=self.begun)
