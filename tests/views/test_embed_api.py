"""`/embed/api` against the real server: what a token allows, what a page cannot set, and whose is whose."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests import embeds
from tests.embeds import EmbedVisitor
from tests.parley_server import ParleyServer, Visitor
from tests.scripted_server import LAST_CHUNK, ScriptedServer, chunk, reply_head
from tests.views.http import Reply, call
from tests.waiting import until
from webapp.embed_profiles import Embed
from webapp.limits import MY_DATA_PER_MINUTE
from webapp.messages import ModelOptions
from webapp.views.embed_access import COOKIE

SYSTEM = "You are Zorba of Acme, secret-4711."
HELLO = [reply_head("Transfer-Encoding: chunked"), chunk(b"Hello"), LAST_CHUNK]
SLOW = [reply_head("Transfer-Encoding: chunked"), chunk(b"Hel"), 30.0, LAST_CHUNK]
EMBEDS = (
    Embed(id="acme", sites=("https://shop.test",), options=ModelOptions(system=SYSTEM), per_visitor_minute=1000),
    Embed(id="other", any_site=True, per_visitor_minute=1000),
    Embed(id="tight", any_site=True, per_visitor_minute=2, per_address_hour=3),
    Embed(id="daily", any_site=True, per_day=2),
    Embed(id="doomed", any_site=True),
)


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        running.play(HELLO)
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, upstream: ScriptedServer) -> Iterator[ParleyServer]:
    """A server behind one proxy, with embeds that its owner made."""
    folder = tmp_path_factory.mktemp("embeds")
    embeds.save(folder, *EMBEDS)
    running = ParleyServer(
        folder,
        gprochat_url=upstream.url,
        gprochat_secret="s3cret",
        asks_per_minute=10_000,
        running_per_visitor=1000,
        trusted_proxies=1,
        log_level="debug",
    )
    running.start()
    yield running
    running.kill()


@pytest.fixture(autouse=True)
def says_hello(upstream: ScriptedServer) -> None:
    upstream.play(HELLO)


@pytest.fixture
def visitor(server: ParleyServer) -> EmbedVisitor:
    return EmbedVisitor(server)


def ended(visitor: EmbedVisitor, text: str = "hello", **fields: object) -> Any:
    turn = visitor.ask(text, **fields)
    visitor.wait_for(turn["answer"]["id"])
    return turn


def code(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.error()["code"]


# --- a conversation --------------------------------------------------------------------------------------------------


def test_a_question_its_events_and_the_conversation(visitor: EmbedVisitor) -> None:
    turn = visitor.ask("What is it?")
    assert turn.keys() == {"id", "conversation", "message", "answer"}
    answer = visitor.wait_for(turn["answer"]["id"])
    assert (answer["status"], answer["text"]) == ("done", "Hello")
    read = visitor.conversation(turn["conversation"]["id"]).json()
    assert [message["text"] for message in read["messages"]] == ["What is it?", "Hello"]
    for resume in ("", "?resume=auto", "?resume=always"):
        assert visitor.request("GET", f"/conversation{resume}").json() == read
    assert code(visitor.request("GET", "/conversation?resume=never")) == (400, "invalid_input")


def test_s10_a_conversation_is_named_in_a_header_and_in_no_address(visitor: EmbedVisitor) -> None:
    older, newer = ended(visitor, "First?"), ended(visitor, "Second?")
    for turn, text in ((older, "First?"), (newer, "Second?")):
        read = visitor.conversation(turn["conversation"]["id"]).json()
        assert (read["conversation"]["id"], read["messages"][0]["text"]) == (turn["conversation"]["id"], text)
    assert visitor.request("GET", "/conversation").json()["messages"][0]["text"] == "Second?"
    for wrong in ("nope", "", "x" * 200):
        assert code(visitor.conversation(wrong)) == (404, "not_found")
    assert visitor.request("GET", f"/conversations/{older['conversation']['id']}").status == 404


def test_the_same_id_twice_again_continue_and_stop(visitor: EmbedVisitor, upstream: ScriptedServer) -> None:
    first = ended(visitor)
    assert visitor.ask("hello", id=first["id"])["answer"]["id"] == first["answer"]["id"]
    answer = f"/answers/{first['answer']['id']}"
    again = visitor.request("POST", f"{answer}/again", {"id": str(uuid.uuid4())})
    assert (again.status, again.json()["answer"]["parent"]) == (201, first["message"]["id"])
    assert code(visitor.request("POST", f"{answer}/continue", {"id": str(uuid.uuid4())})) == (409, "conflict")
    upstream.play(SLOW)
    running = f"/answers/{visitor.ask()['answer']['id']}"
    assert visitor.request("POST", f"{running}/stop").json() == {}
    assert visitor.request("GET", running).json()["answer"]["status"] == "stopped"
    upstream.play(HELLO)
    assert visitor.request("POST", f"{running}/continue", {"id": str(uuid.uuid4())}).status == 201


def test_headers_are_for_programs(visitor: EmbedVisitor) -> None:
    asked = visitor.ask()
    for path in ("/conversation", "/answers/nope", f"/answers/{asked['answer']['id']}/events"):
        reply = visitor.request("GET", path, headers={"Accept": "text/html"})
        assert reply.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert reply.headers["X-Frame-Options"] == "DENY"
        assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "no-store" in reply.headers["Cache-Control"]
        assert "Access-Control-Allow-Origin" not in reply.headers
        assert "Set-Cookie" not in reply.headers
        assert "html" not in reply.headers["Content-Type"]


def test_a_body_is_small(visitor: EmbedVisitor) -> None:
    assert visitor.try_to_ask("x" * 65_536).status == 413
    assert code(visitor.try_to_ask("hi", context={"page": "x" * 3000})) == (400, "invalid_input")
    assert code(visitor.try_to_ask("hi", context={"page": 7})) == (400, "invalid_input")


# --- S6: cookies authorise nothing -----------------------------------------------------------------------------------

CALLS = (
    ("GET", "/session"),
    ("GET", "/conversation"),
    ("POST", "/ask"),
    ("POST", "/answers/x/again"),
    ("POST", "/answers/x/continue"),
    ("POST", "/answers/x/stop"),
    ("GET", "/answers/x"),
    ("GET", "/answers/x/events"),
    ("POST", "/identify"),
    ("POST", "/handover"),
)


def test_s6_no_cookie_stands_for_a_token(server: ParleyServer, visitor: EmbedVisitor) -> None:
    site = Visitor(server)
    cookie = f"{site.cookie}; {COOKIE}=acme:{visitor.session['refresh']}"
    body = {"id": str(uuid.uuid4()), "text": "hello", "conversation": "x"}
    for headers in (
        {},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {visitor.session['refresh']}"},
        {"Authorization": f"Bearer {embeds.attribute(visitor.page, 'ticket')}"},
        {"Authorization": f"Bearer {visitor.token}x"},
        {"Authorization": f"Basic {visitor.token}"},
        {"Authorization": "Bearer \u00ff" + "x" * 3000},
    ):
        for method, path in CALLS:
            sent = body if method == "POST" else None
            reply = call(server, method, f"/embed/api{path}", sent, headers, cookie)
            assert code(reply) == (401, "not_signed_in"), (method, path, headers)
    reply = call(server, "POST", "/embed/api/session", {"embed": "acme"}, cookie=cookie)
    assert code(reply) == (401, "not_signed_in")


def test_s6_an_embeds_token_is_nothing_to_the_site(server: ParleyServer, visitor: EmbedVisitor) -> None:
    asked = ended(visitor)
    site = Visitor(server)
    bearer = {"Authorization": f"Bearer {visitor.token}"}
    for path in (f"/api/conversations/{asked['conversation']['id']}", f"/api/answers/{asked['answer']['id']}"):
        assert call(server, "GET", path, headers=bearer, cookie=site.cookie).status == 404
    assert site.get("/api/conversations")["conversations"] == []


def test_s6_the_embed_leaves_the_sites_cookies_alone(server: ParleyServer) -> None:
    """A signed-in owner who opens the shop's page stays who they are (Chainlit #2730)."""
    site = Visitor(server)
    site.ask("mine")
    page = call(server, "GET", "/embed/acme", cookie=site.cookie)
    assert (page.status, page.cookies(), page.headers["Vary"]) == (200, {}, None)
    body = {"embed": "acme", "page_ticket": embeds.attribute(page, "ticket")}
    session = call(server, "POST", "/embed/api/session", body, cookie=site.cookie)
    assert session.cookies() == {}
    bearer = {"Authorization": f"Bearer {session.json()['access']}"}
    talk = call(server, "GET", "/embed/api/conversation", headers=bearer, cookie=site.cookie)
    assert talk.json() == {"conversation": None, "messages": []}


def test_other_sites_pages_change_nothing(visitor: EmbedVisitor) -> None:
    for headers in ({"Origin": "https://shop.test"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        body = {"id": str(uuid.uuid4()), "text": "hello"}
        assert code(visitor.request("POST", "/ask", body, headers)) == (403, "forbidden")


# --- sessions --------------------------------------------------------------------------------------------------------


def test_a_refresh_token_brings_the_same_visitor_back(visitor: EmbedVisitor) -> None:
    asked = ended(visitor)
    reply = visitor.begin(page_ticket="", refresh=visitor.session["refresh"])
    assert reply.status == 201
    visitor.session = reply.json()
    assert visitor.request("GET", "/conversation").json()["conversation"]["id"] == asked["conversation"]["id"]
    assert code(visitor.begin(refresh="nonsense")) == (401, "not_signed_in")
    assert code(visitor.begin(page_ticket="nonsense")) == (401, "not_signed_in")


def test_a_ticket_and_a_refresh_token_are_for_one_embed(server: ParleyServer, visitor: EmbedVisitor) -> None:
    ticket = embeds.attribute(visitor.page, "ticket")
    for body in ({"page_ticket": ticket}, {"page_ticket": ticket, "refresh": visitor.session["refresh"]}):
        reply = call(server, "POST", "/embed/api/session", {"embed": "other", **body})
        assert code(reply) == (401, "not_signed_in")


def signed(claims: dict[str, Any], secret: str) -> str:
    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    head = part(json.dumps({"alg": "HS256", "typ": "JWT"}).encode()) + "." + part(json.dumps(claims).encode())
    return f"{head}.{part(hmac.digest(secret.encode(), head.encode(), hashlib.sha256))}"


def test_a_signed_user_is_the_same_everywhere(server: ParleyServer, visitor: EmbedVisitor) -> None:
    secret = embeds.change(server.data_dir, "secret", "acme")
    jwt = signed({"aud": "acme", "sub": "ada", "exp": int(time.time()) + 600}, secret)
    visitor.session = visitor.request("POST", "/identify", {"jwt": jwt}).json()
    asked = ended(visitor)
    elsewhere = EmbedVisitor(server)
    assert elsewhere.request("GET", "/conversation").json()["conversation"] is None
    elsewhere.session = elsewhere.request("POST", "/identify", {"jwt": jwt}).json()
    assert elsewhere.request("GET", "/conversation").json()["conversation"]["id"] == asked["conversation"]["id"]
    elsewhere.session = elsewhere.request("POST", "/identify", {"jwt": None}).json()
    assert elsewhere.request("GET", "/conversation").json()["conversation"] is None
    assert code(visitor.request("POST", "/identify", {"jwt": jwt + "x"})) == (401, "not_signed_in")
    other = EmbedVisitor(server, "other")
    assert code(other.request("POST", "/identify", {"jwt": jwt})) == (401, "not_signed_in")


# --- S11: the page sets neither prompt nor model ---------------------------------------------------------------------


def test_s11_what_a_page_adds_is_ignored(visitor: EmbedVisitor, upstream: ScriptedServer) -> None:
    plain = ended(visitor, "hello")
    expected = upstream.wait_for_request().json()
    expected.pop("time", None)
    upstream.play(HELLO)
    odd = {
        "model": "huge",
        "system": "EVIL",
        "prompt": "EVIL",
        "options": {"system": "EVIL", "temperature": 2},
        "temperature": 2,
        "private": True,
        "attachments": ["x"],
        "visitor_id": "embed.acme.x",
        "embed": "other",
    }
    turn = ended(visitor, "hello", **odd)
    assert turn["answer"]["model"] == plain["answer"]["model"]
    sent = upstream.wait_for_request().json()
    assert "EVIL" not in json.dumps(sent)
    assert {name: sent[name] for name in ("messages", "model") if name in sent} == {
        name: expected[name] for name in ("messages", "model") if name in expected
    }
    assert SYSTEM in json.dumps(sent)


def test_s11_the_pages_facts_stand_at_the_users_level(visitor: EmbedVisitor, upstream: ScriptedServer) -> None:
    turn = ended(visitor, "How much?", context={"product": "Blue kettle", "role": "system"})
    messages = upstream.wait_for_request().json()["messages"]
    with_fact = [message["role"] for message in messages if "Blue kettle" in json.dumps(message)]
    assert with_fact == ["user"]
    read = visitor.conversation(turn["conversation"]["id"]).body
    assert b"kettle" not in read
    assert b"kettle" not in json.dumps(turn).encode()


def test_s11_the_prompt_is_in_no_response(visitor: EmbedVisitor) -> None:
    turn = ended(visitor)
    answer_id = turn["answer"]["id"]
    paths = ("/conversation", f"/answers/{answer_id}", f"/answers/{answer_id}/events", "/session")
    bodies = [visitor.request("GET", path).body for path in paths]
    bodies += [visitor.page.body, json.dumps(turn).encode(), json.dumps(visitor.session).encode()]
    with visitor.socket() as tab, visitor.socket() as other:
        tab.send({"type": "ask", "id": str(uuid.uuid4()), "text": "hello"})
        heard = [tab.hello, tab.receive_until("started"), tab.receive_until("ended"), other.receive_until("changed")]
    assert b"secret-4711" not in b"".join(bodies)
    assert "secret-4711" not in json.dumps(heard)


# --- S20, S21 --------------------------------------------------------------------------------------------------------


def test_s20_a_visitor_asks_so_often_a_minute(server: ParleyServer, upstream: ScriptedServer) -> None:
    visitor = EmbedVisitor(server, "tight", address="192.0.2.7")
    for _ in range(2):
        ended(visitor)
    upstream.play(HELLO)
    reply = visitor.try_to_ask()
    assert code(reply) == (429, "limit_reached")
    assert int(reply.headers["Retry-After"]) >= 1
    with visitor.socket() as tab:
        tab.send({"type": "ask", "id": str(uuid.uuid4()), "text": "hello"})
        assert tab.receive()["code"] == "limit_reached"
    assert upstream.requests == []


def test_s20_an_address_brings_so_many_new_visitors(server: ParleyServer) -> None:
    visitor = EmbedVisitor(server, "tight", address="192.0.2.8")
    for _ in range(2):
        assert visitor.begin().status == 201
    assert code(visitor.begin()) == (429, "limit_reached")
    again = visitor.begin(refresh=visitor.session["refresh"])
    assert again.status == 201  # nobody new
    assert code(visitor.request("POST", "/identify", {"jwt": None})) == (429, "limit_reached")
    assert EmbedVisitor(server, "tight", address="192.0.2.9").session


def test_s20_an_embed_is_asked_so_often_a_day(server: ParleyServer, upstream: ScriptedServer) -> None:
    for number in (1, 2):
        ended(EmbedVisitor(server, "daily", address=f"192.0.2.2{number}"))
    upstream.play(HELLO)
    assert code(EmbedVisitor(server, "daily", address="192.0.2.23").try_to_ask()) == (429, "limit_reached")
    assert upstream.requests == []


def test_s20_pausing_ends_what_was_given(server: ParleyServer, upstream: ScriptedServer) -> None:
    upstream.play(SLOW)
    visitor = EmbedVisitor(server, "doomed")
    turn = visitor.ask()
    embeds.change(server.data_dir, "pause", "doomed")  # by another process
    until(lambda: visitor.request("GET", "/conversation").status != 200)
    for method, path in CALLS:
        body = {"id": str(uuid.uuid4()), "text": "hello", "conversation": "x"} if method == "POST" else None
        assert code(visitor.request(method, path, body)) == (401, "not_signed_in"), path
    assert code(visitor.begin()) == (404, "unavailable")
    assert code(visitor.begin(refresh=visitor.session["refresh"])) == (404, "unavailable")
    embeds.change(server.data_dir, "resume", "doomed")
    time.sleep(2.1)
    assert visitor.request("GET", "/conversation").status == 401  # the old token stays what it is
    visitor.session = visitor.begin(refresh=visitor.session["refresh"]).json()
    assert visitor.request("GET", "/conversation").json()["conversation"]["id"] == turn["conversation"]["id"]


def test_s21_nobody_reaches_what_is_somebody_elses(server: ParleyServer, visitor: EmbedVisitor) -> None:
    mine = ended(visitor)
    answer, conversation = mine["answer"]["id"], mine["conversation"]["id"]
    site = Visitor(server)
    theirs = site.ask()
    for other in (EmbedVisitor(server), EmbedVisitor(server, "other")):
        for place in (answer, theirs["answer"]["id"]):
            ask_id = {"id": str(uuid.uuid4())}
            assert code(other.request("GET", f"/answers/{place}")) == (404, "not_found")
            assert code(other.request("GET", f"/answers/{place}/events")) == (404, "not_found")
            assert code(other.request("POST", f"/answers/{place}/stop")) == (404, "not_found")
            assert code(other.request("POST", f"/answers/{place}/again", ask_id)) == (404, "not_found")
            assert code(other.request("POST", f"/answers/{place}/continue", ask_id)) == (404, "not_found")
        for place in (conversation, theirs["conversation"]["id"]):
            assert code(other.conversation(place)) == (404, "not_found")
            assert code(other.try_to_ask("hi", conversation=place)) == (404, "not_found")
            assert code(other.request("POST", "/handover", {"conversation": place})) == (404, "not_found")
        assert other.request("GET", "/conversation").json()["conversation"] is None


# --- hand-overs ------------------------------------------------------------------------------------------------------


def test_a_conversation_moves_to_the_site_once(server: ParleyServer, visitor: EmbedVisitor) -> None:
    asked = ended(visitor, "Take me along")
    place = asked["conversation"]["id"]
    path = visitor.request("POST", "/handover", {"conversation": place}).json()["path"]
    page = call(server, "GET", path)
    assert (page.status, page.cookies(), b'<form method="post">' in page.body) == (200, {}, True)
    site = Visitor(server)
    assert call(server, "POST", path, headers={"Sec-Fetch-Site": "cross-site"}, cookie=site.cookie).status == 403
    moved = call(server, "POST", path, cookie=site.cookie)
    assert (moved.status, moved.headers["Location"]) == (303, f"/c/{place}")
    assert site.get(f"/api/conversations/{place}")["messages"][0]["text"] == "Take me along"
    assert visitor.conversation(place).status == 404
    for method in ("GET", "POST"):
        assert call(server, method, path, cookie=site.cookie).status == 404
    assert call(server, "POST", "/e/nonsense").cookies() == {}


def test_links_to_the_site_are_bounded(server: ParleyServer) -> None:
    visitor = EmbedVisitor(server, address="192.0.2.40")
    place = {"conversation": visitor.ask()["conversation"]["id"]}
    for _ in range(MY_DATA_PER_MINUTE):
        assert visitor.request("POST", "/handover", place).status == 201
    assert code(visitor.request("POST", "/handover", place)) == (429, "limit_reached")


def test_tokens_stay_out_of_the_log(server: ParleyServer, visitor: EmbedVisitor) -> None:
    ended(visitor, "words of a visitor")
    with visitor.socket():
        pass
    visitor.begin(refresh="wrong-refresh-token")
    log, ticket = server.log(), str(embeds.attribute(visitor.page, "ticket"))
    for secret in (visitor.token, visitor.session["refresh"], ticket, "wrong-refresh-token", "words of a visitor"):
        assert secret not in log
