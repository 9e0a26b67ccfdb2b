"""A small real HTTP server on 127.0.0.1 that plays scripts of exact bytes, delays, hangs and resets.

    with ScriptedServer() as server:
        server.play([reply_head("Transfer-Encoding: chunked"), chunk(b"Hel"), 0.1, chunk(b"lo"), LAST_CHUNK])
        ...                     # ask server.url
        server.requests[0].body

One script answers one request; the last one is used for all that follow. A pause ends when
the client goes away, and `Request.closed` tells when.
"""

from __future__ import annotations

import json
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, Self

LAST_CHUNK = b"0\r\n\r\n"


@dataclass
class Request:
    """What came, and when the client closed the connection (seconds of `time.monotonic`)."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int
    closed: threading.Event = field(default_factory=threading.Event)
    closed_at_s: float = 0.0

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Repeat:
    """Send `data` every `every_s` seconds until the client closes."""

    data: bytes
    every_s: float


Step = bytes | float | Repeat | Literal["hang", "reset", "close"] | Callable[[Request], bytes]


def reply_head(*headers: str, status: str = "200 OK") -> bytes:
    """A reply's status line and headers."""
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode()


def chunk(data: bytes) -> bytes:
    """`data` as one chunk of the chunked transfer encoding."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def whole(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """A whole reply with its length."""
    return reply_head(*headers, f"Content-Length: {len(body)}", status=status) + body


class ClientGone(Exception):
    """The client closed the connection."""


class ScriptedServer:
    """Plays scripts; `requests` holds what it was asked, in order."""

    def __init__(self, tls: ssl.SSLContext | None = None, *, reads_every_s: float = 0) -> None:
        """With `tls` it speaks https. `reads_every_s`: it takes 64 KB of a body so often, and else holds it back."""
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._reads_every_s = reads_every_s
        if reads_every_s:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        self._tls = tls
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.connections = 0
        self.requests: list[Request] = []
        self._arrived = threading.Condition()
        self._scripts: list[Sequence[Step]] = []
        self._connections: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with suppress(OSError):  # whose thread notices, and closes it
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def play(self, *scripts: Sequence[Step]) -> None:
        """Forget what was asked, and answer from now on with these scripts."""
        self._scripts = list(scripts)
        self.requests = []

    def wait_for_request(self, count: int = 1, timeout_s: float = 5) -> Request:
        """The request number `count` (from 1), as soon as it is here."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.requests) >= count, timeout_s), "no request came"
        return self.requests[count - 1]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections.append(connection)
            number = len(self._connections)
            threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with connection:
            try:
                if self._tls is not None:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                while (request := read_request(connection, number, self._reads_every_s)) is not None:
                    with self._arrived:
                        self.requests.append(request)
                        script = self._scripts[min(len(self.requests), len(self._scripts)) - 1]
                        self._arrived.notify_all()
                    try:
                        for step in script:
                            self._perform(step, connection, request)
                    except (ClientGone, ConnectionError):
                        request.closed_at_s = time.monotonic()
                        request.closed.set()
                        return
            except OSError:
                return

    def _perform(self, step: Step, connection: socket.socket, request: Request) -> None:
        if isinstance(step, bytes):
            connection.sendall(step)
        elif isinstance(step, Repeat):
            while True:
                connection.sendall(step.data)
                watch(connection, step.every_s)
        elif isinstance(step, float | int):
            watch(connection, step)
        elif callable(step):
            connection.sendall(step(request))
        elif step == "hang":
            watch(connection, 30)
        else:
            if step == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
            raise OSError("the script ends here")


def watch(connection: socket.socket, seconds: float) -> None:
    """Wait; raises `ClientGone` when the client closes meanwhile."""
    if select.select([connection], [], [], seconds)[0] and connection.recv(1, socket.MSG_PEEK) == b"":
        raise ClientGone


def read_request(connection: socket.socket, number: int = 0, every_s: float = 0) -> Request | None:
    """The next request on a connection; None when there is none."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := connection.recv(65_536)):
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65_536)
        time.sleep(every_s)
    method, target, _ = first.split(" ")
    return Request(method, target, headers, body, number)
