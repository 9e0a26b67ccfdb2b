"""Server-sent events: one answer, followed over plain HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

from flask import Blueprint, Response, request

from webapp import frames
from webapp.answers.base import Piece
from webapp.errors import ChatError, InvalidInput
from webapp.followers import PAUSE_S, REASONING, Follower, framed
from webapp.views.access import entries
from webapp.views.parts import services
from webapp.views.visitors import visitor

blueprint = Blueprint("events", __name__)
Stay = Callable[[Callable[[], None]], Callable[[], None]]
KEEP_ALIVE_S = 15  # proxies close what is silent for longer, and a write is how a gone reader is noticed


@blueprint.get("/api/answers/<answer_id>/events")
def events(answer_id: str) -> Response:
    """The answer from its offsets (or `Last-Event-ID`) on, as events `delta` and `ended`."""
    visitor_id, access = visitor(), services().access
    return answer_events(visitor_id, answer_id, lambda show_out: access.stay(entries(), visitor_id, show_out))


def answer_events(visitor_id: str, answer_id: str, stay: Stay) -> Response:
    """The events of a visitor's answer. `stay` is told what ends them and returns what is called at their end."""
    parts, reader = services(), _Reader()
    with ExitStack() as held:
        held.callback(parts.announcements.listen(visitor_id, reader))
        held.callback(stay(reader.show_out))
        offset, reasoning_offset = offsets()
        follower = parts.turns.follow(
            visitor_id, answer_id, offset, reader.grown.set, reasoning_offset=reasoning_offset
        )
        held.callback(follower.close)
        return streamed(_stream(follower, reader), held)


def streamed(events: Iterator[bytes], held: ExitStack) -> Response:
    """A response that sends events for as long as there are any, and then lets go of what is held for them."""
    response = Response(
        events,
        mimetype="text/event-stream",
        headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store, no-transform"},
    )
    # Not a `finally` in the generator: one that was never started, as for HEAD, would not come to it.
    response.call_on_close(held.pop_all().close)
    return response


class _Reader:
    """Takes a connection's place among the visitor's; follows one answer and hears of nothing else."""

    def __init__(self) -> None:
        self.grown, self.is_out = threading.Event(), False

    def show_out(self) -> None:
        """End it now: its visitor may not be here any more."""
        self.is_out = True
        self.grown.set()

    def announce(self, frame: bytes) -> None:
        """Not its business."""

    def go_away(self) -> None:
        """It ends with its answer, which has its grace period."""


def offsets() -> tuple[int, int]:
    """Where to begin, in the text and in the reasoning. An event's id is the first, or both with a point between."""
    last = request.headers.get("Last-Event-ID")
    if last:
        offset, point, reasoning_offset = last.partition(".")
        return _offset("offset", offset), _offset("reasoning_offset", reasoning_offset if point else "0")
    given = request.args
    return _offset("offset", given.get("offset", "0")), _offset("reasoning_offset", given.get("reasoning_offset", "0"))


def _offset(name: str, given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) < 16):
        raise InvalidInput(f"{name}: it is not one that this server gave out.")
    return int(given)


def _stream(follower: Follower, reader: _Reader) -> Iterator[bytes]:
    yield b": follow\n\n"  # so that the response's head goes out before the first delta
    while not reader.is_out:
        reader.grown.clear()
        try:
            piece = follower.take()
        except ChatError:
            return  # the reader connects again from its offset and is told the reason with a status
        data = as_events(follower.answer_id, piece, follower.reasoning_offset)
        if data:
            yield data
        if piece.ending:
            return
        if piece.more:
            continue
        if data:
            time.sleep(PAUSE_S)
        elif not reader.is_out and not reader.grown.wait(KEEP_ALIVE_S):
            yield b": still here\n\n"


def as_events(answer_id: str, piece: Piece, reasoning_next: int, serialised: Sequence[bytes] | None = None) -> bytes:
    """A piece as events; `serialised` are its frames, if they are at hand. After it the reasoning is at an offset."""
    given = framed(answer_id, piece)
    found = []
    for frame, data in zip(given, serialised or map(frames.serialise, given), strict=True):
        # The reasoning comes first: whoever comes back after it has still to get the text.
        offset = piece.offset if isinstance(frame, frames.Delta) and frame.part == REASONING else piece.next
        place = f"{offset}.{reasoning_next}" if reasoning_next else str(offset)
        found.append(event("ended" if isinstance(frame, frames.Ended) else "delta", data, place))
    return b"".join(found)


def event(name: str, data: bytes, place: str | None = None) -> bytes:
    """One event that carries a frame; `place` is what a reader who comes back names as the last one."""
    id_ = "" if place is None else f"id: {place}\n"
    return b"event: %b\n%bdata: %b\n\n" % (name.encode(), id_.encode(), data)
