"""A reader's side of `/ws`: who said `hello` with a share's token follows its answers and can do nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable

from flask import request

from webapp import frames
from webapp.errors import DoorClosed, Forbidden, InvalidInput, LimitReached, NotFound
from webapp.services import Services
from webapp.views.api import site_limits
from webapp.views.connection import MOST_FOLLOWED, Connection
from webapp.views.share_access import opened

MOST_FOLLOWS, FOLLOWS_S = 120, 60  # so many, and in so many seconds
NOTHING = "Nothing is shared here."
READERS_READ = "Readers of a shared conversation can follow its answers, and nothing else."

Answer = Callable[[frames.AnyClientFrame], None]


def welcome(connection: Connection, hello: frames.Hello, parts: Services) -> tuple[Callable[[], None], Answer]:
    """Let a reader in; returns what ends their stay and what answers their frames.

    Raises `NotFound` in the same words for every token that lets nobody in, `LimitReached`, `ShuttingDown`.
    """
    try:
        share = opened(hello.share or "", view=hello.view or None)
        leave = parts.live_shares.join(share, connection, request.remote_addr or "")
    except (NotFound, DoorClosed):
        raise NotFound(NOTHING) from None
    reader = _Reader(connection, share.share.id, parts)
    try:
        running = parts.live_shares.running(reader.share_id)
        connection.send(frames.Welcome(v=frames.VERSION, running=running, limits=site_limits(parts.settings)))
    except BaseException:  # whatever it was, a reader whom nobody serves would stay for ever
        leave()
        raise
    return leave, reader.answer


class _Reader:
    """One connection, what it reads, and how often it may begin to follow for now."""

    def __init__(self, connection: Connection, share_id: str, parts: Services) -> None:
        self.share_id, self._connection, self._parts = share_id, connection, parts
        self._left, self._since_s = MOST_FOLLOWS, time.monotonic()

    def answer(self, frame: frames.AnyClientFrame) -> None:
        """Do what a frame asks for. Raises a `ChatError` when it cannot be done."""
        match frame:
            case frames.Follow():
                self._follow(frame)
            case frames.Unfollow():
                self._connection.unfollow(frame.answer)
            case frames.Hello():
                raise InvalidInput("We have said hello already.")
            case _:
                raise Forbidden(READERS_READ)

    def _follow(self, follow: frames.Follow) -> None:
        self._count()
        if self._connection.following >= MOST_FOLLOWED:
            raise LimitReached(f"One connection follows at most {MOST_FOLLOWED} answers; unfollow some.")
        self._connection.follow(
            follow.answer,
            lambda seat: self._parts.live_shares.follow(
                self.share_id, follow.answer, follow.offset, seat, reasoning_offset=follow.reasoning_offset
            ),
            served=True,
        )

    def _count(self) -> None:
        """Each one that does not run looks into the history. Raises `LimitReached`."""
        now_s = time.monotonic()
        if now_s - self._since_s >= FOLLOWS_S:
            self._left, self._since_s = MOST_FOLLOWS, now_s
        if not self._left:
            raise LimitReached("You are following more than this site allows.", retry_after=FOLLOWS_S)
        self._left -= 1
