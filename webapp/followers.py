"""A follower: somebody who reads one answer from an offset, at their own pace, wherever the answer is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from webapp import frames
from webapp.answers.base import Ending, LogGone, Piece, cut, cut_reasoning
from webapp.errors import Conflict
from webapp.messages import Answer, Status, Usage

PAUSE_S = 1 / 30  # a screen shows no more; text that comes quicker travels in fewer, larger deltas
PIECE_BYTES = 64 * 1024  # a longer delta is sent in pieces, so that a slow line still sees progress and pings
REASONING = "reasoning"  # a delta's `part`


class Source(Protocol):
    """Where an answer's two texts are read: the reading half of `AnswerLog`."""

    def read(self, answer_id: str, offset: int, limit: int | None = None) -> Piece:
        """See `AnswerLog.read`."""

    def read_reasoning(self, answer_id: str, offset: int, limit: int | None = None) -> Piece:
        """See `AnswerLog.read_reasoning`."""


class Follower:
    """One reader's place in one answer: `offset` and `reasoning_offset`, in bytes, as the server issues them."""

    __slots__ = ("_stored", "answer_id", "close", "offset", "reasoning_offset", "source")  # there are thousands

    def __init__(
        self,
        answer_id: str,
        offset: int,
        reasoning_offset: int,
        source: Source,
        unfollow: Callable[[], None],
        stored: Callable[[], Answer],
    ) -> None:
        """`source` is the answer log, `unfollow` ends what `AnswerLog.follow` began, `stored` looks in the history.

        Raises `InvalidInput` for an offset beyond the answer's end.
        """
        self.answer_id = answer_id
        self.source, self.close, self._stored = source, unfollow, stored
        self.offset = source.read(answer_id, offset, 0).offset
        self.reasoning_offset = source.read_reasoning(answer_id, reasoning_offset, 0).offset

    @classmethod
    def of_stored(cls, answer: Answer, offset: int, reasoning_offset: int = 0) -> Follower:
        """A follower of an answer that has ended. Raises `InvalidInput` for an offset beyond its end."""
        return cls(answer.id, offset, reasoning_offset, _Stored(answer), lambda: None, lambda: answer)

    def take(self) -> Piece:
        """The next piece, perhaps with no text; its `ending` is set with the last one. Moves the offsets on.

        What came of the reasoning is in `reasoning`, and is to be shown before the text.
        """
        try:
            piece = self.source.read(self.answer_id, self.offset, PIECE_BYTES)
            if piece.reasoning_next > self.reasoning_offset:
                piece = self._with_reasoning(piece)
        except LogGone:  # a reader so slow that the log of the finished answer was forgotten meanwhile
            self.source = _Stored(self._stored())
            return self.take()
        self.offset = piece.next
        return piece

    def has_more(self) -> bool:
        """Whether `take` would find anything now."""
        try:
            piece = self.source.read(self.answer_id, self.offset, 0)
        except LogGone:
            return True
        return bool(piece.text or piece.ending or piece.reasoning_next > self.reasoning_offset)

    def _with_reasoning(self, piece: Piece) -> Piece:
        thought = self.source.read_reasoning(self.answer_id, self.reasoning_offset, PIECE_BYTES)
        self.reasoning_offset = thought.next
        if thought.more:  # the text, and with it the ending, waits until all that was thought before is out
            return Piece(piece.offset, piece.offset, "", None, True, piece.reasoning_next, thought)
        return msgspec.structs.replace(piece, reasoning=thought)


class _Stored:
    """An answer that has ended, as the history keeps it."""

    def __init__(self, answer: Answer) -> None:
        if answer.status == Status.RUNNING:
            raise Conflict("How this answer ended is not stored yet; look again in a moment.")
        self._text, self._reasoning = answer.text.encode(), answer.reasoning.encode()
        self._ending = Ending(answer.status, answer.usage or Usage(), answer.error)

    def read(self, answer_id: str, offset: int, limit: int | None = None) -> Piece:
        return cut(self._text, offset, limit, self._ending, self._reasoning)

    def read_reasoning(self, answer_id: str, offset: int, limit: int | None = None) -> Piece:
        return cut_reasoning(self._reasoning, offset, limit)


def delta(answer_id: str, piece: Piece) -> frames.Delta:
    """A piece's text as a frame."""
    return frames.Delta(answer=answer_id, offset=piece.offset, next=piece.next, text=piece.text)


def reasoning_delta(answer_id: str, thought: Piece) -> frames.Delta:
    """A piece of the reasoning as a frame."""
    return frames.Delta(answer=answer_id, offset=thought.offset, next=thought.next, text=thought.text, part=REASONING)


def framed(answer_id: str, piece: Piece) -> list[frames.ServerFrame]:
    """What a piece holds as frames, in the order in which they are to be sent; perhaps none."""
    found: list[frames.ServerFrame] = []
    if piece.reasoning is not None:
        found.append(reasoning_delta(answer_id, piece.reasoning))
    if piece.text:
        found.append(delta(answer_id, piece))
    if piece.ending is not None:
        found.append(ended(answer_id, piece, piece.ending))
    return found


def ended(answer_id: str, piece: Piece, ending: Ending) -> frames.Ended:
    """A piece's ending as a frame."""
    return frames.Ended(
        answer=answer_id,
        status=ending.status,
        next=piece.next,
        reasoning_next=piece.reasoning_next,
        usage=ending.usage,
        error=ending.error,
    )
