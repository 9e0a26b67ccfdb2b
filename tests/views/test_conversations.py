"""Conversations over real HTTP: views, search, pin, archive, delete, bring back; and what the other tabs hear."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.parley_server import ParleyServer, Visitor
from tests.views.http import call

SHORT = "Do you remember?"  # the guide's shortest answer
LONG = "a long answer, please, of 500"  # half an hour of it


@pytest.fixture
def visitor(server: ParleyServer) -> Visitor:
    return Visitor(server)


def ended(visitor: Visitor, text: str = SHORT, **fields: object) -> Any:
    turn = visitor.ask(text, **fields)
    visitor.wait_for(turn["answer"]["id"])
    return turn


def listed(visitor: Visitor, query: str = "") -> list[str]:
    return [one["id"] for one in visitor.get(f"/api/conversations{query}")["conversations"]]


def path_of(turn: Any) -> str:
    return f"/api/conversations/{turn['conversation']['id']}"


def test_pinned_and_archived(visitor: Visitor) -> None:
    first, second = ended(visitor), ended(visitor)
    with visitor.socket() as other:
        status, body = visitor.request("PATCH", path_of(first), {"pinned": True})
        assert (status, body["conversation"]["pinned"], body["conversation"]["archived"]) == (200, True, False)
        changed = other.receive_until("changed", what="placed")
        assert (changed["conversation"], changed["pinned"], changed["archived"]) == (
            first["conversation"]["id"],
            True,
            False,
        )
        assert changed["title"] == body["conversation"]["title"]
        assert changed["updated_at_ms"] == body["conversation"]["updated_at_ms"]
    assert visitor.request("PATCH", path_of(second), {"archived": True, "title": "Put away"})[0] == 200
    here, away = first["conversation"]["id"], second["conversation"]["id"]
    assert listed(visitor) == listed(visitor, "?view=all") == listed(visitor, "?view=pinned") == [here]
    assert listed(visitor, "?view=archived") == [away]
    assert listed(visitor, "?query=put+away") == listed(visitor, "?view=archived&query=away") == [away]
    assert visitor.request("PATCH", path_of(second), {"archived": False})[0] == 200
    assert listed(visitor) == [away, here]
    for wrong in ({"pinned": "yes"}, {"archived": 1}, {"pinned": None}):
        assert visitor.request("PATCH", path_of(first), wrong)[0] == 400


def test_a_search_says_where(visitor: Visitor) -> None:
    turn = ended(visitor, "Where do whales sleep?")
    page = visitor.get("/api/conversations?query=WHALES+sleep")
    place = {"message": turn["message"]["id"], "excerpt": "Where do whales sleep?"}
    assert page["found"] == {turn["conversation"]["id"]: place}
    visitor.request("PATCH", path_of(turn), {"title": "Zoology"})
    place = {"message": None, "excerpt": "Zoology"}
    assert visitor.get("/api/conversations?query=zoology")["found"] == {turn["conversation"]["id"]: place}
    assert visitor.get("/api/conversations")["found"] == {}
    other = Visitor(visitor.server)
    assert other.get("/api/conversations?query=whales") == {"conversations": [], "found": {}, "next_cursor": None}


def test_the_branch_that_is_shown_is_told(visitor: Visitor) -> None:
    turn = ended(visitor)
    with visitor.socket() as other:
        visitor.request("PATCH", path_of(turn), {"leaf": turn["message"]["id"]})
        changed = other.receive_until("changed", what="leaf")
    assert (changed["conversation"], changed["leaf"]) == (turn["conversation"]["id"], turn["message"]["id"])


def test_many_are_deleted_and_brought_back(server: ParleyServer, visitor: Visitor) -> None:
    turns = [ended(visitor, f"{SHORT} {number}") for number in range(3)]
    running = visitor.ask(LONG)
    ids = [turn["conversation"]["id"] for turn in (*turns, running)]
    with visitor.socket() as other:
        assert visitor.request("POST", "/api/conversations/delete", {"ids": [*ids, "missing"]}) == (204, None)
        deleted = other.receive_until("changed", what="deleted")
        assert (deleted["conversation"], deleted["conversations"]) == ("", ids)
        assert listed(visitor) == listed(visitor, "?query=remember") == []
        assert visitor.get("/api/visitor")["running"] == []
        for method, path in (
            ("GET", path_of(running)),
            ("GET", f"/api/answers/{running['answer']['id']}"),
            ("GET", f"/api/answers/{running['answer']['id']}/events"),
            ("DELETE", path_of(running)),
        ):
            assert visitor.request(method, path)[0] == 404
        assert visitor.request("POST", "/api/conversations/delete", {"ids": ids}) == (204, None)  # twice is once
        stranger = Visitor(server)
        assert stranger.request("POST", "/api/conversations/restore", {"ids": ids})[0] == 404
        status, body = visitor.request("POST", "/api/conversations/restore", {"ids": ids})
        assert (status, [one["id"] for one in body["conversations"]]) == (200, listed(visitor))
        assert set(listed(visitor)) == set(ids)
        restored = other.receive_until("changed", what="restored")
    kept = ("id", "title", "updated_at_ms", "pinned", "archived", "tags")
    assert restored["conversations"] == [{field: one[field] for field in kept} for one in body["conversations"]]
    assert visitor.answer(running["answer"]["id"])["status"] == "stopped"
    assert visitor.request("POST", "/api/conversations/restore", {"ids": ids})[0] == 404


@pytest.mark.parametrize("what", ["delete", "restore"])
@pytest.mark.parametrize("body", [{}, {"ids": []}, {"ids": ["x"] * 501}, {"ids": "x"}, {"ids": [""]}, {"ids": [7]}])
def test_ids_that_break_a_rule(visitor: Visitor, what: str, body: object) -> None:
    status, reply = visitor.request("POST", f"/api/conversations/{what}", body)
    assert (status, reply["error"]["code"]) == (400, "invalid_input")


def test_nobody_deletes_somebody_elses(server: ParleyServer, visitor: Visitor) -> None:
    turn, stranger = ended(visitor), Visitor(server)
    ids = {"ids": [turn["conversation"]["id"]]}
    assert stranger.request("POST", "/api/conversations/delete", ids) == (204, None)
    assert stranger.request("DELETE", f"/api/messages/{turn['message']['id']}")[0] == 404
    assert stranger.request("PATCH", path_of(turn), {"pinned": True})[0] == 404
    assert listed(visitor) == [turn["conversation"]["id"]]


def test_a_file_of_a_deleted_conversation_is_not_served(server: ParleyServer, visitor: Visitor) -> None:
    reply = call(server, "POST", "/api/attachments?name=a.txt", b"some notes", cookie=visitor.cookie)
    file = f"/api/attachments/{reply.json()['attachment']['id']}"
    turn = ended(visitor, attachments=[reply.json()["attachment"]["id"]])
    assert call(server, "GET", file, cookie=visitor.cookie).body == b"some notes"
    visitor.request("DELETE", path_of(turn))
    assert call(server, "GET", file, cookie=visitor.cookie).status == 404
    visitor.request("POST", "/api/conversations/restore", {"ids": [turn["conversation"]["id"]]})
    assert call(server, "GET", file, cookie=visitor.cookie).body == b"some notes"


def test_a_message_is_deleted_with_what_follows(visitor: Visitor) -> None:
    first = ended(visitor)
    place = {"conversation": first["conversation"]["id"], "parent": first["answer"]["id"]}
    second = visitor.ask(LONG, **place)
    with visitor.socket() as other:
        status, body = visitor.request("DELETE", f"/api/messages/{second['message']['id']}")
        assert (status, body["conversation"]["leaf"]) == (200, first["answer"]["id"])
        changed = other.receive_until("changed", what="pruned")
    assert (changed["message_id"], changed["leaf"]) == (second["message"]["id"], first["answer"]["id"])
    assert changed["message_ids"] == body["message_ids"] == [second["message"]["id"], second["answer"]["id"]]
    assert changed["updated_at_ms"] == body["conversation"]["updated_at_ms"]
    read = visitor.get(path_of(first))
    assert [message["id"] for message in read["messages"]] == [first["message"]["id"], first["answer"]["id"]]
    assert visitor.get("/api/visitor")["running"] == []
    assert visitor.request("DELETE", f"/api/messages/{second['message']['id']}")[0] == 404


def test_preferences(server: ParleyServer, visitor: Visitor) -> None:
    path, mail = "/api/visitor/preferences", {"name": "mail", "text": "Dear …"}
    with visitor.socket() as other:
        assert other.hello["preferences"] == {"default_model": None, "snippets": []}
        status, body = visitor.request("PATCH", path, {"snippets": [mail]})
        assert (status, body) == (200, {"preferences": {"default_model": None, "snippets": [mail]}})
        status, body = visitor.request("PATCH", path, {"default_model": "guide"})
        assert body == {"preferences": {"default_model": "guide", "snippets": [mail]}}
        other.receive_until("changed", what="preferences", conversation="")
        assert other.receive_until("changed", what="preferences")["preferences"] == body["preferences"]
    assert visitor.get("/api/visitor")["preferences"] == body["preferences"]
    with visitor.socket() as later:
        assert later.hello["preferences"] == body["preferences"]
    assert visitor.request("PATCH", path, {"default_model": None})[1]["preferences"]["default_model"] is None
    for wrong in (
        {"default_model": 7},
        {"default_model": ""},
        {"snippets": None},
        {"default_model": " "},
        {"snippets": [{"name": "a b", "text": "x"}]},
        {"snippets": [{"name": f"n{number}", "text": "\U0001f600" * 20_000} for number in range(11)]},
    ):
        status, reply = visitor.request("PATCH", path, wrong)
        assert (status, reply["error"]["code"]) == (400, "invalid_input"), wrong
    assert visitor.get("/api/visitor")["preferences"] == {"default_model": None, "snippets": [mail]}
    assert Visitor(server).get("/api/visitor")["preferences"] == {"default_model": None, "snippets": []}


def test_damaged_preferences_keep_nobody_out(server: ParleyServer, visitor: Visitor) -> None:
    visitor.request("PATCH", "/api/visitor/preferences", {"snippets": [{"name": "mail", "text": "Dear …"}]})
    with closing(sqlite3.connect(server.data_dir / "parley.db")) as database:
        database.execute("UPDATE visitors SET snippets = '{' WHERE snippets IS NOT NULL")
        database.commit()
    with visitor.socket() as tab:
        assert tab.hello["preferences"] == {"default_model": None, "snippets": []}
    assert visitor.get("/api/visitor")["preferences"] == {"default_model": None, "snippets": []}
    ended(visitor)
    assert "snippets of a visitor cannot be read" in server.log()


def test_tags(visitor: Visitor) -> None:
    first, second = ended(visitor), ended(visitor)
    ids = [one["conversation"]["id"] for one in (first, second)]
    with visitor.socket() as other:
        status, body = visitor.request("PATCH", path_of(first), {"tags": ["Work", "to read"]})
        assert (status, body["conversation"]["tags"]) == (200, ["to read", "Work"])
        changed = other.receive_until("changed", what="placed")
        assert (changed["conversation"], changed["tags"]) == (ids[0], ["to read", "Work"])
        status, body = visitor.request(
            "POST", "/api/conversations/tag", {"ids": ids, "add": ["work"], "remove": ["To read"]}
        )
        assert (status, [one["tags"] for one in body["conversations"]]) == (200, [["Work"], ["Work"]])
        told = [other.receive_until("changed", what="placed") for _ in ids]
        assert {one["conversation"]: one["tags"] for one in told} == {id_: ["Work"] for id_ in ids}
    assert visitor.get("/api/tags") == {"tags": [{"tag": "Work", "count": 2}]}
    assert visitor.request("PATCH", path_of(second), {"archived": True, "tags": ["home"]})[0] == 200
    assert listed(visitor, "?tag=WORK") == [ids[0]]
    assert listed(visitor, "?tag=home&view=archived") == listed(visitor, "?tag=home") == [ids[1]]
    for wrong in ({"tags": ["a,b"]}, {"tags": ["x" * 31]}, {"tags": [str(n) for n in range(9)]}, {"tags": "work"}):
        assert visitor.request("PATCH", path_of(first), wrong)[0] == 400
    assert visitor.request("POST", "/api/conversations/tag", {"ids": [], "add": ["a"]})[0] == 400
    assert visitor.request("GET", "/api/conversations?tag=a,b")[0] == 400


def test_private_conversations_have_no_tags(visitor: Visitor) -> None:
    turn = ended(visitor, private=True)
    assert visitor.request("PATCH", path_of(turn), {"tags": ["work"]})[0] == 400
    ids = [turn["conversation"]["id"]]
    assert visitor.request("POST", "/api/conversations/tag", {"ids": ids, "add": ["work"]})[0] == 400
    assert visitor.request("PATCH", path_of(ended(Visitor(visitor.server), private=True)), {"tags": []})[0] == 404


def test_tags_are_carried_along(visitor: Visitor) -> None:
    turn = ended(visitor)
    assert visitor.request("PATCH", path_of(turn), {"tags": ["Work", "to read"]})[0] == 200
    _, file = visitor.request("GET", f"{path_of(turn)}?format=json")
    other = Visitor(visitor.server)
    assert other.request("POST", "/api/import", file)[0] == 201
    assert other.get("/api/conversations")["conversations"][0]["tags"] == ["to read", "Work"]
