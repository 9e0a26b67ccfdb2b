"""Waiting for what takes a moment."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(happened: Callable[[], object], timeout_s: float = 10) -> None:
    """Wait until it has happened."""
    deadline_s = time.monotonic() + timeout_s
    while not happened():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.005)
