"""`<think>` at the very start of a text, cut anywhere."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.providers.thinking import MOST_SPACE, ThinkTags

CASES = [
    ("<think>why</think>because", "why", "because"),
    (" \n<think>\nwhy\n</think>\n\nbecause\n", "why\n", "because\n"),
    ("<think>\n\n</think>\n\nbecause", "", "because"),
    ("<think>a < b </thin k></think>yes </think>", "a < b </thin k>", "yes </think>"),
    ("<think>without an end </thi", "without an end </thi", ""),
    ("<think>", "", ""),
    ("<think></think>", "", ""),
    ("<thi", "", "<thi"),
    ("<thinking>no tag", "", "<thinking>no tag"),
    ("  <b>bold</b>", "", "  <b>bold</b>"),
    ("It writes <think>x</think>", "", "It writes <think>x</think>"),
    ("", "", ""),
    ("\n \n", "", "\n \n"),
    ("</think>odd", "", "</think>odd"),
]


def split(parts: list[str]) -> tuple[str, str]:
    tags = ThinkTags()
    told = [tags.feed(part) for part in parts] + [tags.end()]
    return "".join(one.reasoning for one in told), "".join(one.text for one in told)


@pytest.mark.parametrize(("text", "reasoning", "answer"), CASES)
def test_cut_at_every_character(text: str, reasoning: str, answer: str) -> None:
    assert split([text]) == (reasoning, answer)
    assert split(list(text)) == (reasoning, answer)
    for cut in range(len(text)):
        assert split([text[:cut], text[cut:]]) == (reasoning, answer)


@given(text=st.text(alphabet="<>/think \na"), cuts=st.lists(st.integers(0, 100)))
def test_any_text_is_split_the_same_however_it_is_cut(text: str, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    assert split([text[a:b] for a, b in pairwise(edges)]) == split([text])


def test_nothing_is_held_back_that_cannot_become_a_tag() -> None:
    tags = ThinkTags()
    assert tags.feed("<th") == ("", "")
    assert tags.feed("e") == ("", "<the")
    assert tags.done
    tags = ThinkTags()
    assert tags.feed("<think>so </") == ("so ", "")
    assert tags.feed("b") == ("</b", "")
    assert not tags.done


def test_white_space_without_end_is_text() -> None:
    tags = ThinkTags()
    held = [tags.feed(" ") for _ in range(MOST_SPACE)]
    assert set(held) == {("", "")}
    assert tags.feed(" ") == ("", " " * (MOST_SPACE + 1))
