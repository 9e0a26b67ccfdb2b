"""Notices a client that leaves while there is nothing to write to it: only writing would tell otherwise."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any, Self

LOOK_EVERY_S = 0.5


def client_socket(environ: Mapping[str, Any]) -> socket.socket | None:
    """The connection of a request, from what gunicorn or werkzeug say beside WSGI."""
    return environ.get("gunicorn.socket") or environ.get("werkzeug.socket")


class Departure:
    """Inside the `with` block `left` is called, from another thread, when the client closes its connection."""

    def __init__(self, connection: socket.socket | None, left: Callable[[], None]) -> None:
        """`connection` is only looked at, never read; None is never left."""
        self._connection, self._left = connection, left
        self._over = threading.Event()

    def __enter__(self) -> Self:
        if self._connection is not None:
            threading.Thread(target=self._watch, args=(self._connection,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def _watch(self, connection: socket.socket) -> None:
        # Looked at now and then, not waited for: gevent would wait on a number that may be another connection's by
        # the time it wakes. And not with `select`, which knows a thousand connections at most.
        look = select.poll()
        try:
            look.register(connection, select.POLLIN)
            while not self._over.wait(LOOK_EVERY_S):
                if look.poll(1):
                    if not connection.recv(1, socket.MSG_PEEK):
                        self._left()
                    return
        except ConnectionError:
            self._left()
        except (OSError, ValueError):  # the server closed it meanwhile, or it is encrypted and cannot be looked at
            return
