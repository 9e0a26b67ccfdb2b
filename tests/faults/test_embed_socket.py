"""An embed's WebSocket, from the outside: who may open one, how long it may be silent, and what a token is good for."""

from __future__ import annotations

import json
import re
import socket
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests import embeds
from tests.embeds import EmbedVisitor
from tests.faults.raw_websocket import HANDSHAKE, TEXT, RawWebSocket, masked
from tests.faults.words import speak, words
from tests.parley_server import ParleyServer, Visitor
from tests.scripted_server import ScriptedServer
from tests.views.http import Events, call
from webapp.embed_profiles import Embed
from webapp.views.embed_access import COOKIE
from webapp.views.embed_waiting import MOST, MOST_PER_ADDRESS
from webapp.views.websocket import HELLO_S

CHAT = "https://chat.test"
PATHS = ("/ws?embed", "/ws")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, upstream: ScriptedServer) -> Iterator[ParleyServer]:
    folder = tmp_path_factory.mktemp("embeds")
    embeds.save(folder, Embed(id="acme", sites=("https://shop.test",)), Embed(id="doomed", any_site=True))
    with ParleyServer(
        folder,
        gprochat_url=upstream.url,
        gprochat_secret="s3cret",
        asks_per_minute=100_000,
        running_per_visitor=1000,
        trusted_proxies=1,
    ) as running:
        yield running


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A server under an https address of its own."""
    folder = tmp_path_factory.mktemp("public")
    embeds.save(folder, Embed(id="acme", sites=("https://shop.test",)))
    with ParleyServer(folder, public_url=CHAT, trusted_proxies=1) as running:
        yield running


def hello(visitor: EmbedVisitor, **fields: object) -> bytes:
    return masked(TEXT, json.dumps({"type": "hello", "v": 1, "access": visitor.token, **fields}).encode())


def connect(server: ParleyServer, path: str = "/ws?embed", *, address: str = "", **headers: str | None) -> RawWebSocket:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if address:
        named["X-Forwarded-For"] = address
    return RawWebSocket(server.url, path, named)


# --- S4, S5, S22: who may open one -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.test",
        "null",
        None,
        "",
        "https://chat.test.evil.test",
        "https://evilchat.test",
        "http://chat.test",
        "https://chat.test:8443",
        "https://chat.test@evil.test",
        "https://shop.test",
    ],
)
def test_s4_another_origin_gets_403_before_the_handshake(public: ParleyServer, path: str, origin: str | None) -> None:
    with connect(public, path, Origin=origin, Host="chat.test") as raw:
        assert raw.reply.splitlines()[0] == "HTTP/1.1 403 FORBIDDEN"
        assert "upgrade: websocket" not in raw.reply.lower()


@pytest.mark.parametrize("path", PATHS)
def test_s4_the_own_origin_gets_101(public: ParleyServer, path: str) -> None:
    with connect(public, path, Origin=CHAT, Host="chat.test") as raw:
        assert raw.status == 101


@pytest.mark.parametrize("path", PATHS)
def test_s5_a_site_that_may_frame_may_not_connect(server: ParleyServer, path: str) -> None:
    with connect(server, path, Origin="https://shop.test") as raw:
        assert raw.status == 403


def test_s22_a_frame_without_its_origin_may_not_connect(server: ParleyServer) -> None:
    visitor = EmbedVisitor(server)
    with connect(server, Origin="null", Cookie=f"{COOKIE}=acme:{visitor.session['refresh']}") as raw:
        assert raw.status == 403


# --- S6, S11, S20, S21: what a token is good for ---------------------------------------------------------------------


def refused(server: ParleyServer, first: bytes, path: str = "/ws?embed", cookie: str = "") -> tuple[str, int]:
    with connect(server, path, Cookie=cookie) as raw:
        assert raw.status == 101
        raw.send(first)
        (error,), close_code = raw.goodbye()
        return json.loads(error)["code"], close_code


def test_s6_no_cookie_stands_for_a_token(server: ParleyServer) -> None:
    visitor, site = EmbedVisitor(server), Visitor(server)
    cookie = f"{site.cookie}; {COOKIE}=acme:{visitor.session['refresh']}"
    bare = masked(TEXT, b'{"type": "hello", "v": 1}')
    assert refused(server, bare, cookie=cookie) == ("not_signed_in", 4401)
    for access in (visitor.session["refresh"], visitor.token + "x", embeds.attribute(visitor.page, "ticket"), "x"):
        assert refused(server, hello(visitor, access=access), cookie=cookie) == ("not_signed_in", 4401)
    assert refused(server, hello(visitor, share="x"), cookie=cookie) == ("not_signed_in", 4401)
    # And on the site's own socket a token is no way to be somebody.
    assert refused(server, hello(visitor), "/ws", cookie) == ("invalid_input", 1008)
    assert refused(server, hello(visitor), "/ws?share") == ("invalid_input", 1008)


def test_a_question_over_the_socket_and_its_answer(server: ParleyServer, upstream: ScriptedServer) -> None:
    upstream.play(speak(30, 0.001))
    visitor = EmbedVisitor(server)
    with visitor.socket() as tab:
        assert tab.hello.keys() == {"type", "v", "running", "limits"}
        tab.send({"type": "ask", "id": str(uuid.uuid4()), "text": "hello"})
        started = tab.receive_until("started")
        text = ""
        while (frame := tab.receive_until("delta", "ended"))["type"] == "delta":
            assert frame["offset"] == len(text.encode())
            text += frame["text"]
        assert text == words("hello", 30)
        tab.send({"type": "follow", "answer": started["answer"]["id"], "offset": frame["next"]})
        assert tab.receive_until("ended")["next"] == frame["next"]
        for kind in ("again", "continue"):
            tab.send({"type": kind, "id": str(uuid.uuid4()), "answer": started["answer"]["id"]})
            assert tab.receive_until("started", "error").get("code") == (None if kind == "again" else "conflict")
        tab.send({"type": "hello", "v": 1, "access": visitor.token})
        assert tab.receive_until("error")["code"] == "invalid_input"


def test_a_frame_that_is_not_understood_is_answered_by_its_id(server: ParleyServer, upstream: ScriptedServer) -> None:
    upstream.play(speak(2, 0))
    visitor = EmbedVisitor(server)
    with visitor.socket() as tab:
        for wrong in ({"text": "x", "context": {"page": "x" * 3000}}, {"text": 7}, {"text": "x", "type": "never"}):
            frame = {"type": "ask", "id": str(uuid.uuid4()), **wrong}
            tab.send(frame)
            error = tab.receive_until("error")
            assert (error["code"], error["id"]) == ("invalid_input", frame["id"])
        tab.send({"type": "ask", "id": "no UUID", "text": "x"})
        assert "id" not in tab.receive_until("error")
        facts = {str(number): "x" for number in range(60)}
        tab.send({"type": "ask", "id": str(uuid.uuid4()), "text": "x", "context": facts})
        assert tab.receive_until("started", "error")["type"] == "started"
        tab.receive_until("ended")


def test_s11_fields_of_a_frame_set_neither_prompt_nor_model(server: ParleyServer, upstream: ScriptedServer) -> None:
    upstream.play(speak(2, 0))
    visitor = EmbedVisitor(server)
    frame = {
        "type": "ask",
        "id": str(uuid.uuid4()),
        "text": "hello",
        "model": "huge",
        "system": "EVIL",
        "prompt": "EVIL",
        "options": {"system": "EVIL", "temperature": 2},
        "private": True,
        "attachments": ["x"],
        "context": {"page": "Kettles"},
    }
    with visitor.socket() as tab:
        tab.send(frame)
        started = tab.receive_until("started", "error")
        assert started["type"] == "started", started
        tab.receive_until("ended")
    sent = upstream.wait_for_request().json()
    assert "EVIL" not in json.dumps(sent)
    assert [m["role"] for m in sent["messages"] if "Kettles" in json.dumps(m)] == ["user"]
    assert "Kettles" not in json.dumps(started)


def test_s20_when_the_owner_pauses_everybody_is_shown_out(server: ParleyServer, upstream: ScriptedServer) -> None:
    upstream.play(speak(200, 0.05))
    visitor = EmbedVisitor(server, "doomed")
    answer = visitor.ask()["answer"]["id"]
    key = re.search(r"/admin/enter/\w+", server.log())
    assert key is not None
    cookie = call(server, "GET", key[0]).cookies()["session"].split(";")[0]
    bearer = {"Authorization": f"Bearer {visitor.token}"}
    with connect(server) as raw, Events(server, f"/embed/api/answers/{answer}/events", "", **bearer) as events:
        raw.send(hello(visitor))
        assert b'"hello"' in raw.frame().payload
        next(iter(events))
        begun_s = time.monotonic()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        assert call(server, "POST", "/admin/embeds/doomed/pause", b"", form, cookie).status == 303
        assert raw.goodbye()[1] == 4401
        assert "ended" not in [event.name for event in events]
        assert time.monotonic() - begun_s < 3
    assert call(server, "POST", "/admin/embeds/doomed/resume", b"", form, cookie).status == 303


def test_s20_a_paused_embeds_sockets_are_of_no_use(server: ParleyServer, upstream: ScriptedServer) -> None:
    upstream.play(speak(2, 0))
    visitor = EmbedVisitor(server, "doomed")
    with visitor.socket() as tab:
        embeds.change(server.data_dir, "pause", "doomed")  # by another process, which cannot close them
        time.sleep(2.2)
        tab.send({"type": "ask", "id": str(uuid.uuid4()), "text": "hello"})
        assert tab.ws.recv_data()[1][:2] == (4401).to_bytes(2)
        assert upstream.requests == []
    assert refused(server, hello(visitor)) == ("not_signed_in", 4401)


def test_s21_nobody_follows_or_stops_what_is_somebody_elses(server: ParleyServer, upstream: ScriptedServer) -> None:
    upstream.play(speak(200, 0.05))
    mine, site = EmbedVisitor(server), Visitor(server)
    turns = [mine.ask(), site.ask()]
    with EmbedVisitor(server).socket() as tab:
        for turn in turns:
            for frame in (
                {"type": "follow", "answer": turn["answer"]["id"]},
                {"type": "stop", "answer": turn["answer"]["id"]},
                {"type": "again", "id": str(uuid.uuid4()), "answer": turn["answer"]["id"]},
                {"type": "ask", "id": str(uuid.uuid4()), "text": "x", "conversation": turn["conversation"]["id"]},
            ):
                tab.send(frame)
                assert tab.receive()["code"] == "not_found", frame
    assert mine.request("POST", f"/answers/{turns[0]['answer']['id']}/stop").status == 200
    assert site.request("POST", f"/api/answers/{turns[1]['answer']['id']}/stop")[0] == 200


# --- S7: silence and size --------------------------------------------------------------------------------------------


def test_s7_hello_is_awaited_for_five_seconds(server: ParleyServer) -> None:
    with connect(server) as raw:
        begun_s = time.monotonic()
        (error,), close_code = raw.goodbye()
        assert (json.loads(error)["code"], close_code) == ("invalid_input", 4408)
        assert HELLO_S - 0.2 < time.monotonic() - begun_s < 6


@pytest.mark.parametrize("at_once", [True, False])
def test_s7_a_large_message_ends_the_connection(server: ParleyServer, at_once: bool) -> None:
    visitor = EmbedVisitor(server)
    large = masked(TEXT, b"x" * 65_537)
    with connect(server) as raw:
        if not at_once:
            raw.send(hello(visitor))
            assert b'"hello"' in raw.frame().payload
        raw.send(large)
        assert raw.goodbye()[1] == 1009
    with connect(server) as raw:
        raw.send(hello(visitor))
        assert b'"hello"' in raw.frame().payload
        raw.send(masked(TEXT, b" " * 65_536))
        assert json.loads(raw.frame().payload)["code"] == "invalid_input"  # read, and no frame of ours


def test_s7_silent_sockets_are_few_and_stop_nobody(server: ParleyServer) -> None:
    visitor = EmbedVisitor(server)
    with ExitStack() as held:
        silent = [held.enter_context(connect(server, address=f"192.0.2.{number % 100}")) for number in range(200)]
        statuses = [raw.status for raw in silent]
        assert statuses == [101] * 200  # each that came too many took the place of the longest silent
        assert silent[0].sock.recv(1) == b""
        begun_s = time.monotonic()
        with urllib.request.urlopen(f"{server.url}/embed/acme", timeout=10) as response:
            assert response.status == 200
        assert visitor.request("GET", "/conversation").status == 200
        with Visitor(server).socket() as tab:  # the site's own have places of their own
            assert tab.hello["type"] == "hello"
        assert time.monotonic() - begun_s < 3
        with visitor.socket() as known:  # and who says hello always gets in
            assert known.hello["type"] == "hello"
    wait_until_free(server)  # those that hang up give their places back,
    for _ in range(3 * MOST):  # and those that say hello
        with visitor.socket():
            pass


def test_s7_one_address_has_few_places(server: ParleyServer) -> None:
    wait_until_free(server)
    visitor = EmbedVisitor(server)
    with ExitStack() as held:
        mine = [held.enter_context(connect(server, address="2001:db8::1")) for _ in range(MOST_PER_ADDRESS)]
        assert [raw.status for raw in mine] == [101] * MOST_PER_ADDRESS
        for address in ("2001:db8::1", "2001:db8:0:1::2"):  # one network
            with connect(server, address=address) as raw:
                assert raw.status == 503
                assert "retry-after: " in raw.reply.lower()
        with connect(server, address="2001:db8:1::1") as raw:
            assert raw.status == 101
        mine[0].send(hello(visitor))
        assert b'"hello"' in mine[0].frame().payload
        with connect(server, address="2001:db8::1") as raw:
            assert raw.status == 101


def test_s7_what_is_no_handshake_takes_no_place(server: ParleyServer) -> None:
    wait_until_free(server)
    for _ in range(2 * MOST):
        for broken in ({"Upgrade": None}, {"Sec_WebSocket_Key": "AAAA"}):
            with connect(server, **broken) as raw:
                assert raw.status == 400
        with connect(server, Origin="https://evil.test") as raw:
            assert raw.status == 403
    with connect(server) as raw:
        assert raw.status == 101


def test_who_logs_out_is_shown_out_at_the_next_frame(server: ParleyServer) -> None:
    visitor = EmbedVisitor(server)
    with visitor.socket() as line:
        assert visitor.request("POST", "/identify", {"jwt": None}).status == 201
        line.send({"type": "ask", "id": str(uuid.uuid4()), "text": "hello"})
        assert line.ws.recv_data()[1][:2] == (4401).to_bytes(2)
    assert visitor.try_to_ask().status == 401


def test_another_method_opens_no_socket(server: ParleyServer) -> None:
    wait_until_free(server)
    visitor = EmbedVisitor(server)
    host, port = server.url.removeprefix("http://").split(":")
    lines = "".join(f"{name}: {value}\r\n" for name, value in {**HANDSHAKE, "Origin": server.url}.items())
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(f"HEAD /ws?embed HTTP/1.1\r\nHost: {host}:{port}\r\n{lines}\r\n".encode())
        assert raw.recv(4096).startswith(b"HTTP/1.1 400 ")
    with visitor.socket() as line:
        assert line.hello["type"] == "hello"


def wait_until_free(server: ParleyServer) -> None:
    """Sockets that were cut off are noticed in a moment."""
    deadline_s = time.monotonic() + 10
    while True:
        with ExitStack() as held:
            tried = [held.enter_context(connect(server, address=f"203.0.113.{number}")) for number in range(MOST)]
            if all(raw.status == 101 for raw in tried):
                break
        assert time.monotonic() < deadline_s
        time.sleep(0.2)
    time.sleep(0.5)
