"""An exchange over aiohttp: the asynchronous twin of every HTTP provider. I/O only: `Exchange` knows the rest."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Any, Self

import aiohttp

from webapp.providers import failures
from webapp.providers.error_reply import MAX_ERROR_BODY_BYTES
from webapp.providers.exchange import Exchange
from webapp.providers.failures import AttemptFailed

# How many bytes the consumer may lag behind before the upstream is held back.
MOST_UNREAD_BYTES = 4 * 1024 * 1024
# How many of them it takes at once: between two such pieces others have their turn.
PIECE_BYTES = 65_536
# A reply that breaks the rules of chunks arrives as the parser's own error, which is no ClientError.
_TRANSPORT_ERRORS = (aiohttp.ClientError, aiohttp.http.HttpProcessingError, OSError)


async def texts(exchange: Exchange, proxy: str | None) -> AsyncGenerator[str, None]:
    """Yield the answer's text as it comes; raises `UpstreamError` at the very end.

    Closing it closes the connection.
    """
    timeout = aiohttp.ClientTimeout(
        total=None, connect=exchange.connect_timeout_s, sock_read=exchange.silence_timeout_s
    )
    # A session of its own: nothing of the upstream's outlives the question, and the environment is not asked.
    sockets = _Sockets()
    connector, no_cookies = aiohttp.TCPConnector(socket_factory=sockets.make), aiohttp.DummyCookieJar()
    session = aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False, cookie_jar=no_cookies)
    async with session, sockets:
        response = await _open(session, exchange, exchange.through(proxy))
        try:
            unread = _Unread()
            pump = asyncio.create_task(_pump(response, unread, exchange.silence_timeout_s))
            try:
                while not exchange.complete and (data := await unread.take()):
                    for text in exchange.texts(data):
                        yield text
                if not exchange.complete and (error := await pump) is not None:
                    for text in exchange.held():
                        yield text
                    _raise_cut(error, exchange)
                for text in exchange.end():
                    yield text
            finally:
                pump.cancel()
                await asyncio.gather(pump, return_exceptions=True)
        finally:
            response.close()


def _raise_cut(error: Exception, exchange: Exchange) -> None:
    """Raise what the transport's error means, unless the answer was whole all the same."""
    if (failure := exchange.broken_off(silent=isinstance(error, TimeoutError))) is not None:
        raise failure from error


class _Sockets:
    """The sockets of one question. When it fails they are shut: else asyncio would wait until all of it is sent."""

    def __init__(self) -> None:
        self._all: list[socket.socket] = []

    def make(self, address: Any) -> socket.socket:
        """A new one, for what `getaddrinfo` says of an address."""
        made = socket.socket(*address[:3])
        self._all.append(made)
        return made

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for one in self._all if kind else ():
            with suppress(OSError):  # closed already
                one.shutdown(socket.SHUT_RDWR)


class _Unread:
    """The bytes that have come and that nobody has taken yet."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._ended = False
        self._more, self._room = asyncio.Event(), asyncio.Event()

    async def put(self, data: bytes) -> None:
        """Keep `data`, as soon as there is room."""
        while len(self._data) > MOST_UNREAD_BYTES:
            self._room.clear()
            await self._room.wait()
        self._data += data
        self._more.set()

    def end(self) -> None:
        """Nothing more will come."""
        self._ended = True
        self._more.set()

    async def take(self) -> bytes:
        """What there is, up to `PIECE_BYTES`, as soon as there is any; nothing after the end."""
        if self._data:
            await asyncio.sleep(0)  # there is no need to wait, and others would have no turn
        while not self._data and not self._ended:
            self._more.clear()
            await self._more.wait()
        data = bytes(self._data[:PIECE_BYTES])
        del self._data[:PIECE_BYTES]
        self._room.set()
        return data


async def _pump(response: aiohttp.ClientResponse, unread: _Unread, silence_timeout_s: float) -> Exception | None:
    """Take the bytes off aiohttp the moment they come; returns what ended the reply before its time.

    aiohttp forgets what it has read as soon as it notices a cut, so a consumer that pauses would lose text it
    was sent.
    """
    try:
        while data := await _read(response, silence_timeout_s):
            await unread.put(data)
    except _TRANSPORT_ERRORS as error:
        return error
    finally:
        # Whatever it was, the consumer must wake.
        unread.end()
    return None


async def _read(response: aiohttp.ClientResponse, silence_timeout_s: float) -> bytes:
    # aiohttp 3.14 has a timeout for this too, but after a malformed chunk it closes the connection, stops its timer
    # and tells the reader nothing.
    async with asyncio.timeout(silence_timeout_s):
        return await response.content.readany()


async def _open(session: aiohttp.ClientSession, exchange: Exchange, proxy: str | None) -> aiohttp.ClientResponse:
    """The reply whose body is the answer, after as many attempts as are due."""
    while True:
        try:
            return await _attempt(session, exchange, proxy)
        except AttemptFailed as failed:
            await asyncio.sleep(exchange.retry_delay_s(failed))


async def _attempt(session: aiohttp.ClientSession, exchange: Exchange, proxy: str | None) -> aiohttp.ClientResponse:
    request = exchange.request(_now_ms())
    headers = {**request.headers, "Content-Length": str(len(request.body))}  # else pieces are sent in chunks
    try:
        # aiohttp watches the time for connecting and for the reply, and not how long the question takes.
        async with asyncio.timeout(None) as sending:
            body = _pieces(request.body, sending, exchange.silence_timeout_s)
            response = await session.request(
                request.method, request.url, data=body, headers=headers, proxy=proxy, allow_redirects=False
            )
    except (*_TRANSPORT_ERRORS, ValueError) as error:
        if sending.expired():
            raise AttemptFailed(failures.silent(exchange.asked, exchange.silence_timeout_s, sending=True)) from error
        raise _not_answered(error, exchange) from error
    if exchange.is_answer(response.status, response.headers):
        return response
    raise await _refused(response, exchange)


async def _pieces(body: bytes, sending: asyncio.Timeout, silence_timeout_s: float) -> AsyncIterator[bytes]:
    """The body; `sending` runs out when the upstream takes longer than `silence_timeout_s` over one piece."""
    for start in range(0, len(body), PIECE_BYTES):
        _wait_until(sending, asyncio.get_running_loop().time() + silence_timeout_s)
        yield body[start : start + PIECE_BYTES]
    _wait_until(sending, None)


def _wait_until(sending: asyncio.Timeout, when_s: float | None) -> None:
    with suppress(RuntimeError):  # the upstream has answered before it had the whole question
        sending.reschedule(when_s)


async def _refused(response: aiohttp.ClientResponse, exchange: Exchange) -> AttemptFailed:
    body = b""
    try:
        while len(body) < MAX_ERROR_BODY_BYTES and (data := await _read(response, exchange.silence_timeout_s)):
            body += data
    except _TRANSPORT_ERRORS:
        pass  # Half an error reply still has its status, and its beginning says the most.
    finally:
        response.close()
    return exchange.refusal(response.status, response.headers, body, _now_ms())


def _not_answered(error: Exception, exchange: Exchange) -> AttemptFailed:
    """Why no reply came, in our own terms."""
    asked = exchange.asked
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return failures.too_slow(asked, exchange.connect_timeout_s)
    if isinstance(error, TimeoutError):
        return AttemptFailed(failures.silent(asked, exchange.silence_timeout_s))
    if isinstance(error, (aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError)):
        return failures.proxy_refused(asked)
    if isinstance(error, (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch, ssl.SSLError)):
        return failures.tls_refused(asked)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return failures.unknown_name(asked)
    if isinstance(error, aiohttp.ClientConnectorError):
        return failures.nothing_listens(asked)
    if isinstance(error, (aiohttp.ClientResponseError, aiohttp.http.HttpProcessingError)):
        return AttemptFailed(failures.unreadable(asked))
    if isinstance(error, ValueError):
        return failures.bad_address(asked)
    return AttemptFailed(failures.cut(asked, begun=False))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
