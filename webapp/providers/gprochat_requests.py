"""The bytes of a reply over requests, for `GPROChat.create_completion`. I/O only: `Exchange` knows the rest.

Requests go to the adapter directly, without a `Session`: that would keep the upstream's cookies, take proxies
and passwords from the environment, and read the whole body of a redirect nobody follows.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Mapping
from contextlib import suppress

import requests
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError
from urllib3.response import HTTPResponse

from webapp.errors import UpstreamError
from webapp.providers import gprochat_errors
from webapp.providers.gprochat_errors import AttemptFailed
from webapp.providers.gprochat_protocol import Exchange
from webapp.providers.stoppable_http import StoppableAdapter, StoppableCall

# What one read may return at most; a read returns as soon as there is anything.
READ_BYTES = 65_536

_adapter = StoppableAdapter()


def read_reply(exchange: Exchange, call: StoppableCall, proxy: str | None) -> Generator[bytes, None, None]:
    """Yield the answer's bytes as they come; quiet after a stop, raises `UpstreamError` at the very end."""
    raw = _open(exchange, call, proxy)
    if raw is None:
        return
    try:
        yield from _read(raw, exchange, call)
    finally:
        # A connection that was not read to its end cannot be used again. After a whole reply it is back in
        # the pool already, and this closes nothing.
        raw.close()
        raw.release_conn()


def _open(exchange: Exchange, call: StoppableCall, proxy: str | None) -> HTTPResponse | None:
    """The reply whose body is the answer, after as many attempts as are due; None after a stop."""
    while not call.stopped:
        try:
            return _attempt(exchange, call, proxy)
        except AttemptFailed as failed:
            if call.stopped:
                break
            call.rest(exchange.retry_delay_s(failed))
    return None


def _attempt(exchange: Exchange, call: StoppableCall, proxy: str | None) -> HTTPResponse:
    options, signed = exchange.options, exchange.request(_now_ms())
    try:
        prepared = requests.Request("POST", signed.url, headers=signed.headers, data=signed.body).prepare()
        reply = _adapter.send_for(
            call,
            prepared,
            stream=True,
            timeout=(options.connect_timeout_s, options.silence_timeout_s),
            proxies={"http": proxy, "https": proxy} if proxy else None,
        )
    except (requests.RequestException, HTTPError, OSError) as error:
        raise _not_answered(error, exchange, call) from error
    raw: HTTPResponse = reply.raw
    if exchange.is_answer(raw.status, raw.headers):
        return raw
    raise _refused(raw, raw.headers, exchange)


def _refused(raw: HTTPResponse, headers: Mapping[str, str], exchange: Exchange) -> AttemptFailed:
    body = b""
    # Half an error reply still has its status, and its beginning says the most.
    with suppress(HTTPError):
        while len(body) < gprochat_errors.MAX_ERROR_BODY_BYTES and (data := raw.read1(READ_BYTES, True)):
            body += data
    raw.close()
    raw.release_conn()
    return exchange.refusal(raw.status, headers, body, _now_ms())


def _read(raw: HTTPResponse, exchange: Exchange, call: StoppableCall) -> Generator[bytes, None, None]:
    begun = False
    call.listen(exchange.options.silence_timeout_s)
    while True:
        call.heard_s = time.monotonic()
        try:
            data = raw.read1(READ_BYTES, decode_content=True)
        except HTTPError as error:
            if call.stopped:
                return
            if call.silent:
                raise _silent(exchange) from error
            raise gprochat_errors.cut(exchange.options.url, begun=begun) from error
        if call.stopped:
            return
        if data:
            begun = True
            call.heard_s = math.inf  # who takes long over the text is not the upstream's silence
            yield data
        elif call.silent:
            raise _silent(exchange)
        elif raw.closed:  # With gzip an empty read is not yet the end.
            return


def _silent(exchange: Exchange) -> UpstreamError:
    return gprochat_errors.silent(exchange.options.url, exchange.options.silence_timeout_s)


def _not_answered(error: Exception, exchange: Exchange, call: StoppableCall) -> AttemptFailed:
    """Why no reply came, in the terms of the protocol."""
    url, options = exchange.options.url, exchange.options
    reason = getattr(error.args[0], "reason", None) if error.args else None
    # urllib3 calls a TLS handshake that takes too long a read timeout.
    slow_handshake = isinstance(error, requests.ReadTimeout) and not call.connected
    if isinstance(error, requests.ConnectTimeout) or slow_handshake:
        return gprochat_errors.unreachable(url, f"no answer within {options.connect_timeout_s:g} seconds.")
    if isinstance(error, requests.ReadTimeout):
        return AttemptFailed(gprochat_errors.silent(url, options.silence_timeout_s))
    if isinstance(error, requests.exceptions.ProxyError):
        return gprochat_errors.unreachable(url, "the proxy does not let us through; check GPROCHAT_PROXY.")
    if isinstance(error, requests.exceptions.SSLError):
        return gprochat_errors.unreachable(url, "its TLS certificate or protocol is not accepted.")
    if isinstance(reason, NameResolutionError):
        return gprochat_errors.unreachable(url, "the name is unknown; check GPROCHAT_URL.")
    if isinstance(reason, NewConnectionError):
        return gprochat_errors.nothing_listens(url)
    if isinstance(error, requests.ConnectionError):
        # A kept-alive connection the upstream was about to close: it never looked at the question.
        again_after_s = 0.0 if call.reused_connection else None
        return AttemptFailed(gprochat_errors.cut(url, begun=False), again_after_s)
    return gprochat_errors.unreachable(url, "check the addresses in GPROCHAT_URL and GPROCHAT_PROXY.")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
