"""The JSON objects of the chat completions protocol, read leniently: servers leave out and add what they like.

No I/O. A field that is missing or of an unexpected type is None.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from webapp.providers.decoding import encodable


class Part(msgspec.Struct, gc=False):
    """A part of a content that is a list, as Mistral's reasoning models send it."""

    type: str | None = None
    text: str | None = None
    thinking: Any = None


class Delta(msgspec.Struct, gc=False):
    """More of a message, or a whole one."""

    content: str | list[Part] | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None


class Choice(msgspec.Struct, gc=False):
    """One of the answers; we ask for one. A stream has `delta`, a whole reply `message`."""

    delta: Delta | None = None
    message: Delta | None = None
    finish_reason: str | None = None
    error: Any = None


class Chunk(msgspec.Struct, gc=False):
    """One event of the stream, or a whole reply."""

    choices: list[Choice] | None = None
    model: str | None = None
    usage: Any = None
    error: Any = None
    message: Any = None  # there only when the whole object is an error


_decode = msgspec.json.Decoder(Chunk).decode


def decode(data: bytes) -> Chunk:
    """The chunk in `data`. Raises `ValueError` for what is no JSON object."""
    try:
        return _decode(data)
    except ValueError:
        pass  # a field of an unexpected type, bytes that are not UTF-8, or half of a character written as \\ud83d
    except RecursionError as error:
        raise ValueError("too deep") from error
    return _chunk(any_json(data))


def any_json(data: bytes) -> Any:
    """The JSON value in `data`, whatever is wrong with its characters. Raises `ValueError`."""
    try:
        return json.loads(data.decode("utf-8", "replace"))
    except RecursionError as error:
        raise ValueError("too deep") from error


def split_parts(parts: list[Part]) -> Iterator[tuple[str, str]]:
    """Reasoning and text of a content that is a list, in order; one of each pair is empty."""
    for part in parts:
        if part.type == "thinking" and isinstance(part.thinking, list):
            for thought in part.thinking:
                if isinstance(thought, dict) and isinstance(text := thought.get("text"), str):
                    yield encodable(text), ""
        elif part.text:
            yield "", part.text


def _chunk(given: Any) -> Chunk:
    if not isinstance(given, dict):
        raise ValueError("no object")
    choices = given.get("choices")
    return Chunk(
        choices=[_choice(choice) for choice in choices if isinstance(choice, dict)]
        if isinstance(choices, list)
        else None,
        model=_text(given.get("model")),
        usage=given.get("usage"),
        error=given.get("error"),
        message=given.get("message"),
    )


def _choice(given: dict[str, Any]) -> Choice:
    delta, message = given.get("delta"), given.get("message")
    return Choice(
        delta=_delta(delta) if isinstance(delta, dict) else None,
        message=_delta(message) if isinstance(message, dict) else None,
        finish_reason=_text(given.get("finish_reason")),
        error=given.get("error"),
    )


def _delta(given: dict[str, Any]) -> Delta:
    content = given.get("content")
    parts = [_part(part) for part in content if isinstance(part, dict)] if isinstance(content, list) else None
    return Delta(
        content=_text(content) if parts is None else parts,
        reasoning_content=_text(given.get("reasoning_content")),
        reasoning=_text(given.get("reasoning")),
        refusal=_text(given.get("refusal")),
    )


def _part(given: dict[str, Any]) -> Part:
    return Part(type=_text(given.get("type")), text=_text(given.get("text")), thinking=given.get("thinking"))


def _text(given: Any) -> str | None:
    return encodable(given) if isinstance(given, str) else None
