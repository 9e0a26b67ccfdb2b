"""What every way an HTTP upstream can fail means: one sentence for the visitor, one for the owner. No I/O.

The visitor's sentence (`message`) names no host and no setting, and may quote the upstream. The owner's
(`advice`) names both, and quotes nothing, because it is logged. Neither ever holds a secret.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from webapp.errors import (
    ConversationRefused,
    ConversationTooLong,
    EmptyReply,
    ModelMissing,
    UpstreamBusy,
    UpstreamCut,
    UpstreamError,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from webapp.providers.error_reply import MAX_ERROR_BODY_BYTES, Reply

QUOTED_CHARACTERS = 200
FIRST_RETRY_DELAY_S = 0.2
# What a visitor can do about a failure that may pass, and about one that only the owner can mend.
ASK_AGAIN = "Ask again, or choose another model."
ASK_THE_OWNER = "Choose another model, or tell the owner of this site."


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom we asked, as errors tell of it: `names` is what the caller's settings are called, by keyword."""

    url: str
    names: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def host(self) -> str:
        """Host and port, without user name, password and path."""
        return urlsplit(self.url).netloc.rpartition("@")[2] or "the upstream"

    def name(self, keyword: str) -> str:
        """The setting that a keyword comes from; the keyword itself when nobody said."""
        return self.names.get(keyword, keyword)

    def quote(self, text: str) -> str:
        """What the upstream wrote, as one short line without our secrets."""
        for secret in sorted(filter(None, self.secrets), key=len, reverse=True):
            text = text.replace(secret, "[secret]")
        line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        return line if len(line) <= QUOTED_CHARACTERS else line[:QUOTED_CHARACTERS] + "…"


class AttemptFailed(Exception):
    """One attempt came to nothing before its first byte; never leaves the providers.

    `again_after_s` is how many seconds later a fresh attempt can help, None for never. `backs_off`: the wait
    was our own choice and grows.
    """

    def __init__(self, error: UpstreamError, again_after_s: float | None = None, *, backs_off: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.again_after_s = again_after_s
        self.backs_off = backs_off


def in_between(reply: Reply, asked: Asked, now_ms: int) -> AttemptFailed | None:
    """The failure when somebody on the way answered: a redirect, a proxy, a web page. None for the upstream itself."""
    if 300 <= reply.status < 400:
        return AttemptFailed(_redirect(reply, asked))
    if reply.status == 407:
        return AttemptFailed(proxy_refused(asked).error)
    if "html" in reply.headers.get("content-type", "").lower() or _begins_as_page(reply.body):
        return perhaps_again(web_page(reply, asked, now_ms), reply, now_ms)
    return None


def perhaps_again(error: UpstreamError, reply: Reply, now_ms: int) -> AttemptFailed:
    """The error together with when to try once more: soon after a gateway's 502, 503 or 504, else never."""
    if reply.status not in (502, 503, 504):
        return AttemptFailed(error)
    retry_after_s = reply.retry_after_s(now_ms)
    return AttemptFailed(error, retry_after_s or FIRST_RETRY_DELAY_S, backs_off=retry_after_s is None)


def _redirect(reply: Reply, asked: Asked) -> UpstreamRefused:
    location = reply.headers.get("location", "")
    to = f" to {asked.quote(re.split('[?#]', location)[0])}" if location and "@" not in location else ""
    return UpstreamRefused(
        f"The model's server has moved. {ASK_THE_OWNER}",
        advice=f"{asked.host} redirects ({reply.status}){to}; a request with our secrets is never sent on, "
        f"so set {asked.name('base_url')} to the final address if it can be trusted.",
    )


def busy(asked: Asked, retry_after_s: float | None, status: int = 429) -> UpstreamBusy:
    """The upstream is over its own limit."""
    wait = "in a while" if retry_after_s is None else f"in {retry_after_s:.0f} s"
    return UpstreamBusy(
        f"The model's server has too much to do; try again {wait}, or choose another model.",
        retry_after=retry_after_s,
        advice=f"{asked.host} is over its own limit ({status}).",
    )


def failed(reply: Reply, asked: Asked, said: str, now_ms: int) -> AttemptFailed:
    """Any other error status; `said` is the upstream's own text, unquoted."""
    status, base_url = reply.status, asked.name("base_url")
    if status == 404:
        advice = f"{asked.host} has no such path (404); check that {base_url} is the server's base address."
        return AttemptFailed(
            UpstreamRefused(f"The model's server does not know the request. {ASK_THE_OWNER}", advice=advice)
        )
    if status in (401, 403):  # never quoted: it may tell how we signed in
        advice = f"{asked.host} refused the request ({status}); check what this site signs in with."
        return AttemptFailed(
            UpstreamRefused(f"The model's server does not let this site in. {ASK_THE_OWNER}", advice=advice)
        )
    if status >= 500:
        message, advice = f"The model's server failed. {ASK_AGAIN}", f"{asked.host} failed ({status})."
    else:
        message, advice = f"The model's server refused the request. {ASK_THE_OWNER}", f"{asked.host} answered {status}."
    whole, retry_after_s = message + in_its_words(asked, said), reply.retry_after_s(now_ms)
    error = UpstreamRefused(whole, retry_after=retry_after_s, advice=advice, unquoted=message)
    return perhaps_again(error, reply, now_ms)


def model_missing(asked: Asked, status: int) -> ModelMissing:
    """The upstream has not got the model."""
    message = "The model's server does not have this model. Choose another one."
    return ModelMissing(message, advice=f"{asked.host} does not have the model that was asked for ({status}).")


def too_long(asked: Asked, status: int) -> ConversationTooLong:
    """The conversation does not fit."""
    message = "This conversation has grown too long for the model; begin a new one, or choose another model."
    return ConversationTooLong(message, advice=f"{asked.host} found the conversation too long ({status}).")


def conversation_refused(asked: Asked, status: int, said: str) -> ConversationRefused:
    """The upstream read the conversation and does not answer it; `said` is its own text, unquoted."""
    message = "The model's server did not accept this conversation; change the question, or begin a new conversation."
    advice = f"{asked.host} did not accept a conversation ({status})."
    return ConversationRefused(message + in_its_words(asked, said), advice=advice, unquoted=message)


def in_its_words(asked: Asked, said: str) -> str:
    """The end of a message that quotes the upstream; nothing when it said nothing."""
    quoted = asked.quote(said)
    return f" It said: “{quoted}”." if quoted else ""


def is_web_page(content_type: str, body: bytes) -> bool:
    """Whether an accepted reply is a page for people; an answer may begin so too, but calls itself text."""
    return "html" in content_type.lower() and _begins_as_page(body)


def _begins_as_page(body: bytes) -> bool:
    return body.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html"))


def web_page(reply: Reply, asked: Asked, now_ms: int) -> UpstreamRefused:
    """The error for a page that came where an answer or a JSON error was due."""
    title = asked.quote(_title(reply.body[:MAX_ERROR_BODY_BYTES]))
    named = f": “{title}”" if title else ""
    message = "A web page came in place of an answer"
    return UpstreamRefused(
        f"{message}{named}. {ASK_THE_OWNER}",
        unquoted=f"{message}. {ASK_THE_OWNER}",
        retry_after=reply.retry_after_s(now_ms),
        advice=f"A proxy or sign-in page stands between us and {asked.host} ({reply.status}), "
        f"or {asked.name('base_url')} is not the server's address.",
    )


def _title(page: bytes) -> str:
    # No regular expression: for every beginning it would look for an end anew.
    lower = page.lower()
    tag = lower.find(b"<title")
    begin = lower.find(b">", tag) + 1
    end = lower.find(b"</title", begin)
    return html.unescape(page[begin:end].decode("utf-8", "replace")) if min(tag, begin - 1, end) >= 0 else ""


def unreachable(asked: Asked, why: str) -> AttemptFailed:
    """No connection came about; `why` completes the advice."""
    message = "The model's server cannot be reached. Try again later, or choose another model."
    return AttemptFailed(UpstreamUnreachable(message, advice=f"No connection to {asked.host}: {why}"))


def nothing_listens(asked: Asked) -> AttemptFailed:
    """The connection was refused: the one reason that goes away by itself, when the server is just starting."""
    error = unreachable(asked, f"nothing listens there; start it or check {asked.name('base_url')}.").error
    return AttemptFailed(error, FIRST_RETRY_DELAY_S, backs_off=True)


def too_slow(asked: Asked, seconds: float) -> AttemptFailed:
    """The connection did not come about in time."""
    return unreachable(asked, f"no answer within {seconds:g} seconds; check {asked.name('base_url')}.")


def proxy_refused(asked: Asked) -> AttemptFailed:
    """The proxy is down, refuses us, or cannot get there."""
    return unreachable(asked, f"the proxy does not let us through; check {asked.name('proxy')}.")


def tls_refused(asked: Asked) -> AttemptFailed:
    """The TLS handshake failed."""
    why = "its TLS certificate or protocol is not accepted; it must be one that this machine trusts, for this name."
    return unreachable(asked, why)


def unknown_name(asked: Asked) -> AttemptFailed:
    """DNS does not know the host."""
    return unreachable(asked, f"the name is unknown; check {asked.name('base_url')}.")


def bad_address(asked: Asked) -> AttemptFailed:
    """The address or the proxy's cannot be used at all."""
    return unreachable(asked, f"check the addresses in {asked.name('base_url')} and {asked.name('proxy')}.")


def unreadable(asked: Asked, what: str = "something that is no HTTP, or headers too long or too many") -> UpstreamCut:
    """What came back is not what the protocol says."""
    message = f"The model's server sent something that cannot be read. {ASK_AGAIN}"
    return UpstreamCut(message, advice=f"{asked.host} sent {what}; check {asked.name('base_url')}.")


def silent(asked: Asked, seconds: float, *, sending: bool = False) -> UpstreamTimeout:
    """Not one byte for `seconds`; `sending`: it did not even take the question."""
    message = f"The model's server was silent for {seconds:g} seconds. {ASK_AGAIN}"
    what = "took nothing more of the question" if sending else "sent nothing"
    return UpstreamTimeout(message, advice=f"{asked.host} {what} for {seconds:g} seconds.")


def empty(asked: Asked) -> EmptyReply:
    """The upstream said yes, and then nothing."""
    return EmptyReply(f"The model gave an empty answer. {ASK_AGAIN}", advice=f"{asked.host} sent an empty answer.")


def cut(asked: Asked, *, begun: bool) -> UpstreamCut:
    """The connection ended before the reply was complete (`begun`) or before there was any."""
    if begun:
        message = "The model's server broke off in the middle of the answer; what had come is kept."
        return UpstreamCut(message, advice=f"{asked.host} ended the connection in the middle of its reply.")
    message = f"The model's server ended the connection before it answered. {ASK_AGAIN}"
    return UpstreamCut(message, advice=f"{asked.host} ended the connection before it answered.")
