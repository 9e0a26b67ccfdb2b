"""Whose view was counted a moment ago: whoever sends the door's form twice, or reloads what it led to. No Flask."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

REMEMBERED_S = 120.0
MOST_REMEMBERED = 10_000


class Doors:
    """The doors of this process's shares. Thread-safe."""

    def __init__(self) -> None:
        """Nobody has knocked yet."""
        self._counted: OrderedDict[str, float] = OrderedDict()  # knocks, by when they are forgotten
        self._lock = threading.Lock()

    def has_counted(self, knock: str | None) -> bool:
        """Whether this knock's view was counted a moment ago; waits for one that is being counted."""
        if knock is None:
            return False
        with self._lock:
            self._forget()
            return knock in self._counted

    def count(self, knock: str | None, count_view: Callable[[], bool]) -> bool:
        """Count a view unless this knock's was counted; False when `count_view` says that there is none left."""
        if knock is None:
            return count_view()
        with self._lock:
            self._forget()
            if knock not in self._counted:
                if not count_view():
                    return False
                self._counted[knock] = time.monotonic() + REMEMBERED_S
            return True

    def _forget(self) -> None:
        now_s = time.monotonic()
        while self._counted:
            knock, until_s = next(iter(self._counted.items()))
            if until_s > now_s and len(self._counted) <= MOST_REMEMBERED:
                return
            del self._counted[knock]
