"""What the README and docs/upstreams.md say about wiring upstreams, taken from the pages and tried."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.parley_server import ParleyServer, Visitor
from tests.scripted_server import Request, ScriptedServer, whole
from tests.test_docs import rows
from webapp import upstream_settings
from webapp.providers import GPROChat
from webapp.providers.openai_protocol import Options
from webapp.settings import InvalidSettings, Settings

ROOT = Path(__file__).resolve().parent.parent
LINES_OF_THE_README = re.findall(r"`((?:[A-Z_]+=\S+ )*)make run`", (ROOT / "README.md").read_text("utf-8"))
UPSTREAMS_PAGE = (ROOT / "docs" / "upstreams.md").read_text("utf-8")


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """The upstream whose bytes the test decides."""
    with ScriptedServer() as running:
        yield running


def test_the_readme_has_its_lines() -> None:
    assert len(LINES_OF_THE_README) == 9


@pytest.mark.parametrize("words", LINES_OF_THE_README)
def test_one_line_wires_a_server(words: str) -> None:
    environ = dict(word.split("=", 1) for word in words.replace("…", "x").split())
    entries = upstream_settings.declared(Settings.from_mapping(environ), None, frozenset())
    wired = [name for name in environ if name.startswith(("OPENAI_", "GPROCHAT_"))]
    assert len(entries) == bool(wired)
    for entry in entries:
        address = environ.get("OPENAI_BASE_URL") or environ.get("GPROCHAT_URL") or upstream_settings.OPENAI
        assert entry.base_url == address


def signed_answer(request: Request, text: str) -> bytes:
    """What both originals do with a signature over `text`."""
    body = request.json()
    if body["sign"] != GPROChat.generate_signature(body["time"], text, "the-same-as-there"):
        return whole(b'{"error": {"message": "Invalid signature."}}', status="401 Unauthorized")
    return whole(f"You said {text}.".encode(), "Content-Type: text/plain; charset=utf-8")


def gemini_pro_chat(request: Request) -> bytes:
    """Signs the parts of the last message, and fails where there are none."""
    parts = request.json()["messages"][-1].get("parts")
    if parts is None:
        return whole(b"Internal Server Error", status="500 Internal Server Error")
    return signed_answer(request, "".join(part["text"] for part in parts))


def chatgpt_demo(request: Request) -> bytes:
    """Signs the content of the last message; where there is none, JavaScript says `undefined`."""
    return signed_answer(request, request.json()["messages"][-1].get("content", "undefined"))


@pytest.mark.parametrize(("original", "attempts"), [(gemini_pro_chat, 1), (chatgpt_demo, 2)])
def test_two_settings_point_at_either_original(
    original: Callable[[Request], bytes], attempts: int, server: ScriptedServer, tmp_path: Path
) -> None:
    server.play([original])
    with ParleyServer(tmp_path, gprochat_url=server.url, gprochat_secret="the-same-as-there") as parley:
        visitor = Visitor(parley)
        for asked in (attempts, attempts + 1):  # what was found out is remembered
            answer = visitor.wait_for(visitor.ask("hello, 世界")["answer"]["id"])
            assert (answer["status"], answer["text"]) == ("done", "You said hello, 世界.")
            assert len(server.requests) == asked


@pytest.mark.parametrize(
    ("base_url", "asked"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/chat/completions"),
        ("https://api.mistral.ai/v1", "https://api.mistral.ai/v1/chat/completions"),
        ("http://192.168.1.7:11434", "http://192.168.1.7:11434/v1/chat/completions"),
        ("https://models.example.org", "https://models.example.org/v1/chat/completions"),
        (
            "https://generativelanguage.googleapis.com/v1beta/openai",
            "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
        ),
    ],
)
def test_the_addresses_of_the_pages_lead_to_chat_completions(base_url: str, asked: str) -> None:
    assert base_url in (ROOT / "README.md").read_text("utf-8") + UPSTREAMS_PAGE
    assert Options(base_url=base_url).url == asked


def test_the_file_of_the_page_declares_its_upstreams() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", UPSTREAMS_PAGE, re.DOTALL)
    entries = upstream_settings.declared(Settings(), text, frozenset())
    kinds = {"house": "openai", "router": "openai", "abroad": "gprochat", "guide": "guide"}
    assert {entry.name: entry.kind for entry in entries} == kinds


def test_the_settings_page_has_every_key_of_the_file() -> None:
    section = (ROOT / "docs" / "settings.md").read_text("utf-8").split("## Upstreams")[1]
    kinds_of_the_page = ("gprochat", "openai", "guide")
    documented = {kind: set[str]() for kind in kinds_of_the_page}
    for keys, kinds, *_ in rows(section)[1:]:
        for kind in re.findall(r"`(\w+)`", kinds) or kinds_of_the_page:
            documented[kind] |= set(re.findall(r"`(\w+)`", keys))
    for kind, keys in documented.items():
        with pytest.raises(InvalidSettings) as problem:
            upstream_settings.declared(Settings(), f'[x]\nkind = "{kind}"\nbogus = 1\n', frozenset())
        (said,) = (line for line in problem.value.problems if line.startswith("bogus of [x] in upstreams.toml"))
        assert set(said.partition(f"kind {kind} has ")[2].rstrip(".").split(", ")) == keys
