"""Nonsense brings clear errors or a close: no traceback, no memory, no delay for anybody else."""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from contextlib import suppress

from tests.faults.delays import Watcher, timed_words
from tests.faults.nonsense import frame, garbage
from tests.faults.processes import memory_mb, open_files, wait_until
from tests.faults.raw_websocket import CLOSE, PING, PONG, TEXT, RawWebSocket, masked
from tests.faults.words import speak, words
from tests.parley_server import ParleyServer, Visitor
from tests.scripted_server import ScriptedServer
from webapp.views.websocket import MOST_BAD_FRAMES

FRAMES = 10_000
CODES = {"invalid_input", "not_found"}


def send_frames(visitor: Visitor, dice: random.Random, count: int) -> None:
    """Frames that cannot be used: each brings one `error`, and the connection ends after fifty of them."""
    with RawWebSocket.of(visitor) as raw:
        with suppress(OSError):  # cut off already
            raw.send(b"".join(frame(dice) for _ in range(count)))
            raw.send(masked(TEXT, b'{"type": "stop", "answer": "that was all"}'))
        errors = 0
        for got in raw.frames():
            if got.opcode == TEXT:
                error = json.loads(got.payload)
                assert error["type"] == "error"
                assert error["code"] in CODES
                assert len(error["message"]) < 1000
                if error.get("answer") == "that was all":
                    assert errors == count
                    return
                errors += 1
            elif got.opcode == CLOSE:
                assert got.close_code == 1008
                assert errors >= MOST_BAD_FRAMES
        # A client that goes on sending may be reset before it has read the last errors and the close frame.
        assert count >= MOST_BAD_FRAMES
        assert errors <= count


def send_garbage(visitor: Visitor, dice: random.Random) -> None:
    """Bytes that are no WebSocket: the connection ends, with a close frame that says why or without one."""
    with RawWebSocket.of(visitor) as raw:
        with suppress(OSError):
            raw.send(garbage(dice))
            raw.sock.shutdown(socket.SHUT_WR)
        for got in raw.frames():
            assert got.opcode in {TEXT, PONG, CLOSE}


def batch(server: ParleyServer, dice: random.Random, count: int) -> None:
    """About `count` bad frames over many connections."""
    visitor = Visitor(server)
    while count > 0:
        size = dice.randint(1, 2 * MOST_BAD_FRAMES)
        send_frames(visitor, dice, size)
        for _ in range(3):
            send_garbage(visitor, dice)
        count -= size + 3


def test_ten_thousand_malformed_frames(upstream: ScriptedServer, server: ParleyServer, visitor: Visitor) -> None:
    upstream.play(speak(100))
    dice, over = random.Random(1), threading.Event()
    answered: list[str] = []

    def behave() -> None:
        with visitor.socket() as tab:
            while not over.is_set():
                question = f"question {len(answered)}"
                text, ended = tab.read_answer(tab.ask(question)["answer"]["id"])
                answered.append(text if ended["status"] == "done" else f"{ended}")

    pid = server.worker_pid()
    open_before = len(open_files(pid))
    behaving = threading.Thread(target=behave)
    behaving.start()
    try:
        batch(server, dice, FRAMES // 2)
        memory_before_mb = memory_mb(pid)
        batch(server, dice, FRAMES // 2)
        grown_mb = memory_mb(pid) - memory_before_mb
    finally:
        over.set()
        behaving.join()
    assert answered == [words(f"question {number}", 100) for number in range(len(answered))]
    assert answered
    assert grown_mb < 20
    assert server.worker_pid() == pid
    assert wait_until(lambda: len(open_files(pid)) <= open_before + 4), "connections stay open"


FLOODS = {
    "frames that are in order": masked(TEXT, b'{"type": "stop", "answer": "nobody\'s"}'),
    "frames that cannot be read": masked(TEXT, b"{"),
    "pings": masked(PING, b"x" * 100),
    "half messages": masked(0, b"x" * 100, final=False),
}


def pour(flood: bytes, visitor: Visitor, seconds: float) -> None:
    """Send as fast as the server takes it, and read nothing."""
    block, deadline_s = flood * (200_000 // len(flood)), time.monotonic() + seconds
    with RawWebSocket.of(visitor) as raw, suppress(OSError):  # the server may cut us off
        raw.sock.settimeout(0.5)
        if flood[0] == 0:
            raw.send(masked(TEXT, b"begins", final=False))
        while time.monotonic() < deadline_s:
            with suppress(TimeoutError):  # or stop reading
                raw.sock.send(block)


def test_floods_delay_nobody_else(upstream: ScriptedServer, server: ParleyServer, visitor: Visitor) -> None:
    seconds = 3
    upstream.play(timed_words(50 * seconds))
    before_mb, flooder = memory_mb(server.worker_pid()), Visitor(server)
    pouring = [threading.Thread(target=pour, args=(flood, flooder, seconds)) for flood in FLOODS.values()]
    with Watcher(visitor) as watcher:
        for thread in pouring:
            thread.start()
        for thread in pouring:
            thread.join()
    assert len(watcher.delays_ms) == 50 * seconds
    assert watcher.delays_ms[int(len(watcher.delays_ms) * 0.95)] < 1000  # a busy machine adds to it
    assert watcher.delays_ms[-1] < 2000
    assert memory_mb(server.worker_pid()) - before_mb < 30
