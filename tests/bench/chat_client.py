"""A client as cheap as Python allows: one asyncio protocol a chat, over `/ws` or straight to the upstream.

It measures what a person would see: the time from the question to the first token, and each token's age on arrival.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import time
import uuid
from typing import Any
from urllib.request import urlopen

import msgspec

from tests.bench.stamp import Reader


class _Frame(msgspec.Struct):
    type: str
    text: str = ""
    offset: int = 0
    next: int = 0
    status: str = ""


_decode = msgspec.json.Decoder(_Frame).decode


class Chat(asyncio.Protocol):
    """One question and its answer. `reader` holds the tokens; `first_ms` the wait for the first."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.reader = Reader()
        self.asked_ns = 0
        self.first_ms: float | None = None
        self.frames = 0
        self.gaps = 0
        self.ready: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[str] = loop.create_future()
        self.buffer = bytearray()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(f"connection lost: {exc}")

    def ask(self, secret: str) -> None:
        """Ask the question; the secret is for those who sign themselves."""
        raise NotImplementedError

    def got_text(self, text: str) -> None:
        """Text of the answer arrived just now."""
        now = time.monotonic_ns()
        if self.first_ms is None:
            self.first_ms = (now - self.asked_ns) / 1e6
        self.reader.feed(now, text)


class DirectChat(Chat):
    """Reads the upstream itself: what every other number is compared with."""

    def ask(self, secret: str) -> None:
        """Send the signed request."""
        now_ms = time.time_ns() // 1_000_000
        sign = hashlib.sha256(f"{now_ms}:hi:{secret}".encode()).hexdigest()
        ask = {"messages": [{"role": "user", "parts": [{"text": "hi"}]}], "time": now_ms, "pass": None, "sign": sign}
        body = json.dumps(ask).encode()
        self.asked_ns = time.monotonic_ns()
        self.transport.write(b"POST /api/generate HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        self.in_body = False

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.in_body:
            _, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            self.buffer, self.in_body = bytearray(rest), True
        while True:
            end = self.buffer.find(b"\r\n")
            if end < 0:
                return
            size = int(self.buffer[:end], 16)
            if len(self.buffer) < end + size + 4:
                return
            text = self.buffer[end + 2 : end + 2 + size].decode()
            del self.buffer[: end + size + 4]
            if not size:
                self.ended.set_result("done")
                return
            self.frames += 1
            self.got_text(text)


class ParleyChat(Chat):
    """Chats over the WebSocket as the page does."""

    path = "/ws"

    def __init__(self, host: str, cookie: str) -> None:
        super().__init__()
        self.host, self.cookie = host, cookie
        self.open = False
        self.offset = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.transport.write(
            f"GET {self.path} HTTP/1.1\r\nHost: {self.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Extensions: permessage-deflate\r\n"
            f"Origin: http://{self.host}\r\nCookie: {self.cookie}\r\n\r\n".encode()
        )

    def send(self, frame: object) -> None:
        """Send one frame; masked, with the mask that changes nothing."""
        payload = json.dumps(frame).encode()
        size = len(payload)
        head = bytes((0x81, 0x80 | size)) if size < 126 else bytes((0x81, 0xFE)) + size.to_bytes(2, "big")
        self.transport.write(head + b"\0\0\0\0" + payload)

    def ask(self, secret: str) -> None:
        """Ask in a new conversation."""
        self.asked_ns = time.monotonic_ns()
        self.send({"type": "ask", "id": str(uuid.UUID(bytes=os.urandom(16))), "text": "hi"})

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.open:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise AssertionError(bytes(head))
            self.buffer, self.open = bytearray(rest), True
            self.send(self.hello())
        at, end = 0, len(self.buffer)
        while end - at >= 2:
            kind, size, head_size = self.buffer[at], self.buffer[at + 1], 2
            if size == 126:
                size, head_size = int.from_bytes(self.buffer[at + 2 : at + 4], "big"), 4
            elif size == 127:
                size, head_size = int.from_bytes(self.buffer[at + 2 : at + 10], "big"), 10
            if end - at < head_size + size:
                break
            payload = self.buffer[at + head_size : at + head_size + size]
            at += head_size + size
            if kind == 0x89:
                self.transport.write(bytes((0x8A, 0x80, 0, 0, 0, 0)))
            elif kind == 0x81:
                self.read(payload)
        del self.buffer[:at]

    def hello(self) -> object:
        """The first frame."""
        return {"type": "hello", "v": 1}

    def delta(self, offset: int, next_: int, text: str) -> None:
        """A delta of the server."""
        self.frames += 1
        self.gaps += offset != self.offset
        self.offset = next_
        self.got_text(text)

    def read(self, payload: bytearray) -> None:
        """One frame of the server."""
        frame = _decode(payload)
        if frame.type == "delta":
            self.delta(frame.offset, frame.next, frame.text)
        elif frame.type == "hello":
            self.ready.set_result(None)
        elif frame.type == "ended":
            self.ended.set_result(frame.status)
        elif frame.type == "error":
            self.ended.set_result("error")


def new_cookie(url: str) -> str:
    """A new visitor's cookie."""
    with urlopen(f"{url}/api/visitor") as response:
        return str(response.headers["Set-Cookie"]).split(";")[0]
