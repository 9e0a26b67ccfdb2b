"""Notices connections that fall silent: one thread for all of them, in place of a timer for every single read.

Under gevent a read with a timeout costs a timer each time, a tenth of all that a streamed token costs.
"""

from __future__ import annotations

import threading
import time
from typing import Protocol

MOST_SLEEP_S = 1.0


class Listened(Protocol):
    """Something that hears from an upstream: `heard_s` is when, on the monotonic clock."""

    heard_s: float
    silence_s: float

    def fell_silent(self) -> None:
        """Called once, when nothing was heard for `silence_s` seconds."""


class SilenceWatch:
    """Watches any number of connections. Its thread runs only while there are some. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watched: dict[Listened, None] = {}
        self._changed = threading.Event()
        self._running = False

    def add(self, listened: Listened) -> None:
        """Watch it from now on."""
        listened.heard_s = time.monotonic()
        with self._lock:
            self._watched[listened] = None
            start, self._running = not self._running, True
        if start:
            threading.Thread(target=self._run, daemon=True).start()
        elif listened.silence_s < MOST_SLEEP_S:
            self._changed.set()  # the thread may be asleep for longer than that

    def remove(self, listened: Listened) -> None:
        """Watch it no more."""
        self._watched.pop(listened, None)

    def _run(self) -> None:
        while True:
            self._changed.clear()
            now_s, sleep_s = time.monotonic(), MOST_SLEEP_S
            for listened in tuple(self._watched):
                left_s = listened.heard_s + listened.silence_s - now_s
                if left_s <= 0:
                    self.remove(listened)
                    listened.fell_silent()
                else:
                    sleep_s = min(sleep_s, left_s)
            self._changed.wait(sleep_s)
            with self._lock:
                if not self._watched:
                    self._running = False
                    return
