"""Requests to this site's own public address, from outside, as a visitor's browser makes them. Imports no Flask.

It asks that one host only, follows no redirect, reads a bounded number of bytes, and each connection is cut off when
its time is over, however slowly the other side talks.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import NamedTuple
from urllib.parse import urlsplit

STEP_S = 5.0
MOST_BYTES = 100_000
FAILURES = (OSError, http.client.HTTPException)
_AGENT = "Parley self-test"


class Reply(NamedTuple):
    """What came back, errors and redirects too; the body's first `MOST_BYTES`."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class OwnAddress:
    """The site's address without a last slash, such as `https://chat.example.org`, asked until a time is over."""

    def __init__(self, address: str, whole_s: float) -> None:
        """All requests together take `whole_s` seconds at most, beginning now."""
        parts = urlsplit(address)
        self.address = address
        self.secure = parts.scheme == "https"
        self._netloc = parts.netloc
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self.secure else 80)
        self._until_s = time.monotonic() + whole_s

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """What a path answers. Raises one of `FAILURES`."""
        with self._connected() as sock:
            connection = http.client.HTTPConnection(self._host, self._port)
            connection.sock = sock
            connection.request("GET", path, headers={"Host": self._netloc, "User-Agent": _AGENT, **(headers or {})})
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read(MOST_BYTES))

    def open_socket(self, path: str, first: bytes) -> tuple[str, bool]:
        """Open a WebSocket and send `first`: the status, and whether anything came back. Raises one of `FAILURES`."""
        headers = {
            "Host": self._netloc,
            "Origin": self.address,
            "User-Agent": _AGENT,
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": b64encode(b"parley-self-test").decode(),
        }
        head = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        with self._connected() as sock:
            sock.sendall("\r\n".join(head).encode())
            with sock.makefile("rb") as reader:
                words = reader.readline(1000).split()
                status = words[1].decode("ascii", "replace") if len(words) > 1 else "none"
                if status != "101":
                    return status, False
                http.client.parse_headers(reader)
                # A client's frame is masked; by zeros it stays as it is.
                sock.sendall(bytes([0x81, 0x80 | len(first), 0, 0, 0, 0]) + first)
                try:
                    return status, bool(reader.read(1))
                except OSError:
                    return status, False

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        left_s = min(STEP_S, self._until_s - time.monotonic())
        if left_s <= 0:
            raise TimeoutError
        held = [_connection(self._host, self._port, left_s)]
        watch = threading.Timer(left_s, _cut, [held])
        watch.daemon = True
        watch.start()
        try:
            if self.secure:
                # Held before the handshake: the plain socket, from which it takes over, can cut nothing off any more.
                held[0] = secured = ssl.create_default_context().wrap_socket(
                    held[0], server_hostname=self._host, do_handshake_on_connect=False
                )
                secured.do_handshake()
            yield held[0]
        finally:
            watch.cancel()
            held[0].close()


def _connection(host: str, port: int, timeout_s: float) -> socket.socket:
    """A connection within the time. Raises `OSError`.

    In a thread of its own: looking a name up has no timeout, and a name may have many addresses that do not answer.
    """
    tried: Future[socket.socket] = Future()

    def connect() -> None:
        try:
            tried.set_result(socket.create_connection((host, port), timeout=timeout_s))
        except OSError as problem:
            tried.set_exception(problem)

    threading.Thread(target=connect, daemon=True).start()
    try:
        return tried.result(timeout_s)
    except TimeoutError:
        tried.add_done_callback(_close)  # it comes too late for anybody
        raise


def _close(tried: Future[socket.socket]) -> None:
    if tried.exception() is None:
        tried.result().close()


def why(problem: Exception) -> str:
    """What went wrong with a connection, for the owner."""
    if isinstance(problem, TimeoutError):
        return "there was no answer in time."
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted ({problem.verify_message})."
    if isinstance(problem, socket.gaierror):
        return "its name is not known here."
    if isinstance(problem, ConnectionRefusedError):
        return "nothing listens there."
    return "the connection broke off."


def _cut(held: list[socket.socket]) -> None:
    with suppress(OSError):
        held[0].shutdown(socket.SHUT_RDWR)
