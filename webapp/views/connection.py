"""One open WebSocket: frames in, frames out. Everything goes out through one writer, which runs while it has work."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from simple_websocket import ConnectionClosed, Server

from webapp import frames
from webapp.errors import ChatError
from webapp.followers import PAUSE_S, Follower, delta, ended, reasoning_delta
from webapp.views.socket_guard import GuardedSocket, text_frame

MOST_PAUSE_S = 0.25
LATE_FACTOR = 2  # 50 ms late: a pause of 100 ms, so that a core at its limit sends half as many deltas or fewer
MOST_WAITING = 1000  # announcements a client may leave unread; it is better off reading the history afresh
MOST_WAITING_BYTES = 8 * 1024 * 1024
MOST_FOLLOWED = 100
GO_AWAY = 1012  # service restart: the client connects again, elsewhere
OVERLOADED = 1013
GOODBYE_S = 0.5


class _Followed:
    __slots__ = ("dirty", "dirty_since_s", "follower", "not_before_s")

    def __init__(self) -> None:
        self.dirty = True
        self.dirty_since_s = 0.0
        self.not_before_s = 0.0
        self.follower: Follower | None = None


class Connection:
    """A visitor's socket. `send`, `announce` and `follow` never block; the writer alone waits for the client."""

    def __init__(self, ws: Server, sock: GuardedSocket) -> None:
        """`sock` is the socket that `ws` was given, for frames that need not pass through the library."""
        self._ws, self._sock = ws, sock
        sock.backlog = lambda: len(ws.input_buffer)
        # The library may tell its end before it is true and never again; it closes the socket last of all.
        sock.on_close = ws.event.set
        ws.event.set()
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._followed: dict[str, _Followed] = {}
        self._work = threading.Event()
        self._lock = threading.Lock()
        self._writing = False
        self._close_with: tuple[int, str] | None = None
        self.closed = False

    # --- called by the reader ------------------------------------------------------------------------------------

    def receive(self, timeout_s: float | None = None) -> str | bytes | None:
        """The next message of the client; None after `timeout_s`. Raises `ConnectionClosed`."""
        message: str | bytes | None = self._ws.receive(timeout=timeout_s)
        return message

    def send(self, frame: frames.ServerFrame) -> None:
        """Send a frame some time soon, before any delta that is not out yet."""
        self.announce(frames.serialise(frame))

    def follow(self, answer_id: str, open_follower: Callable[[Callable[[], None]], Follower]) -> None:
        """Send an answer's text as it grows. `open_follower` gets the wake-up call; what it raises is passed on."""
        self.unfollow(answer_id)
        followed = _Followed()

        def wake() -> None:
            # Ten thousand times a second: nothing is left to do when the writer knows already.
            if not followed.dirty:
                followed.dirty_since_s = time.monotonic()
                followed.dirty = True
                self._work.set()

        followed.follower = open_follower(wake)
        self._followed[answer_id] = followed
        self._wake_writer()

    def unfollow(self, answer_id: str) -> None:
        """Send no more of an answer."""
        followed = self._followed.pop(answer_id, None)
        if followed is not None and followed.follower is not None:
            followed.follower.close()

    @property
    def following(self) -> int:
        """How many answers this connection follows."""
        return len(self._followed)

    def release(self) -> None:
        """The connection is over: end everything that was done for it."""
        self.closed = True
        for answer_id in tuple(self._followed):
            self.unfollow(answer_id)
        self._work.set()

    def wait_for_reader(self) -> None:
        """Wait a moment until the library has read the client's close; closing over unread bytes is a reset."""
        self._ws.thread.join(GOODBYE_S)

    def cut(self) -> None:
        """End it without a word, as the last step."""
        self._sock.shutdown()

    # --- called by anybody ---------------------------------------------------------------------------------------

    def announce(self, frame: bytes) -> None:
        """Send a serialised frame some time soon. A client that leaves too many unread is sent away."""
        if self._close_with is not None:
            return
        size = self._waiting_bytes + len(frame)
        if len(self._waiting) >= MOST_WAITING or (self._waiting and size > MOST_WAITING_BYTES):
            self.close(OVERLOADED, "Too far behind.")
            return
        self._waiting.append(frame)
        self._waiting_bytes = size
        self._wake_writer()

    def go_away(self) -> None:
        """Close, so that the client connects to another server process."""
        self.close(GO_AWAY, "The server is restarting.")

    def close(self, code: int, reason: str) -> None:
        """Close after what is waiting was sent."""
        self._close_with = self._close_with or (code, reason)
        self._wake_writer()

    # --- the writer ----------------------------------------------------------------------------------------------

    def _wake_writer(self) -> None:
        self._work.set()
        with self._lock:
            if self._writing or self.closed:
                return
            self._writing = True
        threading.Thread(target=self._write, daemon=True).start()

    def _write(self) -> None:
        orderly = False
        try:
            while self._write_what_is_due():
                pass
            orderly = True
        except (OSError, ConnectionClosed):
            pass
        finally:  # whatever it was: without its writer a connection is better closed, and the reader ends it
            if not orderly:
                self._sock.shutdown()

    def _write_what_is_due(self) -> bool:
        """Send what can be sent now and wait for more; False when there is nothing to wait for."""
        self._work.clear()
        while self._waiting:
            frame = self._waiting.popleft()
            self._waiting_bytes -= len(frame)
            self._sock.send(text_frame(frame))
        if self._close_with is not None:
            self._say_goodbye(*self._close_with)
            return False
        pause_s = self._send_deltas()
        with self._lock:
            if self.closed or (not self._followed and not self._waiting and self._close_with is None):
                self._writing = False
                return False
        self._work.wait(pause_s)
        return True

    def _say_goodbye(self, code: int, reason: str) -> None:
        """Send the close frame and give the client a moment to answer, or an early cut could swallow it."""
        self._ws.close(code, reason)
        self.wait_for_reader()
        self._sock.shutdown()

    def _send_deltas(self) -> float | None:
        """Send every followed answer's growth that is due; the seconds until the next is due, None: when woken."""
        next_s: float | None = None
        now_s = time.monotonic()
        for answer_id, followed in tuple(self._followed.items()):
            if not followed.dirty or followed.follower is None:
                continue
            if followed.not_before_s > now_s:
                wait_s = followed.not_before_s - now_s
                next_s = wait_s if next_s is None else min(next_s, wait_s)
                continue
            if self._send_piece(answer_id, followed, followed.follower):
                next_s = 0.0
        return next_s

    def _send_piece(self, answer_id: str, followed: _Followed, follower: Follower) -> bool:
        """Send one piece; True when there is more already."""
        followed.dirty = False
        try:
            piece = follower.take()
        except ChatError as problem:
            self.unfollow(answer_id)
            self._sock.send(text_frame(frames.serialise(frames.error(problem, answer=answer_id))))
            return False
        if piece.reasoning is not None:
            self._sock.send(text_frame(frames.serialise(reasoning_delta(answer_id, piece.reasoning))))
        if piece.text:
            self._sock.send(text_frame(frames.serialise(delta(answer_id, piece))))
        if piece.text or piece.reasoning is not None:
            followed.not_before_s = 0.0 if piece.more else self._pause_until_s(followed)
        if piece.ending is not None:
            if self._followed.get(answer_id) is followed:
                self.unfollow(answer_id)
            self._sock.send(text_frame(frames.serialise(ended(answer_id, piece, piece.ending))))
        elif piece.more:
            followed.dirty = True
        return piece.more

    @staticmethod
    def _pause_until_s(followed: _Followed) -> float:
        """When the next delta may go. A busy server is late; it then sends fewer and catches up."""
        now_s = time.monotonic()
        due_s = max(followed.dirty_since_s, followed.not_before_s)
        late_s = now_s - due_s if followed.not_before_s else 0.0  # the first delta waits for the upstream, not for us
        return now_s + min(MOST_PAUSE_S, max(PAUSE_S, LATE_FACTOR * late_s))
