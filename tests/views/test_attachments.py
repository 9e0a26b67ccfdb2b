"""Files over HTTP: uploaded as they are, shown to nobody else, and never run by a browser."""

from __future__ import annotations

import http.client
import os
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.faults.processes import memory_mb, open_files, wait_until
from tests.parley_server import ParleyServer, Visitor
from tests.test_media_types import gif, png
from tests.views.http import Reply, call
from webapp.files import Files
from webapp.limits import UPLOADS_PER_MINUTE

MAX_BYTES = 1_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A server that takes small files, and believes a proxy about where they come from."""
    data_dir = tmp_path_factory.mktemp("parley")
    settings: dict[str, Any] = {"max_attachment_mb": 1, "files_mb_per_visitor": 1, "trusted_proxies": 1}
    with ParleyServer(data_dir, asks_per_minute=10000, **settings) as running:
        yield running


@pytest.fixture
def visitor(server: ParleyServer) -> Visitor:
    return Visitor(server)


def upload(visitor: Visitor, data: bytes, name: str = "notes.txt", address: str | None = None, **headers: str) -> Reply:
    """One upload, from an address of its own: the limit has a test of its own."""
    headers["X-Forwarded-For"] = address or f"2001:db8:0:{uuid.uuid4().hex[:4]}::1"
    path = f"/api/attachments?name={quote(name, errors='surrogatepass')}"
    return call(visitor.server, "POST", path, data, headers, visitor.cookie)


def uploaded(visitor: Visitor, data: bytes, name: str = "notes.txt") -> Any:
    reply = upload(visitor, data, name)
    assert reply.status == 201, reply.body
    assert reply.json().keys() == {"attachment"}
    return reply.json()["attachment"]


def get(visitor: Visitor, attachment_id: str, method: str = "GET") -> Reply:
    return call(visitor.server, method, f"/api/attachments/{attachment_id}", cookie=visitor.cookie)


def test_a_picture_is_shown_in_place(visitor: Visitor) -> None:
    attachment = uploaded(visitor, png(), "Füße.png")
    assert attachment == {
        "id": attachment["id"],
        "name": "Füße.png",
        "media_type": "image/png",
        "size_bytes": len(png()),
    }
    reply = get(visitor, attachment["id"])
    assert (reply.status, reply.body, reply.headers["Content-Type"]) == (200, png(), "image/png")
    assert reply.headers["Content-Length"] == str(len(png()))
    assert reply.headers["Content-Disposition"] == "inline; filename*=UTF-8''F%C3%BC%C3%9Fe.png"
    head = get(visitor, attachment["id"], "HEAD")
    assert (head.status, head.body, head.headers["Content-Type"]) == (200, b"", "image/png")


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("page.html", b"<!doctype html><script>alert(1)</script>", "text/plain; charset=utf-8"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "text/plain; charset=utf-8"),
        ("page.html", gif() + b"<script>alert(1)</script>", "image/gif"),
        ("run.js", b"GIF89a=alert(1)", "text/plain; charset=utf-8"),
    ],
)
def test_a_file_is_never_more_than_its_bytes(visitor: Visitor, name: str, data: bytes, kind: str) -> None:
    sent = upload(visitor, data, name, **{"Content-Type": "text/html"})
    assert sent.status == 201
    reply = get(visitor, sent.json()["attachment"]["id"])
    assert (reply.body, reply.headers["Content-Type"]) == (data, kind)
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert reply.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert reply.headers["Content-Disposition"].startswith("attachment" if kind.startswith("text/") else "inline")
    assert reply.cookies() == {}


@pytest.mark.parametrize(
    "name", ['a"b\\.txt', "a\r\nSet-Cookie: x=y.txt", "a;filename=evil.html", "\u202egnp.txt", "日本語.txt", ""]
)
def test_a_name_stays_inside_its_header(visitor: Visitor, name: str) -> None:
    reply = get(visitor, uploaded(visitor, b"x", name)["id"])
    assert reply.status == 200
    assert reply.headers.get_content_disposition() == "attachment"
    assert reply.cookies() == {}
    assert "\u202e" not in reply.headers["Content-Disposition"]


def test_files_belong_to_the_message_that_was_asked_with_them(visitor: Visitor, server: ParleyServer) -> None:
    notes, other = uploaded(visitor, b"my notes"), uploaded(visitor, b"other notes")
    turn = visitor.ask("What is in my notes?", attachments=[notes["id"], other["id"]])
    assert turn["message"]["attachments"] == [notes, other]
    assert visitor.wait_for(turn["answer"]["id"])["status"] == "done"
    path = f"/api/conversations/{turn['conversation']['id']}"
    assert visitor.get(path)["messages"][0]["attachments"] == [notes, other]
    assert get(visitor, notes["id"], "DELETE").error()["code"] == "conflict"
    assert get(Visitor(server), notes["id"]).status == 404
    assert visitor.request("DELETE", f"/api/messages/{turn['message']['id']}")[0] == 200  # not to be brought back
    assert get(visitor, notes["id"]).status == 404
    deadline_s = time.monotonic() + 10
    while {Files.name_of(b"my notes"), Files.name_of(b"other notes")} & {
        file.name for file in (server.data_dir / "files").rglob("*")
    }:
        assert time.monotonic() < deadline_s, "the files are still there"
        time.sleep(0.02)


def test_somebody_elses_file_is_not_there(visitor: Visitor, server: ParleyServer) -> None:
    mine, stranger = uploaded(visitor, b"mine"), Visitor(server)
    assert get(stranger, mine["id"]).error()["code"] == "not_found"
    assert get(stranger, mine["id"]).body == get(stranger, "missing").body
    assert get(stranger, mine["id"], "DELETE").status == 404
    assert call(server, "GET", f"/api/attachments/{mine['id']}").status == 404
    status, body = stranger.request(
        "POST", "/api/ask", {"id": str(uuid.uuid4()), "text": "Hi", "attachments": [mine["id"]]}
    )
    assert (status, body["error"]["code"]) == (404, "not_found")
    assert stranger.get("/api/conversations")["conversations"] == []
    assert get(visitor, mine["id"]).body == b"mine"


def test_deleting_before_asking(visitor: Visitor) -> None:
    mine = uploaded(visitor, b"mine, for a moment")
    reply = get(visitor, mine["id"], "DELETE")
    assert (reply.status, reply.body) == (204, b"")
    assert get(visitor, mine["id"]).status == 404
    assert get(visitor, mine["id"], "DELETE").status == 404


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"\0\1\2", "PNG, JPEG, GIF or WebP"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (png() + b"\0" * MAX_BYTES, "1 MB"),
        (png(1, 20_000), "pixels"),
    ],
    ids=["empty", "binary", "heic", "large", "wide"],
)
def test_what_cannot_be_taken_is_told_in_words(visitor: Visitor, data: bytes, word: str) -> None:
    reply = upload(visitor, data, "secret name.bin")
    assert reply.status == 400
    assert reply.error()["code"] == "invalid_input"
    assert word in reply.error()["message"]
    assert "secret name" not in visitor.server.log()


def test_a_file_that_is_far_too_large_is_refused_before_it_comes(server: ParleyServer, visitor: Visitor) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.putrequest("POST", "/api/attachments?name=film")
    connection.putheader("Content-Length", str(10**10))
    connection.putheader("Cookie", visitor.cookie)
    connection.endheaders(b"x")
    response = connection.getresponse()
    assert response.status == 400
    assert b"10,000.0 MB" in response.read()
    connection.close()


def test_one_visitor_has_so_much_room(visitor: Visitor) -> None:
    uploaded(visitor, b"x" * 600_000)
    reply = upload(visitor, b"y" * 600_000)
    assert (reply.status, reply.error()["code"]) == (429, "limit_reached")
    uploaded(visitor, b"z" * 400_000)


def test_so_many_uploads_a_minute_from_one_address(server: ParleyServer, visitor: Visitor) -> None:
    for _ in range(UPLOADS_PER_MINUTE):
        assert upload(visitor, b"", address="192.0.2.77").status == 400
    reply = upload(Visitor(server), b"x", address="192.0.2.77")
    assert (reply.status, reply.error()["code"]) == (429, "limit_reached")
    assert int(reply.headers["Retry-After"]) >= 1


def test_a_content_is_not_held_in_memory_for_readers_who_take_their_time(tmp_path: Path) -> None:
    """It is larger than what the system's own buffers take."""
    data = png() + bytes(10_000_000 - len(png()))
    with ParleyServer(tmp_path) as running:
        visitor, pid = Visitor(running), running.worker_pid()
        path = f"/api/attachments/{uploaded(visitor, data)['id']}"
        before_mb, readers = memory_mb(pid), []
        for _ in range(15):
            readers.append(socket.create_connection(("127.0.0.1", running.port)))
            readers[-1].sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nCookie: {visitor.cookie}\r\n\r\n".encode())
        for reader in readers:
            assert reader.recv(12) == b"HTTP/1.1 200"
        grown_mb = memory_mb(pid) - before_mb
        for reader in readers:
            reader.close()
        assert grown_mb < 50  # of 150 that they asked for
        assert call(running, "HEAD", path, cookie=visitor.cookie).headers["Content-Length"] == str(len(data))
        assert call(running, "GET", path, cookie=visitor.cookie).body == data
        assert wait_until(lambda: not [file for file in open_files(pid) if Files.name_of(data) in file])


def test_another_sites_page_may_not_upload(visitor: Visitor) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert upload(visitor, b"x", **headers).status == 403
        path = f"/api/attachments/{uploaded(visitor, b'kept')['id']}"
        assert call(visitor.server, "DELETE", path, None, headers, visitor.cookie).status == 403


def test_a_content_that_is_missing_is_told(server: ParleyServer, visitor: Visitor) -> None:
    mine = uploaded(visitor, b"soon gone")
    name = Files.name_of(b"soon gone")
    (server.data_dir / "files" / name[:2] / name).unlink()
    reply = get(visitor, mine["id"])
    assert reply.status == 404
    assert "missing" in reply.error()["message"]
    assert reply.headers["Cache-Control"] == "no-store"


def test_what_a_crash_left_is_swept_at_the_start(tmp_path: Path) -> None:
    files, then = Files(tmp_path / "files"), time.time() - 4000
    with ParleyServer(tmp_path) as running:
        kept = uploaded(visitor := Visitor(running), b"kept")
        names = {data: Files.name_of(data) for data in (b"kept", b"lost")}
        files.put(names[b"lost"], b"lost")
        for name in names.values():
            os.utime(tmp_path / "files" / name[:2] / name, (then, then))
        running.terminate()
        running.start()
        assert get(visitor, kept["id"]).body == b"kept"
        assert not (tmp_path / "files" / names[b"lost"][:2] / names[b"lost"]).exists()
