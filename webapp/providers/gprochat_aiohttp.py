"""The bytes of a reply over aiohttp, for `GPROChat.create_async_generator`. `Exchange` knows the rest."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator

import aiohttp

from webapp.errors import UpstreamError
from webapp.providers import gprochat_errors
from webapp.providers.gprochat_errors import AttemptFailed
from webapp.providers.gprochat_protocol import Exchange

# Pieces the consumer may lag behind before the upstream is held back.
QUEUED_PIECES = 4096
# A reply that breaks the rules of chunks arrives as the parser's own error, which is no ClientError.
_TRANSPORT_ERRORS = (aiohttp.ClientError, aiohttp.http.HttpProcessingError, OSError)


async def read_reply(exchange: Exchange, proxy: str | None) -> AsyncGenerator[bytes, None]:
    """Yield the answer's bytes as they come; raises `UpstreamError` after the last byte.

    Closing it closes the connection.
    """
    options = exchange.options
    timeout = aiohttp.ClientTimeout(total=None, connect=options.connect_timeout_s, sock_read=options.silence_timeout_s)
    # A session of its own: nothing of the upstream's outlives the question, and the environment is not asked.
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as session:
        response = await _open(session, exchange, proxy)
        try:
            pieces: asyncio.Queue[bytes] = asyncio.Queue(QUEUED_PIECES)
            pump = asyncio.create_task(_pump(response, pieces, exchange))
            try:
                while piece := await pieces.get():
                    yield piece
                await pump
            finally:
                pump.cancel()
                await asyncio.gather(pump, return_exceptions=True)
        finally:
            response.close()


async def _pump(response: aiohttp.ClientResponse, pieces: asyncio.Queue[bytes], exchange: Exchange) -> None:
    """Take the bytes off aiohttp the moment they come; an empty piece is the end, good or bad.

    aiohttp forgets what it has read as soon as it notices a cut, so a consumer that pauses would lose text it
    was sent.
    """
    try:
        while data := await _read(response, exchange.options.silence_timeout_s):
            await pieces.put(data)
    except Exception as error:
        # Whatever it was, the consumer must wake. (A cancellation comes from the consumer itself.)
        await pieces.put(b"")
        if isinstance(error, _TRANSPORT_ERRORS):
            raise _cut(error, response, exchange) from error
        raise
    await pieces.put(b"")


async def _read(response: aiohttp.ClientResponse, silence_timeout_s: float) -> bytes:
    # aiohttp 3.14 has a timeout for this too, but after a malformed chunk it closes the connection, stops its timer
    # and tells the reader nothing.
    async with asyncio.timeout(silence_timeout_s):
        return await response.content.readany()


def _cut(error: Exception, response: aiohttp.ClientResponse, exchange: Exchange) -> UpstreamError:
    if isinstance(error, TimeoutError):
        return gprochat_errors.silent(exchange.options.url, exchange.options.silence_timeout_s)
    return gprochat_errors.cut(exchange.options.url, begun=response.content.total_bytes > 0)


async def _open(session: aiohttp.ClientSession, exchange: Exchange, proxy: str | None) -> aiohttp.ClientResponse:
    """The reply whose body is the answer, after as many attempts as are due."""
    while True:
        try:
            return await _attempt(session, exchange, proxy)
        except AttemptFailed as failed:
            await asyncio.sleep(exchange.retry_delay_s(failed))


async def _attempt(session: aiohttp.ClientSession, exchange: Exchange, proxy: str | None) -> aiohttp.ClientResponse:
    signed = exchange.request(_now_ms())
    try:
        response = await session.post(
            signed.url, data=signed.body, headers=signed.headers, proxy=proxy, allow_redirects=False
        )
    except (*_TRANSPORT_ERRORS, ValueError) as error:
        raise _not_answered(error, exchange) from error
    if exchange.is_answer(response.status, response.headers):
        return response
    raise await _refused(response, exchange)


async def _refused(response: aiohttp.ClientResponse, exchange: Exchange) -> AttemptFailed:
    body = b""
    try:
        while len(body) < gprochat_errors.MAX_ERROR_BODY_BYTES and (
            data := await _read(response, exchange.options.silence_timeout_s)
        ):
            body += data
    except _TRANSPORT_ERRORS:
        pass  # Half an error reply still has its status, and its beginning says the most.
    finally:
        response.close()
    return exchange.refusal(response.status, response.headers, body, _now_ms())


def _not_answered(error: Exception, exchange: Exchange) -> AttemptFailed:
    """Why no reply came, in the terms of the protocol."""
    url, options = exchange.options.url, exchange.options
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return gprochat_errors.unreachable(url, f"no answer within {options.connect_timeout_s:g} seconds.")
    if isinstance(error, TimeoutError):
        return AttemptFailed(gprochat_errors.silent(url, options.silence_timeout_s))
    if isinstance(error, (aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError)):
        return gprochat_errors.unreachable(url, "the proxy does not let us through; check GPROCHAT_PROXY.")
    if isinstance(error, (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch, ssl.SSLError)):
        return gprochat_errors.unreachable(url, "its TLS certificate or protocol is not accepted.")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return gprochat_errors.unreachable(url, "the name is unknown; check GPROCHAT_URL.")
    if isinstance(error, aiohttp.ClientConnectorError):
        return gprochat_errors.nothing_listens(url)
    if isinstance(error, ValueError):
        return gprochat_errors.unreachable(url, "check the addresses in GPROCHAT_URL and GPROCHAT_PROXY.")
    return AttemptFailed(gprochat_errors.cut(url, begun=False))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
