"""How much work it is to render a text as Markdown, told before it is done. Pure."""

from __future__ import annotations

import re

# Longer ones are shown as they were written: nobody else on the server gets a turn while a text is rendered. This many
# characters take about a tenth of a second, and the worst anybody could think of not quite one.
LONGEST_RENDERED = 50_000
# A table's rows get all its columns, however few cells are written in them: a thousand characters make 60,000 cells,
# which take a second or two.
MOST_CELLS = 10_000
CHARS_A_CELL = 5  # that take as long

# Under a table's head, whatever it stands in; a line under a heading looks like one of a single column.
_RULER = re.compile(r"[ \t>]*+([|:\- \t]*+)")
_BREAK = re.compile(r"\r\n?|\n")


def cells(text: str) -> int:
    """No fewer cells than the text's tables have: of each block of lines the most columns for every line."""
    if "-" not in text:
        return 0
    count = lines = columns = 0
    for line in _BREAK.split(text):
        if line.strip(" \t>"):
            lines += 1
            columns = max(columns, _columns(line))
        else:
            count += lines * columns
            lines = columns = 0
    return count + lines * columns


def _columns(line: str) -> int:
    """The columns of the table that this line may begin; 0 when it begins none."""
    ruler = _RULER.fullmatch(line)
    if ruler is None or "-" not in ruler[1]:
        return 0
    return ruler[1].strip().strip("|").count("|") + 1


def effort(text: str) -> int:
    """How long it takes to render a text, as a number of common characters."""
    return len(text) + CHARS_A_CELL * cells(text)


def is_too_much(text: str) -> bool:
    """Whether a text is shown as it was written."""
    return len(text) > LONGEST_RENDERED or cells(text) > MOST_CELLS
