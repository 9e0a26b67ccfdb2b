"""The nine traps of flask-sock and simple-websocket under gunicorn and gevent, each against the real server.

More of trap 1, partial writes, is in `test_slow_clients.py`; trap 8, the shutdown, is in `test_shutdown.py`.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
import zlib
from collections.abc import Iterator

import pytest

from tests.faults.processes import open_files, wait_until
from tests.faults.raw_websocket import HELLO, PING, PONG, TEXT, RawWebSocket, masked
from tests.faults.words import CHUNKED, speak, words
from tests.parley_server import ParleyServer, Visitor
from tests.scripted_server import LAST_CHUNK, ScriptedServer, chunk
from webapp.views.websocket import MAX_MESSAGE_BYTES


def test_trap_1_a_client_that_stalls_in_a_stream_gets_whole_frames(
    upstream: ScriptedServer, server: ParleyServer, visitor: Visitor
) -> None:
    text = "".join(f"{number} \u6f22\u5b57 " for number in range(150_000))
    upstream.play([CHUNKED, *(chunk(text[at : at + 5000].encode()) for at in range(0, len(text), 5000)), LAST_CHUNK])
    with RawWebSocket.of(visitor, receive_buffer=4096) as raw:
        raw.say({"type": "ask", "id": str(uuid.uuid4()), "text": "x"})
        time.sleep(2)
        got = ""
        for frame in raw.frames():
            parsed = json.loads(frame.payload)
            if parsed["type"] == "delta":
                got += parsed["text"]
            if parsed["type"] == "ended":
                break
    assert got == text


def test_trap_2_pings_amid_a_heavy_stream_leave_its_frames_whole(
    upstream: ScriptedServer, server: ParleyServer, visitor: Visitor
) -> None:
    upstream.play(speak(400, 0.004))
    answers = {visitor.ask(f"number {number}")["answer"]["id"]: f"number {number}" for number in range(5)}
    with RawWebSocket.of(visitor) as raw:
        for answer_id in answers:
            raw.say({"type": "follow", "answer": answer_id})
        over = threading.Event()

        def ping() -> None:
            number = 0
            while not over.wait(0.001):
                raw.send(masked(PING, b"%d" % number))
                number += 1

        pinging = threading.Thread(target=ping)
        pinging.start()
        texts, pongs = dict.fromkeys(answers, ""), []
        ended = 0
        try:
            while ended < len(answers):
                frame = raw.frame()
                if frame.opcode == PONG:
                    pongs.append(int(frame.payload))
                    continue
                parsed = json.loads(frame.payload)
                if parsed["type"] == "delta":
                    texts[parsed["answer"]] += parsed["text"]
                ended += parsed["type"] == "ended"
        finally:
            over.set()
            pinging.join()
    assert texts == {answer_id: words(question, 400) for answer_id, question in answers.items()}
    assert len(pongs) > 200
    assert pongs == list(range(len(pongs)))


def test_trap_3_deflate_is_not_negotiated_although_offered(server: ParleyServer, visitor: Visitor) -> None:
    headers: dict[str, str | None] = {
        "Cookie": visitor.cookie,
        "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
    }
    with RawWebSocket(server.url, headers=headers) as raw:
        assert raw.status == 101
        assert "extensions" not in raw.reply.lower()
        raw.send(HELLO)
        assert json.loads(raw.frame().payload)["type"] == "hello"  # `frame` refuses a compressed one
        deflate = zlib.compressobj(wbits=-15)
        squeezed = deflate.compress(b'{"type": "stop", "answer": "x"}') + deflate.flush(zlib.Z_SYNC_FLUSH)[:-4]
        raw.send(bytes((0xC1, 0x80 | len(squeezed))) + b"\0\0\0\0" + squeezed)
        assert raw.goodbye() == ([], 1002)


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "https://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "HOST.evil.example",
        "file://",
    ],
)
def test_trap_4_a_strange_origin_gets_403_and_no_handshake(
    origin: str | None, server: ParleyServer, visitor: Visitor
) -> None:
    if origin is not None and origin.startswith("HOST"):
        origin = server.url + origin[4:]
    with RawWebSocket(server.url, headers={"Origin": origin, "Cookie": visitor.cookie}) as raw:
        assert raw.reply.splitlines()[0] == "HTTP/1.1 403 FORBIDDEN"
        assert "upgrade: websocket" not in raw.reply.lower()


@pytest.mark.parametrize("cookie", [None, "parley_visitor=forged", "parley_visitor=", "other=1"])
def test_trap_5_a_socket_without_the_pages_cookie_is_told_so(cookie: str | None, server: ParleyServer) -> None:
    with RawWebSocket(server.url, headers={"Cookie": cookie}) as raw:
        assert raw.status == 101
        assert "set-cookie" not in raw.reply.lower()
        raw.send(HELLO)
        (error,), code = raw.goodbye()
    assert (json.loads(error)["type"], json.loads(error)["code"], code) == ("error", "not_signed_in", 1008)


def test_trap_6_open_sockets_hold_no_database_connection(
    upstream: ScriptedServer, server: ParleyServer, visitor: Visitor
) -> None:
    def database_files() -> int:
        return sum("parley.db" in path for path in open_files(server.worker_pid()))

    upstream.play(speak(2, 0))
    visitor.wait_for(visitor.ask()["answer"]["id"])
    before = database_files()
    tabs = [visitor.socket() for _ in range(30)]
    for tab in tabs:
        tab.send({"type": "stop", "answer": "looks into the database"})
        assert tab.receive_until("error")["code"] == "not_found"
    assert database_files() <= before + 2
    answer_id = visitor.ask("still there?")["answer"]["id"]
    assert visitor.wait_for(answer_id)["text"] == words("still there?", 2)
    for tab in tabs:
        tab.ws.close()


def test_trap_7_gunicorn_runs_its_gevent_worker(server: ParleyServer) -> None:
    assert "Using worker: gevent" in server.log()


@pytest.mark.parametrize("times", [1, 5])
@pytest.mark.parametrize("pieces", [1, 40])
def test_trap_9_an_oversize_message_closes_with_1009(
    pieces: int, times: int, server: ParleyServer, visitor: Visitor
) -> None:
    payload = b'{"type": "ask", "text": "' + b"x" * times * MAX_MESSAGE_BYTES + b'"}'
    step = len(payload) // pieces + 1
    parts = [payload[at : at + step] for at in range(0, len(payload), step)]
    with RawWebSocket.of(visitor) as raw:
        for number, part in enumerate(parts):
            opcode = TEXT if number == 0 else 0
            try:
                raw.send(masked(opcode, part, final=number == len(parts) - 1))
            except OSError:
                break  # the server need not take it all
        assert raw.goodbye()[1] == 1009


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    with ParleyServer(tmp_path_factory.mktemp("impatient"), write_timeout_s=1) as running:
        yield running


def test_trap_9_a_dead_peer_is_dropped_and_a_silent_one_is_not(impatient: ParleyServer) -> None:
    visitor = Visitor(impatient)
    sockets = len(open_files(impatient.worker_pid()))
    with RawWebSocket.of(visitor) as dead, RawWebSocket.of(visitor) as silent:
        begun_s = time.monotonic()
        answered = threading.Thread(target=_answer_pings, args=(silent, 4))
        answered.start()
        opcodes = [frame.opcode for frame in dead.frames()]
        took_s = time.monotonic() - begun_s
        assert opcodes == [PING]
        assert 1.5 < took_s < 3
        answered.join(10)
        assert not answered.is_alive()
        silent.send(masked(TEXT, b'{"type": "stop", "answer": "x"}'))
        assert b"not_found" in silent.frame().payload
    assert wait_until(lambda: len(open_files(impatient.worker_pid())) <= sockets + 2)


def _answer_pings(raw: RawWebSocket, count: int) -> None:
    for _ in range(count):
        frame = raw.frame()
        assert frame.opcode == PING
        raw.send(masked(PONG, frame.payload))
