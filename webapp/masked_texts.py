"""Masked texts that many readers want: each is masked once, as long as there is room for it. No Flask."""

from __future__ import annotations

import time
from collections.abc import Iterable

from webapp.redaction import Growing, Redactor
from webapp.remembered import RememberedTexts

PIECE_CHARS = 20_000  # some milliseconds' work


class MaskedTexts:
    """Texts with their masks; those that were asked for last are remembered. Safe for threads."""

    def __init__(self, *, most_chars: int) -> None:
        """`most_chars` bounds what is remembered; one text may take half of it."""
        self._texts = RememberedTexts(most_chars=most_chars)

    def redactor(self, kinds: Iterable[str]) -> Redactor:
        """One that masks whole texts once for all who use these. Raises `ValueError` for a kind that is none."""
        return _Remembering(kinds, self._texts)


class _Remembering(Redactor):
    """One whose whole texts are remembered."""

    def __init__(self, kinds: Iterable[str], texts: RememberedTexts) -> None:
        super().__init__(kinds)
        self._texts = texts

    def text(self, text: str) -> str:
        """See `Redactor`."""
        return self._texts.made(text, self.kinds, lambda: _masked(text, self.growing())) if self else text


def _masked(text: str, growing: Growing) -> str:
    pieces = list[str]()
    for at in range(0, len(text), PIECE_CHARS):
        pieces.append(growing.add(text[at : at + PIECE_CHARS]))
        time.sleep(0)  # under gevent only this lets others do anything
    return "".join([*pieces, growing.end()])
