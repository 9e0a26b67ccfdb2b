"""What a provider adds between the first token's bytes and its text, beside a bare socket in the same run.

The upstream sends its headers at once and the one token a little later, stamped with the time. Every way of reading
asks in turn, on a core of its own, so that the machine's mood is the same for all.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench import stamp
from tests.bench.stage import CLIENT_CORES, SECRET, SERVER_CORES, percentile, upstream
from webapp.messages import ChatMessage
from webapp.providers import GPROChat, OpenAICompatible
from webapp.providers.gprochat_protocol import sign

PAUSE_S = 0.01
TARGET_MS = 2.0
WARM_UP = 20
QUESTION: list[ChatMessage] = [{"role": "user", "content": "hi"}]
PROVIDERS: dict[str, tuple[Any, dict[str, str]]] = {
    "gprochat": (GPROChat, {"secret": SECRET}),
    "openai": (OpenAICompatible, {}),
}
_TOKEN = re.compile(rb'(?:"content":"|^\w+\r\n)([0-9A-Za-z ]{5})', re.MULTILINE)


@dataclass
class Layer:
    """One kind, one way of reading; milliseconds from the token's stamp to its text."""

    kind: str
    way: str
    p50: float
    p99: float
    added_p50: float = 0.0
    added_p99: float = 0.0


def age_ms(token: str) -> float:
    """How long ago a token was stamped."""
    reader = stamp.Reader()
    reader.feed(time.monotonic_ns(), token)
    (age,) = reader.latency
    if age is None:
        raise SystemExit(f"this is no token: {token!r}")
    return float(age)


def _request(kind: str, port: int) -> bytes:
    if kind == "gprochat":
        now_ms = time.time_ns() // 1_000_000
        fields = {"messages": [{"role": "user", "parts": [{"text": "hi"}]}], "time": now_ms, "pass": None}
        path, body = "/api/generate", json.dumps({**fields, "sign": sign(now_ms, "hi", SECRET)}).encode()
    else:
        path, body = "/v1/chat/completions", json.dumps({"stream": True, "messages": QUESTION}).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def ask_socket(kind: str, port: int) -> float:
    """A bare socket: when the bytes with the token can be read."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(_request(kind, port))
        body = b""
        while not (found := _TOKEN.search(body)):
            body += connection.recv(65_536)
            if b"\r\n\r\n" in body and body.startswith(b"HTTP"):
                body = body.partition(b"\r\n\r\n")[2]
        return age_ms(found[1].decode())


def ask_provider(kind: str, port: int) -> float:
    """The synchronous twin."""
    provider, options = PROVIDERS[kind]
    texts = provider.create_completion("", QUESTION, base_url=f"http://127.0.0.1:{port}", **options)
    age = age_ms(next(texts))
    list(texts)  # to the end, so that the connection is used again as it is in the server
    return age


def ask_provider_async(kind: str, port: int) -> float:
    """The asynchronous twin."""
    provider, options = PROVIDERS[kind]

    async def run() -> float:
        texts = provider.create_async_generator("", QUESTION, base_url=f"http://127.0.0.1:{port}", **options)
        age = age_ms(await anext(texts))
        async for _ in texts:
            pass
        return age

    return asyncio.run(run())


WAYS: dict[str, Callable[[str, int], float]] = {
    "socket": ask_socket,
    "requests": ask_provider,
    "aiohttp": ask_provider_async,
}


def measure_kind(kind: str, asks: int) -> list[Layer]:
    """All ways of reading one kind of upstream."""
    ages: dict[str, list[float]] = {way: [] for way in WAYS}
    with upstream(1, 0, "--delay", str(PAUSE_S)) as (port, _):
        for number in range(WARM_UP + asks):
            for way, ask in WAYS.items():
                age = ask(kind, port)
                if number >= WARM_UP:
                    ages[way].append(age)
    layers = [Layer(kind, way, percentile(values, 0.5), percentile(values, 0.99)) for way, values in ages.items()]
    for layer in layers:
        layer.added_p50, layer.added_p99 = layer.p50 - layers[0].p50, layer.p99 - layers[0].p99
    return layers


def measure(asks: int) -> list[dict[str, object]]:
    """Both kinds; prints what each way of reading takes, and what it adds to the bare socket."""
    os.sched_setaffinity(0, SERVER_CORES)
    try:
        layers = [layer for kind in PROVIDERS for layer in measure_kind(kind, asks)]
    finally:
        os.sched_setaffinity(0, CLIENT_CORES)
    for layer in layers:
        print(
            f"first delta, {layer.kind} over {layer.way}: {layer.p50:.2f}, {layer.p99:.2f} ms; added to the bare "
            f"socket {layer.added_p50:.2f}, {layer.added_p99:.2f} ms (mark {TARGET_MS:g})"
        )
    return [asdict(layer) for layer in layers]
