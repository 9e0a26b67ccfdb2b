"""The plain objects every layer passes around: conversations, messages, answers. No I/O.

The HTTP API and the WebSocket frames carry these very structs, so their field names are the wire's names.
Times are milliseconds since 1970 UTC; `next` is an offset: UTF-8 bytes, issued by the server only.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal, TypedDict

import msgspec


class ChatMessage(TypedDict):
    """One message as a provider takes it: whose it is, and its text."""

    role: Literal["user", "assistant", "system"]
    content: str


class Status(StrEnum):
    """How an answer stands. Only `running` ever changes."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Usage(msgspec.Struct, frozen=True, omit_defaults=True):
    """The facts of one answer's making, in milliseconds; `first_delta_ms` is missing when no text came."""

    duration_ms: int = 0
    first_delta_ms: int | None = None


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation without its messages; `leaf` is the last message of the branch that was looked at last."""

    id: str
    title: str
    created_at_ms: int
    updated_at_ms: int
    leaf: str | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One node of a conversation's tree: `parent` is the message it follows."""

    id: str
    conversation: str
    parent: str | None
    role: str
    text: str
    created_at_ms: int


class Answer(Message, frozen=True, kw_only=True):
    """An assistant's message. `next` is the offset after `text`; `continues` names the answer it goes on with."""

    status: Status
    next: int
    model: str
    continues: str | None = None
    error: dict[str, Any] | None = None
    usage: Usage | None = None


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One question and its answer, as `started` and `POST /api/ask` give it. `message` is what is answered."""

    id: str
    conversation: Conversation
    message: Message
    answer: Answer
