"""Every way an upstream fails, through a whole server: what the visitor reads, what is stored, logged and retried.

docs/upstreams.md shows the same table to people; the last test holds it to this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults.upstream_failures import ECHO, QUESTION, QUOTED, SECRET, TABLE, Row, Voice
from tests.parley_server import ParleyServer, Visitor
from tests.providers_real.real_proxy import TLSFront
from tests.scripted_server import ScriptedServer, Step, whole
from tests.test_docs import rows

PAGE = Path(__file__).resolve().parents[2] / "docs" / "upstreams.md"
SILENCE_S = 1
MAX_ANSWER_MB = 1
MANY = {"asks_per_minute": 100_000, "running_per_visitor": 1000}
TOML = {
    "gprochat": f'kind = "gprochat"\nsecret = "{SECRET}"\npassword = "{SECRET}"\n',
    "openai": f'kind = "openai"\napi_key = "{SECRET}"\n',
}
CASES = [(kind, row) for kind in TOML for row in TABLE if kind in row.kinds]


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[ScriptedServer]:
    """Another host; what comes here came with our secrets."""
    with ScriptedServer() as running:
        running.play([whole(b"stolen")])
        yield running


@pytest.fixture(scope="module")
def servers(upstream: ScriptedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, ParleyServer]]:
    """One public site for each kind: its visitor is not its owner. Its upstreams differ in their address alone."""
    with TLSFront(upstream.port) as front, ExitStack() as running:
        addresses = {
            "main": upstream.url,
            "refused": "http://127.0.0.1:1",
            "unknown": "http://models.invalid",
            "tls": front.url,
        }
        started = {}
        for kind, keys in TOML.items():
            folder = tmp_path_factory.mktemp(kind)
            tables = (f'[{name}]\n{keys}base_url = "{url}"\nmodels = ["{name}"]\n' for name, url in addresses.items())
            (folder / "upstreams.toml").write_text("\n".join(tables))
            upstream.play([whole(b'{"data": []}')])
            settings = {"public_url": "http://chat.example.org", "upstream_silence_s": SILENCE_S}
            started[kind] = running.enter_context(ParleyServer(folder, max_answer_mb=MAX_ANSWER_MB, **settings, **MANY))
            if kind == "openai":
                upstream.wait_for_request()  # for its models, once: who asks for one by its name has no list read
        yield started


@pytest.fixture
def server(kind: str, servers: dict[str, ParleyServer]) -> ParleyServer:
    """The site whose upstreams are of the test's kind."""
    return servers[kind]


def plays(row: Row, kind: str, elsewhere: ScriptedServer) -> list[list[Step]]:
    """The row's scripts in the voice of a kind."""
    if row.attempts is None:
        return [[whole(b"nobody should come here", status="500 x")]]
    scripts = [script(Voice(kind)) for script in row.scripts]
    there = elsewhere.url.encode()
    return [[s.replace(b"@elsewhere@", there) if isinstance(s, bytes) else s for s in steps] for steps in scripts]


def check_log(log: str, row: Row, answer_id: str) -> None:
    """The owner finds the code and what to do; nobody finds what was written, or a secret."""
    for word in (SECRET, QUESTION, QUOTED):
        assert word not in log
    lines = [line for line in log.splitlines() if answer_id in line]
    if row.code is None:
        assert lines == []
        return
    (line,) = lines
    _, found, advice = line.partition(f"answer {answer_id} failed: {row.code}: ")
    assert found
    assert as_documented(advice) == documented()[row.name].logged


def check_attempts(row: Row, upstream: ScriptedServer) -> None:
    """As many as due, each signed afresh."""
    assert len(upstream.requests) == (row.attempts or 0)
    bodies = [request.json() for request in upstream.requests]
    if bodies and "sign" in bodies[0]:
        assert len({body["sign"] for body in bodies}) == len({body["time"] for body in bodies}) == len(bodies)


@pytest.mark.parametrize(("kind", "row"), CASES, ids=[f"{kind}: {row.name}" for kind, row in CASES])
def test_a_failure_of_the_upstream(
    row: Row, kind: str, upstream: ScriptedServer, elsewhere: ScriptedServer, server: ParleyServer, visitor: Visitor
) -> None:
    upstream.play(*plays(row, kind, elsewhere))
    log_before = len(server.log())
    with visitor.socket() as tab:
        answer_id = tab.ask(QUESTION, model=row.model)["answer"]["id"]
        text, ended = tab.read_answer(answer_id)
    assert ended["status"] == row.status
    assert text == row.kept
    stored = visitor.answer(answer_id)
    assert (stored["status"], stored["text"], stored.get("error")) == (row.status, text, ended.get("error"))
    assert stored["usage"]["duration_ms"] >= row.least_ms
    if row.code is not None:
        check_what_the_visitor_reads(row, ended["error"])
    check_log(server.log()[log_before:], row, answer_id)
    check_attempts(row, upstream)
    assert elsewhere.requests == []
    if row.code == "answer_too_long":
        assert upstream.requests[0].closed.wait(5), "the upstream still sends"


def check_what_the_visitor_reads(row: Row, error: dict[str, Any]) -> None:
    """The page's sentence, which names nothing of the owner's."""
    assert error["code"] == row.code
    assert as_documented(error["message"]) == documented()[row.name].reads
    for word in (SECRET, "127.0.0.1", "upstreams.toml", "models.invalid", "base_url", "api_key"):
        assert word not in error["message"]
    if "of a minute" in row.name:
        assert error["retry_after"] == 60


def test_an_owner_reads_what_to_do(upstream: ScriptedServer, tmp_path: Path) -> None:
    """On a site that only this machine reaches, the visitor is the owner: the page shows the log's advice as well."""
    upstream.play(*plays(next(row for row in TABLE if row.name == "401, wrong secret"), "gprochat", upstream))
    with ParleyServer(tmp_path, gprochat_url=upstream.url, gprochat_secret=SECRET) as own:
        visitor = Visitor(own)
        error = visitor.wait_for(visitor.ask(QUESTION)["answer"]["id"])["error"]
        assert error["code"] == "wrong_signature"
        assert documented()["401, wrong secret"].reads in error["message"]
        assert "set GPROCHAT_SECRET to that server's secret" in error["message"]
        assert SECRET not in error["message"] + own.log()


@dataclass(frozen=True)
class Documented:
    """One row of the page's table."""

    reads: str
    code: str
    logged: str
    kept: str
    attempts: str


def as_documented(sentence: str) -> str:
    """A sentence with the page's names and numbers in place of this test's."""
    sentence = sentence.replace(ECHO.replace(SECRET, "[secret]"), "…")
    sentence = sentence.replace(f" {SILENCE_S} seconds", " 60 seconds").replace(f" {MAX_ANSWER_MB} MB", " 10 MB")
    sentence = re.sub(r"(http://)?(127\.0\.0\.1:\d+|models\.invalid)", "HOST", sentence)
    sentence = re.sub(r"(\w+) of \[\w+\] in upstreams\.toml", r"`\1`", sentence)
    return re.sub(r"\d+ seconds behind", "600 seconds behind", sentence)


def documented() -> dict[str, Documented]:
    """The table of docs/upstreams.md."""
    section = PAGE.read_text("utf-8").split("## When an upstream fails")[1].split("\n## ")[0]
    return {row[0]: Documented(*row[1:]) for row in rows(section)[1:]}


def test_the_page_shows_this_table() -> None:
    def kept(row: Row) -> str:
        if row.code is None:
            return "the whole answer"
        return "what had come" if row.kept else "the question"

    ours = {
        row.name: (f"`{row.code}`" if row.code else "", kept(row), str(row.attempts or documented()[row.name].attempts))
        for row in TABLE
    }
    page = {name: (row.code, row.kept, row.attempts) for name, row in documented().items()}
    assert page == ours
    assert [name for name, row in documented().items() if bool(row.logged) != bool(row.code)] == []
