"""A real HTTP proxy, the public program proxy.py, as a process of its own; and TLS in front of a scripted server."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

START_S = 20.0
CERTIFICATE = Path(__file__).with_name("loopback.pem")


class RealProxy:
    """`with RealProxy(folder) as proxy:` listens on `proxy.port`; `log()` tells what it carried."""

    def __init__(self, folder: Path, basic_auth: str | None = None) -> None:
        """`basic_auth` is `user:password`."""
        self._folder = folder
        self._basic_auth = ["--basic-auth", basic_auth] if basic_auth else []
        self.port = 0

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        port_file, self._log_path = self._folder / "port", self._folder / "log"
        command = [sys.executable, "-m", "proxy", "--hostname", "127.0.0.1", "--port", "0", "--port-file", port_file]
        command += [
            "--num-acceptors",
            "1",
            "--num-workers",
            "1",
            "--data-dir",
            self._folder / "data",
            *self._basic_auth,
        ]
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + START_S
        while not (port_file.exists() and port_file.read_text().strip()):
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < deadline, "proxy.py did not start"
            time.sleep(0.02)
        self.port = int(port_file.read_text())
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        finally:
            self._process.kill()
            self._process.wait()

    def log(self) -> str:
        """Everything it printed so far."""
        return self._log_path.read_text(errors="replace")

    def wait_for_log(self, words: str) -> None:
        """It writes a line when a connection is over, which may be after the answer."""
        deadline = time.monotonic() + 10
        while words not in self.log():
            assert time.monotonic() < deadline, f"{words!r} is not in the proxy's log:\n{self.log()}"
            time.sleep(0.02)


class TLSFront:
    """Takes TLS off in front of a plain port of 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self._behind = port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(CERTIFICATE)
        self._started = threading.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self.url = ""

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    async def _run(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_exception_handler(lambda *_: None)  # a client that trusts nobody is no news
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)
        self.url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._started.set()
        await self._over.wait()
        server.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.sleep(0.01)  # the loop needs a turn for it

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reader_behind, writer_behind = await asyncio.open_connection("127.0.0.1", self._behind)
        self._writers |= {writer, writer_behind}
        await asyncio.gather(_carry(reader, writer_behind), _carry(reader_behind, writer))


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # Whoever hung up has heard enough.
    finally:
        writer.close()
