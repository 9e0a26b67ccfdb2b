"""Following from any offset, over any transport, gives the exact text; readers cost the upstream nothing."""

from __future__ import annotations

import http.client
import json
import random
import time
from typing import Any

import pytest

from tests.faults.words import CHUNKED, speak, words
from tests.parley_server import ParleyServer, Visitor
from tests.scripted_server import ScriptedServer, chunk


class Reader:
    """Reads one answer in pieces; `text` and `offset` go with it from transport to transport."""

    def __init__(self, visitor: Visitor, answer_id: str) -> None:
        self.visitor, self.answer_id = visitor, answer_id
        self.text, self.offset, self.ended = "", 0, False
        self.given = [0]

    def take(self, frame: Any) -> None:
        """One `delta` or `ended`."""
        if frame["type"] == "ended":
            assert frame["next"] == self.offset
            self.ended = True
            return
        assert frame["offset"] == self.offset
        self.text, self.offset = self.text + frame["text"], frame["next"]
        self.given.append(self.offset)

    def over_websocket(self, deltas: int) -> None:
        """Follow, take a few deltas, go away without a word."""
        with self.visitor.socket() as tab:
            tab.send({"type": "follow", "answer": self.answer_id, "offset": self.offset})
            for _ in range(deltas):
                frame = tab.receive()
                if frame.get("answer") == self.answer_id:
                    self.take(frame)
                if self.ended:
                    return

    def over_events(self, deltas: int) -> None:
        """Read server-sent events from `Last-Event-ID` on, and cut the connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self.visitor.server.port, timeout=20)
        headers = {"Cookie": self.visitor.cookie, "Last-Event-ID": str(self.offset)}
        connection.request("GET", f"/api/answers/{self.answer_id}/events?offset=0", headers=headers)
        with connection.getresponse() as response:
            assert response.headers["Content-Type"].startswith("text/event-stream")
            while deltas and not self.ended:
                line = response.readline().decode()
                if line.startswith("id: "):
                    event_id = int(line[4:])
                elif line.startswith("data: "):
                    self.take(json.loads(line[6:]))
                    assert event_id == self.offset
                    deltas -= 1
        connection.close()

    def over_get(self, _deltas: int) -> None:
        """The whole text so far, in one response."""
        answer = self.visitor.answer(self.answer_id)
        assert answer["text"].startswith(self.text)
        self.text, self.offset = answer["text"], answer["next"]
        self.ended = answer["status"] != "running"
        self.given.append(self.offset)


@pytest.mark.parametrize("seed", range(2))
def test_changing_the_transport_twenty_times_in_one_answer(
    seed: int, upstream: ScriptedServer, server: ParleyServer, visitor: Visitor
) -> None:
    upstream.play(speak(150, 0.015))
    dice = random.Random(seed)
    answer_id = visitor.ask("long one")["answer"]["id"]
    reader, changes = Reader(visitor, answer_id), 0
    ways = [reader.over_websocket, reader.over_events, reader.over_get]
    while not reader.ended:
        dice.choice(ways)(dice.randint(1, 3))
        changes += 1
    assert changes >= 20
    assert reader.text == words("long one", 150)
    assert len(upstream.requests) == 1
    for offset in dice.sample(reader.given, 10):
        rest = reader.text.encode()[offset:].decode()
        with visitor.socket() as tab:
            tab.send({"type": "follow", "answer": answer_id, "offset": offset})
            assert tab.read_answer(answer_id, reader.text[: -len(rest) or None], offset)[0] == reader.text


def test_an_offset_beyond_the_end_is_an_error(upstream: ScriptedServer, server: ParleyServer, visitor: Visitor) -> None:
    upstream.play(speak(20))
    answer_id = visitor.ask()["answer"]["id"]
    with visitor.socket() as tab:
        for _ in range(2):  # while it runs and after its end
            tab.send({"type": "follow", "answer": answer_id, "offset": 1_000_000})
            frame = tab.receive_until("error")
            assert (frame["code"], frame["answer"]) == ("invalid_input", answer_id)
            status, body = visitor.request("GET", f"/api/answers/{answer_id}/events?offset=1000000")
            assert (status, body["error"]["code"]) == (400, "invalid_input")
            visitor.wait_for(answer_id)


def test_a_foreign_answer_does_not_exist(upstream: ScriptedServer, server: ParleyServer, visitor: Visitor) -> None:
    upstream.play(speak(20))
    answer_id = visitor.ask()["answer"]["id"]
    stranger = Visitor(server)
    with stranger.socket() as tab:
        for _ in range(2):
            tab.send({"type": "follow", "answer": answer_id, "offset": 0})
            frame = tab.receive()
            assert (frame["type"], frame["code"], frame["answer"]) == ("error", "not_found", answer_id)
            for path in (f"/api/answers/{answer_id}", f"/api/answers/{answer_id}/events"):
                status, body = stranger.request("GET", path)
                assert (status, body["error"]["code"]) == (404, "not_found")
            visitor.wait_for(answer_id)


def test_fifty_followers_cost_one_upstream_request(
    upstream: ScriptedServer, server: ParleyServer, visitor: Visitor
) -> None:
    upstream.play(speak(100, 0.01))
    answer_id = visitor.ask("popular")["answer"]["id"]
    tabs = [visitor.socket() for _ in range(50)]
    for tab in tabs:
        tab.send({"type": "follow", "answer": answer_id, "offset": 0})
    for tab in tabs:
        assert tab.read_answer(answer_id)[0] == words("popular", 100)
        tab.ws.close()
    assert len(upstream.requests) == 1


def test_an_answer_goes_on_when_all_sockets_close(
    upstream: ScriptedServer, server: ParleyServer, visitor: Visitor
) -> None:
    upstream.play([CHUNKED, chunk(b"before "), 0.6, *speak(5, 0)[1:]])
    with visitor.socket() as tab, visitor.socket() as other:
        answer_id = tab.ask("alone")["answer"]["id"]
        other.send({"type": "follow", "answer": answer_id, "offset": 0})
        tab.receive_until("delta")
    time.sleep(0.1)
    assert visitor.get("/api/visitor")["running"][0]["answer"] == answer_id
    assert not upstream.requests[0].closed.is_set()
    answer = visitor.wait_for(answer_id)
    assert (answer["text"], answer["status"]) == ("before " + words("alone", 5), "done")


def test_unfollow_ends_the_deltas_and_follow_resumes(
    upstream: ScriptedServer, server: ParleyServer, visitor: Visitor
) -> None:
    upstream.play(speak(40))
    with visitor.socket() as tab:
        answer_id = tab.ask("pause")["answer"]["id"]
        delta = tab.receive_until("delta")
        tab.send({"type": "unfollow", "answer": answer_id})
        tab.send({"type": "stop", "answer": "nobody"})
        text, offset = delta["text"], delta["next"]
        while (frame := tab.receive())["type"] == "delta":
            text, offset = text + frame["text"], frame["next"]
        assert (frame["type"], frame["answer"]) == ("error", "nobody")
        time.sleep(0.2)
        tab.send({"type": "follow", "answer": answer_id, "offset": offset})
        assert tab.read_answer(answer_id, text, offset)[0] == words("pause", 40)
