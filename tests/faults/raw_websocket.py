"""A WebSocket client of bytes: for handshakes and frames that no proper client would send, and for reading oddly."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from tests.parley_server import Visitor

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


@dataclass(frozen=True)
class Frame:
    """One frame as it came."""

    opcode: int
    final: bool
    payload: bytes

    @property
    def close_code(self) -> int:
        """The code of a close frame; 1005 when it has none."""
        return int.from_bytes(self.payload[:2], "big") if len(self.payload) >= 2 else 1005


def masked(opcode: int, payload: bytes, *, final: bool = True, mask: bytes = b"\0\0\0\0") -> bytes:
    """A frame as a client sends it; the default mask leaves the payload as it is."""
    first = (0x80 if final else 0) | opcode
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", first, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", first, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, size)
    return head + mask + payload


HELLO = masked(TEXT, b'{"type": "hello", "v": 1}')


class RawWebSocket:
    """A socket to a server after `GET <path>` with the headers of a handshake; `reply` is the response's head."""

    def __init__(
        self,
        url: str,
        path: str = "/ws",
        headers: dict[str, str | None] | None = None,
        *,
        receive_buffer: int | None = None,
        timeout_s: float = 20,
    ) -> None:
        """`headers` are added to the usual ones; None takes one away."""
        address = urlsplit(url)
        self.sock = socket.socket()
        if receive_buffer is not None:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(timeout_s)
        self.sock.connect((str(address.hostname), int(address.port or 80)))
        sent: dict[str, str | None] = {"Host": address.netloc, "Origin": url, **HANDSHAKE, **(headers or {})}
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items() if value is not None)]
        self.sock.sendall("\r\n".join([*lines, "", ""]).encode())
        data = b""
        try:
            while b"\r\n\r\n" not in data and (more := self.sock.recv(65536)):
                data += more
        except OSError:
            self.sock.close()
            raise
        head, _, self._rest = data.partition(b"\r\n\r\n")
        self.reply = head.decode("latin-1")

    @classmethod
    def of(cls, visitor: Visitor, *, receive_buffer: int | None = None, timeout_s: float = 20) -> Self:
        """An open connection of a visitor that has said hello and read the answer."""
        headers: dict[str, str | None] = {"Cookie": visitor.cookie}
        raw = cls(visitor.server.url, headers=headers, receive_buffer=receive_buffer, timeout_s=timeout_s)
        raw.send(HELLO)
        assert b'"hello"' in raw.frame().payload
        return raw

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    @property
    def status(self) -> int:
        """The response's status."""
        return int(self.reply.split(" ", 2)[1])

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.sock.sendall(data)

    def say(self, frame: object) -> None:
        """Send one of Parley's frames."""
        self.send(masked(TEXT, json.dumps(frame).encode()))

    def _read(self, size: int) -> bytes:
        while len(self._rest) < size:
            more = self.sock.recv(65536)
            if not more:
                raise ConnectionError("the server closed the connection")
            self._rest += more
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    def frame(self) -> Frame:
        """The next frame; checks that it is one a server may send. Raises `ConnectionError` at the end."""
        first, second = self._read(2)
        assert not first & 0x70, f"reserved bits or deflate in {first:#x}"
        assert first & 0x0F in {0, TEXT, BINARY, CLOSE, PING, PONG}, f"no such opcode in {first:#x}"
        assert not second & 0x80, "a server's frame must not be masked"
        size = second & 0x7F
        if size == 126:
            size = int.from_bytes(self._read(2), "big")
        elif size == 127:
            size = int.from_bytes(self._read(8), "big")
        return Frame(first & 0x0F, bool(first & 0x80), self._read(size))

    def frames(self) -> Iterator[Frame]:
        """All frames until the connection ends."""
        while True:
            try:
                yield self.frame()
            except ConnectionError:
                return

    def goodbye(self) -> tuple[list[bytes], int]:
        """The texts that came until the close frame, and its code; answers the close as a client should."""
        texts = []
        for frame in self.frames():
            if frame.opcode == TEXT:
                texts.append(frame.payload)
            elif frame.opcode == CLOSE:
                with suppress(OSError):  # a server that was sent too much does not wait for it
                    self.send(masked(CLOSE, frame.payload))
                return texts, frame.close_code
        raise AssertionError(f"the connection ended without a close frame, after {texts}")
