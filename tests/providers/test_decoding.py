"""Text from bytes that were cut anywhere."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from webapp.providers.decoding import TextDecoder


def decode(data: bytes, cuts: list[int]) -> str:
    decoder, edges = TextDecoder(), [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [decoder.feed(data[a:b]) for a, b in pairwise(edges)]
    return "".join(pieces) + decoder.flush()


@given(text=st.text(), cuts=st.lists(st.integers(0, 200)))
def test_text_survives_any_cuts(text: str, cuts: list[int]) -> None:
    assert decode(text.encode(), cuts) == text


@given(data=st.binary(), cuts=st.lists(st.integers(0, 200)))
def test_any_bytes_become_the_same_text_however_they_are_cut(data: bytes, cuts: list[int]) -> None:
    assert decode(data, cuts) == data.decode("utf-8", "replace")


def test_never_hands_out_part_of_a_character() -> None:
    decoder = TextDecoder()
    assert [decoder.feed(bytes([byte])) for byte in "é\n世".encode()] == ["", "é", "\n", "", "", "世"]


def test_an_unfinished_character_is_told_at_the_end() -> None:
    decoder = TextDecoder()
    assert decoder.feed("世".encode()[:2]) == ""
    assert decoder.flush() == "\ufffd"
    assert decoder.flush() == ""
