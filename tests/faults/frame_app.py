"""A tiny application that sends frames of any size through our guarded socket, the way `webapp.views.websocket` does.

Parley cuts deltas into pieces, so its own frames never are as small and as large as those that this proves.
"""

from __future__ import annotations

import time

from flask import Flask, request
from flask_sock import Sock
from simple_websocket import Server

from webapp.views.socket_guard import GuardedSocket, text_frame

TIMEOUT_S = 20

app = Flask(__name__)


@app.before_request
def gate() -> None:
    """Put the guard in the socket's place before the handshake."""
    if request.path.startswith("/ws/") and "gunicorn.socket" in request.environ:
        guard = GuardedSocket(request.environ["gunicorn.socket"], TIMEOUT_S)
        request.environ["gunicorn.socket"] = request.environ["guard"] = guard


@app.get("/healthz")
def health() -> str:
    return "ok"


def payload(number: int, size: int) -> str:
    """The frame with this number: its number, filled to its size."""
    return f"{number} ".ljust(size, "abcdefghijklmnopqrstuvwxyz"[number % 26])


def send_frames(ws: Server, size: int, count: int, library: int) -> None:
    """Send `count` frames, directly as our writer does or, with `library`, through simple-websocket's own `send`."""
    guard: GuardedSocket = request.environ["guard"]
    for number in range(count):
        if library:
            ws.send(payload(number, size))
        else:
            guard.send(text_frame(payload(number, size).encode()))
        if number % 100 == 0:
            time.sleep(0)  # as our writer does between deltas: the reader gets its turn to answer a ping
    ws.close(1000, "That was all.")


Sock(app).route("/ws/<int:size>/<int:count>/<int:library>")(send_frames)
