"""One open WebSocket: frames in, frames out. Everything goes out through one writer, which runs while it has work."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from simple_websocket import ConnectionClosed, Server

from webapp import frames
from webapp.broadcasts import Cut
from webapp.errors import ChatError
from webapp.followers import Follower, framed
from webapp.views.followed import Followed, socket_frames
from webapp.views.socket_guard import GuardedSocket, text_frame

MOST_WAITING = 1000  # announcements a client may leave unread; it is better off reading the history afresh
MOST_WAITING_BYTES = 8 * 1024 * 1024
MOST_FOLLOWED = 100
GO_AWAY = 1012  # service restart: the client connects again, elsewhere
OVERLOADED = 1013
POLICY_VIOLATION = 1008
GOODBYE_S = 0.5
SHOWN_OUT_S = 1.0  # for the goodbye; a client that reads nothing does not hear it


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
        self._followed: dict[str, Followed] = {}
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

    def follow(self, answer_id: str, open_follower: Callable[[Followed], Follower], *, served: bool = False) -> None:
        """Send an answer's text as it grows. `open_follower` gets what to wake; what it raises is passed on.

        With `served` it is the seat in a broadcast, too.
        """
        self.unfollow(answer_id)
        followed = Followed(self, served=served)
        followed.follower = follower = open_follower(followed)
        self._followed[answer_id] = followed
        if not served:
            self.wake(anew=True)
            return
        followed.dirty = False
        if follower.has_more():
            followed.wake()

    def unfollow(self, answer_id: str) -> None:
        """Send no more of an answer."""
        followed = self._followed.pop(answer_id, None)
        if followed is not None and followed.follower is not None:
            followed.follower.close()

    @property
    def following(self) -> int:
        """How many answers this connection follows."""
        return len(self._followed)

    @property
    def leaving(self) -> bool:
        """Whether it was told to close, so that nothing more may be done for whoever is at its other end."""
        return self._close_with is not None

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
        with self._lock:
            sent = self._is_idle and self._send_now(text_frame(frame))
        if sent:
            self._finish_sending()
            return
        size = self._waiting_bytes + len(frame)
        if len(self._waiting) >= MOST_WAITING or (self._waiting and size > MOST_WAITING_BYTES):
            self.close(OVERLOADED, "Too far behind.")
            return
        self._waiting.append(frame)
        self._waiting_bytes = size
        self.wake(anew=True)

    def give(self, followed: Followed, follower: Follower, cut: Cut) -> bool:
        """Hand a cut to the client at once and move the follower on; False when something else is on its way."""
        with self._lock:
            if not (self._is_idle and self._send_now(cut.made_by(socket_frames))):
                return False
            follower.offset, follower.reasoning_offset = cut.end
            followed.dirty = False
        if cut.piece.ending is not None and self._followed.get(cut.answer_id) is followed:
            self.unfollow(cut.answer_id)
        self._finish_sending()
        return True

    def _finish_sending(self) -> None:
        """Leave to the writer what the client did not take at once."""
        if self._sock.has_rest:
            self.wake(anew=True)

    @property
    def _is_idle(self) -> bool:
        """Whether nothing is on its way to the client, so that its writer is not needed for what comes."""
        return not (self._writing or self._waiting or self.closed or self._close_with)

    def _send_now(self, data: bytes) -> bool:
        """Send what the client takes at once, without the writer; the caller holds the lock."""
        try:
            return self._sock.send_now(data)
        except OSError:  # the library's thread notices, too, and ends the connection
            self.closed = True
            return False

    def wake(self, *, anew: bool) -> None:
        """Let the writer look for work; `anew` starts it when it has ended."""
        self._work.set()
        if not anew:
            return
        with self._lock:
            if self._writing or self.closed:
                return
            self._writing = True
        threading.Thread(target=self._write, daemon=True).start()

    def go_away(self) -> None:
        """Close, so that the client connects to another server process."""
        self.close(GO_AWAY, "The server is restarting.")

    def dismiss(self, frame: bytes) -> None:
        """Send a serialised frame as the last thing, nothing that waits before it, and close."""
        for answer_id in tuple(self._followed):
            self.unfollow(answer_id)
        self._waiting.clear()
        self._waiting_bytes = 0
        self.announce(frame)
        self.close(POLICY_VIOLATION, "This is not for you any more.")

    def close(self, code: int, reason: str) -> None:
        """Close after what is waiting was sent."""
        self._close_with = self._close_with or (code, reason)
        self.wake(anew=True)

    def show_out(self, code: int, reason: str) -> None:
        """Close, and end it a moment later, whether the client heard that or not."""
        self.close(code, reason)
        timer = threading.Timer(SHOWN_OUT_S, self.cut)
        timer.daemon = True
        timer.start()

    # --- the writer ----------------------------------------------------------------------------------------------

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
        if self._sock.has_rest:
            self._sock.send(b"")
        while self._waiting:
            frame = self._waiting.popleft()
            self._waiting_bytes -= len(frame)
            self._sock.send(text_frame(frame))
        if self._close_with is not None:
            self._say_goodbye(*self._close_with)
            return False
        pause_s = self._send_deltas()
        with self._lock:
            to_write = (
                self._waiting or self._close_with or any(followed.needs_writer for followed in self._followed.values())
            )
            if self.closed or not to_write:
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

    def _send_piece(self, answer_id: str, followed: Followed, follower: Follower) -> bool:
        """Send one piece; True when there is more already."""
        followed.dirty = False
        try:
            piece = follower.take()
        except ChatError as problem:
            self.unfollow(answer_id)
            self._sock.send(text_frame(frames.serialise(frames.error(problem, answer=answer_id))))
            return False
        if piece.ending is not None and self._followed.get(answer_id) is followed:
            self.unfollow(answer_id)
        for frame in framed(answer_id, piece):
            self._sock.send(text_frame(frames.serialise(frame)))
        if piece.text or piece.reasoning is not None:
            followed.not_before_s = 0.0 if piece.more else followed.pause_until_s()
        if piece.more:
            followed.dirty = True
        return piece.more
