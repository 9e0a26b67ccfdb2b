"""Tells apart what a model thinks aloud between `<think>` and `</think>` and what it answers. No I/O.

Reasoning models write so when their server does not separate the two itself. The tags count only at the very
start of the text: anywhere else somebody is talking about them.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

OPENING, CLOSING = "<think>", "</think>"
# More white space than this before the first word is the answer's own.
MOST_SPACE = 1000


class Told(NamedTuple):
    """A piece of text, split; either may be empty."""

    reasoning: str
    text: str


class _Place(Enum):
    START = auto()
    INSIDE = auto()
    AFTER = auto()
    ANSWER = auto()


class ThinkTags:
    """Splits one answer's text, cut anywhere. White space around the tags belongs to the tags."""

    def __init__(self) -> None:
        self._place = _Place.START
        self._held = ""
        self._begun = False  # the reasoning's first word has come

    @property
    def done(self) -> bool:
        """All that follows is text: there is no need to ask any more."""
        return self._place is _Place.ANSWER

    def feed(self, text: str) -> Told:
        """What is certain by now. Holds back only what may still become a tag."""
        text, self._held = self._held + text, ""
        if self._place is _Place.START:
            return self._at_start(text)
        if self._place is _Place.INSIDE:
            return self._inside(text)
        if self._place is _Place.AFTER and (text := text.lstrip()):
            self._place = _Place.ANSWER
        return Told("", text)

    def end(self) -> Told:
        """What was held back, now that nothing more comes."""
        held, self._held = self._held, ""
        return Told(held, "") if self._place is _Place.INSIDE else Told("", held)

    def _at_start(self, text: str) -> Told:
        word = text.lstrip()
        if word.startswith(OPENING):
            self._place = _Place.INSIDE
            return self._inside(word[len(OPENING) :])
        if OPENING.startswith(word) and len(text) <= MOST_SPACE:
            self._held = text
            return Told("", "")
        self._place = _Place.ANSWER
        return Told("", text)

    def _inside(self, text: str) -> Told:
        thought, tag, rest = text.partition(CLOSING)
        if tag:
            self._place = _Place.AFTER
            return Told(self._thought(thought), self.feed(rest).text)
        kept = next((n for n in range(min(len(CLOSING) - 1, len(text)), 0, -1) if text.endswith(CLOSING[:n])), 0)
        self._held = text[len(text) - kept :]
        return Told(self._thought(text[: len(text) - kept]), "")

    def _thought(self, text: str) -> str:
        text = text if self._begun else text.lstrip()
        self._begun = self._begun or bool(text)
        return text
