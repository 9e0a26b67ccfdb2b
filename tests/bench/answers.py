"""Answers as models write them, made up: the same text for the same seed, on every machine."""

from __future__ import annotations

import random
from collections.abc import Callable

SEED = 4
TEXT = """\
the a in to and with when after while every because so that this both under again second first keep split load cache
token request worker queue budget window latency memory pressure effect measure answer reader deploy restart commit
follow finish begin apply rise settle carefully often quickly memory page frame layout paint style margin
"""
WORDS = TEXT.split()
CODE = """\
async function* read{n}(url, {{ signal }} = {{}}) {{
  const reply = await fetch(url, {{ signal, headers: {{ accept: "text/event-stream" }} }});
  if (!reply.ok) throw new Error(`HTTP ${{reply.status}}`); // {words}
  let rest = "";
  for await (const piece of reply.body.pipeThrough(new TextDecoderStream())) {{
    rest += piece;
    for (let at = rest.indexOf("\\n\\n"); at >= 0; at = rest.indexOf("\\n\\n")) {{
      yield JSON.parse(rest.slice(6, at));
      rest = rest.slice(at + 2);
    }}
  }}
}}

"""
FORMULA = "$$\n\\begin{aligned}\n a &= b + c \\\\\n d &= \\sum_{k=0}^{n} \\binom{n}{k} x^k\n\\end{aligned}\n$$\n\n"


class Writer:
    """Writes Markdown; what it writes next depends on its seed alone."""

    def __init__(self, seed: int = SEED) -> None:
        self.dice = random.Random(seed)

    def words(self, least: int, most: int) -> str:
        """Some words, with the marks that models put among them."""
        return " ".join(self._word() for _ in range(self.dice.randrange(least, most)))

    def _word(self) -> str:
        word, chance = self.dice.choice(WORDS), self.dice.random()
        if chance < 0.04:
            return f"**{word} {self.dice.choice(WORDS)}**"
        if chance < 0.06:
            return f"*{word}*"
        if chance < 0.09:
            return f"`{word}({self.dice.randrange(10)})`"
        if chance < 0.10:
            return f"[{word}](https://example.com/{word}?q={self.dice.randrange(99)})"
        if chance < 0.105:
            return self.dice.choice(["~~gone~~", "$x^2 + y^2$", "https://example.org/a_b", "AT&amp;T", "2 * 3 < 7"])
        return word

    def sentence(self) -> str:
        """One of them."""
        return self.words(5, 18).capitalize() + "."

    def paragraph(self, sentences: int) -> str:
        """On one line, as models write it."""
        return " ".join(self.sentence() for _ in range(sentences))

    def code(self, number: int) -> str:
        """A function of a dozen lines."""
        return CODE.format(n=number, words=self.words(3, 9).replace("`", ""))

    def item(self) -> str:
        """An item of a list, in places with others below it."""
        lines = [f"- **{self.dice.choice(WORDS)}**: {self.sentence()}"]
        if self.dice.random() < 0.25:
            mark = self.dice.choice(["-", "- [x]", "- [ ]"])
            lines += [f"  {mark} {self.sentence()}" for _ in range(self.dice.randrange(1, 4))]
        return "\n".join(lines) + "\n"

    def table(self, rows: int) -> str:
        """Three columns."""
        cells = [[self.words(1, 4) for _ in range(3)] for _ in range(rows + 1)]
        head, *body = [f"| {' | '.join(row)} |\n" for row in cells]
        return "".join([head, "|:---:|---:|---|\n", *body])

    def section(self, number: int) -> str:
        """A heading and a few blocks of every kind."""
        kinds: list[Callable[[], str]] = [
            lambda: self.paragraph(self.dice.randrange(2, 7)) + "\n\n",
            lambda: self.paragraph(self.dice.randrange(2, 7)) + "\n\n",
            lambda: "".join(self.item() for _ in range(self.dice.randrange(3, 9))) + "\n",
            lambda: "".join(f"{at}. {self.sentence()}\n" for at in range(1, self.dice.randrange(4, 8))) + "\n",
            lambda: f"```js\n{self.code(number)}```\n\n",
            lambda: self.table(self.dice.randrange(3, 9)) + "\n",
            lambda: f"> {self.sentence()}\n> {self.sentence()}\n\n",
            lambda: FORMULA,
        ]
        heading = f"{'#' * self.dice.randrange(2, 4)} {self.words(2, 6).capitalize()}\n\n"
        return heading + "".join(self.dice.choice(kinds)() for _ in range(self.dice.randrange(2, 6)))


def grown(size: int, piece: Callable[[int], str], begin: str = "", end: str = "") -> str:
    """`begin`, so many pieces that the text has `size` characters, `end`."""
    pieces, total = [begin], len(begin)
    while total < size:
        pieces.append(piece(len(pieces)))
        total += len(pieces[-1])
    return "".join(pieces) + end


def mixed(size: int, seed: int = SEED) -> str:
    """Sections with every kind of block."""
    return grown(size, Writer(seed).section)


def code_block(size: int) -> str:
    """One block of code."""
    return grown(size, Writer().code, "Here is the file:\n\n```js\n", "```\n")


def bullets(size: int) -> str:
    """One list."""
    writer = Writer()
    return grown(size, lambda _: writer.item())


def paragraph(size: int) -> str:
    """One paragraph without a line end."""
    writer = Writer()
    return grown(size, lambda _: writer.sentence() + " ")


def table(rows: int) -> str:
    """One table."""
    return Writer().table(rows)


def deltas(text: str, seed: int = SEED) -> list[str]:
    """The text in pieces of 20 to 60 characters."""
    dice, at, found = random.Random(seed), 0, []
    while at < len(text):
        size = dice.randrange(20, 61)
        found.append(text[at : at + size])
        at += size
    return found
