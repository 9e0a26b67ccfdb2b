"""The same id is the same turn, however often, wherever and at how many places at once it is said."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.faults.words import CHUNKED, speak, words
from tests.parley_server import ParleyServer, Visitor
from tests.scripted_server import ScriptedServer, chunk
from webapp.prompts import CONTINUE_PROMPT

COUNT = 15


def messages(visitor: Visitor) -> list[Any]:
    """All messages of a visitor who has one conversation."""
    (conversation,) = visitor.get("/api/conversations")["conversations"]
    found: list[Any] = visitor.get(f"/api/conversations/{conversation['id']}")["messages"]
    return found


def same_turn(*turns: Any) -> bool:
    """Whether these `started` frames and HTTP replies tell of one turn."""
    return (
        len({(turn["id"], turn["conversation"]["id"], turn["message"]["id"], turn["answer"]["id"]) for turn in turns})
        == 1
    )


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """The results of calls made at the same moment."""
    results: list[Any] = [None] * len(calls)
    barrier = threading.Barrier(len(calls))

    def run(place: int) -> None:
        barrier.wait()
        results[place] = calls[place]()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_asked_again_on_the_same_socket_after_a_reconnect_and_over_http(
    upstream: ScriptedServer, server: ParleyServer, visitor: Visitor
) -> None:
    upstream.play(speak(COUNT))
    ask_id, text = str(uuid.uuid4()), "one question"
    with visitor.socket() as tab:
        first = tab.ask(text, id=ask_id)
        second = tab.ask(text, id=ask_id)
    with visitor.socket() as tab:
        third = tab.ask(text, id=ask_id)
        got, ended = tab.read_answer(third["answer"]["id"], third["answer"]["text"], third["answer"]["next"])
        fourth = visitor.ask(text, id=ask_id)
        after_the_end = tab.ask(text, id=ask_id)
        assert tab.receive_until("ended")["status"] == "done"
    assert same_turn(first, second, third, fourth, after_the_end)
    assert (got, ended["status"]) == (words(text, COUNT), "done")
    assert after_the_end["answer"]["text"] == got
    question, answer = messages(visitor)
    assert (question["text"], answer["text"]) == (text, got)
    assert len(upstream.requests) == 1


def test_asked_in_two_tabs_and_over_http_at_once(
    upstream: ScriptedServer, server: ParleyServer, visitor: Visitor
) -> None:
    for round_number in range(5):
        upstream.play(speak(COUNT, 0.005))
        visitor = Visitor(server)
        ask_id, text = str(uuid.uuid4()), f"question {round_number}"
        with visitor.socket() as one, visitor.socket() as two:
            asks = [partial(by.ask, text, id=ask_id) for by in (one, two, visitor)]
            turns = at_once(*asks)
            assert same_turn(*turns)
            for tab, turn in zip((one, two), turns, strict=False):
                answer = turn["answer"]
                got, ended = tab.read_answer(answer["id"], answer["text"], answer["next"])
                assert (got, ended["status"]) == (words(text, COUNT), "done")
        assert len(messages(visitor)) == 2
        assert len(upstream.requests) == 1


@pytest.mark.parametrize("kind", ["again", "continue"])
def test_again_and_continue_said_many_times(
    kind: str, upstream: ScriptedServer, server: ParleyServer, visitor: Visitor
) -> None:
    upstream.play([CHUNKED, chunk(b"half "), "hang"], speak(COUNT))
    with visitor.socket() as tab:
        first = tab.ask("tell me")["answer"]
        tab.receive_until("delta", answer=first["id"])
        tab.send({"type": "stop", "answer": first["id"]})
        assert tab.receive_until("ended")["status"] == "stopped"
        turn_id = str(uuid.uuid4())
        frame = {"type": kind, "id": turn_id, "answer": first["id"]}
        tab.send(frame)
        tab.send(frame)
        turns = [tab.receive_until("started", id=turn_id), tab.receive_until("started", id=turn_id)]
    with visitor.socket() as one, visitor.socket() as two:
        for tab in (one, two):
            tab.send(frame)
        turns += [tab.receive_until("started", id=turn_id) for tab in (one, two)]
        status, over_http = visitor.request("POST", f"/api/answers/{first['id']}/{kind}", {"id": turn_id})
        assert status == 201
        for tab, turn in zip((one, two), turns[2:], strict=True):
            answer = turn["answer"]
            got, ended = tab.read_answer(answer["id"], answer["text"], answer["next"])
            expected = words("tell me", COUNT) if kind == "again" else "half " + words(CONTINUE_PROMPT, COUNT)
            assert (got, ended["status"]) == (expected, "done")
    assert same_turn(*turns, over_http)
    assert [message["role"] for message in messages(visitor)] == ["user", "assistant", "assistant"]
    assert len(upstream.requests) == 2


def test_an_id_belongs_to_its_visitor(upstream: ScriptedServer, server: ParleyServer, visitor: Visitor) -> None:
    upstream.play(speak(1, 0))
    ask_id, stranger = str(uuid.uuid4()), Visitor(server)
    mine, theirs = visitor.ask("mine", id=ask_id), stranger.ask("theirs", id=ask_id)
    assert not same_turn(mine, theirs)
    assert [found[0]["text"] for found in (messages(visitor), messages(stranger))] == ["mine", "theirs"]
