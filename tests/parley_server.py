"""Starts the real thing for tests: gunicorn with its gevent worker, on a free port, with a data folder of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from contextlib import suppress
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import websocket

ROOT = Path(__file__).resolve().parent.parent
START_S = 20.0


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ParleyServer:
    """One server process group. Use it as a context manager; `kill` and `start` again to play a crash."""

    def __init__(self, data_dir: Path, **settings: object) -> None:
        """`settings` are names of the settings table in lower case."""
        self.port = int(str(settings.pop("port", 0))) or free_port()
        self.data_dir = data_dir
        self.settings = {name.upper(): str(value) for name, value in settings.items()}
        self.log_path = data_dir / "server.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> ParleyServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.terminate()

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        passed = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environ = {
            **passed,
            "PORT": str(self.port),
            "DATA_DIR": str(self.data_dir),
            "PYTHONUNBUFFERED": "1",
            "ASKS_PER_MINUTE_PER_ADDRESS": "1000000",  # all visitors of a test come from one address
            "FIND_LOCAL_UPSTREAMS": "no",  # what else runs on this machine is nothing to a test
            **self.settings,
        }
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "webapp", "serve"],
                cwd=ROOT,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_S
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):
                    return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    self.kill()
                    raise AssertionError(f"the server did not start:\n{self.log()}") from None
                time.sleep(0.02)

    def kill(self) -> None:
        """End all of its processes at once, as a power cut would."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def terminate(self, timeout_s: float = 40) -> None:
        """End it in good order, and whatever is left of it the hard way."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout_s)
        finally:
            self.kill()

    def worker_pid(self) -> int:
        """The process id of its one worker."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        if children.exists():
            return int(children.read_text().split()[0])
        listing = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=True)
        return int(listing.stdout.split()[0])

    def log(self) -> str:
        """Everything it printed so far."""
        return self.log_path.read_text(errors="replace")


class Visitor:
    """A visitor without a browser: a cookie, the HTTP API and WebSockets."""

    def __init__(self, server: ParleyServer) -> None:
        """Opens the page once, for the cookie."""
        self.server = server
        with urllib.request.urlopen(f"{server.url}/", timeout=10) as response:
            jar = SimpleCookie(response.headers["Set-Cookie"])
        self.cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())

    def request(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """One API call; returns the status and the JSON, errors too."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.server.url}{path}", data, {"Cookie": self.cookie, **(headers or {})})
        request.method = method
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                text = response.read()
                return response.status, json.loads(text) if text else None
        except urllib.error.HTTPError as problem:
            with problem:
                return problem.code, json.loads(problem.read())

    def get(self, path: str) -> Any:
        """The JSON at a path; anything but 200 is an error."""
        status, body = self.request("GET", path)
        assert status == 200, body
        return body

    def ask(self, text: str = "hello", **fields: object) -> Any:
        """Ask over HTTP."""
        status, body = self.request("POST", "/api/ask", {"id": str(uuid.uuid4()), "text": text, **fields})
        assert status == 201, body
        return body

    def answer(self, answer_id: str) -> Any:
        """An answer as it stands."""
        return self.get(f"/api/answers/{answer_id}")["answer"]

    def wait_for(self, answer_id: str, timeout_s: float = 30) -> Any:
        """An answer once it has ended."""
        deadline = time.monotonic() + timeout_s
        while True:
            answer = self.answer(answer_id)
            if answer["status"] != "running":
                return answer
            assert time.monotonic() < deadline, "the answer did not end"
            time.sleep(0.02)

    def socket(self, *, hello: bool = True, timeout_s: float = 20, **options: Any) -> SocketClient:
        """An open WebSocket of this visitor."""
        return SocketClient(self, hello=hello, timeout_s=timeout_s, **options)


class SocketClient:
    """A WebSocket client that speaks in frames."""

    def __init__(self, visitor: Visitor, *, hello: bool, timeout_s: float, **options: Any) -> None:
        """Connects; with `hello` also exchanges hellos. `options` go to `websocket.create_connection`."""
        url = visitor.server.url
        options.setdefault("origin", url)
        self.ws = websocket.create_connection(
            url.replace("http", "ws") + "/ws", timeout=timeout_s, cookie=visitor.cookie, **options
        )
        self.hello: Any = None
        if hello:
            self.send({"type": "hello", "v": 1})
            self.hello = self.receive()
            assert self.hello["type"] == "hello", self.hello

    def __enter__(self) -> SocketClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.ws.close()
        self.ws.shutdown()  # `close` leaves the socket open when the server was the first to close

    def send(self, frame: object) -> None:
        """Send one frame."""
        self.ws.send(json.dumps(frame))

    def receive(self) -> Any:
        """The next frame; raises `websocket.WebSocketConnectionClosedException` at the end."""
        text = self.ws.recv()
        if not text:
            raise websocket.WebSocketConnectionClosedException("closed")
        return json.loads(text)

    def receive_until(self, kind: str, **fields: object) -> Any:
        """The next frame of a type whose fields are as given; others are passed over."""
        while True:
            frame = self.receive()
            if frame["type"] == kind and all(frame.get(name) == value for name, value in fields.items()):
                return frame

    def ask(self, text: str = "hello", **fields: object) -> Any:
        """Ask, and return the `started` frame."""
        ask_id = str(fields.pop("id", uuid.uuid4()))
        self.send({"type": "ask", "id": ask_id, "text": text, **fields})
        while True:
            frame = self.receive()
            if frame["type"] in {"started", "error"} and frame.get("id") == ask_id:
                return frame

    def read_answer(self, answer_id: str, text: str = "", offset: int = 0) -> tuple[str, Any]:
        """Read deltas until the answer ended; checks that offsets are without gap and overlap."""
        while True:
            frame = self.receive()
            if frame.get("answer") != answer_id:
                continue
            if frame["type"] == "delta":
                assert frame["offset"] == offset, (frame["offset"], offset)
                text, offset = text + frame["text"], frame["next"]
                assert offset == len(text.encode())
            elif frame["type"] == "ended":
                assert frame["next"] == offset
                return text, frame
