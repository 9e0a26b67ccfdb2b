"""A question with pictures is large, and a line may be slow: sending may take long as long as it goes on."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.providers.conftest import HELLO, Twin
from tests.scripted_server import ScriptedServer, whole
from webapp.errors import UpstreamRefused, UpstreamTimeout
from webapp.messages import ChatMessage
from webapp.providers import GPROChat
from webapp.providers.base import StopSignal

# More than the sockets on the way hold.
LARGE: list[ChatMessage] = [{"role": "user", "content": "a" * 10_000_000}]


@pytest.fixture
def slow() -> Iterator[ScriptedServer]:
    with ScriptedServer(reads_every_s=0.004) as running:
        yield running


@pytest.fixture
def deaf() -> Iterator[str]:
    """A server that lets everybody in and reads nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_slow_line_takes_the_whole_question(client: Twin, slow: ScriptedServer) -> None:
    slow.play(client.script("got it"))
    asked = client.ask(slow.url, LARGE, connect_timeout_s=0.2, silence_timeout_s=2)
    assert (asked.text, asked.error) == ("got it", None)
    request = slow.requests[-1]
    assert client.sent_text(request.json()) == LARGE[0]["content"]
    assert "transfer-encoding" not in request.headers
    assert request.headers["content-length"] == str(len(request.body))


def test_so_does_a_slow_line_that_was_used_before(slow: ScriptedServer) -> None:
    slow.play([whole(b"got it")])
    for said in (HELLO, LARGE):
        texts = GPROChat.create_completion("", said, base_url=slow.url, connect_timeout_s=0.2, silence_timeout_s=2)
        assert "".join(texts) == "got it"
    assert [request.connection for request in slow.requests] == [1, 1]


def test_a_server_that_takes_nothing_is_silent(client: Twin, deaf: str) -> None:
    asked = client.ask(deaf, LARGE, connect_timeout_s=5, silence_timeout_s=0.3)
    assert type(asked.error) is UpstreamTimeout
    assert "was silent for 0.3 seconds" in asked.error.message
    assert f"{deaf[7:]} took nothing more of the question for 0.3 seconds" in asked.error.advice


def test_the_reply_has_its_own_time_after_a_question_in_pieces(client: Twin, server: ScriptedServer) -> None:
    server.play([0.6, *client.script("late")])
    asked = client.ask(server.url, LARGE, connect_timeout_s=0.2, silence_timeout_s=2)
    assert (asked.text, asked.error) == ("late", None)
    server.play(["hang"])
    asked = client.ask(server.url, LARGE, silence_timeout_s=0.3)
    assert type(asked.error) is UpstreamTimeout
    assert "sent nothing for 0.3 seconds" in asked.error.advice


def test_a_refusal_in_the_middle_of_the_question_is_read(client: Twin) -> None:
    """As a server with a limit to what it takes does it: answers, reads on for a while, and closes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(whole(b'{"error":{"message":"no room"}}', "Connection: close", status="500 x"))
                while connection.recv(65_536):
                    pass

        thread = threading.Thread(target=refuse)
        thread.start()
        asked = client.ask(f"http://127.0.0.1:{listener.getsockname()[1]}", LARGE, silence_timeout_s=5)
        thread.join()
    assert type(asked.error) is UpstreamRefused
    assert "no room" in asked.error.message


def test_a_stop_ends_the_sending(deaf: str) -> None:
    stop = StopSignal()
    texts: list[str] = []
    asking = threading.Thread(
        target=lambda: texts.extend(GPROChat.create_completion("", LARGE, base_url=deaf, stop=stop)), daemon=True
    )
    asking.start()
    threading.Timer(0.3, stop.set).start()
    asking.join(5)
    assert not asking.is_alive()
    assert texts == []


UNDER_GEVENT = """
from gevent import monkey; monkey.patch_all()
import sys, gevent
from webapp.errors import UpstreamTimeout
from webapp.providers import GPROChat
from webapp.providers.base import StopSignal

stop, said = StopSignal(), [{"role": "user", "content": "a" * 10_000_000}]

def ask(**options):
    return list(GPROChat.create_completion("", said, base_url=sys.argv[1], connect_timeout_s=0.2, **options))

asking = gevent.spawn(ask, stop=stop)
gevent.sleep(0.5)
running = not asking.ready()
stop.set()
asking.join(5)
try:
    ask(silence_timeout_s=0.3)
except UpstreamTimeout as error:
    print(running, asking.value, error.advice.partition(" ")[2])
"""


def test_a_stop_and_silence_end_the_sending_under_gevent(deaf: str) -> None:
    command = [sys.executable, "-c", UNDER_GEVENT, deaf]
    root = Path(__file__).parents[2]
    ran = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True, timeout=30)
    assert (ran.stdout, ran.stderr) == ("True [] took nothing more of the question for 0.3 seconds.\n", "")
