"""Sharing over HTTP, from the visitor's side."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.parley_server import ParleyServer, Visitor
from tests.shared_links import bring_in, message, share
from tests.views.conftest import ORIGIN
from tests.views.http import call

MESSAGES = [
    message(1, None, "user", "I am bob@example.org"),
    message(2, 1, "assistant", "Hello"),
    message(3, 1, "assistant", "Hi"),
]


@pytest.fixture(scope="module")
def visitor(server: ParleyServer) -> Visitor:
    return Visitor(server)


@pytest.fixture(scope="module")
def place(visitor: Visitor) -> Any:
    return bring_in(visitor, MESSAGES, leaf=3)


@pytest.fixture(scope="module")
def link(visitor: Visitor, place: Any) -> Any:
    """One that stays as it is."""
    return share(visitor, place["conversation"]["id"])


def test_a_link_from_its_making_to_its_end(visitor: Visitor, place: Any) -> None:
    conversation = place["conversation"]["id"]
    with visitor.socket() as tab:
        link = share(visitor, conversation, masked=["email"], author="Bob", password="open", most_views=3)
        assert tab.receive_until("changed", what="shares")["conversation"] == conversation
    leaf = place["messages"][2]["id"]
    assert link | {"id": "", "url": "", "created_at_ms": 0, "updated_at_ms": 0} == {
        "id": "",
        "conversation": conversation,
        "conversation_title": "A conversation",
        "kind": "snapshot",
        "scope": "branch",
        "leaf": leaf,
        "messages": 2,
        "masked": ["email"],
        "title": "A conversation",
        "author": "Bob",
        "may_continue": False,
        "has_password": True,
        "expires_at_ms": None,
        "most_views": 3,
        "views": 0,
        "viewed_at_ms": None,
        "created_at_ms": 0,
        "updated_at_ms": 0,
        "state": "open",
        "readers": 0,
        "url": "",
    }
    assert re.fullmatch(r"/s/[\w-]{32}", link["url"])
    path = f"/api/shares/{link['id']}"
    change = {"title": "Ours", "password": None, "most_views": None, "may_continue": True, "author": None, "masked": []}
    status, body = visitor.request("PATCH", path, change)
    assert status == 200
    changed = body["share"]
    assert (changed["title"], changed["has_password"], changed["most_views"]) == ("Ours", False, None)
    assert (changed["may_continue"], changed["author"], changed["masked"]) == (True, None, [])
    assert visitor.request("PATCH", path, {})[0] == 400
    assert visitor.request("POST", f"{path}/update", {})[1]["share"]["messages"] == 2
    assert visitor.get(f"/api/shares?conversation={conversation}")["shares"][0]["id"] == link["id"]
    assert link["id"] in [one["id"] for one in visitor.get("/api/shares")["shares"]]
    assert visitor.get("/api/shares?conversation=another") == {"shares": []}
    status, body = visitor.request("DELETE", path)
    assert (status, body["share"]["state"]) == (200, "revoked")
    assert visitor.request("PATCH", path, {"title": "x"})[0] == 409
    assert visitor.request("DELETE", path) == (204, None)
    assert visitor.request("DELETE", path)[0] == 404


def test_a_preview_makes_nothing(visitor: Visitor, place: Any) -> None:
    before = visitor.get("/api/shares")
    status, body = visitor.request("POST", "/api/shares/preview", {"conversation": place["conversation"]["id"]})
    finding = {"kind": "email", "text": "bob@example.org", "count": 1, "message": place["messages"][0]["id"]}
    assert (status, body) == (200, {"findings": [finding], "messages": 2})
    assert visitor.get("/api/shares") == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"conversation": None},
        {"kind": "forever"},
        {"scope": "half"},
        {"scope": "chosen", "messages": "all"},
        {"masked": ["everything"]},
        {"title": "x" * 201},
        {"author": "x" * 81},
        {"may_continue": "yes"},
        {"password": ""},
        {"password": "x" * 201},
        {"expires_at_ms": 1},
        {"expires_at_ms": 1e300},
        {"expires_at_ms": "tomorrow"},
        {"most_views": 0},
        {"most_views": True},
        {"most_views": 1.5},
    ],
)
def test_what_cannot_be_is_refused(visitor: Visitor, place: Any, link: Any, wrong: dict[str, Any]) -> None:
    status, body = visitor.request("POST", "/api/shares", {"conversation": place["conversation"]["id"]} | wrong)
    assert (status, body["error"]["code"]) == (400, "invalid_input")
    if wrong.keys() <= {"masked", "title", "author", "may_continue", "password", "expires_at_ms", "most_views"}:
        assert visitor.request("PATCH", f"/api/shares/{link['id']}", wrong)[0] == 400


def test_nobody_else_finds_it(server: ParleyServer, visitor: Visitor, place: Any, link: Any) -> None:
    conversation = place["conversation"]["id"]
    other = Visitor(server)
    path = f"/api/shares/{link['id']}"
    for method, where, body in (
        ("POST", "/api/shares", {"conversation": conversation}),
        ("POST", "/api/shares/preview", {"conversation": conversation}),
        ("PATCH", path, {"title": "mine"}),
        ("POST", f"{path}/update", {}),
        ("DELETE", path, None),
        ("GET", f"{path}/qr.svg", None),
    ):
        status, reply = other.request(method, where, body)
        assert (status, reply["error"]["code"]) == (404, "not_found"), where
    assert other.get("/api/shares") == {"shares": []}
    assert other.get(f"/api/shares?conversation={conversation}") == {"shares": []}
    assert link in visitor.get(f"/api/shares?conversation={conversation}")["shares"]


def test_another_sites_page_shares_nothing(server: ParleyServer, visitor: Visitor, place: Any) -> None:
    reply = call(
        server,
        "POST",
        "/api/shares",
        {"conversation": place["conversation"]["id"]},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        visitor.cookie,
    )
    assert reply.status == 403


def test_the_link_as_a_picture(server: ParleyServer, visitor: Visitor, link: Any) -> None:
    reply = call(server, "GET", f"/api/shares/{link['id']}/qr.svg", cookie=visitor.cookie)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "image/svg+xml; charset=utf-8")
    assert reply.headers["Cache-Control"] == "no-store"
    svg = reply.body.decode()
    assert svg.startswith("<svg ")
    assert "style" not in svg  # the policy of the page allows none


def test_a_public_site_gives_whole_addresses(configured: ParleyServer) -> None:
    visitor = Visitor(configured)
    place = bring_in(visitor, MESSAGES)
    link = share(visitor, place["conversation"]["id"])
    assert link["url"].startswith(f"{ORIGIN}/s/")
    token = urlsplit(link["url"]).path.removeprefix("/s/")
    assert len(token) == 32


def test_sharing_has_a_rate(configured: ParleyServer) -> None:
    visitor = Visitor(configured)
    place = bring_in(visitor, MESSAGES)["conversation"]["id"]
    here = {"X-Forwarded-For": "203.0.113.77"}
    statuses = [visitor.request("POST", "/api/shares/preview", {"conversation": place}, here)[0] for _ in range(121)]
    assert statuses == [200] * 120 + [429]
