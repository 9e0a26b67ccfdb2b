"""The beginning of a connection: what is no handshake, and the hello."""

from __future__ import annotations

import json
import time

import pytest

from tests.faults.raw_websocket import TEXT, RawWebSocket, masked
from tests.parley_server import ParleyServer, Visitor
from webapp.views.websocket import HELLO_S


@pytest.mark.parametrize(
    "broken",
    [
        {"Upgrade": None},
        {"Upgrade": "h2c"},
        {"Connection": "close"},
        {"Connection": None},
        {"Sec-WebSocket-Key": None},
        {"Sec-WebSocket-Key": "too short"},
        {"Sec-WebSocket-Key": "\u00e9" * 24},
        {"Sec-WebSocket-Key": "AAAA"},
        {"Sec-WebSocket-Version": None},
        {"Sec-WebSocket-Version": "8"},
    ],
    ids=str,
)
def test_a_broken_handshake_gets_400(broken: dict[str, str | None], server: ParleyServer) -> None:
    with RawWebSocket(server.url, headers=broken) as raw:
        assert raw.status == 400


def test_other_methods_and_bodies_are_no_handshake(server: ParleyServer, visitor: Visitor) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert visitor.request(method, "/ws", {})[0] in {400, 403, 405}
    assert visitor.request("GET", "/ws", headers={"Origin": server.url})[0] == 400


def test_hello_is_awaited_for_five_seconds(server: ParleyServer, visitor: Visitor) -> None:
    with RawWebSocket(server.url, headers={"Cookie": visitor.cookie}) as raw:
        begun_s = time.monotonic()
        (error,), code = raw.goodbye()
        assert HELLO_S - 0.1 < time.monotonic() - begun_s < HELLO_S + 1
    assert (json.loads(error)["code"], code) == ("invalid_input", 1008)


def test_the_first_frame_is_hello_and_comes_once(server: ParleyServer, visitor: Visitor) -> None:
    with RawWebSocket(server.url, headers={"Cookie": visitor.cookie}) as raw:
        raw.send(masked(TEXT, b'{"type": "stop", "answer": "x"}'))
        (error,), code = raw.goodbye()
        assert (json.loads(error)["code"], code) == ("invalid_input", 1008)
    with visitor.socket() as tab:
        tab.send({"type": "hello", "v": 1})
        assert tab.receive()["code"] == "invalid_input"
        tab.send({"type": "stop", "answer": "x"})
        assert tab.receive()["code"] == "not_found"
