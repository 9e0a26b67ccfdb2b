"""One running answer on its way to all readers of a share, however many: cut once, serialised once. No Flask.

A broadcast walks ahead through the answer, cut by cut, at the pace at which its process can serve everybody. Who stands
where a cut begins is handed the same bytes as all others there. Who does not (just came, was slow) reads pieces of
their own up to where the broadcast is, and then stands with the others. So nobody waits for anybody.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

import msgspec

from webapp import frames
from webapp.answers.base import Piece
from webapp.errors import ChatError
from webapp.followers import PAUSE_S, Follower, framed

MOST_PAUSE_S = 0.2  # a reader is never further behind than that and the time a cut takes
LOAD = 1 / 3  # of the core: serving a cut that took 20 ms is followed by 40 ms for everybody else
SEATS_IN_A_ROW = 50  # then others get their turn: a millisecond or less

Place = tuple[int, int]  # offsets in the text and in the reasoning


class Cut:
    """What an answer grew by at once. Its bytes are made when the first reader takes them, and then kept."""

    def __init__(self, answer_id: str, start: Place, end: Place, piece: Piece) -> None:
        """From `start` to `end`; `piece` is all that lies between."""
        self.answer_id, self.start, self.end, self.piece = answer_id, start, end, piece
        self._made: dict[Callable[[Cut], bytes], bytes] = {}
        self._frames: list[bytes] | None = None

    @property
    def frames(self) -> list[bytes]:
        """Its frames, serialised, in their order."""
        if self._frames is None:
            self._frames = [frames.serialise(frame) for frame in framed(self.answer_id, self.piece)]
        return self._frames

    def made_by(self, make: Callable[[Cut], bytes]) -> bytes:
        """What `make` makes of it, made once."""
        if make not in self._made:
            self._made[make] = make(self)
        return self._made[make]


class Seat(Protocol):
    """One reader of one answer, somewhere on a connection. No call may block."""

    def give(self, cut: Cut) -> bool:
        """Take the whole cut and move on, if you stand at its beginning and nothing of yours is under way."""

    def wake(self) -> None:
        """There is something to take from your follower."""

    def end(self) -> None:
        """This answer is not for you any more."""


class Broadcast:
    """All readers of one answer in one share, and the source that their followers read. Thread-safe."""

    def __init__(self, answer_id: str, open_lead: Callable[[Callable[[], None]], Follower]) -> None:
        """`open_lead` makes the follower that walks ahead; it is given what wakes it, and may raise a `ChatError`."""
        self.answer_id = answer_id
        self._seats: dict[Seat, None] = {}
        self._lock = threading.Lock()
        self._grown = threading.Event()
        self._grown.set()
        self._dirty = True
        self._ended = self._closed = False
        self._lead = open_lead(self._wake)

    # --- the source of its readers' followers: the answer as far as the broadcast came ---------------------------

    def read(self, answer_id: str, offset: int, limit: int | None = None) -> Piece:
        """See `AnswerLog.read`. Who is ahead of the broadcast finds nothing until it came by."""
        end, reasoning_end = self._place
        piece = self._lead.source.read(answer_id, offset, limit)
        ending = piece.ending if self._ended else None
        return msgspec.structs.replace(_up_to(piece, end), ending=ending, reasoning_next=reasoning_end)

    def read_reasoning(self, answer_id: str, offset: int, limit: int | None = None) -> Piece:
        """See `AnswerLog.read_reasoning`."""
        return _up_to(self._lead.source.read_reasoning(answer_id, offset, limit), self._lead.reasoning_offset)

    # --- readers -------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._seats)

    def take_seat(self, seat: Seat) -> None:
        """Have `seat` given cuts, or woken, from now on."""
        with self._lock:
            self._seats[seat] = None

    def leave(self, seat: Seat) -> None:
        """Give it nothing more."""
        with self._lock:
            self._seats.pop(seat, None)

    def close(self) -> None:
        """Serve nobody any more, and say so."""
        self._closed = True
        self._grown.set()
        for seat in self._here():
            seat.end()

    # --- the walk ------------------------------------------------------------------------------------------------

    def walk(self) -> None:
        """Go on with the answer until its end, or until nobody is left. Runs beside its callers."""
        try:
            while not self._closed and self._walk_on():
                pass
        except ChatError:
            self._hand_out(None)  # everybody finds the reason at their own offset
        finally:
            self._lead.close()

    def _walk_on(self) -> bool:
        """Serve the next cut; False when it was the last."""
        self._grown.wait()
        self._grown.clear()
        self._dirty = False
        begun_s, start = time.monotonic(), self._place
        piece = self._lead.take()
        self._ended = piece.ending is not None
        if piece.text or piece.reasoning is not None or self._ended:
            self._hand_out(Cut(self.answer_id, start, self._place, piece))
            if piece.more:
                self._wake()
            elif not self._ended:
                took_s = time.monotonic() - begun_s
                time.sleep(max(0.0, min(MOST_PAUSE_S, max(PAUSE_S, took_s / LOAD)) - took_s))
        return not self._ended

    def _hand_out(self, cut: Cut | None) -> None:
        for number, seat in enumerate(self._here(), 1):
            if cut is None or not seat.give(cut):
                seat.wake()
            if number % SEATS_IN_A_ROW == 0:
                time.sleep(0)

    def _here(self) -> tuple[Seat, ...]:
        with self._lock:
            return tuple(self._seats)

    @property
    def _place(self) -> Place:
        return self._lead.offset, self._lead.reasoning_offset

    def _wake(self) -> None:
        # For every token that is written: nothing is left to do when the walk knows already.
        if not self._dirty:
            self._dirty = True
            self._grown.set()


def _up_to(piece: Piece, end: int) -> Piece:
    """The part of a piece that lies before an offset, which is that of a character's beginning."""
    if piece.next <= end:
        return msgspec.structs.replace(piece, more=piece.next < end)
    if piece.offset >= end:
        return Piece(piece.offset, piece.offset, "", None)
    return Piece(piece.offset, end, piece.text.encode()[: end - piece.offset].decode(), None)
