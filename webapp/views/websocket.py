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
from webapp.views import embed_socket, embed_waiting, share_socket, socket_turns
from webapp.views.access import entries
from webapp.views.apart import apart
from webapp.views.api import site_limits
from webapp.views.connection import GO_AWAY, POLICY_VIOLATION, Connection
from webapp.views.parts import services
from webapp.views.security import own_origin
from webapp.views.socket_guard import GuardedSocket
from webapp.views.visitors import known_visitor

PATH = "/ws"
HELLO_S = 5.0
MOST_BAD_FRAMES = 50
MAX_MESSAGE_BYTES = 4 * frames.MAX_TEXT_CHARS + 4096  # a character is at most four bytes; the rest of a frame is small
SERVER_OPTIONS = {"max_message_size": MAX_MESSAGE_BYTES}
GUARD = "parley.guarded_socket"

Answer = Callable[[frames.AnyClientFrame], None]  # does what a frame asks for, or raises a `ChatError`
Welcomed = tuple[Callable[[], None], Answer]


def register(app: Flask) -> None:
    """Serve `/ws` in an application."""
    app.before_request(gate)
    embed_waiting.register(app)
    # Named first, registered second: flask-sock's decorator would return None in its place.
    Sock(app).route(PATH)(websocket)


def gate() -> Response | None:
    """Before the handshake, since flask-sock accepts it before any handler runs. Raises `Forbidden` and others."""
    if request.path != PATH:
        return None
    if not own_origin(request.headers.get("Origin")):
        raise Forbidden("A WebSocket to this site may be opened by its own pages only.")
    _check_handshake()
    if embed_socket.is_asked_for() and request.method != "GET":
        raise InvalidInput("A WebSocket is opened by GET.")
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
    return embed_waiting.enter(environ[GUARD].shutdown) if embed_socket.is_asked_for() else None


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
    try:
        client = None
        if embed_socket.is_asked_for():
            embed_socket.bound(ws)
        else:
            client = _Client(connection, known_visitor(), request.remote_addr, entries())
        welcomed = _welcome(client, connection, parts)
        embed_waiting.leave()
        if welcomed is None:
            return
        leave, answer = welcomed
        try:
            _serve(connection, answer, parts, on_site=client is not None)
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
    entries: tuple[str, ...]

    def entry(self, parts: Services) -> str | None:
        """What lets the visitor in now. Raises `NotSignedIn`."""
        return parts.access.admit(self.entries)


def _welcome(client: _Client | None, connection: Connection, parts: Services) -> Welcomed | None:
    """Exchange hellos; returns what ends the stay and what answers frames, or None when the client was sent away.

    Without a `client` it is an embed's, known by what its hello shows alone.
    """
    data = connection.receive(HELLO_S)
    try:
        if data is None:
            raise InvalidInput(f"No hello came within {HELLO_S:g} s.")
        hello = frames.parse(_text(data))
        if not isinstance(hello, frames.Hello):
            raise InvalidInput("The first frame has to be hello.")
        if client is None:
            address = request.remote_addr
            return apart(lambda: embed_socket.welcome(connection, hello, address, parts))
        if hello.access is not None:
            raise InvalidInput("access: an embed connects to /ws?embed.")
        if hello.share is not None:
            return apart(lambda: share_socket.welcome(connection, hello, parts))
        return apart(lambda: _welcome_visitor(client, parts)), lambda frame: _answer(frame, client, parts)
    except ChatError as problem:
        code = GO_AWAY if isinstance(problem, ShuttingDown) else POLICY_VIOLATION
        if client is None:
            code = embed_socket.close_code(problem, code, came=data is not None)
        connection.send(frames.error(problem))
        _part(connection, code, problem.message)
        return None


def _welcome_visitor(client: _Client, parts: Services) -> Callable[[], None]:
    """Say hello to a visitor; returns what ends the announcements. Raises a `ChatError`."""
    visitor_id = client.visitor_id
    if visitor_id is None:
        raise NotSignedIn("Open the page first: it makes the cookie that this connection needs.")
    connection = client.connection

    def show_out() -> None:
        connection.show_out(POLICY_VIOLATION, "You are signed out of this site.")

    enter = partial(parts.access.stay, client.entries, visitor_id, show_out)
    leave = socket_turns.stay(connection, visitor_id, parts, enter)
    try:
        connection.send(
            frames.Welcome(
                v=frames.VERSION,
                running=parts.turns.running(visitor_id),
                limits=site_limits(parts.settings),
                preferences=_preferences(parts, visitor_id),
                closed=socket_turns.closed(parts),
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


def _serve(connection: Connection, answer: Answer, parts: Services, *, on_site: bool) -> None:
    """Answer frames until the client leaves (`ConnectionClosed`) or sends too much that nobody may send."""
    bad_frames, advise = 0, parts.settings.visitor_is_owner
    while bad_frames < MOST_BAD_FRAMES:
        data = connection.receive()
        if data is None:
            continue
        time.sleep(0)  # whoever sends without a pause gets one turn at a time, as everybody does
        if connection.leaving:  # what is still on its way is for nobody who is here
            continue
        frame = None
        try:
            frame = frames.parse(_text(data))
            answer(frame)
        except ChatError as problem:
            bad_frames += frame is None or isinstance(problem, Forbidden)
            # What is not understood is answered by its id too, or its sender says it again for ever.
            named = frames.id_of(data) if frame is None else getattr(frame, "id", None)
            about = {"id": named, "answer": getattr(frame, "answer", None)}
            connection.send(frames.error(problem, advise=advise, quote=on_site, **about))
    _part(connection, POLICY_VIOLATION, "Too many frames that cannot be read or are not allowed.")


def _answer(frame: frames.AnyClientFrame, client: _Client, parts: Services) -> None:
    """Do what one frame of a visitor asks for. Raises a `ChatError` when it cannot be done."""
    connection, visitor_id, address, turns = client.connection, str(client.visitor_id), client.address, parts.turns

    def begin(question: socket_turns.Question) -> Turn:
        entry = client.entry(parts)
        match question:
            case frames.Ask():
                return turns.ask(visitor_id, question, asker=connection, address=address, entry=entry)
            case frames.Again():
                return turns.again(visitor_id, question, asker=connection, address=address, entry=entry)
            case frames.Continue():
                return turns.go_on(visitor_id, question, asker=connection, address=address, entry=entry)

    socket_turns.answer(frame, connection, turns, visitor_id, begin)


def _text(data: str | bytes) -> str:
    if isinstance(data, bytes):
        raise InvalidInput("Frames are text; that was a binary one.")
    return data


def _part(connection: Connection, code: int, reason: str) -> None:
    """Close and wait until the client has heard it."""
    connection.close(code, reason[:120])
    while True:
        connection.receive()
