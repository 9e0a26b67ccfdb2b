"""Readers of shared conversations, over WebSockets and server-sent events, in one program with one thread for each."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Self

import websocket

from tests.parley_server import ParleyServer, Visitor


class Shared:
    """A conversation of one question and answer, and a share of it."""

    def __init__(self, visitor: Visitor, **wanted: object) -> None:
        """`wanted` are the share's settings; without any it is a live one of the whole conversation."""
        self.visitor = visitor
        turn = visitor.ask("begin")
        self.conversation, self.message = turn["conversation"]["id"], turn["message"]["id"]
        self.leaf = turn["answer"]["id"]
        self.first = visitor.wait_for(self.leaf)
        self.share = self.make(**wanted)

    def make(self, **wanted: object) -> Any:
        """Share it once more."""
        body = {"conversation": self.conversation, "kind": "live", "scope": "whole", **wanted}
        status, reply = self.visitor.request("POST", "/api/shares", body)
        assert status == 201, reply
        return reply["share"]

    @property
    def token(self) -> str:
        """The way in."""
        return str(self.share["url"].rpartition("/")[2])

    def ask(self, text: str, **fields: object) -> Any:
        """Go on with it; the next question follows the answer."""
        turn = self.visitor.ask(text, conversation=self.conversation, **{"parent": self.leaf, **fields})
        self.leaf = turn["answer"]["id"]
        return turn

    def revoke(self) -> None:
        """End the share."""
        status, _ = self.visitor.request("DELETE", f"/api/shares/{self.share['id']}")
        assert status == 200

    def content(self) -> Any:
        """What a reader gets of it by a plain request, which sends no cookie."""
        with urllib.request.urlopen(f"{self.visitor.server.url}/s/{self.token}/conversation", timeout=20) as response:
            assert "Set-Cookie" not in response.headers
            return json.loads(response.read())


class ShareReader:
    """A reader's WebSocket. It has no cookie."""

    def __init__(self, server: ParleyServer, token: str, *, view: str | None = None, **options: Any) -> None:
        """`options` go to `websocket.create_connection`."""
        address = f"{server.url.replace('http', 'ws')}/ws?share"
        self.ws = websocket.create_connection(address, timeout=20, **{"origin": server.url, **options})
        self.send({"type": "hello", "v": 1, "share": token} | ({"view": view} if view else {}))
        self.hello = self.receive()
        self.deltas: list[bytes] = []
        self.text, self.offset = "", 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.ws.close()
        self.ws.shutdown()

    def send(self, frame: object) -> None:
        """Send one frame."""
        self.ws.send(json.dumps(frame))

    def receive(self) -> Any:
        """The next frame; None when the server has closed."""
        opcode, data = self.ws.recv_data()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            self.close_code = int.from_bytes(data[:2], "big")
            return None
        frame = json.loads(data)
        if frame["type"] == "delta":
            self.deltas.append(data)
        return frame

    def receive_until(self, kind: str, **fields: object) -> Any:
        """The next frame of a type whose fields are as given; others are passed over."""
        while True:
            frame = self.receive()
            assert frame is not None, "the server closed the connection"
            if frame["type"] == kind and all(frame.get(name) == value for name, value in fields.items()):
                return frame

    def follow(self, answer: str, offset: int = 0, text: str = "") -> None:
        """Read an answer from an offset on; `text` is what is there before it."""
        self.text, self.offset = text, offset
        self.send({"type": "follow", "answer": answer, "offset": offset})

    def read(self, answer: str, most_deltas: int | None = None) -> Any:
        """Read what is followed to its `ended`, or a few deltas; nothing may be missing and nothing twice."""
        while most_deltas is None or most_deltas > 0:
            frame = self.receive()
            assert frame is not None, "the server closed the connection"
            if frame["type"] == "delta":
                assert (frame["answer"], frame["offset"]) == (answer, self.offset)
                self.text, self.offset = self.text + frame["text"], frame["next"]
                assert self.offset == len(self.text.encode())
                most_deltas = None if most_deltas is None else most_deltas - 1
            elif frame["type"] == "ended":
                assert (frame["answer"], frame["next"]) == (answer, self.offset)
                return frame
            assert frame["type"] != "error", frame
        return None


class EventStream:
    """Server-sent events at an address that sets no cookie; it is open from its making on."""

    def __init__(self, server: ParleyServer, path: str) -> None:
        """Raises `urllib.error.HTTPError`."""
        self._response = urllib.request.urlopen(f"{server.url}{path}", timeout=20)
        assert "Set-Cookie" not in self._response.headers

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._response.close()

    def __iter__(self) -> Iterator[tuple[str, str, Any]]:
        """The events: name, id, and what they carry."""
        fields: dict[str, str] = {}
        for line in self._response:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if line != b"\n":
                fields[name] = value
                continue
            if "event" in fields:
                yield fields["event"], fields.get("id", ""), json.loads(fields["data"])
            fields = {}


class ShareCrowd:
    """Many readers at once, each in a thread of its own; each follows the next answer that the share gets."""

    def __init__(self, server: ParleyServer, token: str, count: int) -> None:
        self.readers = [ShareReader(server, token) for _ in range(count)]
        self.closed_s: list[float] = []
        self.codes: list[str] = []
        self._read = threading.Barrier(count + 1)
        self._threads = [threading.Thread(target=self._follow, args=(reader,)) for reader in self.readers]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for reader in self.readers:
            reader.ws.shutdown()
        self._read.abort()
        for thread in self._threads:
            thread.join(20)

    def wait_for_the_end(self, timeout_s: float) -> None:
        """Wait until all have read the whole answer."""
        self._read.wait(timeout_s)

    def wait_until_closed(self, timeout_s: float) -> None:
        """Wait until the server has closed every connection."""
        deadline_s = time.monotonic() + timeout_s
        while len(self.closed_s) < len(self.readers):
            assert time.monotonic() < deadline_s, f"{len(self.closed_s)} of {len(self.readers)} were closed"
            time.sleep(0.01)

    def _follow(self, reader: ShareReader) -> None:
        with suppress(OSError, websocket.WebSocketException, threading.BrokenBarrierError):
            answer = reader.receive_until("changed", what="turn")["answer"]["id"]
            reader.follow(answer)
            reader.read(answer)
            self._read.wait()
            while (frame := reader.receive()) is not None:
                self.codes += [frame["code"]] if frame["type"] == "error" else []
            self.closed_s.append(time.monotonic())
