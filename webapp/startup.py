"""What a server process does before it takes its first request: hold the data folder, recover, greet."""

from __future__ import annotations

import fcntl
import logging
import socket
import time
from pathlib import Path
from typing import IO

from webapp.services import Services, loopback_address
from webapp.views.admin import sign_in_key

log = logging.getLogger(__name__)


class DataFolderInUse(Exception):
    """Another server works with this data folder: both would believe the other's running answers dead."""


def recover(parts: Services) -> IO[str]:
    """Hold the data folder and mark as `interrupted` what a process that died left running.

    The folder is held until the returned file is closed or the process ends. Raises `DataFolderInUse`.
    """
    held = _hold(Path(parts.settings.data_dir), parts.settings.shutdown_grace_s + 5)
    interrupted = parts.history.interrupt_running()
    if interrupted:
        log.warning("%d answers were interrupted when the server stopped; they can be continued", interrupted)
    return held


def _hold(folder: Path, wait_s: float) -> IO[str]:
    """Lock the folder. A server that is about to stop gets `wait_s` seconds to let go of it."""
    file = (folder / "server.lock").open("w")
    deadline_s, said = time.monotonic() + wait_s, False
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            if time.monotonic() > deadline_s:
                file.close()
                raise DataFolderInUse(
                    f"Another Parley server uses {folder}; stop it, or set DATA_DIR to another folder."
                ) from None
        if not said:
            log.warning("another Parley server uses %s; waiting up to %d s for it to stop", folder, wait_s)
            said = True
        time.sleep(0.1)


def greeting(parts: Services) -> str:
    """Where the site is, as lines for the terminal."""
    settings = parts.settings
    own = settings.public_url or loopback_address(settings)
    lines = ["", f"  Parley is at        {own}"]
    network = network_address()
    if network is not None:
        address = f"http://{network}:{settings.port}"
        opened = settings.host in {"0.0.0.0", "::", network}
        lines.append(f"  In your network     {address}" + ("" if opened else "   (after a start with HOST=0.0.0.0)"))
    lines += [f"  Sign in as owner    {own}/admin/enter/{sign_in_key(parts.secret_key)}", ""]
    return "\n".join(lines)


def network_address() -> str | None:
    """This machine's address in the local network, None when it is in none. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1: choosing a route for it tells our own address
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address.startswith("127.") or address == "0.0.0.0" else address
