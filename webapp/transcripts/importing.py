"""Reads conversations out of a file: ours (JSON, HTML, a zip of them), or an export of another program. No I/O.

What a file is, is judged by its content alone. `docs/transcripts.md` says what is kept and what is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from webapp.errors import InvalidInput
from webapp.transcripts import archives, as_html, as_json, chatgpt, librechat, nextchat, open_webui, reading
from webapp.transcripts.archives import Archive
from webapp.transcripts.transcript import INDEX_FORMAT, MOST_CONVERSATIONS, CarriedFile, Transcript, Unreadable

UNPACKED_TIMES = 2  # how many times as much as a file may have, a zip file may hold
_UNKNOWN = (
    "This is no export that can be read here: it may come from Parley, ChatGPT, LibreChat, Open WebUI or NextChat."
)

Reader = Callable[[Any], Transcript | None]


def conversations(data: bytes, most_bytes: int) -> Iterator[Transcript | Unreadable]:
    """The conversations in a file, one after the other; `most_bytes` is how long a file may be.

    One that cannot be read is told in its place. Raises `InvalidInput`, possibly after some, when that holds for the
    whole file.
    """
    count = 0
    for count, found in enumerate(_all(data, most_bytes), 1):
        _check_count(count)
        yield found
    if count == 0:
        raise InvalidInput("There are no conversations in this file.")


def _check_count(count: int) -> None:
    if count > MOST_CONVERSATIONS:
        raise InvalidInput(f"The file holds more than {MOST_CONVERSATIONS:,} conversations; import it in parts.")


def _all(data: bytes, most_bytes: int) -> Iterator[Transcript | Unreadable]:
    if data.startswith(archives.SIGNATURE):
        yield from _in_archive(Archive(data, UNPACKED_TIMES * most_bytes))
    elif as_html.is_html(data):
        yield from _in_value(as_html.value(data), _no_asset)
    elif not data.strip():
        raise InvalidInput("The file is empty.")
    else:
        yield from _in_value(reading.json_value(data), _no_asset)


def _in_archive(archive: Archive) -> Iterator[Transcript | Unreadable]:
    names = archive.names()
    # ChatGPT's archive has other JSON as well, and a page that holds everything once more.
    wanted = [name for name in names if name.startswith("conversations") and name.endswith(".json")]
    if not wanted:
        wanted = [name for name in names if name.lower().endswith((".json", ".html"))]
    if not wanted:
        raise InvalidInput("There is no JSON in this zip file. " + _UNKNOWN)

    def asset(start: str) -> CarriedFile | None:
        name = archive.beginning_with(start)
        return None if name is None else _asset(archive, name)

    for name in wanted:
        for which in range(archive.count(name)):
            content = archive.read(name, which=which)
            value = as_html.value(content) if as_html.is_html(content) else reading.json_value(content)
            del content
            if reading.obj(value).get("format") != INDEX_FORMAT:
                yield from _in_value(value, asset)


def _asset(archive: Archive, name: str) -> CarriedFile:
    def read() -> bytes | None:
        try:
            return archive.read(name)
        except InvalidInput:  # the conversation is worth having without it
            return None

    return CarriedFile(name=name, media_type="application/octet-stream", read=read)


def _no_asset(start: str) -> None:
    return None


def _in_value(value: Any, asset: chatgpt.Assets) -> Iterator[Transcript | Unreadable]:
    """The conversations in a JSON value. It is emptied on the way, for they may be large."""
    if nextchat.is_it(value):
        yield from _each(nextchat.sessions(value), lambda given: nextchat.read)
        return
    values = value if isinstance(value, list) else [value]
    if values and not any(_reader(given, asset) for given in values):
        raise InvalidInput(_UNKNOWN)
    yield from _each(values, lambda given: _reader(given, asset))


def _reader(value: Any, asset: chatgpt.Assets) -> Reader | None:
    """Who reads this."""
    if as_json.is_ours(value):
        return as_json.read
    if chatgpt.is_it(value):
        return lambda given: chatgpt.read(given, asset)
    if librechat.is_it(value):
        return librechat.read
    return open_webui.read if open_webui.is_it(value) else None


def _each(values: list[Any], reader_of: Callable[[Any], Reader | None]) -> Iterator[Transcript | Unreadable]:
    _check_count(len(values))
    for at, value in enumerate(values):
        values[at] = None
        title = reading.text(reading.obj(value), "title", "topic")
        reader = reader_of(value)
        if reader is None:
            yield Unreadable(title, "It has no messages that can be found.")
            continue
        try:
            found = reader(value)
        except InvalidInput as problem:
            yield Unreadable(title, problem.message[:1].upper() + problem.message[1:])
            continue
        if found is not None:
            yield found
