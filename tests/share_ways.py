"""A reader who tries everything: every way to read a share, with every id there is, and all bytes that came of it."""

from __future__ import annotations

import http.client
import json
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import websocket

from tests.parley_server import ParleyServer, Visitor
from tests.shared_links import knock, read, somewhere
from tests.views.http import Reply

GUESSES_A_SOCKET = 14


@dataclass
class World:
    """A server with a conversation full of planted words, and its links."""

    server: ParleyServer
    visitor: Visitor
    ids: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    conversation: str = ""
    links: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    foreign_pass: str = ""
    others: list[str] = field(default_factory=list)

    def guesses(self) -> list[str]:
        """Every id there is, and two that are none."""
        return [*self.ids.values(), *self.others, "nonsense", "0"]


def everything(reply: Reply) -> bytes:
    """All bytes that came."""
    return bytes(str(reply.headers), "utf-8", "replace") + reply.body


# Each way in: all that a reader gets who tries everything.


def by_page(world: World, path: str) -> list[bytes]:
    tries = [
        read(world.server, path),
        read(world.server, path, "HEAD"),
        knock(world.server, path, password="a wrong one"),
    ]
    tries += [knock(world.server, path), knock(world.server, path, view=world.foreign_pass)]
    # Where nothing is read, one of each sort will do.
    guesses = world.guesses() if tries[0].status == 200 else world.guesses()[::6]
    tries += [read(world.server, f"{path}?branch={guess}") for guess in guesses]
    tries += [knock(world.server, path, branch=guess) for guess in world.guesses()[:2]]
    return [everything(reply) for reply in tries]


def by_json(world: World, path: str) -> list[bytes]:
    queries = ["", f"?view={world.foreign_pass}", "?view=nonsense", f"?leaf={world.ids['a3']}", "?password=a+wrong+one"]
    return [everything(read(world.server, f"{path}/conversation{query}")) for query in queries]


def by_attachment(world: World, path: str) -> list[bytes]:
    guesses = [*world.files.values(), *world.guesses()[:2], "nonsense"]
    return [everything(read(world.server, f"{path}/files/{guess}")) for guess in guesses]


def by_events(world: World, path: str) -> list[bytes]:
    found = [events(world, f"{path}/events")]
    for guess in world.guesses():
        offsets = (0, 5) if guess in {world.ids["arun"], world.ids["a2"], world.ids["a3"]} else (0,)
        found += [
            events(world, f"{path}/answers/{guess}/events?offset={offset}&view={world.foreign_pass}")
            for offset in offsets
        ]
    return found


def events(world: World, path: str) -> bytes:
    """A stream of events, until its end or the first that tells text."""
    connection = http.client.HTTPConnection("127.0.0.1", world.server.port, timeout=10)
    try:
        connection.request("GET", path, headers=somewhere())
        response = connection.getresponse()
        if not response.headers["Content-Type"].startswith("text/event-stream"):
            return str(response.headers).encode() + response.read()
        lines = []
        for line in iter(response.readline, b""):
            lines.append(line)
            if line.startswith(b"data:") or path.endswith("/events"):  # of the changes there are none now
                break
        return str(response.headers).encode() + b"".join(lines)
    finally:
        connection.close()


def by_websocket(world: World, path: str) -> list[bytes]:
    """Says hello as a reader, follows every id there is, and tries what only visitors may."""
    told = {"id": "0b7e2a52-6a8c-4b7e-9a55-5b1e6d0f7c11", "answer": world.ids["a3"]}
    place = {"conversation": world.conversation, "parent": world.ids["a3"], "text": "hello"}
    wrong = [
        {"type": "stop", "answer": world.ids["arun"]},
        {"type": "again"} | told,
        {"type": "continue"} | told,
        {"type": "ask", "id": told["id"]} | place,
    ]
    guesses, came = world.guesses(), list[bytes]()
    for at in range(0, len(guesses), GUESSES_A_SOCKET):
        came += by_one_socket(world, path, guesses[at : at + GUESSES_A_SOCKET], wrong if at == 0 else [])
    return came


def by_one_socket(world: World, path: str, guesses: list[str], wrong: list[dict[str, str]]) -> list[bytes]:
    """All that comes over one connection, which the server closes after many frames that are not allowed."""
    try:
        socket = websocket.create_connection(
            f"ws://127.0.0.1:{world.server.port}/ws", timeout=10, origin=world.server.url, header=somewhere()
        )
    except websocket.WebSocketBadStatusException as refused:
        return [str(refused.resp_headers).encode(), refused.resp_body or b""]
    came = list[bytes]()
    hello = {"type": "hello", "v": 1, "share": path.rpartition("/")[2], "view": world.foreign_pass}
    try:
        socket.send(json.dumps(hello))
        came.append(frame(socket))
        if json.loads(came[0])["type"] == "hello":
            for guess, offset in product(guesses, (0, 5, 2**40)):
                socket.send(json.dumps({"type": "follow", "answer": guess, "offset": offset}))
                came += answers(world, socket, guess)
            for more in wrong:
                socket.send(json.dumps(more))
        came += the_rest(socket)
    except (websocket.WebSocketConnectionClosedException, ConnectionError):
        assert json.loads(came[0])["type"] == "error", came  # who was let in is not sent away
    finally:
        socket.close(timeout=1)
        socket.shutdown()
    return came


def frame(socket: websocket.WebSocket) -> bytes:
    data = socket.recv()
    if not data:
        raise websocket.WebSocketConnectionClosedException("closed")
    return data if isinstance(data, bytes) else str(data).encode()


def answers(world: World, socket: websocket.WebSocket, guess: str) -> list[bytes]:
    """What comes after a `follow`: an error, or the text there is, up to its end where it has one."""
    came = [frame(socket)]
    runs = guess in {world.ids["arun"], world.ids["aother"]}
    while json.loads(came[-1])["type"] == "delta" and not runs:
        came.append(frame(socket))
    return came


def the_rest(socket: websocket.WebSocket) -> list[bytes]:
    """What comes until nothing more does."""
    socket.settimeout(0.1)
    came = list[bytes]()
    with suppress(websocket.WebSocketTimeoutException):
        while True:
            came.append(frame(socket))
    return came


TRIES = {
    "page": by_page,
    "json": by_json,
    "websocket": by_websocket,
    "events": by_events,
    "attachment": by_attachment,
}
