"""A client that stalls gets every byte in order; one that never reads is cut off and costs nobody anything."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

import pytest

from tests.faults.delays import Watcher, timed_words
from tests.faults.frame_app import payload
from tests.faults.processes import holds_connection, memory_mb, open_files, wait_until
from tests.faults.raw_websocket import CLOSE, PING, PONG, TEXT, RawWebSocket, masked
from tests.faults.words import CHUNKED
from tests.parley_server import ROOT, ParleyServer, Visitor, free_port
from tests.scripted_server import LAST_CHUNK, ScriptedServer, Step, chunk

STALL_S = 5
SMALL_BUFFER = 4096
MEGABYTE = 1 << 20
LINE = "a line of text with \u6f22\u5b57 in it, as good as any other\n"
LONG = LINE * (5 * MEGABYTE // len(LINE.encode()))
LONG_ANSWER: list[Step] = [
    CHUNKED,
    *(chunk(LONG[at : at + 50_000].encode()) for at in range(0, len(LONG), 50_000)),
]


@pytest.fixture(scope="module")
def frame_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `frame_app` under gunicorn's gevent worker."""
    port = free_port()
    log_path = tmp_path_factory.mktemp("frames") / "server.log"
    command = ["-m", "gunicorn", "-k", "gevent", "-b", f"127.0.0.1:{port}", "--no-control-socket"]
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *command, "--config", os.devnull, "tests.faults.frame_app:app"],
            cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return True
        except OSError:
            return False

    try:
        assert wait_until(answers, 20), log_path.read_text()
        yield f"http://127.0.0.1:{port}"
        assert "Traceback" not in log_path.read_text()
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_frames_of_any_size_survive_a_stall(frame_server: str) -> None:
    kinds = [(size, count, library) for size, count in ((100, 50_000), (5_000_000, 4)) for library in (0, 1)]
    clients = [
        RawWebSocket(frame_server, f"/ws/{size}/{count}/{library}", receive_buffer=SMALL_BUFFER)
        for size, count, library in kinds
    ]
    for raw in clients:
        assert raw.status == 101
        raw.send(masked(PING, b"its answer has to wait its turn"))
    time.sleep(STALL_S)
    for raw, (size, count, library) in zip(clients, kinds, strict=True):
        with raw:
            number, pongs = 0, 0
            while (frame := raw.frame()).opcode != CLOSE:
                if frame.opcode == PONG:
                    pongs += 1
                    continue
                assert frame.opcode == TEXT
                assert frame.payload == payload(number, size).encode(), (size, library)
                number += 1
            assert (number, pongs, frame.close_code) == (count, 1, 1000), (size, library)
            raw.send(masked(CLOSE, frame.payload))


def test_an_answer_of_five_megabytes_survives_a_stall(
    upstream: ScriptedServer, server: ParleyServer, visitor: Visitor
) -> None:
    upstream.play([*LONG_ANSWER, LAST_CHUNK])
    with RawWebSocket.of(visitor, receive_buffer=SMALL_BUFFER) as raw:
        answer_id = visitor.ask("long")["answer"]["id"]
        raw.say({"type": "follow", "answer": answer_id, "offset": 0})
        time.sleep(STALL_S)
        got, offset = [], 0
        for frame in raw.frames():
            parsed = json.loads(frame.payload)
            if parsed["type"] == "delta":
                assert parsed["offset"] == offset
                got.append(parsed["text"])
                offset = parsed["next"]
            elif parsed["type"] == "ended":
                break
    assert "".join(got) == LONG
    assert visitor.answer(answer_id)["text"] == LONG


# --- a client that never reads -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory, upstream: ScriptedServer) -> Iterator[ParleyServer]:
    """A server that waits two seconds for a client to take a byte."""
    with ParleyServer(
        tmp_path_factory.mktemp("strict"), gprochat_url=upstream.url, gprochat_secret="s3cret", write_timeout_s=2
    ) as running:
        yield running


def sockets(server: ParleyServer) -> int:
    return sum(path.startswith("socket:") for path in open_files(server.worker_pid()))


def be_deaf(server: ParleyServer, upstream: ScriptedServer, count: int) -> tuple[float, list[float]]:
    """Let clients follow five megabytes and read nothing; how long they lasted, and another visitor's delays."""
    upstream.play([*LONG_ANSWER, "hang"], timed_words(130))
    deaf_visitor, other = Visitor(server), Visitor(server)
    before = sockets(server)
    answer_id = deaf_visitor.ask("five megabytes")["answer"]["id"]
    upstream.wait_for_request(1)
    with Watcher(other) as watcher:
        deaf = [RawWebSocket.of(deaf_visitor, receive_buffer=SMALL_BUFFER) for _ in range(count)]
        begun_s = time.monotonic()
        for raw in deaf:
            raw.say({"type": "follow", "answer": answer_id, "offset": 0})
        others = 4  # sockets of the watcher and of two requests to the upstream
        assert wait_until(lambda: sockets(server) <= before + others, 15), "clients that never read are still here"
        lasted_s = time.monotonic() - begun_s
    for raw in deaf:
        raw.sock.close()
    assert deaf_visitor.request("POST", f"/api/answers/{answer_id}/stop") == (200, {})
    return lasted_s, watcher.delays_ms


def test_clients_that_never_read_cost_nobody_anything(upstream: ScriptedServer, strict: ParleyServer) -> None:
    be_deaf(strict, upstream, 10)  # once for what the process keeps anyway
    open_before, memory_before_mb = sockets(strict), memory_mb(strict.worker_pid())
    lasted_s, delays = be_deaf(strict, upstream, 10)
    assert 1.9 < lasted_s < 5
    assert len(delays) == 130
    assert delays[int(len(delays) * 0.99)] < 250
    assert wait_until(lambda: sockets(strict) <= open_before)
    assert memory_mb(strict.worker_pid()) - memory_before_mb < 50  # the log of an answer that ended stays for a minute
    assert "Traceback" not in strict.log()


def test_a_reader_of_events_who_never_reads_is_sent_away(upstream: ScriptedServer, strict: ParleyServer) -> None:
    upstream.play([*LONG_ANSWER, "hang"])
    visitor = Visitor(strict)
    answer_id = visitor.ask("five megabytes")["answer"]["id"]
    upstream.wait_for_request(1)
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
        deaf.connect(("127.0.0.1", strict.port))
        head = f"GET /api/answers/{answer_id}/events HTTP/1.1\r\nHost: x\r\nCookie: {visitor.cookie}\r\n\r\n"
        deaf.sendall(head.encode())
        worker, port = strict.worker_pid(), deaf.getsockname()[1]
        assert wait_until(lambda: holds_connection(worker, port), 5)
        assert wait_until(lambda: not holds_connection(worker, port), 10), "the reader is still here"
    assert visitor.request("POST", f"/api/answers/{answer_id}/stop") == (200, {})
    assert "Traceback" not in strict.log()
