"""An exchange over requests: the synchronous twin of every HTTP provider. I/O only: `Exchange` knows the rest.

Requests go to the adapter directly, without a `Session`: that would keep the upstream's cookies, take proxies
and passwords from the environment, and read the whole body of a redirect nobody follows.
"""

from __future__ import annotations

import http.client
import math
import time
from collections.abc import Generator
from contextlib import suppress

import requests
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError
from urllib3.response import HTTPResponse

from webapp.providers import failures
from webapp.providers.base import StopSignal
from webapp.providers.error_reply import MAX_ERROR_BODY_BYTES
from webapp.providers.exchange import Exchange
from webapp.providers.failures import AttemptFailed
from webapp.providers.stoppable_http import StoppableAdapter, StoppableCall

# What one read may return at most; a read returns as soon as there is anything.
READ_BYTES = 65_536
# How long the end of a reply may take that has said all; after that its connection is not worth keeping.
LAST_BYTES_S = 0.1

_adapter = StoppableAdapter()


def texts(exchange: Exchange, proxy: str | None, stop: StopSignal | None) -> Generator[str, None, None]:
    """Yield the answer's text as it comes; quiet after a stop, raises `UpstreamError` at the very end.

    Closing it closes the connection.
    """
    with StoppableCall(stop, exchange.silence_timeout_s) as call:
        raw = _open(exchange, call, exchange.through(proxy))
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
    request = exchange.request(_now_ms())
    try:
        prepared = requests.Request(request.method, request.url, headers=request.headers, data=request.body).prepare()
        reply = _adapter.send_for(
            call,
            prepared,
            stream=True,
            timeout=(exchange.connect_timeout_s, exchange.silence_timeout_s),
            proxies={"http": proxy, "https": proxy} if proxy else None,
        )
    except (requests.RequestException, HTTPError, OSError) as error:
        raise _not_answered(error, exchange, call) from error
    raw: HTTPResponse = reply.raw
    if exchange.is_answer(raw.status, raw.headers):
        return raw
    raise _refused(raw, exchange)


def _refused(raw: HTTPResponse, exchange: Exchange) -> AttemptFailed:
    body = b""
    # Half an error reply still has its status, and its beginning says the most.
    with suppress(HTTPError):
        while len(body) < MAX_ERROR_BODY_BYTES and (data := raw.read1(READ_BYTES, True)):
            body += data
    raw.close()
    raw.release_conn()
    return exchange.refusal(raw.status, raw.headers, body, _now_ms())


def _read(raw: HTTPResponse, exchange: Exchange, call: StoppableCall) -> Generator[str, None, None]:
    read, texts_in = raw.read1, exchange.texts
    call.listen()
    while not exchange.complete:
        call.heard_s = time.monotonic()
        try:
            data = read(READ_BYTES, decode_content=True)
        except HTTPError as error:
            if call.stopped:
                return
            yield from exchange.held()
            if (failure := exchange.broken_off(silent=call.silent)) is not None:
                raise failure from error
            break
        if call.stopped:
            return
        if data:
            call.heard_s = math.inf  # who takes long over the text is not the upstream's silence
            yield from texts_in(data)
        elif call.silent:
            yield from exchange.held()
            if (failure := exchange.broken_off(silent=True)) is not None:
                raise failure
            break
        elif raw.closed:  # With gzip an empty read is not yet the end.
            break
    else:
        _read_last_bytes(raw, call)
    if not call.stopped:
        yield from exchange.end()


def _read_last_bytes(raw: HTTPResponse, call: StoppableCall) -> None:
    """After the protocol's own end: take what belongs to the reply, so that the connection can be used again."""
    call.heard_s = time.monotonic()  # trailers can be endless too
    call.wait_at_most(LAST_BYTES_S)
    with suppress(HTTPError):
        while not raw.closed and not raw.read1(READ_BYTES, decode_content=True):
            pass


def _not_answered(error: Exception, exchange: Exchange, call: StoppableCall) -> AttemptFailed:
    """Why no reply came, in our own terms."""
    asked = exchange.asked
    reason = getattr(error.args[0], "reason", None) if error.args else None
    # urllib3 calls a TLS handshake that takes too long a read timeout.
    slow_handshake = isinstance(error, requests.ReadTimeout) and not call.connected
    if isinstance(error, requests.ConnectTimeout) or slow_handshake:
        return failures.too_slow(asked, exchange.connect_timeout_s)
    if isinstance(error, requests.ReadTimeout):
        return AttemptFailed(failures.silent(asked, exchange.silence_timeout_s))
    if isinstance(error, requests.exceptions.ProxyError):
        if call.connected and call.reused_connection:  # it was about to close a kept connection
            return AttemptFailed(failures.cut(asked, begun=False), 0.0)
        return failures.proxy_refused(asked)
    if isinstance(error, requests.exceptions.SSLError):
        return failures.tls_refused(asked)
    if isinstance(reason, NameResolutionError):
        return failures.unknown_name(asked)
    if isinstance(reason, NewConnectionError):
        return failures.nothing_listens(asked)
    if isinstance(error, requests.ConnectionError):
        return _no_reply(error, exchange, call)
    return failures.bad_address(asked)


def _no_reply(error: requests.ConnectionError, exchange: Exchange, call: StoppableCall) -> AttemptFailed:
    """The connection was there, and then ended or brought something that is no reply."""
    cause = error.args[0] if error.args else None
    inner = cause.args[-1] if isinstance(cause, HTTPError) and cause.args else None
    if isinstance(inner, TimeoutError):
        return AttemptFailed(failures.silent(exchange.asked, exchange.silence_timeout_s, sending=True))
    if isinstance(inner, http.client.HTTPException) and not isinstance(inner, http.client.RemoteDisconnected):
        return AttemptFailed(failures.unreadable(exchange.asked))
    # A kept-alive connection the upstream was about to close: it never looked at the question.
    return AttemptFailed(failures.cut(exchange.asked, begun=False), 0.0 if call.reused_connection else None)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
