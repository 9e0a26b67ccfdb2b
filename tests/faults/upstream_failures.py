"""How upstreams fail: what each does on the wire, and what must become of it. `test_upstream_faults.py` plays it."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate

from tests.scripted_server import LAST_CHUNK, Request, Step, chunk, reply_head, whole

SECRET = "the-owner's-secret-7d1f"
QUESTION = "question-of-the-visitor-91c3"
QUOTED = "words-of-the-upstream-5ab2"
WELL = "so far so good"


class Voice:
    """How the server of one kind speaks."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.media = "text/plain; charset=utf-8" if kind == "gprochat" else "text/event-stream"
        self.head = reply_head(f"Content-Type: {self.media}", "Transfer-Encoding: chunked")

    def text(self, text: str | bytes, line_end: bytes = b"\n") -> bytes:
        """The bytes that bring a piece of text."""
        data = text.encode() if isinstance(text, str) else text
        if self.kind == "gprochat":
            return data
        choice = b'{"index": 0, "delta": {"content": "%b"}, "finish_reason": null}' % data
        return b'data: {"choices": [%b]}%b' % (choice, line_end * 2)

    def end(self, line_end: bytes = b"\n") -> bytes:
        """The bytes that say the answer is over, before the transfer's own end."""
        if self.kind == "gprochat":
            return b""
        last = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}'
        return last + line_end * 2 + b"data: [DONE]" + line_end * 2

    def well(self, text: str | bytes = WELL) -> list[Step]:
        """A whole answer."""
        return [self.head, chunk(self.text(text) + self.end()), LAST_CHUNK]

    def refused(self, status: str, message: str, *headers: str, **fields: str) -> bytes:
        """A JSON error as servers of this kind send it."""
        body = json.dumps({"error": {"message": message, **fields}})
        media = "text/plain" if self.kind == "gprochat" else "application/json"
        return whole(body.encode(), f"Content-Type: {media}", *headers, status=status)


Script = Callable[[Voice], list[Step]]


@dataclass(frozen=True)
class Row:
    """One failure: what the upstream does, and what becomes of it. `attempts` None: nothing reached a server."""

    name: str
    scripts: tuple[Script, ...]
    code: str | None = None
    kept: str = ""
    attempts: int | None = 1
    kinds: tuple[str, ...] = ("gprochat", "openai")
    model: str = "main"
    least_ms: int = 0  # where attempts cannot be counted, the waits between them can

    @property
    def status(self) -> str:
        return "failed" if self.code else "done"


def later_date(offset_s: float) -> Callable[[Request], bytes]:
    """A wrong signature from a server whose clock is off by so much."""

    def reply(request: Request) -> bytes:
        body = json.dumps({"error": {"message": "Invalid signature."}}).encode()
        return whole(body, f"Date: {formatdate(time.time() + offset_s, usegmt=True)}", status="401 Unauthorized")

    return reply


def refused(status: str, message: str, *headers: str, **fields: str) -> Script:
    return lambda voice: [voice.refused(status, message, *headers, **fields)]


def half_with_length(voice: Voice) -> list[Step]:
    data = voice.text(WELL)
    return [reply_head(f"Content-Type: {voice.media}", f"Content-Length: {len(data) + 99}"), data, "close"]


def zipped(voice: Voice) -> list[Step]:
    return [
        whole(gzip.compress(voice.text(WELL) + voice.end()), f"Content-Type: {voice.media}", "Content-Encoding: gzip")
    ]


def byte_by_byte(voice: Voice) -> list[Step]:
    data = voice.text(WELL) + voice.end()
    return [voice.head, *(step for at in range(len(data)) for step in (chunk(data[at : at + 1]), 0.001)), LAST_CHUNK]


def comments_and_crlf(voice: Voice) -> list[Step]:
    data = b": waiting\r\n\r\n: still\r\nevent: message\r\nid: 1\r\n" + voice.text(WELL, b"\r\n") + voice.end(b"\r\n")
    return [voice.head, *(chunk(data[at : at + 7]) for at in range(0, len(data), 7)), LAST_CHUNK]


def error_inside(voice: Voice) -> list[Step]:
    event = json.dumps({"error": {"message": ECHO, "code": 502}})
    return [voice.head, chunk(voice.text(WELL)), 0.05, chunk(f"data: {event}\n\n".encode()), LAST_CHUNK]


def said(voice: Voice, *then: Step) -> list[Step]:
    return [voice.head, chunk(voice.text(WELL)), 0.05, *then]


def never(voice: Voice) -> list[Step]:
    raise AssertionError("nothing is asked")


PAGE_OF_A_PROXY = f"<!DOCTYPE html><html><head><title>Bad gateway</title></head><body>{QUOTED}".encode()
BOMB = reply_head(*(f"X-{number}: {'x' * 1000}" for number in range(2000)))
ECHO = f"{QUOTED}: you sent {SECRET} and {QUESTION}"
LONG = "x" * 65_536
ONLY_SIGNED, ONLY_OPENAI = ("gprochat",), ("openai",)

TABLE = [
    Row("the connection is refused", (never,), "upstream_unreachable", attempts=None, model="refused", least_ms=600),
    Row("the name is unknown", (never,), "upstream_unreachable", attempts=None, model="unknown"),
    Row("TLS fails", (never,), "upstream_unreachable", attempts=None, model="tls"),
    Row("401, wrong site password", (refused("401 x", "Invalid password."),), "wrong_password", kinds=ONLY_SIGNED),
    Row("401, wrong secret", (refused("401 x", "Invalid signature."),), "wrong_signature", attempts=2,
        kinds=ONLY_SIGNED),
    Row("401, clocks ten minutes apart", (lambda voice: [later_date(600)],), "clock_skew", kinds=ONLY_SIGNED),
    Row("401, wrong API key", (refused("401 x", ECHO, code="invalid_api_key"),), "wrong_key", kinds=ONLY_OPENAI),
    Row("404, no such path", (lambda voice: [whole(b"404 page not found", status="404 x")],), "upstream_refused"),
    Row("404, no such model", (refused("404 x", ECHO, code="model_not_found"),), "model_missing", kinds=ONLY_OPENAI),
    Row("400, the conversation is too long", (refused("400 x", ECHO, code="context_length_exceeded"),),
        "conversation_too_long", kinds=ONLY_OPENAI),
    Row("402, no credit left", (refused("402 x", ECHO),), "no_credit", kinds=ONLY_OPENAI),
    Row("429 without `Retry-After`", (refused("429 x", ECHO),), "upstream_busy"),
    Row("429, `Retry-After` of a minute", (refused("429 x", ECHO, "Retry-After: 60"),), "upstream_busy"),
    Row("429, `Retry-After` of a second, then well", (refused("429 x", ECHO, "Retry-After: 1"), Voice.well),
        kept=WELL, attempts=2),
    Row("500, JSON", (refused("500 x", ECHO),), "upstream_refused"),
    Row("502, web page", (lambda voice: [whole(PAGE_OF_A_PROXY, "Content-Type: text/html", status="502 x")],),
        "upstream_refused", attempts=3),
    Row("503, then well", (refused("503 x", ECHO), Voice.well), kept=WELL, attempts=2),
    Row("200 with nothing in it", (lambda voice: [whole(b"", f"Content-Type: {voice.media}")],), "empty_reply"),
    Row("cut in the middle, chunked", (lambda voice: said(voice, "close"),), "upstream_cut", WELL),
    Row("cut in the middle, with a content length", (half_with_length,), "upstream_cut", WELL),
    Row("reset in the middle", (lambda voice: said(voice, "reset"),), "upstream_cut", WELL),
    Row("silent before the first byte", (lambda voice: ["hang"],), "upstream_timeout"),
    Row("silent in the middle", (lambda voice: said(voice, "hang"),), "upstream_timeout", WELL),
    Row("bytes that are no UTF-8", (lambda voice: voice.well(b"a \xff b"),), kept="a \ufffd b"),
    Row("compressed without being asked", (zipped,), kept=WELL),
    Row("redirect to another host", (lambda voice: [whole(b"", "Location: @elsewhere@", status="307 x")],),
        "upstream_refused"),
    Row("one byte at a time", (byte_by_byte,), kept=WELL),
    Row("an answer of 50 MB", (lambda voice: [voice.head, *[chunk(voice.text(LONG))] * 800, LAST_CHUNK],),
        "answer_too_long", "x" * 1_000_000),
    Row("headers without end", (lambda voice: [BOMB, *voice.well()],), "upstream_cut"),
    Row("events with comments and CRLF, cut anywhere", (comments_and_crlf,), kept=WELL, kinds=ONLY_OPENAI),
    Row("an error inside the stream", (error_inside,), "upstream_refused", WELL, kinds=ONLY_OPENAI),
]  # fmt: skip
