"""The examples of docs/providers.md and of the README, taken from the pages and run against real servers."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.scripted_server import LAST_CHUNK, ScriptedServer, Step, chunk, reply_head, whole
from webapp.errors import UpstreamCut, UpstreamRefused
from webapp.providers import Facts, Notes
from webapp.providers.base import StopSignal

ROOT = Path(__file__).resolve().parent.parent
ADDRESSES = ("http://127.0.0.1:11434", "https://chat.example.org")
STREAM = reply_head("Content-Type: text/event-stream", "Transfer-Encoding: chunked")
PLAIN = reply_head("Content-Type: text/plain", "Transfer-Encoding: chunked")
LINES = reply_head("Content-Type: application/x-ndjson", "Transfer-Encoding: chunked")


def examples(page: str) -> list[str]:
    """The Python of a page, block by block."""
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)


def example(page: str, words: str) -> str:
    """The one block that has these words in it."""
    (found,) = (block for block in examples(page) if words in block)
    return found


def event(delta: dict[str, Any], finish_reason: str | None = None) -> str:
    """One event of a chat completion."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return f"data: {json.dumps({'model': 'deepseek-r1:7b', 'choices': [choice]})}\n\n"


COUNTED = f"data: {json.dumps({'choices': [], 'usage': {'prompt_tokens': 3, 'completion_tokens': 42}})}\n\n"


def spoken(*events: str) -> list[Step]:
    """A whole stream of events."""
    return [STREAM, *(chunk(each.encode()) for each in (*events, "data: [DONE]\n\n")), LAST_CHUNK]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """The upstream of the examples."""
    with ScriptedServer() as running:
        yield running


def run(code: str, server: ScriptedServer) -> str:
    """What an example prints, as a program of its own; the addresses in it lead to `server`."""
    for address in ADDRESSES:
        code = code.replace(address, server.url)
    assert server.url in code
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def defined(words: str) -> SimpleNamespace:
    """What a block of the page defines."""
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(example("docs/providers.md", words), "docs/providers.md", "exec"), names)
    return SimpleNamespace(**names)


def test_every_example_is_run_here() -> None:
    marks = ('Why is the sky blue?"}]', "asyncio.run", "class Aside", "UpstreamBusy", "class Backwards", "class Ollama")
    assert [sum(mark in block for mark in marks) for block in examples("docs/providers.md")] == [1] * len(marks)
    assert len(examples("README.md")) == 1


def test_streaming(server: ScriptedServer) -> None:
    server.play(spoken(event({"content": "Because "}), event({"content": "of air.\n"}), event({}, "stop")))
    assert run(example("docs/providers.md", 'Why is the sky blue?"}]'), server) == "Because of air.\n"
    request = server.requests[0]
    assert request.target == "/v1/chat/completions"
    assert request.json()["messages"] == [{"role": "user", "content": "Why is the sky blue?"}]


@pytest.mark.parametrize("page", ["docs/providers.md", "README.md"])
def test_streaming_asynchronously(page: str, server: ScriptedServer) -> None:
    server.play([PLAIN, chunk("Röt".encode()), chunk(b"lich.\n"), LAST_CHUNK])
    assert run(example(page, "asyncio.run"), server) == "Rötlich.\n"
    assert server.requests[0].target == "/api/generate"


def test_beside_the_text(server: ScriptedServer) -> None:
    thoughts = [event({"reasoning_content": "20 times 17"}), event({"reasoning_content": " and 3 times 17"})]
    server.play(spoken(*thoughts, event({"content": "391"}), event({}, "stop"), COUNTED))
    printed = run(example("docs/providers.md", "class Aside"), server)
    assert printed == "(20 times 17)( and 3 times 17)391\ndeepseek-r1:7b ended by stop after 42 tokens\n"


def test_when_it_fails(server: ScriptedServer) -> None:
    code = example("docs/providers.md", "UpstreamBusy")
    server.play([whole(b'{"error": {"message": "slow down"}}', "Retry-After: 30", status="429 x")])
    assert run(code, server) == "again in 30 s\n"
    server.play([STREAM, chunk(event({"content": "Hal"}).encode()), "close"])
    printed = run(code, server)
    assert printed.startswith("Hal[upstream_cut] ")
    assert f"127.0.0.1:{server.port}" in printed


class Heard(Notes):
    """Keeps the facts."""

    last = Facts()

    def facts(self, facts: Facts) -> None:
        self.last = facts


async def collect(texts: Any) -> list[str]:
    """All of an asynchronous generator."""
    return [text async for text in texts]


def test_a_provider_in_20_lines() -> None:
    code = example("docs/providers.md", "class Backwards")
    assert len([line for line in code.splitlines() if line.strip()]) <= 20
    provider, notes, question = defined("class Backwards").Backwards, Heard(), [{"role": "user", "content": "hello"}]
    assert list(provider.create_completion("", question, notes=notes)) == list("olleh")
    assert notes.last == Facts(model="backwards", finish_reason="stop")
    assert asyncio.run(collect(provider.create_async_generator("", question))) == list("olleh")
    stop = StopSignal()
    begun = provider.create_completion("", question, stop=stop)
    assert next(begun) == "o"
    stop.set()
    assert list(begun) == []


def line(text: str, *, done: bool = False) -> bytes:
    """One line of Ollama's own protocol."""
    return json.dumps({"message": {"role": "assistant", "content": text}, "done": done}).encode() + b"\n"


def ask_both(provider: Any, server: ScriptedServer) -> Iterator[tuple[list[str], Exception | None]]:
    """What each twin yields and raises."""

    async def pump(pieces: list[str], texts: Any) -> None:
        async for text in texts:
            pieces.append(text)

    question = [{"role": "user", "content": "hello"}]
    for twin in ("create_completion", "create_async_generator"):
        pieces: list[str] = []
        texts = getattr(provider, twin)("", question, base_url=server.url)
        try:
            if twin == "create_completion":
                pieces.extend(texts)
            else:
                asyncio.run(pump(pieces, texts))
        except (UpstreamCut, UpstreamRefused) as problem:
            yield pieces, problem
        else:
            yield pieces, None


def test_a_provider_for_a_server(server: ScriptedServer) -> None:
    found = defined("class Ollama")
    data = line("Grüße, ") + line("世界") + line("\n\n") + line("", done=True)
    server.play([LINES, *(chunk(data[at : at + 3]) for at in range(0, len(data), 3)), LAST_CHUNK])
    for pieces, problem in ask_both(found.Ollama, server):
        assert ("".join(pieces), problem) == ("Grüße, 世界\n\n", None)
    assert server.requests[0].json() == {"model": "llama3.2", "messages": [{"role": "user", "content": "hello"}]}
    for ending in ("close", LAST_CHUNK):
        server.play([LINES, chunk(line("half an")), ending])
        for pieces, problem in ask_both(found.Ollama, server):
            assert pieces == ["half an"]
            assert isinstance(problem, UpstreamCut)
    busy, ready = whole(b"starting", status="503 x"), whole(line("now", done=True))
    server.play([busy], [ready], [busy], [ready])
    assert list(ask_both(found.Ollama, server)) == [(["now"], None)] * 2
    server.play([whole(b'{"error": "model not found"}', status="404 x")])
    assert all(isinstance(problem, UpstreamRefused) for _, problem in ask_both(found.Ollama, server))
