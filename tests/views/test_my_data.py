"""My data over HTTP: facts, the recovery code, the hand-off with its page, erasing, and private conversations."""

from __future__ import annotations

import re
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
import websocket

from tests.parley_server import ParleyServer, SocketClient, Visitor
from tests.scripted_server import LAST_CHUNK, ScriptedServer, chunk, reply_head, whole
from tests.views.http import Reply, call
from tests.views.test_access import Site, ask, sign_in
from webapp.limits import GUESSES_PER_MINUTE

FORMAT = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){6}")
WRONG_CODE = "-".join(["0000"] * 7)
TYPING_ERROR = WRONG_CODE[:-1] + "1"
GUESSER, OTHER_GUESSER = {"X-Forwarded-For": "203.0.113.7"}, {"X-Forwarded-For": "203.0.113.8"}
FORM = "application/x-www-form-urlencoded"
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def models() -> Iterator[ScriptedServer]:
    """What the server asks."""
    with ScriptedServer() as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, models: ScriptedServer) -> Iterator[ParleyServer]:
    """A server behind one proxy, so that every test may come from an address of its own."""
    running = ParleyServer(
        tmp_path_factory.mktemp("my data"),
        log_level="debug",
        retention_days=90,
        trusted_proxies=1,
        gprochat_url=models.url,
        gprochat_secret="s" * 40,
    )
    running.start()
    yield running
    running.kill()


@pytest.fixture
def own(site: ParleyServer, models: ScriptedServer) -> ParleyServer:
    """That server, with a quick answer to everything."""
    models.play([whole(b"An answer.")])
    return site


def cookie(reply: Reply) -> str:
    """The cookie a reply sets, as a browser sends it back."""
    return next(line.partition(";")[0] for name, line in reply.cookies().items() if name.endswith("parley_visitor"))


def with_cookie(server: ParleyServer, cookie: str) -> Visitor:
    visitor = Visitor(server)
    visitor.cookie = cookie
    return visitor


def ended(visitor: Visitor, text: str = "hello", **fields: object) -> Any:
    asked = visitor.ask(text, **fields)
    visitor.wait_for(asked["answer"]["id"])
    return asked


def hand_off(visitor: Visitor, conversation: str | None = None) -> str:
    """The path of a new hand-off."""
    status, body = visitor.request("POST", "/api/visitor/handoff", {"conversation": conversation})
    assert status == 201
    return urlsplit(body["url"]).path


def test_a_visitor_is_told_what_is_stored(own: ParleyServer) -> None:
    visitor = Visitor(own)
    empty = visitor.get("/api/visitor/data")
    assert empty == {
        "conversations": {"listed": 0, "archived": 0, "deleted": 0},
        "messages": 0,
        "files": {"count": 0, "bytes": 0},
        "snippets": 0,
        "shares": 0,
        "first_seen_ms": None,
        "has_recovery_code": False,
        "kept": "on this server",
        "retention_days": 90,
        "private": [],
    }
    upload = call(own, "POST", "/api/attachments?name=a.txt", b"some text", cookie=visitor.cookie).json()
    ended(visitor, attachments=[upload["attachment"]["id"]])
    private = visitor.ask("hush", private=True)["conversation"]
    visitor.request("POST", "/api/visitor/recovery")
    facts = visitor.get("/api/visitor/data")
    assert facts["conversations"]["listed"] == 1
    assert (facts["messages"], facts["files"]) == (2, {"count": 1, "bytes": 9})
    assert facts["has_recovery_code"]
    assert abs(facts["first_seen_ms"] - time.time() * 1000) < 60_000
    assert [one["id"] for one in facts["private"]] == [private["id"]]


def test_the_code_brings_the_history_to_another_browser_and_joins_them(own: ParleyServer) -> None:
    first, second = Visitor(own), Visitor(own)
    old, new = ended(first, "from the first"), ended(second, "from the second")
    status, made = first.request("POST", "/api/visitor/recovery")
    assert status == 201
    assert FORMAT.fullmatch(made["code"])
    typed = made["code"].lower().replace("-", " ").replace("0", "o")
    with second.socket() as socket:
        reply = call(own, "POST", "/api/visitor/recover", {"code": typed}, cookie=second.cookie)
        assert reply.status == 200
        assert reply.json() == {"conversations": 2, "moved": 1}
        assert socket.receive_until("changed", what="visitor")
        with pytest.raises(Exception, match=r"closed|1012"):
            socket.receive_until("never")
    joined = with_cookie(own, cookie(reply))
    assert cookie(reply) == first.cookie
    ids = {one["id"] for one in joined.get("/api/conversations")["conversations"]}
    assert ids == {old["conversation"]["id"], new["conversation"]["id"]}
    assert len(joined.get("/api/conversations?query=second")["conversations"]) == 1
    assert second.get("/api/conversations")["conversations"] == []
    third = call(own, "POST", "/api/visitor/recover", {"code": made["code"]})
    assert third.json() == {"conversations": 2, "moved": 0}  # the code is a key to be kept
    assert cookie(third) == first.cookie
    assert first.request("DELETE", "/api/visitor/recovery")[0] == 204
    assert call(own, "POST", "/api/visitor/recover", {"code": made["code"]}).status == 404


def test_typing_errors_are_told_and_guesses_limited(own: ParleyServer) -> None:
    for _ in range(2 * GUESSES_PER_MINUTE):
        reply = call(own, "POST", "/api/visitor/recover", {"code": TYPING_ERROR}, GUESSER)
        assert (reply.status, reply.cookies()) == (400, {})
        assert "typing error" in reply.error()["message"]
    for _ in range(GUESSES_PER_MINUTE):
        reply = call(own, "POST", "/api/visitor/recover", {"code": WRONG_CODE}, GUESSER)
        assert (reply.status, reply.cookies()) == (404, {})
    code = Visitor(own).request("POST", "/api/visitor/recovery")[1]["code"]
    reply = call(own, "POST", "/api/visitor/recover", {"code": code}, GUESSER)
    assert (reply.status, reply.cookies()) == (429, {})
    assert reply.error()["retry_after"] <= 60
    assert code not in own.log()


def test_a_running_answer_goes_on_where_it_is_handed_to(own: ParleyServer, models: ScriptedServer) -> None:
    """The first device asks; in the middle of the answer a second one takes over and reads it to its end."""
    words = [f"word {n} " for n in range(30)]
    paced = [step for word in words for step in (chunk(word.encode()), 0.05)]
    models.play([reply_head("Transfer-Encoding: chunked"), *paced, LAST_CHUNK])
    first = Visitor(own)
    with first.socket() as socket:
        started = socket.ask("tell me")
        answer, place = started["answer"]["id"], started["conversation"]["id"]
        socket.receive_until("delta", answer=answer)
        path = hand_off(first, place)
        page = call(own, "GET", path, headers={"Accept": "text/html"})
        assert page.status == 200
        assert page.cookies() == {}  # whoever looks at the link has used nothing up and become nobody
        taken = call(own, "POST", path, b"", SAME_SITE)
        assert taken.status == 303
        assert taken.headers["Location"] == f"/c/{place}"
        second = with_cookie(own, cookie(taken))
        assert second.answer(answer)["status"] == "running"
        with second.socket() as other:
            assert other.hello["running"] == [{"answer": answer, "conversation": place}]
            other.send({"type": "follow", "answer": answer})
            text, _ = other.read_answer(answer)
    assert text == "".join(words)
    assert first.answer(answer)["text"] == text


def test_readers_of_a_live_share_read_on_after_two_visitors_were_joined(own: ParleyServer) -> None:
    first, second = Visitor(own), Visitor(own)
    asked = ended(first)
    place = asked["conversation"]["id"]
    status, made = first.request("POST", "/api/shares", {"conversation": place, "kind": "live", "scope": "whole"})
    assert status in {200, 201}, made
    token = made["share"]["url"].rpartition("/")[2]
    with SocketClient(first, hello=False, timeout_s=10) as reader:
        reader.send({"type": "hello", "v": 1, "share": token})
        assert reader.receive()["type"] == "hello"
        taken = call(own, "POST", hand_off(second), b"", SAME_SITE, cookie=first.cookie)
        joined = with_cookie(own, cookie(taken))
        assert joined.get("/api/shares")["shares"][0]["state"] == "open"
        time.sleep(1.5)  # the share is looked at once a second at least
        more = joined.ask("more", conversation=place, parent=asked["answer"]["id"])
        assert reader.receive_until("changed", what="turn")["answer"]["id"] == more["answer"]["id"]


def test_a_hand_off_is_used_once_and_wrong_ones_all_look_the_same(own: ParleyServer) -> None:
    visitor = Visitor(own)
    ended(visitor)
    path = hand_off(visitor)
    assert call(own, "HEAD", path).status == 200
    assert call(own, "POST", path, b"", SAME_SITE).headers["Location"] == "/"
    html = {"Accept": "text/html", "X-Forwarded-For": "203.0.113.9", **SAME_SITE}
    replies = [
        call(own, method, at, None if method == "GET" else b"", html)
        for method in ("GET", "POST")
        for at in (path, path[:-1] + "A", "/h/x", "/h/" + "x" * 300)
    ]
    assert {reply.status for reply in replies} == {404}
    assert len({reply.body for reply in replies}) == 1
    assert all(reply.cookies() == {} for reply in replies)
    for _ in range(GUESSES_PER_MINUTE):
        call(own, "GET", "/h/guess", headers=OTHER_GUESSER)
    assert call(own, "GET", "/h/guess", headers=OTHER_GUESSER).status == 429
    assert call(own, "GET", path, headers=OTHER_GUESSER).status == 404  # used up, and no guess
    assert call(own, "GET", hand_off(visitor), headers=OTHER_GUESSER).status == 200
    assert path not in own.log()


def test_another_site_cannot_press_the_button(own: ParleyServer) -> None:
    path = hand_off(Visitor(own))
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert call(own, "POST", path, b"", headers).status == 403
    assert call(own, "POST", path, b"", {"Origin": own.url}).status == 303


def test_the_page_says_what_happens_to_what_this_browser_has(own: ParleyServer) -> None:
    first, second = Visitor(own), Visitor(own)
    ended(second)
    ended(second)
    path = hand_off(first)
    html = {"Accept": "text/html"}
    page = call(own, "GET", path, headers=html, cookie=second.cookie)
    assert b"2 conversations" in page.body
    assert b"Only if you made this link yourself" in page.body
    assert page.policy()["form-action"] == ["'self'"]
    assert page.headers["Referrer-Policy"] == "same-origin"  # without one the form's origin would be null
    assert b"<script" not in page.body
    for known in ("", first.cookie):
        body = call(own, "GET", path, headers=html, cookie=known).body
        assert (b"joined" in body, b"Only if you made this link yourself" in body) == (False, True)
    taken = call(own, "POST", path, b"", SAME_SITE, cookie=second.cookie)
    assert len(with_cookie(own, cookie(taken)).get("/api/conversations")["conversations"]) == 2


def test_the_qr_code_is_a_drawing_of_an_address_others_can_open(own: ParleyServer, configured: ParleyServer) -> None:
    status, local = Visitor(own).request("POST", "/api/visitor/handoff", {})
    assert (status, local["reachable"]) == (201, False)
    assert local["url"].startswith(own.url + "/h/")
    assert 0 < local["expires_at_ms"] - time.time() * 1000 <= 120_000
    drawing = ElementTree.fromstring(local["svg"])
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    assert "#fff" in local["svg"]
    assert drawing.attrib["viewBox"].startswith("0 0 ")
    asked = call(own, "POST", "/api/visitor/handoff", {}, {"Host": "chat.lan:8000"}).json()
    assert asked["url"].startswith("http://chat.lan:8000/h/")
    assert asked["reachable"]
    public = call(configured, "POST", "/api/visitor/handoff", {}).json()
    assert public["url"].startswith("https://chat.example.org/h/")
    assert public["reachable"]


def test_somebody_elses_conversation_is_not_handed_over(own: ParleyServer) -> None:
    place = ended(Visitor(own))["conversation"]["id"]
    assert Visitor(own).request("POST", "/api/visitor/handoff", {"conversation": place})[0] == 404


NO_MOVE = "CREATE TRIGGER stuck BEFORE UPDATE OF visitor_id ON conversations BEGIN SELECT no_such_function(); END"


def test_a_join_that_fails_leaves_the_browser_who_it_was(tmp_path: Path) -> None:
    site = Site(tmp_path)
    first, second = site.browser(), site.browser()
    ask(first, "of the first")
    ask(second, "of the second")
    code = first.post("/api/visitor/recovery").json["code"]
    link = urlsplit(first.post("/api/visitor/handoff", json={}).json["url"]).path
    with closing(sqlite3.connect(tmp_path / "parley.db")) as connection:
        connection.execute(NO_MOVE)
    for failed in (second.post("/api/visitor/recover", json={"code": code}), second.post(link)):
        assert (failed.status_code, "Set-Cookie" in failed.headers) == (503, False)
    with closing(sqlite3.connect(tmp_path / "parley.db")) as connection:
        connection.execute("DROP TRIGGER stuck")
    assert [one["title"] for one in second.get("/api/conversations").json["conversations"]] == ["of the second"]
    assert second.post("/api/visitor/recover", json={"code": code}).json == {"conversations": 2, "moved": 1}
    site.parts.close()


def test_the_owners_hand_off_lets_in_by_the_password_they_gave_too(tmp_path: Path) -> None:
    site = Site(tmp_path, "hunter2", admin_password="the owner's own")
    owner, phone, alone = site.browser(), site.browser(), site.browser()
    sign_in(owner, "hunter2")
    for browser in (owner, alone):
        browser.post("/admin/enter", data={"password": "the owner's own"})
    phone.post(urlsplit(owner.post("/api/visitor/handoff", json={}).json["url"]).path)
    assert phone.get("/").status_code == 200
    assert "data-leave" in owner.get("/").text
    phone = site.browser()
    phone.post(urlsplit(alone.post("/api/visitor/handoff", json={}).json["url"]).path)
    assert phone.get("/").status_code == 401
    site.parts.close()


def test_where_the_site_has_a_door_the_hand_off_lets_in(tmp_path: Path) -> None:
    server = ParleyServer(tmp_path / "data", site_password="sesame")
    server.start()
    try:
        signed = call(server, "POST", "/sign-in", b"password=sesame&wanted=/", {"Content-Type": FORM})
        access = next(iter(signed.cookies().values())).partition(";")[0]
        page = call(server, "GET", "/", cookie=access)
        both = f"{access}; {cookie(page)}"
        made = call(server, "POST", "/api/visitor/handoff", {}, cookie=both)
        path = urlsplit(made.json()["url"]).path
        assert call(server, "GET", "/api/conversations").status == 401
        taken = call(server, "POST", path, b"", SAME_SITE)
        given = "; ".join(line.partition(";")[0] for line in taken.cookies().values())
        assert call(server, "GET", "/api/conversations", cookie=given).status == 200
        assert cookie(taken) == cookie(page)
    finally:
        server.kill()


def test_deleting_everything_needs_the_words_and_forgets_the_cookie(own: ParleyServer) -> None:
    visitor, other = Visitor(own), Visitor(own)
    words = "planted-7731-words"
    place = ended(visitor, words)["conversation"]["id"]
    kept = ended(other, "kept")["conversation"]["id"]
    private = visitor.ask(words, private=True)["conversation"]["id"]
    for body in ({}, {"confirm": ""}, {"confirm": "yes"}, {"confirm": 1}):
        assert call(own, "DELETE", "/api/visitor", body, cookie=visitor.cookie).status == 400
    assert visitor.get(f"/api/conversations/{place}")
    with visitor.socket() as socket:
        reply = call(own, "DELETE", "/api/visitor", {"confirm": "delete everything"}, cookie=visitor.cookie)
        assert reply.status == 204
        assert "Max-Age=0" in next(iter(reply.cookies().values()))
        socket.receive_until("changed", what="visitor_deleted")
        with pytest.raises(Exception, match=r"closed|1012"):
            socket.receive_until("never")
    for gone in (place, private):
        assert visitor.request("GET", f"/api/conversations/{gone}")[0] == 404
    assert other.get(f"/api/conversations/{kept}")
    deadline = time.monotonic() + 10
    while any(words.encode() in path.read_bytes() for path in own.data_dir.rglob("*") if path.is_file()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert call(own, "DELETE", "/api/visitor", {"confirm": "delete everything"}).status == 204  # a visitor of nothing


def test_a_tab_that_has_not_closed_yet_asks_nothing_more(own: ParleyServer) -> None:
    visitor = Visitor(own)
    with visitor.socket() as socket:
        assert visitor.request("DELETE", "/api/visitor", {"confirm": "delete everything"})[0] == 204
        with suppress(OSError, websocket.WebSocketException):
            for _ in range(40):
                socket.send({"type": "ask", "id": str(uuid.uuid4()), "text": "typed in another tab"})
                time.sleep(0.01)
    assert visitor.get("/api/conversations")["conversations"] == []
    assert visitor.get("/api/visitor/data")["first_seen_ms"] is None


def test_a_private_conversation_is_never_in_a_file(own: ParleyServer) -> None:
    visitor, other = Visitor(own), Visitor(own)
    words = "planted-9924-words"
    asked = visitor.ask(words, private=True)
    place, answer = asked["conversation"]["id"], asked["answer"]["id"]
    assert all(id_.startswith("private-") for id_ in (place, answer, asked["message"]["id"]))
    visitor.wait_for(answer)
    more = ended(visitor, f"{words} and more", conversation=place, parent=answer)
    again = visitor.request("POST", f"/api/answers/{answer}/again", {"id": str(uuid.uuid4())})[1]
    visitor.wait_for(again["answer"]["id"])
    assert len(visitor.get(f"/api/conversations/{place}")["messages"]) == 5
    assert visitor.get("/api/conversations")["conversations"] == []
    assert visitor.get(f"/api/conversations?query={words}")["conversations"] == []
    exported = call(own, "GET", f"/api/conversations/{place}?format=md", cookie=visitor.cookie)
    assert words.encode() in exported.body
    assert words.encode() not in call(own, "GET", "/api/export", cookie=visitor.cookie).body
    assert visitor.request("PATCH", f"/api/conversations/{place}", {"title": words})[0] == 200
    assert visitor.request("PATCH", f"/api/conversations/{place}", {"pinned": True})[0] == 400
    assert visitor.request("POST", "/api/shares", {"conversation": place})[0] == 400
    for path in (f"/api/conversations/{place}", f"/api/answers/{more['answer']['id']}"):
        assert other.request("GET", path)[0] == 404
    with visitor.socket() as socket:
        socket.send({"type": "follow", "answer": more["answer"]["id"]})
        socket.receive_until("ended")
    for path in own.data_dir.rglob("*"):
        assert not path.is_file() or words.encode() not in path.read_bytes(), path
    own.kill()
    for path in own.data_dir.rglob("*"):
        assert not path.is_file() or words.encode() not in path.read_bytes(), path
    own.start()
    assert visitor.request("GET", f"/api/conversations/{place}")[0] == 404
