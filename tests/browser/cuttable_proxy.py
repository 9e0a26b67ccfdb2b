"""A network between browser and server that can be cut, frozen or hostile to WebSockets: plain TCP, real sockets."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading


class CuttableProxy:
    """Forwards connections from its own port to the server's. Use it as a context manager."""

    def __init__(self, target_port: int) -> None:
        """Listens on a free port of loopback."""
        self._target = ("127.0.0.1", target_port)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        self._open = True
        self._flowing = threading.Event()
        self._flowing.set()
        self.cut_off = False
        self.blocks_websockets = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The address to open in the browser."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> CuttableProxy:
        return self

    def __exit__(self, *_: object) -> None:
        self._open = False
        self._flowing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._drop_all()

    def cut(self) -> None:
        """Reset every connection and every new one, until `mend`."""
        self.cut_off = True
        self._drop_all()

    def freeze(self) -> None:
        """Let no byte through and say nothing, as a phone in a tunnel does, until `mend`."""
        self._flowing.clear()

    def mend(self) -> None:
        """Let everything through again."""
        self.cut_off = False
        self._flowing.set()

    def drop_websockets(self) -> None:
        """Reset the open connections; new WebSockets are refused from now on, plain HTTP is not."""
        self.blocks_websockets = True
        self._drop_all()

    def _drop_all(self) -> None:
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for side in pair:
                with contextlib.suppress(OSError):
                    side.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while self._open:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            if self.cut_off:
                return
            with contextlib.suppress(OSError):
                first = client.recv(65536)
                if not first or (self.blocks_websockets and first.startswith(b"GET /ws")):
                    return
                with socket.create_connection(self._target) as server:
                    server.sendall(first)
                    with self._lock:
                        self._pairs.append((client, server))
                    self._forward(client, server)

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        other = {client: server, server: client}
        with selectors.DefaultSelector() as selector:
            for side in other:
                selector.register(side, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    side = key.fileobj
                    assert isinstance(side, socket.socket)
                    self._flowing.wait()
                    data = side.recv(65536)
                    if not data:
                        return
                    if self.blocks_websockets and data.startswith(b"GET /ws"):
                        return
                    other[side].sendall(data)
