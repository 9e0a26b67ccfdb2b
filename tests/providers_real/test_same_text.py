"""The official `openai` package and curl read the same replies as our providers: all agree, byte for byte."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import shutil
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.parley_server import ParleyServer
from tests.providers_real.asking import HELLO, KINDS, PLAIN, STREAM, TWINS, Asked, ask, event, say_events
from tests.providers_real.tricky_texts import CUTS, DRESSES, TEXTS, THOUGHTS, anywhere, events_of, pieces_of
from tests.scripted_server import LAST_CHUNK, ScriptedServer, Step, whole
from webapp.messages import ChatMessage, Image
from webapp.providers import Facts


@pytest.fixture(scope="module")
def curl() -> str:
    """The program itself; without it nothing is proven, so its absence fails."""
    found = shutil.which("curl")
    assert found, "these tests need curl; on Debian: apt install curl"
    return found


def curl_post(curl: str, url: str, body: bytes, *options: str) -> bytes:
    """What curl prints."""
    command = [curl, "--silent", "--show-error", "--no-buffer", "--noproxy", "*", "--data-binary", "@-", *options, url]
    return subprocess.run(command, input=body, capture_output=True, check=True, timeout=30).stdout


@pytest.fixture(scope="module")
def official() -> Iterator[openai.OpenAI]:
    """The package's client; `with_options` gives it the address."""
    with openai.OpenAI(api_key=KINDS["openai"].key["api_key"], base_url="http://127.0.0.1:1", max_retries=0) as client:
        yield client


def read_chunk(part: Any, asked: Asked) -> None:
    """What one object of the package's stream adds."""
    for choice in part.choices:
        asked.pieces.append(choice.delta.content or "")
        asked.notes.thoughts += (choice.delta.model_extra or {}).get("reasoning_content") or ""
        if choice.finish_reason:
            asked.notes.last = Facts(model=part.model, finish_reason=choice.finish_reason)
    if part.usage:
        asked.notes.last = Facts(
            model=part.model,
            finish_reason=asked.notes.last.finish_reason,
            prompt_tokens=part.usage.prompt_tokens,
            completion_tokens=part.usage.completion_tokens,
        )


def ask_official(official: openai.OpenAI, url: str, **fields: Any) -> Asked:
    """The package's answer, streamed."""
    asked = Asked()
    fields = {"model": "tricky-1", "messages": HELLO, "stream_options": {"include_usage": True}, **fields}
    with official.with_options(base_url=f"{url}/v1").chat.completions.create(stream=True, **fields) as stream:
        for part in stream:
            read_chunk(part, asked)
    return asked


def ask_official_async(official: openai.OpenAI, url: str) -> Asked:
    """The same through its asynchronous client."""
    asked = Asked()

    async def run() -> None:
        async with openai.AsyncOpenAI(api_key=official.api_key, base_url=f"{url}/v1", max_retries=0) as client:
            stream = await client.chat.completions.create(model="tricky-1", messages=HELLO, stream=True)
            async for part in stream:
                read_chunk(part, asked)

    asyncio.run(run())
    return asked


def ask_curl(curl: str, url: str) -> Asked:
    """The events as curl prints them, read by the plainest means."""
    asked = Asked()
    body = json.dumps({"model": "tricky-1", "messages": HELLO, "stream": True}).encode()
    printed = curl_post(curl, f"{url}/v1/chat/completions", body, "--header", "Content-Type: application/json")
    data: list[bytes] = []
    for line in printed.splitlines():
        if line.startswith(b"data:"):
            data.append(line[5:])
        elif not line and data:
            joined, data = b"\n".join(data).strip(), []
            if joined == b"[DONE]":
                break
            for choice in json.loads(joined)["choices"]:
                asked.pieces.append(choice["delta"].get("content", ""))
                asked.notes.thoughts += choice["delta"].get("reasoning_content", "")
    return asked


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("dress", DRESSES.values(), ids=DRESSES)
def test_all_read_the_same_events(
    dress: Callable[[object], str],
    cut: Callable[[bytes], list[Step]],
    server: ScriptedServer,
    official: openai.OpenAI,
    curl: str,
) -> None:
    text = "".join(TEXTS.values())
    data = "".join(dress(value) for value in [*events_of(text), "[DONE]"]).encode()
    server.play([STREAM, *cut(data), LAST_CHUNK])
    theirs = ask_official(official, server.url)
    assert (theirs.text, theirs.notes.thoughts) == (text, THOUGHTS)
    others = [ask_official_async(official, server.url), ask_curl(curl, server.url)]
    ours = [ask(KINDS["openai"], twin, server.url) for twin in TWINS]
    for asked in (*others, *ours):
        assert asked.error is None
        assert asked.text.encode() == theirs.text.encode()
        assert asked.notes.thoughts.encode() == theirs.notes.thoughts.encode()
    for asked in (others[0], *ours):
        assert asked.notes.last == theirs.notes.last


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_each_text_alone(text: str, server: ScriptedServer, official: openai.OpenAI) -> None:
    server.play(say_events(pieces_of(text)))
    assert ask_official(official, server.url).text == text
    for twin in TWINS:
        asked = ask(KINDS["openai"], twin, server.url)
        assert (asked.text, asked.error) == (text, None)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_reply_that_is_not_streamed(text: str, server: ScriptedServer, official: openai.OpenAI) -> None:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "finish_reason": "length", "message": message}
    body = {**event({}), "object": "chat.completion", "choices": [choice]}
    server.play([whole(json.dumps(body).encode(), "Content-Type: application/json")])
    client = official.with_options(base_url=f"{server.url}/v1")
    theirs = client.chat.completions.create(model="tricky-1", messages=[{"role": "user", "content": "Hello"}])
    assert theirs.choices[0].message.content == text
    for twin in TWINS:
        asked = ask(KINDS["openai"], twin, server.url)
        assert (asked.text, asked.error) == (text, None)
        assert asked.notes.last.finish_reason == "length"


def test_a_compressed_stream(server: ScriptedServer, official: openai.OpenAI) -> None:
    text = "".join(TEXTS.values())
    data = gzip.compress("".join(DRESSES["CRLF"](value) for value in [*events_of(text), "[DONE]"]).encode())
    server.play([STREAM.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n"), *anywhere(data), LAST_CHUNK])
    assert ask_official(official, server.url).text == text
    for twin in TWINS:
        asked = ask(KINDS["openai"], twin, server.url)
        assert (asked.text, asked.error) == (text, None)


def test_the_request_is_the_package_s_own(server: ScriptedServer, official: openai.OpenAI) -> None:
    """Same path, same key, same fields: what a server takes from the package it takes from us."""
    png = b"\x89PNG not really"
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + b64encode(png).decode()}}
    theirs = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": TEXTS["syntax"]},
        {"role": "assistant", "content": TEXTS["letters"]},
        {"role": "user", "content": [{"type": "text", "text": "What is this?"}, picture]},
    ]
    messages: list[ChatMessage] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": TEXTS["syntax"]},
        {"role": "assistant", "content": TEXTS["letters"]},
        {"role": "user", "content": "What is this?", "images": (Image("image/png", png),)},
    ]
    options = {"temperature": 0.5, "top_p": 0.25, "max_tokens": 99}
    server.play(say_events(["ok"]))
    ask_official(official, server.url, messages=theirs, **options)
    for twin in TWINS:
        assert ask(KINDS["openai"], twin, server.url, messages, **options).text == "ok"
    first, *ours = server.requests
    for request in ours:
        assert (request.method, request.target) == (first.method, first.target)
        assert request.headers["authorization"] == first.headers["authorization"]
        assert request.json() == first.json()


def signed_body(text: str, secret: str) -> bytes:
    """A request of the signed protocol, put together by hand."""
    now_ms = time.time_ns() // 1_000_000
    sign = hashlib.sha256(f"{now_ms}:{text}:{secret}".encode()).hexdigest()
    parts = [{"role": "user", "parts": [{"text": text}]}]
    return json.dumps({"messages": parts, "time": now_ms, "pass": None, "sign": sign}, ensure_ascii=False).encode()


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_curl_reads_the_signed_protocol_the_same(
    text: str, cut: Callable[[bytes], list[Step]], server: ScriptedServer, curl: str
) -> None:
    server.play([PLAIN, *cut(text.encode()), LAST_CHUNK])
    printed = curl_post(curl, f"{server.url}/api/generate", signed_body("Hello", "s3cret-of-the-tests"))
    for twin in TWINS:
        asked = ask(KINDS["gprochat"], twin, server.url)
        assert asked.error is None
        assert asked.text.encode() == printed
    by_curl, *ours = (request.json() for request in server.requests)
    assert all(body["messages"] == by_curl["messages"] for body in ours)


def test_curl_and_we_read_a_compressed_reply_the_same(server: ScriptedServer, curl: str) -> None:
    text = "".join(TEXTS.values())
    data = gzip.compress(text.encode())
    server.play([PLAIN.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n"), *anywhere(data), LAST_CHUNK])
    printed = curl_post(curl, f"{server.url}/api/generate", signed_body("Hello", "s3cret"), "--compressed")
    assert printed.decode() == text
    for twin in TWINS:
        assert ask(KINDS["gprochat"], twin, server.url).text.encode() == printed


def test_curl_reads_our_gateway(server: ScriptedServer, curl: str, tmp_path: Path) -> None:
    """From an OpenAI-compatible upstream through a whole Parley server and its gateway into curl: the same bytes."""
    text, secret = "".join(TEXTS.values()), "the-gateway's-secret-for-this-test"
    data = "".join(DRESSES["comments and CRLF"](value) for value in [*events_of(text), "[DONE]"]).encode()
    server.play([STREAM, *anywhere(data), LAST_CHUNK])
    settings = {"openai_base_url": server.url, "openai_models": "tricky-1", "gateway_secret": secret}
    with ParleyServer(tmp_path, **settings) as parley:
        printed = curl_post(curl, f"{parley.url}/api/generate", signed_body("世界", secret))
        assert printed == text.encode()
        for twin in TWINS:
            asked = ask(KINDS["gprochat"], twin, parley.url, secret=secret)
            assert (asked.text, asked.error) == (text, None)
    asked = [request for request in server.requests if request.method == "POST"]
    assert asked[0].json()["messages"] == [{"role": "user", "content": "世界"}]
