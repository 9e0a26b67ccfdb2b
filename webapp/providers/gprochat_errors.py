"""What a failed request to a `/api/generate` upstream means, in one sentence that says what to do. No I/O.

The originals answer `{"error": {"code"?, "message"}}` as text/plain, with the same 401 for a wrong password
and a wrong signature; a proxy in between answers with HTML. Neither the secret nor the password ever appears
in a message.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit

from webapp.errors import (
    ClockSkew,
    UpstreamBusy,
    UpstreamCut,
    UpstreamError,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnreachable,
    WrongPassword,
    WrongSignature,
)

# `Date` counts whole seconds and the reply took its time, so small differences say nothing; synchronised
# clocks are never a minute apart.
SKEW_WORTH_TELLING_S = 60
# As much of an error reply as is looked at.
MAX_ERROR_BODY_BYTES = 16_384
QUOTED_CHARACTERS = 200
FIRST_RETRY_DELAY_S = 0.2


class Asked(Protocol):
    """What this module needs to know about the request."""

    @property
    def url(self) -> str: ...
    @property
    def password(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Reply:
    """The head of an error reply; `body` holds its first bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class AttemptFailed(Exception):
    """One attempt came to nothing before its first byte; never leaves the providers.

    `again_after_s` is how many seconds later a freshly signed attempt can help, None for never. `backs_off`:
    the wait was our own choice and grows.
    """

    def __init__(self, error: UpstreamError, again_after_s: float | None = None, *, backs_off: bool = False) -> None:
        super().__init__(error.message)
        self.error = error
        self.again_after_s = again_after_s
        self.backs_off = backs_off


def refusal(reply: Reply, asked: Asked, now_ms: int) -> AttemptFailed:
    """The error an error reply stands for; `now_ms` is compared with the upstream's `Date`."""
    headers = {name.lower(): value for name, value in reply.headers.items()}
    retry_after_s = seconds_until(headers.get("retry-after"), now_ms)
    status, where = reply.status, host(asked.url)
    if 300 <= status < 400:
        return AttemptFailed(_redirect(status, where, headers.get("location")))
    if status == 429:
        return AttemptFailed(_busy(where, retry_after_s), retry_after_s)
    if "html" in headers.get("content-type", "").lower() or _begins_as_page(reply.body):
        error: UpstreamError = web_page(status, reply.body, asked, retry_after_s)
    else:
        code, said = _error_in(reply.body)
        if status == 401 and code == "replayed":
            # Two visitors asked the same within one millisecond; the next millisecond signs differently.
            seen = UpstreamRefused(f"{where} has seen this very request before; ask again.")
            return AttemptFailed(seen, 0.005)
        skew_s = _skew_s(headers.get("date"), now_ms)
        if status == 401 and (known := _unauthorised(code, said, skew_s, asked)):
            return AttemptFailed(known)
        error = UpstreamRefused(_sentence(status, where, said), retry_after=retry_after_s)
    if status in (502, 503, 504):
        return AttemptFailed(error, retry_after_s or FIRST_RETRY_DELAY_S, backs_off=retry_after_s is None)
    return AttemptFailed(error)


def _redirect(status: int, where: str, location: str | None) -> UpstreamRefused:
    to = f" to {_one_line(location.split('?')[0])}" if location else ""
    return UpstreamRefused(
        f"{where} redirects ({status}){to}; a signed request is never sent on, "
        "so set GPROCHAT_URL to the final address if it can be trusted."
    )


def _busy(where: str, retry_after_s: float | None) -> UpstreamBusy:
    wait = "in a while" if retry_after_s is None else f"in {retry_after_s:.0f} s"
    return UpstreamBusy(f"{where} is over its own limit (429); try again {wait}.", retry_after=retry_after_s)


def _unauthorised(code: str, said: str, skew_s: float | None, asked: Asked) -> UpstreamRefused | None:
    """The known reasons for a 401; None for one that is not the protocol's."""
    where, words = host(asked.url), f"{code} {said}".lower()
    if "password" in words:
        if asked.password:
            return WrongPassword(f"{where} did not accept the site password; correct GPROCHAT_PASSWORD.")
        return WrongPassword(f"{where} asks for a site password; set GPROCHAT_PASSWORD.")
    clocks_differ = skew_s is not None and abs(skew_s) > SKEW_WORTH_TELLING_S
    if code == "stale" or ("signature" in words and clocks_differ):
        return ClockSkew(_clock_sentence(where, skew_s))
    if "signature" in words:
        return WrongSignature(
            f"{where} refused the signature and the clocks agree as far as can be seen; "
            "set GPROCHAT_SECRET to that server's secret."
        )
    return None


def _clock_sentence(where: str, skew_s: float | None) -> str:
    if skew_s is None or abs(skew_s) <= SKEW_WORTH_TELLING_S:
        return f"{where} refused the request as too old or too new; set both clocks by network time."
    side = "behind" if skew_s > 0 else "ahead of"
    return (
        f"{where} refused the signature, and our clock is {abs(skew_s):.0f} seconds {side} its clock; "
        "set the clock by network time, and only if it is still refused look at GPROCHAT_SECRET."
    )


def _sentence(status: int, where: str, said: str) -> str:
    quoted = f": {said}" if said else ""
    if status == 400:
        return f"{where} did not accept the conversation (400){quoted or '.'}"
    if status == 404:
        return f"{where} has no such path (404); check that GPROCHAT_URL is the server's base address."
    if status == 413:
        return f"This conversation has grown too long for {where} (413); begin a new one."
    if status >= 500:
        return f"{where} failed ({status}), try again later{quoted or '.'}"
    return f"{where} refused the request ({status}){quoted or '.'}"


def is_web_page(content_type: str, body: bytes) -> bool:
    """Whether an accepted reply is a page for people; an answer may begin so too, but calls itself text."""
    return "html" in content_type.lower() and _begins_as_page(body)


def _begins_as_page(body: bytes) -> bool:
    return body.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html"))


def web_page(status: int, body: bytes, asked: Asked, retry_after_s: float | None = None) -> UpstreamRefused:
    """The error for a page that came where an answer or a JSON error was due."""
    title = re.search(rb"<title[^>]*>(.*?)</title", body, re.IGNORECASE | re.DOTALL)
    named = f' "{_one_line(html.unescape(title[1].decode("utf-8", "replace")))}"' if title else ""
    return UpstreamRefused(
        f"A web page{named} came from {host(asked.url)} ({status}) in place of an answer: a proxy or sign-in "
        "page stands in between, or GPROCHAT_URL is not the server's address.",
        retry_after=retry_after_s,
    )


def _error_in(body: bytes) -> tuple[str, str]:
    """Code and message of a JSON error, whatever the content type says; plain text is its own message."""
    text = body.decode("utf-8", "replace")
    try:
        error = json.loads(text)
    except (ValueError, RecursionError):
        return "", _one_line(text)
    if isinstance(error, dict):
        error = error.get("error", error)
    if isinstance(error, dict):
        return str(error.get("code") or ""), _one_line(str(error.get("message") or ""))
    return "", _one_line(error if isinstance(error, str) else "")


def _one_line(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= QUOTED_CHARACTERS else line[:QUOTED_CHARACTERS] + "…"


def _http_date_ms(value: str) -> float | None:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, IndexError):
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() * 1000


def _skew_s(date: str | None, now_ms: int) -> float | None:
    """How many seconds the upstream's clock is ahead of ours."""
    then_ms = _http_date_ms(date) if date else None
    return None if then_ms is None else (then_ms - now_ms) / 1000


def seconds_until(retry_after: str | None, now_ms: int) -> float | None:
    """`Retry-After` (seconds or an HTTP date) in seconds from now; None when it says nothing usable."""
    if not retry_after:
        return None
    if re.fullmatch(r"\d{1,9}", retry_after.strip(), re.ASCII):
        return float(retry_after)
    then_ms = _http_date_ms(retry_after)
    return None if then_ms is None else max(0.0, (then_ms - now_ms) / 1000)


def host(url: str) -> str:
    """The upstream as messages name it: host and port, without user name, password and path."""
    return urlsplit(url).netloc.rpartition("@")[2] or "the upstream"


def unreachable(url: str, why: str) -> AttemptFailed:
    """No connection came about; `why` completes the sentence."""
    return AttemptFailed(UpstreamUnreachable(f"No connection to {host(url)}: {why}"))


def nothing_listens(url: str) -> AttemptFailed:
    """The connection was refused: the one reason that goes away by itself, when the server is just starting."""
    error = unreachable(url, "nothing listens there; start it or check GPROCHAT_URL.").error
    return AttemptFailed(error, FIRST_RETRY_DELAY_S, backs_off=True)


def silent(url: str, seconds: float) -> UpstreamTimeout:
    """Not one byte for `seconds`."""
    return UpstreamTimeout(f"{host(url)} was silent for {seconds:g} seconds; ask again or choose another model.")


def cut(url: str, *, begun: bool) -> UpstreamCut:
    """The connection ended before the reply was complete (`begun`) or before there was any."""
    if begun:
        return UpstreamCut(f"{host(url)} broke off in the middle of the answer; what had come is kept.")
    return UpstreamCut(f"{host(url)} ended the connection before it answered; ask again.")
