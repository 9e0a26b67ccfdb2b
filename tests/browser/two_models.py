"""A Parley with two upstreams that play scripts: one thinks aloud and takes pictures, the other does neither."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.browser.chat_page import ChatPage
from tests.parley_server import ParleyServer
from tests.scripted_server import LAST_CHUNK, ScriptedServer, Step, chunk, reply_head

UPSTREAMS = """
[house]
kind = "openai"
base_url = "{house}"
models = ["plain"]
images = false

[study]
kind = "openai"
base_url = "{study}"
models = ["thinker", "painter"]
images = true
"""
HEAD = reply_head("Content-Type: text/event-stream", "Transfer-Encoding: chunked")
USAGE = {"prompt_tokens": 1200, "completion_tokens": 340, "completion_tokens_details": {"reasoning_tokens": 290}}


@dataclass
class Site:
    """The server, and who answers behind it: `house` has the default model."""

    server: ParleyServer
    house: ScriptedServer
    study: ScriptedServer


@contextmanager
def site_of_two(folder: Path, **settings: object) -> Iterator[Site]:
    """Both upstreams and the server, which runs until the end of the block."""
    with ScriptedServer() as house, ScriptedServer() as study:
        (folder / "upstreams.toml").write_text(UPSTREAMS.format(house=house.url, study=study.url))
        with ParleyServer(folder, asks_per_minute=10000, running_per_visitor=1000, **settings) as server:
            yield Site(server, house, study)


def says(*texts: str, thinks: tuple[str, ...] = (), pause_s: float = 0.0, finish_reason: str = "stop") -> list[Step]:
    """A whole reply: thoughts, then texts, each `pause_s` after the one before, then how it ended and what it used."""
    deltas = [*({"reasoning_content": thought} for thought in thinks), *({"content": text} for text in texts)]
    paced = [step for delta in deltas for step in (event({"delta": delta}), pause_s)]
    end = [event({"delta": {}, "finish_reason": finish_reason}), event(usage=USAGE), chunk(b"data: [DONE]\n\n")]
    return [HEAD, *paced, *end, LAST_CHUNK]


def event(*choices: object, **fields: object) -> bytes:
    """One event of a model's server."""
    return chunk(f"data: {json.dumps({'model': 'm-1', 'choices': choices, **fields})}\n\n".encode())


def choose_model(tab: ChatPage, model: str) -> None:
    """Choose a model in the picker, with the mouse."""
    tab.page.locator("#model").click()
    tab.page.locator(f"model-picker [role=option][data-model={model}]").click()
    wait_model(tab, model)


def wait_model(tab: ChatPage, model: str) -> None:
    """Wait until the picker names this model as the chosen one."""
    tab.wait_until("model => document.querySelector('#model')?.dataset.model == model", model)
