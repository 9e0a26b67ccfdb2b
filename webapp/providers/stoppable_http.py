"""HTTP over requests whose connection can be shut from outside at any moment, in threads and under gevent.

`response.raw.shutdown()` of urllib3 works only once the headers have come, and a stop is wanted most while an
upstream is still silent. So each connection knows the call it serves, and each call the connection that
serves it.
"""

from __future__ import annotations

import http.client
import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, Self

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssltransport import SSLTransport

from webapp.providers.base import StopSignal
from webapp.providers.silence import SilenceWatch

# Beyond this many idle connections to one upstream the rest are closed after use; in use there may be any
# number.
IDLE_CONNECTIONS = 1000
# A question is sent in pieces of this size, and each may take as long as the upstream may be silent: a picture
# takes a slow line longer than connecting ever may.
PIECE_BYTES = 65_536
# Under gevent a read whose data is there already gives nobody else a turn, and an upstream that sends faster than we
# read would have the whole process to itself. After so long others get theirs; a read that took `WAITED_S` has waited.
# The turn has to be longer than nothing: gevent looks at timers and sockets only after fifty sleeps of 0 seconds.
MOST_BUSY_S, WAITED_S, TURN_S = 0.005, 0.0002, 0.000_01


class Line:
    """The socket of one connection and the call it serves now."""

    def __init__(self) -> None:
        # A call that just ended may still be told to stop while the connection already serves the next one.
        self._lock = threading.Lock()
        self._call: StoppableCall | None = None
        self._socket: socket.socket | None = None

    def serve(self, call: StoppableCall, sock: Any) -> None:
        """From now on `call` owns the socket."""
        with self._lock:
            self._call = call
            # TLS inside TLS (an https proxy) is no socket itself.
            self._socket = sock.socket if isinstance(sock, SSLTransport) else sock

    def wait_at_most(self, call: StoppableCall, seconds: float | None) -> None:
        """Reads on this connection wait for `seconds`, or (None) for as long as it takes."""
        with self._lock:
            if self._call is not call or self._socket is None:
                return
            with suppress(OSError):  # closed already, as after a reply that had its length
                self._socket.settimeout(seconds)

    def shut(self, call: StoppableCall) -> None:
        """End both directions if the socket still serves `call`: a blocked reader wakes at once."""
        with self._lock:
            if self._call is not call or self._socket is None:
                return
            with suppress(OSError):  # closed already, which is all that is wanted
                # The plain socket's method: SSLSocket.shutdown() first takes TLS off, so that for a moment
                # another thread could write in the clear.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class StoppableCall:
    """One use of the adapter: `with StoppableCall(stop) as call:` and inside, `call.send(…)`.

    Setting the signal shuts the connection the call is using, and ends `rest` at once.
    """

    def __init__(self, stop: StopSignal | None, silence_s: float) -> None:
        """`silence_s` is how many seconds the upstream may take over a piece of the question, and over each read."""
        self._stop = stop or StopSignal()
        self.silence_s = silence_s
        self._woken = threading.Event()
        self._line: Line | None = None
        self.connected = False
        self.reused_connection = False
        self.heard_s = 0.0
        self.silent = False

    def __enter__(self) -> Self:
        self._stop.on_set(self._wake)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.on_set(None)
        _watch.remove(self)

    def listen(self) -> None:
        """From now on `silent` tells, and every read ends, when `heard_s` is `silence_s` seconds ago."""
        self.wait_at_most(None)
        _watch.add(self)

    def wait_at_most(self, seconds: float | None) -> None:
        """Reads wait for `seconds`, or (None) for as long as it takes: somebody else watches the clock."""
        if self._line is not None:
            self._line.wait_at_most(self, seconds)

    def fell_silent(self) -> None:
        """Nothing was heard for too long: end the read that waits."""
        self.silent = True
        if self._line is not None:
            self._line.shut(self)

    @property
    def stopped(self) -> bool:
        """Whether somebody asked to stop."""
        return self._stop.is_set()

    @property
    def ended(self) -> bool:
        """Whether nothing more is wanted of the upstream."""
        return self.silent or self.stopped

    def rest(self, seconds: float) -> None:
        """Wait `seconds`, or until the stop."""
        self._woken.wait(seconds)

    def take(self, line: Line, sock: Any, *, reused: bool) -> None:
        """The adapter's connection begins to serve this call."""
        line.serve(self, sock)
        self._line, self.connected, self.reused_connection = line, True, reused
        if self.stopped:
            line.shut(self)  # The signal came while there was no socket to shut.

    def _wake(self) -> None:
        self._woken.set()
        if self._line is not None:
            self._line.shut(self)


_watch = SilenceWatch()

# urllib3 makes and picks connections far below the call, in the same thread or greenlet.
_current_call: ContextVar[StoppableCall | None] = ContextVar("current_call", default=None)


def _attach(line: Line, sock: Any, *, reused: bool) -> None:
    call = _current_call.get()
    if call is not None and sock is not None:
        call.take(line, sock, reused=reused)


class _FairReads(io.RawIOBase):
    """What comes from a socket, read so that others have their turn; it owns `raw`, the socket's own reader.

    Here and not around the reading of a body: http.client and urllib3 read on by themselves over endless headers,
    trailers, and compressed data that stands for nothing.
    """

    def __init__(self, sock: Any, raw: io.RawIOBase) -> None:
        self._receive, self._raw = sock.recv_into, raw
        self._call = _current_call.get()
        self._others_turn_s = time.monotonic()

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def readinto(self, buffer: Any) -> int:
        begun_s = time.monotonic()
        count: int = self._receive(buffer)
        now_s = time.monotonic()
        if now_s - begun_s > WAITED_S:
            self._others_turn_s = now_s
        elif now_s - self._others_turn_s > MOST_BUSY_S:
            time.sleep(TURN_S)
            self._others_turn_s = time.monotonic()
            if self._call is not None and self._call.ended:
                return 0  # the socket is shut, and still gives what goes on coming
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_FairReads(sock, self.fp.detach()))


def _pieces(body: bytes) -> Iterator[bytes]:
    """The body, once there is a connection. A socket's timeout is for all that one call sends."""
    call = _current_call.get()
    if call is not None:
        call.wait_at_most(call.silence_s)  # until now it has had the time for connecting
    for start in range(0, len(body), PIECE_BYTES):
        yield body[start : start + PIECE_BYTES]


class _StoppableConnection(HTTPConnection):
    response_class = _Response

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line, self.used = Line(), False

    def connect(self) -> None:
        self.used = False
        super().connect()
        _attach(self.line, self.sock, reused=False)

    def request(self, method: str, url: str, body: Any = None, *args: Any, **kwargs: Any) -> None:
        # A kept-alive connection does not connect again.
        _attach(self.line, self.sock, reused=self.used)
        super().request(method, url, _pieces(body) if body else None, *args, **kwargs)
        self.used = True


class _StoppableTLSConnection(_StoppableConnection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _StoppableConnection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _StoppableTLSConnection


class StoppableAdapter(HTTPAdapter):
    """A requests adapter whose connections serve the `StoppableCall` given to `send_for`; safe in threads."""

    def __init__(self) -> None:
        super().__init__(pool_maxsize=IDLE_CONNECTIONS, pool_block=False)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
        return manager

    def send_for(self, call: StoppableCall, *args: Any, **kwargs: Any) -> Any:
        """`HTTPAdapter.send` whose connection the call's stop signal shuts."""
        call.connected = False
        token = _current_call.set(call)
        try:
            return self.send(*args, **kwargs)
        finally:
            _current_call.reset(token)
