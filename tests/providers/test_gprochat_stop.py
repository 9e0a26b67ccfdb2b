"""Stop closes the upstream within 200 ms wherever the answer stands: in threads and under gevent."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.providers.conftest import HELLO
from tests.scripted_server import LAST_CHUNK, Repeat, ScriptedServer, Step, chunk, reply_head, whole
from webapp.providers import GPROChat
from webapp.providers.base import StopSignal

CHUNKED = reply_head("Transfer-Encoding: chunked")
PLACES: dict[str, list[Step]] = {
    "before the headers": ["hang"],
    "in the middle of the headers": [b"HTTP/1.1 200 OK\r\nX: ", "hang"],
    "before the first byte": [CHUNKED, "hang"],
    "between two chunks": [CHUNKED, chunk(b"word "), "hang"],
    "in the middle of a chunk": [CHUNKED, b"ff\r\nword ", "hang"],
    "in the middle of a length": [reply_head("Content-Length: 99"), b"word ", "hang"],
    "without a length": [reply_head("Connection: close"), b"word ", "hang"],
    "in a steady stream": [CHUNKED, Repeat(chunk(b"word "), 0.005)],
}
AT_EVERY_PLACE = pytest.mark.parametrize("script", PLACES.values(), ids=PLACES)

# Prints when the stop was set (seconds of the clock all processes share), and what came.
UNDER_GEVENT = """
from gevent import monkey; monkey.patch_all()
import sys, time, gevent
from webapp.providers import GPROChat
from webapp.providers.base import StopSignal

for _ in range(int(sys.argv[2])):
    stop, said = StopSignal(), [{"role": "user", "content": "Hello"}]
    asking = gevent.spawn(lambda: "".join(GPROChat.create_completion("", said, base_url=sys.argv[1], stop=stop)))
    gevent.sleep(0.15)
    at_s = time.monotonic()
    stop.set()
    asking.join(2)
    print(at_s, time.monotonic(), asking.successful(), repr(asking.value))
"""


def assert_closed_in_time(server: ScriptedServer, stopped_at_s: float, count: int = 1) -> None:
    request = server.requests[count - 1]
    assert request.closed.wait(2), "the upstream's connection is still open"
    assert request.closed_at_s - stopped_at_s < 0.2


@AT_EVERY_PLACE
@pytest.mark.parametrize("kept_alive", [False, True])
def test_stop_in_a_thread(script: list[Step], kept_alive: bool, server: ScriptedServer) -> None:
    server.play(*([[whole(b"warm up")], script] if kept_alive else [script]))
    if kept_alive:
        list(GPROChat.create_completion("", HELLO, base_url=server.url))
    stop, pieces = StopSignal(), []

    def ask() -> None:
        pieces.extend(GPROChat.create_completion("", HELLO, base_url=server.url, stop=stop))

    thread = threading.Thread(target=ask)
    thread.start()
    server.wait_for_request(1 + kept_alive)
    time.sleep(0.05)
    stopped_at_s = time.monotonic()
    stop.set()
    thread.join(1)
    assert time.monotonic() - stopped_at_s < 0.2
    assert not thread.is_alive()
    assert set("".join(pieces)) <= set("word ")
    assert_closed_in_time(server, stopped_at_s, 1 + kept_alive)


def test_stop_under_gevent(server: ScriptedServer) -> None:
    server.play(*PLACES.values())
    command = [sys.executable, "-c", UNDER_GEVENT, server.url, str(len(PLACES))]
    root = Path(__file__).parents[2]
    ran = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True, timeout=30)
    lines = ran.stdout.splitlines()
    assert len(lines) == len(PLACES)
    assert ran.stderr == ""
    for count, line in enumerate(lines, 1):
        stopped_at_s, ended_at_s, quiet, _ = line.split(" ", 3)
        assert quiet == "True", line
        assert float(ended_at_s) - float(stopped_at_s) < 0.2
        assert_closed_in_time(server, float(stopped_at_s), count)


def test_a_stop_that_came_first_sends_nothing(server: ScriptedServer) -> None:
    server.play([whole(b"unwanted")])
    stop = StopSignal()
    stop.set()
    assert list(GPROChat.create_completion("", HELLO, base_url=server.url, stop=stop)) == []
    assert server.requests == []


def test_stop_while_waiting_for_a_retry(server: ScriptedServer) -> None:
    server.play([whole(b"busy", "Retry-After: 9", status="429 x")])
    stop = StopSignal()
    threading.Timer(0.1, stop.set).start()
    begun_s = time.monotonic()
    assert list(GPROChat.create_completion("", HELLO, base_url=server.url, stop=stop)) == []
    assert time.monotonic() - begun_s < 0.5


def test_a_late_stop_leaves_the_next_call_alone(server: ScriptedServer) -> None:
    server.play([whole(b"one")], [CHUNKED, chunk(b"a"), 0.2, chunk(b"b"), b"0\r\n\r\n"])
    stop = StopSignal()
    list(GPROChat.create_completion("", HELLO, base_url=server.url, stop=stop))
    following = iter(GPROChat.create_completion("", HELLO, base_url=server.url))
    assert next(following) == "a"
    stop.set()
    assert "".join(following) == "b"
    assert [request.connection for request in server.requests] == [1, 1]


@AT_EVERY_PLACE
def test_closing_the_asynchronous_twin(script: list[Step], server: ScriptedServer) -> None:
    server.play(script)

    async def ask() -> float:
        answer = GPROChat.create_async_generator("", HELLO, base_url=server.url)

        async def read() -> None:
            async for _ in answer:
                pass

        reading = asyncio.create_task(read())
        await asyncio.to_thread(server.wait_for_request)
        await asyncio.sleep(0.05)
        stopped_at_s = time.monotonic()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        return stopped_at_s

    assert_closed_in_time(server, asyncio.run(ask()))


def test_hundreds_of_answers_at_once(server: ScriptedServer) -> None:
    server.play([CHUNKED, chunk(b"a"), 0.3, lambda request: chunk(last_text(request.json())), b"0\r\n\r\n"])
    answers: dict[int, str] = {}

    def ask(n: int) -> None:
        said: list[Any] = [{"role": "user", "content": str(n)}]
        answers[n] = "".join(GPROChat.create_completion("", said, base_url=server.url))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(120)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {n: f"a{n}" for n in range(120)}


def last_text(body: Any) -> bytes:
    return json.dumps(int(body["messages"][-1]["parts"][0]["text"])).encode()


def test_a_slow_reader_is_not_taken_for_a_silent_upstream(server: ScriptedServer) -> None:
    server.play([reply_head("Transfer-Encoding: chunked"), chunk(b"one "), 0.05, chunk(b"two"), LAST_CHUNK])
    texts = []
    for text in GPROChat.create_completion("", HELLO, base_url=server.url, secret="s", silence_timeout_s=0.2):
        texts.append(text)
        time.sleep(0.5)
    assert "".join(texts) == "one two"
