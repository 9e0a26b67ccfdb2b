"""An upstream that sends faster than anybody reads, or sends without end what says nothing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from contextlib import aclosing
from pathlib import Path

import pytest

from tests.providers.conftest import HELLO, Chat, Twin, event
from tests.scripted_server import Repeat, ScriptedServer, Step, chunk, reply_head
from webapp.errors import UpstreamCut
from webapp.providers import failures, openai_errors, openai_exchange
from webapp.providers.error_reply import Reply
from webapp.providers.failures import Asked

STREAM = reply_head("Content-Type: text/event-stream", "Connection: close")
GZIP = reply_head("Content-Type: text/event-stream", "Content-Encoding: gzip", "Connection: close")


def saying(content: str) -> bytes:
    return event({"choices": [{"delta": {"content": content}}]})


def using(tokens: int) -> bytes:
    return event({"choices": [], "usage": {"prompt_tokens": tokens}})


BARREN = {
    "comments": b": keep-alive\n" * 5_000,
    "empty deltas": saying("") * 1_000,
    "usage that changes": (using(1) + using(2)) * 500,
    "white space after the thoughts": saying("      ") * 1_000,
    "no events": b"id: 1\n\n" * 5_000,
}


def for_ever(data: bytes) -> list[Step]:
    """Sent on and on, though the client says that it has heard enough."""
    return [lambda _: data] * 100_000


TRAILERS = for_ever(b"X: y\r\n" * 9_000)
# Thoughts count at the very start only.
BEGIN = {"white space after the thoughts": saying("<think>a</think>")}
FLOODS: dict[str, list[Step]] = {
    **{name: [STREAM, BEGIN.get(name, b""), Repeat(data, 0)] for name, data in BARREN.items()},
    "text": [STREAM, Repeat(saying("word ") * 1_000, 0)],
    "small chunks": [reply_head("Transfer-Encoding: chunked"), Repeat(chunk(b":\n") * 5_000, 0)],
    "trailers": [reply_head("Transfer-Encoding: chunked"), chunk(saying("a")), b"0\r\n", *TRAILERS],
    "trailers after the end": [reply_head("Transfer-Encoding: chunked"), chunk(saying("a") + b"data: [DONE]\n\n"),
                               b"0\r\n", *TRAILERS],
    "replies before the reply": for_ever(b"HTTP/1.1 100 Continue\r\n\r\n" * 3_000),
    "compressed nothing": [GZIP, b"\x1f\x8b\x08\0\0\0\0\0\0\xff", *for_ever(b"\0\0\0\xff\xff" * 15_000)],
}  # fmt: skip

# Prints what the answer ended with; while it comes, this asks for its turn to stop it.
UNDER_GEVENT = """
from gevent import monkey; monkey.patch_all()
import sys, gevent
from webapp.providers import OpenAICompatible, openai_exchange
from webapp.providers.base import StopSignal

openai_exchange.MOST_BARREN_BYTES = 1 << 60
stop, said = StopSignal(), [{"role": "user", "content": "Hello"}]

def ask():
    for _ in OpenAICompatible.create_completion("m", said, base_url=sys.argv[1], stop=stop):
        pass

asking = gevent.spawn(ask)
for _ in range(20):
    gevent.sleep(0.01)
running = not asking.ready()
stop.set()
asking.join(10)
print(running, asking.successful())
"""


@pytest.mark.parametrize("script", FLOODS.values(), ids=FLOODS)
def test_a_flood_leaves_others_their_turn_under_gevent(script: list[Step], server: ScriptedServer) -> None:
    server.play(script)
    command = [sys.executable, "-c", UNDER_GEVENT, server.url]
    root = Path(__file__).parents[2]
    ran = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True, timeout=60)
    assert (ran.stdout, ran.stderr) == ("True True\n", "")


def test_a_flood_leaves_others_their_turn_under_asyncio(server: ScriptedServer) -> None:
    """All that came while the consumer was busy is not handed over in one go."""
    client = Twin("aiohttp")
    server.play([client.head, chunk(b"first"), 0.05, chunk(b"a" * 3_000_000), "hang"])
    lengths: dict[int, int] = {}

    async def ask() -> None:
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        running = asyncio.create_task(others())
        texts = client.provider.create_async_generator("", HELLO, base_url=server.url, **client.own)
        async with aclosing(texts) as answer:
            async for text in answer:
                lengths[turns] = lengths.get(turns, 0) + len(text)
                if text == "first":
                    await asyncio.sleep(0.5)
                if sum(lengths.values()) >= 3_000_000:
                    break
        running.cancel()

    asyncio.run(ask())
    assert max(lengths.values()) <= 65_536


@pytest.mark.parametrize("name", BARREN)
def test_a_stream_that_says_nothing_is_given_up(
    name: str, chat: Chat, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai_exchange, "MOST_BARREN_BYTES", 1_000_000)
    server.play([STREAM, BEGIN.get(name, saying("so far")), Repeat(BARREN[name], 0)])
    asked = chat.ask(server.url)
    assert type(asked.error) is UpstreamCut
    assert "nothing is said" in asked.error.advice
    assert (asked.text, asked.reasoning) == (("", "a") if name in BEGIN else ("so far", ""))
    assert server.requests[0].closed.wait(10)


def test_now_and_then_a_word_keeps_a_stream_going(
    chat: Chat, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai_exchange, "MOST_BARREN_BYTES", 1_000_000)
    thought = event({"choices": [{"delta": {"reasoning_content": "hm"}}]})
    pause = BARREN["comments"] * 10
    server.play([STREAM, pause, thought, pause, saying("a"), pause, saying("b"), pause, b"data: [DONE]\n\n"])
    asked = chat.ask(server.url)
    assert (asked.text, asked.reasoning, asked.error) == ("ab", "hm", None)


BODIES = {
    "titles": b"<html>" + b"<title>" * 2_000_000,
    "titles that close": b"<html>" + b"<title></titl" * 1_000_000,
    "a tag without end": b"<html><title" + b" " * 10_000_000,
    "white space": b" " * 10_000_000,
    "delays": b'"retryDelay" : "' * 600_000,
    "models": b"model " * 2_000_000,
    "pictures": b"image not " * 1_000_000,
    "credit": b'{"message":"' + b"insufficient " * 1_000_000 + b'"}',
    "lists": b"[" * 10_000_000,
    "a code that is a tree": b'{"error":{"code":' + b"[" * 400 + b"]" * 400 + b',"message":"x"}}',
    "complaints": b'{"detail":[' + b",".join([b'{"loc":[[1],{}],"msg":{}}'] * 300_000) + b"]}",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("status", [200, 400, 404, 500])
def test_no_error_takes_long_to_read(body: bytes, status: int) -> None:
    asked = Asked("http://h/v1", {}, ("secret",))
    begun_s = time.process_time()
    assert openai_errors.explain(Reply.of(status, {}, body), asked, 0).error.message
    assert failures.web_page(Reply(status, {}, body), asked, 0).message
    failures.in_between(Reply.of(status, {}, body), asked, 0)
    openai_errors.in_stream({"error": {"code": body.decode(), "type": body.decode(), "message": body.decode()}}, asked)
    assert time.process_time() - begun_s < 1
