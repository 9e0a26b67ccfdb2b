"""One answer on its way over a connection: where it is, when it may go on, and the seat it may take in a broadcast."""

from __future__ import annotations

import time
from typing import Protocol

from webapp.broadcasts import Cut
from webapp.followers import PAUSE_S, Follower
from webapp.views.socket_guard import text_frame

MOST_PAUSE_S = 0.25
LATE_FACTOR = 2  # 50 ms late: a pause of 100 ms, so that a core at its limit sends half as many deltas or fewer


class Way(Protocol):
    """The connection, as far as its answers need it."""

    def wake(self, *, anew: bool) -> None:
        """See `Connection.wake`."""

    def give(self, followed: Followed, follower: Follower, cut: Cut) -> bool:
        """See `Connection.give`."""

    def unfollow(self, answer_id: str) -> None:
        """See `Connection.unfollow`."""


class Followed:
    """One answer on its way over a connection. What wakes it, and the seat it may take in a broadcast."""

    __slots__ = ("_connection", "dirty", "dirty_since_s", "follower", "not_before_s", "served")

    def __init__(self, connection: Way, *, served: bool) -> None:
        """`served`: a broadcast gives it what comes, so that its own writer is needed for catching up alone."""
        self._connection, self.served = connection, served
        self.dirty = True
        self.dirty_since_s = 0.0
        self.not_before_s = 0.0
        self.follower: Follower | None = None

    def wake(self) -> None:
        """There is more to send. Called ten thousand times a second: nothing is left to do when that is known."""
        if not self.dirty:
            self.dirty_since_s = time.monotonic()
            self.dirty = True
            self._connection.wake(anew=self.served)

    def give(self, cut: Cut) -> bool:
        """See `Seat`: hand the cut to the client now, unless it stands elsewhere or something is on its way to it."""
        follower = self.follower
        if follower is None or follower.offset != cut.start[0] or follower.reasoning_offset != cut.start[1]:
            return False
        return self._connection.give(self, follower, cut)

    def end(self) -> None:
        """See `Seat`: this answer is not for the client any more."""
        if self.follower is not None:
            self._connection.unfollow(self.follower.answer_id)

    @property
    def needs_writer(self) -> bool:
        """Whether the connection's own writer has something to do for it, now or later."""
        return self.dirty or not self.served

    def pause_until_s(self) -> float:
        """When the next delta may go. A busy server is late; it then sends fewer and catches up."""
        now_s = time.monotonic()
        due_s = max(self.dirty_since_s, self.not_before_s)
        late_s = now_s - due_s if self.not_before_s else 0.0  # the first delta waits for the upstream, not for us
        return now_s + min(MOST_PAUSE_S, max(PAUSE_S, LATE_FACTOR * late_s))


def socket_frames(cut: Cut) -> bytes:
    """A cut as a client is sent it."""
    return b"".join(map(text_frame, cut.frames))
