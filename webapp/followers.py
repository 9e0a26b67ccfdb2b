"""A follower: somebody who reads one answer from an offset, at their own pace, wherever the answer is kept."""

from __future__ import annotations

from collections.abc import Callable

from webapp import frames
from webapp.answers.base import Ending, LogGone, Piece, cut
from webapp.errors import Conflict
from webapp.messages import Answer, Status, Usage

PAUSE_S = 1 / 30  # a screen shows no more; text that comes quicker travels in fewer, larger deltas
PIECE_BYTES = 64 * 1024  # a longer delta is sent in pieces, so that a slow line still sees progress and pings


Read = Callable[[str, int, int | None], Piece]


class Follower:
    """One reader's place in one answer: `offset`, in bytes, as the server issues them."""

    def __init__(
        self, answer_id: str, offset: int, read: Read, unfollow: Callable[[], None], stored: Callable[[], Answer]
    ) -> None:
        """`read` is `AnswerLog.read`, `unfollow` ends what `AnswerLog.follow` began, `stored` looks in the history.

        Raises `InvalidInput` for an offset beyond the answer's end.
        """
        self.answer_id = answer_id
        self._read, self.close, self._stored = read, unfollow, stored
        self.offset = read(answer_id, offset, 0).offset

    @classmethod
    def of_stored(cls, answer: Answer, offset: int) -> Follower:
        """A follower of an answer that has ended. Raises `InvalidInput` for an offset beyond its end."""
        return cls(answer.id, offset, _reader(answer), lambda: None, lambda: answer)

    def take(self) -> Piece:
        """The next piece, perhaps with no text; its `ending` is set with the last one. Moves the offset on."""
        try:
            piece = self._read(self.answer_id, self.offset, PIECE_BYTES)
        except LogGone:  # a reader so slow that the log of the finished answer was forgotten meanwhile
            self._read = _reader(self._stored())
            piece = self._read(self.answer_id, self.offset, PIECE_BYTES)
        self.offset = piece.next
        return piece


def _reader(answer: Answer) -> Read:
    if answer.status == Status.RUNNING:
        raise Conflict("How this answer ended is not stored yet; look again in a moment.")
    data, ending = answer.text.encode(), Ending(answer.status, answer.usage or Usage(), answer.error)
    return lambda _, offset, limit: cut(data, offset, limit, ending)


def delta(answer_id: str, piece: Piece) -> frames.Delta:
    """A piece's text as a frame."""
    return frames.Delta(answer=answer_id, offset=piece.offset, next=piece.next, text=piece.text)


def ended(answer_id: str, piece: Piece, ending: Ending) -> frames.Ended:
    """A piece's ending as a frame."""
    return frames.Ended(answer=answer_id, status=ending.status, next=piece.next, usage=ending.usage, error=ending.error)
