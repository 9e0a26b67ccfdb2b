"""A transcript as JSON and back, without losing anything. Files are read one after the other. No I/O.

Ids are numbers in the order of the messages, so the same conversation gives the same text on every server.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from webapp.errors import InvalidInput
from webapp.messages import ModelOptions, Status, Usage
from webapp.transcripts.transcript import (
    FORMAT,
    LAST_MS,
    VERSION,
    CarriedFile,
    CarriedMessage,
    Transcript,
    arranged,
)

PIECE_BYTES = 48 * 1024  # of a file's content; a multiple of three, so that pieces of base64 can stand together
_Time = Annotated[int, Meta(ge=0, le=LAST_MS)]
_Index = Annotated[int, Meta(ge=0)]
_ROLES = frozenset({"user", "assistant", "system"})


class _Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    code: Annotated[str, Meta(max_length=64)]
    message: Annotated[str, Meta(max_length=2000)]
    retry_after: float | None = None


class _Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: int
    parent: int | None
    role: str
    created_at_ms: _Time
    text: str
    reasoning: str = ""
    status: Status | None = None
    model: str = ""
    continues: int | None = None
    error: _Problem | None = None
    usage: Usage | None = None
    files: tuple[_Index, ...] = ()


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    format: str
    version: int
    title: str
    created_at_ms: _Time
    updated_at_ms: _Time
    leaf: int | None = None
    options: ModelOptions = ModelOptions()
    pinned: bool = False
    archived: bool = False
    tags: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    media_type: str
    data: str | None = None


class _Whole(_Head, frozen=True, kw_only=True):
    messages: tuple[_Message, ...] = ()
    files: tuple[_File, ...] = ()


def pieces(transcript: Transcript) -> Iterator[bytes]:
    """The transcript as UTF-8 JSON, piece by piece."""
    numbers = {message.id: number for number, message in enumerate(transcript.messages, 1)}
    head = _Head(
        format=FORMAT,
        version=VERSION,
        title=transcript.title,
        created_at_ms=transcript.created_at_ms,
        updated_at_ms=transcript.updated_at_ms,
        leaf=numbers.get(transcript.leaf or ""),
        options=transcript.options,
        pinned=transcript.pinned,
        archived=transcript.archived,
        tags=transcript.tags,
    )
    yield msgspec.json.encode(head)[:-1] + b',\n"messages": ['
    for number, message in enumerate(transcript.messages):
        yield (b",\n" if number else b"\n") + msgspec.json.encode(_carried(message, numbers))
    yield b'\n],\n"files": ['
    for number, file in enumerate(transcript.files):
        yield b",\n" if number else b"\n"
        yield from _file_pieces(file)
    yield b"\n]}\n"


def _carried(message: CarriedMessage, numbers: Mapping[str, int]) -> _Message:
    usage = message.usage
    if usage is not None and usage.history_from is not None:
        first = numbers.get(usage.history_from)
        usage = msgspec.structs.replace(usage, history_from=None if first is None else str(first))
    return _Message(
        id=numbers[message.id],
        parent=numbers.get(message.parent or ""),
        role=message.role,
        created_at_ms=message.created_at_ms,
        text=message.text,
        reasoning=message.reasoning,
        status=message.status,
        model=message.model,
        continues=numbers.get(message.continues or ""),
        error=_problem(message.error),
        usage=usage,
        files=message.files,
    )


def _problem(error: Mapping[str, Any] | None) -> _Problem | None:
    if error is None:
        return None
    retry_after = error.get("retry_after")
    return _Problem(
        str(error.get("code", "internal"))[:64],
        str(error.get("message", ""))[:2000],
        retry_after if isinstance(retry_after, int | float) else None,
    )


def _file_pieces(file: CarriedFile) -> Iterator[bytes]:
    data = file.read()
    head = msgspec.json.encode({"name": file.name, "media_type": file.media_type})[:-1]
    if data is None:
        yield head + b',"data":null}'
        return
    yield head + b',"data":"'
    for at in range(0, len(data), PIECE_BYTES):
        yield base64.b64encode(data[at : at + PIECE_BYTES])
    yield b'"}'


def is_ours(value: Any) -> bool:
    """Whether a JSON value is a transcript of ours, of whatever version."""
    return isinstance(value, dict) and value.get("format") == FORMAT


def read(value: Any) -> Transcript:
    """The transcript in a JSON value. Raises `InvalidInput`, naming the field that is wrong."""
    version = value.get("version")
    if version != VERSION:
        raise InvalidInput(f"it is in version {version!r:.20} of this format, and this server reads version {VERSION}.")
    try:
        whole = msgspec.convert(value, _Whole)
    except msgspec.ValidationError as problem:
        raise InvalidInput(f"it cannot be read: {problem}.") from None
    except RecursionError:
        raise InvalidInput("it cannot be read: it is nested too deeply.") from None
    files = tuple(_file(file) for file in whole.files)
    messages = arranged(tuple(_message(message, len(files)) for message in whole.messages))
    ids = {message.id for message in messages}
    return Transcript(
        title=whole.title,
        created_at_ms=whole.created_at_ms,
        updated_at_ms=whole.updated_at_ms,
        messages=messages,
        leaf=leaf if (leaf := str(whole.leaf)) in ids else None,
        options=whole.options,
        pinned=whole.pinned,
        archived=whole.archived,
        tags=whole.tags,
        files=files,
    )


def _message(message: _Message, files: int) -> CarriedMessage:
    if message.role not in _ROLES:
        raise InvalidInput(f"{message.role!r:.40} is not a role.")
    if any(index >= files for index in message.files):
        raise InvalidInput("one of its messages has a file that is not there.")
    answer = message.role == "assistant"
    return CarriedMessage(
        id=str(message.id),
        parent=None if message.parent is None else str(message.parent),
        role=message.role,
        text=message.text,
        created_at_ms=message.created_at_ms,
        files=tuple(dict.fromkeys(message.files)),
        status=(message.status or Status.DONE) if answer else None,
        model=message.model if answer else "",
        reasoning=message.reasoning if answer else "",
        continues=str(message.continues) if answer and message.continues is not None else None,
        error=msgspec.to_builtins(message.error) if answer else None,
        usage=message.usage if answer else None,
    )


def _file(file: _File) -> CarriedFile:
    content: bytes | None = None
    if file.data is not None:
        try:
            content = base64.b64decode(file.data, validate=True)
        except (binascii.Error, ValueError):
            raise InvalidInput("the content of one of its files is not base64.") from None
    return CarriedFile(name=file.name, media_type=file.media_type, read=lambda: content)
