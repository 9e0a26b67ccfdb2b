"""Rendered texts that many readers want: each is rendered once, as long as there is room for it. No I/O."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

from webapp.transcripts.rendering import Rendering


class RenderedTexts:
    """Texts as HTML by one rendering; those that were asked for last are remembered. Safe for threads."""

    def __init__(self, rendering: Rendering, *, most_chars: int) -> None:
        """`most_chars` bounds the HTML that is remembered; one text may take half of it."""
        self._rendering, self._most_chars = rendering, most_chars
        self._kept: OrderedDict[tuple[str, bytes], str] = OrderedDict()
        self._chars = 0
        self._lock = threading.Lock()

    def html(self, text: str, *, name: str) -> str:
        """The text as HTML; `name` keeps the footnotes of several texts on one page apart."""
        key = (name, hashlib.sha256(text.encode(errors="surrogatepass")).digest())
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        html = self._rendering.html(text, name=name)
        if len(html) > self._most_chars // 2:  # all others would have to go for it
            return html
        with self._lock:
            self._chars += len(html) - len(self._kept.pop(key, ""))
            self._kept[key] = html
            while self._chars > self._most_chars:
                self._chars -= len(self._kept.popitem(last=False)[1])
        return html
