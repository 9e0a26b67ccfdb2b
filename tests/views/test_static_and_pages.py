"""The page and its cookie, the static files under their hash, liveness and readiness."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.parley_server import ROOT, ParleyServer, Visitor
from tests.views.http import call
from webapp.views.static_files import StaticFiles

STATIC = ROOT / "static"


class Links(HTMLParser):
    """Every address a page loads something from."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in {"src", "href"} and tag in {"link", "script"}]


@pytest.fixture
def prefix(server: ParleyServer) -> str:
    return StaticFiles(STATIC).prefix


def test_the_page_sets_the_cookie_once(server: ParleyServer) -> None:
    first = call(server, "GET", "/")
    assert (first.status, first.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert first.cookies().keys() == {"parley_visitor"}
    assert "Max-Age=34560000" in first.cookies()["parley_visitor"]
    cookie = first.cookies()["parley_visitor"].split(";")[0]
    for path in ("/", "/c/anything", "/api/visitor"):
        assert call(server, "GET", path, cookie=cookie).cookies() == {}
    assert call(server, "GET", "/").cookies()["parley_visitor"].split(";")[0] != cookie


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/nothing", "/admin/"])
def test_what_is_not_for_visitors_makes_none(server: ParleyServer, path: str) -> None:
    assert call(server, "GET", path).cookies() == {}


def test_a_conversation_has_an_address(server: ParleyServer) -> None:
    visitor = Visitor(server)
    plain = call(server, "GET", "/", cookie=visitor.cookie)
    for path in ("/c/abc", "/c/%3Cscript%3Ealert(1)"):
        reply = call(server, "GET", path, cookie=visitor.cookie)
        assert (reply.status, reply.body) == (200, plain.body)  # the page reads its address itself


@pytest.mark.parametrize("page", ["/", "/admin/", "/nothing"])
def test_everything_a_page_loads_is_there_and_kept_for_ever(server: ParleyServer, prefix: str, page: str) -> None:
    links = Links(call(server, "GET", page, headers={"Accept": "text/html"}).body).found
    assert links
    for link in links:
        assert link.startswith(f"{prefix}/"), link
        reply = call(server, "GET", link)
        assert reply.status == 200, link
        assert {"public", "immutable"} <= set(re.split(r",\s*", reply.headers["Cache-Control"]))
        max_age = re.search(r"max-age=(\d+)", reply.headers["Cache-Control"])
        assert max_age is not None
        assert int(max_age[1]) >= 31_536_000
        assert reply.body == (STATIC / link.removeprefix(f"{prefix}/")).read_bytes()
        assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize(
    ("name", "kind"), [("js/main.js", "text/javascript"), ("css/tokens.css", "text/css"), ("icon.svg", "image/svg+xml")]
)
def test_static_files_say_what_they_are(server: ParleyServer, prefix: str, name: str, kind: str) -> None:
    assert call(server, "GET", f"{prefix}/{name}").headers["Content-Type"].split(";")[0] == kind
    head = call(server, "HEAD", f"{prefix}/{name}")
    assert (head.status, head.body) == (200, b"")


def test_an_old_hash_is_told_politely(server: ParleyServer, prefix: str) -> None:
    old = "/static/0123456789ab/js/main.js"
    reply = call(server, "GET", old)
    assert (reply.status, reply.error()["code"]) == (404, "not_found")
    assert reply.headers["Cache-Control"] == "no-store"  # or a proxy would keep the refusal
    page = call(server, "GET", old, headers={"Accept": "text/html"})
    assert (page.status, b"Go to the chat" in page.body) == (404, True)


@pytest.mark.parametrize(
    "path",
    ["/../webapp/app.py", "/..%2f..%2fwebapp/app.py", "/%2e%2e/webapp/app.py", "//etc/passwd", "/js/", "/js", ""],
)
def test_nothing_outside_the_folder_is_served(server: ParleyServer, prefix: str, path: str) -> None:
    reply = call(server, "GET", prefix + path)
    assert reply.status in {301, 302, 308, 400, 404}
    assert b"create_app" not in reply.body


def test_the_hash_changes_with_every_file_and_name(tmp_path: Path) -> None:
    shutil.copytree(STATIC / "css", tmp_path / "static")
    before = StaticFiles(tmp_path / "static").prefix
    assert StaticFiles(tmp_path / "static").prefix == before
    file = next(path for path in (tmp_path / "static").rglob("*") if path.is_file())
    file.write_bytes(file.read_bytes() + b" ")
    changed = StaticFiles(tmp_path / "static").prefix
    file.rename(file.with_suffix(".other"))
    renamed = StaticFiles(tmp_path / "static").prefix
    assert len({before, changed, renamed}) == 3


def test_alive_and_ready(configured: ParleyServer) -> None:
    for path in ("/healthz", "/readyz"):
        reply = call(configured, "GET", path)
        assert (reply.status, reply.json()) == (200, {"status": "ok"})
        assert reply.headers["Cache-Control"] == "no-store"
    with closing(sqlite3.connect(configured.data_dir / "parley.db", isolation_level=None, timeout=10)) as connection:
        connection.execute("ALTER TABLE visitors RENAME TO hidden")
        try:
            assert call(configured, "GET", "/healthz").status == 200
            reply = call(configured, "GET", "/readyz")
            assert (reply.status, reply.error()["code"]) == (503, "history_unavailable")
            assert int(reply.headers["Retry-After"]) >= 1
        finally:
            connection.execute("ALTER TABLE hidden RENAME TO visitors")
    assert call(configured, "GET", "/readyz").status == 200
