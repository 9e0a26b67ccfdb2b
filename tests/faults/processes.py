"""Facts about a running process, from /proc."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path


def memory_mb(pid: int) -> float:
    """Resident memory."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"process {pid} has no memory")


def open_files(pid: int) -> list[str]:
    """What each open file descriptor stands for, such as `socket:[4711]` or a path."""
    found = []
    for entry in os.scandir(f"/proc/{pid}/fd"):
        try:
            found.append(os.readlink(entry.path))
        except FileNotFoundError:
            continue  # closed between listing and looking
    return found


def holds_connection(pid: int, client_port: int) -> bool:
    """Whether the process still has its end of the TCP connection that the client has at `client_port`."""
    ours = set(open_files(pid))
    for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        columns = line.split()
        if int(columns[2].rpartition(":")[2], 16) == client_port and f"socket:[{columns[9]}]" in ours:
            return True
    return False


def wait_until(true: Callable[[], bool], timeout_s: float = 10) -> bool:
    """Whether something becomes true in time."""
    deadline_s = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.02)
    return True
