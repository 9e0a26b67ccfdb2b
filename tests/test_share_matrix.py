"""What readers of a shared link get and never get: every kind and scope of share, in every state, by every way in.

Words are planted in everything there is. A reader tries all ways and guesses every id; only words that were shared may
come, in any byte of any reply. `docs/sharing.md` says what that is.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
import websocket

from tests.parley_server import ParleyServer, Visitor
from tests.scripted_server import ScriptedServer, chunk, reply_head, whole
from tests.share_ways import TRIES, World, events, everything, frame, the_rest
from tests.shared_links import attribute, bring_in, knock, message, path_of, read, share, somewhere, text_file
from tests.views.http import Reply

KINDS, SCOPES = ("snapshot", "live"), ("whole", "branch", "chosen")
STATES = ("open", "expired", "revoked", "wrong password", "used up", "deleted")
WAYS = ("page", "json", "websocket", "events", "attachment")
EXPIRES_IN_MS = 1_500  # far longer than the request takes that says so

# Who is shared in which scope, by the planted name. `run` is asked after the import and still being answered.
MESSAGES = ("q1", "a1", "a1b", "q2", "a2", "q3", "a3", "q2b", "a2b", "qrun", "arun", "qother", "aother")
SHARED = {
    "whole": frozenset(MESSAGES),
    "branch": frozenset({"q1", "a1", "q2b", "a2b", "qrun", "arun"}),
    "chosen": frozenset({"q1", "a2", "arun"}),
}
FILES = {"q1", "q2", "q2b"}
NEVER = ("title", "system", "upstreamname", "elsewhere", "unsent")


def planted(name: str) -> str:
    """A word that is in one place only."""
    return f"planted-{name}-dnalp"


def text(name: str) -> str:
    """A message's text: its word is not at the beginning, so that guessed offsets do not cut it."""
    return f"Some words, then {planted(name)}"


def words(names: frozenset[str] | tuple[str, ...]) -> list[bytes]:
    return [planted(name).encode() for name in sorted(names)]


def said(text: str) -> bytes:
    body = {"model": "tester", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}
    return chunk(f"data: {json.dumps(body)}\n\n".encode())


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedServer]:
    """A model that begins every answer with the planted word of its question's answer, and never ends it."""
    with ScriptedServer() as running:
        running.play([whole(b'{"data": [{"id": "tester"}]}', "Content-Type: application/json")])
        yield running


def build(server: ParleyServer, upstream: ScriptedServer) -> World:
    world = World(server, Visitor(server))
    found = bring_in(
        world.visitor,
        [
            message(1, None, "user", text("q1"), files=[0]),
            message(2, 1, "assistant", text("a1"), reasoning=planted("think-a1")),
            message(3, 1, "assistant", text("a1b"), reasoning=planted("think-a1b")),
            message(4, 2, "user", text("q2"), files=[1]),
            message(5, 4, "assistant", text("a2"), reasoning=planted("think-a2")),
            message(6, 5, "user", text("q3")),
            message(7, 6, "assistant", text("a3"), usage={"upstream": planted("upstreamname")}),
            message(8, 2, "user", text("q2b"), files=[2]),
            message(9, 8, "assistant", text("a2b"), reasoning=planted("think-a2b")),
        ],
        title=planted("title"),
        leaf=9,
        options={"system": planted("system")},
        files=[text_file(f"{planted(f'name-{name}')}.txt", planted(f"file-{name}")) for name in sorted(FILES)],
    )
    world.conversation = found["conversation"]["id"]
    take_in(world, found["messages"])
    for name, parent in (("run", "a2b"), ("other", "a3")):
        upstream.play(
            [
                reply_head("Content-Type: text/event-stream", "Transfer-Encoding: chunked"),
                said(text(f"a{name}") + "\n"),
                "hang",
            ]
        )
        asked = world.visitor.ask(text(f"q{name}"), conversation=world.conversation, parent=world.ids[parent])
        world.ids[f"q{name}"], world.ids[f"a{name}"] = asked["message"]["id"], asked["answer"]["id"]
        wait_for_text(world, world.ids[f"a{name}"])
    return world


def take_in(world: World, messages: list[Any]) -> None:
    by_text = {text(name): name for name in MESSAGES}
    for one in messages:
        name = by_text[one["text"]]
        world.ids[name] = one["id"]
        if one["attachments"]:
            world.files[name] = one["attachments"][0]["id"]


def wait_for_text(world: World, answer: str) -> None:
    deadline = time.monotonic() + 10
    while not world.visitor.answer(answer)["text"]:
        assert time.monotonic() < deadline, "no text came"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, upstream: ScriptedServer) -> Iterator[World]:
    """One server, two equal conversations of one visitor (one is to be deleted), and a link of every sort."""
    server = ParleyServer(
        tmp_path_factory.mktemp("matrix"),
        asks_per_minute=10_000,
        running_per_visitor=100,
        trusted_proxies=1,
        openai_base_url=upstream.url,
        openai_models="tester",
    )
    server.start()
    try:
        upstream.wait_for_request()
        world, doomed = build(server, upstream), build(server, upstream)
        elsewhere = bring_in(
            world.visitor,
            [message(1, None, "user", planted("elsewhere")), message(2, 1, "assistant", planted("elsewhere"))],
        )
        world.others = [one["id"] for one in elsewhere["messages"]]
        guarded = share(world.visitor, elsewhere["conversation"]["id"], password="another", scope="whole")
        world.foreign_pass = attribute(knock(server, path_of(guarded), password="another"), "data-view")
        make_links(world, doomed)
        yield world
    finally:
        server.kill()


def make_links(world: World, doomed: World) -> None:
    limits: dict[str, dict[str, Any]] = {
        "wrong password": {"password": "the right one"},
        "used up": {"most_views": 1},
    }
    for kind, scope, state in product(KINDS, SCOPES, STATES):
        place = doomed if state == "deleted" else world
        link = link_to(place, kind, scope, **limits.get(state, {}))
        world.links[kind, scope, state] = link
        if state == "revoked":
            assert place.visitor.request("DELETE", f"/api/shares/{link['id']}")[0] in {200, 204}
        elif state == "used up":
            assert knock(world.server, path_of(link)).status == 200
    status, _ = doomed.visitor.request("DELETE", f"/api/conversations/{doomed.conversation}")
    assert status == 204
    world.others += doomed.ids.values()
    for (_, _, state), link in world.links.items():
        if state == "expired":
            soon = {"expires_at_ms": int(time.time() * 1000) + EXPIRES_IN_MS}
            assert world.visitor.request("PATCH", f"/api/shares/{link['id']}", soon)[0] == 200
    time.sleep(EXPIRES_IN_MS / 1000 + 0.01)


def link_to(world: World, kind: str, scope: str, **fields: Any) -> dict[str, Any]:
    if scope == "branch":
        # A live branch goes on by itself to what follows its end.
        fields["leaf"] = world.ids["arun" if kind == "snapshot" else "a2b"]
    elif scope == "chosen":
        fields["messages"] = [world.ids[name] for name in SHARED["chosen"]]
    return share(world.visitor, world.conversation, kind=kind, scope=scope, title="A shared title", **fields)


def shown_by(way: str, scope: str, kind: str) -> list[bytes]:
    """The words that an open share tells by a way, if all is well."""
    shared = SHARED[scope]
    if way == "attachment":
        return words(tuple(f"file-{name}" for name in sorted(FILES & shared)))
    if way in {"websocket", "events"}:
        return words(("arun",)) if kind == "live" else []
    thoughts = {f"think-{name}" for name in ("a1", "a1b", "a2", "a2b") if name in shared}
    names = {f"name-{name}" for name in FILES & shared}
    return words(shared | thoughts | names)


def forbidden(scope: str, state: str) -> list[bytes]:
    """The words that must not come by any way."""
    shared = SHARED[scope] if state == "open" else frozenset()
    hidden = {name for name in MESSAGES if name not in shared}
    hidden |= {f"{what}-{name}" for name in MESSAGES if name not in shared for what in ("think", "file", "name")}
    return [*words(frozenset(hidden)), *words(NEVER), *([] if state == "open" else [b"A shared title"])]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_reader_gets_what_is_shared_and_never_a_byte_more(
    world: World, kind: str, scope: str, state: str, way: str
) -> None:
    link = world.links[kind, scope, state]
    came = TRIES[way](world, path_of(link))
    assert came
    for secret in forbidden(scope, state):
        assert not [piece for piece in came if secret in piece], secret
    private = [world.visitor.cookie.partition("=")[2].encode(), world.server.data_dir.as_posix().encode()]
    for secret in private:
        assert not [piece for piece in came if secret in piece]
    if state == "open":
        together = b"".join(came)
        assert [word for word in shown_by(way, scope, kind) if word not in together] == []


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_json_names_nothing_that_is_not_shared(world: World, kind: str, scope: str) -> None:
    path = path_of(world.links[kind, scope, "open"])
    reply = read(world.server, f"{path}/conversation")
    ids = {one["id"] for one in reply.json()["messages"]}
    assert ids == {world.ids[name] for name in SHARED[scope]}
    assert {one["parent"] for one in reply.json()["messages"]} <= {None, *ids}
    for body in (reply.body, read(world.server, path).body):
        unshared = [id_ for name, id_ in world.ids.items() if name not in SHARED[scope]]
        assert [id_ for id_ in [*unshared, *world.others, world.conversation] if id_.encode() in body] == []


@pytest.mark.parametrize("state", [state for state in STATES if state not in {"open", "wrong password"}])
def test_all_that_is_gone_looks_the_same(world: World, state: str) -> None:
    def seen(reply: Reply) -> tuple[int, list[tuple[str, str]], bytes]:
        headers = [(name, value) for name, value in reply.headers.items() if name != "Date"]
        return reply.status, headers, reply.body

    for kind, scope in product(KINDS, SCOPES):
        path = path_of(world.links[kind, scope, state])
        for part in ("", "/conversation", f"/files/{world.files['q1']}", f"/answers/{world.ids['arun']}/events"):
            never = read(world.server, f"/s/{'A' * 32}{part}")
            assert never.status == 404
            assert seen(read(world.server, path + part)) == seen(never), part


@pytest.mark.parametrize("scope", SCOPES)
def test_what_happens_later_is_heard_where_it_is_shared_and_nowhere_else(
    world: World, upstream: ScriptedServer, scope: str
) -> None:
    fresh = build(world.server, upstream)
    path = path_of(link_to(fresh, "live", scope))
    snapshot = path_of(link_to(fresh, "snapshot", scope))
    reader = websocket.create_connection(
        f"ws://127.0.0.1:{world.server.port}/ws", timeout=10, origin=world.server.url, header=somewhere()
    )
    reader.send(json.dumps({"type": "hello", "v": 1, "share": path.rpartition("/")[2]}))
    assert json.loads(frame(reader))["type"] == "hello"
    later = fresh.visitor.ask(text("later"), conversation=fresh.conversation, parent=fresh.ids["a3"])
    wait_for_text(fresh, later["answer"]["id"])
    fresh.visitor.ask(text("elsewhere"))
    title = {"title": planted("renamed")}
    assert fresh.visitor.request("PATCH", f"/api/conversations/{fresh.conversation}", title)[0] == 200
    assert fresh.visitor.request("POST", f"/api/answers/{later['answer']['id']}/stop")[0] == 200
    came = b"".join(the_rest(reader)) + everything(read(world.server, f"{path}/conversation"))
    came += events(world, f"{path}/answers/{later['answer']['id']}/events?offset=0")
    reader.close(timeout=1)
    reader.shutdown()
    # The model says the same word again for the new question.
    words_of_it = [text("later").encode(), later["answer"]["id"].encode(), planted("aother").encode()]
    assert [word in came for word in words_of_it] == [scope == "whole"] * 3
    assert not [name for name in ("elsewhere", "renamed", "title", "system") if planted(name).encode() in came]
    kept = everything(read(world.server, f"{snapshot}/conversation"))
    assert text("later").encode() not in kept
    assert planted("arun").encode() in kept
