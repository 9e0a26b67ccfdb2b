"""Conversations as files over HTTP: what goes out of one server comes into another, and goes out of it the same."""

from __future__ import annotations

import http.client
import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.faults.processes import memory_mb
from tests.parley_server import ParleyServer, Visitor
from tests.views.http import Reply, call
from webapp.limits import EXPORTS_OF_ALL_PER_MINUTE, EXPORTS_PER_MINUTE, IMPORTS_PER_MINUTE

SAMPLES = Path(__file__).parent.parent / "transcripts" / "samples"
SCRIPT = b"<script>alert(1)</script>"
FORMATS = {"json": "application/json", "html": "text/html; charset=utf-8", "md": "text/markdown; charset=utf-8"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A server that believes a proxy about where requests come from, and takes small files."""
    data_dir = tmp_path_factory.mktemp("parley")
    settings: dict[str, Any] = {"trusted_proxies": 1, "max_import_mb": 3}
    with ParleyServer(data_dir, asks_per_minute=10000, running_per_visitor=1000, **settings) as running:
        yield running


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """An empty server elsewhere."""
    with ParleyServer(tmp_path_factory.mktemp("elsewhere"), trusted_proxies=1) as running:
        yield running


@pytest.fixture
def visitor(server: ParleyServer) -> Visitor:
    return Visitor(server)


def somewhere() -> str:
    """A network address of one's own: the limits have tests of their own."""
    return f"2001:db8:0:{uuid.uuid4().hex[:4]}::1"


def get(visitor: Visitor, path: str, address: str | None = None) -> Reply:
    headers = {"X-Forwarded-For": address or somewhere()}
    return call(visitor.server, "GET", path, headers=headers, cookie=visitor.cookie)


def send(visitor: Visitor, data: bytes, address: str | None = None, **headers: str) -> Reply:
    headers["X-Forwarded-For"] = address or somewhere()
    return call(visitor.server, "POST", "/api/import", data, headers, visitor.cookie)


def brought_in(visitor: Visitor, data: bytes) -> Any:
    reply = send(visitor, data)
    assert reply.status == 201, reply.body
    return reply.json()


def exported(visitor: Visitor, conversation_id: str, form: str) -> bytes:
    reply = get(visitor, f"/api/conversations/{conversation_id}?format={form}")
    assert reply.status == 200, reply.body
    assert reply.headers["Content-Type"] == FORMATS[form]
    return reply.body


@pytest.fixture
def conversation(visitor: Visitor) -> str:
    """A small one, with branches."""
    return str(brought_in(visitor, (SAMPLES / "librechat.json").read_bytes())["conversations"][0]["id"])


@pytest.fixture(scope="module")
def grown(server: ParleyServer) -> tuple[Visitor, str]:
    """One made here: with branches, a file that two questions have, options, an answer that was asked for twice."""
    visitor = Visitor(server)
    sent = call(server, "POST", "/api/attachments?name=F%C3%BC%C3%9Fe.txt", SCRIPT, {}, visitor.cookie)
    files = [sent.json()["attachment"]["id"]]
    options = {"system": "Be </script> brief.", "temperature": 0.5}
    turn = visitor.ask("What is in <b>this</b>? " + "\u2028😀", attachments=files, options=options)
    place, first = turn["conversation"]["id"], visitor.wait_for(turn["answer"]["id"])
    again = visitor.request("POST", f"/api/answers/{first['id']}/again", {"id": str(uuid.uuid4())})[1]
    visitor.wait_for(again["answer"]["id"])
    for parent in (again["answer"]["id"], None):
        turn = visitor.ask("Hello", conversation=place, parent=parent, attachments=files)
        visitor.wait_for(turn["answer"]["id"])
    visitor.request("PATCH", f"/api/conversations/{place}", {"leaf": again["answer"]["id"], "pinned": True})
    return visitor, str(place)


@pytest.mark.parametrize("form", ["json", "html"])
def test_out_of_one_server_into_another_and_out_again(
    grown: tuple[Visitor, str], other: ParleyServer, form: str
) -> None:
    visitor, conversation = grown
    files = {kind: exported(visitor, conversation, kind) for kind in FORMATS}
    elsewhere = Visitor(other)
    result = brought_in(elsewhere, files[form])
    assert (result["skipped"], result["problems"], result["files_left_out"]) == (0, [], 0)
    (arrived,) = result["conversations"]
    assert arrived["id"] != conversation
    assert {kind: exported(elsewhere, arrived["id"], kind) for kind in FORMATS} == files
    before, now = (
        visitor.get(f"/api/conversations/{conversation}"),
        elsewhere.get(f"/api/conversations/{arrived['id']}"),
    )
    for name in ("title", "created_at_ms", "updated_at_ms", "options", "pinned", "archived"):
        assert now["conversation"][name] == before["conversation"][name]
    assert tree(now) == tree(before)
    (name,) = {file["id"] for message in now["messages"] for file in message["attachments"]}
    shown = get(elsewhere, f"/api/attachments/{name}")
    assert (shown.body, shown.headers.get_content_type()) == (SCRIPT, "text/plain")
    # One can go on there.
    turn = elsewhere.ask("And now?", conversation=arrived["id"], parent=arrived["leaf"])
    assert elsewhere.wait_for(turn["answer"]["id"])["status"] == "done"


def tree(read: Any) -> list[Any]:
    numbers = {message["id"]: number for number, message in enumerate(read["messages"])}
    return [
        (
            numbers.get(message["parent"]),
            {
                name: value
                for name, value in message.items()
                if name in {"role", "text", "created_at_ms", "status", "model"}
            },
            [(file["name"], file["media_type"], file["size_bytes"]) for file in message["attachments"]],
        )
        for message in read["messages"]
    ]


def test_everything_in_one_zip_and_back(visitor: Visitor, conversation: str, other: ParleyServer) -> None:
    for sample in ("chatgpt.json", "open_webui.json"):  # the second has a picture
        brought_in(visitor, (SAMPLES / sample).read_bytes())
    reply = get(visitor, "/api/export")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/zip")
    assert reply.headers.get_filename() == "conversations.zip"
    with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        index = json.loads(archive.read("index.json"))
        assert [entry["file"] for entry in index["conversations"]] == names[:-1]
        assert archive.read(names[0]) == exported(visitor, conversation, "json")
    assert len(names) == 5
    elsewhere = Visitor(other)
    assert len(brought_in(elsewhere, reply.body)["conversations"]) == 4
    with (
        zipfile.ZipFile(io.BytesIO(get(elsewhere, "/api/export").body)) as archive,
        zipfile.ZipFile(io.BytesIO(reply.body)) as old,
    ):
        assert [archive.read(name) for name in archive.namelist()] == [old.read(name) for name in old.namelist()]


def test_everything_as_pages(visitor: Visitor, conversation: str) -> None:
    with zipfile.ZipFile(io.BytesIO(get(visitor, "/api/export?format=html").body)) as archive:
        (name, _) = archive.namelist()
        assert archive.read(name) == exported(visitor, conversation, "html")
        assert len(brought_in(visitor, get(visitor, "/api/export?format=html").body)["conversations"]) == 1


@pytest.mark.parametrize(
    ("sample", "titles"),
    [
        ("chatgpt.json", ["Bread in a cold kitchen", "Good morning"]),
        ("librechat.json", ["Names for a boat"]),
        ("librechat-recursive.json", ["A tree of trees"]),
        ("open_webui.json", ["Tides"]),
        ("nextchat.json", ["Packing list"]),
    ],
)
def test_exports_of_other_programs(visitor: Visitor, sample: str, titles: list[str]) -> None:
    result = brought_in(visitor, (SAMPLES / sample).read_bytes())
    assert [conversation["title"] for conversation in result["conversations"]] == titles
    for conversation in result["conversations"]:
        read = visitor.get(f"/api/conversations/{conversation['id']}")
        assert read["conversation"] == conversation
        assert conversation["leaf"] in {message["id"] for message in read["messages"]}


def test_what_could_not_be_read_is_told(visitor: Visitor) -> None:
    result = brought_in(visitor, (SAMPLES / "chatgpt.json").read_bytes())
    assert result["skipped"] == 1
    assert result["problems"] == [
        {"title": "Something that went wrong", "problem": "It has no messages that can be found."}
    ]


def test_files_that_the_site_does_not_take_are_left_out(visitor: Visitor) -> None:
    pdf = "data:application/pdf;base64,JVBERi0xLjQ="
    chat = {"role": "user", "content": "Hi", "files": [{"type": "image", "url": pdf}]}
    data = json.dumps([{"title": "T", "chat": {"history": {"messages": {"a": chat}}}}]).encode()
    result = brought_in(visitor, data)
    assert result["files_left_out"] == 1
    (place,) = result["conversations"]
    assert visitor.get(f"/api/conversations/{place['id']}")["messages"][0]["attachments"] == []


def test_other_tabs_are_told(visitor: Visitor) -> None:
    with visitor.socket() as tab:
        (place,) = brought_in(visitor, (SAMPLES / "open_webui.json").read_bytes())["conversations"]
        frame = tab.receive()
    assert (frame["type"], frame["what"], frame["conversation"]) == ("changed", "created", place["id"])
    assert (frame["title"], frame["updated_at_ms"], frame["pinned"]) == ("Tides", 1_700_000_100_000, True)


def test_names_stay_inside_their_header(visitor: Visitor, conversation: str) -> None:
    for title in ('a"b\\c', "x; filename=evil.exe", "日本語", "Füße 😀", "\u202egpj", "../../x", "CON"):
        visitor.request("PATCH", f"/api/conversations/{conversation}", {"title": title})
        reply = get(visitor, f"/api/conversations/{conversation}?format=md")
        assert reply.status == 200
        assert reply.headers.get_content_disposition() == "attachment"
        name = reply.headers.get_filename()
        assert name is not None
        assert name.endswith(".md")
        assert not set('/\\"\u202e') & set(name)
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in reply.headers["Content-Security-Policy"]


@pytest.mark.parametrize("form", ["", "pdf", "JSON", "x" * 1000])
def test_a_format_that_is_not_known(visitor: Visitor, conversation: str, form: str) -> None:
    for path in (f"/api/conversations/{conversation}", "/api/export"):
        reply = get(visitor, f"{path}?format={form}")
        assert (reply.status, reply.error()["code"]) == (400, "invalid_input")
        assert "json, html, md" in reply.error()["message"]


def test_nobody_elses(visitor: Visitor, conversation: str, server: ParleyServer) -> None:
    stranger = Visitor(server)
    reply = get(stranger, f"/api/conversations/{conversation}?format=json")
    assert (reply.status, reply.body) == (404, get(stranger, "/api/conversations/missing?format=json").body)
    with zipfile.ZipFile(io.BytesIO(get(stranger, "/api/export").body)) as archive:
        assert archive.namelist() == ["index.json"]


def test_another_sites_page_may_not_import(visitor: Visitor) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert send(visitor, (SAMPLES / "librechat.json").read_bytes(), **headers).status == 403


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "empty"), (b"hello", "not valid JSON"), (b"{}", "Open WebUI"), (b"<p>", "saved from Parley")],
)
def test_what_cannot_be_taken_in_is_told(visitor: Visitor, data: bytes, words: str) -> None:
    reply = send(visitor, data)
    assert (reply.status, reply.error()["code"]) == (400, "invalid_input")
    assert words in reply.error()["message"]


def test_a_file_that_turns_out_to_be_wrong_leaves_nothing(visitor: Visitor) -> None:
    good = (SAMPLES / "librechat.json").read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("1.json", good)
        archive.writestr("2.json", b'{"cut')
    reply = send(visitor, packed.getvalue())
    assert (reply.status, reply.error()["code"]) == (400, "invalid_input")
    assert visitor.get("/api/conversations")["conversations"] == []


def test_a_file_that_is_too_large_is_refused_before_it_comes(server: ParleyServer, visitor: Visitor) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.putrequest("POST", "/api/import")
    connection.putheader("Content-Length", str(10**10))
    connection.putheader("Cookie", visitor.cookie)
    connection.endheaders(b"x")
    response = connection.getresponse()
    assert response.status == 400
    assert b"files of up to 3 MB" in response.read()
    connection.close()


def test_so_many_a_minute_from_one_address(visitor: Visitor, conversation: str) -> None:
    for count, path in (
        (EXPORTS_PER_MINUTE, f"/api/conversations/{conversation}?format=md"),
        (EXPORTS_OF_ALL_PER_MINUTE, "/api/export"),
    ):
        assert {get(visitor, path, "192.0.2.1").status for _ in range(count)} == {200}
        reply = get(visitor, path, "192.0.2.1")
        assert (reply.status, reply.error()["code"]) == (429, "limit_reached")
        assert int(reply.headers["Retry-After"]) >= 1
    assert {send(visitor, b"", "192.0.2.1").status for _ in range(IMPORTS_PER_MINUTE)} == {400}
    assert send(visitor, b"", "192.0.2.1").status == 429


def test_a_large_history_goes_out_without_being_held_in_memory(tmp_path: Path) -> None:
    """Thirty conversations of 1 MB, to four readers at once."""
    message = {"id": 1, "parent": None, "role": "user", "created_at_ms": 5, "text": "word " * 200_000}
    value = {"format": "parley-transcript", "version": 1, "title": "T", "created_at_ms": 5, "updated_at_ms": 6}
    with ParleyServer(tmp_path) as running:
        visitor, pid = Visitor(running), running.worker_pid()
        data = json.dumps([{**value, "messages": [message]} for _ in range(30)]).encode()
        assert call(running, "POST", "/api/import", data, {}, visitor.cookie).status == 201
        before_mb = memory_mb(pid)
        with ThreadPoolExecutor(4) as pool:
            replies = list(pool.map(lambda _: call(running, "GET", "/api/export", cookie=visitor.cookie), range(4)))
        assert {reply.status for reply in replies} == {200}
        assert memory_mb(pid) - before_mb < 40  # of 120
