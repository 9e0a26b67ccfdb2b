"""Stop ends the upstream's request at once, wherever the answer stands, and everybody agrees on the text."""

from __future__ import annotations

import time

import pytest

from tests.faults.words import CHUNKED, speak, words
from tests.parley_server import ParleyServer, SocketClient, Visitor
from tests.scripted_server import Repeat, ScriptedServer, Step, chunk

IN_TIME_S = 0.2
PLACES: dict[str, list[Step]] = {
    "streaming": [CHUNKED, Repeat(chunk("сло́во ".encode()), 0.005)],
    "silent in mid-answer": [CHUNKED, chunk(b"half a "), "hang"],
    "silent in mid-character": [CHUNKED, chunk("half a \u6f22".encode()[:-1]), "hang"],
    "silent before the first word": [CHUNKED, "hang"],
    "silent before the headers": ["hang"],
}
AT_EVERY_PLACE = pytest.mark.parametrize("script", PLACES.values(), ids=PLACES)


def follow(tab: SocketClient, answer_id: str) -> None:
    tab.send({"type": "follow", "answer": answer_id, "offset": 0})


@AT_EVERY_PLACE
@pytest.mark.parametrize("over", ["websocket", "http"])
def test_stop_closes_the_upstream_in_time(
    script: list[Step], over: str, upstream: ScriptedServer, server: ParleyServer, visitor: Visitor
) -> None:
    upstream.play(script)
    with visitor.socket() as asker, visitor.socket() as other:
        answer_id = asker.ask("go on and on")["answer"]["id"]
        follow(other, answer_id)
        request = upstream.wait_for_request()
        time.sleep(0.1)
        stopped_at_s = time.monotonic()
        if over == "websocket":
            other.send({"type": "stop", "answer": answer_id})
        else:
            assert visitor.request("POST", f"/api/answers/{answer_id}/stop") == (200, {})
        assert request.closed.wait(2), "the upstream's connection is still open"
        assert request.closed_at_s - stopped_at_s < IN_TIME_S
        text, ended = asker.read_answer(answer_id)
        assert ended["status"] == "stopped"
        assert other.read_answer(answer_id) == (text, ended)
        assert time.monotonic() - stopped_at_s < 0.5
    stored = visitor.answer(answer_id)
    assert (stored["text"], stored["status"], stored["next"]) == (text, "stopped", len(text.encode()))
    assert "error" not in ended
    assert len(upstream.requests) == 1


def test_stop_of_many_streams_at_once(upstream: ScriptedServer, server: ParleyServer, visitor: Visitor) -> None:
    upstream.play([CHUNKED, Repeat(chunk(b"word "), 0.02)])
    with visitor.socket() as tab:
        answers = [tab.ask(f"number {number}")["answer"]["id"] for number in range(20)]
        upstream.wait_for_request(20)
        stopped_at_s = time.monotonic()
        for answer_id in answers:
            tab.send({"type": "stop", "answer": answer_id})
        for request in upstream.requests:
            assert request.closed.wait(2)
            assert request.closed_at_s - stopped_at_s < IN_TIME_S
        assert {visitor.wait_for(answer_id)["status"] for answer_id in answers} == {"stopped"}


def test_stop_of_a_finished_answer_changes_nothing(
    upstream: ScriptedServer, server: ParleyServer, visitor: Visitor
) -> None:
    upstream.play(speak(3, 0))
    with visitor.socket() as tab:
        answer_id = tab.ask("short")["answer"]["id"]
        text, ended = tab.read_answer(answer_id)
        before = visitor.answer(answer_id)
        assert (text, ended["status"], before["status"]) == (words("short", 3), "done", "done")
        for _ in range(3):
            tab.send({"type": "stop", "answer": answer_id})
        assert visitor.request("POST", f"/api/answers/{answer_id}/stop") == (200, {})
        again = tab.ask("after it")["answer"]["id"]
        assert tab.read_answer(again)[0] == words("after it", 3)
    assert visitor.answer(answer_id) == before


def test_a_stop_that_comes_twice_is_one_stop(upstream: ScriptedServer, server: ParleyServer, visitor: Visitor) -> None:
    upstream.play([CHUNKED, chunk(b"word "), "hang"])
    with visitor.socket() as tab, visitor.socket() as other:
        answer_id = tab.ask()["answer"]["id"]
        for both in (tab, other, tab):
            both.send({"type": "stop", "answer": answer_id})
        assert tab.read_answer(answer_id)[1]["status"] == "stopped"
    assert visitor.answer(answer_id)["status"] == "stopped"


def test_nobody_stops_somebody_elses_answer(upstream: ScriptedServer, server: ParleyServer, visitor: Visitor) -> None:
    upstream.play(speak(30))
    stranger = Visitor(server)
    with visitor.socket() as tab, stranger.socket() as other:
        answer_id = tab.ask("mine")["answer"]["id"]
        other.send({"type": "stop", "answer": answer_id})
        frame = other.receive()
        assert (frame["type"], frame["code"], frame["answer"]) == ("error", "not_found", answer_id)
        status, body = stranger.request("POST", f"/api/answers/{answer_id}/stop")
        assert (status, body["error"]["code"]) == (404, "not_found")
        text, ended = tab.read_answer(answer_id)
    assert (text, ended["status"]) == (words("mine", 30), "done")
