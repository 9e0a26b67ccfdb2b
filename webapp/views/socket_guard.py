"""What stands between simple-websocket and the network: whole frames, one writer, bounded waits.

Under gevent `socket.send` may write a part of what it is given, and simple-websocket calls it once per frame
(simple-websocket issue 45): a client that stalls would find its stream broken. simple-websocket also answers pings
from a second thread on the same socket. So it gets this object instead of the socket.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

MOST_UNANSWERED = 20
PING = b"\x89\x00"
TEXT_FINAL = 0x81


class GuardedSocket:
    """A socket whose `send` writes everything or closes the connection, and whose silence is noticed."""

    def __init__(self, sock: socket.socket, timeout_s: float) -> None:
        """`timeout_s`: longest wait for the client to take a byte, and for a sign of life before and after a ping."""
        sock.settimeout(timeout_s)
        self._sock = sock
        self._lock = threading.Lock()
        self.backlog: Callable[[], int] = lambda: 0
        """How many messages were read and not answered yet; reading pauses while there are many."""
        self.on_close: Callable[[], None] = lambda: None
        """Called when the library has closed the socket."""
        self._rest = b""  # of what was taken without waiting: nothing else may be written before it
        self._cut = False

    @property
    def has_rest(self) -> bool:
        """Whether `send_now` took something that is not all out; the next `send` writes it first."""
        return bool(self._rest)

    def send_now(self, data: bytes) -> bool:
        """Take `data` if the client takes at least a part of it at once; False when it would have to wait.

        Raises `OSError` when the connection is over.
        """
        if not self._lock.acquire(blocking=False):
            return False
        try:
            if self._rest or self._cut:
                return False
            # The socket has a timeout, so its descriptor never blocks; `sock.send` would wait for that timeout.
            written = os.write(self._sock.fileno(), data)
            self._rest = data[written:]
            return True
        except BlockingIOError:
            return False
        except OSError:
            self.shutdown()
            raise
        finally:
            self._lock.release()

    def send(self, data: bytes) -> int:
        """Write all of `data`. Raises `OSError` when the client takes nothing for `timeout_s`; it is cut off then."""
        with self._lock:
            view = memoryview(self._rest + data if self._rest else data)
            self._rest = b""
            try:
                while view:
                    view = view[self._sock.send(view) :]
            except OSError:
                self.shutdown()  # a part of a frame may be out: nothing sensible can follow it
                raise
        return len(data)

    def recv(self, size: int) -> bytes:
        """Read up to `size` bytes. Pings a client that is silent for `timeout_s`; twice silent counts as gone."""
        # A client that sends without a pause would keep this loop reading and nobody else would get a turn.
        time.sleep(0)
        while self.backlog() > MOST_UNANSWERED and not self._cut:
            time.sleep(0.01)
        pinged = False
        while True:
            try:
                return self._sock.recv(size)
            except TimeoutError:
                if pinged:
                    self.shutdown()
                    raise
                pinged = True
                self.send(PING)

    def shutdown(self) -> None:
        """Cut the connection and wake whoever reads from it or writes to it."""
        self._cut = True
        with suppress(OSError):  # it is cut already
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the socket back to the system."""
        self._cut = True
        self._sock.close()
        self.on_close()


def text_frame(payload: bytes) -> bytes:
    """One whole, unmasked text frame (RFC 6455, section 5.2), as a server sends it."""
    size = len(payload)
    if size < 126:
        return bytes((TEXT_FINAL, size)) + payload
    if size < 65536:
        return bytes((TEXT_FINAL, 126)) + size.to_bytes(2, "big") + payload
    return bytes((TEXT_FINAL, 127)) + size.to_bytes(8, "big") + payload
