"""Server-sent events: one answer, followed over plain HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from flask import Blueprint, Response, request

from webapp import frames
from webapp.errors import ChatError, InvalidInput
from webapp.followers import PAUSE_S, Follower, delta, ended, reasoning_delta
from webapp.views.parts import services
from webapp.views.visitors import visitor

blueprint = Blueprint("events", __name__)
KEEP_ALIVE_S = 15  # proxies close what is silent for longer, and a write is how a gone reader is noticed


@blueprint.get("/api/answers/<answer_id>/events")
def events(answer_id: str) -> Response:
    """The answer from its offsets (or `Last-Event-ID`) on, as events `delta` and `ended`."""
    grown, parts, visitor_id = threading.Event(), services(), visitor()
    leave = parts.announcements.listen(visitor_id, _Reader())
    try:
        offset, reasoning_offset = _offsets()
        follower = parts.turns.follow(visitor_id, answer_id, offset, grown.set, reasoning_offset=reasoning_offset)
    except ChatError:
        leave()
        raise
    response = Response(
        _stream(follower, grown),
        mimetype="text/event-stream",
        headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store, no-transform"},
    )
    # Not a `finally` in the generator: one that was never started, as for HEAD, would not come to it.
    response.call_on_close(follower.close)
    response.call_on_close(leave)
    return response


class _Reader:
    """Takes a connection's place among the visitor's; follows one answer and hears of nothing else."""

    def announce(self, frame: bytes) -> None:
        """Not its business."""

    def go_away(self) -> None:
        """It ends with its answer, which has its grace period."""


def _offsets() -> tuple[int, int]:
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


def _stream(follower: Follower, grown: threading.Event) -> Iterator[bytes]:
    yield b": follow\n\n"  # so that the response's head goes out before the first delta
    while True:
        grown.clear()
        try:
            piece = follower.take()
        except ChatError:
            return  # the reader connects again from its offset and is told the reason with a status
        thought, reasoning_next = piece.reasoning, follower.reasoning_offset
        if thought is not None:
            yield _event("delta", piece.offset, reasoning_next, reasoning_delta(follower.answer_id, thought))
        if piece.text:
            yield _event("delta", piece.next, reasoning_next, delta(follower.answer_id, piece))
        if piece.ending:
            yield _event("ended", piece.next, reasoning_next, ended(follower.answer_id, piece, piece.ending))
            return
        if piece.more:
            continue
        if piece.text or thought is not None:
            time.sleep(PAUSE_S)
        elif not grown.wait(KEEP_ALIVE_S):
            yield b": still here\n\n"


def _event(name: str, offset: int, reasoning_offset: int, frame: frames.ServerFrame) -> bytes:
    place = f"{offset}.{reasoning_offset}" if reasoning_offset else str(offset)
    return b"event: %b\nid: %b\ndata: %b\n\n" % (name.encode(), place.encode(), frames.serialise(frame))
