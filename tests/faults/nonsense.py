"""Frames that mean nothing: each function draws one from a dice, so that a seed repeats them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from tests.faults.raw_websocket import BINARY, CLOSE, PING, TEXT, masked

TYPES: list[Any] = [
    "hello",
    "ask",
    "again",
    "continue",
    "follow",
    "unfollow",
    "stop",
    "Ask",
    "",
    "delta",
    "\u044f",
    None,
    1,
    [],
    {},
]
FIELDS = ["v", "id", "text", "conversation", "parent", "model", "answer", "offset", "options", "", "\U0001f600"]
DEEP = 20_000
ID = '"id": "00000000-0000-0000-0000-000000000000"'
LITERALS = [
    *("", " ", "null", "true", "[]", "{}", '"ask"', "1e999", "-", "NaN", "\ufeff{}", "{'type': 'stop'}"),
    *("[" * DEEP, '{"a":' * DEEP, "[" * DEEP + "]" * DEEP),
    '{"type": "stop"',
    '{"type": "stop", "answer": "\\ud800"}',
    '{"type": "stop", "answer": "\\udfff\\ud800"}',
    '{"type": "stop", "answer": ""}',
    '{"type": "stop", "answer": "\\u0000"}',
    '{"type": "stop", "type": "ask", "answer": "x"}',
    '{"type": "stop", "answer": "x", "more": ' + "[" * DEEP + "]" * DEEP + "}",
    '{"type": "follow", "answer": "x", "offset": 1e400}',
    '{"type": "follow", "answer": "x", "offset": -1}',
    '{"type": "follow", "answer": "x", "offset": 99999999999999999999999}',
    '{"type": "follow", "answer": "x", "offset": 1.5}',
    f'{{"type": "ask", {ID}, "text": "\\ud83d"}}',
    f'{{"type": "ask", {ID}, "text": "  "}}',
    f'{{"type": "ask", {ID}, "text": "x", "model": "no such model"}}',
    f'{{"type": "ask", {ID}, "text": "x", "conversation": "nobody\'s"}}',
    f'{{"type": "again", {ID}, "answer": "\\ud800"}}',
]


def value(dice: random.Random, depth: int = 3) -> Any:
    """A random JSON value."""
    kinds: list[Callable[[], Any]] = [
        lambda: None,
        lambda: dice.choice([True, False, 0, -1, 2**53, 2**64, 1e308, 0.5]),
        lambda: letters(dice),
        lambda: "x" * dice.choice([64, 65, 5000]),
    ]
    if depth:
        kinds += [
            lambda: [value(dice, depth - 1) for _ in range(dice.randint(0, 3))],
            lambda: {letters(dice): value(dice, depth - 1) for _ in range(dice.randint(0, 3))},
        ]
    return dice.choice(kinds)()


def letters(dice: random.Random) -> str:
    """Some characters, from anywhere in Unicode."""
    return "".join(
        chr(dice.choice([dice.randrange(128), dice.randrange(0xD800), 0x1F600])) for _ in range(dice.randint(0, 8))
    )


def frame(dice: random.Random) -> bytes:
    """A proper WebSocket message whose content no server can use; it deserves an `error` frame."""
    kind = dice.randrange(6)
    if kind == 0:
        return _message(dice, dice.choice(LITERALS).encode())
    if kind == 1:  # the right shape, wrong values; never a working `unfollow` or `hello`, which bring no error
        fields = {name: value(dice) for name in dice.sample(FIELDS, dice.randint(0, 5))} | {"answer": 7, "v": 7}
        return _message(dice, json.dumps({"type": dice.choice(TYPES), **fields}).encode())
    if kind == 2:
        return _message(dice, json.dumps(value(dice)).encode())
    if kind == 3:  # JSON that breaks off, or has one character changed
        text = json.dumps({"type": "stop", "answer": 7, "text": letters(dice)}, ensure_ascii=False)
        at = dice.randrange(len(text))
        return _message(dice, (text[:at] + dice.choice(["", "\0", "}", '"', "\\"])).encode())
    if kind == 4:
        return masked(BINARY, dice.randbytes(dice.choice([0, 1, 100, 3000])))
    return _message(dice, letters(dice).encode())


def _message(dice: random.Random, payload: bytes) -> bytes:
    """A text message in one frame or in fragments, perhaps with a ping between them."""
    if dice.random() < 0.7:
        return masked(TEXT, payload, mask=b"\0\0\0\0")
    at = dice.randint(0, len(payload))
    between = masked(PING, b"between") if dice.random() < 0.5 else b""
    return masked(TEXT, payload[:at], final=False) + between + masked(0, payload[at:])


def garbage(dice: random.Random) -> bytes:
    """Bytes that break the WebSocket protocol itself; they deserve a close."""
    kinds: list[Callable[[], bytes]] = [
        lambda: dice.randbytes(dice.randint(1, 4000)),
        lambda: masked(TEXT, b"\xff\xfe invalid UTF-8 \xc3("),
        lambda: masked(TEXT, b"\xe6\xbc", final=False) + masked(0, b"(\xed\xa0\x80"),
        lambda: masked(0, b"continues nothing"),
        lambda: masked(TEXT, b"a", final=False) + masked(TEXT, b"begins again"),
        lambda: masked(dice.choice([3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF]), b"reserved"),
        lambda: bytes((0x80 | dice.choice([0x10, 0x20, 0x40]) | TEXT, 0x80)) + b"\0\0\0\0",
        lambda: bytes((0x80 | TEXT, 2)) + b"{}",  # not masked
        lambda: masked(PING, b"x" * 126),
        lambda: masked(PING, b"in pieces", final=False),
        lambda: masked(CLOSE, b"\x03"),
        lambda: masked(CLOSE, dice.choice([0, 999, 1005, 1006, 5000, 65535]).to_bytes(2, "big")),
        lambda: masked(CLOSE, b"\x03\xe8\xff not UTF-8"),
        lambda: bytes((0x80 | TEXT, 0xFF)) + b"\xff" * 8 + b"\0\0\0\0",  # longer than anything
        lambda: b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        lambda: masked(TEXT, b'{"type": "stop", "answer": "x"}')[: dice.randint(1, 20)],  # breaks off
    ]
    return dice.choice(kinds)()
