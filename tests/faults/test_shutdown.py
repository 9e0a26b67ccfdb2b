"""Trap 8: SIGTERM sends clients elsewhere, lets answers finish within the grace period and interrupts the rest."""

from __future__ import annotations

import os
import signal
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import websocket

from tests.faults.processes import wait_until
from tests.faults.words import CHUNKED, speak, words
from tests.parley_server import ParleyServer, SocketClient, Visitor
from tests.scripted_server import ScriptedServer, chunk

GRACE_S = 3
GO_AWAY = 1012


@pytest.fixture
def server(tmp_path: Path, upstream: ScriptedServer) -> Iterator[ParleyServer]:
    with ParleyServer(
        tmp_path, gprochat_url=upstream.url, gprochat_secret="s3cret", shutdown_grace_s=GRACE_S
    ) as running:
        yield running


def close_code(tab: SocketClient) -> int:
    """Read to the close frame and return its code."""
    while True:
        opcode, data = tab.ws.recv_data(control_frame=True)
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            return int.from_bytes(data[:2], "big")


def end(server: ParleyServer) -> tuple[float, int]:
    """Send SIGTERM and wait; the seconds it took and the exit status."""
    assert server.process is not None
    begun_s = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    status = server.process.wait(40)
    server.kill()
    return time.monotonic() - begun_s, status


def test_trap_8_sigterm_in_the_middle_of_answers(
    server: ParleyServer, upstream: ScriptedServer, visitor: Visitor
) -> None:
    upstream.play(speak(60, 0.02), [CHUNKED, chunk("half an answer \u6f22".encode()), "hang"])
    with visitor.socket() as tab, visitor.socket() as idle, visitor.socket() as silent:
        finishes = tab.ask("can finish")["answer"]["id"]
        upstream.wait_for_request(1)
        hangs = tab.ask("cannot finish")["answer"]["id"]
        tab.receive_until("delta", answer=hangs)
        assert silent.hello["type"] == "hello"  # it will not answer the close frame
        took: list[tuple[float, int]] = []
        ending = threading.Thread(target=lambda: took.append(end(server)))
        begun_s = time.monotonic()
        ending.start()
        assert [close_code(tab), close_code(idle)] == [GO_AWAY, GO_AWAY]
        assert time.monotonic() - begun_s < 1.5
        ending.join()
    ((took_s, status),) = took
    assert status == 0
    assert GRACE_S - 0.5 < took_s < GRACE_S + 6
    assert upstream.requests[1].closed.wait(1)
    server.start()
    done, interrupted = visitor.answer(finishes), visitor.answer(hangs)
    assert (done["status"], done["text"]) == ("done", words("can finish", 60))
    assert (interrupted["status"], interrupted["text"]) == ("interrupted", "half an answer \u6f22")
    assert "were interrupted when" not in server.log()  # nothing was left for the recovery


def test_trap_8_sigterm_without_answers_is_quick(server: ParleyServer, visitor: Visitor) -> None:
    with visitor.socket() as tab, visitor.socket():
        took: list[tuple[float, int]] = []
        ending = threading.Thread(target=lambda: took.append(end(server)))
        ending.start()
        assert close_code(tab) == GO_AWAY
        tab.ws.close()
        ending.join()
    ((took_s, status),) = took
    assert (status, took_s < 6) == (0, True)


def test_an_answer_is_followed_over_events_to_its_end_during_shutdown(
    server: ParleyServer, upstream: ScriptedServer, visitor: Visitor
) -> None:
    upstream.play(speak(60, 0.02))
    answer_id = visitor.ask("events")["answer"]["id"]
    got: list[str] = []

    request = urllib.request.Request(f"{server.url}/api/answers/{answer_id}/events", headers={"Cookie": visitor.cookie})

    def read() -> None:
        with urllib.request.urlopen(request, timeout=20) as events:
            got.append(events.read().decode())

    reading = threading.Thread(target=read)
    reading.start()
    time.sleep(0.5)
    took_s, status = end(server)
    reading.join()
    assert (status, took_s < GRACE_S + 6) == (0, True)
    assert '"status":"done"' in got[0]


def test_sigterm_while_the_worker_starts_is_not_lost(tmp_path: Path) -> None:
    """Several servers, since gunicorn waits for a random moment before it passes the signal on."""
    servers = [ParleyServer(tmp_path / str(number), shutdown_grace_s=10) for number in range(5)]
    statuses: list[int | None] = []

    def start(server: ParleyServer) -> None:
        with suppress(AssertionError):  # it does not come up, since it is told to stop
            server.start()

    def start_and_end(server: ParleyServer) -> None:
        starting = threading.Thread(target=start, args=(server,))
        starting.start()
        assert wait_until(lambda: server.log_path.exists() and "Booting worker" in server.log())
        process = server.process
        assert process is not None
        process.send_signal(signal.SIGTERM)
        ended = wait_until(lambda: process.poll() is not None, 8)
        statuses.append(process.returncode if ended else None)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        starting.join()
        server.kill()

    threads = [threading.Thread(target=start_and_end, args=(server,)) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [0] * len(servers)


def test_clients_that_come_back_are_sent_on_and_hold_nothing_up(tmp_path: Path) -> None:
    """The page connects again within a second of a 1012, when the old process still accepts connections."""
    with ParleyServer(tmp_path, shutdown_grace_s=1) as server:
        visitor = Visitor(server)
        with visitor.socket() as client:
            client.ask("Show me every kind of formatting")
            assert server.process is not None
            server.process.terminate()
            begun_s = time.monotonic()
            codes = []
            while server.process.poll() is None and time.monotonic() - begun_s < 15:
                with suppress(OSError, websocket.WebSocketException), visitor.socket(hello=False) as late:
                    late.send({"type": "hello", "v": 1})
                    opcode, data = 0, b""
                    while opcode != websocket.ABNF.OPCODE_CLOSE:
                        opcode, data = late.ws.recv_data()
                    codes.append(int.from_bytes(data[:2], "big"))
                time.sleep(0.05)
        assert server.process.returncode == 0
        assert time.monotonic() - begun_s < 6
        assert set(codes) <= {1012}
        assert codes
