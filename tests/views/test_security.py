"""The safety rules of design.md, section 10: one test or more for each that a server can keep."""

from __future__ import annotations

import ast
import json
import re
import socket
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import websocket

from tests.parley_server import ROOT, ParleyServer, Visitor
from tests.scripted_server import LAST_CHUNK, ScriptedServer, chunk, reply_head, whole
from tests.views.conftest import ORIGIN, OWNER, PASSWORD, SECRET
from tests.views.http import Reply, call
from webapp.app import create_app
from webapp.limits import GUESSES_PER_MINUTE
from webapp.settings import Settings
from webapp.views.security import SIGNED_PATHS

HELLO = [reply_head("Transfer-Encoding: chunked"), chunk(b"Hello"), LAST_CHUNK]
CHANGES = ("POST", "PATCH", "DELETE")
addresses = (f"192.0.2.{number}" for number in count(1))


def new_id() -> str:
    return str(uuid.uuid4())


@pytest.fixture(scope="session")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """Method and path of every route, as the program knows them."""
    app = create_app(Settings(data_dir=str(tmp_path_factory.mktemp("routes"))))
    app.extensions["parley"].close()
    return [
        (method, re.sub(r"<[^>]+>", "x", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def static_path(server: ParleyServer) -> str:
    found = re.search(rb'href="(/static/[0-9a-f]+/[^"]+\.css)"', call(server, "GET", "/").body)
    assert found is not None
    return found[1].decode()


# --- Content-Security-Policy and the other headers -------------------------------------------------------------------


def check_policy(reply: Reply) -> None:
    policy = reply.policy()
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["font-src"] == ["'self'"]
    assert policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert policy["form-action"] == policy["frame-src"] == ["'self'"]
    # No image of an answer is fetched from another host.
    assert set(policy["img-src"]) <= {"'self'", "data:", "blob:"}
    assert policy["require-trusted-types-for"] == ["'script'"]
    assert all("unsafe" not in word and word != "*" for words in policy.values() for word in words)
    assert reply.headers["X-Frame-Options"] == "DENY"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}


def test_every_route_has_the_strict_policy(server: ParleyServer, routes: list[tuple[str, str]]) -> None:
    visitor = Visitor(server)
    for method, path in routes:
        if path.startswith(("/embed", "/widget")):  # theirs are stricter or say who may frame: test_embed_frames.py
            continue
        reply = call(server, method, path, {} if method in CHANGES else None, cookie=visitor.cookie)
        check_policy(reply)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nothing", None, 404),
        ("GET", "/static/0123456789ab/js/main.js", None, 404),
        ("PUT", "/api/ask", None, 405),
        ("POST", "/api/ask", b"{", 400),
        ("POST", "/api/ask", b" " * (17 * 1024 * 1024), 413),
        ("POST", "/api/generate", b"{", 400),
        ("GET", "/ws", None, 403),
        ("GET", "/admin", None, 308),
        ("OPTIONS", "/", None, 200),
    ],
)
def test_every_refusal_has_it_too(server: ParleyServer, method: str, path: str, body: object, status: int) -> None:
    reply = call(server, method, path, body)
    assert reply.status == status
    check_policy(reply)


def test_an_inner_error_has_it_too(configured: ParleyServer) -> None:
    with out_of_order(configured):
        reply = call(configured, "POST", "/api/ask", {"id": new_id(), "text": "Hi"})
        assert (reply.status, reply.error()["code"]) == (500, "internal")
        check_policy(reply)


def test_static_files_have_it_too(server: ParleyServer) -> None:
    reply = call(server, "GET", static_path(server))
    assert reply.status == 200
    check_policy(reply)


def test_the_socket_of_the_own_host_may_be_opened(server: ParleyServer, configured: ParleyServer) -> None:
    policy = call(server, "GET", "/").headers["Content-Security-Policy"]
    assert f"connect-src 'self' ws://127.0.0.1:{server.port};" in policy
    through_proxy = {"X-Forwarded-Proto": "https", "Host": "chat.example.org", "X-Forwarded-Host": "evil.example"}
    policy = call(configured, "GET", "/", headers=through_proxy).headers["Content-Security-Policy"]
    assert "connect-src 'self' wss://chat.example.org;" in policy  # the proxy passes Host on; the other is not believed


def test_a_forwarded_scheme_is_not_believed_without_trusted_proxies(server: ParleyServer) -> None:
    policy = call(server, "GET", "/", headers={"X-Forwarded-Proto": "https"}).headers["Content-Security-Policy"]
    assert f"connect-src 'self' ws://127.0.0.1:{server.port};" in policy


def test_a_strange_host_adds_nothing_to_the_policy(server: ParleyServer) -> None:
    for host in ("x *", "x;script-src-elem *", "x, default-src *"):
        reply = call(server, "GET", "/api/models", headers={"Host": host})
        assert reply.status == 400 or "*" not in reply.headers["Content-Security-Policy"], host


class Inline(HTMLParser):
    """Finds whatever a strict policy would not run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in values):
            self.found.append(tag)
        for name, value in values.items():
            if name == "style" or name.startswith("on") or (value or "").lower().strip().startswith("javascript:"):
                self.found.append(f"{tag} {name}")
            if name in {"src", "href", "action"} and re.match(r"(https?:)?//", value or ""):
                self.found.append(f"{tag} {name} to another host")


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_no_template_has_anything_inline(path: Path) -> None:
    parser = Inline()
    parser.feed(path.read_text())
    assert parser.found == []
    assert "|safe" not in path.read_text().replace(" ", "")


def test_no_script_of_ours_puts_text_in_as_markup() -> None:
    forbidden = re.compile(
        r"\b(innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe|unsafeHTML|unsafeSVG|document\.write|eval\(|"
        r"new Function|createContextualFragment)"
    )
    scripts = sorted((ROOT / "static/js").rglob("*.js"))
    assert scripts
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in scripts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if forbidden.search(line.partition("//")[0]) and not line.lstrip().startswith("*")
    ]
    assert found == []


# --- who may change anything -----------------------------------------------------------------------------------------

FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "something new"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1"},  # another port
    {"Origin": "file://"},
    {"Origin": "http://[malformed"},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site", "Origin": "own"},
]
OWN: list[dict[str, str]] = [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "own"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "own"},
]


def filled(server: ParleyServer, headers: dict[str, str]) -> dict[str, str]:
    return {name: server.url if value == "own" else value for name, value in headers.items()}


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_another_sites_page_changes_nothing(
    server: ParleyServer, routes: list[tuple[str, str]], headers: dict[str, str]
) -> None:
    visitor = Visitor(server)
    changing = [(method, path) for method, path in routes if method in CHANGES and path not in SIGNED_PATHS]
    assert len(changing) >= 8
    for method, path in changing:
        body = {"id": new_id(), "text": "Hi", "title": "x"}
        reply = call(server, method, path, body, filled(server, headers), visitor.cookie)
        assert (reply.status, reply.error()["code"]) == (403, "forbidden"), (method, path)
    assert visitor.get("/api/conversations")["conversations"] == []


@pytest.mark.parametrize("headers", OWN, ids=str)
def test_the_own_pages_and_programs_may(server: ParleyServer, headers: dict[str, str]) -> None:
    visitor = Visitor(server)
    body = {"id": new_id(), "text": "Do you remember?"}
    reply = call(server, "POST", "/api/ask", body, filled(server, headers), visitor.cookie)
    assert reply.status == 201
    path = f"/api/conversations/{reply.json()['conversation']['id']}"
    assert call(server, "DELETE", path, None, filled(server, headers), visitor.cookie).status == 204


def test_reading_is_free_of_that(server: ParleyServer) -> None:
    for headers in FOREIGN:
        assert call(server, "GET", "/", headers=filled(server, headers)).status == 200


def test_the_public_url_is_the_own_origin(configured: ParleyServer) -> None:
    visitor = Visitor(configured)
    for origin, status in ((ORIGIN, 404), (ORIGIN.upper(), 404), ("https://evil.example", 403), (ORIGIN + "x", 403)):
        reply = call(configured, "DELETE", "/api/conversations/x", None, {"Origin": origin}, visitor.cookie)
        assert reply.status == status, origin


def test_the_signed_paths_are_open_to_programs_of_any_origin(server: ParleyServer) -> None:
    for path in sorted(SIGNED_PATHS):
        reply = call(server, "POST", path, {}, {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})
        assert reply.status != 403
        assert "Access-Control-Allow-Origin" not in reply.headers


def test_a_link_can_fill_the_composer_and_sends_nothing(server: ParleyServer) -> None:
    visitor = Visitor(server)
    for path in ("/?q=Delete+everything", "/c/x?q=Hello&send=1"):
        reply = call(server, "GET", path, cookie=visitor.cookie)
        assert reply.status == 200
        assert b"Delete everything" not in reply.body
    assert visitor.get("/api/conversations")["conversations"] == []
    assert visitor.get("/api/visitor")["running"] == []


def socket_to(server: ParleyServer, cookie: str, **options: Any) -> Any:
    client = websocket.create_connection(f"ws://127.0.0.1:{server.port}/ws", timeout=10, cookie=cookie, **options)
    try:
        client.send(json.dumps({"type": "hello", "v": 1}))
        return json.loads(client.recv())
    finally:
        client.close()


def test_a_socket_from_the_public_url(configured: ParleyServer, server: ParleyServer) -> None:
    visitor = Visitor(configured)
    assert socket_to(configured, visitor.cookie, origin=ORIGIN)["type"] == "hello"
    for other in ("https://chat.example.org.evil.example", "http://chat.example.org", "http://[malformed", "null"):
        with pytest.raises(websocket.WebSocketBadStatusException) as caught:
            socket_to(configured, visitor.cookie, origin=other)
        assert caught.value.status_code == 403, other
    with pytest.raises(websocket.WebSocketBadStatusException):
        socket_to(server, Visitor(server).cookie, origin=ORIGIN)


# --- cookies ---------------------------------------------------------------------------------------------------------


def test_the_flags_of_the_cookies(server: ParleyServer, configured: ParleyServer) -> None:
    key = re.search(r"/admin/enter/(\w+)", server.log())
    assert key is not None
    plain = call(server, "GET", "/").cookies() | call(server, "GET", f"/admin/enter/{key[1]}").cookies()
    from_proxy = {"X-Forwarded-For": next(addresses)}
    form = b"password=" + OWNER.encode()
    typed = {**from_proxy, "Content-Type": "application/x-www-form-urlencoded"}
    secure = call(configured, "GET", "/").cookies() | call(configured, "POST", "/admin/enter", form, typed).cookies()
    for cookies, is_secure in ((plain, False), (secure, True)):
        assert cookies.keys() == {"__Host-parley_visitor" if is_secure else "parley_visitor", "session"}
        for line in cookies.values():
            flags = {flag.strip().lower() for flag in line.split(";")[1:]}
            assert {"httponly", "path=/", "samesite=strict" if line.startswith("session=") else "samesite=lax"} <= flags
            assert ("secure" in flags) == is_secure
            assert not any(flag.startswith("domain") for flag in flags)


def test_https_is_remembered_when_the_public_url_says_so(server: ParleyServer, configured: ParleyServer) -> None:
    assert "max-age" in call(configured, "GET", "/").headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in call(server, "GET", "/").headers


# --- the owner -------------------------------------------------------------------------------------------------------


def sign_in_link(server: ParleyServer) -> str:
    found = re.search(r"(/admin/enter/\w+)", server.log())
    assert found is not None
    return found[1]


def owner_cookie(reply: Reply) -> str:
    return reply.cookies()["session"].split(";")[0]


def test_the_owners_page_needs_the_sign_in(configured: ParleyServer) -> None:
    for cookie in ("", Visitor(configured).cookie, "session=eyJvd25lciI6dHJ1ZX0.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"):
        reply = call(configured, "GET", "/admin/", cookie=cookie)
        assert (reply.status, b"Sign in as owner" in reply.body) == (200, True)
        assert b"Running answers" not in reply.body
        assert str(configured.data_dir).encode() not in reply.body


def test_the_sign_in_link_the_page_and_signing_out(configured: ParleyServer) -> None:
    reply = call(configured, "GET", sign_in_link(configured), headers={"X-Forwarded-For": next(addresses)})
    # Not a redirect, which a browser that came from another site would follow without the strict cookie.
    assert (reply.status, b'content="0; url=/admin/"' in reply.body) == (200, True)
    cookie = owner_cookie(reply)
    page = call(configured, "GET", "/admin/", cookie=cookie)
    assert b"Running answers" in page.body
    assert page.headers["Cache-Control"] == "no-store"
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert call(configured, "POST", "/admin/leave", b"", headers, cookie).status == 403
    reply = call(configured, "POST", "/admin/leave", b"", {"Sec-Fetch-Site": "same-origin"}, cookie)
    assert reply.status == 303
    assert b"Sign in as owner" in call(configured, "GET", "/admin/", cookie=owner_cookie(reply)).body


def test_a_wrong_key_is_nothing(configured: ParleyServer) -> None:
    right = sign_in_link(configured)
    for wrong in (
        right[:-1],
        right + "0",
        right[:-1] + "é",
        "/admin/enter/x",
        right.upper().replace("/ADMIN", "/admin"),
    ):
        reply = call(configured, "GET", wrong.replace("é", "%C3%A9"), headers={"X-Forwarded-For": next(addresses)})
        assert reply.status == 404
        assert "session" not in reply.cookies()


def test_the_password(configured: ParleyServer, server: ParleyServer) -> None:
    def enter(where: ParleyServer, form: bytes) -> Reply:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": next(addresses)}
        return call(where, "POST", "/admin/enter", form, headers)

    for form in (b"", b"password=", b"password=wrong", b"password=" + OWNER.encode()[:-1], b"password=%ff%00"):
        reply = enter(configured, form)
        assert (reply.status, b"not right" in reply.body) == (401, True)
        assert "session" not in reply.cookies()
    right = enter(configured, b"password=" + OWNER.encode())
    assert b"Running answers" in call(configured, "GET", "/admin/", cookie=owner_cookie(right)).body
    assert enter(server, b"password=").status == 401  # none is set there, and none opens it


def test_guesses_are_limited_for_each_address_the_proxy_names(configured: ParleyServer) -> None:
    def guess(forwarded: str) -> int:
        return call(configured, "GET", "/admin/enter/x", headers={"X-Forwarded-For": forwarded}).status

    address = next(addresses)
    for number in range(GUESSES_PER_MINUTE):
        assert guess(f"203.0.113.{number}, {address}") == 404  # what a client says itself is not believed
    reply = call(configured, "GET", sign_in_link(configured), headers={"X-Forwarded-For": address})
    assert (reply.status, reply.error()["code"]) == (429, "limit_reached")
    assert 1 <= int(reply.headers["Retry-After"]) <= 60
    assert guess(next(addresses)) == 404
    wrong = b"password=wrong"
    typed = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": address}
    assert call(configured, "POST", "/admin/enter", wrong, typed).status == 429


def test_nobody_is_believed_without_trusted_proxies(tmp_path: Path) -> None:
    plain = ParleyServer(tmp_path)
    plain.start()
    try:
        statuses = [
            call(plain, "GET", "/admin/enter/x", headers={"X-Forwarded-For": next(addresses)}).status
            for _ in range(GUESSES_PER_MINUTE + 2)
        ]
    finally:
        plain.kill()
    assert statuses == [404] * GUESSES_PER_MINUTE + [429] * 2


# --- secrets ---------------------------------------------------------------------------------------------------------


def test_no_secret_is_compared_with_an_equals_sign() -> None:
    """A plain comparison takes longer the more of it is right."""
    name = re.compile(r"secret|password|passwd|sign(ed|ature)?$|token|(^|_)key$|expected|digest", re.IGNORECASE)
    found = []
    for path in sorted((ROOT / "webapp").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Compare):
                continue
            for operator, right in zip(node.ops, node.comparators, strict=True):
                sides = [ast.unparse(side) for side in (node.left, right)]
                if re.search(r"\.c\.\w+_hash$", sides[0]):
                    continue  # the database looks for a hash: how long that takes says nothing about what was hashed
                if isinstance(operator, ast.Eq | ast.NotEq) and any(name.search(side) for side in sides):
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}")
    assert found == []


def test_the_upstreams_secrets_never_reach_a_browser(
    configured: ParleyServer, upstream: ScriptedServer, routes: list[tuple[str, str]]
) -> None:
    kept = [(configured.data_dir / "secret_key").read_text(), "parley-test-secret", "open sesame", "hunter2"]
    secrets = [word.encode() for word in (SECRET, PASSWORD, OWNER, *kept)]
    visitor = Visitor(configured)
    seen: list[bytes] = []

    def look(reply: Reply) -> Reply:
        seen.append(str(reply.headers).encode() + reply.body)
        return reply

    for refusal in (b"Invalid signature.", b"Invalid password.", b"no"):
        body = b'{"error": {"message": "%b"}}' % refusal
        upstream.play([whole(body, status="401 Unauthorized")])
        turn = visitor.ask()
        assert visitor.wait_for(turn["answer"]["id"])["status"] == "failed"
        look(call(configured, "GET", f"/api/answers/{turn['answer']['id']}/events", cookie=visitor.cookie))
        look(call(configured, "GET", f"/api/conversations/{turn['conversation']['id']}", cookie=visitor.cookie))
    assert upstream.requests[0].json()["pass"] == PASSWORD  # it was used
    owner = owner_cookie(
        call(configured, "GET", sign_in_link(configured), headers={"X-Forwarded-For": next(addresses)})
    )
    for cookie in (visitor.cookie, owner):
        for method, path in routes:
            headers = {"X-Forwarded-For": next(addresses)}
            look(call(configured, method, path, {} if method in CHANGES else None, headers, cookie))
    prefix = "/".join(static_path(configured).split("/")[:3])
    files = [
        path for path in sorted((ROOT / "static").rglob("*")) if path.is_file() and path.suffix not in (".br", ".gz")
    ]  # the ready-made forms are served under the names of what they compress
    started_s = (configured.data_dir / "server.lock").stat().st_mtime
    for file in files:
        status = look(call(configured, "GET", f"{prefix}/{file.relative_to(ROOT / 'static').as_posix()}")).status
        # Whoever builds the page meanwhile takes files away and adds some that this server has not seen.
        assert status == 200 or not file.exists() or file.stat().st_mtime > started_s, file
    seen.append(json.dumps(socket_to(configured, visitor.cookie, origin=ORIGIN)).encode())
    assert len(seen) > 40
    for secret in secrets:
        assert [text for text in seen if secret in text] == []
        assert secret not in configured.log().encode()


# --- what people write is never logged -------------------------------------------------------------------------------


@contextmanager
def out_of_order(server: ParleyServer, *, kind: str = "refusing") -> Iterator[None]:
    """A database that refuses new messages, as a broken rule (`refusing`) or as if it were broken itself."""
    with closing(sqlite3.connect(server.data_dir / "parley.db", isolation_level=None, timeout=10)) as connection:
        what = "RAISE(ABORT, 'not today')" if kind == "refusing" else "json('{')"
        connection.execute(f"CREATE TRIGGER broken BEFORE INSERT ON messages BEGIN SELECT {what}; END")
        try:
            yield
        finally:
            connection.execute("DROP TRIGGER broken")


def never_logged(server: ParleyServer, marker: str) -> None:
    leaked = [line for line in server.log().splitlines() if marker in line]
    assert leaked == []


@pytest.mark.parametrize(
    "script",
    [
        HELLO,
        [reply_head("Transfer-Encoding: chunked"), chunk(b"half of MARKER"), "close"],
        [whole(b'{"error": {"message": "No."}}', status="500 Oops")],
        [whole(b"<html><title>Sorry</title>MARKER</html>", "Content-Type: text/html", status="502 Bad Gateway")],
        [whole(b"")],
        ["reset"],
        [b"HTTP/1.1 MARKER\r\n\r\n"],
    ],
    ids=["done", "cut", "refused", "page", "empty", "reset", "nonsense"],
)
def test_message_text_is_never_logged(configured: ParleyServer, upstream: ScriptedServer, script: list[Any]) -> None:
    marker = f"marker{uuid.uuid4().hex}"
    upstream.play([step.replace(b"MARKER", marker.encode()) if isinstance(step, bytes) else step for step in script])
    visitor = Visitor(configured)
    turn = visitor.ask(f"Tell me about {marker}.")
    visitor.wait_for(turn["answer"]["id"])
    with visitor.socket(origin=ORIGIN) as tab:
        started = tab.ask(f"More about {marker}!")
        tab.read_answer(started["answer"]["id"])
    visitor.get(f"/api/conversations?query={marker}")
    visitor.request("PATCH", f"/api/conversations/{turn['conversation']['id']}", {"title": marker})
    never_logged(configured, marker)


def test_message_text_is_not_logged_when_an_upstream_quotes_it(
    configured: ParleyServer, upstream: ScriptedServer
) -> None:
    marker = f"marker{uuid.uuid4().hex}"
    body = json.dumps({"error": {"message": f"Blocked: {marker}"}}).encode()
    upstream.play([whole(body, status="400 Bad Request")])
    visitor = Visitor(configured)
    turn = visitor.ask(marker)
    answer = visitor.wait_for(turn["answer"]["id"])
    assert marker in answer["error"]["message"]  # the visitor may know
    assert turn["answer"]["id"] in configured.log()
    never_logged(configured, marker)


@pytest.mark.parametrize(("kind", "status"), [("refusing", 500), ("broken", 503)])
def test_message_text_is_not_logged_when_the_database_fails(
    configured: ParleyServer, upstream: ScriptedServer, kind: str, status: int
) -> None:
    upstream.play(HELLO)
    marker = f"marker{uuid.uuid4().hex}"
    visitor = Visitor(configured)
    with out_of_order(configured, kind=kind):
        reply = call(configured, "POST", "/api/ask", {"id": new_id(), "text": marker}, cookie=visitor.cookie)
        assert reply.status == status
        assert marker.encode() not in reply.body
        with visitor.socket(origin=ORIGIN) as tab:
            tab.send({"type": "ask", "id": new_id(), "text": marker})
            try:
                assert tab.receive()["type"] == "error"
            except websocket.WebSocketException:
                assert kind == "refusing"
    never_logged(configured, marker)
    assert call(configured, "POST", "/api/ask", {"id": new_id(), "text": "Hi"}, cookie=visitor.cookie).status == 201


def test_message_text_is_not_logged_when_it_cannot_be_read(configured: ParleyServer) -> None:
    marker = f"marker{uuid.uuid4().hex}"
    visitor = Visitor(configured)
    for body in (
        f'{{"text": "{marker}"'.encode(),
        json.dumps({"id": marker, "text": marker}).encode(),
        json.dumps({"id": new_id(), "text": marker * 100}).encode(),
        json.dumps({"id": new_id(), "text": marker, "model": marker}).encode(),
        json.dumps({marker: marker}).encode(),
    ):
        assert call(configured, "POST", "/api/ask", body, cookie=visitor.cookie).status == 400
        assert call(configured, "POST", "/api/generate", body).status == 400
        with visitor.socket(origin=ORIGIN) as tab:
            tab.ws.send(body)
            assert tab.receive()["type"] == "error"
    call(configured, "GET", f"/?q={marker}")
    never_logged(configured, marker)


@pytest.mark.parametrize("origin", ["http://chat.example.org", "https://evil.example", "http://evil.example"])
def test_with_a_public_url_the_asked_host_proves_nothing(configured: ParleyServer, origin: str) -> None:
    """A page whose name was made to resolve to this server (DNS rebinding) has its own name as Origin and Host."""
    host = origin.split("//")[1]
    reply = call(configured, "POST", "/api/answers/x/stop", headers={"Origin": origin, "Host": host})
    assert reply.status == 403


def test_the_data_folder_is_private(tmp_path: Path) -> None:
    with ParleyServer(tmp_path / "data") as running:
        Visitor(running).ask("private")
        names = ["parley.db", "parley.db-wal", "parley.db-shm", "server.lock", "secret_key", "gateway_secret"]
        assert {name: oct((running.data_dir / name).stat().st_mode & 0o777) for name in names} == dict.fromkeys(
            names, "0o600"
        )


def test_a_body_that_never_comes_is_not_awaited_for_ever(tmp_path: Path) -> None:
    with ParleyServer(tmp_path, write_timeout_s=1) as running:
        with socket.create_connection(("127.0.0.1", running.port), timeout=10) as slow:
            slow.sendall(b"POST /api/ask HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{")
            assert slow.recv(4096).startswith(b"HTTP/1.1 408 ")
            while slow.recv(4096):
                pass
        with socket.create_connection(("127.0.0.1", running.port), timeout=10) as broken:
            broken.sendall(b"POST /api/ask HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            broken.sendall(b"-2\r\n{}\r\n0\r\n\r\n")
            assert broken.recv(4096).startswith(b"HTTP/1.1 400 ")
        assert "Traceback" not in running.log()


def test_texts_that_fold_to_much_more_hold_nobody_up(server: ParleyServer) -> None:
    visitor = Visitor(server)
    begun_s = time.monotonic()
    for _ in range(8):  # a character that becomes eighteen when a search folds it
        answer = visitor.ask("\ufdfa" * 90_000)["answer"]["id"]
        visitor.request("POST", f"/api/answers/{answer}/stop")
    status, body = visitor.request("GET", "/api/conversations?query=zz")
    assert (status, body["conversations"]) == (200, [])
    assert time.monotonic() - begun_s < 10
    status, body = visitor.request("GET", "/api/conversations?query=" + quote("\ufdfa" * 150))
    assert (status, body["error"]["code"]) == (400, "invalid_input")
