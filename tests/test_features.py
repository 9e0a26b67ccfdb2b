"""docs/features.md: every “yes” names a test or a picture, and what is named exists."""

from __future__ import annotations

import re

import pytest

from tests.parley_server import ROOT

PAGE = ROOT / "docs" / "features.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| feature ")
]


def test_the_rows_are_those_of_the_comparison() -> None:
    parts = re.split(r"## Hosted link and share|## In other sites", PAGE.read_text())
    assert [part.count("\n| ") - 1 for part in parts] == [46, 19, 9]
    assert len({feature for feature, *_ in ROWS}) == len(ROWS) == 46 + 19 + 9


@pytest.mark.parametrize("row", ROWS, ids=[feature for feature, *_ in ROWS])
def test_what_is_claimed_is_held_by_something_that_exists(row: list[str]) -> None:
    _, ours, held_by, theirs = row
    named = re.findall(r"`([^`]+)`", held_by)
    assert theirs
    assert bool(named) != (ours == "not yet")
    for name in named:
        path, _, function = name.partition("::")
        place = ROOT / ("docs" if path.endswith(".png") else "tests") / path
        assert place.is_file(), f"{path} does not exist"
        if function:
            assert re.search(rf"^def {function}\(", place.read_text(), re.MULTILINE), f"{name} does not exist"
