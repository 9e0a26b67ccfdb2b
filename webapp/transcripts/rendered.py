"""Rendered texts that many readers want: each is rendered once, as long as there is room for it. No I/O."""

from __future__ import annotations

from webapp.remembered import RememberedTexts
from webapp.transcripts.rendering import Rendering


class RenderedTexts:
    """Texts as HTML by one rendering; those that were asked for last are remembered. Safe for threads."""

    def __init__(self, rendering: Rendering, *, most_chars: int) -> None:
        """`most_chars` bounds the HTML that is remembered; one text may take half of it."""
        self._rendering, self._texts = rendering, RememberedTexts(most_chars=most_chars)

    def html(self, text: str, *, name: str) -> str:
        """The text as HTML; `name` keeps the footnotes of several texts on one page apart."""
        return self._texts.made(text, name, lambda: self._rendering.html(text, name=name))
