"""Texts that are dear to make and wanted by many: each is made once, as long as there is room for it. No I/O."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable


class RememberedTexts:
    """What was made of texts; what was asked for last is remembered. Safe for threads."""

    def __init__(self, *, most_chars: int) -> None:
        """`most_chars` bounds what is remembered; one text may take half of it."""
        self._most_chars = most_chars
        self._kept: OrderedDict[tuple[Hashable, bytes], str] = OrderedDict()
        self._chars = 0
        self._lock = threading.Lock()

    def made(self, of: str, how: Hashable, make: Callable[[], str]) -> str:
        """What `make` makes of a text; `how` tells apart what is made of the same one."""
        key = (how, hashlib.sha256(of.encode(errors="surrogatepass")).digest())
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        text = make()
        if len(text) > self._most_chars // 2:  # all others would have to go for it
            return text
        with self._lock:
            self._chars += len(text) - len(self._kept.pop(key, ""))
            self._kept[key] = text
            while self._chars > self._most_chars:
                self._chars -= len(self._kept.popitem(last=False)[1])
        return text
