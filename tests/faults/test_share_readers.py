"""Readers of a live share: what they see, that it costs the server one piece of work for all, and that it ends."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest
import websocket

from tests.faults.processes import holds_connection, wait_until
from tests.faults.raw_websocket import TEXT, RawWebSocket, masked
from tests.faults.share_readers import EventStream, ShareCrowd, Shared, ShareReader
from tests.faults.words import CHUNKED, speak, words
from tests.parley_server import ROOT, ParleyServer, Visitor
from tests.scripted_server import LAST_CHUNK, ScriptedServer, chunk
from webapp.views.share_socket import MOST_FOLLOWS

CROWD = 120
CLOSED_WITHIN_S = 2.0
GONE = {"type": "error", "code": "not_found", "message": "Nothing is shared here."}


@pytest.fixture
def shared(upstream: ScriptedServer, visitor: Visitor) -> Shared:
    """A conversation with one answer, and a live share of all of it."""
    upstream.play(speak(3, 0))
    return Shared(visitor)


def test_a_crowd_sees_every_word_made_once_for_all_and_leaves_together_when_the_link_is_revoked(
    upstream: ScriptedServer, server: ParleyServer, shared: Shared
) -> None:
    upstream.play(speak(80, 0.03))
    with ShareCrowd(server, shared.token, CROWD) as crowd:
        assert shared.visitor.get("/api/shares")["shares"][0]["readers"] == CROWD
        shared.ask("for many")
        crowd.wait_for_the_end(20)
        expected = words("for many", 80)
        assert {reader.text for reader in crowd.readers} == {expected}
        received = sum(len(reader.deltas) for reader in crowd.readers)
        different = {delta for reader in crowd.readers for delta in reader.deltas}
        # Whoever stands with the others is sent the same frame; who fell behind for a moment got one of their own.
        assert received > 20 * CROWD
        assert len(different) < received / CROWD * 3
        begun_s = time.monotonic()
        shared.revoke()
        crowd.wait_until_closed(5)
        assert max(crowd.closed_s) - begun_s < CLOSED_WITHIN_S
        assert crowd.codes == ["share_ended"] * CROWD
        assert {reader.close_code for reader in crowd.readers} == {1008}


def test_who_comes_late_or_reloads_reads_the_same_text(
    upstream: ScriptedServer, server: ParleyServer, shared: Shared
) -> None:
    upstream.play(speak(60, 0.02))
    answer = shared.ask("in the middle")["answer"]["id"]
    with ExitStack() as open_readers:
        readers = [open_readers.enter_context(ShareReader(server, shared.token)) for _ in range(3)]
        readers[0].follow(answer)
        for most in (3, 4, 5):
            readers[0].read(answer, most)
            with ShareReader(server, shared.token) as again:  # with what the page says it has
                now = shared.content()["messages"][-1]
                again.follow(answer, now["next"], now["text"])
                again.read(answer, 2)
                assert again.hello["running"] == [{"answer": answer, "conversation": shared.share["id"]}]
        for reader in readers[1:]:
            reader.follow(answer)
        for reader in readers:
            reader.read(answer)
            assert reader.text == words("in the middle", 60)
        readers[2].follow(answer)  # when it is all in the history
        assert readers[2].read(answer)["status"] == "done"
        assert readers[2].text == words("in the middle", 60)
        readers[0].follow(answer, 1_000_000)
        assert readers[0].receive_until("error")["code"] == "invalid_input"


def test_readers_hear_of_turns_branches_and_what_is_taken_away_in_the_share_alone(
    upstream: ScriptedServer, server: ParleyServer, shared: Shared
) -> None:
    visitor = shared.visitor
    branch = shared.make(scope="branch", leaf=shared.first["id"])["url"].rpartition("/")[2]
    chosen = shared.make(scope="chosen", messages=[shared.message, shared.leaf])["url"].rpartition("/")[2]
    upstream.play(speak(2, 0))
    with (
        ShareReader(server, shared.token) as of_all,
        ShareReader(server, branch) as of_branch,
        ShareReader(server, chosen) as of_chosen,
    ):
        turn = shared.ask("second")
        for reader in (of_all, of_branch):
            told = reader.receive_until("changed", what="turn")
            assert (told["message"]["text"], told["answer"]["id"]) == ("second", turn["answer"]["id"])
            assert told["conversation"] != shared.conversation  # the share's id: the other one is nobody's business
            assert reader.receive_until("changed", what="ended")["answer_id"] == turn["answer"]["id"]
        visitor.wait_for(turn["answer"]["id"])
        # A question in the place of the first one: a branch that only the whole conversation shows.
        edited = visitor.ask("edited", conversation=shared.conversation, parent=None)
        assert of_all.receive_until("changed", what="turn")["answer"]["id"] == edited["answer"]["id"]
        visitor.wait_for(edited["answer"]["id"])
        visitor.request("DELETE", f"/api/messages/{turn['message']['id']}")
        gone = sorted([turn["message"]["id"], turn["answer"]["id"]])
        for reader in (of_all, of_branch):
            assert reader.receive_until("changed", what="pruned")["message_ids"] == gone
        for answer in (turn["answer"]["id"], edited["answer"]["id"], "nobody"):
            of_chosen.send({"type": "follow", "answer": answer})
            refused = of_chosen.receive()  # and nothing else came
            assert (refused["type"], refused["code"], refused["answer"]) == ("error", "forbidden", answer)


def test_a_reader_can_do_nothing_but_follow(server: ParleyServer, shared: Shared) -> None:
    """Whatever cookie comes with the socket: here it is that of the visitor whose conversation it is."""
    id_ = "00000000-0000-4000-8000-000000000001"
    answer = shared.first["id"]
    with ShareReader(server, shared.token, cookie=shared.visitor.cookie) as reader:
        assert reader.hello.keys() == {"type", "v", "running", "limits"}
        for frame in (
            {"type": "ask", "id": id_, "text": "hello"},
            {"type": "again", "id": id_, "answer": answer},
            {"type": "continue", "id": id_, "answer": answer},
            {"type": "stop", "answer": answer},
        ):
            reader.send(frame)
            assert reader.receive()["code"] == "forbidden"
        reader.follow(answer)
        assert reader.read(answer)["usage"] == {}
        for _ in range(50):
            reader.send({"type": "stop", "answer": answer})
        while (frame := reader.receive()) is not None:
            assert frame["code"] == "forbidden"
        assert reader.close_code == 1008


def test_a_reader_begins_to_follow_no_more_often_than_that(server: ParleyServer, shared: Shared) -> None:
    with ShareReader(server, shared.token) as reader:
        for _ in range(MOST_FOLLOWS):
            reader.send({"type": "follow", "answer": shared.first["id"], "offset": 0})
        reader.send({"type": "follow", "answer": "nothing", "offset": 0})
        assert reader.receive_until("error")["code"] == "limit_reached"


def test_every_token_that_lets_nobody_in_is_answered_alike(server: ParleyServer, shared: Shared) -> None:
    guarded = shared.make(password="secret")["url"].rpartition("/")[2]
    counted = shared.make(most_views=1)["url"].rpartition("/")[2]
    ended = shared.token
    shared.revoke()
    for token in ("x", "A" * 32, ended, guarded, counted, "\u2603"):
        with ShareReader(server, token) as reader:
            assert reader.hello == GONE
            assert reader.receive() is None
            assert reader.close_code == 1008


def test_pages_of_other_sites_cannot_read_along(server: ParleyServer, shared: Shared) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        ShareReader(server, shared.token, origin="https://elsewhere.example")


def test_a_snapshot_is_not_followed(upstream: ScriptedServer, server: ParleyServer, shared: Shared) -> None:
    upstream.play(speak(30, 0.02))
    answer = shared.ask("still running")["answer"]["id"]
    token = shared.make(kind="snapshot")["url"].rpartition("/")[2]
    with ShareReader(server, token) as reader:
        reader.follow(answer)
        assert reader.receive()["code"] == "forbidden"
        with pytest.raises(urllib.error.HTTPError, match="404"):
            EventStream(server, f"/s/{token}/answers/{answer}/events")
        shared.visitor.wait_for(answer)


@pytest.mark.parametrize("how", ["expired", "deleted"])
def test_a_share_that_ends_by_itself_sends_its_readers_away(server: ParleyServer, shared: Shared, how: str) -> None:
    with ShareReader(server, shared.token) as reader:
        if how == "expired":
            soon_ms = int(time.time() * 1000) + 300
            status, _ = shared.visitor.request("PATCH", f"/api/shares/{shared.share['id']}", {"expires_at_ms": soon_ms})
            end_s = time.monotonic() + 0.3
        else:
            status, _ = shared.visitor.request("DELETE", f"/api/conversations/{shared.conversation}")
            end_s = time.monotonic()
        assert status in {200, 204}
        assert reader.receive()["code"] == "share_ended"
        assert reader.receive() is None
        assert time.monotonic() - end_s < CLOSED_WITHIN_S


def test_other_masks_send_readers_back_to_the_page(server: ParleyServer, shared: Shared) -> None:
    with ShareReader(server, shared.token) as reader:
        shared.visitor.request("PATCH", f"/api/shares/{shared.share['id']}", {"masked": ["email"]})
        assert reader.receive()["code"] == "share_changed"
        assert reader.receive() is None


def test_what_is_masked_never_leaves_the_server_while_it_is_being_written(
    upstream: ScriptedServer, server: ParleyServer, shared: Shared
) -> None:
    lines = "write to ann@example.org\nor to bob@example.org today\nand that is all"
    script = [CHUNKED]
    for at in range(0, len(lines), 5):
        script += [chunk(lines[at : at + 5].encode()), 0.03]
    upstream.play([*script, LAST_CHUNK])
    token = shared.make(masked=["email"])["url"].rpartition("/")[2]
    with ShareReader(server, token) as reader, ShareReader(server, token) as late:
        answer = shared.ask("who?")["answer"]["id"]
        reader.follow(answer)
        reader.receive_until("changed", what="turn")
        reader.read(answer, 1)
        late.receive_until("changed", what="turn")
        late.follow(answer, reader.offset, reader.text)
        with EventStream(server, f"/s/{token}/answers/{answer}/events") as stream:
            streamed = "".join(frame["text"] for name, _, frame in stream if name == "delta")
        reader.read(answer)
        late.read(answer)
        masked_lines = "write to [e-mail address]\nor to [e-mail address] today\nand that is all"
        assert [reader.text, late.text, streamed] == [masked_lines] * 3


def test_server_sent_events_tell_the_same(upstream: ScriptedServer, server: ParleyServer, shared: Shared) -> None:
    upstream.play(speak(40, 0.02))
    with EventStream(server, f"/s/{shared.token}/events") as changes:
        assert shared.visitor.get("/api/shares")["shares"][0]["readers"] == 1
        answer = shared.ask("over events")["answer"]["id"]
        told = iter(changes)
        name, _, frame = next(told)
        assert (name, frame["what"], frame["answer"]["id"]) == ("changed", "turn", answer)
        path = f"/s/{shared.token}/answers/{answer}/events"
        text, names = "", list[str]()
        with EventStream(server, path) as stream:
            for name, place, frame in stream:
                names.append(name)
                if name == "delta":
                    assert frame["offset"] == len(text.encode())
                    text += frame["text"]
                    assert place == str(frame["next"]) == str(len(text.encode()))
        assert (names[-1], text) == ("ended", words("over events", 40))
        assert [next(told)[2]["what"] for _ in range(2)] == ["leaf", "ended"]
    half = len(text.encode()) // 2
    with EventStream(server, f"{path}?offset={half}") as stream:
        rest = "".join(frame["text"] for name, _, frame in stream if name == "delta")
    assert text.endswith(rest)
    assert len(rest.encode()) in range(half, half + 4)
    for nothing in ("/s/x/events", f"/s/x/answers/{answer}/events", f"/s/{shared.token}/answers/nobody/events"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            EventStream(server, nothing)


def test_streams_end_with_the_share(upstream: ScriptedServer, server: ParleyServer, shared: Shared) -> None:
    upstream.play([CHUNKED, chunk(b"one "), "hang"])
    answer = shared.ask("for ever")["answer"]["id"]
    with (
        EventStream(server, f"/s/{shared.token}/events") as changes,
        EventStream(server, f"/s/{shared.token}/answers/{answer}/events") as stream,
    ):
        told = iter(stream)
        assert next(told)[2]["text"] == "one "
        begun_s = time.monotonic()
        shared.revoke()
        for ended in (told, iter(changes)):
            assert [(name, frame["code"]) for name, _, frame in ended] == [("error", "share_ended")]
        assert time.monotonic() - begun_s < CLOSED_WITHIN_S
    shared.visitor.request("POST", f"/api/answers/{answer}/stop")


def test_a_reader_who_takes_nothing_is_cut_off_with_the_others_and_costs_them_nothing(
    upstream: ScriptedServer, server: ParleyServer, shared: Shared
) -> None:
    long = "".join(f"{number} {'x' * 2000}\n" for number in range(1500))
    data = long.encode()
    pieces = [chunk(data[at : at + 100_000]) for at in range(0, len(data), 100_000)]
    upstream.play([CHUNKED, *(step for piece in pieces for step in (piece, 0.01)), LAST_CHUNK])
    hello = masked(TEXT, json.dumps({"type": "hello", "v": 1, "share": shared.token}).encode())
    with (
        RawWebSocket(server.url, "/ws?share", receive_buffer=4096) as stalled,
        RawWebSocket(server.url, "/ws?share", receive_buffer=4096) as slow,
        ShareReader(server, shared.token) as reader,
    ):
        answer = shared.ask("a lot")["answer"]["id"]
        for raw in (stalled, slow):
            raw.send(hello)
            assert b'"hello"' in raw.frame().payload
            raw.say({"type": "follow", "answer": answer})
        reader.follow(answer)
        reader.read(answer)
        assert reader.text == long
        text = b""
        for frame in slow.frames():
            found = json.loads(frame.payload)
            text += found.get("text", "").encode()
            if found["type"] == "ended":
                break
        assert text.decode() == long
        port = stalled.sock.getsockname()[1]
        begun_s = time.monotonic()
        shared.revoke()
        assert wait_until(lambda: not holds_connection(server.worker_pid(), port), CLOSED_WITHIN_S)
        assert time.monotonic() - begun_s < CLOSED_WITHIN_S


def test_one_share_cannot_take_every_connection_of_the_site(
    upstream: ScriptedServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with ParleyServer(
        tmp_path_factory.mktemp("few"), max_sockets=8, gprochat_url=upstream.url, gprochat_secret="s3cret"
    ) as server:
        upstream.play(speak(1, 0))
        shared = Shared(Visitor(server))
        other = shared.make()["url"].rpartition("/")[2]
        with ExitStack() as open_readers:
            for token, many in ((shared.token, 4), (other, 2)):
                for _ in range(many):
                    assert open_readers.enter_context(ShareReader(server, token)).hello["type"] == "hello"
                assert open_readers.enter_context(ShareReader(server, token)).hello["code"] == "limit_reached"
            with shared.visitor.socket() as tab:  # who chats here finds a place
                assert tab.hello["type"] == "hello"


@pytest.mark.proof
def test_a_thousand_readers_follow_one_answer(tmp_path: Path) -> None:
    out = tmp_path / "bench.json"
    command = [sys.executable, "-m", "tests.bench", "--only-readers", "--readers", "1000", "--out", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=300)  # it prints the figures
    (row,) = json.loads(out.read_text())["readers"]
    assert row["lost"] == 0
    assert row["delay_p99"] < 250
    assert row["revoked_ms"] < 1000 * CLOSED_WITHIN_S
    # Each delta once for all; whoever falls behind on a busy machine gets a larger one of their own.
    assert row["different_frames"] < row["tokens"]
