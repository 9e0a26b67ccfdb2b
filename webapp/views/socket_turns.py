"""What the frames of somebody who may ask come to: turns begin, and answers are followed over the same connection."""

from __future__ import annotations

from collections.abc import Callable

from webapp import frames
from webapp.errors import HistoryUnavailable, InvalidInput, LimitReached
from webapp.messages import Turn
from webapp.services import Services
from webapp.turns import Turns
from webapp.views.connection import MOST_FOLLOWED, Connection

Question = frames.Ask | frames.Again | frames.Continue
Begin = Callable[[Question], Turn]


def stay(
    connection: Connection, visitor_id: str, parts: Services, enter: Callable[[], Callable[[], None]]
) -> Callable[[], None]:
    """Hear what is announced to a visitor until the returned function is called. Raises what `enter` raises.

    `enter` notes that they are there, and returns what ends that.
    """
    stop_listening = parts.announcements.listen(visitor_id, connection)
    try:
        leave = enter()
    except BaseException:
        stop_listening()
        raise

    def stop() -> None:
        leave()
        stop_listening()

    return stop


def closed(parts: Services) -> str | None:
    """The text of the closed sign, for the hello."""
    try:
        return parts.access.closed()
    except HistoryUnavailable:  # a connection that follows an answer does not need it, and who asks is told
        return None


def answer(frame: frames.AnyClientFrame, connection: Connection, turns: Turns, visitor_id: str, begin: Begin) -> None:
    """Do what one frame asks for; `begin` asks a question. Raises a `ChatError` when it cannot be done."""
    match frame:
        case frames.Ask() | frames.Again() | frames.Continue():
            turn = begin(frame)
            connection.send(frames.started(turn))
            made = turn.answer
            follow = frames.Follow(answer=made.id, offset=made.next, reasoning_offset=made.reasoning_next)
            _follow(connection, turns, visitor_id, follow)
        case frames.Follow():
            _follow(connection, turns, visitor_id, frame)
        case frames.Unfollow():
            connection.unfollow(frame.answer)
        case frames.Stop():
            turns.stop(visitor_id, frame.answer)
        case frames.Hello():
            raise InvalidInput("We have said hello already.")


def _follow(connection: Connection, turns: Turns, visitor_id: str, follow: frames.Follow) -> None:
    if connection.following >= MOST_FOLLOWED:
        raise LimitReached(f"One connection follows at most {MOST_FOLLOWED} answers; unfollow some.")
    connection.follow(
        follow.answer,
        lambda followed: turns.follow(
            visitor_id, follow.answer, follow.offset, followed.wake, reasoning_offset=follow.reasoning_offset
        ),
    )
