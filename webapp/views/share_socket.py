"""A reader's side of `/ws`: who said `hello` with a share's token follows its answers and can do nothing else."""

from __future__ import annotations

from collections.abc import Callable

from webapp import frames
from webapp.errors import DoorClosed, Forbidden, InvalidInput, LimitReached, NotFound
from webapp.services import Services
from webapp.views.api import site_limits
from webapp.views.connection import MOST_FOLLOWED, Connection
from webapp.views.share_access import opened

NOTHING = "Nothing is shared here."
READERS_READ = "Readers of a shared conversation can follow its answers, and nothing else."

Answer = Callable[[frames.AnyClientFrame], None]


def welcome(connection: Connection, hello: frames.Hello, parts: Services) -> tuple[Callable[[], None], Answer]:
    """Let a reader in; returns what ends their stay and what answers their frames.

    Raises `NotFound` in the same words for every token that lets nobody in, `LimitReached`, `ShuttingDown`.
    """
    try:
        share = opened(hello.share or "", view=hello.view or None)
        share_id, leave = share.share.id, parts.live_shares.join(share, connection)
    except (NotFound, DoorClosed):
        raise NotFound(NOTHING) from None
    try:
        running = parts.live_shares.running(share_id)
        connection.send(frames.Welcome(v=frames.VERSION, running=running, limits=site_limits(parts.settings)))
    except BaseException:  # whatever it was, a reader whom nobody serves would stay for ever
        leave()
        raise
    return leave, lambda frame: _answer(frame, connection, share_id, parts)


def _answer(frame: frames.AnyClientFrame, connection: Connection, share_id: str, parts: Services) -> None:
    match frame:
        case frames.Follow():
            _follow(frame, connection, share_id, parts)
        case frames.Unfollow():
            connection.unfollow(frame.answer)
        case frames.Hello():
            raise InvalidInput("We have said hello already.")
        case _:
            raise Forbidden(READERS_READ)


def _follow(follow: frames.Follow, connection: Connection, share_id: str, parts: Services) -> None:
    if connection.following >= MOST_FOLLOWED:
        raise LimitReached(f"One connection follows at most {MOST_FOLLOWED} answers; unfollow some.")
    connection.follow(
        follow.answer,
        lambda seat: parts.live_shares.follow(
            share_id, follow.answer, follow.offset, seat, reasoning_offset=follow.reasoning_offset
        ),
        served=True,
    )
