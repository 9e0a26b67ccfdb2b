"""A live share with many readers: how old each token is when it reaches them, and what that costs the server.

One visitor asks over a connection of their own; everybody else follows through the share's token, over WebSockets. The
readers' program is on the other core. Delays are of tokens, from the upstream's emission to each reader.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

import msgspec
import uvloop

from tests.bench.chat_client import ParleyChat, new_cookie
from tests.bench.stage import cpu_s, memory_kb, parley, percentile, upstream
from tests.parley_server import ParleyServer

AT_ONCE = 50  # handshakes
RATE = 80.0  # tokens a second


@dataclass
class Watched:
    """One answer and all who read it; milliseconds unless said otherwise."""

    readers: int
    rate: float
    tokens: int
    lost: int
    delay_p50: float
    delay_p99: float
    delay_most: float
    asker_p50: float
    asker_p99: float
    first_p50: float
    first_p99: float
    frames_a_second: float
    different_frames: int
    """Over all readers: how many deltas were serialised at the least."""
    server_core: float
    """The share of its core that the server used while the answer was written."""
    idle_kb: float
    """Memory a reader's socket costs before there is anything to read."""
    socket_kb: float
    """The same in the middle of the answer."""
    revoked_ms: float
    """From the request to revoke until the last reader was closed."""


class _Frame(msgspec.Struct):
    type: str
    text: str = ""
    offset: int = 0
    next: int = 0
    status: str = ""
    what: str = ""
    code: str = ""
    answer: Any = None


class ShareReader(ParleyChat):
    """Follows each answer that a share gets, from its beginning."""

    path = "/ws?share"

    def __init__(self, host: str, token: str, seen: Counter[tuple[int, int]]) -> None:
        """`seen` counts the deltas that all readers of this program were sent, by their offsets."""
        super().__init__(host, "")
        self.token, self.seen = token, seen
        self.closed: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.code = ""

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if not self.closed.done():
            self.closed.set_result(time.monotonic())

    def hello(self) -> object:
        return {"type": "hello", "v": 1, "share": self.token}

    def read(self, payload: bytearray) -> None:
        frame = _decode(payload)
        if frame.type == "delta":
            self.seen[frame.offset, frame.next] += 1
            self.delta(frame.offset, frame.next, frame.text)
        elif frame.type == "changed" and frame.what == "turn":
            self.asked_ns = time.monotonic_ns()
            self.send({"type": "follow", "answer": frame.answer["id"]})
        elif frame.type == "hello":
            self.ready.set_result(None)
        elif frame.type == "ended" and not self.ended.done():
            self.ended.set_result(frame.status)
        elif frame.type == "error":
            self.code = frame.code


_decode = msgspec.json.Decoder(_Frame).decode


def measure_all(counts: Sequence[int], tokens: int) -> list[Watched]:
    """Each number of readers, at the speed of a quick model."""
    rows = [measure(count, RATE, tokens) for count in counts]
    print(table(rows), flush=True)
    return rows


def measure(readers: int, rate: float, tokens: int) -> Watched:
    """Have so many readers follow one answer."""
    with upstream(tokens, rate) as (port, _), parley(port) as (server, worker):
        watched = uvloop.run(_measure(server, worker, readers, rate, tokens))
        log = server.log()
    if "Traceback" in log:
        raise SystemExit(log[-3000:])
    return watched


async def _measure(server: ParleyServer, worker: int, count: int, rate: float, tokens: int) -> Watched:
    cookie = await asyncio.to_thread(new_cookie, server.url)
    share, conversation, leaf = await asyncio.to_thread(_share, server, cookie)
    loop = asyncio.get_running_loop()
    host = f"127.0.0.1:{server.port}"
    asker = (await loop.create_connection(lambda: ParleyChat(host, cookie), "127.0.0.1", server.port))[1]
    await asker.ready
    seen: Counter[tuple[int, int]] = Counter()
    token = share["url"].rpartition("/")[2]
    readers: list[ShareReader] = []
    before_kb = 0.0
    for number in range(0, count, AT_ONCE):
        before_kb = memory_kb(worker) if number <= AT_ONCE else before_kb  # the first ones are for warming up
        some = [
            (await loop.create_connection(lambda: ShareReader(host, token, seen), "127.0.0.1", server.port))[1]
            for _ in range(min(AT_ONCE, count - len(readers)))
        ]
        await asyncio.wait_for(asyncio.gather(*(reader.ready for reader in some)), 30)
        readers += some
    await asyncio.sleep(1)
    idle_kb = (memory_kb(worker) - before_kb) / max(1, count - AT_ONCE)
    used_s, begun_s = cpu_s(worker), time.monotonic()
    asker.asked_ns = time.monotonic_ns()
    asker.send(
        {"type": "ask", "id": "00000000-0000-4000-8000-000000000002", "text": "hi", "conversation": conversation,
         "parent": leaf}
    )  # fmt: skip
    await asyncio.sleep(tokens / rate / 2)
    socket_kb = (memory_kb(worker) - before_kb) / max(1, count - AT_ONCE)
    await asyncio.wait_for(asyncio.gather(asker.ended, *(reader.ended for reader in readers)), 60 + 2 * tokens / rate)
    took_s = time.monotonic() - begun_s
    used_s = cpu_s(worker) - used_s
    revoked_s = time.monotonic()
    await asyncio.to_thread(_call, server, cookie, "DELETE", f"/api/shares/{share['id']}")
    closed_s = await asyncio.wait_for(asyncio.gather(*(reader.closed for reader in readers)), 30)
    bad = {reader.ended.result() for reader in readers} - {"done"} or {reader.code for reader in readers} - {
        "share_ended"
    }
    if bad:
        raise SystemExit(f"some readers did not see the end: {bad}\n{server.log()[-2000:]}")
    delays = [delay for reader in readers for delay in reader.reader.latency if delay is not None]
    firsts = [reader.first_ms for reader in readers if reader.first_ms is not None]
    return Watched(
        readers=count,
        rate=rate,
        tokens=tokens,
        lost=sum(tokens - len(reader.reader.arrived) + reader.reader.corrupt + reader.gaps for reader in readers),
        delay_p50=percentile(delays, 0.5),
        delay_p99=percentile(delays, 0.99),
        delay_most=max(delays),
        asker_p50=percentile(asker.reader.latency, 0.5),
        asker_p99=percentile(asker.reader.latency, 0.99),
        first_p50=percentile(firsts, 0.5),
        first_p99=percentile(firsts, 0.99),
        frames_a_second=sum(reader.frames for reader in readers) / took_s,
        different_frames=len(seen),
        server_core=used_s / took_s,
        idle_kb=idle_kb,
        socket_kb=socket_kb,
        revoked_ms=(max(closed_s) - revoked_s) * 1000,
    )


def _share(server: ParleyServer, cookie: str) -> tuple[Any, str, str]:
    """A live share of a conversation that has one answer already."""
    turn = _call(server, cookie, "POST", "/api/ask", {"id": "00000000-0000-4000-8000-000000000001", "text": "hi"})
    conversation, answer = turn["conversation"]["id"], turn["answer"]["id"]
    while _call(server, cookie, "GET", f"/api/answers/{answer}")["answer"]["status"] == "running":
        time.sleep(0.1)
    wanted = {"conversation": conversation, "kind": "live", "scope": "whole"}
    return _call(server, cookie, "POST", "/api/shares", wanted)["share"], conversation, answer


def _call(server: ParleyServer, cookie: str, method: str, path: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"{server.url}{path}", data, {"Cookie": cookie}, method=method)
    with urlopen(request, timeout=60) as response:
        return json.loads(response.read() or b"null")


def table(rows: list[Watched]) -> str:
    """The figures as Markdown."""
    lines = [
        "| readers | tokens/s | lost | first text p50, p99 | delay a token p50, p99, most | the asker's p50, p99 "
        "| frames/s | different frames | server's core | kB a socket: idle, reading | revoked |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.readers} | {row.rate:.0f} | {row.lost} | {row.first_p50:.0f}, {row.first_p99:.0f} ms "
        f"| {row.delay_p50:.0f}, {row.delay_p99:.0f}, {row.delay_most:.0f} ms "
        f"| {row.asker_p50:.1f}, {row.asker_p99:.0f} ms | {row.frames_a_second:,.0f} | {row.different_frames} "
        f"| {row.server_core:.0%} | {row.idle_kb:.0f}, {row.socket_kb:.0f} | {row.revoked_ms:.0f} ms |"
        for row in rows
    ]
    return "\n".join(lines)
