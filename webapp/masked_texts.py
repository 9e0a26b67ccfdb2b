"""Masked texts that many readers want: each is masked once, as long as there is room for it. No Flask."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable

from webapp.redaction import Growing, Redactor

PIECE_CHARS = 20_000  # some milliseconds' work


class MaskedTexts:
    """Texts with their masks; those that were asked for last are remembered. Safe for threads."""

    def __init__(self, *, most_chars: int) -> None:
        """`most_chars` bounds what is remembered; one text may take half of it."""
        self._most_chars = most_chars
        self._kept: OrderedDict[tuple[tuple[str, ...], bytes], str] = OrderedDict()
        self._chars = 0
        self._lock = threading.Lock()

    def redactor(self, kinds: Iterable[str]) -> Redactor:
        """One that masks whole texts once for all who use these. Raises `ValueError` for a kind that is none."""
        return _Remembering(kinds, self)

    def text(self, text: str, kinds: tuple[str, ...], growing: Growing) -> str:
        """The whole text with the masks of these kinds, which `growing` makes if need be."""
        key = (kinds, hashlib.sha256(text.encode(errors="surrogatepass")).digest())
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        masked = _masked(text, growing)
        if len(masked) > self._most_chars // 2:  # all others would have to go for it
            return masked
        with self._lock:
            self._chars += len(masked) - len(self._kept.pop(key, ""))
            self._kept[key] = masked
            while self._chars > self._most_chars:
                self._chars -= len(self._kept.popitem(last=False)[1])
        return masked


class _Remembering(Redactor):
    """One whose whole texts are remembered."""

    def __init__(self, kinds: Iterable[str], texts: MaskedTexts) -> None:
        super().__init__(kinds)
        self._texts = texts

    def text(self, text: str) -> str:
        """See `Redactor`."""
        return self._texts.text(text, self.kinds, self.growing()) if self else text


def _masked(text: str, growing: Growing) -> str:
    pieces = list[str]()
    for at in range(0, len(text), PIECE_CHARS):
        pieces.append(growing.add(text[at : at + PIECE_CHARS]))
        time.sleep(0)  # under gevent only this lets others do anything
    return "".join([*pieces, growing.end()])
