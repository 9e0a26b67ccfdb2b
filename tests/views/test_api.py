"""Every route of docs/api.md against the real server: statuses, shapes, errors, and whose is whose."""

from __future__ import annotations

import http.client
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.parley_server import ParleyServer, Visitor
from tests.views.http import Events, call
from webapp import services
from webapp.messages import ChatMessage
from webapp.providers.guide import answer as guide

SHORT = "Do you remember?"  # the guide's shortest answer
LONG = "a long answer, please, of 500"  # half an hour of it
CONVERSATION = {"id", "title", "created_at_ms", "updated_at_ms", "leaf", "options", "pinned", "archived", "tags"}
MESSAGE = {"id", "conversation", "parent", "role", "text", "created_at_ms", "attachments"}
ANSWER = MESSAGE | {"status", "next", "reasoning", "reasoning_next", "model", "continues", "error", "usage"}


def said(*texts: str) -> str:
    """The guide's answer to a history."""
    roles: tuple[Any, ...] = ("user", "assistant")
    history: list[ChatMessage] = [{"role": roles[at % 2], "content": text} for at, text in enumerate(texts)]
    return guide(history)


def new_id() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def visitor(server: ParleyServer) -> Iterator[Visitor]:
    visitor = Visitor(server)
    yield visitor
    for running in visitor.get("/api/visitor")["running"]:
        visitor.request("POST", f"/api/answers/{running['answer']}/stop")


def stopped(visitor: Visitor, text: str = LONG) -> Any:
    """A turn whose answer was stopped at once."""
    turn = visitor.ask(text)
    assert visitor.request("POST", f"/api/answers/{turn['answer']['id']}/stop") == (200, {})
    return turn


# --- ask, and what comes of it ---------------------------------------------------------------------------------------


def test_ask_gives_the_turn_and_then_the_conversation_has_it(visitor: Visitor) -> None:
    ask_id = new_id()
    status, turn = visitor.request("POST", "/api/ask", {"id": ask_id, "text": SHORT})
    assert status == 201
    assert turn.keys() == {"id", "conversation", "message", "answer"}
    assert (turn["id"], turn["conversation"].keys()) == (ask_id, CONVERSATION)
    assert (turn["message"].keys(), turn["answer"].keys()) == (MESSAGE, ANSWER)
    assert (turn["message"]["role"], turn["answer"]["role"]) == ("user", "assistant")
    assert (turn["answer"]["status"], turn["answer"]["parent"]) == ("running", turn["message"]["id"])
    answer = visitor.wait_for(turn["answer"]["id"])
    assert (answer["status"], answer["text"], answer["error"]) == ("done", said(SHORT), None)
    assert answer["next"] == len(answer["text"].encode())
    assert 0 <= answer["usage"]["first_delta_ms"] <= answer["usage"]["duration_ms"]
    read = visitor.get(f"/api/conversations/{turn['conversation']['id']}")
    assert read.keys() == {"conversation", "messages"}
    assert read["messages"] == [turn["message"], answer]
    assert read["conversation"]["leaf"] == answer["id"]


def test_a_conversation_goes_on_and_branches(visitor: Visitor) -> None:
    first = visitor.ask(SHORT)
    visitor.wait_for(first["answer"]["id"])
    place = {"conversation": first["conversation"]["id"], "parent": first["answer"]["id"]}
    for text in (SHORT, "Do you remember anything?"):
        second = visitor.ask(text, **place)
        assert second["conversation"]["id"] == first["conversation"]["id"]
        assert visitor.wait_for(second["answer"]["id"])["text"] == said(SHORT, said(SHORT), text)
    messages = visitor.get(f"/api/conversations/{place['conversation']}")["messages"]
    parents = [message["parent"] for message in messages if message["role"] == "user"]
    assert parents == [None, first["answer"]["id"], first["answer"]["id"]]


def test_the_same_id_again_is_the_same_turn(visitor: Visitor) -> None:
    ask_id = new_id()
    first, again = visitor.ask(SHORT, id=ask_id), visitor.ask(SHORT, id=ask_id)
    assert again["answer"]["id"] == first["answer"]["id"]
    assert len(visitor.get("/api/conversations")["conversations"]) == 1


def test_the_body_is_json_whatever_its_type_says(server: ParleyServer) -> None:
    """As `curl -d` sends it, in docs/api.md."""
    for kind in ("application/x-www-form-urlencoded", "text/plain", "application/json"):
        body = {"id": new_id(), "text": SHORT}
        assert call(server, "POST", "/api/ask", body, {"Content-Type": kind}).status == 201


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "read"),
        (b"{", "read"),
        (b"[]", "object"),
        (b"\xff", "read"),
        (b"[" * 100_000, "read"),
        (b'{"id": "\\ud800", "text": "x"}', "read"),
        (b'{"text": "x"}', "id"),
        (b'{"id": "not-a-uuid", "text": "x"}', "id"),
        (b'{"id": "0f8fad5b-d9cb-469f-a165-70867728950e"}', "text"),
        (b'{"id": "0f8fad5b-d9cb-469f-a165-70867728950e", "text": ""}', "text"),
        (b'{"id": "0f8fad5b-d9cb-469f-a165-70867728950e", "text": " \\n"}', "text"),
        (b'{"id": "0f8fad5b-d9cb-469f-a165-70867728950e", "text": 7}', "text"),
        (b'{"id": "0f8fad5b-d9cb-469f-a165-70867728950e", "text": "x", "model": "huge"}', "model"),
        (b'{"id": "0f8fad5b-d9cb-469f-a165-70867728950e", "text": "x", "conversation": ""}', "conversation"),
        (b'{"id": "0f8fad5b-d9cb-469f-a165-70867728950e", "text": "x", "options": {"temperature": 3}}', "temperature"),
        (b'{"id": "0f8fad5b-d9cb-469f-a165-70867728950e", "text": "x", "options": {"top_p": 0}}', "top_p"),
        (b'{"id": "0f8fad5b-d9cb-469f-a165-70867728950e", "text": "x", "attachments": [""]}', "attachments"),
        (json.dumps({"id": str(uuid.UUID(int=1)), "text": "x", "attachments": ["f"] * 11}).encode(), "attachments"),
        (json.dumps({"id": str(uuid.UUID(int=1)), "text": "x" * 100_001}).encode(), "text"),
        (json.dumps({"id": str(uuid.UUID(int=1)), "text": "x" * 1_000_001}).encode(), "text"),
    ],
    ids=lambda value: value[:40].decode("latin-1") if isinstance(value, bytes) else value,
)
def test_a_question_that_breaks_a_rule(server: ParleyServer, visitor: Visitor, body: bytes, word: str) -> None:
    reply = call(server, "POST", "/api/ask", body, cookie=visitor.cookie)
    assert reply.status == 400
    error = reply.error()
    assert error["code"] == "invalid_input"
    assert word in error["message"]
    assert visitor.get("/api/conversations")["conversations"] == []


def test_again_continue_stop(visitor: Visitor) -> None:
    turn = stopped(visitor)
    answer_id = turn["answer"]["id"]
    assert visitor.answer(answer_id)["status"] == "stopped"
    assert visitor.request("POST", f"/api/answers/{answer_id}/stop") == (200, {})  # twice is once
    status, again = visitor.request("POST", f"/api/answers/{answer_id}/again", {"id": new_id(), "model": "guide"})
    assert (status, again.keys()) == (201, {"id", "conversation", "message", "answer"})
    assert again["message"] == turn["message"]
    assert again["answer"]["id"] != answer_id
    request = {"id": new_id()}
    status, more = visitor.request("POST", f"/api/answers/{answer_id}/continue", request)
    assert (status, more["answer"]["continues"]) == (201, answer_id)
    assert more["answer"]["text"].startswith(visitor.answer(answer_id)["text"])
    assert (
        visitor.request("POST", f"/api/answers/{answer_id}/continue", request)[1]["answer"]["id"]
        == (more["answer"]["id"])
    )
    running = visitor.get("/api/visitor")["running"]
    assert [one["answer"] for one in running] == [again["answer"]["id"], more["answer"]["id"]]


def test_a_finished_answer_cannot_be_continued(visitor: Visitor) -> None:
    turn = visitor.ask(SHORT)
    visitor.wait_for(turn["answer"]["id"])
    status, body = visitor.request("POST", f"/api/answers/{turn['answer']['id']}/continue", {"id": new_id()})
    assert (status, body["error"]["code"]) == (409, "conflict")


def test_a_running_answer_is_read_with_the_text_so_far(visitor: Visitor) -> None:
    turn = visitor.ask(LONG)
    with Events(visitor.server, f"/api/answers/{turn['answer']['id']}/events", visitor.cookie) as events:
        seen = next(iter(events)).data
    for answer in (
        visitor.answer(turn["answer"]["id"]),
        visitor.get(f"/api/conversations/{turn['conversation']['id']}")["messages"][1],
    ):
        assert answer["status"] == "running"
        assert answer["text"].startswith(seen["text"])
        assert answer["next"] == len(answer["text"].encode()) >= seen["next"]
        assert said(LONG).startswith(answer["text"])


# --- the list --------------------------------------------------------------------------------------------------------


def test_the_list_page_by_page(visitor: Visitor) -> None:
    assert visitor.get("/api/conversations") == {"conversations": [], "found": {}, "next_cursor": None}
    ids = [stopped(visitor, f"{LONG} ({number})")["conversation"]["id"] for number in range(5)]
    found, cursor, pages = [], None, 0
    while pages == 0 or cursor is not None:
        page = visitor.get("/api/conversations?limit=2" + (f"&cursor={cursor}" if cursor else ""))
        found += [conversation["id"] for conversation in page["conversations"]]
        cursor, pages = page["next_cursor"], pages + 1
    assert (found, pages) == (ids[::-1], 3)
    everything = visitor.get("/api/conversations")
    assert [one["id"] for one in everything["conversations"]] == found
    assert everything["conversations"][0].keys() == CONVERSATION


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=many", "limit"),
        ("cursor=x", "cursor"),
        ("view=hidden", "view"),
        ("view=", "view"),
        ("cursor=%ff", "cursor"),
        ("query=" + "x" * 201, "query"),
    ],
)
def test_a_list_that_cannot_be_given(visitor: Visitor, query: str, word: str) -> None:
    status, body = visitor.request("GET", f"/api/conversations?{query}")
    assert (status, body["error"]["code"]) == (400, "invalid_input")
    assert body["error"]["message"].startswith(word)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("stra%C3%9Fe", ["Die Straße 100%"]),
        ("STRASSE", ["Die Straße 100%"]),
        ("100%25", ["Die Straße 100%"]),
        ("_", []),
        ("nothing+of+it", []),
        ("%F0%9F%91%A9", ["Family 👩"]),
        ("first+question", ["Family 👩", "Die Straße 100%"]),  # in the answers
        ("+", ["Family 👩", "Die Straße 100%"]),
        ("%00", []),
        ("%ff", []),
    ],
)
def test_search(searched: Visitor, query: str, found: list[str]) -> None:
    page = searched.get(f"/api/conversations?query={query}")
    assert [conversation["title"] for conversation in page["conversations"]] == found


@pytest.fixture(scope="module")
def searched(server: ParleyServer) -> Visitor:
    """A visitor with two conversations that have ended."""
    visitor = Visitor(server)
    for title in ("Die Straße 100%", "Family 👩"):
        turn = visitor.ask(f"{title}\ndo you remember?")
        visitor.wait_for(turn["answer"]["id"])
        visitor.request("PATCH", f"/api/conversations/{turn['conversation']['id']}", {"title": title})
    return visitor


# --- rename, look at, delete -----------------------------------------------------------------------------------------


def test_rename_and_look_at(visitor: Visitor) -> None:
    turn = stopped(visitor)
    path = f"/api/conversations/{turn['conversation']['id']}"
    status, body = visitor.request("PATCH", path, {"title": " A better title "})
    assert (status, body["conversation"]["title"]) == (200, "A better title")
    assert body["conversation"].keys() == CONVERSATION
    status, body = visitor.request("PATCH", path, {"leaf": turn["message"]["id"]})
    assert (status, body["conversation"]["leaf"]) == (200, turn["message"]["id"])
    status, body = visitor.request("PATCH", path, {"title": "Both", "leaf": turn["answer"]["id"]})
    assert (body["conversation"]["title"], body["conversation"]["leaf"]) == ("Both", turn["answer"]["id"])
    assert visitor.get(path)["conversation"] == body["conversation"]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"title": ""},
        {"title": "x" * 201},
        {"title": 7},
        {"leaf": ""},
        {"title": None},
        [],
        {"options": 7},
        {"options": {"temperature": -1}},
        {"options": {"max_tokens": 0}},
        {"title": "Renamed", "options": {"system": "x" * 20_001}},
    ],
)
def test_a_change_that_breaks_a_rule(visitor: Visitor, change: object) -> None:
    turn = stopped(visitor)
    path = f"/api/conversations/{turn['conversation']['id']}"
    status, body = visitor.request("PATCH", path, change)
    assert (status, body["error"]["code"]) == (400, "invalid_input")
    assert visitor.get(path)["conversation"]["title"] == turn["conversation"]["title"]


def test_a_change_that_fails_in_part_changes_nothing(visitor: Visitor) -> None:
    turn = stopped(visitor)
    path = f"/api/conversations/{turn['conversation']['id']}"
    status, _ = visitor.request("PATCH", path, {"title": "Renamed", "leaf": "nothing"})
    assert status == 404
    assert visitor.get(path)["conversation"]["title"] == turn["conversation"]["title"]


def test_options_are_set_kept_and_told_to_the_other_tabs(visitor: Visitor) -> None:
    options = {"system": "Be brief.", "temperature": 0.5}
    turn = visitor.ask(SHORT, options=options)
    assert turn["conversation"]["options"] == options
    visitor.wait_for(turn["answer"]["id"])
    path = f"/api/conversations/{turn['conversation']['id']}"
    with visitor.socket() as other:
        status, body = visitor.request("PATCH", path, {"options": {"top_p": 0.5, "max_tokens": 9}})
        assert (status, body["conversation"]["options"]) == (200, {"top_p": 0.5, "max_tokens": 9})
        changed = other.receive()
        assert (changed["type"], changed["what"], changed["conversation"]) == (
            "changed",
            "options",
            turn["conversation"]["id"],
        )
        assert changed["options"] == {"top_p": 0.5, "max_tokens": 9}
    place = {"conversation": turn["conversation"]["id"], "parent": turn["answer"]["id"]}
    assert visitor.ask(SHORT, **place)["conversation"]["options"] == {"top_p": 0.5, "max_tokens": 9}
    assert visitor.request("PATCH", path, {"options": {}})[1]["conversation"]["options"] == {}
    assert visitor.get(path)["conversation"]["options"] == {}


def test_a_question_with_a_file(server: ParleyServer, visitor: Visitor) -> None:
    reply = call(server, "POST", "/api/attachments?name=notes.txt", b"one two", cookie=visitor.cookie)
    attachment = reply.json()["attachment"]
    turn = visitor.ask(SHORT, attachments=[attachment["id"]])
    assert turn["message"]["attachments"] == [attachment]
    visitor.wait_for(turn["answer"]["id"])
    messages = visitor.get(f"/api/conversations/{turn['conversation']['id']}")["messages"]
    assert [message["attachments"] for message in messages] == [[attachment], []]
    status, body = Visitor(server).request(
        "POST", "/api/ask", {"id": new_id(), "text": SHORT, "attachments": [attachment["id"]]}
    )
    assert (status, body["error"]["code"]) == (404, "not_found")


def test_delete_stops_what_runs(server: ParleyServer, visitor: Visitor) -> None:
    turn = visitor.ask(LONG)
    conversation, answer = turn["conversation"]["id"], turn["answer"]["id"]
    with Events(server, f"/api/answers/{answer}/events", visitor.cookie) as events:
        stream = iter(events)
        next(stream)
        reply = call(server, "DELETE", f"/api/conversations/{conversation}", cookie=visitor.cookie)
        assert (reply.status, reply.body) == (204, b"")
        last = list(stream)[-1]
    assert (last.name, last.data["status"]) == ("ended", "stopped")
    assert visitor.get("/api/visitor")["running"] == []
    for method, path in (
        ("GET", f"/api/conversations/{conversation}"),
        ("DELETE", f"/api/conversations/{conversation}"),
        ("GET", f"/api/answers/{answer}"),
        ("GET", f"/api/answers/{answer}/events"),
    ):
        assert visitor.request(method, path)[0] == 404


# --- whose is whose --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("running", [False, True])
def test_a_foreign_visitor_finds_nothing_anywhere(server: ParleyServer, visitor: Visitor, running: bool) -> None:
    turn = visitor.ask(LONG) if running else stopped(visitor)
    before = visitor.get(f"/api/conversations/{turn['conversation']['id']}")["conversation"]
    conversation = f"/api/conversations/{turn['conversation']['id']}"
    answer = f"/api/answers/{turn['answer']['id']}"
    requests: list[tuple[str, str, object]] = [
        ("GET", conversation, None),
        ("PATCH", conversation, {"title": "mine"}),
        ("PATCH", conversation, {"leaf": turn["message"]["id"]}),
        ("DELETE", conversation, None),
        ("GET", answer, None),
        ("GET", f"{answer}/events", None),
        ("POST", f"{answer}/stop", None),
        ("POST", f"{answer}/again", {"id": new_id()}),
        ("POST", f"{answer}/continue", {"id": new_id()}),
        ("POST", "/api/ask", {"id": new_id(), "text": "x", "conversation": turn["conversation"]["id"]}),
        ("POST", "/api/ask", {"id": new_id(), "text": "x", "parent": turn["answer"]["id"]}),
    ]
    for cookie in (Visitor(server).cookie, ""):
        for method, path, body in requests:
            reply = call(server, method, path, body, cookie=cookie)
            assert (reply.status, reply.error()["code"]) == (404, "not_found"), (method, path)
            # In the same words as for something that never was.
            nowhere = path.replace(turn["conversation"]["id"], "x" * 22).replace(turn["answer"]["id"], "y" * 22)
            assert call(server, method, nowhere, body, cookie=cookie).body == reply.body or "/ask" in path
    assert visitor.get(conversation)["conversation"] == before
    assert (visitor.answer(turn["answer"]["id"])["status"] == "running") == running
    other = Visitor(server)
    assert other.get("/api/conversations")["conversations"] == other.get("/api/visitor")["running"] == []


@pytest.mark.parametrize("damage", ["signature", "visitor", "junk", "empty"])
def test_a_cookie_with_a_wrong_signature_is_a_new_visitor(server: ParleyServer, visitor: Visitor, damage: str) -> None:
    turn = stopped(visitor)
    name, _, value = visitor.cookie.partition("=")
    identity, _, signature = value.rpartition(".")
    cookie = {
        "signature": f"{name}={identity}.{signature[::-1]}",
        "visitor": f"{name}=A{identity[1:]}.{signature}",
        "junk": f"{name}=%ff..;",
        "empty": f"{name}=",
    }[damage]
    reply = call(server, "GET", "/api/conversations", cookie=cookie)
    assert (reply.status, reply.json()["conversations"]) == (200, [])
    assert name in reply.cookies()  # its own, from now on
    assert call(server, "GET", f"/api/answers/{turn['answer']['id']}", cookie=cookie).status == 404


def test_a_script_gets_its_cookie_with_the_first_answer_and_keeps_it(server: ParleyServer) -> None:
    reply = call(server, "POST", "/api/ask", {"id": new_id(), "text": SHORT})
    cookie = reply.cookies()["parley_visitor"].split(";")[0]
    again = call(server, "GET", "/api/conversations", cookie=cookie)
    assert [one["id"] for one in again.json()["conversations"]] == [reply.json()["conversation"]["id"]]
    assert again.cookies() == {}


# --- models, visitor -------------------------------------------------------------------------------------------------


def test_models_and_visitor(visitor: Visitor) -> None:
    guide = {"id": "guide", "name": "guide", "upstream": "guide", "images": False, "found": False, "default": True}
    assert visitor.get("/api/models") == {"models": [guide]}
    limits = {
        "prompt_chars": 100_000,
        "asks_per_minute": 10_000,
        "attachment_bytes": 10 * services.MEGABYTE,
        "attachments": 10,
    }
    preferences = {"default_model": None, "snippets": []}
    assert visitor.get("/api/visitor") == {"running": [], "limits": limits, "preferences": preferences, "closed": None}
    turn = visitor.ask(LONG)
    running = [{"answer": turn["answer"]["id"], "conversation": turn["conversation"]["id"]}]
    assert visitor.get("/api/visitor")["running"] == running


# --- server-sent events ----------------------------------------------------------------------------------------------


def test_events_give_the_whole_answer_and_its_end(server: ParleyServer, visitor: Visitor) -> None:
    turn = visitor.ask(SHORT)
    with Events(server, f"/api/answers/{turn['answer']['id']}/events", visitor.cookie) as events:
        headers = events.response.headers
        assert headers["Content-Type"].startswith("text/event-stream")
        assert headers["X-Accel-Buffering"] == "no"
        assert headers["Cache-Control"] == "no-store, no-transform"
        seen = list(events)
    deltas, last = seen[:-1], seen[-1]
    assert len(deltas) > 1  # it was followed while it was written
    offset = 0
    for event in deltas:
        assert (event.name, event.data["type"], event.data["answer"]) == ("delta", "delta", turn["answer"]["id"])
        assert (event.data["offset"], event.data["next"]) == (offset, event.id)
        offset += len(event.data["text"].encode())
        assert event.id == offset
    assert "".join(event.data["text"] for event in deltas) == said(SHORT)
    assert (last.name, last.id, last.data["status"], last.data["type"]) == ("ended", offset, "done", "ended")
    assert last.data["usage"] == visitor.answer(turn["answer"]["id"])["usage"]


def test_events_are_resumed_where_they_were_cut(server: ParleyServer, visitor: Visitor) -> None:
    question = "Ünïcödé 👩\u200d👩\u200d👧"
    turn = visitor.ask(question)
    path = f"/api/answers/{turn['answer']['id']}/events"
    text, offset, ended, connections = "", 0, None, 0
    while ended is None:
        headers = {"Last-Event-ID": str(offset)} if connections else {}
        with Events(server, f"{path}?offset=0", visitor.cookie, **headers) as events:
            connections += 1
            for at, event in enumerate(events):
                if event.name == "ended":
                    ended = event
                    break
                assert event.data["offset"] == offset
                text, offset = text + event.data["text"], event.id
                if at == 2 and connections < 8:
                    break  # the connection is cut here
    assert connections > 2
    assert text == said(question)
    assert ended.data["next"] == offset == len(text.encode())


def test_events_of_an_ended_answer_from_any_offset(server: ParleyServer, visitor: Visitor) -> None:
    turn = visitor.ask(SHORT)
    answer = visitor.wait_for(turn["answer"]["id"])
    for offset in (0, 7, answer["next"]):
        path = f"/api/answers/{answer['id']}/events?offset={offset}"
        with Events(server, path, visitor.cookie) as events:
            seen = list(events)
        assert "".join(event.data.get("text", "") for event in seen) == answer["text"][offset:]
        assert seen[-1].name == "ended"


@pytest.mark.parametrize("offset", ["7", "7.0"])
def test_events_from_the_id_of_the_last_one(server: ParleyServer, visitor: Visitor, offset: str) -> None:
    answer = visitor.wait_for(visitor.ask(SHORT)["answer"]["id"])
    headers = {"Last-Event-ID": offset}
    with Events(server, f"/api/answers/{answer['id']}/events?offset=3", visitor.cookie, **headers) as events:
        assert "".join(event.data.get("text", "") for event in events) == answer["text"][7:]


@pytest.mark.parametrize("place", ["1.", "1.x", "1.2.3", ".1", "1.1"])
def test_an_event_id_that_was_not_given_out(server: ParleyServer, visitor: Visitor, place: str) -> None:
    answer = visitor.wait_for(visitor.ask(SHORT)["answer"]["id"])
    path = f"/api/answers/{answer['id']}/events"
    reply = call(server, "GET", path, headers={"Last-Event-ID": place}, cookie=visitor.cookie)
    assert (reply.status, reply.error()["code"]) == (400, "invalid_input")
    assert "offset: " in reply.error()["message"]


@pytest.mark.parametrize("offset", ["-1", "x", "1.5", "9" * 30, "", "%C2%B2", "5000"])
def test_an_offset_that_was_not_given_out(server: ParleyServer, visitor: Visitor, offset: str) -> None:
    turn = visitor.ask(SHORT)
    visitor.wait_for(turn["answer"]["id"])
    reply = call(server, "GET", f"/api/answers/{turn['answer']['id']}/events?offset={offset}", cookie=visitor.cookie)
    assert (reply.status, reply.error()["code"]) == (400, "invalid_input")
    assert reply.error()["message"].startswith("offset")


# --- the shapes of refusals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/ask"),
        ("DELETE", "/api/ask"),
        ("POST", "/api/conversations"),
        ("PUT", "/api/conversations/x"),
        ("GET", "/api/answers/x/stop"),
        ("POST", "/api/models"),
        ("GET", "/api/generate"),
        ("POST", "/healthz"),
    ],
)
def test_a_wrong_method(server: ParleyServer, method: str, path: str) -> None:
    reply = call(server, method, path)
    assert (reply.status, reply.error()["code"]) == (405, "method_not_allowed")
    assert method not in reply.headers["Allow"]


@pytest.mark.parametrize("path", ["/api/nothing", "/api/", "/api/conversations/", "/%00", "/%ff"])
def test_a_wrong_path(server: ParleyServer, path: str) -> None:
    reply = call(server, "GET", path)
    assert (reply.status, reply.error()["code"]) == (404, "not_found")


def test_a_person_gets_a_page_and_a_program_json(server: ParleyServer) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    page = call(server, "GET", "/nothing", headers=browser)
    assert (page.status, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert b"Go to the chat" in page.body
    assert call(server, "GET", "/api/nothing", headers=browser).error()["code"] == "not_found"


@pytest.mark.parametrize("path", ["/api/ask", "/api/generate", "/api/auth", "/admin/enter"])
def test_a_huge_body_is_refused_and_the_connection_lives_on(server: ParleyServer, path: str) -> None:
    reply = call(server, "POST", path, b" " * (17 * 1024 * 1024))
    assert (reply.status, reply.error()["code"]) == (413, "too_large")
    assert call(server, "GET", "/healthz").status == 200


def test_a_huge_body_in_chunks_is_cut_off(server: ParleyServer) -> None:
    """Nobody said how much would come; what is over the limit is not kept."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        chunked, body = {"Transfer-Encoding": "chunked"}, (b" " * 1024 * 1024 for _ in range(17))
        connection.request("POST", "/api/ask", body, chunked, encode_chunked=True)
        assert connection.getresponse().status in {400, 413}
    finally:
        connection.close()


def test_head_and_options(server: ParleyServer, visitor: Visitor) -> None:
    turn = visitor.ask(LONG)
    for path in (
        "/",
        "/api/conversations",
        "/api/models",
        "/healthz",
        "/readyz",
        f"/api/answers/{turn['answer']['id']}",
        f"/api/answers/{turn['answer']['id']}/events",  # of a running answer, and yet at once
    ):
        head = call(server, "HEAD", path, cookie=visitor.cookie)
        assert (head.status, head.body) == (200, b""), path
        options = call(server, "OPTIONS", path, cookie=visitor.cookie)
        assert (options.status, options.body) == (200, b"")
        assert {"GET", "HEAD", "OPTIONS"} <= set(options.headers["Allow"].split(", "))
        assert "Access-Control-Allow-Origin" not in options.headers
    assert call(server, "OPTIONS", "/api/ask").headers["Allow"].split(", ").count("POST") == 1


def test_nothing_of_the_api_is_kept_by_anybody(server: ParleyServer, visitor: Visitor) -> None:
    for path in ("/api/conversations", "/api/models", "/api/visitor", "/api/nothing", "/"):
        assert call(server, "GET", path, cookie=visitor.cookie).headers["Cache-Control"] == "no-store"
