"""Titles: one line, at most so long, cut at a word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.errors import InvalidInput
from webapp.history.titles import checked_title, title_of


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hello", "Hello"),
        ("  two\n\n lines\t here ", "two lines here"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
        ("y" * 59 + " and more", "y" * 59 + "…"),
        ("y" * 58 + " and more", "y" * 58 + "…"),
        ("Привет, " * 20, "Привет, " * 6 + "Привет,…"),
    ],
)
def test_title_of(text: str, title: str) -> None:
    assert title_of(text) == title


@given(st.text(min_size=1).filter(str.strip))
def test_every_text_has_a_title(text: str) -> None:
    title = title_of(text)
    assert 1 <= len(title) <= 60
    assert len(title.splitlines()) == 1
    assert title == " ".join(text.split()) or title.endswith("…")


@pytest.mark.parametrize("title", ["", " \n ", "x" * 201])
def test_checked_title_refuses(title: str) -> None:
    with pytest.raises(InvalidInput, match="title"):
        checked_title(title)


def test_checked_title_trims() -> None:
    assert checked_title(" a\nb\0 ") == "a b\ufffd"
    assert checked_title(" " + "x" * 200) == "x" * 200
