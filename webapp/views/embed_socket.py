"""An embed's side of `/ws`: `/ws?embed`. Its hello shows an access token; the cookies of the request say nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import assert_never

from flask import request
from simple_websocket import Server

from webapp import frames
from webapp.embed_sessions import EmbedAccess
from webapp.errors import ChatError, NotSignedIn
from webapp.messages import Turn
from webapp.services import Services
from webapp.views import embed_access, socket_turns
from webapp.views.api import site_limits
from webapp.views.connection import Connection
from webapp.views.embed_api import MOST_BYTES

NOT_SIGNED_IN, NO_HELLO = 4401, 4408

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
    enter = partial(parts.embeds.stay, access, partial(_show_out, connection))
    leave = socket_turns.stay(connection, visitor_id, parts, enter)
    try:
        connection.send(
            frames.Welcome(
                v=frames.VERSION,
                running=parts.turns.running(visitor_id),
                limits=site_limits(parts.settings),
                closed=socket_turns.closed(parts),
            )
        )
    except BaseException:  # whatever it was, a listener that nobody serves would stay for ever
        leave()
        raise

    def begin(question: socket_turns.Question) -> Turn:
        return _begin(question, access, connection, address, parts)

    def answer(frame: frames.AnyClientFrame) -> None:
        try:
            parts.embeds.sessions.standing(access)
        except NotSignedIn:  # with a fresh token the client connects anew, and follows what runs from where it was
            _show_out(connection)
        else:
            socket_turns.answer(frame, connection, parts.turns, visitor_id, begin)

    return leave, answer


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
    connection.show_out(NOT_SIGNED_IN, "This chat is not available any more.")


def close_code(problem: ChatError, otherwise: int, *, came: bool) -> int:
    """With what an embed's socket is closed that did not get in; `came`: it said anything at all."""
    if not came:
        return NO_HELLO
    return NOT_SIGNED_IN if isinstance(problem, NotSignedIn) else otherwise
