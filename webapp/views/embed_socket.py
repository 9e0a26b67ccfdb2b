"""An embed's side of `/ws`: `/ws?embed`. Its hello shows an access token; the cookies of the request say nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import assert_never

from flask import request
from simple_websocket import Server

from webapp import frames
from webapp.embeds import EmbedAccess
from webapp.errors import ChatError, HistoryUnavailable, NotSignedIn
from webapp.messages import Turn
from webapp.services import Services
from webapp.views import embed_access, socket_turns
from webapp.views.api import site_limits
from webapp.views.connection import Connection
from webapp.views.embed_api import MOST_BYTES

NOT_SIGNED_IN, NO_HELLO = 4401, 4408
SHOWN_OUT_S = 1.0  # for the goodbye; a client that reads nothing does not hear it

Answer = Callable[[frames.AnyClientFrame], None]


def is_asked_for() -> bool:
    """Whether this request is for an embed's socket."""
    return "embed" in request.args


def bound(ws: Server) -> None:
    """An embed's messages are short."""
    ws.max_message_size = MOST_BYTES


def welcome(
    connection: Connection, hello: frames.Hello, address: str | None, parts: Services
) -> tuple[Callable[[], None], Answer]:
    """Say hello to an embed's visitor; returns what ends their stay and what answers their frames.

    Raises `NotSignedIn` without a good token, `LimitReached`, `ShuttingDown`.
    """
    if hello.access is None or hello.share is not None:
        raise NotSignedIn("Say hello with the access token of this chat.")
    access = embed_access.by_token(hello.access)
    visitor_id = access.visitor_id
    leave = _stay(connection, access, parts)
    try:
        connection.send(
            frames.Welcome(
                v=frames.VERSION,
                running=parts.turns.running(visitor_id),
                limits=site_limits(parts.settings),
                closed=_closed(parts),
            )
        )
    except BaseException:  # whatever it was, a listener that nobody serves would stay for ever
        leave()
        raise

    def begin(question: socket_turns.Question) -> Turn:
        return _begin(question, access, connection, address, parts)

    def answer(frame: frames.AnyClientFrame) -> None:
        try:
            parts.embeds.standing(access)
        except NotSignedIn:  # with a fresh token the client connects anew, and follows what runs from where it was
            _show_out(connection)
        else:
            socket_turns.answer(frame, connection, parts.turns, visitor_id, begin)

    return leave, answer


def _stay(connection: Connection, access: EmbedAccess, parts: Services) -> Callable[[], None]:
    stop_listening = parts.announcements.listen(access.visitor_id, connection)
    try:
        leave = parts.embeds.stay(access, lambda: _show_out(connection))
    except BaseException:
        stop_listening()
        raise

    def stop() -> None:
        leave()
        stop_listening()

    return stop


def _begin(
    question: socket_turns.Question, access: EmbedAccess, connection: Connection, address: str | None, parts: Services
) -> Turn:
    embeds = parts.embeds
    match question:
        case frames.Ask():
            return embeds.ask(access, question, asker=connection, address=address)
        case frames.Again():
            return embeds.again(access, question, asker=connection, address=address)
        case frames.Continue():
            return embeds.go_on(access, question, asker=connection, address=address)
        case _:
            assert_never(question)


def _show_out(connection: Connection) -> None:
    connection.close(NOT_SIGNED_IN, "This chat is not available any more.")
    timer = threading.Timer(SHOWN_OUT_S, connection.cut)
    timer.daemon = True
    timer.start()


def _closed(parts: Services) -> str | None:
    try:
        return parts.access.closed()
    except HistoryUnavailable:  # who asks is told
        return None


def close_code(problem: ChatError, otherwise: int, *, came: bool) -> int:
    """With what an embed's socket is closed that did not get in; `came`: it said anything at all."""
    if not came:
        return NO_HELLO
    return NOT_SIGNED_IN if isinstance(problem, NotSignedIn) else otherwise
