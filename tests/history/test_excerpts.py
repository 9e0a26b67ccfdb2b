"""The line around the place: one line, short, cut at words, with the word in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.history.excerpts import LONGEST, excerpt
from webapp.history.search_texts import on_one_line


def test_a_short_text_is_its_own_excerpt() -> None:
    assert excerpt("Hello,\n\n  world!\t", ["world"]) == "Hello, world!"


def test_a_long_text_is_cut_at_words() -> None:
    text = " ".join(f"before{n}" for n in range(100)) + " the needle here " + " ".join(f"after{n}" for n in range(100))
    assert excerpt(text, ["needle"]) == (
        "…before96 before97 before98 before99 the needle here after0 after1 after2 after3 after4 after5 after6 "
        "after7 after8 after9 after10 after11 after12 after13…"
    )
    assert excerpt(text, ["before1"]).startswith("before0 before1 before2")
    assert excerpt(text, ["after99"]).endswith("after98 after99")


def test_a_text_without_blanks_is_cut_anywhere() -> None:
    line = excerpt("あ" * 1000 + "鯨" + "い" * 1000, ["鯨"])
    assert len(line) == LONGEST
    assert line.index("鯨") < 60
    assert (line[0], line[-1]) == ("…", "…")


@pytest.mark.parametrize("before", ["ß" * 300, "\ufdfa" * 300, "e\u0301" * 3000, "İ " * 3000, " \n" * 5000])
def test_the_word_is_in_it_whatever_stands_before(before: str) -> None:
    assert "needle" in excerpt(f"{before} a NEEDLE in it {before}", ["needle"]).lower()


def test_of_several_words_the_first_in_the_text() -> None:
    assert excerpt("filler " * 500 + "beta " + "filler " * 500 + "alpha", ["alpha", "beta"]).count("beta") == 1


@given(st.text(max_size=600), st.text(min_size=1, max_size=5))
def test_any_text(text: str, word: str) -> None:
    line = excerpt(text, [on_one_line(word) or "x"])
    assert len(line) <= LONGEST
    assert "\n" not in line
