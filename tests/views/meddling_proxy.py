"""A proxy of the kind that breaks embeds: real sockets, plain http, and it changes what passes through it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable

HEAD_END = b"\r\n\r\n"
Lines = list[str]


class MeddlingProxy:
    """`with MeddlingProxy() as proxy:` forwards from `proxy.port` to `proxy.target`; one request a connection."""

    def __init__(self) -> None:
        self.target = 0
        self.adds: Lines = []
        self.changes_request: Callable[[Lines], Lines] = lambda lines: lines
        self.changes_answer: Callable[[Lines], Lines] = lambda lines: lines
        self.answers: bytes | None = None
        """What it says itself, whatever it is asked."""
        self.dribble_s = 0.0
        """How long it takes for each byte of its own answer."""
        self.paths: Lines = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=32)
        self.port = int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> MeddlingProxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def mend(self) -> None:
        """Change nothing from now on."""
        self.adds, self.answers, self.dribble_s, self.paths = [], None, 0.0, []
        self.changes_request = self.changes_answer = lambda lines: lines

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            asked, rest = _head(client)
            self.paths.append(asked[0].split()[1])
            if self.answers is not None:
                for byte in self.answers:
                    client.sendall(bytes([byte]))
                    time.sleep(self.dribble_s)
                return
            with socket.create_connection(("127.0.0.1", self.target)) as server:
                server.sendall(_joined(self.changes_request(asked)) + rest)
                answered, rest = _head(server)
                client.sendall(_joined([*self.changes_answer(answered), *self.adds]) + rest)
                threading.Thread(target=_pour, args=(client, server), daemon=True).start()
                _pour(server, client)


def without(name: str) -> Callable[[Lines], Lines]:
    """Takes a header away."""
    return lambda lines: [line for line in lines if not line.lower().startswith(f"{name.lower()}:")]


def replacing(old: str, new: str) -> Callable[[Lines], Lines]:
    """Writes something else into every line."""
    return lambda lines: [line.replace(old, new) for line in lines]


def _head(sock: socket.socket) -> tuple[Lines, bytes]:
    data = b""
    while HEAD_END not in data:
        more = sock.recv(65536)
        if not more:
            raise ConnectionResetError
        data += more
    head, _, rest = data.partition(HEAD_END)
    return head.decode("latin-1").split("\r\n"), rest


def _joined(lines: Lines) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _pour(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
