"""A running answer's two texts as a share shows them: masked up to the last finished line, offsets of their own."""

from __future__ import annotations

import threading

import msgspec

from webapp.answers.base import Ending, Piece, cut, cut_reasoning
from webapp.followers import Source
from webapp.messages import Usage
from webapp.redaction import Redactor
from webapp.shared import error_for_readers, usage_for_readers


class SharedSource:
    """What readers are shown of an answer's log. One serves all readers of a share. Thread-safe."""

    def __init__(self, source: Source, masks: Redactor) -> None:
        """`source` gives the answer as it is written."""
        self._source = source
        self._text = _Masked(masks) if masks else None
        self._reasoning = _Masked(masks)
        self._ending: Ending | None = None
        self._lock = threading.Lock()

    def read(self, answer_id: str, offset: int, limit: int | None = None) -> Piece:
        """See `AnswerLog.read`; offsets are those of the text that is shown."""
        if self._text is None:
            piece = self._source.read(answer_id, offset, limit)
            return msgspec.structs.replace(piece, ending=_for_readers(piece.ending)) if piece.ending else piece
        with self._lock:
            self._take_in(answer_id, self._text)
            return cut(self._text.shown, offset, limit, self._ending, self._reasoning.shown)

    def read_reasoning(self, answer_id: str, offset: int, limit: int | None = None) -> Piece:
        """See `AnswerLog.read_reasoning`."""
        if self._text is None:
            return self._source.read_reasoning(answer_id, offset, limit)
        with self._lock:
            self._take_in(answer_id, self._text)
            return cut_reasoning(self._reasoning.shown, offset, limit)

    def _take_in(self, answer_id: str, text: _Masked) -> None:
        """Mask what came since the last time."""
        if self._ending is not None:
            return
        piece = self._source.read(answer_id, text.read_to)
        thought = self._source.read_reasoning(answer_id, self._reasoning.read_to)  # afterwards: an ending ends both
        text.add(piece, last=piece.ending is not None)
        self._reasoning.add(thought, last=piece.ending is not None)
        self._ending = piece.ending and _for_readers(piece.ending)


def _for_readers(ending: Ending) -> Ending:
    return Ending(ending.status, usage_for_readers(ending.usage) or Usage(), error_for_readers(ending.error))


class _Masked:
    """One of the two texts: how far it was read, and what of it can be shown."""

    def __init__(self, masks: Redactor) -> None:
        self._growing = masks.growing()
        self.read_to = 0
        self.shown = bytearray()

    def add(self, piece: Piece, *, last: bool) -> None:
        """What came; with `last` nothing more will."""
        self.read_to = piece.next
        if piece.text:
            self.shown += self._growing.add(piece.text).encode()
        if last:
            self.shown += self._growing.end().encode()
