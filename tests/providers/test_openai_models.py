"""The list of models a server has, in the shapes servers give it, and every way it can go wrong."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.providers.conftest import KEY, NAMES
from tests.scripted_server import LAST_CHUNK, Repeat, ScriptedServer, Step, chunk, reply_head, whole
from webapp.errors import UpstreamCut, UpstreamError, UpstreamRefused, UpstreamTimeout, UpstreamUnreachable, WrongKey
from webapp.providers.openai_models import ListedModel, list_models

CHUNKED = reply_head("Content-Type: application/json", "Transfer-Encoding: chunked")
# Shortened replies in the shapes that the servers document.
SHAPES: dict[str, tuple[Any, list[ListedModel]]] = {
    "OpenAI": (
        {"object": "list", "data": [{"id": "gpt-x", "object": "model"}, {"id": "gpt-y"}, {"id": "gpt-x"}]},
        [ListedModel("gpt-x"), ListedModel("gpt-y")],
    ),
    "OpenRouter": (
        {"data": [{"id": "a/b", "architecture": {"input_modalities": ["text", "image"]}},
                  {"id": "c/d", "architecture": {"input_modalities": ["text"]}}]},
        [ListedModel("a/b", True), ListedModel("c/d", False)],
    ),
    "Mistral": (
        {"data": [{"id": "pixtral", "capabilities": {"vision": True}}, {"id": "m", "capabilities": {"vision": False}}]},
        [ListedModel("pixtral", True), ListedModel("m", False)],
    ),
    "llama.cpp": (
        {"models": [{"name": "x.gguf", "capabilities": ["completion", "multimodal"]}], "data": [{"id": "x.gguf"}]},
        [ListedModel("x.gguf", True)],
    ),
    "Gemini": ({"data": [{"id": "models/gemini-x"}]}, [ListedModel("gemini-x")]),
    "a list alone": ([{"id": "x"}, "y"], [ListedModel("x"), ListedModel("y")]),
    "nothing": ({"object": "list", "data": []}, []),
    "Ollama without models": ({"object": "list", "data": None, "models": []}, []),
    "odd entries": ({"data": [5, None, {}, {"id": 5}, {"id": ""}, {"id": "a\nb"}, {"id": "x" * 301},
                              {"id": "ok", "capabilities": 5, "architecture": "?"}]}, [ListedModel("ok")]),
}  # fmt: skip


def listed(server: ScriptedServer, timeout_s: float = 5) -> list[ListedModel]:
    return list_models(server.url, KEY, timeout_s=timeout_s, names=NAMES, headers={"X-Title": "Parley"})


@pytest.mark.parametrize(("document", "models"), SHAPES.values(), ids=SHAPES)
def test_every_shape(document: Any, models: list[ListedModel], server: ScriptedServer) -> None:
    server.play([whole(json.dumps(document).encode(), "Content-Type: application/json")])
    assert listed(server) == models
    request = server.requests[0]
    assert (request.method, request.target, request.body) == ("GET", "/v1/models", b"")
    assert (request.headers["authorization"], request.headers["x-title"]) == (f"Bearer {KEY}", "Parley")


FAULTS: list[tuple[str, list[Step], type[UpstreamError], str]] = [
    ("key", [whole(b"{}", status="401 x")], WrongKey, "THE_API_KEY"),
    ("path", [whole(b"", status="404 x")], UpstreamRefused, "THE_BASE_URL"),
    ("no list", [whole(b'{"data": 5}')], UpstreamCut, "no list of models"),
    ("no JSON", [whole(b"hello")], UpstreamCut, "no list of models"),
    ("too deep", [whole(b"[" * 100_000)], UpstreamCut, "no list of models"),
    ("page", [whole(b"<!doctype html><title>Hi</title>", "Content-Type: text/html")], UpstreamRefused, "sign-in"),
    ("redirect", [whole(b"", "Location: /x", status="302 x")], UpstreamRefused, "redirects (302) to /x"),
    ("cut", [reply_head("Content-Length: 99"), b'{"data"', "close"], UpstreamCut, "ended the connection"),
    ("failing", [whole(b"{}", status="503 x")], UpstreamRefused, "(503)"),
]


@pytest.mark.parametrize(("script", "error", "advice"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_every_fault_is_told_after_one_attempt(
    script: list[Step], error: type[UpstreamError], advice: str, server: ScriptedServer
) -> None:
    server.play(script)
    with pytest.raises(UpstreamError) as caught:
        listed(server)
    assert type(caught.value) is error
    assert advice in caught.value.advice
    assert KEY not in str(caught.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "script",
    [
        ["hang"],
        [CHUNKED, "hang"],
        [CHUNKED, Repeat(chunk(b" "), 0.02)],
        [b"HTTP/1.1 200 OK\r\n", Repeat(b"X: y\r\n", 0.05)],
    ],
    ids=["silence", "after the headers", "a byte now and then", "a header now and then"],
)
def test_the_whole_time_is_bounded(script: list[Step], server: ScriptedServer) -> None:
    server.play(script)
    begun_s = time.monotonic()
    with pytest.raises(UpstreamTimeout):
        listed(server, timeout_s=0.3)
    assert time.monotonic() - begun_s < 1.5
    assert server.requests[0].closed.wait(1)


def test_the_size_is_bounded(server: ScriptedServer) -> None:
    server.play([CHUNKED, Repeat(chunk(b" " * 60_000), 0), LAST_CHUNK])
    with pytest.raises(UpstreamCut, match="without end"):
        listed(server)
    assert server.requests[0].closed.wait(1)


def test_nobody_there_is_told_at_once() -> None:
    begun_s = time.monotonic()
    with pytest.raises(UpstreamUnreachable):
        list_models("http://127.0.0.1:1", timeout_s=5)
    assert time.monotonic() - begun_s < 0.2
