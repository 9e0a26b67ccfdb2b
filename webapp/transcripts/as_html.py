"""A transcript as one HTML file that opens offline, needs no script, prints well, and imports again. No I/O.

It shows the shown branch. The whole transcript is in it as JSON, in a block that no browser runs.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from html import escape
from typing import Any

from webapp.errors import InvalidInput
from webapp.media_types import PDF
from webapp.transcripts import as_json
from webapp.transcripts.page_style import STYLE
from webapp.transcripts.reading import json_value
from webapp.transcripts.rendering import Rendering
from webapp.transcripts.transcript import CarriedFile, CarriedMessage, Transcript, shown_branch
from webapp.transcripts.wording import ending, moment, moment_iso, speaker

DATA_ID = "parley-transcript"
# Whoever saves the page anew may put other attributes around the id.
_DATA = re.compile(rb"<script\b[^>]{0,200}\bid=[\"']?" + DATA_ID.encode() + rb"[\"']?[^>]{0,200}>")
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
# No script at all, nothing from anywhere, and the one style that is in the page.
POLICY = f"default-src 'none'; img-src data:; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
# `<` would let a text end the block; the others are written so because some tools look for them.
_ESCAPES = ((b"<", b"\\u003c"), (b">", b"\\u003e"), (b"&", b"\\u0026"))
_rendering = Rendering()


def pieces(transcript: Transcript) -> Iterator[bytes]:
    """The page as UTF-8 HTML, piece by piece."""
    branch = shown_branch(transcript)
    yield _head(transcript, len(branch)).encode()
    for number, message in enumerate(branch, 1):
        yield from _message(transcript, message, f"m{number}")
    yield _foot(len(transcript.messages) - len(branch)).encode()
    yield f'<script type="application/json" id="{DATA_ID}">'.encode()
    for piece in as_json.pieces(transcript):
        yield _harmless(piece)
    yield b"</script>\n</body>\n</html>\n"


def _harmless(piece: bytes) -> bytes:
    for character, written in _ESCAPES:
        piece = piece.replace(character, written)
    return piece


def _head(transcript: Transcript, shown: int) -> str:
    title, system = escape(transcript.title), transcript.options.system
    prompt = f"<details><summary>System prompt</summary><div>{escape(system)}</div></details>\n" if system else ""
    count = "1 message" if shown == 1 else f"{shown:,} messages"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f'<h1 dir="auto">{title}</h1>\n'
        f'<p class="about">{_time(transcript.created_at_ms)} · {count}</p>\n{prompt}'
    )


def _foot(hidden: int) -> str:
    more = ""
    if hidden:
        messages = "1 more message" if hidden == 1 else f"{hidden:,} more messages"
        more = f" It holds {messages} from other branches."
    return f"</main>\n<footer>A conversation saved from Parley.{more} Import this file to go on with it.</footer>\n"


def _message(transcript: Transcript, message: CarriedMessage, name: str) -> Iterator[bytes]:
    yield (
        f'<article class="{escape(message.role)}">\n'
        f"<header><h2>{escape(speaker(message))}</h2> {_time(message.created_at_ms)}</header>\n"
    ).encode()
    if message.reasoning:
        reasoning = (
            f'<details><summary>Reasoning</summary><div dir="auto">{escape(message.reasoning)}</div></details>\n'
        )
        yield reasoning.encode()
    if message.text.strip():
        # What people write is shown as they wrote it, as on the page of the chat.
        text = _rendering.html(message.text, name=name) if message.role == "assistant" else escape(message.text.strip())
        yield f'<div class="text" dir="auto">{text}</div>\n'.encode()
    if message.files:
        yield b'<ul class="files">\n'
        for index in message.files:
            yield from _file(transcript.files[index])
        yield b"</ul>\n"
    if how := ending(message):
        yield f'<p class="ending">{escape(how)}</p>\n'.encode()
    yield b"</article>\n"


def _file(file: CarriedFile) -> Iterator[bytes]:
    name, data = escape(file.name), file.read()
    if data is None:
        yield f"<li>{name} (its content is missing)</li>\n".encode()
        return
    picture = file.media_type.startswith("image/")
    before, after = (
        (f'<img alt="{name}" src="data:{escape(file.media_type)};base64,', '">')
        if picture
        else (f'<a download="{name}" href="data:{_kind(file)};base64,', f'">{name}</a>')
    )
    yield f"<li>{before}".encode()
    for at in range(0, len(data), as_json.PIECE_BYTES):
        yield base64.b64encode(data[at : at + as_json.PIECE_BYTES])
    yield f"{after}</li>\n".encode()


def _kind(file: CarriedFile) -> str:
    return PDF if file.media_type == PDF else "text/plain;charset=utf-8"


def _time(when_ms: int) -> str:
    return f'<time datetime="{moment_iso(when_ms)}">{moment(when_ms)}</time>'


def is_html(data: bytes) -> bool:
    """Whether a file looks like a page."""
    start = data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start[:1] == b"<"


def value(data: bytes) -> Any:
    """The JSON in a page of ours. Raises `InvalidInput` when there is none."""
    found = _DATA.search(data)
    end = -1 if found is None else data.find(b"</script", found.end())
    if found is None or end < 0:
        raise InvalidInput(
            "This page is no conversation saved from Parley, or it was cut off; other pages cannot be imported."
        )
    return json_value(data[found.end() : end])
