"""PDFs over HTTP: read while somebody waits for it, handed out as they came, and run by no browser."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.faults.processes import wait_until
from tests.parley_server import ParleyServer, Visitor
from tests.pdfs import pdf, protected, scanned, slow
from tests.views.http import call


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    with ParleyServer(tmp_path_factory.mktemp("parley"), asks_per_minute=10000) as running:
        yield running


@pytest.fixture
def visitor(server: ParleyServer) -> Visitor:
    return Visitor(server)


def children(server: ParleyServer) -> list[str]:
    """The processes that the worker started."""
    pid = server.worker_pid()
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_a_pdf_is_taken_in_and_handed_out(visitor: Visitor, server: ParleyServer) -> None:
    data = pdf("Total: 7", "Thanks")
    sent = call(server, "POST", "/api/attachments?name=bill.html", data, cookie=visitor.cookie)
    assert sent.status == 201, sent.body
    attachment = sent.json()["attachment"]
    assert attachment == {
        "id": attachment["id"],
        "name": "bill.html",
        "media_type": "application/pdf",
        "size_bytes": len(data),
        "pages": 2,
    }
    reply = call(server, "GET", f"/api/attachments/{attachment['id']}", cookie=visitor.cookie)
    assert (reply.status, reply.body, reply.headers["Content-Type"]) == (200, data, "application/pdf")
    assert reply.headers["Content-Disposition"] == "attachment; filename*=UTF-8''bill.html"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    turn = visitor.ask("How much?", attachments=[attachment["id"]])
    assert turn["message"]["attachments"] == [attachment]
    assert children(server) == []


def test_what_cannot_be_read_is_told_and_kept_nowhere(visitor: Visitor, server: ParleyServer) -> None:
    before = sorted((server.data_dir / "files").rglob("*"))
    for data, word in [(scanned(), "scanned"), (protected("x"), "protected"), (b"%PDF-1.4 \0\1", "damaged")]:
        reply = call(server, "POST", "/api/attachments?name=secret-name", data, cookie=visitor.cookie)
        assert (reply.status, reply.error()["code"]) == (400, "invalid_input")
        assert word in reply.error()["message"]
    assert sorted((server.data_dir / "files").rglob("*")) == before
    assert "secret-name" not in server.log()


def test_others_are_served_meanwhile_and_it_ends_when_nobody_waits(visitor: Visitor, server: ParleyServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("POST", "/api/attachments?name=slow.pdf", slow(), {"Cookie": visitor.cookie})
    assert wait_until(lambda: len(children(server)) == 1)
    assert call(server, "GET", "/api/visitor", cookie=Visitor(server).cookie).status == 200
    assert len(children(server)) == 1
    connection.close()
    assert wait_until(lambda: not children(server), 5)


def test_readers_of_a_masked_share_see_its_name_alone(visitor: Visitor, server: ParleyServer) -> None:
    sent = call(server, "POST", "/api/attachments?name=bill.pdf", pdf("Total: 7"), cookie=visitor.cookie)
    file = sent.json()["attachment"]["id"]
    turn = visitor.ask("How much?", attachments=[file])
    visitor.wait_for(turn["answer"]["id"])
    for masked, status in ([], 200), (["email"], 404):
        body = {"conversation": turn["conversation"]["id"], "masked": masked}
        made = call(server, "POST", "/api/shares", body, cookie=visitor.cookie)
        path = urlsplit(made.json()["share"]["url"]).path
        page = call(server, "GET", path).body.decode()
        assert "bill.pdf" in page
        assert (f"{path}/files/{file}" in page) == (status == 200)
        assert ("Not shared: a PDF cannot be masked" in page) == (status == 404)
        reply = call(server, "GET", f"{path}/files/{file}")
        assert reply.status == status
        if status == 200:
            assert reply.headers.get_content_disposition() == "attachment"
            assert reply.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
