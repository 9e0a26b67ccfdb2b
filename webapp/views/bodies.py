"""Bodies of requests: received whole, within a time and a size, so that nobody's slow sending holds memory for long.

The bound on every single read (`security.bound_waits`) is not enough: a body that comes byte by byte would pass it for
ever.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from flask import request

from webapp.settings import is_loopback
from webapp.views.parts import services

SLOWEST_BYTES_PER_S = 50_000  # of a telephone in a tunnel
LARGE_BYTES = 256_000
MOST_FORM_BYTES = 16_000


def whole_body(most_bytes: int) -> bytes:
    """The body of this request. Raises `LimitReached` when too many large ones are on their way from its address."""
    request.max_content_length = most_bytes
    size = most_bytes if request.content_length is None else request.content_length
    address = request.remote_addr or ""
    # What comes from this machine comes at once, and it may be our own chat that asks its gateway.
    if size <= LARGE_BYTES or is_loopback(address):
        return _in_time(size)
    with services().limits.receiving(address):
        return _in_time(size)


def whole_form() -> None:
    """Have the few fields of a form here, before anything of it is looked at. Raises as `whole_body` does."""
    whole_body(MOST_FORM_BYTES)


def _in_time(size: int) -> bytes:
    sock: socket.socket | None = request.environ.get("gunicorn.socket")
    if sock is None:  # other servers have bounds of their own
        return request.get_data()
    patience_s = services().settings.write_timeout_s + size / SLOWEST_BYTES_PER_S
    timer = threading.Timer(patience_s, _hang_up, [sock])
    timer.daemon = True
    timer.start()
    try:
        return request.get_data()
    finally:
        timer.cancel()


def _hang_up(sock: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        sock.shutdown(socket.SHUT_RD)
