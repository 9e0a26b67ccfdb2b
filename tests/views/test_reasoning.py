"""A model that thinks aloud, from its own server to every way of following: WebSocket, events, plain reading."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.parley_server import ParleyServer, SocketClient, Visitor
from tests.scripted_server import LAST_CHUNK, ScriptedServer, Step, chunk, reply_head, whole
from tests.views.http import call

HEAD = reply_head("Content-Type: text/event-stream", "Transfer-Encoding: chunked")
THOUGHTS = ["Hm, ", "é 👩\u200d👩 ", "then."]
TEXTS = ["The ", "answer é."]
USAGE = {"prompt_tokens": 9, "completion_tokens": 8, "completion_tokens_details": {"reasoning_tokens": 5}}


def said(finish_reason: str | None = None, **delta: str) -> bytes:
    """One event of the model's server."""
    body = {"model": "thinker-2", "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]}
    return chunk(f"data: {json.dumps(body)}\n\n".encode())


def thinking(finish_reason: str = "stop") -> list[Step]:
    """A whole reply: thoughts, text, the reason why it ended, what it used."""
    return [
        HEAD,
        *(said(reasoning_content=thought) for thought in THOUGHTS),
        *(said(content=text) for text in TEXTS),
        said(finish_reason),
        chunk(f"data: {json.dumps({'model': 'thinker-2', 'choices': [], 'usage': USAGE})}\n\n".encode()),
        chunk(b"data: [DONE]\n\n"),
        LAST_CHUNK,
    ]


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedServer]:
    """The model's server; it has told its list of models when the first test begins."""
    with ScriptedServer() as running:
        running.play([whole(b'{"data": [{"id": "thinker"}]}', "Content-Type: application/json")])
        yield running


@pytest.fixture(scope="module")
def thinker(tmp_path_factory: pytest.TempPathFactory, model: ScriptedServer) -> Iterator[ParleyServer]:
    """A Parley whose one upstream is the thinking model."""
    running = ParleyServer(
        tmp_path_factory.mktemp("thinker"),
        asks_per_minute=10000,
        openai_base_url=model.url,
        openai_models="thinker",
        max_answer_mb=1,
    )
    running.start()
    model.wait_for_request()
    yield running
    running.kill()


@pytest.fixture
def visitor(thinker: ParleyServer) -> Visitor:
    return Visitor(thinker)


def frames_of(socket: SocketClient, answer: str, count: int) -> list[Any]:
    """The next frames of an answer; what the visitor's other tabs are told is passed over."""
    found: list[Any] = []
    while len(found) < count:
        frame = socket.receive()
        if frame["type"] != "changed":
            assert frame["answer"] == answer, frame
            found.append(frame)
    return found


def events(visitor: Visitor, answer: str, query: str = "", **headers: str) -> list[tuple[str, str, Any]]:
    """All events of an ended answer: name, id, data."""
    path = f"/api/answers/{answer}/events{query}"
    body = call(visitor.server, "GET", path, headers=headers, cookie=visitor.cookie).body.decode()
    found = []
    for block in body.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        if "event" in fields:
            found.append((fields["event"], fields["id"], json.loads(fields["data"])))
    return found


def test_it_is_kept_apart_and_stored_with_all_facts(visitor: Visitor, model: ScriptedServer) -> None:
    model.play(thinking())
    turn = visitor.ask("Think!", model="thinker")
    answer = visitor.wait_for(turn["answer"]["id"])
    assert (answer["status"], answer["text"], answer["reasoning"]) == ("done", "".join(TEXTS), "".join(THOUGHTS))
    assert answer["next"] == len("".join(TEXTS).encode())
    assert answer["reasoning_next"] == len("".join(THOUGHTS).encode())
    usage = answer["usage"]
    assert (usage["upstream"], usage["model"], usage["finish_reason"]) == ("openai", "thinker-2", "stop")
    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["reasoning_tokens"]) == (9, 8, 5)
    assert visitor.get(f"/api/conversations/{turn['conversation']['id']}")["messages"][1] == answer


def test_the_socket_gets_it_before_the_text(visitor: Visitor, model: ScriptedServer) -> None:
    model.play([HEAD, said(reasoning_content="Hm"), 0.2, said(content="Hel"), 0.2, *thinking()[-4:]])
    with visitor.socket() as socket:
        socket.send({"type": "ask", "id": "0f8fad5b-d9cb-469f-a165-70867728950e", "text": "Think!", "model": "thinker"})
        assert socket.receive()["type"] == "started"
        answer = visitor.get("/api/visitor")["running"][0]["answer"]
        first, second, ended = frames_of(socket, answer, 3)
    assert first == {"type": "delta", "answer": answer, "offset": 0, "next": 2, "text": "Hm", "part": "reasoning"}
    assert second == {"type": "delta", "answer": answer, "offset": 0, "next": 3, "text": "Hel"}
    assert (ended["type"], ended["status"], ended["next"], ended["reasoning_next"]) == ("ended", "done", 3, 2)
    assert ended["usage"]["finish_reason"] == "stop"


def test_the_socket_follows_from_both_offsets(visitor: Visitor, model: ScriptedServer) -> None:
    model.play(thinking())
    answer = visitor.wait_for(visitor.ask("Think!", model="thinker")["answer"]["id"])
    with visitor.socket() as socket:
        socket.send({"type": "follow", "answer": answer["id"], "offset": 4, "reasoning_offset": 4})
        first, second, ended = frames_of(socket, answer["id"], 3)
        assert (first["part"], first["offset"], first["text"]) == ("reasoning", 4, "".join(THOUGHTS[1:]))
        assert (second["offset"], second["text"], ended["type"]) == (4, "answer é.", "ended")
        socket.send({"type": "follow", "answer": answer["id"], "reasoning_offset": 5000})
        assert socket.receive()["message"].startswith("reasoning_offset: ")


def test_events_are_resumed_by_their_ids(visitor: Visitor, model: ScriptedServer) -> None:
    model.play(thinking())
    answer = visitor.wait_for(visitor.ask("Think!", model="thinker")["answer"]["id"])
    next_, thought = answer["next"], answer["reasoning_next"]
    whole = events(visitor, answer["id"])
    assert [(name, place, data.get("part")) for name, place, data in whole] == [
        ("delta", f"0.{thought}", "reasoning"),
        ("delta", f"{next_}.{thought}", None),
        ("ended", f"{next_}.{thought}", None),
    ]
    assert events(visitor, answer["id"], **{"Last-Event-ID": whole[0][1]}) == whole[1:]
    assert events(visitor, answer["id"], **{"Last-Event-ID": whole[1][1]}) == whole[2:]
    assert events(visitor, answer["id"], f"?offset=0&reasoning_offset={thought}") == whole[1:]
    some = events(visitor, answer["id"], f"?offset={next_}&reasoning_offset=4")
    assert [(data.get("part"), data.get("text")) for _, _, data in some] == [
        ("reasoning", "".join(THOUGHTS[1:])),
        (None, None),
    ]


def test_a_running_one_is_read_with_what_there_is(visitor: Visitor, model: ScriptedServer) -> None:
    model.play([HEAD, said(reasoning_content="Hm, é"), "hang"])
    turn = visitor.ask("Think!", model="thinker")
    with visitor.socket() as socket:
        socket.send({"type": "follow", "answer": turn["answer"]["id"]})
        assert socket.receive()["text"] == "Hm, é"
    read = visitor.get(f"/api/conversations/{turn['conversation']['id']}")["messages"][1]
    for answer in (visitor.answer(turn["answer"]["id"]), read):
        assert (answer["text"], answer["next"], answer["status"]) == ("", 0, "running")
        assert (answer["reasoning"], answer["reasoning_next"]) == ("Hm, é", 6)
    visitor.request("POST", f"/api/answers/{turn['answer']['id']}/stop")
    assert model.requests[0].closed.wait(2)
    assert visitor.answer(turn["answer"]["id"])["reasoning"] == "Hm, é"


def test_an_answer_ended_by_its_length_goes_on(visitor: Visitor, model: ScriptedServer) -> None:
    model.play(thinking("length"), [HEAD, said(content=" More."), *thinking()[-4:]])
    turn = visitor.ask("Think!", model="thinker")
    first = visitor.wait_for(turn["answer"]["id"])
    assert (first["status"], first["usage"]["finish_reason"]) == ("done", "length")
    body = {"id": "0f8fad5b-d9cb-469f-a165-70867728950f"}
    status, more = visitor.request("POST", f"/api/answers/{first['id']}/continue", body)
    assert (status, more["answer"]["reasoning"]) == (201, "".join(THOUGHTS))
    answer = visitor.wait_for(more["answer"]["id"])
    assert (answer["text"], answer["reasoning"]) == ("".join(TEXTS) + " More.", "".join(THOUGHTS))
    assert [message["role"] for message in model.requests[1].json()["messages"]] == ["user", "assistant", "user"]


def test_options_and_system_prompt_reach_the_model(visitor: Visitor, model: ScriptedServer) -> None:
    model.play(thinking())
    options = {"system": "Be brief.", "temperature": 0.5, "top_p": 0.25, "max_tokens": 7}
    visitor.wait_for(visitor.ask("Think!", model="thinker", options=options)["answer"]["id"])
    asked = model.requests[0].json()
    assert asked["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Think!"},
    ]
    assert (asked["temperature"], asked["top_p"]) == (0.5, 0.25)
    assert 7 in (asked.get("max_tokens"), asked.get("max_completion_tokens"))


def test_an_endless_answer_is_ended_at_the_limit(
    visitor: Visitor, model: ScriptedServer, thinker: ParleyServer
) -> None:
    model.play([HEAD, *(said(content="x" * 50_000) for _ in range(400)), "hang"])
    answer = visitor.wait_for(visitor.ask("Think!", model="thinker")["answer"]["id"])
    assert (answer["status"], answer["error"]["code"]) == ("failed", "answer_too_long")
    assert answer["next"] == len(answer["text"]) == 1_000_000
    assert "limit of 1 MB" in answer["error"]["message"]
    assert model.requests[0].closed.wait(2)
    assert f"answer {answer['id']} failed: answer_too_long: MAX_ANSWER_MB" in thinker.log()
    body = {"id": "0f8fad5b-d9cb-469f-a165-70867728950e"}
    status, refused = visitor.request("POST", f"/api/answers/{answer['id']}/continue", body)
    assert (status, refused["error"]["code"]) == (409, "conflict")
