"""Readers over server-sent events take the same places as sockets; unread frames are bounded in bytes."""

from __future__ import annotations

import json
import socket
import uuid
from contextlib import suppress

import pytest

from tests.faults.processes import memory_mb, wait_until
from tests.parley_server import ParleyServer, Visitor


def place_is_free(visitor: Visitor) -> bool:
    with visitor.socket(hello=False) as client:
        client.send({"type": "hello", "v": 1})
        return bool(client.receive()["type"] == "hello")


def test_events_are_limited_as_sockets_are(tmp_path_factory: pytest.TempPathFactory) -> None:
    with ParleyServer(tmp_path_factory.mktemp("places"), sockets_per_visitor=3) as server:
        visitor = Visitor(server)
        answer = visitor.ask("Show me every kind of formatting")["answer"]["id"]
        path = f"/api/answers/{answer}/events"
        readers = []
        try:
            for _ in range(3):
                reader = socket.create_connection(("127.0.0.1", server.port), timeout=10)
                readers.append(reader)
                reader.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {visitor.cookie}\r\n\r\n".encode())
                assert reader.recv(4096).startswith(b"HTTP/1.1 200")
            status, body = visitor.request("GET", path)
            assert (status, body["error"]["code"]) == (429, "limit_reached")
        finally:
            for reader in readers:
                reader.close()
        # A reader that left is noticed at the next write, and its place is free again.
        assert wait_until(lambda: place_is_free(visitor), 10)


def test_a_question_said_again_and_again_unread_does_not_fill_the_memory(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with ParleyServer(tmp_path_factory.mktemp("unread"), write_timeout_s=5) as server:
        visitor = Visitor(server)
        with visitor.socket(sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)]) as client:
            ask = {"type": "ask", "id": str(uuid.uuid4()), "text": "x" * 100_000}
            client.send(ask)
            client.receive_until("started")
            before_mb = memory_mb(server.worker_pid())
            again = json.dumps({**ask, "text": "x"})
            with suppress(OSError):  # the server may close before all are sent
                for _ in range(1000):  # each would be answered with the whole question
                    client.ws.send(again)
            grown_mb = memory_mb(server.worker_pid()) - before_mb
        assert grown_mb < 40
        assert Visitor(server).get("/readyz") == {"status": "ok"}
