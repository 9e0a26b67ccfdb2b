"""Texts that careless readers damage, and every way the network may bring them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from tests.providers_real.asking import event
from tests.scripted_server import Step, chunk

# Every way a careless reader damages text: line ends of all kinds, blank lines, what JSON and SSE treat specially,
# characters of one to four bytes, joined and combining ones, directions, noncharacters, NUL.
TEXTS = {
    "letters": "Grüße, Привет, שלום, 世界, 𝄞😀 e\u0301\u0323 👩‍👩‍👧‍👦🏳️‍🌈 \u202eabc\u202c",
    "lines": "\n\na\r\nb\rc\n\n\n    code\n\t\u2028\u2029\x85\x0b\x0c\n \n",
    "syntax": 'data: [DONE]\n\n: no comment\nevent: x\n\n{"choices": []} \\ \\n "quotes" \\u00e9 </think> <b>&amp;</b>',
    "edges": "\ufeff\x00\x1b[0m\x7f\ufffd\uffff\U0010ffff\U000e0041\u00ad\u200b \u00a0",
    "a beginning like a thought": "<thinking> is no thought",
    "half a mark": "<thi",
    "one character": "\n",
}
THOUGHTS = "Hm… 世\n\nthen 👩‍👩‍👧\r\n"


def pieces_of(text: str) -> list[str]:
    """The text in pieces of one to four characters, always the same ones."""
    dice, pieces, at = random.Random(text), [], 0
    while at < len(text):
        size = dice.randint(1, 4)
        pieces.append(text[at : at + size])
        at += size
    return pieces


def events_of(text: str) -> list[dict[str, Any]]:
    """The stream's objects, as the common servers send them: a role first, the tokens used last."""
    used = {"prompt_tokens": 7, "completion_tokens": 11, "total_tokens": 18}
    return [
        event({"role": "assistant", "content": ""}),
        *(event({"reasoning_content": piece}) for piece in pieces_of(THOUGHTS)),
        *(event({"content": piece}) for piece in pieces_of(text)),
        event({}, "stop"),
        {**event({}), "choices": [], "usage": used},
    ]


def dressed(
    line_end: str, before: str, field: str, indent: int | None = None, ascii: bool = True
) -> Callable[..., str]:
    """One way to write an event; `before` goes in front of its data, an indented object takes several data lines."""

    def dress(value: object) -> str:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=ascii, indent=indent)
        lines = [*before.splitlines(), *(field + line for line in text.split("\n")), "", ""]
        return line_end.join(lines)

    return dress


DRESSES = {
    "plain": dressed("\n", "", "data: "),
    "raw UTF-8": dressed("\n", "", "data: ", ascii=False),
    "CRLF": dressed("\r\n", "", "data: "),
    "lone CR": dressed("\r", "", "data: "),
    "comments": dressed("\n", ": OPENROUTER PROCESSING\n:\n: data: {}", "data: "),
    "comments and CRLF": dressed("\r\n", ": 世界", "data: "),
    "no space": dressed("\n", "", "data:", ascii=False),
    "several data lines": dressed("\r\n", "", "data: ", indent=2),
    "other fields": dressed("\n", "event: message\nid: 7\nretry: 10\nnews: x\nempty", "data: "),
}


def at_once(data: bytes) -> list[Step]:
    return [chunk(data)]


def byte_by_byte(data: bytes) -> list[Step]:
    return [chunk(data[at : at + 1]) for at in range(len(data))]


def anywhere(data: bytes) -> list[Step]:
    """Chunks of odd sizes, some of them in packets of their own."""
    dice, steps, at = random.Random(len(data)), list[Step](), 0
    while at < len(data):
        size = dice.choice((1, 2, 3, 5, 8, 13, 200))
        steps.append(chunk(data[at : at + size]))
        if dice.random() < 0.05:
            steps.append(0.002)
        at += size
    return steps


CUTS = {"at once": at_once, "byte by byte": byte_by_byte, "anywhere": anywhere}
