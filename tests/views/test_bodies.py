"""Bodies that come slowly end in time, and only so many large ones are on their way from one address at once."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from tests.parley_server import ParleyServer, Visitor
from webapp.errors import LimitReached
from webapp.limits import BODIES_AT_ONCE, Limits


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A server that waits a second for a body, and as long again for each 50 kB of it."""
    with ParleyServer(tmp_path_factory.mktemp("hasty"), write_timeout_s=1) as running:
        yield running


@pytest.mark.parametrize("path", ["/api/ask", "/api/attachments?name=a", "/api/generate", "/api/auth"])
def test_a_body_that_dribbles_in_is_ended(path: str, hasty: ParleyServer) -> None:
    cookie = Visitor(hasty).cookie
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Length: 2000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", hasty.port), timeout=10) as slow:
        slow.sendall(head.encode())
        begun_s, reply = time.monotonic(), b""
        while time.monotonic() - begun_s < 6 and not reply:
            try:
                slow.sendall(b" ")  # each byte within the bound of a single read
                slow.settimeout(0.3)
                reply = slow.recv(4096)
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                break
    assert time.monotonic() - begun_s < 5
    assert not reply or b" 408 " in reply.split(b"\r\n")[0]
    assert "Traceback" not in hasty.log()


def test_only_so_many_large_bodies_come_from_one_address_at_once() -> None:
    limits = Limits(asks_per_minute=1)
    bodies = [limits.receiving("192.0.2.1") for _ in range(BODIES_AT_ONCE)]
    for body in bodies:
        body.__enter__()
    with pytest.raises(LimitReached), limits.receiving("192.0.2.1"):
        pass
    with limits.receiving("192.0.2.2"):
        pass
    bodies[0].__exit__(None, None, None)
    with limits.receiving("192.0.2.1"):
        pass
