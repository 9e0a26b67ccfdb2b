"""One TLS port for many names: chat.test is Parley behind a proxy, every other name a site with pages of the test.

Everything that comes in is written down. It runs in a thread of its own; real sockets, and nothing kept back.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from tests.browser.certificate import tls

CHAT = "chat.test"
HEAD_END = b"\r\n\r\n"


@dataclass
class Seen:
    """One request, as it came in, and what it was answered with."""

    scheme: str
    method: str
    host: str
    target: str
    headers: Mapping[str, str]
    status: int = 0
    answer_headers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The whole address."""
        return f"{self.scheme}://{self.host}{self.target}"

    @property
    def path(self) -> str:
        """The address without the site and the query."""
        return self.target.partition("?")[0]

    @property
    def at_chat(self) -> bool:
        """Whether it was for Parley, and not for a host page."""
        return self.host.partition(":")[0] == CHAT

    @property
    def set_cookies(self) -> list[str]:
        """The cookies that the answer set."""
        return [value for name, value in self.answer_headers if name.lower() == "set-cookie"]


@dataclass(frozen=True)
class Page:
    """What a host answers at one path."""

    body: bytes
    headers: Mapping[str, str]


class Front:
    """`with Front(server.port) as front:` listens on `front.port` with TLS and on `front.plain_port` without."""

    def __init__(self, behind: int) -> None:
        """`behind` is the port of Parley."""
        self._behind = behind
        self._ready = threading.Event()
        self._open: set[asyncio.StreamWriter] = set()
        self.port = self.plain_port = 0
        self.seen: list[Seen] = []
        self.pages: dict[tuple[str, str], Page] = {}
        self.cut_off = False
        self.blocks_websockets = False
        self.client_address = "203.0.113.7"
        self.adds_headers: dict[str, str] = {}
        """What a proxy in the way adds to every answer of Parley."""

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    def drop(self) -> None:
        """End every open connection, as a network does that goes away."""
        dropped = threading.Event()

        def now() -> None:
            for writer in list(self._open):
                writer.transport.abort()
            dropped.set()

        self._loop.call_soon_threadsafe(now)
        assert dropped.wait(5)

    async def _run(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_exception_handler(lambda *_: None)  # a browser that hangs up in the middle is no news
        served = await asyncio.start_server(self._serve_tls, "127.0.0.1", 0, ssl=tls(), backlog=256)
        plain = await asyncio.start_server(self._serve_plain, "127.0.0.1", 0, backlog=256)
        self.port = served.sockets[0].getsockname()[1]
        self.plain_port = plain.sockets[0].getsockname()[1]
        self._ready.set()
        await self._over.wait()
        served.close()
        plain.close()
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(0.05)  # the loop needs a turn for it

    async def _serve_tls(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._serve("https", reader, writer)

    async def _serve_plain(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._serve("http", reader, writer)

    async def _serve(self, scheme: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while not self.cut_off:
                head = await reader.readuntil(HEAD_END)
                seen = _read_head(scheme, head)
                self.seen.append(seen)
                if seen.at_chat:
                    await self._forward(seen, reader, writer)
                    return
                self._answer(seen, writer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # Whoever hung up has heard enough.
        finally:
            self._open.discard(writer)
            with contextlib.suppress(OSError):
                writer.close()

    def _answer(self, seen: Seen, writer: asyncio.StreamWriter) -> None:
        """A host's own page. It takes no bodies: hosts are only ever read."""
        page = self.pages.get((seen.host.partition(":")[0], seen.path))
        seen.status = 200 if page else 404
        body = page.body if page else b""
        lines = [f"HTTP/1.1 {seen.status} .", f"Content-Length: {len(body)}"]
        headers = {"Content-Type": "text/html; charset=utf-8", **(page.headers if page else {})}
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)

    async def _forward(self, seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection, or a tunnel once it is a WebSocket."""
        upgrade = "upgrade" in seen.headers
        if upgrade and self.blocks_websockets:
            return
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._behind)
        self._open.add(behind_writer)
        try:
            behind_writer.write(_head_for_parley(seen, self.client_address, upgrade))
            onwards = asyncio.create_task(_carry(reader, behind_writer))
            try:
                head = await behind_reader.readuntil(HEAD_END)
                writer.write(_read_answer(seen, head, self.adds_headers))
                await _carry(behind_reader, writer)
            finally:
                onwards.cancel()
        finally:
            self._open.discard(behind_writer)
            behind_writer.close()


def _read_head(scheme: str, head: bytes) -> Seen:
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    method, target, _ = first.split(" ", 2)
    return Seen(scheme, method, headers.get("host", ""), target, headers)


def _head_for_parley(seen: Seen, address: str, upgrade: bool) -> bytes:
    """What a proxy makes of it: who asked and how is its own word, and nobody else's."""
    own = {"connection", "x-forwarded-for", "x-forwarded-proto"}
    lines = [f"{name}: {value}" for name, value in seen.headers.items() if name not in own]
    lines += [f"X-Forwarded-For: {address}", f"X-Forwarded-Proto: {seen.scheme}"]
    lines += ["Connection: Upgrade" if upgrade else "Connection: close"]
    return "\r\n".join([f"{seen.method} {seen.target} HTTP/1.1", *lines, "", ""]).encode("latin-1")


def _read_answer(seen: Seen, head: bytes, added: Mapping[str, str]) -> bytes:
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    seen.status = int(first.split(" ")[1])
    seen.answer_headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    lines += [f"{name}: {value}" for name, value in added.items()]
    return "\r\n".join([first, *lines, "", ""]).encode("latin-1")


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
