"""Server-sent events for readers: one shared answer, and what changes in what is shared. No visitor, no cookie."""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, suppress

from flask import Blueprint, Response, request

from webapp.broadcasts import Cut
from webapp.errors import ChatError, Forbidden, NotFound
from webapp.followers import Follower
from webapp.opened import Opened
from webapp.views import share
from webapp.views.events import KEEP_ALIVE_S, as_events, event, offsets, streamed
from webapp.views.parts import services
from webapp.views.share_access import opened

blueprint = Blueprint("share_events", __name__, url_prefix="/s")
blueprint.register_error_handler(NotFound, share.gone)
blueprint.after_request(share.keep_to_itself)

MOST_WAITING = 1000  # changes that a reader may leave unread; it is better off reading the conversation afresh
KEEP_ALIVE = b": still here\n\n"


@blueprint.get("/<token>/events")
def changes(token: str) -> Response:
    """What changes in what is shared, as events `changed`; when the share ends, an event `error`."""
    reader, found = _Changes(_socket()), _let_in(token)
    with ExitStack() as held:
        held.callback(services().live_shares.join(found, reader, request.remote_addr or ""))
        return streamed(reader.events(), held)


@blueprint.get("/<token>/answers/<answer_id>/events")
def answer(token: str, answer_id: str) -> Response:
    """A shared answer from its offsets (or `Last-Event-ID`) on, as events `delta` and `ended`."""
    parts, found, (offset, reasoning_offset) = services(), _let_in(token), offsets()
    reader = _Answer(_socket())
    with ExitStack() as held:
        held.callback(parts.live_shares.join(found, reader, request.remote_addr or ""))
        try:
            follower = parts.live_shares.follow(
                found.share.id, answer_id, offset, reader, reasoning_offset=reasoning_offset
            )
        except Forbidden as problem:  # here as everywhere under this address: what is not shared is not there
            raise NotFound(problem.message) from None
        reader.follower = follower
        held.callback(follower.close)
        return streamed(reader.events(follower), held)


def _let_in(token: str) -> Opened:
    return opened(token, view=request.args.get("view") or None)


def _socket() -> socket.socket | None:
    found: socket.socket | None = request.environ.get("gunicorn.socket")
    return found


class _Stream:
    """A stream's end on the server; see `Reader`."""

    def __init__(self, sock: socket.socket | None) -> None:
        """`sock` is what the stream is written to, if it can be known."""
        self._sock = sock
        self._grown = threading.Event()
        self._last: bytes | None = None

    def announce(self, frame: bytes) -> None:
        """Not its business."""

    def go_away(self) -> None:
        """It ends with its answer, which has its grace period."""

    def dismiss(self, frame: bytes) -> None:
        """See `Reader`."""
        self._last = frame
        self._grown.set()

    def cut(self) -> None:
        """See `Reader`."""
        if self._sock is not None:
            with suppress(OSError):  # it is closed already
                self._sock.shutdown(socket.SHUT_RDWR)

    def _goodbye(self) -> Iterator[bytes]:
        if self._last:
            yield event("error", self._last)

    @property
    def _is_over(self) -> bool:
        return self._last is not None


class _Changes(_Stream):
    """A stream of what changes."""

    def __init__(self, sock: socket.socket | None) -> None:
        super().__init__(sock)
        self._waiting: deque[bytes] = deque()

    def announce(self, frame: bytes) -> None:
        """See `Listener`."""
        if len(self._waiting) >= MOST_WAITING:
            self.go_away()
        else:
            self._waiting.append(frame)
            self._grown.set()

    def go_away(self) -> None:
        """End without a word: the reader connects again."""
        self.dismiss(self._last or b"")

    def events(self) -> Iterator[bytes]:
        """What is sent."""
        yield b": follow\n\n"  # so that the response's head goes out before the first change
        while not self._is_over:
            self._grown.clear()
            while self._waiting and not self._is_over:
                yield event("changed", self._waiting.popleft())
            if not self._is_over and not self._grown.wait(KEEP_ALIVE_S):
                yield KEEP_ALIVE
        yield from self._goodbye()


class _Answer(_Stream):
    """A stream of one answer, and its seat in the broadcast: a cut waits here until it was sent."""

    def __init__(self, sock: socket.socket | None) -> None:
        super().__init__(sock)
        self.follower: Follower | None = None
        self._cut: Cut | None = None
        self._lock = threading.Lock()

    def give(self, cut: Cut) -> bool:
        """See `Seat`."""
        follower = self.follower
        with self._lock:
            if follower is None or self._cut is not None:
                return False
            if (follower.offset, follower.reasoning_offset) != cut.start:
                return False
            self._cut = cut
            follower.offset, follower.reasoning_offset = cut.end
        self.wake()
        return True

    def wake(self) -> None:
        """See `Seat`."""
        self._grown.set()

    def end(self) -> None:
        """See `Seat`."""
        self.dismiss(self._last or b"")

    def events(self, follower: Follower) -> Iterator[bytes]:
        """What is sent."""
        yield b": follow\n\n"
        while not self._is_over:
            self._grown.clear()
            try:
                data, ended, more = self._take(follower)
            except ChatError:
                return  # the reader connects again from its offset and is told the reason with a status
            if data:
                yield data
            if ended:
                return
            if not (data or more or self._is_over or self._grown.wait(KEEP_ALIVE_S)):
                yield KEEP_ALIVE
        yield from self._goodbye()

    def _take(self, follower: Follower) -> tuple[bytes, bool, bool]:
        """What is to be sent next, whether it is the end, and whether there is more already."""
        with self._lock:
            cut, self._cut = self._cut, None
            if cut is not None:
                return cut.made_by(_cut_as_events), cut.piece.ending is not None, True
            piece = follower.take()
        data = as_events(follower.answer_id, piece, follower.reasoning_offset)
        return data, piece.ending is not None, piece.more


def _cut_as_events(cut: Cut) -> bytes:
    return as_events(cut.answer_id, cut.piece, cut.end[1], cut.frames)
