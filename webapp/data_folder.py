"""The data folder: private to the server's user, and held by one server at a time."""

from __future__ import annotations

import fcntl
import logging
import os
import time
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)


class DataFolderInUse(Exception):
    """Another server works with this data folder: each would believe the other's running answers dead."""


def make(folder: Path) -> None:
    """Make the folder when it is missing, so that nobody else on the machine can read what is in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def make_private(path: Path) -> None:
    """Make an empty file that only its owner can read, unless it is there; SQLite's side files take its mode."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def hold(folder: Path, wait_s: float) -> IO[str]:
    """Lock the folder until the returned file is closed or the process ends.

    A server that is about to stop gets `wait_s` seconds to let go of it. Raises `DataFolderInUse`.
    """
    lock = folder / "server.lock"
    make_private(lock)
    file = lock.open("w")
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
