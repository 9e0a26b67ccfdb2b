"""The line of a text in which a search found its words. No I/O."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from webapp.history.search_texts import on_one_line

LONGEST = 160
BEFORE = 50  # of the line, at most so many characters stand before the word
LONGEST_CUT_WORD = 24  # a longer one is cut inside: it may be the whole line in Chinese, or an address

# A text is looked at piece by piece until the words are found; the pieces overlap, for words on their borders.
_PIECE, _STEP = 2_000, 1_600


def excerpt(text: str, words: Sequence[str]) -> str:
    """One line of at most 160 characters around the first of the folded words, with … where it is cut."""
    at = _first_place(text, words)
    start = max(0, at - 4 * LONGEST)
    before, after = _one_line(text[start:at]), _one_line(text[at : at + 4 * LONGEST])
    begins_here = start == 0 and len(before) <= BEFORE
    head = before if begins_here else "…" + _from_a_word(before[1 - BEFORE :])
    room = LONGEST - len(head)
    ends_here = at + 4 * LONGEST >= len(text) and len(after) <= room
    tail = after if ends_here else _to_a_word(after[: room - 1]) + "…"
    return (head + tail).strip()


def _first_place(text: str, words: Sequence[str]) -> int:
    """Where in the text, not in its folded form, the first of the words begins; 0 when that cannot be told."""
    for start in range(0, max(len(text), 1), _STEP):
        piece = text[start : start + _PIECE]
        folded = on_one_line(piece)
        places = [place for place in (folded.find(word) for word in words) if place >= 0]
        if places:
            return start + _unfolded(piece, min(places))
    return 0


def _unfolded(piece: str, place: int) -> int:
    """Where in a text the character stands that is at this place of its folded form."""
    return bisect_left(range(len(piece)), place + 1, key=lambda end: len(on_one_line(piece[: end + 1])))


def _one_line(text: str) -> str:
    """The text with all white space as single blanks, also at its ends."""
    line = " ".join(text.split())
    if not line:
        return " " if text else ""
    return (" " if text[0].isspace() else "") + line + (" " if text[-1].isspace() else "")


def _from_a_word(text: str) -> str:
    begin = text.find(" ")
    return text[begin + 1 :] if 0 <= begin <= LONGEST_CUT_WORD else text


def _to_a_word(text: str) -> str:
    end = text.rfind(" ")
    return text[:end] if end > 0 and len(text) - end <= LONGEST_CUT_WORD else text
