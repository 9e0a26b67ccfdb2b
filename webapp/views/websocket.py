"""`/ws`: the gate before the handshake, and the loop that answers a client's frames.

The traps of this place, each with a test in `tests/faults` (`test_trap_…`): partial writes and two writers
(`socket_guard`), no deflate, the gate in `before_request`, no cookie during the handshake, nothing request-scoped,
close with 1012 on shutdown, bounded messages, idle sockets pinged.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from flask import Flask, Response, request
from flask_sock import Sock
from simple_websocket import ConnectionClosed, Server

from webapp import frames
from webapp.errors import (
    ChatError,
    Forbidden,
    HistoryUnavailable,
    InvalidInput,
    LimitReached,
    NotSignedIn,
    ShuttingDown,
)
from webapp.messages import Preferences, Turn
from webapp.services import Services
from webapp.turns import Turns
from webapp.views.api import site_limits
from webapp.views.connection import GO_AWAY, MOST_FOLLOWED, Connection
from webapp.views.parts import services
from webapp.views.security import own_origin
from webapp.views.socket_guard import GuardedSocket
from webapp.views.visitors import known_visitor

PATH = "/ws"
HELLO_S = 5.0
MOST_BAD_FRAMES = 50
MAX_MESSAGE_BYTES = 4 * frames.MAX_TEXT_CHARS + 4096  # a character is at most four bytes; the rest of a frame is small
SERVER_OPTIONS = {"max_message_size": MAX_MESSAGE_BYTES}
POLICY_VIOLATION = 1008
GUARD = "parley.guarded_socket"


def register(app: Flask) -> None:
    """Serve `/ws` in an application."""
    app.before_request(gate)
    # Named first, registered second: flask-sock's decorator would return None in its place.
    Sock(app).route(PATH)(websocket)


def gate() -> Response | None:
    """Before the handshake, since flask-sock accepts it before any handler runs. Raises `Forbidden` and others."""
    if request.path != PATH:
        return None
    if not own_origin(request.headers.get("Origin")):
        raise Forbidden("A WebSocket to this site may be opened by its own pages only.")
    _check_handshake()
    parts = services()
    if len(parts.announcements) >= parts.settings.max_sockets:
        raise LimitReached("This site has all the connections it can carry.", retry_after=30)
    environ = request.environ
    # Every browser offers deflate and the library accepts it: four times the memory of a socket.
    environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
    environ.pop("HTTP_SEC_WEBSOCKET_PROTOCOL", None)  # we speak none, and the library trips over some
    for name in ("gunicorn.socket", "werkzeug.socket"):
        if name in environ:
            environ[name] = environ[GUARD] = GuardedSocket(environ[name], parts.settings.write_timeout_s)
    return None


def _check_handshake() -> None:
    """The library answers a broken handshake with a traceback; so it never sees one. Raises `InvalidInput`."""
    headers = request.headers
    if "websocket" not in headers.get("Upgrade", "").lower():
        raise InvalidInput("This address speaks WebSocket only.")
    try:
        key = base64.b64decode(headers.get("Sec-WebSocket-Key", ""), validate=True)
    except ValueError:  # not base64, or not even ASCII
        key = b""
    upgrade = "upgrade" in headers.get("Connection", "").lower()
    if len(key) != 16 or headers.get("Sec-WebSocket-Version") != "13" or not upgrade:
        raise InvalidInput("That is not a WebSocket handshake of version 13.")


def websocket(ws: Server) -> None:
    """Serve one connection until it closes."""
    parts = services()
    connection = Connection(ws, request.environ[GUARD])
    client = _Client(connection, known_visitor(), request.remote_addr)
    try:
        leave = _welcome(client, parts)
        if leave is None:
            return
        try:
            _serve(client, parts)
        finally:
            leave()
    except ConnectionClosed:
        pass
    finally:
        connection.release()
        connection.wait_for_reader()
        connection.cut()


class _Client(NamedTuple):
    connection: Connection
    visitor_id: str | None
    address: str | None


def _welcome(client: _Client, parts: Services) -> Callable[[], None] | None:
    """Exchange hellos; returns what ends the announcements, or None when the client was sent away."""
    connection, visitor_id, _ = client
    data = connection.receive(HELLO_S)
    try:
        if data is None:
            raise InvalidInput(f"No hello came within {HELLO_S:g} s.")
        if not isinstance(frames.parse(_text(data)), frames.Hello):
            raise InvalidInput("The first frame has to be hello.")
        if visitor_id is None:
            raise NotSignedIn("Open the page first: it makes the cookie that this connection needs.")
        leave = parts.announcements.listen(visitor_id, connection)
    except ChatError as problem:
        connection.send(frames.error(problem))
        _part(connection, GO_AWAY if isinstance(problem, ShuttingDown) else POLICY_VIOLATION, problem.message)
        return None
    try:
        connection.send(
            frames.Welcome(
                v=frames.VERSION,
                running=parts.turns.running(visitor_id),
                limits=site_limits(parts.settings),
                preferences=_preferences(parts, visitor_id),
            )
        )
    except BaseException:  # whatever it was, a listener that nobody serves would stay for ever
        leave()
        raise
    return leave


def _preferences(parts: Services, visitor_id: str) -> Preferences | None:
    try:
        return parts.history.preferences(visitor_id)
    except HistoryUnavailable:  # a connection that follows an answer does not need them
        return None


def _serve(client: _Client, parts: Services) -> None:
    """Answer frames until the client leaves (`ConnectionClosed`) or sends too much that cannot be read."""
    connection, bad_frames = client.connection, 0
    while bad_frames < MOST_BAD_FRAMES:
        data = connection.receive()
        if data is None:
            continue
        time.sleep(0)  # whoever sends without a pause gets one turn at a time, as everybody does
        frame = None
        try:
            frame = frames.parse(_text(data))
            _answer(frame, client, parts.turns)
        except ChatError as problem:
            bad_frames += frame is None
            about = {"id": getattr(frame, "id", None), "answer": getattr(frame, "answer", None)}
            connection.send(frames.error(problem, advise=parts.settings.visitor_is_owner, **about))
    _part(connection, POLICY_VIOLATION, "Too many frames that cannot be read.")


def _answer(frame: frames.AnyClientFrame, client: _Client, turns: Turns) -> None:
    """Do what one frame asks for. Raises a `ChatError` when it cannot be done."""
    connection, visitor_id, address = client.connection, str(client.visitor_id), client.address
    turn: Turn | None = None
    match frame:
        case frames.Ask():
            turn = turns.ask(visitor_id, frame, asker=connection, address=address)
        case frames.Again():
            turn = turns.again(visitor_id, frame, asker=connection, address=address)
        case frames.Continue():
            turn = turns.go_on(visitor_id, frame, asker=connection, address=address)
        case frames.Follow():
            _follow(connection, turns, visitor_id, frame)
        case frames.Unfollow():
            connection.unfollow(frame.answer)
        case frames.Stop():
            turns.stop(visitor_id, frame.answer)
        case frames.Hello():
            raise InvalidInput("We have said hello already.")
    if turn is not None:
        connection.send(frames.started(turn))
        answer = turn.answer
        follow = frames.Follow(answer=answer.id, offset=answer.next, reasoning_offset=answer.reasoning_next)
        _follow(connection, turns, visitor_id, follow)


def _follow(connection: Connection, turns: Turns, visitor_id: str, follow: frames.Follow) -> None:
    if connection.following >= MOST_FOLLOWED:
        raise LimitReached(f"One connection follows at most {MOST_FOLLOWED} answers; unfollow some.")
    connection.follow(
        follow.answer,
        partial(turns.follow, visitor_id, follow.answer, follow.offset, reasoning_offset=follow.reasoning_offset),
    )


def _text(data: str | bytes) -> str:
    if isinstance(data, bytes):
        raise InvalidInput("Frames are text; that was a binary one.")
    return data


def _part(connection: Connection, code: int, reason: str) -> None:
    """Close and wait until the client has heard it."""
    connection.close(code, reason[:120])
    while True:
        connection.receive()
